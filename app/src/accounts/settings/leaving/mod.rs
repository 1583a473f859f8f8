//! The sections "A copy of everything" and "Delete this account".

pub mod api;

use super::{Changes, Done};
use crate::ui::fault::Fault;
use crate::ui::form::{Alert, Complaint, CurrentPassword, SecondStepCode, Submit};
use crate::ui::notice::Trouble;
use crate::ui::words::leaving as words;
use api::{AskExport, Leave, exported};
use leptos::form::ActionForm;
use leptos::prelude::*;
use model::accounts::{Export, ExportState};

/// What the sections show, and what they can do.
#[derive(Clone, Copy)]
pub struct Data {
    action: ServerAction<AskExport>,
    there: Resource<Result<Option<Export>, Fault>>,
}

impl Data {
    /// Asks for it.
    pub fn new(changes: Changes) -> Self {
        let action = ServerAction::<AskExport>::new();
        let source = move || (changes.count(), action.version().get());
        Self {
            action,
            there: Resource::new(source, |_| exported()),
        }
    }
}

/// Both sections, the last of the page.
#[component]
pub fn Sections(
    /// Whether the account asks for a second step: then its deletion does, too.
    second_step: bool,
    /// From the page.
    data: Data,
) -> impl IntoView {
    view! {
        <Copy data/>
        <Delete second_step/>
    }
}

/// An export: none yet, being made, or there.
#[component]
fn Copy(data: Data) -> impl IntoView {
    let Data { action, there } = data;
    let complaint = Complaint::about(action, &[]);
    view! {
        <section aria-labelledby="export">
            <h2 id="export">{words::EXPORT}</h2>
            <Done section="export"/>
            <p class="hint">{words::EXPORT_TEXT}</p>
            <Alert text=complaint.otherwise()/>
            <Transition>
                {move || Suspend::new(async move {
                    match there.await {
                        Ok(export) => view! { <Asked export action/> }.into_any(),
                        Err(fault) => view! { <Trouble fault/> }.into_any(),
                    }
                })}
            </Transition>
        </section>
    }
}

#[component]
fn Asked(export: Option<Export>, action: ServerAction<AskExport>) -> impl IntoView {
    let making = export.as_ref().is_some_and(|export| export.state == ExportState::Making);
    let label = if export.is_some() {
        words::ASK_EXPORT_AGAIN
    } else {
        words::ASK_EXPORT
    };
    view! {
        {export.map(|export| view! { <Parts export/> })}
        {(!making)
            .then(|| {
                view! {
                    <ActionForm action>
                        <Submit label busy=action.pending() quiet=true/>
                    </ActionForm>
                }
            })}
    }
}

#[component]
fn Parts(export: Export) -> impl IntoView {
    let text = words::export(&export);
    let parts = (1_usize..).zip(&export.parts).map(|(number, part)| {
        let address = format!("/account/export/{number}");
        view! { <li><a href=address rel="external" download>{words::part(number, part)}</a></li> }
    });
    let parts = parts.collect_view();
    view! {
        <p role="status">{text}</p>
        <ul class="rows">{parts}</ul>
    }
}

#[component]
fn Delete(second_step: bool) -> impl IntoView {
    let action = ServerAction::<Leave>::new();
    let complaint = Complaint::about(action, &["password", "code", "sure"]);
    let unsure = complaint.with("sure");
    view! {
        <section aria-labelledby="delete">
            <h2 id="delete">{words::DELETE}</h2>
            <p class="hint">{words::DELETE_TEXT}</p>
            <ActionForm action>
                <Alert text=complaint.otherwise()/>
                <CurrentPassword within="delete" complaint/>
                {second_step.then(|| view! { <SecondStepCode within="delete" complaint/> })}
                <div class="field">
                    <label class="check" for="delete-sure">
                        <input
                            id="delete-sure"
                            type="checkbox"
                            name="sure"
                            value="true"
                            required
                            aria-invalid=move || unsure.with(Option::is_some).then_some("true")
                        />
                        {words::SURE}
                    </label>
                    <Alert text=unsure/>
                </div>
                <Submit label=words::DELETE busy=action.pending() quiet=true/>
            </ActionForm>
        </section>
    }
}
