//! The ways into the viewer's account.

use super::ForViewer;
use super::fault::tell;
use super::settings::done;
use crate::accounts::federated;
use crate::accounts::second_step::Proof;
use app::accounts::settings::ways::api::Ways;
use app::ui::fault::Fault;
use async_trait::async_trait;

#[async_trait]
impl Ways for ForViewer {
    async fn providers(&self) -> Result<Vec<String>, Fault> {
        Ok(federated::providers(self.site.hosted.as_ref()))
    }

    async fn ways(&self) -> Result<model::accounts::Ways, Fault> {
        let (hosted, browser) = (self.site.hosted.as_ref(), self.provider.as_deref());
        federated::ways(&self.table, hosted, &self.viewer, browser)
            .await
            .map_err(tell)
    }

    async fn link(&self, password: String, code: Option<String>) -> Result<(), Fault> {
        let proof = Proof {
            password: &password,
            code: code.as_deref(),
        };
        let (here, browser) = (&self.site, self.provider.as_deref());
        federated::link_by_proof(&here.table, &here.identity, &self.viewer, proof, browser, &self.client)
            .await
            .map_err(tell)?;
        done("linked");
        Ok(())
    }

    async fn unlink(&self, id: String, password: String) -> Result<(), Fault> {
        let here = &self.site;
        federated::unlink(&here.table, &here.identity, &self.viewer, &id, &password, &self.client)
            .await
            .map_err(tell)?;
        done("unlinked");
        Ok(())
    }
}
