//! The section "Where you are signed in".

use super::api::{EndOtherSessions, EndSession, sessions};
use crate::ui::form::{Alert, Complaint};
use crate::ui::notice::Trouble;
use crate::ui::words;
use leptos::form::ActionForm;
use leptos::prelude::*;
use model::accounts::Session;

/// The section about sessions.
#[component]
pub fn Section() -> impl IntoView {
    let end = ServerAction::<EndSession>::new();
    let end_others = ServerAction::<EndOtherSessions>::new();
    let complaint = Complaint::about(end, &[]);
    let there = Resource::new(move || (end.version().get(), end_others.version().get()), |_| sessions());
    view! {
        <section aria-labelledby="sessions">
            <h2 id="sessions">{words::SESSIONS}</h2>
            <Alert text=complaint.otherwise()/>
            <Transition fallback=|| {
                view! { <p>{words::LOADING}</p> }
            }>
                {move || Suspend::new(async move {
                    match there.await {
                        Ok(there) => view! { <List there end end_others/> }.into_any(),
                        Err(fault) => view! { <Trouble fault/> }.into_any(),
                    }
                })}
            </Transition>
        </section>
    }
}

#[component]
fn List(there: Vec<Session>, end: ServerAction<EndSession>, end_others: ServerAction<EndOtherSessions>) -> impl IntoView {
    let others = there.iter().any(|session| !session.here);
    let rows = there.into_iter().map(|session| view! { <Row session end/> });
    view! {
        <ul class="rows">{rows.collect_view()}</ul>
        {others
            .then(|| {
                view! {
                    <ActionForm action=end_others>
                        <button type="submit" class="button">{words::END_OTHER_SESSIONS}</button>
                    </ActionForm>
                }
            })}
    }
}

#[component]
fn Row(session: Session, end: ServerAction<EndSession>) -> impl IntoView {
    let name = words::device(&session.device);
    let label = words::end_session(&name);
    let about = words::session(&session);
    view! {
        <li>
            <div>
                <p>
                    <strong>{name}</strong>
                    {session.here.then(|| view! { " " <span class="good">{words::HERE}</span> })}
                </p>
                <p class="hint">{about}</p>
            </div>
            <ActionForm action=end>
                <input type="hidden" name="id" value=session.id/>
                <button type="submit" class="quiet" aria-label=label>{words::SIGN_OUT}</button>
            </ActionForm>
        </li>
    }
}
