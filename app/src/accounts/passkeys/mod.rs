//! Signing in with a passkey. A browser that did so before remembers the address.

pub mod api;
pub mod browser;

use super::{browser_zone, query_param};
use crate::ui::error::RequestError;
use crate::ui::form::Alert;
use crate::ui::messages;
use crate::ui::messages::passkeys as own;
use api::{passkey_challenge, passkey_sign_in};
use browser::PasskeyError;
use leptos::ev;
use leptos::html::Button;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_use_event_listener::use_event_listener;
use leptos_use_window::use_window;
use send_wrapper::SendWrapper;
use wasm_bindgen::JsCast;
use web_sys::{AbortController, HtmlInputElement};

/// Aborts the autofill offer, if there is one.
type Offer = StoredValue<Option<SendWrapper<AbortController>>>;

/// The button that signs in with a passkey, if the browser supports passkeys.
#[component]
pub fn SignInByPasskey(
    /// Id of the email field.
    field: &'static str,
) -> impl IntoView {
    let supported = RwSignal::new(false);
    let remembered = RwSignal::new(None::<String>);
    let error = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let offer = Offer::new(None);
    let to = StoredValue::new(query_param("to"));
    let button = NodeRef::<Button>::new();
    Effect::new(move |_| {
        supported.set(browser::supports_passkeys());
        remembered.set(browser::remembered_email());
    });
    Effect::new(move |_| {
        if let (true, Some(email)) = (supported.get(), remembered.get()) {
            offer_autofill(email, offer, to.get_value());
        }
    });
    Effect::new(move |_| {
        if let (Some(button), true) = (button.get(), remembered.with(Option::is_some)) {
            // Ignored: without it the focus stays where it is.
            let _ = button.focus();
        }
    });
    on_cleanup(move || abort(offer));
    let sign_in = move |_| {
        let Some(email) = email_in(field).or_else(|| remembered.get_untracked()) else {
            error.set(Some(own::ADDRESS_FIRST.to_owned()));
            return;
        };
        abort(offer);
        busy.set(true);
        error.set(None);
        spawn_local(async move {
            if let Err(why) = try_sign_in(&email, None, to.get_value()).await {
                error.set(Some(why.message()));
            }
            busy.set(false);
        });
    };
    // A typed address takes precedence over the remembered one.
    let typed = RwSignal::new(None::<String>);
    let _ = use_event_listener(use_window(), ev::input, move |_| typed.set(email_in(field)));
    let label = move || match (remembered.get(), typed.get()) {
        (Some(remembered), None) => own::sign_in_as(&remembered),
        (Some(remembered), Some(typed)) if typed == remembered => own::sign_in_as(&remembered),
        _ => own::SIGN_IN.to_owned(),
    };
    view! {
        <Show when=move || supported.get()>
            <div class="choices">
                <button node_ref=button type="button" class="button" disabled=move || busy.get() on:click=sign_in>
                    {label}
                </button>
                <Alert text=error/>
            </div>
        </Show>
    }
}

/// Why signing in failed.
enum SignInError {
    Browser(PasskeyError),
    Server(RequestError),
}

impl SignInError {
    fn message(&self) -> String {
        match self {
            Self::Browser(error) => error.message().to_owned(),
            Self::Server(error) => messages::error_text(error),
        }
    }
}

async fn try_sign_in(email: &str, autofill: Option<&AbortController>, to: Option<String>) -> Result<(), SignInError> {
    let challenge = passkey_challenge(email.to_owned()).await.map_err(SignInError::Server)?;
    let response = browser::authenticate(&challenge.options, autofill).await;
    let response = response.map_err(SignInError::Browser)?;
    let signed_in = passkey_sign_in(challenge.ceremony, response, to, browser_zone()).await;
    signed_in.map_err(SignInError::Server)?;
    browser::remember_email(email);
    Ok(())
}

/// Has the browser offer the passkey in the email field's autofill. Errors are ignored: the user did not ask for it.
fn offer_autofill(email: String, offer: Offer, to: Option<String>) {
    let Ok(controller) = AbortController::new() else { return };
    offer.set_value(Some(SendWrapper::new(controller.clone())));
    spawn_local(async move {
        if browser::supports_autofill().await {
            let _ = try_sign_in(&email, Some(&controller), to).await;
        }
    });
}

/// Aborts the autofill offer: browsers run one WebAuthn request at a time.
fn abort(offer: Offer) {
    if let Some(controller) = offer.try_update_value(Option::take).flatten() {
        controller.abort();
    }
}

/// The value of the email field.
fn email_in(field: &str) -> Option<String> {
    let input = document().get_element_by_id(field)?.dyn_into::<HtmlInputElement>().ok()?;
    Some(input.value().trim().to_owned()).filter(|text| !text.is_empty())
}
