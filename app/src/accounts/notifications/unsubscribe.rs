//! The page of a mail's link that unsubscribes.

use super::super::query_param;
use super::api::{Unsubscribe, unsubscribe_choice};
use crate::ui::card::Card;
use crate::ui::error_views::LoadError;
use crate::ui::form::{Alert, FormErrors, Submit};
use crate::ui::messages::notifications as messages;
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;
use model::notifications::Choice;

/// The page that unsubscribes from a kind of mails. The link is the authorization.
#[component]
pub fn UnsubscribePage() -> impl IntoView {
    let action = ServerAction::<Unsubscribe>::new();
    let (notice, proof) = (
        query_param("notice").unwrap_or_default(),
        query_param("proof").unwrap_or_default(),
    );
    let source = (notice.clone(), proof.clone());
    let choice = Resource::new(
        move || (action.version().get(), source.clone()),
        |(_, (notice, proof))| unsubscribe_choice(notice, proof),
    );
    view! {
        <Title text=messages::UNSUBSCRIBE/>
        <Card title=messages::UNSUBSCRIBE>
            <Transition fallback=|| {
                view! { <p>{crate::ui::messages::LOADING}</p> }
            }>
                {move || {
                    let (notice, proof) = (notice.clone(), proof.clone());
                    Suspend::new(async move {
                        match choice.await {
                            Ok(choice) => view! { <UnsubscribeForm choice notice proof action/> }.into_any(),
                            Err(error) => view! { <LoadError error/> }.into_any(),
                        }
                    })
                }}
            </Transition>
        </Card>
    }
}

#[component]
fn UnsubscribeForm(choice: Choice, notice: String, proof: String, action: ServerAction<Unsubscribe>) -> impl IntoView {
    let errors = FormErrors::of(action, &[]);
    let (name, when) = messages::kind(choice.kind);
    let rest = if choice.on {
        view! {
            <ActionForm action>
                <Alert text=errors.other()/>
                <input type="hidden" name="notice" value=notice/>
                <input type="hidden" name="proof" value=proof/>
                <Submit label=messages::UNSUBSCRIBE busy=action.pending()/>
            </ActionForm>
        }
        .into_any()
    } else {
        view! {
            <p role="status" class="good">{messages::UNSUBSCRIBED}</p>
            <p class="hint">{messages::UNSUBSCRIBED_HINT}</p>
        }
        .into_any()
    };
    view! {
        <p><strong>{name}</strong></p>
        <p>{when}</p>
        {rest}
    }
}
