//! Server functions of notification settings, and unsubscribe links, which need no session.

use super::settings::done;
use super::{ViewerServices, Web};
use crate::accounts::second_step::Credentials;
use crate::notifications::phone::{self, Phone};
use crate::notifications::unsubscribe::{self, Subscription};
use app::accounts::notifications::api::Notifications;
use app::ui::error::RequestError;
use async_trait::async_trait;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use model::notifications::{Choice, Choices, NotificationKind};
use model::user_error::UserError;
use serde::Deserialize;

#[async_trait]
impl Notifications for ViewerServices {
    async fn choices(&self) -> Result<Choices, RequestError> {
        let table = &self.table;
        let texts = async {
            match self.site.sms_policy {
                Some(_) => phone::texts(table, &self.viewer).await.map(Some),
                None => Ok(None),
            }
        };
        let (mails, texts) = tokio::try_join!(unsubscribe::choices(table, &self.viewer), texts)?;
        Ok(Choices { mails, texts })
    }

    async fn choose_mails(&self, kind: NotificationKind, on: bool) -> Result<(), RequestError> {
        unsubscribe::choose(&self.site.table, &self.viewer, kind, on).await?;
        done("notices");
        Ok(())
    }

    async fn choose_texts(&self, kind: NotificationKind, on: bool) -> Result<(), RequestError> {
        phone::choose(&self.site.table, &self.viewer, kind, on).await?;
        done("texts");
        Ok(())
    }

    async fn set_phone(&self, phone: String, password: String, code: Option<String>) -> Result<(), RequestError> {
        self.viewer.signed_in()?;
        let phone = Phone::parse(&phone)?;
        let credentials = Credentials {
            password: &password,
            code: code.as_deref(),
        };
        let site = &self.site;
        let sms_policy = site.sms_policy.as_ref().ok_or(UserError::NoTexts)?;
        phone::set(
            &site.table,
            &site.identity,
            &self.viewer,
            sms_policy,
            &phone,
            credentials,
            &self.client,
        )
        .await?;
        done("phone-code");
        Ok(())
    }

    async fn verify_phone(&self, code: String) -> Result<(), RequestError> {
        phone::verify(&self.site.table, &self.viewer, code.trim(), &self.client).await?;
        done("phone");
        Ok(())
    }

    async fn remove_phone(&self, password: String, code: Option<String>) -> Result<(), RequestError> {
        let credentials = Credentials {
            password: &password,
            code: code.as_deref(),
        };
        let (table, identity) = (&self.site.table, &self.site.identity);
        phone::remove(table, identity, &self.viewer, credentials, &self.client).await?;
        done("phone-removed");
        Ok(())
    }

    async fn unsubscribe_choice(&self, notice: String, proof: String) -> Result<Choice, RequestError> {
        let subscription = Subscription::read(&self.site.links, &notice, &proof)?;
        Ok(subscription.choice(&self.site.table).await?)
    }

    async fn unsubscribe(&self, notice: String, proof: String) -> Result<(), RequestError> {
        let subscription = Subscription::read(&self.site.links, &notice, &proof)?;
        subscription.unsubscribe(&self.site.table).await?;
        super::accounts::redirect_to("/stop", &[("notice", &notice), ("proof", &proof)]);
        Ok(())
    }
}

/// The query of an unsubscribe link.
#[derive(Deserialize)]
pub struct Link {
    #[serde(default)]
    notice: String,
    #[serde(default)]
    proof: String,
}

/// One-click unsubscribe, posted by mail programs without a cookie. Does not redirect (RFC 8058, 3.1).
pub async fn one_click_unsubscribe(State(web): State<Web>, Query(link): Query<Link>) -> Response {
    match unsubscribe_by_link(&web, &link).await {
        Ok(()) => (StatusCode::OK, messages::notifications::UNSUBSCRIBED).into_response(),
        Err(error) => (error.status(), app::ui::error_text(&error)).into_response(),
    }
}

async fn unsubscribe_by_link(web: &Web, link: &Link) -> Result<(), RequestError> {
    let subscription = Subscription::read(&web.0.links, &link.notice, &link.proof)?;
    Ok(subscription.unsubscribe(&web.0.table).await?)
}
