//! The section that changes the password.

use super::api::ChangePassword;
use crate::accounts::changes::Done;
use crate::ui::form::{Alert, CurrentPassword, FormErrors, NewPassword, Submit};
use crate::ui::messages;
use leptos::form::ActionForm;
use leptos::prelude::*;

/// The section about the password.
#[component]
pub fn Section(email: String) -> impl IntoView {
    let action = ServerAction::<ChangePassword>::new();
    let errors = FormErrors::of(action, &["password", "new_password"]);
    view! {
        <section aria-labelledby="password">
            <h2 id="password">{messages::CHANGE_PASSWORD}</h2>
            <Done section="password"/>
            <p class="hint">{messages::CHANGE_PASSWORD_TEXT}</p>
            <ActionForm action>
                <Alert text=errors.other()/>
                // For password managers, which store the user name with the password.
                <input type="text" class="hidden" tabindex="-1" aria-hidden="true" autocomplete="username" readonly value=email/>
                <CurrentPassword within="password" errors/>
                <NewPassword within="password" name="new_password" label=messages::NEW_PASSWORD errors/>
                <Submit label=messages::CHANGE_PASSWORD busy=action.pending() quiet=true/>
            </ActionForm>
        </section>
    }
}
