//! A file in the upload panel, with its actions.

use super::choose::choose_again;
use super::item::{Item, Remedy, UploadState};
use super::manager::UploadManager;
use crate::photos::addresses::photo_address;
use crate::ui::messages::untrusted::one_line;
use crate::ui::messages::uploads as messages;
use leptos::prelude::*;

/// The text for an item's state.
pub fn state_text(item: &Item) -> String {
    let paused = item.note.with(|note| note.paused);
    match item.state() {
        UploadState::Failed(failure) => failure.message(),
        UploadState::Done => messages::UPLOADED.to_owned(),
        UploadState::Duplicate => messages::DUPLICATE.to_owned(),
        _ if paused => messages::PAUSED.to_owned(),
        UploadState::Queued => messages::QUEUED.to_owned(),
        UploadState::Reading => messages::READING.to_owned(),
        UploadState::Waiting => messages::WAITING.to_owned(),
        UploadState::Retrying => messages::RETRYING.to_owned(),
        UploadState::Sending => messages::going(item.percent()),
    }
}

#[component]
pub fn Row(item: Item) -> impl IntoView {
    let uploads = UploadManager::from_context();
    let name = StoredValue::new(item.note.with_untracked(|note| note.name.clone()));
    let item = StoredValue::new(item);
    let state = Memo::new(move |_| match item.with_value(Item::state) {
        UploadState::Failed(_) => "failed",
        UploadState::Duplicate => "already",
        UploadState::Sending => "going",
        _ => "waiting",
    });
    let text = Memo::new(move |_| item.with_value(state_text));
    let duplicate_of = Memo::new(move |_| item.with_value(Item::duplicate_of));
    let percent = move || item.with_value(Item::percent).to_string();
    let bar =
        move || (state.get() == "going").then(|| view! { <progress max="100" value=percent aria-hidden="true"></progress> });
    let pending = Memo::new(move |_| item.with_value(|item| item.state().is_pending()));
    let paused = Memo::new(move |_| item.with_value(|item| item.note.with(|note| note.paused)));
    let remedy = Memo::new(move |_| item.with_value(|item| item.state().remedy()));
    let act = move |act: fn(UploadManager, &Item)| item.with_value(|item| act(uploads, item));
    let button = move |when: Signal<bool>, text: Signal<&'static str>, act: Callback<()>| {
        view! {
            <Show when=move || when.get()>
                <button
                    type="button"
                    class="quiet"
                    aria-label=move || name.with_value(|name| messages::of(text.get(), name))
                    on:click=move |_| act.run(())
                >
                    {move || text.get()}
                </button>
            </Show>
        }
    };
    let text_of = |text: &'static str| Signal::derive(move || text);
    // One button for both actions, so that it keeps the focus.
    let pause_or_resume = Signal::derive(move || if paused.get() { messages::RESUME } else { messages::PAUSE });
    let toggle = Callback::new(move |()| {
        act(if paused.get_untracked() {
            UploadManager::resume
        } else {
            UploadManager::pause
        })
    });
    let cancel = Callback::new(move |()| act(UploadManager::cancel));
    let retry = Callback::new(move |()| act(UploadManager::retry));
    let dismiss = Callback::new(move |()| act(UploadManager::dismiss));
    let choose_again_callback = Callback::new(move |()| {
        let old = item.get_value();
        choose_again(uploads, move || uploads.replace(&old));
    });
    let has_remedy = move |wanted: Remedy| Signal::derive(move || remedy.get() == Some(wanted));
    let finished = Signal::derive(move || !pending.get());
    let buttons = view! {
        {button(pending.into(), pause_or_resume, toggle)}
        {button(has_remedy(Remedy::Retry), text_of(messages::RETRY), retry)}
        {button(has_remedy(Remedy::ChooseAgain), text_of(messages::CHOOSE_AGAIN), choose_again_callback)}
        {button(pending.into(), text_of(messages::CANCEL), cancel)}
        {button(finished, text_of(messages::REMOVE), dismiss)}
    };
    view! {
        <li data-upload=name.get_value() data-state=move || state.get()>
            <p class="file" dir="auto">{name.with_value(|name| one_line(name))}</p>
            <p class="state">
                {move || text.get()}
                {move || duplicate_of.get().map(|id| view! { " " <a href=photo_address(&id, None)>{messages::VIEW_PHOTO}</a> })}
            </p>
            {bar}
            <p class="actions">{buttons}</p>
        </li>
    }
}
