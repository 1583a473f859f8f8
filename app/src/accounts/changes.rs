//! Changes of what a page shows in sections: they are counted, and each section shows its results.

use crate::ui::error::RequestError;
use crate::ui::form::{FormResults, focus_is_lost, result_param};
use crate::ui::messages;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// Counts changes, so that resources are refetched after each.
#[derive(Clone, Copy, Default)]
pub struct Changes(RwSignal<usize>);

impl Changes {
    /// The number of changes; tracked.
    pub fn count(self) -> usize {
        self.0.get()
    }

    /// Counts each success of an action.
    pub fn follow<T: 'static>(self, value: impl With<Value = Option<Result<T, RequestError>>> + 'static) {
        Effect::new(move |_| {
            if value.with(|answer| matches!(answer, Some(Ok(_)))) {
                self.0.update(|count| *count += 1);
            }
        });
    }
}

/// The section that shows a result, by the code in the page's address. The section's heading has the same id.
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

/// Whether the submit button is still there, and keeps the focus.
fn keeps_its_button(done: &str) -> bool {
    matches!(done, "notices" | "texts" | "group")
}

/// The result of an action in a section, from the page's address. It takes the focus, as the submitted form may be gone.
#[component]
pub fn Done(
    /// The section.
    section: &'static str,
) -> impl IntoView {
    let (result, results) = (result_param("done"), FormResults::from_context());
    let done = Memo::new(move |_| result.get().filter(|done| section_of(done) == Some(section)));
    let id = format!("{section}-done");
    let message = StoredValue::new(id.clone());
    Effect::new(move |before: Option<usize>| {
        let now = results.redirects();
        // First run after a redirect: the section was rendered again, and what had the focus may be gone.
        let is_new = before.is_none() && now > 0;
        let is_redirected = before.is_some_and(|before| before != now);
        if (is_new || is_redirected)
            && let Some(done) = done.get_untracked()
        {
            let message = message.get_value();
            // By its id, as the section may be rendered again before.
            request_animation_frame(move || {
                let takes_focus = is_redirected && !keeps_its_button(&done);
                if takes_focus || focus_is_lost() {
                    let message = document().get_element_by_id(&message);
                    let message = message.and_then(|message| message.dyn_into::<HtmlElement>().ok());
                    // Ignored: without it the focus stays where it is.
                    let _ = message.map(|message| message.focus());
                }
            });
        }
        now
    });
    view! {
        <p class="good" role="status" tabindex="-1" id=id>
            {move || done.with(|done| done.as_deref().and_then(messages::done))}
        </p>
    }
}

#[cfg(test)]
mod tests {
    use super::section_of;
    use crate::ui::messages;

    #[test]
    fn results_of_sections_have_a_text() {
        let every = "email code password passkey passkey-removed second-step-begun second-step-cancelled second-step-on second-step-off \
                     notices texts phone-code phone phone-removed linked unlinked session sessions export admission quota invited \
                     withdrawn group";
        for done in every.split(' ') {
            assert!(section_of(done).is_some() && messages::done(done).is_some(), "{done}");
        }
        assert_eq!((section_of("nothing"), messages::done("nothing")), (None, None));
    }
}
