//! The pages for a forgotten password: one asks for a code, the other takes it.

use super::api::{Forgot, Reset};
use super::{Zone, query_param};
use crate::ui::form::{Alert, Field, FormErrors, NewPassword, Submit};
use crate::ui::frame::Card;
use crate::ui::words;
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;

/// The page that sends a code.
#[component]
pub fn ForgotPage() -> impl IntoView {
    let action = ServerAction::<Forgot>::new();
    let errors = FormErrors::of(action, &["email"]);
    view! {
        <Title text=words::FORGOT_TITLE/>
        <Card title=words::FORGOT_TITLE>
            <p>{words::FORGOT_TEXT}</p>
            <ActionForm action>
                <Alert text=errors.other()/>
                <Field
                    name="email"
                    label=words::EMAIL
                    kind="email"
                    inputmode="email"
                    autocomplete="username"
                    value=query_param("email").unwrap_or_default()
                    errors
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
    let errors = FormErrors::of(action, &["email", "code", "password"]);
    view! {
        <Title text=words::RESET_TITLE/>
        <Card title=words::RESET_TITLE>
            <p>{words::RESET_TEXT}</p>
            <ActionForm action>
                <Alert text=errors.other()/>
                <Zone/>
                <Field
                    name="email"
                    label=words::EMAIL
                    kind="email"
                    inputmode="email"
                    autocomplete="username"
                    value=query_param("email").unwrap_or_default()
                    errors
                />
                <Field name="code" label=words::CODE inputmode="numeric" autocomplete="one-time-code" errors/>
                <NewPassword name="password" label=words::NEW_PASSWORD errors/>
                <Submit label=words::SET_PASSWORD busy=action.pending()/>
            </ActionForm>
            <p class="aside"><a href="/forgot">{words::RESEND}</a></p>
        </Card>
    }
}
