//! How server functions reach the services of their request.

use crate::accounts::api::Accounts;
use crate::accounts::notices::api::Notices;
use crate::accounts::passkeys::api::Passkeys;
use crate::accounts::people::api::People;
use crate::accounts::settings::api::Settings;
use crate::accounts::settings::leaving::api::Leaving;
use crate::accounts::settings::sign_in_methods::api::SignInMethods;
use crate::live::api::Live;
use crate::photos::api::Photos;
use crate::ui::error::RequestError;
use std::sync::Arc;

/// The services of a request, for its viewer. The server provides it as context.
#[derive(Clone)]
pub struct RequestServices {
    /// Signing up, in and out.
    pub accounts: Arc<dyn Accounts>,
    /// The account's settings.
    pub settings: Arc<dyn Settings>,
    /// Sign-in providers.
    pub ways: Arc<dyn SignInMethods>,
    /// Passkeys.
    pub passkeys: Arc<dyn Passkeys>,
    /// Exporting and deleting the account.
    pub leaving: Arc<dyn Leaving>,
    /// The site's accounts and invitations.
    pub people: Arc<dyn People>,
    /// Notification settings.
    pub notices: Arc<dyn Notices>,
    /// The library's photos.
    pub photos: Arc<dyn Photos>,
    /// Live updates.
    pub live: Arc<dyn Live>,
}

impl RequestServices {
    /// The services of the current request; an error outside of requests, as when routes are listed.
    pub fn from_context() -> Result<Self, RequestError> {
        leptos::prelude::use_context().ok_or(RequestError::Broken)
    }
}
