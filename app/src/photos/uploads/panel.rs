//! The upload panel.

use super::item::{Item, Remedy, UploadState};
use super::manager::UploadManager;
use super::row::Row;
use super::shared::SharedFiles;
use crate::ui::messages::untrusted::one_line;
use crate::ui::messages::uploads as messages;
use leptos::prelude::*;

/// The most files that are listed.
const ROWS: usize = 40;

/// The upload panel, in a corner of every page.
#[component]
pub fn Panel() -> impl IntoView {
    let uploads = UploadManager::from_context();
    let totals = Memo::new(move |_| uploads.totals());
    let summary = Memo::new(move |_| totals.with(messages::summary));
    let shared = Memo::new(move |_| messages::shared(uploads.shared().len()));
    let idle = Memo::new(move |_| summary.with(String::is_empty));
    let has_shared = Memo::new(move |_| !shared.with(String::is_empty));
    let empty = move || idle.get() && !has_shared.get();
    let open = RwSignal::new(true);
    view! {
        // Live regions announce only changes, so they exist from the start.
        <p class="hidden" role="status">{move || summary.get()}</p>
        <p class="hidden" role="status">{move || shared.get()}</p>
        <section class="uploads" role="region" aria-label=messages::PANEL hidden=empty class:open=move || open.get()>
            <Show when=move || has_shared.get()>
                <SharedFiles question=shared/>
            </Show>
            <Show when=move || !idle.get()>
                <button
                    type="button"
                    class="fold"
                    aria-expanded=move || open.get().to_string()
                    aria-controls="upload-rows"
                    on:click=move |_| open.update(|open| *open = !*open)
                >
                    {move || summary.get()}
                </button>
                <Show when=move || totals.with(|totals| totals.bytes > 0 && !totals.is_over())>
                    <progress
                        aria-label=messages::PROGRESS
                        max=move || totals.with(|totals| totals.bytes).to_string()
                        value=move || totals.with(|totals| totals.sent).to_string()
                    ></progress>
                    <p class="figures">{move || totals.with(messages::figures)}</p>
                </Show>
            </Show>
            <div class="rows" id="upload-rows" hidden=move || !open.get()>
                <Show when=move || open.get()>
                    <Rows/>
                </Show>
            </div>
            <Show when=move || !idle.get()>
                <Actions totals/>
            </Show>
        </section>
    }
}

/// Folders that could not be read completely, and files that are not uploaded.
#[component]
fn Rows() -> impl IntoView {
    let uploads = UploadManager::from_context();
    let unfinished_items = Memo::new(move |_| {
        let items = uploads.items();
        items
            .into_iter()
            .filter(|item| item.state() != UploadState::Done)
            .collect::<Vec<_>>()
    });
    let shown = move || unfinished_items.with(|items| items.iter().take(ROWS).cloned().collect::<Vec<_>>());
    let hidden = move || unfinished_items.with(|items| items.len().saturating_sub(ROWS));
    view! {
        <ul aria-label=messages::FILES>
            <For each=move || uploads.incomplete_folders() key=|folder| folder.clone() let:folder>
                <li data-state="failed">
                    <p class="file" dir="auto">{one_line(&folder)}</p>
                    <p class="state">{messages::FOLDER_INCOMPLETE}</p>
                </li>
            </For>
            <For each=shown key=|item| item.key.clone() let:item>
                <Row item/>
            </For>
        </ul>
        {move || Some(hidden()).filter(|hidden| *hidden > 0).map(|hidden| view! { <p class="aside">{messages::more(hidden)}</p> })}
    }
}

/// Actions on all files.
#[component]
fn Actions(totals: Memo<messages::UploadTotals>) -> impl IntoView {
    let uploads = UploadManager::from_context();
    let each = move |matches: fn(&Item) -> bool, act: fn(UploadManager, &Item)| {
        for item in uploads.queue.items_untracked().iter().filter(|item| matches(item)) {
            act(uploads, item);
        }
    };
    let button = |when: Memo<bool>, text: Signal<&'static str>, act: Callback<()>| {
        view! {
            <Show when=move || when.get()>
                <button type="button" class="quiet" on:click=move |_| act.run(())>{move || text.get()}</button>
            </Show>
        }
    };
    let sending = Memo::new(move |_| totals.with(|totals| totals.pending > 0));
    let failed = Memo::new(move |_| {
        let items = uploads.items();
        items.iter().any(|item| item.state().remedy() == Some(Remedy::Retry))
    });
    let unfinished = Memo::new(move |_| totals.with(|totals| !totals.is_over()));
    let finished = Memo::new(move |_| !unfinished.get());
    let text_of = |text: &'static str| Signal::derive(move || text);
    // One button for both actions, so that it keeps the focus.
    let pause_or_resume = Signal::derive(move || {
        if sending.get() {
            messages::PAUSE_ALL
        } else {
            messages::RESUME_ALL
        }
    });
    let toggle = Callback::new(move |()| match sending.get_untracked() {
        true => each(|item| item.peek_state().is_pending(), UploadManager::pause),
        false => each(Item::is_paused, UploadManager::resume),
    });
    let retry = Callback::new(move |()| each(|item| item.peek_state().remedy() == Some(Remedy::Retry), UploadManager::retry));
    let cancel = Callback::new(move |()| each(|item| item.peek_state().is_pending(), UploadManager::cancel));
    let close = Callback::new(move |()| uploads.close());
    view! {
        <p class="actions">
            {button(unfinished, pause_or_resume, toggle)}
            {button(failed, text_of(messages::RETRY_ALL), retry)}
            {button(unfinished, text_of(messages::CANCEL_ALL), cancel)}
            {button(finished, text_of(messages::DONE), close)}
        </p>
    }
}
