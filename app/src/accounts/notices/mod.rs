//! What one is told by mail and text message: a section of the account's page, and the page of a mail's link.

pub mod api;
mod phone;
mod stop;

pub use stop::StopPage;

use super::settings::{Changes, Done};
use crate::ui::fault::Fault;
use crate::ui::form::{Alert, Complaint};
use crate::ui::notice::Trouble;
use crate::ui::words;
use api::{ChooseMails, choices};
use leptos::form::ActionForm;
use leptos::prelude::*;
use model::notices::{Choice, Choices};

/// What the section shows.
#[derive(Clone, Copy)]
pub struct Data {
    changes: Changes,
    chosen: Resource<Result<Choices, Fault>>,
}

impl Data {
    /// Asks for it. `account` counts what the rest of the page changed.
    pub fn new(account: Changes) -> Self {
        let changes = Changes::default();
        Self {
            changes,
            chosen: Resource::new(move || (account.count(), changes.count()), |_| choices()),
        }
    }
}

/// The section about mails and text messages.
#[component]
pub fn Section(
    /// Whether the account asks for a second step: then its phone number does, too.
    second_step: bool,
    /// From the page.
    data: Data,
) -> impl IntoView {
    let Data { changes, chosen } = data;
    view! {
        <section aria-labelledby="notices">
            <h2 id="notices">{words::notices::NOTICES}</h2>
            <Done section="notices"/>
            <Transition fallback=|| {
                view! { <p>{words::LOADING}</p> }
            }>
                {move || Suspend::new(async move {
                    match chosen.await {
                        Ok(chosen) => view! { <Chosen chosen second_step changes/> }.into_any(),
                        Err(fault) => view! { <Trouble fault/> }.into_any(),
                    }
                })}
            </Transition>
        </section>
    }
}

#[component]
fn Chosen(chosen: Choices, second_step: bool, changes: Changes) -> impl IntoView {
    let mails = ServerAction::<ChooseMails>::new();
    changes.follow(mails.value());
    let complaint = Complaint::about(mails, &[]);
    let rows = chosen.mails.into_iter().map(|choice| {
        view! {
            <li>
                <Kind choice/>
                <ActionForm action=mails>
                    <Switch choice by=words::notices::BY_MAIL/>
                </ActionForm>
            </li>
        }
    });
    view! {
        <p class="hint">{words::notices::ALWAYS}</p>
        <Alert text=complaint.otherwise()/>
        <ul class="rows">{rows.collect_view()}</ul>
        {chosen.texts.map(|texts| view! { <phone::Texts texts second_step changes/> })}
    }
}

/// A kind of notice, and whether it comes.
#[component]
fn Kind(choice: Choice) -> impl IntoView {
    let (name, when) = words::notices::kind(choice.kind);
    view! {
        <div>
            <p><strong>{name}</strong> " " <span class:good=choice.on>{words::notices::state(choice.on)}</span></p>
            <p class="hint">{when}</p>
        </div>
    }
}

/// What a form says that turns a kind on or off: one button that says what it will do.
#[component]
fn Switch(choice: Choice, by: &'static str) -> impl IntoView {
    let (button, label) = words::notices::switch(choice.kind, choice.on, by);
    view! {
        <input type="hidden" name="kind" value=choice.kind.name()/>
        <input type="hidden" name="on" value=(!choice.on).to_string()/>
        <button type="submit" class="quiet" aria-label=label>{button}</button>
    }
}
