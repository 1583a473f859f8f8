//! Taking everything along, and leaving, for one viewer.

use super::accounts::send_to;
use super::fault::tell;
use super::guard::Visitor;
use super::redirect::{redirect, turn_back};
use super::settings::done;
use super::{ForViewer, Web, cookies};
use crate::accounts::second_step::Proof;
use crate::failure::Failure;
use crate::leaving::{exports, leave};
use app::accounts::settings::leaving::api::Leaving;
use app::ui::fault::Fault;
use async_trait::async_trait;
use axum::extract::{Extension, Path, State};
use axum::response::Response;
use model::accounts::Export;
use model::addresses::OwnPath;
use model::refusals::Refusal;

#[async_trait]
impl Leaving for ForViewer {
    async fn exported(&self) -> Result<Option<Export>, Fault> {
        exports::exported(&self.table, &self.viewer).await.map_err(tell)
    }

    async fn export(&self) -> Result<(), Fault> {
        exports::export(&self.site.table, &self.site.leaving, &self.viewer, &self.client)
            .await
            .map_err(tell)?;
        done("export");
        Ok(())
    }

    async fn leave(&self, password: String, code: Option<String>, sure: bool) -> Result<(), Fault> {
        let proof = Proof {
            password: &password,
            code: code.as_deref(),
        };
        let here = &self.site;
        leave::leave(
            &here.table,
            &here.identity,
            &here.leaving,
            &self.viewer,
            proof,
            sure,
            &self.client,
        )
        .await
        .map_err(tell)?;
        cookies::answer_with_none();
        send_to("/sign-in", &[("done", "leaving")]);
        Ok(())
    }
}

/// Sends the browser to a part of its viewer's export.
pub async fn part(State(web): State<Web>, Extension(visitor): Extension<Visitor>, Path(number): Path<String>) -> Response {
    let number = number.parse().unwrap_or(0);
    match exports::part(&web.0.table, &web.0.exports, &visitor.viewer, number).await {
        Ok(address) => redirect(&address, &[]),
        Err(Failure::Refused(Refusal::SignInFirst)) => {
            let to = OwnPath::parse("/account");
            turn_back(Refusal::SignInFirst.into(), "/sign-in", to.as_ref())
        }
        Err(failure) => turn_back(failure, "/account", None),
    }
}
