//! The page of a mail's link that unsubscribes.

use super::super::query_param;
use super::api::{StopMails, stoppable};
use crate::ui::form::{Alert, FormErrors, Submit};
use crate::ui::frame::Card;
use crate::ui::notice::Trouble;
use crate::ui::words::notices as words;
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;
use model::notices::Choice;

/// The page that unsubscribes from a kind of mails. The link is the authorization.
#[component]
pub fn StopPage() -> impl IntoView {
    let action = ServerAction::<StopMails>::new();
    let (notice, proof) = (
        query_param("notice").unwrap_or_default(),
        query_param("proof").unwrap_or_default(),
    );
    let source = (notice.clone(), proof.clone());
    let choice = Resource::new(
        move || (action.version().get(), source.clone()),
        |(_, (notice, proof))| stoppable(notice, proof),
    );
    view! {
        <Title text=words::STOP_TITLE/>
        <Card title=words::STOP_TITLE>
            <Transition fallback=|| {
                view! { <p>{crate::ui::words::LOADING}</p> }
            }>
                {move || {
                    let (notice, proof) = (notice.clone(), proof.clone());
                    Suspend::new(async move {
                        match choice.await {
                            Ok(choice) => view! { <Stoppable choice notice proof action/> }.into_any(),
                            Err(fault) => view! { <Trouble fault/> }.into_any(),
                        }
                    })
                }}
            </Transition>
        </Card>
    }
}

#[component]
fn Stoppable(choice: Choice, notice: String, proof: String, action: ServerAction<StopMails>) -> impl IntoView {
    let errors = FormErrors::of(action, &[]);
    let (name, when) = words::kind(choice.kind);
    let rest = if choice.on {
        view! {
            <ActionForm action>
                <Alert text=errors.other()/>
                <input type="hidden" name="notice" value=notice/>
                <input type="hidden" name="proof" value=proof/>
                <Submit label=words::STOP busy=action.pending()/>
            </ActionForm>
        }
        .into_any()
    } else {
        view! {
            <p role="status" class="good">{words::STOPPED}</p>
            <p class="hint">{words::STOPPED_HINT}</p>
        }
        .into_any()
    };
    view! {
        <p><strong>{name}</strong></p>
        <p>{when}</p>
        {rest}
    }
}
