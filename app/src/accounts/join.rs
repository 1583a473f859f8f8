//! The page that an invitation's link leads to.

use super::api::{Join, invited};
use super::{Zone, asked};
use crate::ui::form::{Alert, Complaint, NewPassword, Submit};
use crate::ui::frame::Card;
use crate::ui::notice::Trouble;
use crate::ui::words;
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;

/// The page that takes an invitation.
#[component]
pub fn JoinPage() -> impl IntoView {
    let invitation = asked("invitation").unwrap_or_default();
    let asking = invitation.clone();
    let invited = Resource::new(move || asking.clone(), invited);
    view! {
        <Title text=words::JOIN_TITLE/>
        <Card title=words::JOIN_TITLE>
            <Suspense fallback=|| {
                view! { <p>{words::LOADING}</p> }
            }>
                {move || {
                    let invitation = invitation.clone();
                    Suspend::new(async move {
                        match invited.await {
                            Ok(email) => view! { <JoinForm email invitation/> }.into_any(),
                            Err(fault) => view! { <Trouble fault/> }.into_any(),
                        }
                    })
                }}
            </Suspense>
            <p class="aside">{words::HAVE_ACCOUNT} " " <a href="/sign-in">{words::SIGN_IN}</a></p>
        </Card>
    }
}

#[component]
fn JoinForm(email: String, invitation: String) -> impl IntoView {
    let action = ServerAction::<Join>::new();
    let complaint = Complaint::about(action, &["password"]);
    view! {
        <p>{words::JOIN_TEXT}</p>
        <ActionForm action>
            <Alert text=complaint.otherwise()/>
            <Zone/>
            <input type="hidden" name="invitation" value=invitation/>
            <div class="field">
                <label for="email">{words::EMAIL}</label>
                <input id="email" type="email" autocomplete="username" readonly value=email/>
            </div>
            <NewPassword name="password" label=words::PASSWORD complaint/>
            <Submit label=words::CREATE_ACCOUNT busy=action.pending()/>
        </ActionForm>
    }
}
