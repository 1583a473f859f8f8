//! Server functions of sign-up, sign-in and sign-out.

use super::{ViewerServices, cookies};
use crate::accounts::email::Email;
use crate::accounts::invitation::{self, Link};
use crate::accounts::password::{self, NewPassword};
use crate::accounts::session::{self, Secret};
use crate::accounts::sign_in::{self, NewSession, SignInContext, SignInStep};
use crate::accounts::{Viewer, federated, second_step, sign_up, site};
use crate::error::AppError;
use crate::{albums, now};
use app::accounts::api::Accounts;
use app::ui::error::RequestError;
use async_trait::async_trait;
use model::accounts::{Admission, Me};
use model::addresses::OwnPath;
use tracing::warn;

#[async_trait]
impl Accounts for ViewerServices {
    async fn me(&self) -> Result<Option<Me>, RequestError> {
        Ok(site::me(&self.viewer))
    }

    async fn admission(&self) -> Result<Admission, RequestError> {
        Ok(site::admission(&self.site.table).await?)
    }

    async fn sign_up(&self, email: String, owner_code: Option<String>) -> Result<(), RequestError> {
        self.site.require_mail()?;
        let email = Email::parse(&email)?;
        let site = &self.site;
        let right = sign_up::may_sign_up(&site.table, &site.keys, owner_code.as_deref()).await?;
        sign_up::sign_up(&site.table, &site.identity, &email, right, &self.client).await?;
        redirect_to("/confirm", &[("email", email.as_str())]);
        Ok(())
    }

    async fn confirm(&self, email: String, code: String, password: String, zone: Option<String>) -> Result<(), RequestError> {
        let (email, password) = (Email::parse(&email)?, NewPassword::parse(password)?);
        let site = &self.site;
        sign_up::confirm(&site.table, &site.identity, &email, code.trim(), &password, &self.client).await?;
        self.authenticate(&email, password.as_str(), None, zone).await
    }

    async fn resend_code(&self, email: String) -> Result<(), RequestError> {
        self.site.require_mail()?;
        let email = Email::parse(&email)?;
        sign_up::resend_code(&self.site.table, &self.site.identity, &email, &self.client).await?;
        redirect_to("/confirm", &[("email", email.as_str()), ("done", "sent")]);
        Ok(())
    }

    async fn invited_email(&self, invitation: String) -> Result<String, RequestError> {
        let link = Link::read(&self.site.links, &invitation)?;
        let email = invitation::invited_email(&self.site.table, &link).await?;
        Ok(email.as_str().to_owned())
    }

    async fn join(&self, invitation: String, password: String, zone: Option<String>) -> Result<(), RequestError> {
        let (link, password) = (Link::read(&self.site.links, &invitation)?, NewPassword::parse(password)?);
        let email = invitation::accept(&self.site.table, &self.site.identity, &link, &password, &self.client).await?;
        self.authenticate(&email, password.as_str(), None, zone).await
    }

    async fn sign_in(
        &self,
        email: String,
        password: String,
        to: Option<String>,
        zone: Option<String>,
    ) -> Result<(), RequestError> {
        let email = Email::parse(&email)?;
        let to = to.as_deref().and_then(OwnPath::parse);
        self.authenticate(&email, &password, to, zone).await
    }

    async fn second_step(&self, code: String) -> Result<(), RequestError> {
        let secret = self.pending_sign_in.as_deref();
        let (new, to) = second_step::complete_sign_in(&self.site.table, &self.site.identity, secret, &code, &self.client).await?;
        cookies::set_cookie(&cookies::clear_step());
        self.start_session(&new, to.as_deref().and_then(OwnPath::parse)).await
    }

    async fn forgot(&self, email: String) -> Result<(), RequestError> {
        self.site.require_mail()?;
        let email = Email::parse(&email)?;
        password::forgot(&self.site.table, &self.site.identity, &email, &self.client).await?;
        redirect_to("/reset", &[("email", email.as_str())]);
        Ok(())
    }

    async fn reset(&self, email: String, code: String, password: String, zone: Option<String>) -> Result<(), RequestError> {
        let (email, password) = (Email::parse(&email)?, NewPassword::parse(password)?);
        let site = &self.site;
        password::reset(&site.table, &site.identity, &email, code.trim(), &password, &self.client).await?;
        self.authenticate(&email, password.as_str(), None, zone).await
    }

    async fn sign_out(&self) -> Result<(), RequestError> {
        session::end(&self.site.table, &self.viewer).await?;
        cookies::clear_session();
        leptos_axum::redirect("/sign-in");
        Ok(())
    }

    async fn renew_media(&self) -> Result<(), RequestError> {
        albums::access::open_library(&self.viewer)?;
        cookies::set_cookie(&cookies::media(&self.site.signer, now()));
        Ok(())
    }
}

impl ViewerServices {
    /// Signs in with a password.
    async fn authenticate(
        &self,
        email: &Email,
        password: &str,
        to: Option<OwnPath>,
        zone: Option<String>,
    ) -> Result<(), RequestError> {
        let context = SignInContext {
            client: &self.client,
            zone,
            to: to.as_ref().map(|to| to.as_str().to_owned()),
        };
        let result = sign_in::sign_in(&self.site.table, &self.site.identity, email, password, context).await;
        self.finish_sign_in(result, to).await
    }

    /// Starts the session, or redirects to the second step.
    pub(super) async fn finish_sign_in(
        &self,
        result: Result<SignInStep, AppError>,
        to: Option<OwnPath>,
    ) -> Result<(), RequestError> {
        match result? {
            SignInStep::Done(new) => self.start_session(&new, to).await,
            SignInStep::SecondStep(secret) => {
                cookies::set_cookie(&cookies::step(&secret));
                leptos_axum::redirect("/second-step");
                Ok(())
            }
        }
    }

    /// Sets the cookies of a new session; ends the browser's previous one.
    async fn start_session(&self, new: &NewSession, to: Option<OwnPath>) -> Result<(), RequestError> {
        self.complete_link(&new.secret).await;
        session::end(&self.site.table, &self.viewer).await?;
        for cookie in cookies::new_session(new, &self.client, &self.site.signer, now())? {
            cookies::set_cookie(&cookie);
        }
        leptos_axum::redirect(to.as_ref().map_or("/", OwnPath::as_str));
        Ok(())
    }
}

impl ViewerServices {
    /// Makes this browser a known one of the address.
    pub(super) fn set_device_cookie(&self, email: &Email) -> Result<(), RequestError> {
        if let Some(cookie) = cookies::device(&self.client, email, now())? {
            cookies::set_cookie(&cookie);
        }
        Ok(())
    }

    /// Completes the browser's pending link with a provider. An error is logged, and does not fail the sign-in.
    async fn complete_link(&self, secret: &Secret) {
        let (table, browser) = (&self.site.table, self.provider.as_deref());
        if browser.is_none() {
            return;
        }
        let link = async {
            match session::viewer(table, &secret.0).await? {
                Viewer::Account(signed_in) => federated::complete_link(table, &signed_in.account, browser).await,
                _ => Ok(()),
            }
        };
        if let Err(error) = link.await {
            warn!(failure = %error, "could not link a provider");
        }
    }
}

/// Redirects to a page with a query.
pub(super) fn redirect_to(page: &str, pairs: &[(&str, &str)]) {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    leptos_axum::redirect(&format!("{page}?{query}"));
}
