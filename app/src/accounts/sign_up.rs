//! The page to create an account.

use super::api::{SignUp, admission};
use crate::ui::card::Card;
use crate::ui::error_views::LoadError;
use crate::ui::form::{Alert, Field, FormErrors, Submit};
use crate::ui::messages;
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;
use model::accounts::Admission;

/// The page to create an account.
#[component]
pub fn SignUpPage() -> impl IntoView {
    let action = ServerAction::<SignUp>::new();
    let admission = Resource::new(|| (), |_| admission());
    view! {
        <Title text=messages::CREATE_ACCOUNT/>
        <Card title=messages::CREATE_ACCOUNT>
            <Suspense fallback=|| {
                view! { <p>{messages::LOADING}</p> }
            }>
                {move || Suspend::new(async move {
                    match admission.await {
                        Ok(Admission::Closed) => view! { <p>{messages::CLOSED}</p> }.into_any(),
                        Ok(open) => view! { <SignUpForm action owner=open == Admission::Owner/> }.into_any(),
                        Err(error) => view! { <LoadError error/> }.into_any(),
                    }
                })}
            </Suspense>
            <p class="aside">{messages::HAVE_ACCOUNT} " " <a href="/sign-in">{messages::SIGN_IN}</a></p>
        </Card>
    }
}

#[component]
fn SignUpForm(
    action: ServerAction<SignUp>,
    /// Whether the site has no owner yet.
    owner: bool,
) -> impl IntoView {
    let errors = FormErrors::of(action, &["email", "owner_code"]);
    view! {
        <ActionForm action>
            <Alert text=errors.other()/>
            <Field
                name="email"
                label=messages::EMAIL
                kind="email"
                inputmode="email"
                autocomplete="username"
                hint=messages::EMAIL_HINT
                errors
            />
            {owner
                .then(|| {
                    view! {
                        <Field
                            name="owner_code"
                            label=messages::OWNER_CODE
                            autocomplete="off"
                            hint=messages::OWNER_CODE_HINT
                            errors
                        />
                    }
                })}
            <Submit label=messages::SEND_CODE busy=action.pending()/>
        </ActionForm>
    }
}
