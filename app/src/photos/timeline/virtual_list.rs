//! The virtual list of the timeline: renders the lines near the viewport and loads the photos around them.

use super::layout::{Breakpoint, DEFAULT_TEXT_SIZE, Layout, Line, LineKey, Space};
use super::saved_scroll::{SavedScroll, TimelineScroll};
use super::scrubber::Scrubber;
use super::viewport::{Anchor, DEFAULT_WIDTH, Viewport, current_breakpoint, remember_width, scroll_by, text_size};
use super::visible_lines::VisibleLines;
use crate::photos::entry::Entry;
use crate::photos::library::Library;
use crate::photos::tile::Tile;
use crate::photos::uploads::Uploads;
use crate::ui::connection::on_return;
use crate::ui::keys::is_shortcut;
use crate::ui::lazy_hydration::Later;
use crate::ui::messages;
use gloo_timers::future::TimeoutFuture;
use leptos::ev;
use leptos::html::{Div, Ul};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_use_resize_observer::use_resize_observer;
use model::photos::Photo;
use model::time::Day;
use web_sys::HtmlElement;

/// Photos are loaded this far above and below the viewport, in viewport heights.
const LOAD_AHEAD: f64 = 2.0;

/// Scrolling has stopped after this, in milliseconds.
const SCROLL_REST_MS: u32 = 120;

/// Up to this scroll position, in pixels, the list stays at the top, so that new photos show.
const AT_TOP: f64 = 8.0;

/// The state of the list.
#[derive(Clone, Copy)]
pub struct VirtualList {
    library: Library,
    pub layout: Memo<Layout>,
    /// None until the list is measured. Until then all lines are rendered, as the server sent them.
    pub viewport: RwSignal<Option<Viewport>>,
    /// Whether lines are positioned absolutely, which needs a script.
    positioned: Memo<bool>,
    space: RwSignal<Space>,
    node: NodeRef<Div>,
    anchor: StoredValue<Option<Anchor>>,
    /// Whether the End key was pressed: the list stays at its end while it grows, until it is scrolled away.
    stick_to_end: StoredValue<bool>,
    scroll_count: StoredValue<u32>,
    loading: StoredValue<bool>,
}

impl VirtualList {
    fn new(library: Library, breakpoint: Breakpoint, saved: Option<&SavedScroll>) -> Self {
        let space = match saved {
            Some(saved) if saved.space.breakpoint == breakpoint => saved.space,
            _ => Space {
                width: DEFAULT_WIDTH,
                text: DEFAULT_TEXT_SIZE,
                breakpoint,
            },
        };
        let space = RwSignal::new(space);
        let layout = Memo::new_with_compare(
            move |_| library.day_index.with(|index| Layout::new(index, space.get())),
            |_, _| true,
        );
        let viewport = RwSignal::new(None);
        let list = Self {
            library,
            layout,
            viewport,
            positioned: Memo::new(move |_| viewport.with(Option::is_some)),
            space,
            node: NodeRef::new(),
            anchor: StoredValue::new(None),
            stick_to_end: StoredValue::new(false),
            scroll_count: StoredValue::new(0),
            loading: StoredValue::new(false),
        };
        // Without a viewport all lines would be rendered, and many may be held.
        if let Some(saved) = saved {
            viewport.set(Some(list.restored_viewport(saved)));
        }
        list
    }

    /// The list's element, once it is connected: before that it has no size and no position.
    fn element(self) -> Option<HtmlElement> {
        let element: HtmlElement = self.node.try_get_untracked()??.into();
        element.is_connected().then_some(element)
    }

    /// Measures the viewport.
    fn measure_viewport(self) {
        let Some(element) = self.element() else { return };
        let viewport = Viewport::of(&element);
        if self.viewport.get_untracked() != Some(viewport) {
            self.viewport.set(Some(viewport));
        }
        self.update_anchor(viewport);
    }

    fn update_anchor(self, viewport: Viewport) {
        let anchor = self.layout.with_untracked(|layout| {
            if !layout.ends_in(viewport) {
                self.stick_to_end.set_value(false);
            }
            let stick_to_end = self.stick_to_end.get_value();
            self.library
                .day_index
                .with_untracked(|index| layout.anchor(viewport, index, stick_to_end))
        });
        self.anchor.set_value(anchor);
    }

    /// Renders the lines in view at once, and loads photos when scrolling has stopped.
    fn on_scroll(self) {
        self.measure_viewport();
        let scroll = self.scroll_count.try_update_value(|scroll_count| {
            *scroll_count = scroll_count.wrapping_add(1);
            *scroll_count
        });
        spawn_local(async move {
            TimeoutFuture::new(SCROLL_REST_MS).await;
            if self.scroll_count.try_get_value() == scroll {
                self.load_visible();
            }
        });
    }

