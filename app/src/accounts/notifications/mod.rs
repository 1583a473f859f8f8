//! Notifications: a section of the account page, and the page that unsubscribes.

pub mod api;
mod choice;
mod phone;
mod unsubscribe;

pub use unsubscribe::UnsubscribePage;

use crate::accounts::changes::{Changes, Done};
use crate::ui::error::RequestError;
use crate::ui::error_views::LoadError;
use crate::ui::form::{Alert, FormErrors};
use crate::ui::messages;
use api::{ChooseMails, choices};
use choice::{Kind, Switch};
use leptos::form::ActionForm;
use leptos::prelude::*;
use model::notifications::Choices;

/// Data of the section.
#[derive(Clone, Copy)]
pub struct Data {
    changes: Changes,
    choices: Resource<Result<Choices, RequestError>>,
}

impl Data {
    /// Starts loading. `account` counts changes by the rest of the page.
    pub fn new(account: Changes) -> Self {
        let changes = Changes::default();
        Self {
            changes,
            choices: Resource::new(move || (account.count(), changes.count()), |_| choices()),
        }
    }
}

/// The section about mails and text messages.
#[component]
pub fn Section(
    /// Whether the account has two-factor authentication: then changing the phone number asks for a code.
    second_step: bool,
    /// From the page.
    data: Data,
) -> impl IntoView {
    let Data { changes, choices } = data;
    view! {
        <section aria-labelledby="notices">
            <h2 id="notices">{messages::notifications::NOTIFICATIONS}</h2>
            <Done section="notices"/>
            <Transition fallback=|| {
                view! { <p>{messages::LOADING}</p> }
            }>
                {move || Suspend::new(async move {
                    match choices.await {
                        Ok(choices) => view! { <ChoiceList choices second_step changes/> }.into_any(),
                        Err(error) => view! { <LoadError error/> }.into_any(),
                    }
                })}
            </Transition>
        </section>
    }
}

#[component]
fn ChoiceList(choices: Choices, second_step: bool, changes: Changes) -> impl IntoView {
    let mails = ServerAction::<ChooseMails>::new();
    changes.follow(mails.value());
    let errors = FormErrors::of(mails, &[]);
    let rows = choices.mails.into_iter().map(|choice| {
        view! {
            <li>
                <Kind choice/>
                <ActionForm action=mails>
                    <Switch choice by=messages::notifications::BY_MAIL/>
                </ActionForm>
            </li>
        }
    });
    view! {
        <p class="hint">{messages::notifications::ALWAYS}</p>
        <Alert text=errors.other()/>
        <ul class="rows">{rows.collect_view()}</ul>
        {choices.texts.map(|texts| view! { <phone::Texts texts second_step changes/> })}
    }
}
