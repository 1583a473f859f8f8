//! The section about two-factor authentication.

use super::api::{BeginSecondStep, CancelSecondStep, EndSecondStep, FinishSecondStep, second_step_setup};
use crate::accounts::changes::{Changes, Done};
use crate::ui::error::RequestError;
use crate::ui::error_views::LoadError;
use crate::ui::form::{Alert, CurrentPassword, FormErrors, OneTimeCode, SecondStepCode, Submit};
use crate::ui::messages;
use leptos::form::ActionForm;
use leptos::prelude::*;
use model::accounts::{Qr, SecondStepSetup};

/// Data and actions of the section.
#[derive(Clone, Copy)]
pub struct Data {
    begin: ServerAction<BeginSecondStep>,
    cancel: ServerAction<CancelSecondStep>,
    setup: Resource<Result<Option<SecondStepSetup>, RequestError>>,
}

impl Data {
    /// Starts loading.
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

/// The section about two-factor authentication: off, being set up, or on.
#[component]
pub fn Section(
    /// Unused recovery codes, if it is on.
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
            <h2 id="second-step">{messages::SECOND_STEP}</h2>
            <Done section="second-step"/>
            {content}
        </section>
    }
}

#[component]
fn On(left: u32, changes: Changes) -> impl IntoView {
    let action = ServerAction::<EndSecondStep>::new();
    changes.follow(action.value());
    let errors = FormErrors::of(action, &["password", "code"]);
    view! {
        <p role="status">{messages::second_step_on(left)}</p>
        <ActionForm action>
            <Alert text=errors.other()/>
            <CurrentPassword within="second-step" errors/>
            <SecondStepCode within="second-step" errors/>
            <Submit label=messages::SECOND_STEP_END busy=action.pending() quiet=true/>
        </ActionForm>
    }
}

#[component]
fn Off(changes: Changes, data: Data) -> impl IntoView {
    let Data { begin, cancel, setup } = data;
    view! {
        <Transition fallback=|| {
            view! { <p>{messages::LOADING}</p> }
        }>
            {move || Suspend::new(async move {
                match setup.await {
                    Ok(Some(setup)) => view! { <Setup setup cancel changes/> }.into_any(),
                    Ok(None) => view! { <Begin action=begin/> }.into_any(),
                    Err(error) => view! { <LoadError error/> }.into_any(),
                }
            })}
        </Transition>
    }
}

#[component]
fn Begin(action: ServerAction<BeginSecondStep>) -> impl IntoView {
    let errors = FormErrors::of(action, &["password"]);
    view! {
        <p class="hint">{messages::SECOND_STEP_TEXT}</p>
        <ActionForm action>
            <Alert text=errors.other()/>
            <CurrentPassword within="second-step" errors/>
            <Submit label=messages::SECOND_STEP_BEGIN busy=action.pending() quiet=true/>
        </ActionForm>
    }
}

/// The steps: the key for the app, the recovery codes, and a code to confirm.
#[component]
fn Setup(setup: SecondStepSetup, cancel: ServerAction<CancelSecondStep>, changes: Changes) -> impl IntoView {
    let finish = ServerAction::<FinishSecondStep>::new();
    changes.follow(finish.value());
    let errors = FormErrors::of(finish, &["code"]);
    let cancel_errors = FormErrors::of(cancel, &[]);
    let codes = setup
        .recovery_codes
        .into_iter()
        .map(|code| view! { <li><code>{code}</code></li> });
    view! {
        <ol class="steps">
            <li>
                <p>{messages::SCAN} " " <a href=setup.address rel="external">{messages::OPEN_APP}</a></p>
                <QrCode qr=setup.qr/>
                <p class="hint">{messages::OR_TYPE} " " <code>{setup.key}</code></p>
            </li>
            <li>
                <p>{messages::KEEP_CODES}</p>
                <ul class="codes">{codes.collect_view()}</ul>
            </li>
            <li>
                <ActionForm action=finish>
                    <Alert text=errors.other()/>
                    <OneTimeCode within="second-step" label=messages::APP_CODE errors/>
                    <Submit label=messages::SECOND_STEP_FINISH busy=finish.pending()/>
                </ActionForm>
            </li>
        </ol>
        <ActionForm action=cancel>
            <Alert text=cancel_errors.other()/>
            <button type="submit" class="quiet">{messages::CANCEL}</button>
        </ActionForm>
    }
}

/// The QR code. Always dark on light: not every scanner reads inverted codes.
#[component]
fn QrCode(qr: Qr) -> impl IntoView {
    view! {
        <svg class="qr" role="img" aria-label=messages::QR viewBox=format!("0 0 {0} {0}", qr.side) shape-rendering="crispEdges">
            <path d=qr.path></path>
        </svg>
    }
}
