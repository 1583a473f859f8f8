//! The page that takes the code which was sent to an address, and the password that goes with it.

use super::api::{Confirm, ResendCode};
use super::{Zone, asked};
use crate::ui::form::{Alert, Complaint, Field, NewPassword, Submit, told};
use crate::ui::frame::Card;
use crate::ui::words;
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;

/// The page that takes the code. Only who comes from signing up has an address to send another code to.
#[component]
pub fn ConfirmPage() -> impl IntoView {
    let action = ServerAction::<Confirm>::new();
    let complaint = Complaint::about(action, &["email", "code", "password"]);
    let email = asked("email");
    let resend = email.clone().map(|email| view! { <Resend email/> });
    view! {
        <Title text=words::CONFIRM_TITLE/>
        <Card title=words::CONFIRM_TITLE>
            <ActionForm action>
                <Alert text=complaint.otherwise()/>
                <Zone/>
                <Field
                    name="email"
                    label=words::EMAIL
                    kind="email"
                    inputmode="email"
                    autocomplete="username"
                    value=email.unwrap_or_default()
                    complaint
                />
                <Field
                    name="code"
                    label=words::CODE
                    inputmode="numeric"
                    autocomplete="one-time-code"
                    hint=words::CODE_HINT
                    complaint
                />
                <NewPassword name="password" label=words::PASSWORD complaint/>
                <Submit label=words::CREATE_ACCOUNT busy=action.pending()/>
            </ActionForm>
            {resend}
        </Card>
    }
}

/// Asks for another code.
#[component]
fn Resend(email: String) -> impl IntoView {
    let action = ServerAction::<ResendCode>::new();
    let complaint = Complaint::about(action, &[]);
    let done = told("done");
    let sent = move || done.with(|done| done.as_deref() == Some("sent"));
    view! {
        <ActionForm action>
            <Alert text=complaint.otherwise()/>
            <input type="hidden" name="email" value=email/>
            <div class="aside">
                <button type="submit" class="quiet" disabled=move || action.pending().get()>{words::RESEND}</button>
                " "
                <span role="status">{move || sent().then_some(words::RESENT)}</span>
            </div>
        </ActionForm>
    }
}
