//! Server functions of external identity providers.

use super::ViewerServices;
use super::settings::done;
use crate::accounts::federated;
use crate::accounts::second_step::Credentials;
use app::accounts::settings::sign_in_methods::api::SignInMethods;
use app::ui::error::RequestError;
use async_trait::async_trait;

#[async_trait]
impl SignInMethods for ViewerServices {
    async fn providers(&self) -> Result<Vec<String>, RequestError> {
        Ok(federated::providers(self.site.hosted.as_ref()))
    }

    async fn ways(&self) -> Result<model::accounts::SignInMethods, RequestError> {
        let (hosted, browser) = (self.site.hosted.as_ref(), self.provider.as_deref());
        Ok(federated::ways(&self.table, hosted, &self.viewer, browser).await?)
    }

    async fn link(&self, password: String, code: Option<String>) -> Result<(), RequestError> {
        let credentials = Credentials {
            password: &password,
            code: code.as_deref(),
        };
        let (site, browser) = (&self.site, self.provider.as_deref());
        federated::link_with_credentials(&site.table, &site.identity, &self.viewer, credentials, browser, &self.client).await?;
        done("linked");
        Ok(())
    }

    async fn unlink(&self, id: String, password: String) -> Result<(), RequestError> {
        let site = &self.site;
        federated::unlink(&site.table, &site.identity, &self.viewer, &id, &password, &self.client).await?;
        done("unlinked");
        Ok(())
    }
}
