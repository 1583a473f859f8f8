//! The state of the virtual list: where it is scrolled to, and which photos it loads.

use super::layout::{Breakpoint, DEFAULT_TEXT_SIZE, Layout, Space};
use super::saved_scroll::SavedScroll;
use super::viewport::{Anchor, DEFAULT_WIDTH, Viewport, current_breakpoint, remember_width, scroll_by, text_size};
use crate::photos::library::Library;
use gloo_timers::future::TimeoutFuture;
use leptos::html::Div;
use leptos::prelude::*;
use leptos::task::spawn_local;
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
    pub library: Library,
    pub layout: Memo<Layout>,
    /// None until the list is measured. Until then all lines are rendered, as the server sent them.
    pub viewport: RwSignal<Option<Viewport>>,
    /// Whether lines are positioned absolutely, which needs a script.
    pub positioned: Memo<bool>,
    pub space: RwSignal<Space>,
    pub node: NodeRef<Div>,
    anchor: StoredValue<Option<Anchor>>,
    /// Whether the End key was pressed: the list stays at its end while it grows, until it is scrolled away.
    stick_to_end: StoredValue<bool>,
    scroll_count: StoredValue<u32>,
    loading: StoredValue<bool>,
}

impl VirtualList {
    /// Not measured yet; in the position that was saved, if any.
    pub fn new(library: Library, breakpoint: Breakpoint, saved: Option<&SavedScroll>) -> Self {
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
    pub fn on_scroll(self) {
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
    pub fn set_width(self, width: f64, resized: bool) {
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

    /// Takes the list's width, in pixels, when it is measured for the first time, and scrolls to the saved position.
    pub fn first_measured(self, width: f64, saved: Option<SavedScroll>) {
        self.set_width(width, false);
        match saved {
            Some(saved) => self.restore_scroll(saved),
            None => self.measure_viewport(),
        }
        self.restore_anchor();
        self.library.count_days();
        self.load_visible();
    }

    /// Scrolls to the position that was saved when the list was left.
    fn restore_scroll(self, saved: SavedScroll) {
        let go = move || {
            if self.element().is_some() {
                self.scroll_to(self.restored_viewport(&saved).top);
            }
        };
        // The browser clamps scrolling to the height.
        self.apply_height();
        go();
        // Again after the router and the browser have scrolled, before the next paint.
        request_animation_frame(go);
    }

    /// Gives the element the height of all lines.
    fn apply_height(self) {
        if let Some(element) = self.element() {
            let height = self.layout.with_untracked(|layout| layout.height);
            let _ = element.style().set_property("height", &format!("{height:.1}px"));
        }
    }

    /// Scroll anchoring after the layout has changed: what was in view stays there, unless the list is at the top.
    pub fn restore_anchor(self) {
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
    pub fn scroll_to_end(self) {
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
    pub fn saved_scroll(self) -> Option<SavedScroll> {
        Some(SavedScroll {
            anchor: self.anchor.try_get_value().flatten()?,
            top: self.viewport.try_get_untracked().flatten()?.top,
            space: self.space.try_get_untracked()?,
            last_viewed: None,
        })
    }

    /// Loads pages one after the other until all photos around the viewport are held.
    pub fn load_visible(self) {
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
