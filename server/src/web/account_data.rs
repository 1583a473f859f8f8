//! Export and deletion of the viewer's account.

use super::accounts::redirect_to;
use super::redirect::{redirect, redirect_with_error};
use super::settings::done;
use super::visitor::Visitor;
use super::{ViewerServices, Web, cookies};
use crate::account_data::{deletion, exports};
use crate::accounts::second_step::Credentials;
use crate::error::AppError;
use app::accounts::settings::account_data::api::AccountData;
use app::ui::error::RequestError;
use async_trait::async_trait;
use axum::extract::{Extension, Path, State};
use axum::response::Response;
use model::accounts::Export;
use model::addresses::OwnPath;
use model::user_error::UserError;

#[async_trait]
impl AccountData for ViewerServices {
    async fn exported(&self) -> Result<Option<Export>, RequestError> {
        Ok(exports::exported(&self.table, &self.viewer).await?)
    }

    async fn export(&self) -> Result<(), RequestError> {
        exports::export(&self.site.table, &self.site.account_data_workflow, &self.viewer, &self.client).await?;
        done("export");
        Ok(())
    }

    async fn delete_account(&self, password: String, code: Option<String>, sure: bool) -> Result<(), RequestError> {
        let credentials = Credentials {
            password: &password,
            code: code.as_deref(),
        };
        let site = &self.site;
        deletion::request(
            &site.table,
            &site.identity,
            &site.account_data_workflow,
            &self.viewer,
            credentials,
            sure,
            &self.client,
        )
        .await?;
        cookies::clear_session();
        redirect_to("/sign-in", &[("done", "leaving")]);
        Ok(())
    }
}

/// Redirects to the presigned URL of a part of the viewer's export.
pub async fn part(State(web): State<Web>, Extension(visitor): Extension<Visitor>, Path(number): Path<String>) -> Response {
    let number = number.parse().unwrap_or(0);
    match exports::part(&web.0.table, &web.0.exports, &visitor.viewer, number).await {
        Ok(address) => redirect(&address, &[]),
        Err(AppError::User(UserError::SignInFirst)) => {
            let to = OwnPath::parse("/account");
            redirect_with_error(UserError::SignInFirst.into(), "/sign-in", to.as_ref())
        }
        Err(error) => redirect_with_error(error, "/account", None),
    }
}
