//! The page of an invitation's link.

use super::api::{Join, invited_email};
use super::{Zone, query_param};
use crate::ui::card::Card;
use crate::ui::error_views::LoadError;
use crate::ui::form::{Alert, FormErrors, NewPassword, Submit};
use crate::ui::messages;
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;

/// The page that accepts an invitation.
#[component]
pub fn JoinPage() -> impl IntoView {
    let invitation = query_param("invitation").unwrap_or_default();
    let source = invitation.clone();
    let invited = Resource::new(move || source.clone(), invited_email);
    view! {
        <Title text=messages::JOIN_TITLE/>
        <Card title=messages::JOIN_TITLE>
            <Suspense fallback=|| {
                view! { <p>{messages::LOADING}</p> }
            }>
                {move || {
                    let invitation = invitation.clone();
                    Suspend::new(async move {
                        match invited.await {
                            Ok(email) => view! { <JoinForm email invitation/> }.into_any(),
                            Err(error) => view! { <LoadError error/> }.into_any(),
                        }
                    })
                }}
            </Suspense>
            <p class="aside">{messages::HAVE_ACCOUNT} " " <a href="/sign-in">{messages::SIGN_IN}</a></p>
        </Card>
    }
}

#[component]
fn JoinForm(email: String, invitation: String) -> impl IntoView {
    let action = ServerAction::<Join>::new();
    let errors = FormErrors::of(action, &["password"]);
    view! {
        <p>{messages::JOIN_TEXT}</p>
        <ActionForm action>
            <Alert text=errors.other()/>
            <Zone/>
            <input type="hidden" name="invitation" value=invitation/>
            <div class="field">
                <label for="email">{messages::EMAIL}</label>
                <input id="email" type="email" autocomplete="username" readonly value=email/>
            </div>
            <NewPassword name="password" label=messages::PASSWORD errors/>
            <Submit label=messages::CREATE_ACCOUNT busy=action.pending()/>
        </ActionForm>
    }
}
