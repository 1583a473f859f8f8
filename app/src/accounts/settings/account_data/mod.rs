//! The sections that export and delete the account.

pub mod api;

use crate::accounts::changes::{Changes, Done};
use crate::ui::error::RequestError;
use crate::ui::error_views::LoadError;
use crate::ui::form::{Alert, CurrentPassword, FormErrors, SecondStepCode, Submit};
use crate::ui::messages::account_data as messages;
use api::{DeleteAccount, StartExport, exported};
use leptos::form::ActionForm;
use leptos::prelude::*;
use model::accounts::{Export, ExportState};

/// Data and actions of the sections.
#[derive(Clone, Copy)]
pub struct Data {
    action: ServerAction<StartExport>,
    export: Resource<Result<Option<Export>, RequestError>>,
}

impl Data {
    /// Starts loading.
    pub fn new(changes: Changes) -> Self {
        let action = ServerAction::<StartExport>::new();
        let source = move || (changes.count(), action.version().get());
        Self {
            action,
            export: Resource::new(source, |_| exported()),
        }
    }
}

/// Both sections, the last of the page.
#[component]
pub fn Sections(
    /// Whether the account has two-factor authentication: then its deletion asks for a code.
    second_step: bool,
    /// From the page.
    data: Data,
) -> impl IntoView {
    view! {
        <ExportSection data/>
        <Delete second_step/>
    }
}

/// The section about the export.
#[component]
fn ExportSection(data: Data) -> impl IntoView {
    let Data { action, export } = data;
    let errors = FormErrors::of(action, &[]);
    view! {
        <section aria-labelledby="export">
            <h2 id="export">{messages::EXPORT}</h2>
            <Done section="export"/>
            <p class="hint">{messages::EXPORT_TEXT}</p>
            <Alert text=errors.other()/>
            <Transition>
                {move || Suspend::new(async move {
                    match export.await {
                        Ok(export) => view! { <LatestExport export action/> }.into_any(),
                        Err(error) => view! { <LoadError error/> }.into_any(),
                    }
                })}
            </Transition>
        </section>
    }
}

#[component]
fn LatestExport(export: Option<Export>, action: ServerAction<StartExport>) -> impl IntoView {
    let making = export.as_ref().is_some_and(|export| export.state == ExportState::Making);
    let label = if export.is_some() {
        messages::START_EXPORT_AGAIN
    } else {
        messages::START_EXPORT
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
    let text = messages::export(&export);
    let parts = (1_usize..).zip(&export.parts).map(|(number, part)| {
        let address = format!("/account/export/{number}");
        view! { <li><a href=address rel="external" download>{messages::part(number, part)}</a></li> }
    });
    let parts = parts.collect_view();
    view! {
        <p role="status">{text}</p>
        <ul class="rows">{parts}</ul>
    }
}

#[component]
fn Delete(second_step: bool) -> impl IntoView {
    let action = ServerAction::<DeleteAccount>::new();
    let errors = FormErrors::of(action, &["password", "code", "sure"]);
    let sure_error = errors.field("sure");
    view! {
        <section aria-labelledby="delete">
            <h2 id="delete">{messages::DELETE}</h2>
            <p class="hint">{messages::DELETE_TEXT}</p>
            <ActionForm action>
                <Alert text=errors.other()/>
                <CurrentPassword within="delete" errors/>
                {second_step.then(|| view! { <SecondStepCode within="delete" errors/> })}
                <div class="field">
                    <label class="check" for="delete-sure">
                        <input
                            id="delete-sure"
                            type="checkbox"
                            name="sure"
                            value="true"
                            required
                            aria-invalid=move || sure_error.with(Option::is_some).then_some("true")
                        />
                        {messages::CONFIRM_DELETE}
                    </label>
                    <Alert text=sure_error/>
                </div>
                <Submit label=messages::DELETE busy=action.pending() quiet=true/>
            </ActionForm>
        </section>
    }
}
