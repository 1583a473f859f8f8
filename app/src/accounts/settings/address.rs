//! The section that changes the email address.

use super::api::{ChangeEmail, VerifyEmail};
use crate::accounts::changes::{Changes, Done};
use crate::ui::form::{Alert, CurrentPassword, Field, FormErrors, OneTimeCode, Submit};
use crate::ui::messages;
use leptos::form::ActionForm;
use leptos::prelude::*;

/// The section about the email address.
#[component]
pub fn Section(
    /// The address that is being verified.
    new_email: Option<String>,
    changes: Changes,
) -> impl IntoView {
    view! {
        <section aria-labelledby="address">
            <h2 id="address">{messages::CHANGE_EMAIL}</h2>
            <Done section="address"/>
            {new_email.map(|email| view! { <Verify email changes/> })}
            <Change changes/>
        </section>
    }
}

#[component]
fn Change(changes: Changes) -> impl IntoView {
    let action = ServerAction::<ChangeEmail>::new();
    changes.follow(action.value());
    let errors = FormErrors::of(action, &["email", "password"]);
    view! {
        <ActionForm action>
            <Alert text=errors.other()/>
            <Field
                within="address"
                name="email"
                label=messages::NEW_EMAIL
                kind="email"
                inputmode="email"
                autocomplete="email"
                hint=messages::EMAIL_HINT
                errors
            />
            <CurrentPassword within="address" errors/>
            <Submit label=messages::SEND_CODE busy=action.pending() quiet=true/>
        </ActionForm>
    }
}

#[component]
fn Verify(email: String, changes: Changes) -> impl IntoView {
    let action = ServerAction::<VerifyEmail>::new();
    changes.follow(action.value());
    let errors = FormErrors::of(action, &["code"]);
    view! {
        <ActionForm action>
            <p>{messages::code_sent_to(&email)}</p>
            <Alert text=errors.other()/>
            <OneTimeCode within="address" label=messages::CODE errors/>
            <Submit label=messages::CONFIRM busy=action.pending()/>
        </ActionForm>
    }
}
