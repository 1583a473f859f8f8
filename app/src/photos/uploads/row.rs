//! A file in the panel: how far it is, and what can be done to it.

use super::choose::choose_again;
use super::item::{Item, Remedy, Stage};
use super::queue::Uploads;
use crate::photos::addresses::photo_address;
use crate::ui::words::untrusted::one_line;
use crate::ui::words::uploads as words;
use leptos::prelude::*;

/// What people read of how far an item is.
pub fn stage_words(item: &Item) -> String {
    let paused = item.with(|note| note.paused);
    match item.stage() {
        Stage::Failed(failure) => failure.words(),
        Stage::Done => words::THERE.to_owned(),
        Stage::Already => words::ALREADY.to_owned(),
        _ if paused => words::PAUSED.to_owned(),
        Stage::Queued => words::QUEUED.to_owned(),
        Stage::Reading => words::READING.to_owned(),
        Stage::Waiting => words::WAITING.to_owned(),
        Stage::Again => words::AGAIN.to_owned(),
        Stage::Going => words::going(item.percent()),
    }
}

/// A file.
#[component]
pub fn Row(item: Item) -> impl IntoView {
    let uploads = Uploads::here();
    let name = StoredValue::new(item.look(|note| note.name.clone()));
    let state = {
        let item = item.clone();
        Memo::new(move |_| match item.stage() {
            Stage::Failed(_) => "failed",
            Stage::Already => "already",
            Stage::Going => "going",
            _ => "waiting",
        })
    };
    let text = {
        let item = item.clone();
        Memo::new(move |_| stage_words(&item))
    };
    let look = {
        let item = item.clone();
        Memo::new(move |_| {
            (item.stage() == Stage::Already)
                .then(|| item.with(|note| note.photo.clone()))
                .flatten()
        })
    };
    let bar = {
        let item = item.clone();
        move || {
            let item = item.clone();
            (state.get() == "going").then(|| {
                view! {
                    <progress max="100" value=move || item.percent().to_string() aria-hidden="true"></progress>
                }
            })
        }
    };
    let (under_way, paused, remedy) = {
        let (one, two, three) = (item.clone(), item.clone(), item.clone());
        (
            Memo::new(move |_| one.stage().is_under_way()),
            Memo::new(move |_| two.with(|note| note.paused)),
            Memo::new(move |_| match three.stage() {
                Stage::Failed(failure) => Some(failure.remedy()),
                _ => None,
            }),
        )
    };
    let item = StoredValue::new(item);
    let act = move |act: fn(Uploads, &Item)| item.with_value(|item| act(uploads, item));
    let button = move |when: Signal<bool>, text: Signal<&'static str>, act: Callback<()>| {
        view! {
            <Show when=move || when.get()>
                <button
                    type="button"
                    class="quiet"
                    aria-label=move || name.with_value(|name| words::of(text.get(), name))
                    on:click=move |_| act.run(())
                >
                    {move || text.get()}
                </button>
            </Show>
        }
    };
    let text_of = |text: &'static str| Signal::derive(move || text);
    // One button for both: who has pressed it stays on it.
    let wait_or_go_on = Signal::derive(move || if paused.get() { words::RESUME } else { words::PAUSE });
    let toggle = Callback::new(move |()| {
        act(if paused.get_untracked() {
            Uploads::resume
        } else {
            Uploads::pause
        })
    });
    let cancel = Callback::new(move |()| act(Uploads::cancel));
    let retry = Callback::new(move |()| act(Uploads::retry));
    let dismiss = Callback::new(move |()| act(Uploads::dismiss));
    let again = Callback::new(move |()| {
        let old = item.get_value();
        choose_again(uploads, move || uploads.replace(&old));
    });
    let by = move |wanted: Remedy| Signal::derive(move || remedy.get() == Some(wanted));
    let over = Signal::derive(move || !under_way.get());
    let buttons = view! {
        {button(under_way.into(), wait_or_go_on, toggle)}
        {button(by(Remedy::Retry), text_of(words::RETRY), retry)}
        {button(by(Remedy::ChooseAgain), text_of(words::CHOOSE_AGAIN), again)}
        {button(under_way.into(), text_of(words::CANCEL), cancel)}
        {button(over, text_of(words::REMOVE), dismiss)}
    };
    view! {
        <li data-upload=name.get_value() data-state=move || state.get()>
            <p class="file" dir="auto">{name.with_value(|name| one_line(name))}</p>
            <p class="state">
                {move || text.get()}
                {move || look.get().map(|id| view! { " " <a href=photo_address(&id, None)>{words::LOOK}</a> })}
            </p>
            {bar}
            <p class="actions">{buttons}</p>
        </li>
    }
}