    /// Sets the list's width, in pixels. `resized` is false for the first measurement.
    fn set_width(self, width: f64, resized: bool) {
        remember_width();
        let (current, previous) = (current_breakpoint(), self.space.get_untracked().breakpoint);
        // The server guessed the breakpoint. A guess that is off by one stays until the next page, to avoid a layout shift;
        // lines of a worse guess were hidden by the style until now.
        let breakpoint = if resized || !previous.is_adjacent(current) {
            current
        } else {
            previous
        };
        let space = Space {
            width,
            text: text_size(),
            breakpoint,
        };
        if self.space.get_untracked() != space {
            self.space.set(space);
        }
    }

    /// Gives the element the height of all lines.
    fn apply_height(self) {
        if let Some(element) = self.element() {
            let height = self.layout.with_untracked(|layout| layout.height);
            let _ = element.style().set_property("height", &format!("{height:.1}px"));
        }
    }

    /// Scroll anchoring after the layout has changed: what was in view stays there, unless the list is at the top.
    fn restore_anchor(self) {
        self.apply_height();
        let Some(viewport) = self.viewport.get_untracked() else {
            return;
        };
        let top = self.anchor.with_value(|anchor| self.top_for(anchor.as_ref()?));
        let anchored = viewport.top > AT_TOP || !untrack(|| self.library.begins_with_newest());
        // The browser may have scrolled: it clamps the position when the list gets shorter.
        if let (Some(top), Some(element)) = (top.filter(|_| anchored), self.element()) {
            let off = top - Viewport::of(&element).top;
            if off.abs() > 0.5 {
                scroll_by(off);
            }
        }
        self.measure_viewport();
    }

    /// The scroll position at which the anchor is where it was.
    fn top_for(self, anchor: &Anchor) -> Option<f64> {
        let day_at = |day| self.library.day_index.with_untracked(|index| index.at_or_before(day));
        self.layout.with_untracked(|layout| layout.top_for(anchor, day_at))
    }

    /// Scrolls to an offset from the top of the list, in pixels.
    pub fn scroll_to(self, top: f64) {
        let Some(element) = self.element() else { return };
        scroll_by(top - Viewport::of(&element).top);
        self.on_scroll();
    }

    /// Scrolls to the end, and stays there while older days are added.
    fn scroll_to_end(self) {
        self.stick_to_end.set_value(true);
        self.scroll_to(self.layout.with_untracked(|layout| layout.height));
    }

    /// The viewport after coming back from the viewer: as saved, or with the last viewed photo in the middle where it would
    /// not be fully visible.
    fn restored_viewport(self, saved: &SavedScroll) -> Viewport {
        let viewport = Viewport::at(self.top_for(&saved.anchor).unwrap_or(saved.top));
        self.layout
            .with_untracked(|layout| match saved.last_viewed.as_ref().and_then(|id| layout.line_of(id)) {
                Some(line) if line.top < viewport.top || line.top + line.height > viewport.bottom() => {
                    Viewport::at(line.top - (viewport.height - line.height) / 2.0)
                }
                _ => viewport,
            })
    }

    /// The scroll position to save. None if nothing was rendered.
    fn saved_scroll(self) -> Option<SavedScroll> {
        Some(SavedScroll {
            anchor: self.anchor.try_get_value().flatten()?,
            top: self.viewport.try_get_untracked().flatten()?.top,
            space: self.space.try_get_untracked()?,
            last_viewed: None,
        })
    }

    /// Loads pages one after the other until all photos around the viewport are held.
    fn load_visible(self) {
        if self.loading.try_update_value(|loading| std::mem::replace(loading, true)) != Some(false) {
            return;
        }
        spawn_local(async move {
            while let Some(start) = self.next_page() {
                if !self.library.fetch_page(start).await {
                    break;
                }
            }
            self.loading.try_set_value(false);
        });
    }

    fn next_page(self) -> Option<model::timeline::Start> {
        let viewport = self.viewport.try_get_untracked()??;
        let ahead = viewport.height * LOAD_AHEAD;
        let visible = self
            .layout
            .try_with_untracked(|layout| layout.days_between(viewport.top - ahead, viewport.bottom() + ahead))?;
        self.library.day_index.try_update_untracked(|index| index.evict(&visible));
        self.library.day_index.with_untracked(|index| index.next_page(visible))
    }

    /// The day at the upper edge of the viewport.
    pub fn current_day(self) -> Option<Day> {
        let viewport = self.viewport.get()?;
        let bar = 64.0;
        let at = self
            .layout
            .with(|layout| layout.days_between(viewport.top + bar, viewport.top + bar).start);
        self.library.day_index.with(|index| index.days().get(at).map(|held| held.day))
    }

