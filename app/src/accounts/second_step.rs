//! The page that takes the two-factor code.

use super::api::SecondStep;
use crate::ui::card::Card;
use crate::ui::form::{Alert, Field, FormErrors, Submit};
use crate::ui::messages;
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;

/// The page between the password and the session.
#[component]
pub fn SecondStepPage() -> impl IntoView {
    let action = ServerAction::<SecondStep>::new();
    let errors = FormErrors::of(action, &["code"]);
    view! {
        <Title text=messages::SECOND_STEP/>
        <Card title=messages::SECOND_STEP>
            <ActionForm action>
                <Alert text=errors.other()/>
                <Field
                    name="code"
                    label=messages::CODE
                    autocomplete="one-time-code"
                    hint=messages::SECOND_STEP_HINT
                    errors
                />
                <Submit label=messages::SIGN_IN busy=action.pending()/>
            </ActionForm>
            <p class="aside"><a href="/sign-in">{messages::START_AGAIN}</a></p>
        </Card>
    }
}
