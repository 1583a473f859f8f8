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

use super::api::me;
use super::notices;
use crate::ui::fault::Fault;
use crate::ui::form::{Answered, focus_is_lost, told};
use crate::ui::frame::{Frame, SignOutForm};
use crate::ui::notice::{Trouble, Why};
use crate::ui::words;
use leptos::prelude::*;
use leptos_meta::Title;
use model::accounts::{Me, Security};
use model::refusals::Refusal;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

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
                <Why missing=words::leaving::PART_MISSING/>
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

/// The section that tells what was done, by the word in the page's address. Its heading has the same id.
pub fn section_of(done: &str) -> Option<&'static str> {
    Some(match done {
        "email" | "code" => "address",
        "password" => "password",
        "passkey" | "passkey-removed" => "passkeys",
        "second-step-begun" | "second-step-cancelled" | "second-step-on" | "second-step-off" => "second-step",
        "notices" => "notices",
        "texts" | "phone-code" | "phone" | "phone-removed" => "texts",
        "linked" | "unlinked" => "ways",
        "session" | "sessions" => "sessions",
        "export" => "export",
        "admission" => "admission",
        "quota" => "quota",
        "invited" | "withdrawn" => "invitations",
        "group" => "accounts",
        _ => return None,
    })
}

/// Whether the button that did it is still there, and keeps the focus.
fn keeps_its_button(done: &str) -> bool {
    matches!(done, "notices" | "texts" | "group")
}

/// What was just done in a section, as the page's address says. It takes the focus from what may be there no more.
#[component]
pub(super) fn Done(
    /// The section.
    section: &'static str,
) -> impl IntoView {
    let (told, answered) = (told("done"), Answered::here());
    let done = Memo::new(move |_| told.get().filter(|done| section_of(done) == Some(section)));
    let id = format!("{section}-done");
    let message = StoredValue::new(id.clone());
    Effect::new(move |before: Option<usize>| {
        let now = answered.redirects();
        if before.is_some_and(|before| before != now)
            && let Some(done) = done.get_untracked()
        {
            let message = message.get_value();
            // By its id: the section may be rendered again meanwhile.
            request_animation_frame(move || {
                if !keeps_its_button(&done) || focus_is_lost() {
                    let message = document().get_element_by_id(&message);
                    let message = message.and_then(|message| message.dyn_into::<HtmlElement>().ok());
                    // A browser that refuses the focus leaves it where it is, which is no fault.
                    let _ = message.map(|message| message.focus());
                }
            });
        }
        now
    });
    view! {
        <p class="good" role="status" tabindex="-1" id=id>
            {move || done.with(|done| done.as_deref().and_then(words::done))}
        </p>
    }
}

#[component]
fn Sections(me: Me, security: Security, changes: Changes, data: Data) -> impl IntoView {
    let second_step = security.recovery_codes.is_some();
    view! {
        <p>{words::SIGNED_IN_AS} " " <strong>{me.email.clone()}</strong></p>
        <SignOutForm/>
        {me.operator.then(|| view! { <p><a href="/people">{words::PEOPLE}</a></p> })}
        <room::Section data=data.room/>
        <address::Section new_email=security.new_email changes/>
        <password::Section email=me.email.clone()/>
        <passkeys::Section email=me.email second_step data=data.passkeys/>
        <second_step::Section recovery_codes=security.recovery_codes changes data=data.second_step/>
        <notices::Section second_step data=data.notices/>
        <ways::Section second_step data=data.ways/>
        <sessions::Section data=data.sessions/>
        <leaving::Sections second_step data=data.leaving/>
    }
}

#[cfg(test)]
mod tests {
    use super::section_of;
    use crate::ui::words;

    #[test]
    fn what_is_told_in_a_section_has_a_text() {
        let every = "email code password passkey passkey-removed second-step-begun second-step-cancelled second-step-on second-step-off \
                     notices texts phone-code phone phone-removed linked unlinked session sessions export admission quota invited \
                     withdrawn group";
        for done in every.split(' ') {
            assert!(section_of(done).is_some() && words::done(done).is_some(), "{done}");
        }
        assert_eq!((section_of("nothing"), words::done("nothing")), (None, None));
    }
}
