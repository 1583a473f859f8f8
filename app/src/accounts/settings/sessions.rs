//! The section about sessions.

use super::api::{EndOtherSessions, EndSession, sessions};
use crate::accounts::changes::{Changes, Done};
use crate::ui::error::RequestError;
use crate::ui::error_views::LoadError;
use crate::ui::form::{Alert, FormErrors};
use crate::ui::messages;
use leptos::form::ActionForm;
use leptos::prelude::*;
use model::accounts::Session;

/// Data and actions of the section.
#[derive(Clone, Copy)]
pub struct Data {
    end: ServerAction<EndSession>,
    end_others: ServerAction<EndOtherSessions>,
    sessions: Resource<Result<Vec<Session>, RequestError>>,
}

impl Data {
    /// Starts loading.
    pub fn new(changes: Changes) -> Self {
        let (end, end_others) = (ServerAction::<EndSession>::new(), ServerAction::<EndOtherSessions>::new());
        let source = move || (changes.count(), end.version().get(), end_others.version().get());
        Self {
            end,
            end_others,
            sessions: Resource::new(source, |_| sessions()),
        }
    }
}

/// The section about sessions.
#[component]
pub fn Section(
    /// From the page.
    data: Data,
) -> impl IntoView {
    let Data {
        end,
        end_others,
        sessions,
    } = data;
    let all_errors = [FormErrors::of(end, &[]), FormErrors::of(end_others, &[])];
    view! {
        <section aria-labelledby="sessions">
            <h2 id="sessions">{messages::SESSIONS}</h2>
            <Done section="sessions"/>
            {all_errors.map(|errors| view! { <Alert text=errors.other()/> })}
            <Transition fallback=|| {
                view! { <p>{messages::LOADING}</p> }
            }>
                {move || Suspend::new(async move {
                    match sessions.await {
                        Ok(sessions) => view! { <List sessions end end_others/> }.into_any(),
                        Err(error) => view! { <LoadError error/> }.into_any(),
                    }
                })}
            </Transition>
        </section>
    }
}

#[component]
fn List(sessions: Vec<Session>, end: ServerAction<EndSession>, end_others: ServerAction<EndOtherSessions>) -> impl IntoView {
    let others = sessions.iter().any(|session| !session.here);
    let rows = sessions.into_iter().map(|session| view! { <Row session end/> });
    view! {
        <ul class="rows">{rows.collect_view()}</ul>
        {others
            .then(|| {
                view! {
                    <ActionForm action=end_others>
                        <button type="submit" class="button">{messages::END_OTHER_SESSIONS}</button>
                    </ActionForm>
                }
            })}
    }
}

#[component]
fn Row(session: Session, end: ServerAction<EndSession>) -> impl IntoView {
    let name = messages::device(&session.device);
    let label = messages::end_session(&name);
    let about = messages::session(&session);
    view! {
        <li>
            <div>
                <p>
                    <strong>{name}</strong>
                    {session.here.then(|| view! { " " <span class="good">{messages::THIS_BROWSER}</span> })}
                </p>
                <p class="hint">{about}</p>
            </div>
            <ActionForm action=end>
                <input type="hidden" name="id" value=session.id/>
                <button type="submit" class="quiet" aria-label=label>{messages::SIGN_OUT}</button>
            </ActionForm>
        </li>
    }
}
