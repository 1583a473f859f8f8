//! The account page, with a module for each section.

pub mod account_data;
mod address;
pub mod api;
mod passkeys;
mod password;
mod second_step;
mod sessions;
pub mod sign_in_methods;
mod storage;

use super::api::me;
use super::changes::Changes;
use super::notifications;
use crate::frame::{Frame, SignOutForm};
use crate::ui::error::RequestError;
use crate::ui::error_views::{LoadError, RedirectError};
use crate::ui::messages;
use leptos::prelude::*;
use leptos_meta::Title;
use model::accounts::{Me, Security};
use model::user_error::UserError;

/// The account page.
#[component]
pub fn AccountPage() -> impl IntoView {
    let changes = Changes::default();
    let data = Data::new(changes);
    let account = Resource::new(
        move || changes.count(),
        |_| async { futures::future::try_join(me(), api::security()).await },
    );
    view! {
        <Title text=messages::ACCOUNT/>
        <Frame>
            <div class="page settings">
                <h1>{messages::ACCOUNT}</h1>
                <RedirectError missing=messages::account_data::PART_MISSING/>
                <Transition fallback=|| {
                    view! { <p>{messages::LOADING}</p> }
                }>
                    {move || Suspend::new(async move {
                        match account.await {
                            Ok((Some(me), security)) => view! { <Sections me security changes data/> }.into_any(),
                            Ok((None, _)) => view! { <LoadError error=RequestError::Refused(UserError::SignInFirst)/> }.into_any(),
                            Err(error) => view! { <LoadError error/> }.into_any(),
                        }
                    })}
                </Transition>
            </div>
        </Frame>
    }
}

/// Data of the sections. Created by the page, not within the `Suspend` that awaits the account: resources created there are fetched
/// twice.
#[derive(Clone, Copy)]
struct Data {
    storage: storage::Data,
    passkeys: passkeys::Data,
    second_step: second_step::Data,
    notifications: notifications::Data,
    ways: sign_in_methods::Data,
    sessions: sessions::Data,
    account_data: account_data::Data,
}

impl Data {
    /// Starts loading all of it.
    fn new(changes: Changes) -> Self {
        Self {
            storage: storage::Data::new(changes),
            passkeys: passkeys::Data::new(changes),
            second_step: second_step::Data::new(changes),
            notifications: notifications::Data::new(changes),
            ways: sign_in_methods::Data::new(changes),
            sessions: sessions::Data::new(changes),
            account_data: account_data::Data::new(changes),
        }
    }
}

#[component]
fn Sections(me: Me, security: Security, changes: Changes, data: Data) -> impl IntoView {
    let second_step = security.recovery_codes.is_some();
    view! {
        <p>{messages::SIGNED_IN_AS} " " <strong>{me.email.clone()}</strong></p>
        <SignOutForm/>
        {me.operator.then(|| view! { <p><a href="/people">{messages::PEOPLE}</a></p> })}
        <storage::Section data=data.storage/>
        <address::Section new_email=security.new_email changes/>
        <password::Section email=me.email.clone()/>
        <passkeys::Section email=me.email second_step data=data.passkeys/>
        <second_step::Section recovery_codes=security.recovery_codes changes data=data.second_step/>
        <notifications::Section second_step data=data.notifications/>
        <sign_in_methods::Section second_step data=data.ways/>
        <sessions::Section data=data.sessions/>
        <account_data::Sections second_step data=data.account_data/>
    }
}
