//! The page that verifies an address by its code, and sets the password.

use super::api::{Confirm, ResendCode};
use super::{Zone, query_param};
use crate::ui::card::Card;
use crate::ui::form::{Alert, Field, FormErrors, NewPassword, Submit, result_param};
use crate::ui::messages;
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;

/// The page that takes the code. It offers to send another one if its query has the address.
#[component]
pub fn ConfirmPage() -> impl IntoView {
    let action = ServerAction::<Confirm>::new();
    let errors = FormErrors::of(action, &["email", "code", "password"]);
    let email = query_param("email");
    let resend = email.clone().map(|email| view! { <Resend email/> });
    view! {
        <Title text=messages::CONFIRM_TITLE/>
        <Card title=messages::CONFIRM_TITLE>
            <ActionForm action>
                <Alert text=errors.other()/>
                <Zone/>
                <Field
                    name="email"
                    label=messages::EMAIL
                    kind="email"
                    inputmode="email"
                    autocomplete="username"
                    value=email.unwrap_or_default()
                    errors
                />
                <Field
                    name="code"
                    label=messages::CODE
                    inputmode="numeric"
                    autocomplete="one-time-code"
                    hint=messages::CODE_HINT
                    errors
                />
                <NewPassword name="password" label=messages::PASSWORD errors/>
                <Submit label=messages::CREATE_ACCOUNT busy=action.pending()/>
            </ActionForm>
            {resend}
        </Card>
    }
}

/// A button that sends another code.
#[component]
fn Resend(email: String) -> impl IntoView {
    let action = ServerAction::<ResendCode>::new();
    let errors = FormErrors::of(action, &[]);
    let done = result_param("done");
    let sent = move || done.with(|done| done.as_deref() == Some("sent"));
    view! {
        <ActionForm action>
            <Alert text=errors.other()/>
            <input type="hidden" name="email" value=email/>
            <div class="aside">
                <button type="submit" class="quiet" disabled=move || action.pending().get()>{messages::RESEND}</button>
                " "
                <span role="status">{move || sent().then_some(messages::RESENT)}</span>
            </div>
        </ActionForm>
    }
}
