//! "Where is my photo?": what happened to it, and what can be done.

use super::addresses::photo_address;
use super::entry::Entry;
use super::uploads::choose::choose_again;
use super::uploads::{Remedy, Stage, Uploads, stage_words};
use crate::ui::words;
use crate::ui::words::untrusted::one_line;
use leptos::prelude::*;
use model::photos::{Reason, State};

/// The page's one popover.
pub const POPOVER: &str = "whereabouts";

/// The photo that is asked about.
#[derive(Clone, Copy)]
pub struct Whereabouts(pub RwSignal<Option<Entry>>);

/// The answer, over the page.
#[component]
pub fn WhereIsIt(asked: RwSignal<Option<Entry>>) -> impl IntoView {
    view! {
        <section class="whereabouts" id=POPOVER popover="auto" aria-label=words::uploads::WHERE>
            {move || asked.get().map(|entry| view! { <Answer entry/> })}
        </section>
    }
}

#[component]
fn Answer(entry: Entry) -> impl IntoView {
    let uploads = Uploads::here();
    let name = entry.peek(|photo| photo.name.clone());
    let address = photo_address(&entry.id, None);
    let here = {
        let id = entry.id.clone();
        Memo::new(move |_| uploads.of(&id).filter(|item| item.stage() != Stage::Done))
    };
    view! {
        <h2 dir="auto">{one_line(&name)}</h2>
        <History entry=entry.clone()/>
        {move || here.get().map(|item| view! { <p class="state">{move || stage_words(&item)}</p> })}
        <p class="actions">
            <Steps entry/>
            <a class="quiet" href=address>{words::uploads::DETAILS}</a>
            <button type="button" class="quiet" popovertarget=POPOVER popovertargetaction="hide">{words::uploads::CLOSE}</button>
        </p>
    }
}

/// What can be done about a photo that does not go on.
#[component]
fn Steps(entry: Entry) -> impl IntoView {
    let uploads = Uploads::here();
    let id = StoredValue::new(entry.id.clone());
    // What failed on our side is safe, and nothing that its owner could mend.
    let stuck = Memo::new(move |_| {
        entry.with(|photo| match &photo.state {
            State::Expected => true,
            State::Refused { reason } => *reason != Reason::OurFault,
            _ => false,
        })
    });
    let item = Memo::new(move |_| uploads.of(&id.get_value()));
    let remedy = Memo::new(move |_| match item.get().map(|item| item.stage()) {
        Some(Stage::Failed(failure)) => Some(failure.remedy()),
        Some(stage) if stage.is_under_way() => None,
        // Of a photo that this window does not send it has no file.
        _ => stuck.get().then_some(Remedy::ChooseAgain),
    });
    let retry = move |_| {
        if let Some(item) = item.get_untracked() {
            uploads.retry(&item);
        }
    };
    let again = move |_| {
        let (item, id) = (item.get_untracked(), id.get_value());
        choose_again(uploads, move || match item {
            Some(item) => uploads.replace(&item),
            None => uploads.put_away(id),
        });
    };
    let remove = move |_| match item.get_untracked() {
        Some(item) if item.peek().is_under_way() => uploads.cancel(&item),
        Some(item) => uploads.replace(&item),
        None => uploads.not_wanted(id.get_value()),
    };
    view! {
        <Show when=move || remedy.get() == Some(Remedy::Retry)>
            <button type="button" class="button" on:click=retry>{words::uploads::RETRY}</button>
        </Show>
        <Show when=move || remedy.get() == Some(Remedy::ChooseAgain)>
            <button type="button" class="button" on:click=again>{words::uploads::CHOOSE_AGAIN}</button>
        </Show>
        <Show when=move || stuck.get()>
            <button type="button" class="quiet" popovertarget=POPOVER popovertargetaction="hide" on:click=remove>
                {words::uploads::REMOVE}
            </button>
        </Show>
    }
}

/// Every state the photo was in.
#[component]
pub fn History(entry: Entry) -> impl IntoView {
    let steps = move || {
        entry.with(|photo| {
            let steps = photo.history.iter().map(|step| {
                let refused = matches!(step.state, State::Refused { .. });
                view! {
                    <li class:refused=refused>
                        <time datetime=step.at.rfc3339()>{words::moment(step.at)}</time>
                        <span>{words::step(&step.state)}</span>
                    </li>
                }
            });
            steps.collect_view()
        })
    };
    view! { <ol class="history">{steps}</ol> }
}
