//! The pages for a forgotten password: one asks for a code, the other takes it.

use super::api::{Forgot, Reset};
use super::{Zone, asked};
use crate::ui::form::{Alert, Complaint, Field, NewPassword, Submit};
use crate::ui::frame::Card;
use crate::ui::words;
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;

/// The page that sends a code.
#[component]
pub fn ForgotPage() -> impl IntoView {
    let action = ServerAction::<Forgot>::new();
    let complaint = Complaint::about(action, &["email"]);
    view! {
        <Title text=words::FORGOT_TITLE/>
        <Card title=words::FORGOT_TITLE>
            <p>{words::FORGOT_TEXT}</p>
            <ActionForm action>
                <Alert text=complaint.otherwise()/>
                <Field
                    name="email"
                    label=words::EMAIL
                    kind="email"
                    inputmode="email"
                    autocomplete="username"
                    value=asked("email").unwrap_or_default()
                    complaint
                />
                <Submit label=words::SEND_CODE busy=action.pending()/>
            </ActionForm>
            <p class="aside"><a href="/sign-in">{words::BACK_TO_SIGN_IN}</a></p>
        </Card>
    }
}

/// The page that takes the code and a new password.
#[component]
pub fn ResetPage() -> impl IntoView {
    let action = ServerAction::<Reset>::new();
    let complaint = Complaint::about(action, &["email", "code", "password"]);
    view! {
        <Title text=words::RESET_TITLE/>
        <Card title=words::RESET_TITLE>
            <p>{words::RESET_TEXT}</p>
            <ActionForm action>
                <Alert text=complaint.otherwise()/>
                <Zone/>
                <Field
                    name="email"
                    label=words::EMAIL
                    kind="email"
                    inputmode="email"
                    autocomplete="username"
                    value=asked("email").unwrap_or_default()
                    complaint
                />
                <Field name="code" label=words::CODE inputmode="numeric" autocomplete="one-time-code" complaint/>
                <NewPassword name="password" label=words::NEW_PASSWORD complaint/>
                <Submit label=words::SET_PASSWORD busy=action.pending()/>
            </ActionForm>
            <p class="aside"><a href="/forgot">{words::RESEND}</a></p>
        </Card>
    }
}
