//! The pages for a forgotten password: one asks for a code, the other takes it.

use super::api::{Forgot, Reset};
use super::{Zone, query_param};
use crate::ui::card::Card;
use crate::ui::form::{Alert, Field, FormErrors, NewPassword, Submit};
use crate::ui::messages;
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;

/// The page that sends a code.
#[component]
pub fn ForgotPage() -> impl IntoView {
    let action = ServerAction::<Forgot>::new();
    let errors = FormErrors::of(action, &["email"]);
    view! {
        <Title text=messages::FORGOT_TITLE/>
        <Card title=messages::FORGOT_TITLE>
            <p>{messages::FORGOT_TEXT}</p>
            <ActionForm action>
                <Alert text=errors.other()/>
                <Field
                    name="email"
                    label=messages::EMAIL
                    kind="email"
                    inputmode="email"
                    autocomplete="username"
                    value=query_param("email").unwrap_or_default()
                    errors
                />
                <Submit label=messages::SEND_CODE busy=action.pending()/>
            </ActionForm>
            <p class="aside"><a href="/sign-in">{messages::BACK_TO_SIGN_IN}</a></p>
        </Card>
    }
}

/// The page that takes the code and a new password.
#[component]
pub fn ResetPage() -> impl IntoView {
    let action = ServerAction::<Reset>::new();
    let errors = FormErrors::of(action, &["email", "code", "password"]);
    view! {
        <Title text=messages::RESET_TITLE/>
        <Card title=messages::RESET_TITLE>
            <p>{messages::RESET_TEXT}</p>
            <ActionForm action>
                <Alert text=errors.other()/>
                <Zone/>
                <Field
                    name="email"
                    label=messages::EMAIL
                    kind="email"
                    inputmode="email"
                    autocomplete="username"
                    value=query_param("email").unwrap_or_default()
                    errors
                />
                <Field name="code" label=messages::CODE inputmode="numeric" autocomplete="one-time-code" errors/>
                <NewPassword name="password" label=messages::NEW_PASSWORD errors/>
                <Submit label=messages::SET_PASSWORD busy=action.pending()/>
            </ActionForm>
            <p class="aside"><a href="/forgot">{messages::RESEND}</a></p>
        </Card>
    }
}