    /// Every day and its offset from the top, in pixels.
    pub fn day_offsets(self) -> Vec<(Day, f64)> {
        self.layout.with(|layout| {
            self.library.day_index.with_untracked(|index| {
                let days = index.days().iter().map(|held| held.day);
                days.zip(layout.tops.iter().copied()).collect()
            })
        })
    }
}

/// The list. Only lines near the viewport are rendered.
#[component]
pub fn Lines(breakpoint: Breakpoint) -> impl IntoView {
    let (library, scroll) = (Library::here(), TimelineScroll::here());
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
        <div class=format!("lines {}", breakpoint.class()) class:awake=move || list.positioned.get() node_ref=list.node>
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
    Effect::new(move |before: Option<Option<(HtmlElement, Position)>>| {
        let element: HtmlElement = node.get()?.into();
        let before = before
            .flatten()
            .filter(|(placed, _)| *placed == element)
            .map(|(_, place)| place);
        let place = list.positioned.get().then(|| {
            list.layout
                .with(|layout| layout.line(&key).map(|line| (line.top, line.height)))
        });
        let (top, height) = place.flatten()?;
        let first_top = before.map_or(top, |before| before.first_top);
        let now = Position { first_top, top, height };
        if before != Some(now) {
            let style = element.style();
            let _ = style.set_property("top", &format!("{first_top:.2}px"));
            let _ = style.set_property("transform", &format!("translateY({:.2}px)", top - first_top));
            let _ = style.set_property("height", &format!("{height:.2}px"));
        }
        Some((element, now))
    });
    let uploads = Uploads::here();
    let entries: Vec<Entry> = line.photos.iter().map(|placed| placed.entry.clone()).collect();
    let made_of = move || {
        let photo = |entry: &Entry| (entry.peek(Photo::clone), uploads.item_for(&entry.id).is_some());
        entries.iter().map(photo).collect::<Vec<_>>()
    };
    Later::new(node, move || tiles(line, node), made_of)
}

/// The tiles of a line.
fn tiles(line: Line, node: NodeRef<Ul>) -> AnyView {
    let tiles = line.photos.into_iter().map(|placed| {
        view! { <Tile entry=placed.entry shape=placed.aspect.class() begins=placed.begins/> }
    });
    view! {
        <ul class="line" class:labelled=line.labelled node_ref=node>
            {tiles.collect_view()}
            {line.rest.map(|rest| view! { <li class=format!("rest {}", rest.class()) aria-hidden="true"></li> })}
        </ul>
    }
    .into_any()
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
            Some(false) => first_measured(list, width, saved.try_update_value(Option::take).flatten()),
            Some(true) if width != list.space.with_untracked(|space| space.width) => {
                list.set_width(width, true);
                // Before the window's `resize` listener measures the viewport and replaces the anchor.
                list.restore_anchor();
                list.load_visible();
            }
            _ => {}
        }
    });
    Effect::new(move |_| {
        let pending = StoredValue::new(false);
        let on_scroll = window_event_listener(ev::scroll, move |_| {
            if pending.try_update_value(|pending| std::mem::replace(pending, true)) == Some(false) {
                request_animation_frame(move || {
                    if pending.try_set_value(false).is_none() {
                        list.on_scroll();
                    }
                });
            }
        });
        // The height of the window may have changed.
        let on_resize = window_event_listener(ev::resize, move |_| list.on_scroll());
        // The browser would scroll only to the end of what is loaded.
        let on_end = window_event_listener(ev::keydown, move |event| {
            if event.key() == "End" && is_shortcut(&event) {
                event.prevent_default();
                list.scroll_to_end();
            }
        });
        on_cleanup(move || {
            on_end.remove();
            on_scroll.remove();
            on_resize.remove();
        });
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

/// The list was measured for the first time.
fn first_measured(list: VirtualList, width: f64, saved: Option<SavedScroll>) {
    list.set_width(width, false);
    match saved {
        Some(saved) => restore_scroll(list, saved),
        None => list.measure_viewport(),
    }
    list.restore_anchor();
    list.library.count_days();
    list.load_visible();
}

/// Scrolls to the position that was saved when the list was left.
fn restore_scroll(list: VirtualList, saved: SavedScroll) {
    let go = move || {
        if list.element().is_some() {
            list.scroll_to(list.restored_viewport(&saved).top);
        }
    };
    // The browser clamps scrolling to the height.
    list.apply_height();
    go();
    // Again after the router and the browser have scrolled, before the next paint.
    request_animation_frame(go);
}
