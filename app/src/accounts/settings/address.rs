//! The section that moves an account to another address.

use super::api::{ChangeEmail, ProveEmail};
use super::{Changes, Done};
use crate::ui::form::{Alert, Complaint, CurrentPassword, Field, OneTimeCode, Submit};
use crate::ui::words;
use leptos::form::ActionForm;
use leptos::prelude::*;

/// The section about the address.
#[component]
pub fn Section(
    /// The address that waits for its code.
    new_email: Option<String>,
    changes: Changes,
) -> impl IntoView {
    view! {
        <section aria-labelledby="address">
            <h2 id="address">{words::CHANGE_EMAIL}</h2>
            <Done section="address"/>
            {new_email.map(|email| view! { <Prove email changes/> })}
            <Change changes/>
        </section>
    }
}

#[component]
fn Change(changes: Changes) -> impl IntoView {
    let action = ServerAction::<ChangeEmail>::new();
    changes.follow(action.value());
    let complaint = Complaint::about(action, &["email", "password"]);
    view! {
        <ActionForm action>
            <Alert text=complaint.otherwise()/>
            <Field
                within="address"
                name="email"
                label=words::NEW_EMAIL
                kind="email"
                inputmode="email"
                autocomplete="email"
                hint=words::EMAIL_HINT
                complaint
            />
            <CurrentPassword within="address" complaint/>
            <Submit label=words::SEND_CODE busy=action.pending() quiet=true/>
        </ActionForm>
    }
}

#[component]
fn Prove(email: String, changes: Changes) -> impl IntoView {
    let action = ServerAction::<ProveEmail>::new();
    changes.follow(action.value());
    let complaint = Complaint::about(action, &["code"]);
    view! {
        <ActionForm action>
            <p>{words::code_sent_to(&email)}</p>
            <Alert text=complaint.otherwise()/>
            <OneTimeCode within="address" label=words::CODE complaint/>
            <Submit label=words::CONFIRM busy=action.pending()/>
        </ActionForm>
    }
}
