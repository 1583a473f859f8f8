//! Signing in with a passkey: one touch where this browser did so before.

pub mod api;
pub mod browser;

use super::{asked, browser_zone};
use crate::ui::fault::Fault;
use crate::ui::form::Alert;
use crate::ui::words;
use crate::ui::words::passkeys as own;
use api::{ask_passkey, passkey_sign_in};
use browser::Silence;
use leptos::ev;
use leptos::html::Button;
use leptos::prelude::*;
use leptos::task::spawn_local;
use send_wrapper::SendWrapper;
use wasm_bindgen::JsCast;
use web_sys::{AbortController, HtmlInputElement};

/// What takes an offer back, while one stands.
type Offer = StoredValue<Option<SendWrapper<AbortController>>>;

/// The button that signs in with a passkey, where the browser knows passkeys.
#[component]
pub fn SignInByPasskey(
    /// The id of the field for the address.
    field: &'static str,
) -> impl IntoView {
    let able = RwSignal::new(false);
    let known = RwSignal::new(None::<String>);
    let trouble = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let offer = Offer::new(None);
    let to = StoredValue::new(asked("to"));
    let button = NodeRef::<Button>::new();
    Effect::new(move |_| {
        able.set(browser::knows_passkeys());
        known.set(browser::remembered());
    });
    Effect::new(move |_| {
        if let (true, Some(email)) = (able.get(), known.get()) {
            offer_quietly(email, offer, to.get_value());
        }
    });
    Effect::new(move |_| {
        if let (Some(button), true) = (button.get(), known.with(Option::is_some)) {
            // A browser that refuses the focus leaves it where it is, which is no fault.
            let _ = button.focus();
        }
    });
    on_cleanup(move || withdraw(offer));
    let sign_in = move |_| {
        let Some(email) = typed(field).or_else(|| known.get_untracked()) else {
            trouble.set(Some(own::ADDRESS_FIRST.to_owned()));
            return;
        };
        withdraw(offer);
        busy.set(true);
        trouble.set(None);
        spawn_local(async move {
            if let Err(why) = try_sign_in(&email, None, to.get_value()).await {
                trouble.set(Some(why.words()));
            }
            busy.set(false);
        });
    };
    // Whoever types an address means that one.
    let typing = RwSignal::new(None::<String>);
    Effect::new(move |_| {
        let listener = window_event_listener(ev::input, move |_| typing.set(typed(field)));
        on_cleanup(move || listener.remove());
    });
    let label = move || match (known.get(), typing.get()) {
        (Some(known), None) => own::sign_in_as(&known),
        (Some(known), Some(typed)) if typed == known => own::sign_in_as(&known),
        _ => own::SIGN_IN.to_owned(),
    };
    view! {
        <Show when=move || able.get()>
            <div class="choices">
                <button node_ref=button type="button" class="button" disabled=move || busy.get() on:click=sign_in>
                    {label}
                </button>
                <Alert text=trouble/>
            </div>
        </Show>
    }
}

/// Why nobody is signed in.
enum Why {
    Silent(Silence),
    Refused(Fault),
}

impl Why {
    fn words(&self) -> String {
        match self {
            Self::Silent(silence) => silence.words().to_owned(),
            Self::Refused(fault) => words::fault(fault),
        }
    }
}

async fn try_sign_in(email: &str, quietly: Option<&AbortController>, to: Option<String>) -> Result<(), Why> {
    let question = ask_passkey(email.to_owned()).await.map_err(Why::Refused)?;
    let answer = browser::ask(&question.options, quietly).await.map_err(Why::Silent)?;
    let signed_in = passkey_sign_in(question.ceremony, answer, to, browser_zone()).await;
    signed_in.map_err(Why::Refused)?;
    browser::remember(email);
    Ok(())
}

/// Has the browser offer the passkey in the field for the address. Whether anybody takes it is theirs to say.
fn offer_quietly(email: String, offer: Offer, to: Option<String>) {
    let Ok(controller) = AbortController::new() else { return };
    offer.set_value(Some(SendWrapper::new(controller.clone())));
    spawn_local(async move {
        if browser::offers_passkeys().await {
            let _ = try_sign_in(&email, Some(&controller), to).await;
        }
    });
}

/// A browser asks one question at a time.
fn withdraw(offer: Offer) {
    if let Some(controller) = offer.try_update_value(Option::take).flatten() {
        controller.abort();
    }
}

/// What stands in a field.
fn typed(field: &str) -> Option<String> {
    let input = document().get_element_by_id(field)?.dyn_into::<HtmlInputElement>().ok()?;
    Some(input.value().trim().to_owned()).filter(|text| !text.is_empty())
}
