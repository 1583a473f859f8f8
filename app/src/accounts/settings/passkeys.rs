//! The section about passkeys.

use crate::accounts::changes::{Changes, Done};
use crate::accounts::passkeys::api::{BeginPasskey, RemovePasskey, finish_passkey, passkeys};
use crate::accounts::passkeys::browser;
use crate::ui::error::RequestError;
use crate::ui::error_views::LoadError;
use crate::ui::form::{Alert, CurrentPassword, FormErrors, FormResults, OneTimeCode, Submit};
use crate::ui::messages;
use crate::ui::messages::passkeys as own;
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::task::spawn_local;
use model::accounts::Passkey;

/// Data and actions of the section.
#[derive(Clone, Copy)]
pub struct Data {
    added: RwSignal<usize>,
    remove: ServerAction<RemovePasskey>,
    passkeys: Resource<Result<Vec<Passkey>, RequestError>>,
}

impl Data {
    /// Starts loading.
    pub fn new(changes: Changes) -> Self {
        let (added, remove) = (RwSignal::new(0_usize), ServerAction::<RemovePasskey>::new());
        let source = move || (changes.count(), added.get(), remove.version().get());
        Self {
            added,
            remove,
            passkeys: Resource::new(source, |_| passkeys()),
        }
    }
}

/// The section about passkeys.
#[component]
pub fn Section(
    /// The account's address, which this browser remembers after adding a passkey.
    email: String,
    /// Whether the account has two-factor authentication: then changes ask for a code.
    second_step: bool,
    /// From the page.
    data: Data,
) -> impl IntoView {
    let Data { added, remove, passkeys } = data;
    view! {
        <section aria-labelledby="passkeys">
            <h2 id="passkeys">{own::PASSKEYS}</h2>
            <Done section="passkeys"/>
            <p class="hint">{own::TEXT}</p>
            <Transition>
                {move || Suspend::new(async move {
                    match passkeys.await {
                        Ok(passkeys) if passkeys.is_empty() => ().into_any(),
                        Ok(passkeys) => view! { <List passkeys second_step action=remove/> }.into_any(),
                        Err(error) => view! { <LoadError error/> }.into_any(),
                    }
                })}
            </Transition>
            <Add email second_step added/>
        </section>
    }
}

#[component]
fn List(passkeys: Vec<Passkey>, second_step: bool, action: ServerAction<RemovePasskey>) -> impl IntoView {
    let errors = FormErrors::of(action, &["password", "code"]);
    let rows = passkeys
        .iter()
        .map(|passkey| view! { <li><p>{own::passkey(passkey)}</p></li> });
    let rows = rows.collect_view();
    let options = passkeys.into_iter().map(|passkey| {
        let text = own::passkey(&passkey);
        view! { <option value=passkey.id>{text}</option> }
    });
    view! {
        <ul class="rows">{rows}</ul>
        <ActionForm action>
            <Alert text=errors.other()/>
            <div class="field">
                <label for="remove-passkey-id">{own::CHOOSE}</label>
                <select id="remove-passkey-id" name="id">{options.collect_view()}</select>
            </div>
            <CurrentPassword within="remove-passkey" errors/>
            {second_step.then(|| view! { <OneTimeCode within="remove-passkey" label=messages::APP_CODE errors/> })}
            <Submit label=messages::REMOVE busy=action.pending() quiet=true/>
        </ActionForm>
    }
}

/// The form that adds a passkey: the password authorizes it, then the browser creates it.
#[component]
fn Add(email: String, second_step: bool, added: RwSignal<usize>) -> impl IntoView {
    let action = ServerAction::<BeginPasskey>::new();
    let errors = FormErrors::of(action, &["password", "code"]);
    let results = FormResults::from_context();
    let error = RwSignal::new(None::<String>);
    let shown_error = Signal::derive(move || error.get().filter(|_| results.is_last(BeginPasskey::PATH)));
    let value = action.value();
    let email = StoredValue::new(email);
    Effect::new(move |_| {
        let Some(Ok(options)) = value.get() else { return };
        error.set(None);
        spawn_local(async move {
            let finished = match browser::register(&options).await {
                Ok(credential) => finish_passkey(credential).await.map_err(|error| messages::error_text(&error)),
                Err(error) => Err(error.message().to_owned()),
            };
            match finished {
                Ok(()) => {
                    browser::remember_email(&email.get_value());
                    added.update(|count| *count += 1);
                }
                Err(text) => {
                    error.set(Some(text));
                    results.record_failure(BeginPasskey::PATH);
                }
            }
        });
    });
    view! {
        <noscript><p class="hint">{own::NEEDS_SCRIPT}</p></noscript>
        <div class="with-script">
            <ActionForm action>
                <Alert text=errors.other()/>
                <Alert text=shown_error/>
                <CurrentPassword within="passkey" errors/>
                {second_step.then(|| view! { <OneTimeCode within="passkey" label=messages::APP_CODE errors/> })}
                <Submit label=own::ADD busy=action.pending() quiet=true/>
            </ActionForm>
        </div>
    }
}
