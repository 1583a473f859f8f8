//! The way from a server function to the rooms.

use crate::accounts::api::Accounts;
use crate::accounts::notices::api::Notices;
use crate::accounts::passkeys::api::Passkeys;
use crate::accounts::people::api::People;
use crate::accounts::settings::api::Settings;
use crate::accounts::settings::leaving::api::Leaving;
use crate::accounts::settings::ways::api::Ways;
use crate::live::api::Live;
use crate::photos::api::Photos;
use crate::ui::fault::Fault;
use std::sync::Arc;

/// The rooms as one viewer may enter them. The server puts it into the context of each request.
#[derive(Clone)]
pub struct Rooms {
    /// The ways in and out.
    pub accounts: Arc<dyn Accounts>,
    /// Who one is.
    pub settings: Arc<dyn Settings>,
    /// How one comes in.
    pub ways: Arc<dyn Ways>,
    /// Coming in by a passkey.
    pub passkeys: Arc<dyn Passkeys>,
    /// Taking everything, and leaving.
    pub leaving: Arc<dyn Leaving>,
    /// Who else is here.
    pub people: Arc<dyn People>,
    /// What one is told by mail and text message.
    pub notices: Arc<dyn Notices>,
    /// What one looks at.
    pub photos: Arc<dyn Photos>,
    /// What one is told.
    pub live: Arc<dyn Live>,
}

impl Rooms {
    /// The rooms of the request at hand; broken where no request is, as when routes are listed.
    pub fn here() -> Result<Self, Fault> {
        leptos::prelude::use_context().ok_or(Fault::Broken)
    }
}
