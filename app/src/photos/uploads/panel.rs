//! The panel of what is on its way.

use super::item::{Item, Remedy, Stage};
use super::queue::Uploads;
use super::row::Row;
use super::shared::SharedFiles;
use crate::ui::later::Later;
use crate::ui::words::untrusted::one_line;
use crate::ui::words::uploads as words;
use leptos::html::Section;
use leptos::prelude::*;

/// Files that are shown one by one.
const ROWS: usize = 40;

/// What is on its way, quietly in a corner, on every page.
#[component]
pub fn Panel() -> impl IntoView {
    let uploads = Uploads::here();
    let tally = Memo::new(move |_| uploads.tally());
    let summary = Memo::new(move |_| tally.with(words::summary));
    let shared = Memo::new(move |_| words::shared(uploads.shared().len()));
    view! {
        // There before they say something, or they would not be read out.
        <p class="hidden" role="status">{move || summary.get()}</p>
        <p class="hidden" role="status">{move || shared.get()}</p>
        {Later::new(
            NodeRef::<Section>::new(),
            move || section(tally, summary, shared),
            move || (summary.get(), shared.get()),
        )}
    }
}

/// What is seen of it, once there is something; it wakes after the page.
fn section(tally: Memo<words::Tally>, summary: Memo<String>, shared: Memo<String>) -> AnyView {
    let idle = Memo::new(move |_| summary.with(String::is_empty));
    let asks = Memo::new(move |_| !shared.with(String::is_empty));
    let empty = move || idle.get() && !asks.get();
    let open = RwSignal::new(true);
    view! {
        <section class="uploads" role="region" aria-label=words::PANEL hidden=empty class:open=move || open.get()>
            <Show when=move || asks.get()>
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
                <Show when=move || tally.with(|tally| tally.bytes > 0 && !tally.is_over())>
                    <progress
                        aria-label=words::PROGRESS
                        max=move || tally.with(|tally| tally.bytes).to_string()
                        value=move || tally.with(|tally| tally.sent).to_string()
                    ></progress>
                    <p class="figures">{move || tally.with(words::figures)}</p>
                </Show>
            </Show>
            <div class="rows" id="upload-rows" hidden=move || !open.get()>
                <Show when=move || open.get()>
                    <Rows/>
                </Show>
            </div>
            <Show when=move || !idle.get()>
                <Actions tally/>
            </Show>
        </section>
    }
    .into_any()
}

/// The folders that could not be read whole, and the files that are on their way, or do not go on. What is there can be seen on the table.
#[component]
fn Rows() -> impl IntoView {
    let uploads = Uploads::here();
    let left = Memo::new(move |_| {
        let items = uploads.items();
        items
            .into_iter()
            .filter(|item| item.stage() != Stage::Done)
            .collect::<Vec<_>>()
    });
    let shown = move || left.with(|left| left.iter().take(ROWS).cloned().collect::<Vec<_>>());
    let hidden = move || left.with(|left| left.len().saturating_sub(ROWS));
    view! {
        <ul aria-label=words::FILES>
            <For each=move || uploads.unread() key=|folder| folder.clone() let:folder>
                <li data-state="failed">
                    <p class="file" dir="auto">{one_line(&folder)}</p>
                    <p class="state">{words::NOT_WHOLE}</p>
                </li>
            </For>
            <For each=shown key=|item| item.key.clone() let:item>
                <Row item/>
            </For>
        </ul>
        {move || Some(hidden()).filter(|hidden| *hidden > 0).map(|hidden| view! { <p class="aside">{words::more(hidden)}</p> })}
    }
}

/// What can be done to all of them.
#[component]
fn Actions(tally: Memo<words::Tally>) -> impl IntoView {
    let uploads = Uploads::here();
    let each = move |of: fn(&Item) -> bool, act: fn(Uploads, &Item)| {
        for item in uploads.peek().iter().filter(|item| of(item)) {
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
    let goes = Memo::new(move |_| tally.with(|tally| tally.under_way > 0));
    let failed = Memo::new(move |_| {
        let again = |stage| matches!(stage, Stage::Failed(failure) if failure.remedy() == Remedy::Retry);
        uploads.items().iter().any(|item| again(item.stage()))
    });
    let unfinished = Memo::new(move |_| tally.with(|tally| !tally.is_over()));
    let over = Memo::new(move |_| !unfinished.get());
    let text_of = |text: &'static str| Signal::derive(move || text);
    // One button for both: who has pressed it stays on it.
    let wait_or_go_on = Signal::derive(move || if goes.get() { words::PAUSE_ALL } else { words::RESUME_ALL });
    let toggle = Callback::new(move |()| match goes.get_untracked() {
        true => each(|item| item.peek().is_under_way(), Uploads::pause),
        false => each(Item::is_paused, Uploads::resume),
    });
    let retry = Callback::new(move |()| each(can_be_retried, Uploads::retry));
    let cancel = Callback::new(move |()| each(|item| item.peek().is_under_way(), Uploads::cancel));
    let close = Callback::new(move |()| uploads.close());
    view! {
        <p class="actions">
            {button(unfinished, wait_or_go_on, toggle)}
            {button(failed, text_of(words::RETRY_ALL), retry)}
            {button(unfinished, text_of(words::CANCEL_ALL), cancel)}
            {button(over, text_of(words::DONE), close)}
        </p>
    }
}

fn can_be_retried(item: &Item) -> bool {
    matches!(item.peek(), Stage::Failed(failure) if failure.remedy() == Remedy::Retry)
}
