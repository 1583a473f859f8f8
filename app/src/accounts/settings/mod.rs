//! The page about one's own account, a section each.

mod address;
pub mod api;
pub mod leaving;
mod passkeys;
mod password;
mod room;
mod second_step;
mod sessions;
pub mod ways;

use super::Why;
use super::api::me;
use super::notices;
use crate::ui::fault::Fault;
use crate::ui::frame::{Frame, SignOutForm};
use crate::ui::notice::Trouble;
use crate::ui::words;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use model::accounts::{Me, Security};
use model::refusals::Refusal;

/// The page about one's own account.
#[component]
pub fn AccountPage() -> impl IntoView {
    let changes = Changes::default();
    let data = Data::new(changes);
    let account = Resource::new(
        move || changes.count(),
        |_| async { futures::future::try_join(me(), api::security()).await },
    );
    view! {
        <Title text=words::ACCOUNT/>
        <Frame>
            <div class="page settings">
                <h1>{words::ACCOUNT}</h1>
                <Done/>
                <Why/>
                <Transition fallback=|| {
                    view! { <p>{words::LOADING}</p> }
                }>
                    {move || Suspend::new(async move {
                        match account.await {
                            Ok((Some(me), security)) => view! { <Sections me security changes data/> }.into_any(),
                            Ok((None, _)) => view! { <Trouble fault=Fault::Refused(Refusal::SignInFirst)/> }.into_any(),
                            Err(fault) => view! { <Trouble fault/> }.into_any(),
                        }
                    })}
                </Transition>
            </div>
        </Frame>
    }
}

/// What the sections show. Created by the page, not within the `Suspend` that waits for the account: resources that are created there are
/// fetched twice.
#[derive(Clone, Copy)]
struct Data {
    room: room::Data,
    passkeys: passkeys::Data,
    second_step: second_step::Data,
    notices: notices::Data,
    ways: ways::Data,
    sessions: sessions::Data,
    leaving: leaving::Data,
}

impl Data {
    /// Asks for all of it at once.
    fn new(changes: Changes) -> Self {
        Self {
            room: room::Data::new(changes),
            passkeys: passkeys::Data::new(changes),
            second_step: second_step::Data::new(changes),
            notices: notices::Data::new(changes),
            ways: ways::Data::new(changes),
            sessions: sessions::Data::new(changes),
            leaving: leaving::Data::new(changes),
        }
    }
}

/// Counts what the page changed, so that it shows what is so.
#[derive(Clone, Copy, Default)]
pub struct Changes(RwSignal<usize>);

impl Changes {
    /// How many there were.
    pub(super) fn count(self) -> usize {
        self.0.get()
    }

    /// Looks at what an action answers.
    pub(super) fn follow<T: 'static>(self, value: impl With<Value = Option<Result<T, Fault>>> + 'static) {
        Effect::new(move |_| {
            if value.with(|answer| matches!(answer, Some(Ok(_)))) {
                self.0.update(|count| *count += 1);
            }
        });
    }
}

/// What was just done, as the page before says in the address.
#[component]
pub(super) fn Done() -> impl IntoView {
    let query = use_query_map();
    let text = move || query.read().get("done").as_deref().and_then(words::done);
    view! { <p class="good" role="status">{text}</p> }
}

#[component]
fn Sections(me: Me, security: Security, changes: Changes, data: Data) -> impl IntoView {
    view! {
        <p>{words::SIGNED_IN_AS} " " <strong>{me.email.clone()}</strong></p>
        <SignOutForm/>
        {me.operator.then(|| view! { <p><a href="/people">{words::PEOPLE}</a></p> })}
        <room::Section data=data.room/>
        <address::Section new_email=security.new_email changes/>
        <password::Section email=me.email.clone()/>
        <passkeys::Section email=me.email second_step=security.recovery_codes.is_some() data=data.passkeys/>
        <second_step::Section recovery_codes=security.recovery_codes changes data=data.second_step/>
        <notices::Section data=data.notices/>
        <ways::Section data=data.ways/>
        <sessions::Section data=data.sessions/>
        <leaving::Sections data=data.leaving/>
    }
}
