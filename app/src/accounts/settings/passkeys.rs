//! The section about passkeys.

use super::{Changes, Done};
use crate::accounts::passkeys::api::{BeginPasskey, RemovePasskey, finish_passkey, passkeys};
use crate::accounts::passkeys::browser;
use crate::ui::fault::Fault;
use crate::ui::form::{Alert, Answered, Complaint, CurrentPassword, OneTimeCode, Submit};
use crate::ui::notice::Trouble;
use crate::ui::words;
use crate::ui::words::passkeys as own;
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::task::spawn_local;
use model::accounts::Passkey;

/// What the section shows, and what it can do.
#[derive(Clone, Copy)]
pub struct Data {
    made: RwSignal<usize>,
    remove: ServerAction<RemovePasskey>,
    there: Resource<Result<Vec<Passkey>, Fault>>,
}

impl Data {
    /// Asks for it.
    pub fn new(changes: Changes) -> Self {
        let (made, remove) = (RwSignal::new(0_usize), ServerAction::<RemovePasskey>::new());
        let source = move || (changes.count(), made.get(), remove.version().get());
        Self {
            made,
            remove,
            there: Resource::new(source, |_| passkeys()),
        }
    }
}

/// The section about passkeys.
#[component]
pub fn Section(
    /// The account's address, which this browser remembers once it has a passkey.
    email: String,
    /// Whether the account asks for a second step: then a change does, too.
    second_step: bool,
    /// From the page.
    data: Data,
) -> impl IntoView {
    let Data { made, remove, there } = data;
    view! {
        <section aria-labelledby="passkeys">
            <h2 id="passkeys">{own::PASSKEYS}</h2>
            <Done section="passkeys"/>
            <p class="hint">{own::TEXT}</p>
            <Transition>
                {move || Suspend::new(async move {
                    match there.await {
                        Ok(there) if there.is_empty() => ().into_any(),
                        Ok(there) => view! { <List there second_step action=remove/> }.into_any(),
                        Err(fault) => view! { <Trouble fault/> }.into_any(),
                    }
                })}
            </Transition>
            <Add email second_step made/>
        </section>
    }
}

#[component]
fn List(there: Vec<Passkey>, second_step: bool, action: ServerAction<RemovePasskey>) -> impl IntoView {
    let complaint = Complaint::about(action, &["password", "code"]);
    let rows = there.iter().map(|passkey| view! { <li><p>{own::passkey(passkey)}</p></li> });
    let rows = rows.collect_view();
    let options = there.into_iter().map(|passkey| {
        let text = own::passkey(&passkey);
        view! { <option value=passkey.id>{text}</option> }
    });
    view! {
        <ul class="rows">{rows}</ul>
        <ActionForm action>
            <Alert text=complaint.otherwise()/>
            <div class="field">
                <label for="remove-passkey-id">{own::WHICH}</label>
                <select id="remove-passkey-id" name="id">{options.collect_view()}</select>
            </div>
            <CurrentPassword within="remove-passkey" complaint/>
            {second_step.then(|| view! { <OneTimeCode within="remove-passkey" label=words::APP_CODE complaint/> })}
            <Submit label=words::REMOVE busy=action.pending() quiet=true/>
        </ActionForm>
    }
}

/// By the password, and then the browser makes it.
#[component]
fn Add(email: String, second_step: bool, made: RwSignal<usize>) -> impl IntoView {
    let action = ServerAction::<BeginPasskey>::new();
    let complaint = Complaint::about(action, &["password", "code"]);
    let answered = Answered::here();
    let trouble = RwSignal::new(None::<String>);
    let shown = Signal::derive(move || trouble.get().filter(|_| answered.is_last(BeginPasskey::PATH)));
    let value = action.value();
    let email = StoredValue::new(email);
    Effect::new(move |_| {
        let Some(Ok(options)) = value.get() else { return };
        trouble.set(None);
        spawn_local(async move {
            let finished = match browser::make(&options).await {
                Ok(answer) => finish_passkey(answer).await.map_err(|fault| words::fault(&fault)),
                Err(silence) => Err(silence.words().to_owned()),
            };
            match finished {
                Ok(()) => {
                    browser::remember(&email.get_value());
                    made.update(|count| *count += 1);
                }
                Err(text) => {
                    trouble.set(Some(text));
                    answered.failed_after(BeginPasskey::PATH);
                }
            }
        });
    });
    view! {
        <noscript><p class="hint">{own::NEEDS_SCRIPT}</p></noscript>
        <div class="with-script">
            <ActionForm action>
                <Alert text=complaint.otherwise()/>
                <Alert text=shown/>
                <CurrentPassword within="passkey" complaint/>
                {second_step.then(|| view! { <OneTimeCode within="passkey" label=words::APP_CODE complaint/> })}
                <Submit label=own::ADD busy=action.pending() quiet=true/>
            </ActionForm>
        </div>
    }
}
