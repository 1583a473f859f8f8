//! The ways in and out, for one viewer.

use super::fault::tell;
use super::{ForViewer, cookies};
use crate::accounts::invitation::{self, Link};
use crate::accounts::password::{self, NewPassword};
use crate::accounts::session::{self, Secret};
use crate::accounts::sign_in::{self, Arrival, Entered, NewSession};
use crate::accounts::sign_up::{self, Email};
use crate::accounts::{Viewer, federated, second_step, site};
use crate::failure::Failure;
use crate::{albums, now};
use app::accounts::api::Accounts;
use app::ui::fault::Fault;
use async_trait::async_trait;
use model::accounts::{Admission, Me};
use model::addresses::OwnPath;
use tracing::warn;

#[async_trait]
impl Accounts for ForViewer {
    async fn me(&self) -> Result<Option<Me>, Fault> {
        Ok(site::me(&self.viewer))
    }

    async fn admission(&self) -> Result<Admission, Fault> {
        site::admission(&self.site.table).await.map_err(tell)
    }

    async fn sign_up(&self, email: String, owner_code: Option<String>) -> Result<(), Fault> {
        self.site.require_mail()?;
        let email = Email::parse(&email)?;
        let here = &self.site;
        let right = sign_up::may_sign_up(&here.table, &here.keys, owner_code.as_deref())
            .await
            .map_err(tell)?;
        sign_up::sign_up(&here.table, &here.identity, &email, right, &self.client)
            .await
            .map_err(tell)?;
        send_to("/confirm", &[("email", email.as_str())]);
        Ok(())
    }

    async fn confirm(&self, email: String, code: String, password: String, zone: Option<String>) -> Result<(), Fault> {
        let (email, password) = (Email::parse(&email)?, NewPassword::parse(password)?);
        let here = &self.site;
        sign_up::confirm(&here.table, &here.identity, &email, code.trim(), &password, &self.client)
            .await
            .map_err(tell)?;
        self.enter(&email, password.as_str(), None, zone).await
    }

    async fn resend_code(&self, email: String) -> Result<(), Fault> {
        self.site.require_mail()?;
        let email = Email::parse(&email)?;
        sign_up::resend_code(&self.site.table, &self.site.identity, &email, &self.client)
            .await
            .map_err(tell)?;
        send_to("/confirm", &[("email", email.as_str()), ("done", "sent")]);
        Ok(())
    }

    async fn invited(&self, invitation: String) -> Result<String, Fault> {
        let link = Link::read(&self.site.links, &invitation)?;
        let email = invitation::invited(&self.site.table, &link).await.map_err(tell)?;
        Ok(email.as_str().to_owned())
    }

    async fn join(&self, invitation: String, password: String, zone: Option<String>) -> Result<(), Fault> {
        let (link, password) = (Link::read(&self.site.links, &invitation)?, NewPassword::parse(password)?);
        let email = invitation::take(&self.site.table, &self.site.identity, &link, &password, &self.client)
            .await
            .map_err(tell)?;
        self.enter(&email, password.as_str(), None, zone).await
    }

    async fn sign_in(&self, email: String, password: String, to: Option<String>, zone: Option<String>) -> Result<(), Fault> {
        let email = Email::parse(&email)?;
        let to = to.as_deref().and_then(OwnPath::parse);
        self.enter(&email, &password, to, zone).await
    }

    async fn second_step(&self, code: String) -> Result<(), Fault> {
        let half = self.half.as_deref();
        let (begun, to) = second_step::take(&self.site.table, &self.site.identity, half, &code, &self.client)
            .await
            .map_err(tell)?;
        cookies::answer_with(&cookies::no_step());
        self.let_in(&begun, to.as_deref().and_then(OwnPath::parse)).await
    }

    async fn forgot(&self, email: String) -> Result<(), Fault> {
        self.site.require_mail()?;
        let email = Email::parse(&email)?;
        password::forgot(&self.site.table, &self.site.identity, &email, &self.client)
            .await
            .map_err(tell)?;
        send_to("/reset", &[("email", email.as_str())]);
        Ok(())
    }

    async fn reset(&self, email: String, code: String, password: String, zone: Option<String>) -> Result<(), Fault> {
        let (email, password) = (Email::parse(&email)?, NewPassword::parse(password)?);
        let here = &self.site;
        password::reset(&here.table, &here.identity, &email, code.trim(), &password, &self.client)
            .await
            .map_err(tell)?;
        self.enter(&email, password.as_str(), None, zone).await
    }

    async fn sign_out(&self) -> Result<(), Fault> {
        session::end(&self.site.table, &self.viewer).await.map_err(tell)?;
        cookies::answer_with_none();
        leptos_axum::redirect("/sign-in");
        Ok(())
    }

    async fn renew_media(&self) -> Result<(), Fault> {
        albums::access::open_library(&self.viewer).map_err(tell)?;
        cookies::answer_with(&cookies::media(&self.site.signer, now()));
        Ok(())
    }
}

impl ForViewer {
    /// Signs in.
    async fn enter(&self, email: &Email, password: &str, to: Option<OwnPath>, zone: Option<String>) -> Result<(), Fault> {
        let arrival = Arrival {
            client: &self.client,
            zone,
            to: to.as_ref().map(|to| to.as_str().to_owned()),
        };
        let entered = sign_in::sign_in(&self.site.table, &self.site.identity, email, password, arrival).await;
        self.entered(entered, to).await
    }

    /// Lets somebody in who came as far as that; what this browser was signed in as before ends.
    pub(super) async fn entered(&self, entered: Result<Entered, Failure>, to: Option<OwnPath>) -> Result<(), Fault> {
        match entered {
            Ok(Entered::In(begun)) => self.let_in(&begun, to).await,
            Ok(Entered::Half(secret)) => {
                cookies::answer_with(&cookies::step(&secret));
                leptos_axum::redirect("/second-step");
                Ok(())
            }
            Err(failure) => Err(tell(failure)),
        }
    }

    async fn let_in(&self, begun: &NewSession, to: Option<OwnPath>) -> Result<(), Fault> {
        self.settle(&begun.secret).await;
        let ended: Result<(), Failure> = session::end(&self.site.table, &self.viewer).await;
        ended.map_err(tell)?;
        for cookie in cookies::new_session(begun, &self.client, &self.site.signer, now()).map_err(tell)? {
            cookies::answer_with(&cookie);
        }
        leptos_axum::redirect(to.as_ref().map_or("/", OwnPath::as_str));
        Ok(())
    }
}

impl ForViewer {
    /// From now on this browser is known to an address that signed in with it.
    pub(super) fn set_device_cookie(&self, email: &Email) -> Result<(), Fault> {
        if let Some(cookie) = cookies::device(&self.client, email, now()).map_err(tell)? {
            cookies::answer_with(&cookie);
        }
        Ok(())
    }

    /// Links what a provider said in this browser before. Signing in does not fail where that does.
    async fn settle(&self, secret: &Secret) {
        let (table, browser) = (&self.site.table, self.provider.as_deref());
        if browser.is_none() {
            return;
        }
        let settled = async {
            match session::viewer(table, &secret.0).await? {
                Viewer::Account(now) => federated::settle(table, &now.account, browser).await,
                _ => Ok(()),
            }
        };
        if let Err(failure) = settled.await {
            warn!(%failure, "a provider was not linked");
        }
    }
}

/// Sends the browser on to a page of ours that is asked for with these pairs.
pub(super) fn send_to(page: &str, pairs: &[(&str, &str)]) {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    leptos_axum::redirect(&format!("{page}?{query}"));
}
