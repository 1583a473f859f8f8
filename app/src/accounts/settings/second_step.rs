//! The section about the second step.

use super::api::{BeginSecondStep, CancelSecondStep, EndSecondStep, FinishSecondStep, second_step_setup};
use super::{Changes, Done};
use crate::ui::fault::Fault;
use crate::ui::form::{Alert, Complaint, CurrentPassword, OneTimeCode, SecondStepCode, Submit};
use crate::ui::notice::Trouble;
use crate::ui::words;
use leptos::form::ActionForm;
use leptos::prelude::*;
use model::accounts::{Qr, SecondStepSetup};

/// What the section shows, and what it can do.
#[derive(Clone, Copy)]
pub struct Data {
    begin: ServerAction<BeginSecondStep>,
    cancel: ServerAction<CancelSecondStep>,
    setup: Resource<Result<Option<SecondStepSetup>, Fault>>,
}

impl Data {
    /// Asks for it.
    pub fn new(changes: Changes) -> Self {
        let (begin, cancel) = (
            ServerAction::<BeginSecondStep>::new(),
            ServerAction::<CancelSecondStep>::new(),
        );
        let source = move || (changes.count(), begin.version().get(), cancel.version().get());
        Self {
            begin,
            cancel,
            setup: Resource::new(source, |_| second_step_setup()),
        }
    }
}

/// The section about the second step: off, being set up, or on.
#[component]
pub fn Section(
    /// Recovery codes that are left, where it is on.
    recovery_codes: Option<u32>,
    changes: Changes,
    /// From the page.
    data: Data,
) -> impl IntoView {
    let content = match recovery_codes {
        Some(left) => view! { <On left changes/> }.into_any(),
        None => view! { <Off changes data/> }.into_any(),
    };
    view! {
        <section aria-labelledby="second-step">
            <h2 id="second-step">{words::SECOND_STEP}</h2>
            <Done section="second-step"/>
            {content}
        </section>
    }
}

#[component]
fn On(left: u32, changes: Changes) -> impl IntoView {
    let action = ServerAction::<EndSecondStep>::new();
    changes.follow(action.value());
    let complaint = Complaint::about(action, &["password", "code"]);
    view! {
        <p role="status">{words::second_step_on(left)}</p>
        <ActionForm action>
            <Alert text=complaint.otherwise()/>
            <CurrentPassword within="second-step" complaint/>
            <SecondStepCode within="second-step" complaint/>
            <Submit label=words::SECOND_STEP_END busy=action.pending() quiet=true/>
        </ActionForm>
    }
}

#[component]
fn Off(changes: Changes, data: Data) -> impl IntoView {
    let Data { begin, cancel, setup } = data;
    view! {
        <Transition fallback=|| {
            view! { <p>{words::LOADING}</p> }
        }>
            {move || Suspend::new(async move {
                match setup.await {
                    Ok(Some(setup)) => view! { <Begun setup cancel changes/> }.into_any(),
                    Ok(None) => view! { <Begin action=begin/> }.into_any(),
                    Err(fault) => view! { <Trouble fault/> }.into_any(),
                }
            })}
        </Transition>
    }
}

#[component]
fn Begin(action: ServerAction<BeginSecondStep>) -> impl IntoView {
    let complaint = Complaint::about(action, &["password"]);
    view! {
        <p class="hint">{words::SECOND_STEP_TEXT}</p>
        <ActionForm action>
            <Alert text=complaint.otherwise()/>
            <CurrentPassword within="second-step" complaint/>
            <Submit label=words::SECOND_STEP_BEGIN busy=action.pending() quiet=true/>
        </ActionForm>
    }
}

/// What the app needs, the codes for the day it is lost, and the proof that it works.
#[component]
fn Begun(setup: SecondStepSetup, cancel: ServerAction<CancelSecondStep>, changes: Changes) -> impl IntoView {
    let finish = ServerAction::<FinishSecondStep>::new();
    changes.follow(finish.value());
    let complaint = Complaint::about(finish, &["code"]);
    let not_cancelled = Complaint::about(cancel, &[]);
    let codes = setup
        .recovery_codes
        .into_iter()
        .map(|code| view! { <li><code>{code}</code></li> });
    view! {
        <ol class="steps">
            <li>
                <p>{words::SCAN} " " <a href=setup.address rel="external">{words::OPEN_APP}</a></p>
                <Picture qr=setup.qr/>
                <p class="hint">{words::OR_TYPE} " " <code>{setup.key}</code></p>
            </li>
            <li>
                <p>{words::KEEP_CODES}</p>
                <ul class="codes">{codes.collect_view()}</ul>
            </li>
            <li>
                <ActionForm action=finish>
                    <Alert text=complaint.otherwise()/>
                    <OneTimeCode within="second-step" label=words::APP_CODE complaint/>
                    <Submit label=words::SECOND_STEP_FINISH busy=finish.pending()/>
                </ActionForm>
            </li>
        </ol>
        <ActionForm action=cancel>
            <Alert text=not_cancelled.otherwise()/>
            <button type="submit" class="quiet">{words::CANCEL}</button>
        </ActionForm>
    }
}

/// Dark on light whatever the page's colours are: not every camera reads the inverse.
#[component]
fn Picture(qr: Qr) -> impl IntoView {
    view! {
        <svg class="qr" role="img" aria-label=words::QR viewBox=format!("0 0 {0} {0}", qr.side) shape-rendering="crispEdges">
            <path d=qr.path></path>
        </svg>
    }
}
