//! The services behind the server functions of all features.

use crate::accounts::api::Accounts;
use crate::accounts::notifications::api::Notifications;
use crate::accounts::passkeys::api::Passkeys;
use crate::accounts::people::api::People;
use crate::accounts::settings::account_data::api::AccountData;
use crate::accounts::settings::api::Settings;
use crate::accounts::settings::sign_in_methods::api::SignInMethods;
use crate::live::api::Live;
use crate::photos::api::Photos;
use leptos::prelude::provide_context;
use std::sync::Arc;

/// The services of a request, for its viewer.
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
    pub account_data: Arc<dyn AccountData>,
    /// The site's accounts and invitations.
    pub people: Arc<dyn People>,
    /// Notification settings.
    pub notifications: Arc<dyn Notifications>,
    /// The library's photos.
    pub photos: Arc<dyn Photos>,
    /// Live updates.
    pub live: Arc<dyn Live>,
}

impl RequestServices {
    /// Provides each service as context, in which the server functions of its feature find it.
    pub fn provide(self) {
        provide_context(self.accounts);
        provide_context(self.settings);
        provide_context(self.ways);
        provide_context(self.passkeys);
        provide_context(self.account_data);
        provide_context(self.people);
        provide_context(self.notifications);
        provide_context(self.photos);
        provide_context(self.live);
    }
}
