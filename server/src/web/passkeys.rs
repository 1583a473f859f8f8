//! Server functions of passkeys.

use super::ViewerServices;
use super::settings::done;
use crate::accounts::email::Email;
use crate::accounts::passkeys;
use crate::accounts::second_step::Credentials;
use crate::accounts::sign_in::SignInContext;
use app::accounts::passkeys::api::Passkeys;
use app::ui::error::RequestError;
use async_trait::async_trait;
use model::accounts::{Passkey, PasskeyChallenge};
use model::addresses::OwnPath;

#[async_trait]
impl Passkeys for ViewerServices {
    async fn challenge(&self, email: String) -> Result<PasskeyChallenge, RequestError> {
        let email = Email::parse(&email)?;
        let site = &self.site;
        let host = site.address.split("://").last().unwrap_or_default();
        let host = host.split(':').next().unwrap_or_default();
        Ok(passkeys::challenge(&site.table, &site.identity, &site.links, host, &email, &self.client).await?)
    }

    async fn sign_in(
        &self,
        ceremony: String,
        answer: String,
        to: Option<String>,
        zone: Option<String>,
    ) -> Result<(), RequestError> {
        let to = to.as_deref().and_then(OwnPath::parse);
        let context = SignInContext {
            client: &self.client,
            zone,
            to: to.as_ref().map(|to| to.as_str().to_owned()),
        };
        let (table, identity) = (&self.site.table, &self.site.identity);
        let result = passkeys::sign_in(table, identity, &ceremony, &answer, context).await;
        self.finish_sign_in(result, to).await
    }

    async fn passkeys(&self) -> Result<Vec<Passkey>, RequestError> {
        Ok(passkeys::passkeys(&self.table, &self.viewer).await?)
    }

    async fn begin(&self, password: String, code: Option<String>) -> Result<String, RequestError> {
        let credentials = Credentials {
            password: &password,
            code: code.as_deref(),
        };
        let (table, identity) = (&self.site.table, &self.site.identity);
        Ok(passkeys::begin(table, identity, &self.viewer, credentials, &self.client).await?)
    }

    async fn finish(&self, answer: String) -> Result<(), RequestError> {
        let (table, identity) = (&self.site.table, &self.site.identity);
        passkeys::finish(table, identity, &self.viewer, &answer, &self.client).await?;
        done("passkey");
        Ok(())
    }

    async fn remove(&self, id: String, password: String, code: Option<String>) -> Result<(), RequestError> {
        let credentials = Credentials {
            password: &password,
            code: code.as_deref(),
        };
        let (table, identity) = (&self.site.table, &self.site.identity);
        passkeys::remove(table, identity, &self.viewer, &id, credentials, &self.client).await?;
        done("passkey-removed");
        Ok(())
    }
}
