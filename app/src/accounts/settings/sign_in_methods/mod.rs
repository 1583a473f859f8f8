//! The section about sign-in providers.

pub mod api;

use crate::accounts::changes::{Changes, Done};
use crate::ui::error::RequestError;
use crate::ui::error_views::LoadError;
use crate::ui::form::{Alert, CurrentPassword, FormErrors, SecondStepCode, Submit};
use crate::ui::messages;
use api::{Link, Unlink, ways};
use leptos::form::ActionForm;
use leptos::prelude::*;
use model::accounts::{Linked, SignInMethods, Waiting};

/// Data and actions of the section.
#[derive(Clone, Copy)]
pub struct Data {
    link: ServerAction<Link>,
    unlink: ServerAction<Unlink>,
    ways: Resource<Result<SignInMethods, RequestError>>,
}

impl Data {
    /// Starts loading.
    pub fn new(changes: Changes) -> Self {
        let (link, unlink) = (ServerAction::<Link>::new(), ServerAction::<Unlink>::new());
        let source = move || (changes.count(), link.version().get(), unlink.version().get());
        Self {
            link,
            unlink,
            ways: Resource::new(source, |_| ways()),
        }
    }
}

/// The section about sign-in providers.
#[component]
pub fn Section(
    /// Whether the account has two-factor authentication: then linking asks for a code.
    second_step: bool,
    /// From the page.
    data: Data,
) -> impl IntoView {
    let Data { link, unlink, ways } = data;
    view! {
        <Transition>
            {move || Suspend::new(async move {
                match ways.await {
                    Ok(ways) if ways.linked.is_empty() && ways.providers.is_empty() => ().into_any(),
                    Ok(ways) => view! { <Providers ways second_step link unlink/> }.into_any(),
                    Err(error) => view! { <LoadError error/> }.into_any(),
                }
            })}
        </Transition>
    }
}

#[component]
fn Providers(ways: SignInMethods, second_step: bool, link: ServerAction<Link>, unlink: ServerAction<Unlink>) -> impl IntoView {
    let rows = ways.linked.iter().map(|linked| {
        let text = messages::somebody_at(&linked.provider, linked.email.as_deref());
        view! { <li><p>{text}</p></li> }
    });
    let rows = rows.collect_view();
    let more = ways.providers.into_iter().map(|provider| {
        let address = format!("/sign-in/with/{provider}?link");
        view! { <a class="button" href=address rel="external">{messages::link_to(&provider)}</a> }
    });
    view! {
        <section aria-labelledby="ways">
            <h2 id="ways">{messages::SIGN_IN_METHODS}</h2>
            <Done section="ways"/>
            <p class="hint">{messages::SIGN_IN_METHODS_TEXT} " " <a href="/forgot">{messages::SIGN_IN_METHODS_NO_PASSWORD}</a></p>
            {(!ways.linked.is_empty()).then(|| view! { <ul class="rows">{rows}</ul> })}
            {match ways.waiting {
                Some(waiting) => view! { <LinkForm waiting second_step action=link/> }.into_any(),
                None => view! { <p class="choices">{more.collect_view()}</p> }.into_any(),
            }}
            {(!ways.linked.is_empty()).then(|| view! { <UnlinkForm linked=ways.linked action=unlink/> })}
        </section>
    }
}

/// The form that links the pending identity of a provider.
#[component]
fn LinkForm(waiting: Waiting, second_step: bool, action: ServerAction<Link>) -> impl IntoView {
    let errors = FormErrors::of(action, &["password", "code"]);
    view! {
        <ActionForm action>
            <Alert text=errors.other()/>
            <p>{messages::somebody_at(&waiting.provider, waiting.email.as_deref())}</p>
            <CurrentPassword within="link" errors/>
            {second_step.then(|| view! { <SecondStepCode within="link" errors/> })}
            <Submit label=messages::LINK busy=action.pending()/>
        </ActionForm>
    }
}

#[component]
fn UnlinkForm(linked: Vec<Linked>, action: ServerAction<Unlink>) -> impl IntoView {
    let errors = FormErrors::of(action, &["password"]);
    let options = linked.into_iter().map(|linked| {
        let text = messages::somebody_at(&linked.provider, linked.email.as_deref());
        view! { <option value=linked.id>{text}</option> }
    });
    view! {
        <ActionForm action>
            <Alert text=errors.other()/>
            <div class="field">
                <label for="unlink-id">{messages::LINKED}</label>
                <select id="unlink-id" name="id">{options.collect_view()}</select>
            </div>
            <CurrentPassword within="unlink" errors/>
            <Submit label=messages::REMOVE busy=action.pending() quiet=true/>
        </ActionForm>
    }
}
