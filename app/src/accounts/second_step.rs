//! The page that takes the two-factor code.

use super::api::SecondStep;
use crate::ui::form::{Alert, Field, FormErrors, Submit};
use crate::ui::frame::Card;
use crate::ui::words;
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;

/// The page between the password and the session.
#[component]
pub fn SecondStepPage() -> impl IntoView {
    let action = ServerAction::<SecondStep>::new();
    let errors = FormErrors::of(action, &["code"]);
    view! {
        <Title text=words::SECOND_STEP/>
        <Card title=words::SECOND_STEP>
            <ActionForm action>
                <Alert text=errors.other()/>
                <Field
                    name="code"
                    label=words::CODE
                    autocomplete="one-time-code"
                    hint=words::SECOND_STEP_HINT
                    errors
                />
                <Submit label=words::SIGN_IN busy=action.pending()/>
            </ActionForm>
            <p class="aside"><a href="/sign-in">{words::START_AGAIN}</a></p>
        </Card>
    }
}
