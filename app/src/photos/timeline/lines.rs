//! The virtual list of the timeline: renders the lines near the viewport, and follows scrolling and resizing.

use super::layout::{Breakpoint, Line, LineKey};
use super::saved_scroll::{SavedScroll, TimelineScroll};
use super::scrubber::Scrubber;
use super::virtual_list::VirtualList;
use super::visible_lines::VisibleLines;
use crate::photos::library::Library;
use crate::photos::tile::{Tile, on_tile_click};
use crate::ui::connection::on_return;
use crate::ui::messages;
use crate::ui::shortcuts::is_shortcut;
use gloo_timers::future::TimeoutFuture;
use leptos::ev;
use leptos::html::Ul;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_use_event_listener::use_event_listener;
use leptos_use_resize_observer::use_resize_observer;
use leptos_use_window::use_window;
use web_sys::HtmlElement;

/// The list. Only lines near the viewport are rendered.
#[component]
pub fn Lines(breakpoint: Breakpoint) -> impl IntoView {
    let (library, scroll) = (Library::from_context(), TimelineScroll::from_context());
    let start = library.start();
    let saved = scroll.take(&start, library.take_last_viewed());
    let list = VirtualList::new(library, breakpoint, saved.as_ref());
    observe(list, saved);
    on_cleanup(move || scroll.keep(start, list.saved_scroll()));
    let visible = visible_lines(list);
    let when = Memo::new(move |_| {
        list.viewport
            .get()
            .filter(|viewport| viewport.top > 0.0)
            .and_then(|_| list.current_day())
    });
    view! {
        <div
            class=format!("lines {}", breakpoint.class())
            class:awake=move || list.positioned.get()
            node_ref=list.node
            on:click=on_tile_click()
        >
            <p class="when" aria-hidden="true">{move || when.get().map(messages::month)}</p>
            <For each=move || visible.get().lines key=LineKey::clone let:key>
                {list.layout.with_untracked(|layout| layout.line(&key).cloned()).map(|line| view! { <LineView list line key/> })}
            </For>
        </div>
        <Scrubber list/>
    }
}

/// The lines to render. After a change they are added over several tasks, to keep each one short.
fn visible_lines(list: VirtualList) -> Memo<VisibleLines> {
    let next_task = Trigger::new();
    let visible = Memo::new(move |before: Option<&VisibleLines>| {
        next_task.track();
        list.layout.with(|layout| match list.viewport.get() {
            None => VisibleLines::all(layout),
            Some(viewport) => VisibleLines::next(layout, viewport, before),
        })
    });
    let waiting = StoredValue::new(false);
    Effect::new(move |_| {
        if visible.with(|visible| visible.more) && !waiting.get_value() {
            waiting.set_value(true);
            spawn_local(async move {
                TimeoutFuture::new(0).await;
                waiting.try_set_value(false);
                next_task.notify();
            });
        }
    });
    visible
}

/// Where a line is, in pixels from the top of the list.
#[derive(Clone, Copy, PartialEq)]
struct Position {
    /// Where it was first rendered: the CSS `top`. A transform moves it from there.
    first_top: f64,
    /// Where it is now.
    top: f64,
    height: f64,
}

/// One line.
#[component]
fn LineView(list: VirtualList, line: Line, key: LineKey) -> impl IntoView {
    let node = NodeRef::<Ul>::new();
    // The CSP allows no inline styles in HTML, so a script sets them. Moving lines by a transform counts as no layout shift.
    Effect::new(move |before: Option<Option<Position>>| {
        let style = HtmlElement::from(node.get()?).style();
        let before = before.flatten();
        let place = list.positioned.get().then(|| {
            list.layout
                .with(|layout| layout.line(&key).map(|line| (line.top, line.height)))
        });
        let (top, height) = place.flatten()?;
        let first_top = before.map_or(top, |before| before.first_top);
        let now = Position { first_top, top, height };
        if before != Some(now) {
            let _ = style.set_property("top", &format!("{first_top:.2}px"));
            let _ = style.set_property("transform", &format!("translateY({:.2}px)", top - first_top));
            let _ = style.set_property("height", &format!("{height:.2}px"));
        }
        Some(now)
    });
    let tiles = line.photos.into_iter().map(|placed| {
        view! { <Tile entry=placed.entry shape=placed.aspect.class() begins=placed.begins/> }
    });
    view! {
        <ul class="line" class:labelled=line.labelled node_ref=node>
            {tiles.collect_view()}
            {line.rest.map(|rest| view! { <li class=format!("rest {}", rest.class()) aria-hidden="true"></li> })}
        </ul>
    }
}

/// Follows the list's size, the window's size and position, and changes of the layout.
fn observe(list: VirtualList, saved: Option<SavedScroll>) {
    let saved = StoredValue::new(saved);
    let started = StoredValue::new(false);
    use_resize_observer(list.node, move |entries, _| {
        // A disconnected element has no width.
        let width = entries.first().map(|entry| entry.content_rect().width());
        let Some(width) = width.filter(|width| *width > 0.0) else {
            return;
        };
        match started.try_update_value(|started| std::mem::replace(started, true)) {
            Some(false) => list.first_measured(width, saved.try_update_value(Option::take).flatten()),
            Some(true) if width != list.space.with_untracked(|space| space.width) => {
                list.set_width(width, true);
                // Before the window's `resize` listener measures the viewport and replaces the anchor.
                list.restore_anchor();
                list.load_visible();
            }
            _ => {}
        }
    });
    let pending = StoredValue::new(false);
    let _ = use_event_listener(use_window(), ev::scroll, move |_| {
        if pending.try_update_value(|pending| std::mem::replace(pending, true)) == Some(false) {
            request_animation_frame(move || {
                if pending.try_set_value(false).is_none() {
                    list.on_scroll();
                }
            });
        }
    });
    // The height of the window may have changed.
    let _ = use_event_listener(use_window(), ev::resize, move |_| list.on_scroll());
    // The browser would scroll only to the end of what is loaded.
    let _ = use_event_listener(use_window(), ev::keydown, move |event| {
        if event.key() == "End" && is_shortcut(&event) {
            event.prevent_default();
            list.scroll_to_end();
        }
    });
    // A new layout may bring days into view that are not loaded.
    Effect::new(move |first: Option<()>| {
        list.layout.track();
        if first.is_some() && started.get_value() {
            list.restore_anchor();
            list.load_visible();
        }
    });
    on_return(move || list.library.live(), move || list.load_visible());
    // A change of the index may have invalidated the counts.
    Effect::new(move |_| {
        list.library.day_index.track();
        if list.viewport.with_untracked(Option::is_some) {
            list.library.count_days();
        }
    });
}
