//! The room `accounts` for one viewer.

use super::fault::tell;
use super::{ForViewer, cookies};
use crate::accounts::sign_up::Email;
use crate::accounts::{session, sign_in, sign_up, site};
use crate::{albums, now};
use app::accounts::api::Accounts;
use app::ui::fault::Fault;
use async_trait::async_trait;
use model::accounts::{Admission, Me};
use model::addresses::OwnPath;

#[async_trait]
impl Accounts for ForViewer {
    async fn me(&self) -> Result<Option<Me>, Fault> {
        site::me(&self.site.table, &self.viewer).await.map_err(tell)
    }

    async fn admission(&self) -> Result<Admission, Fault> {
        site::admission(&self.site.table).await.map_err(tell)
    }

    async fn sign_up(&self, email: String, password: String, owner_code: Option<String>) -> Result<(), Fault> {
        let email = Email::parse(&email)?;
        let here = &self.site;
        sign_up::sign_up(
            &here.table,
            &here.identity,
            &here.keys,
            &email,
            &password,
            owner_code.as_deref(),
        )
        .await
        .map_err(tell)?;
        send_to("/confirm", &[("email", email.as_str())]);
        Ok(())
    }

    async fn confirm(&self, email: String, code: String) -> Result<(), Fault> {
        let email = Email::parse(&email)?;
        self.site.identity.confirm(email.as_str(), code.trim()).await.map_err(tell)?;
        send_to("/sign-in", &[("email", email.as_str()), ("confirmed", "1")]);
        Ok(())
    }

    async fn resend_code(&self, email: String) -> Result<(), Fault> {
        let email = Email::parse(&email)?;
        self.site.identity.resend_code(email.as_str()).await.map_err(tell)?;
        send_to("/confirm", &[("email", email.as_str()), ("sent", "1")]);
        Ok(())
    }

    async fn sign_in(&self, email: String, password: String, to: Option<String>) -> Result<(), Fault> {
        let email = Email::parse(&email)?;
        let secret = sign_in::sign_in(&self.site.table, &self.site.identity, &email, &password)
            .await
            .map_err(tell)?;
        cookies::answer_with(&cookies::session(&secret));
        cookies::answer_with(&cookies::media(&self.site.signer, now()));
        let to = to.as_deref().and_then(OwnPath::parse);
        leptos_axum::redirect(to.as_ref().map_or("/", OwnPath::as_str));
        Ok(())
    }

    async fn sign_out(&self) -> Result<(), Fault> {
        session::end(&self.site.table, &self.viewer).await.map_err(tell)?;
        cookies::none().iter().for_each(|cookie| cookies::answer_with(cookie));
        leptos_axum::redirect("/sign-in");
        Ok(())
    }

    async fn set_open(&self, open: bool) -> Result<(), Fault> {
        site::set_open(&self.site.table, &self.viewer, open).await.map_err(tell)
    }

    async fn renew_media(&self) -> Result<(), Fault> {
        albums::access::open_library(&self.viewer).map_err(tell)?;
        cookies::answer_with(&cookies::media(&self.site.signer, now()));
        Ok(())
    }
}

/// Sends the browser on to a page of ours that is asked for with these pairs.
fn send_to(page: &str, pairs: &[(&str, &str)]) {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    leptos_axum::redirect(&format!("{page}?{query}"));
}
