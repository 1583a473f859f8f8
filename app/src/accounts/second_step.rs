//! The page that takes the second step.

use super::api::SecondStep;
use crate::ui::form::{Alert, Complaint, Field, Submit};
use crate::ui::frame::Card;
use crate::ui::words;
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;

/// The page between a right password and a session.
#[component]
pub fn SecondStepPage() -> impl IntoView {
    let action = ServerAction::<SecondStep>::new();
    let complaint = Complaint::about(action, &["code"]);
    view! {
        <Title text=words::SECOND_STEP/>
        <Card title=words::SECOND_STEP>
            <ActionForm action>
                <Alert text=complaint.otherwise()/>
                <Field
                    name="code"
                    label=words::CODE
                    autocomplete="one-time-code"
                    hint=words::SECOND_STEP_HINT
                    complaint
                />
                <Submit label=words::SIGN_IN busy=action.pending()/>
            </ActionForm>
            <p class="aside"><a href="/sign-in">{words::START_AGAIN}</a></p>
        </Card>
    }
}
