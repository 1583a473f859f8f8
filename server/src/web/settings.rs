//! Server functions of the account page.

use super::{ViewerServices, cookies};
use crate::accounts::codes::{self, Purpose};
use crate::accounts::email::Email;
use crate::accounts::password::{self, NewPassword};
use crate::accounts::second_step::Credentials;
use crate::accounts::{address, recovery, second_step, sessions};
use crate::albums::access::open_library;
use crate::error::AppError;
use crate::photos::quota;
use app::accounts::section_of;
use app::accounts::settings::api::Settings;
use app::ui::error::RequestError;
use async_trait::async_trait;
use model::accounts::{SecondStepSetup, Security, Session, Usage};

#[async_trait]
impl Settings for ViewerServices {
    async fn usage(&self) -> Result<Usage, RequestError> {
        let library = open_library(&self.viewer)?;
        Ok(quota::usage(&self.table, library.account()).await?)
    }

    async fn security(&self) -> Result<Security, RequestError> {
        Ok(self.security_settings().await?)
    }

    async fn sessions(&self) -> Result<Vec<Session>, RequestError> {
        Ok(sessions::sessions(&self.table, &self.viewer).await?)
    }

    async fn end_session(&self, id: String) -> Result<(), RequestError> {
        let own = sessions::end(&self.site.table, &self.viewer, &id).await?;
        if own {
            cookies::clear_session();
            leptos_axum::redirect("/sign-in");
        } else {
            done("session");
        }
        Ok(())
    }

    async fn end_other_sessions(&self) -> Result<(), RequestError> {
        sessions::end_others(&self.site.table, &self.site.identity, &self.viewer).await?;
        done("sessions");
        Ok(())
    }

    async fn change_password(&self, password: String, new_password: String) -> Result<(), RequestError> {
        let new = NewPassword::parse(new_password)?;
        let (table, identity) = (&self.site.table, &self.site.identity);
        password::change(table, identity, &self.viewer, &password, &new, &self.client).await?;
        done("password");
        Ok(())
    }

    async fn change_email(&self, email: String, password: String) -> Result<(), RequestError> {
        let new = Email::parse(&email)?;
        self.viewer.signed_in()?;
        self.site.require_mail()?;
        let (table, identity) = (&self.site.table, &self.site.identity);
        address::request(table, identity, &self.viewer, &new, &password, &self.client).await?;
        done("code");
        Ok(())
    }

    async fn verify_email(&self, code: String) -> Result<(), RequestError> {
        let (table, identity) = (&self.site.table, &self.site.identity);
        let email = address::verify(table, identity, &self.viewer, code.trim(), &self.client).await?;
        self.set_device_cookie(&email)?;
        done("email");
        Ok(())
    }

    async fn begin_second_step(&self, password: String) -> Result<(), RequestError> {
        let (table, identity) = (&self.site.table, &self.site.identity);
        second_step::begin(table, identity, &self.viewer, &password, &self.client).await?;
        done("second-step-begun");
        Ok(())
    }

    async fn second_step_setup(&self) -> Result<Option<SecondStepSetup>, RequestError> {
        Ok(second_step::setup(&self.table, &self.viewer, &self.site.address).await?)
    }

    async fn finish_second_step(&self, code: String) -> Result<(), RequestError> {
        let (table, identity) = (&self.site.table, &self.site.identity);
        second_step::finish(table, identity, &self.viewer, &code, &self.client).await?;
        done("second-step-on");
        Ok(())
    }

    async fn cancel_second_step(&self) -> Result<(), RequestError> {
        second_step::cancel(&self.site.table, &self.viewer).await?;
        done("second-step-cancelled");
        Ok(())
    }

    async fn end_second_step(&self, password: String, code: Option<String>) -> Result<(), RequestError> {
        let credentials = Credentials {
            password: &password,
            code: code.as_deref(),
        };
        let (table, identity) = (&self.site.table, &self.site.identity);
        second_step::end(table, identity, &self.viewer, credentials, &self.client).await?;
        done("second-step-off");
        Ok(())
    }
}

impl ViewerServices {
    async fn security_settings(&self) -> Result<Security, AppError> {
        let account = &self.viewer.signed_in()?.account.id;
        let (recovery_codes, new_email) = tokio::try_join!(
            recovery::remaining(&self.table, account),
            codes::requested(&self.table, Purpose::Address, account.as_str())
        )?;
        Ok(Security {
            recovery_codes,
            new_email,
        })
    }
}

/// Redirects to the account page, whose section confirms the change.
pub(super) fn done(what: &str) {
    done_on("/account", what);
}

/// As [`done`], for another page with sections.
pub(super) fn done_on(page: &str, what: &str) {
    let section = section_of(what).map_or_else(String::new, |section| format!("#{section}"));
    leptos_axum::redirect(&format!("{page}?done={what}{section}"));
}
