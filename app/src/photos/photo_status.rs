//! The popover with the status of a photo that is not ready.

use super::addresses::photo_address;
use super::entry::Entry;
use super::uploads::choose::choose_again;
use super::uploads::{Remedy, UploadManager, UploadState, state_text};
use crate::ui::messages;
use crate::ui::messages::untrusted::one_line;
use leptos::prelude::*;
use model::photos::{Reason, State};

/// Id of the page's one popover.
pub const POPOVER: &str = "photo-status";

/// Context: the photo that the popover is about.
#[derive(Clone, Copy)]
pub struct UploadStatusTarget(pub RwSignal<Option<Entry>>);

/// The popover.
#[component]
pub fn UploadStatusPopover(target: RwSignal<Option<Entry>>) -> impl IntoView {
    view! {
        <section class="photo-status" id=POPOVER popover="auto" aria-label=messages::uploads::STATUS>
            {move || target.get().map(|entry| view! { <PopoverContent entry/> })}
        </section>
    }
}

#[component]
fn PopoverContent(entry: Entry) -> impl IntoView {
    let uploads = UploadManager::from_context();
    let name = entry.peek(|photo| photo.name.clone());
    let address = photo_address(&entry.id, None);
    let item = {
        let id = entry.id.clone();
        Memo::new(move |_| uploads.queue.item_for(&id).filter(|item| item.state() != UploadState::Done))
    };
    view! {
        <h2 dir="auto">{one_line(&name)}</h2>
        <History entry=entry.clone()/>
        {move || item.get().map(|item| view! { <p class="state">{move || state_text(&item)}</p> })}
        <p class="actions">
            <Steps entry/>
            <a class="quiet" href=address>{messages::uploads::DETAILS}</a>
            <button type="button" class="quiet" popovertarget=POPOVER popovertargetaction="hide">{messages::uploads::CLOSE}</button>
        </p>
    }
}

/// What the owner can do about a photo that is stuck.
#[component]
fn Steps(entry: Entry) -> impl IntoView {
    let uploads = UploadManager::from_context();
    let id = StoredValue::new(entry.id.clone());
    // Errors on our side are nothing that the owner could fix. The photo is safe.
    let stuck = Memo::new(move |_| {
        entry.with(|photo| match &photo.state {
            State::Expected => true,
            State::Refused { reason } => *reason != Reason::OurFault,
            _ => false,
        })
    });
    let item = Memo::new(move |_| uploads.queue.item_for(&id.get_value()));
    let remedy = Memo::new(move |_| match item.get().map(|item| item.state()) {
        Some(UploadState::Failed(failure)) => Some(failure.remedy()),
        Some(state) if state.is_pending() => None,
        // This window does not upload the photo, so it has no file for it.
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
            None => uploads.queue.move_to_trash(id),
        });
    };
    let remove = move |_| match item.get_untracked() {
        Some(item) if item.peek_state().is_pending() => uploads.cancel(&item),
        Some(item) => uploads.replace(&item),
        None => uploads.queue.discard_photo(id.get_value()),
    };
    view! {
        <Show when=move || remedy.get() == Some(Remedy::Retry)>
            <button type="button" class="button" on:click=retry>{messages::uploads::RETRY}</button>
        </Show>
        <Show when=move || remedy.get() == Some(Remedy::ChooseAgain)>
            <button type="button" class="button" on:click=again>{messages::uploads::CHOOSE_AGAIN}</button>
        </Show>
        <Show when=move || stuck.get()>
            <button type="button" class="quiet" popovertarget=POPOVER popovertargetaction="hide" on:click=remove>
                {messages::uploads::REMOVE}
            </button>
        </Show>
    }
}

/// The states the photo went through.
#[component]
pub fn History(entry: Entry) -> impl IntoView {
    let steps = move || {
        entry.with(|photo| {
            let steps = photo.history.iter().map(|step| {
                let refused = matches!(step.state, State::Refused { .. });
                view! {
                    <li class:refused=refused>
                        <time datetime=step.at.rfc3339()>{messages::moment(step.at)}</time>
                        <span>{messages::step(&step.state)}</span>
                    </li>
                }
            });
            steps.collect_view()
        })
    };
    view! { <ol class="history">{steps}</ol> }
}
