//! The section "Ways to sign in".

pub mod api;

use super::{Changes, Done};
use crate::ui::fault::Fault;
use crate::ui::form::{Alert, Complaint, CurrentPassword, SecondStepCode, Submit};
use crate::ui::notice::Trouble;
use crate::ui::words;
use api::{Link, Unlink, ways};
use leptos::form::ActionForm;
use leptos::prelude::*;
use model::accounts::{Linked, Waiting, Ways};

/// What the section shows, and what it can do.
#[derive(Clone, Copy)]
pub struct Data {
    link: ServerAction<Link>,
    unlink: ServerAction<Unlink>,
    there: Resource<Result<Ways, Fault>>,
}

impl Data {
    /// Asks for it.
    pub fn new(changes: Changes) -> Self {
        let (link, unlink) = (ServerAction::<Link>::new(), ServerAction::<Unlink>::new());
        let source = move || (changes.count(), link.version().get(), unlink.version().get());
        Self {
            link,
            unlink,
            there: Resource::new(source, |_| ways()),
        }
    }
}

/// The section about other providers.
#[component]
pub fn Section(
    /// Whether the account asks for a second step: then linking does, too.
    second_step: bool,
    /// From the page.
    data: Data,
) -> impl IntoView {
    let Data { link, unlink, there } = data;
    view! {
        <Transition>
            {move || Suspend::new(async move {
                match there.await {
                    Ok(ways) if ways.linked.is_empty() && ways.providers.is_empty() => ().into_any(),
                    Ok(ways) => view! { <Providers ways second_step link unlink/> }.into_any(),
                    Err(fault) => view! { <Trouble fault/> }.into_any(),
                }
            })}
        </Transition>
    }
}

#[component]
fn Providers(ways: Ways, second_step: bool, link: ServerAction<Link>, unlink: ServerAction<Unlink>) -> impl IntoView {
    let rows = ways.linked.iter().map(|linked| {
        let text = words::somebody_at(&linked.provider, linked.email.as_deref());
        view! { <li><p>{text}</p></li> }
    });
    let rows = rows.collect_view();
    let more = ways.providers.into_iter().map(|provider| {
        let address = format!("/sign-in/with/{provider}?link");
        view! { <a class="button" href=address rel="external">{words::link_to(&provider)}</a> }
    });
    view! {
        <section aria-labelledby="ways">
            <h2 id="ways">{words::WAYS}</h2>
            <Done section="ways"/>
            <p class="hint">{words::WAYS_TEXT} " " <a href="/forgot">{words::WAYS_NO_PASSWORD}</a></p>
            {(!ways.linked.is_empty()).then(|| view! { <ul class="rows">{rows}</ul> })}
            {match ways.waiting {
                Some(waiting) => view! { <Wait waiting second_step action=link/> }.into_any(),
                None => view! { <p class="choices">{more.collect_view()}</p> }.into_any(),
            }}
            {(!ways.linked.is_empty()).then(|| view! { <Remove linked=ways.linked action=unlink/> })}
        </section>
    }
}

/// What a provider just said, to be linked by the password.
#[component]
fn Wait(waiting: Waiting, second_step: bool, action: ServerAction<Link>) -> impl IntoView {
    let complaint = Complaint::about(action, &["password", "code"]);
    view! {
        <ActionForm action>
            <Alert text=complaint.otherwise()/>
            <p>{words::somebody_at(&waiting.provider, waiting.email.as_deref())}</p>
            <CurrentPassword within="link" complaint/>
            {second_step.then(|| view! { <SecondStepCode within="link" complaint/> })}
            <Submit label=words::LINK busy=action.pending()/>
        </ActionForm>
    }
}

#[component]
fn Remove(linked: Vec<Linked>, action: ServerAction<Unlink>) -> impl IntoView {
    let complaint = Complaint::about(action, &["password"]);
    let options = linked.into_iter().map(|linked| {
        let text = words::somebody_at(&linked.provider, linked.email.as_deref());
        view! { <option value=linked.id>{text}</option> }
    });
    view! {
        <ActionForm action>
            <Alert text=complaint.otherwise()/>
            <div class="field">
                <label for="unlink-id">{words::LINKED}</label>
                <select id="unlink-id" name="id">{options.collect_view()}</select>
            </div>
            <CurrentPassword within="unlink" complaint/>
            <Submit label=words::REMOVE busy=action.pending() quiet=true/>
        </ActionForm>
    }
}
