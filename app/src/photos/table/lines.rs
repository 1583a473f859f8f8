//! The lines of the table that are looked at, and what is loaded for it.

use super::plan::{Division, Line, LineKey, Plan, Space, USUAL_TEXT};
use super::scrubber::Scrubber;
use super::shown::Shown;
use super::sight::{Anchor, LeftAt, Sight, USUAL_WIDTH, division_here, remember_width, scroll_by, text_size};
use crate::photos::entry::Entry;
use crate::photos::library::Library;
use crate::photos::tile::Tile;
use crate::photos::uploads::Uploads;
use crate::ui::connection::on_return;
use crate::ui::keys::is_shortcut;
use crate::ui::later::Later;
use crate::ui::words;
use gloo_timers::future::TimeoutFuture;
use leptos::ev;
use leptos::html::{Div, Ul};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_use_resize_observer::use_resize_observer;
use model::photos::Photo;
use model::time::Day;
use web_sys::HtmlElement;

/// Photos are loaded this far above and below the window, in heights of it.
const AHEAD: f64 = 2.0;

/// The window stands still after this, in milliseconds.
const REST_MS: u32 = 120;

/// Below this the window is at the top, and what is new is seen.
const AT_TOP: f64 = 8.0;

/// The table's parts that tell each other of changes.
#[derive(Clone, Copy)]
pub struct View {
    library: Library,
    /// Where everything lies.
    pub plan: Memo<Plan>,
    /// What stands in the window. None on a page from the server, until it was measured: then all lines are there, as they were sent.
    pub sight: RwSignal<Option<Sight>>,
    /// Whether the script places the lines.
    awake: Memo<bool>,
    space: RwSignal<Space>,
    table: NodeRef<Div>,
    anchor: StoredValue<Option<Anchor>>,
    /// Whether somebody asked for the end, and has not left it.
    to_end: StoredValue<bool>,
    scrolls: StoredValue<u32>,
    filling: StoredValue<bool>,
}

impl View {
    fn new(library: Library, division: Division, left: Option<&LeftAt>) -> Self {
        let space = match left {
            Some(left) if left.space.division == division => left.space,
            _ => Space {
                width: USUAL_WIDTH,
                text: USUAL_TEXT,
                division,
            },
        };
        let space = RwSignal::new(space);
        let plan = Memo::new_with_compare(move |_| library.roll.with(|roll| Plan::new(roll, space.get())), |_, _| true);
        let sight = RwSignal::new(None);
        let view = Self {
            library,
            plan,
            sight,
            awake: Memo::new(move |_| sight.with(Option::is_some)),
            space,
            table: NodeRef::new(),
            anchor: StoredValue::new(None),
            to_end: StoredValue::new(false),
            scrolls: StoredValue::new(0),
            filling: StoredValue::new(false),
        };
        // All that is held may be very much, where somebody has looked around.
        if let Some(left) = left {
            sight.set(Some(view.way_back(left)));
        }
        view
    }

    /// The table, once it is part of the page: before that it has no size and no place.
    fn element(self) -> Option<HtmlElement> {
        let element: HtmlElement = self.table.try_get_untracked()??.into();
        element.is_connected().then_some(element)
    }

    /// Looks where the window stands.
    fn look(self) {
        let Some(table) = self.element() else { return };
        let sight = Sight::of(&table);
        if self.sight.get_untracked() != Some(sight) {
            self.sight.set(Some(sight));
        }
        self.remember(sight);
    }

    fn remember(self, sight: Sight) {
        let anchor = self.plan.with_untracked(|plan| {
            if !plan.ends_in(sight) {
                self.to_end.set_value(false);
            }
            let to_end = self.to_end.get_value();
            self.library.roll.with_untracked(|roll| plan.anchor(sight, roll, to_end))
        });
        self.anchor.set_value(anchor);
    }

    /// The window moves: lines follow, and photos are loaded when it rests.
    fn scrolled(self) {
        self.look();
        let scroll = self.scrolls.try_update_value(|scrolls| {
            *scrolls = scrolls.wrapping_add(1);
            *scrolls
        });
        spawn_local(async move {
            TimeoutFuture::new(REST_MS).await;
            if self.scrolls.try_get_value() == scroll {
                self.fill();
            }
        });
    }

    /// The table has another width, in pixels; `resized` unless it is its first one.
    fn measured(self, width: f64, resized: bool) {
        remember_width();
        let (fits, was) = (division_here(), self.space.get_untracked().division);
        // The server guessed before it knew: what serves stays as it is shown until the next page. What does not, the style
        // has hidden until now.
        let division = if resized || !was.serves(fits) { fits } else { was };
        let space = Space {
            width,
            text: text_size(),
            division,
        };
        if self.space.get_untracked() != space {
            self.space.set(space);
        }
    }

    /// The table is as high as all of its lines.
    fn stretch(self) {
        if let Some(table) = self.element() {
            let height = self.plan.with_untracked(|plan| plan.height);
            let _ = table.style().set_property("height", &format!("{height:.1}px"));
        }
    }

    /// After the plan has changed: what was looked at stays where it was, unless that is the top.
    fn settle(self) {
        self.stretch();
        let Some(sight) = self.sight.get_untracked() else { return };
        let top = self.anchor.with_value(|anchor| self.top_for(anchor.as_ref()?));
        let keeps = sight.top > AT_TOP || !untrack(|| self.library.begins_with_newest());
        // The browser may have moved by itself: no window stands below the end of a table that is less high now.
        if let (Some(top), Some(table)) = (top.filter(|_| keeps), self.element()) {
            let off = top - Sight::of(&table).top;
            if off.abs() > 0.5 {
                scroll_by(off);
            }
        }
        self.look();
    }

    /// Where the upper edge is to be for the anchor to be where it was.
    fn top_for(self, anchor: &Anchor) -> Option<f64> {
        let day_at = |day| self.library.roll.with_untracked(|roll| roll.at_or_before(day));
        self.plan.with_untracked(|plan| plan.top_for(anchor, day_at))
    }

    /// Goes to a height of the table.
    pub fn go(self, top: f64) {
        let Some(table) = self.element() else { return };
        scroll_by(top - Sight::of(&table).top);
        self.scrolled();
    }

    /// Goes to the end, and stays there while older days become known.
    fn go_to_end(self) {
        self.to_end.set_value(true);
        self.go(self.plan.with_untracked(|plan| plan.height));
    }

    /// What who comes back from a photo looks at: what stood there, or that photo in the middle, where it did not stand there as a whole.
    fn way_back(self, left: &LeftAt) -> Sight {
        let sight = Sight::at(self.top_for(&left.anchor).unwrap_or(left.top));
        self.plan
            .with_untracked(|plan| match left.viewed.as_ref().and_then(|id| plan.line_of(id)) {
                Some(line) if line.top < sight.top || line.top + line.height > sight.bottom() => {
                    Sight::at(line.top - (sight.height - line.height) / 2.0)
                }
                _ => sight,
            })
    }

    /// What is to be known when somebody comes back. None where nothing was there to be looked at.
    fn left_at(self) -> Option<LeftAt> {
        Some(LeftAt {
            anchor: self.anchor.try_get_value().flatten()?,
            top: self.sight.try_get_untracked().flatten()?.top,
            space: self.space.try_get_untracked()?,
            viewed: None,
        })
    }

    /// Loads what is looked at, a page after the other, until all of it is there.
    fn fill(self) {
        if self.filling.try_update_value(|filling| std::mem::replace(filling, true)) != Some(false) {
            return;
        }
        spawn_local(async move {
            while let Some(start) = self.wanted() {
                if !self.library.fill(start).await {
                    break;
                }
            }
            self.filling.try_set_value(false);
        });
    }

    fn wanted(self) -> Option<model::timeline::Start> {
        let sight = self.sight.try_get_untracked()??;
        let ahead = sight.height * AHEAD;
        let looked_at = self
            .plan
            .try_with_untracked(|plan| plan.days_between(sight.top - ahead, sight.bottom() + ahead))?;
        // Not while it is looked at from elsewhere.
        self.library.roll.try_update_untracked(|roll| roll.let_go(&looked_at));
        self.library.roll.with_untracked(|roll| roll.wanted(looked_at))
    }

    /// The day at the upper edge.
    pub fn day(self) -> Option<Day> {
        let sight = self.sight.get()?;
        let bar = 64.0;
        let at = self
            .plan
            .with(|plan| plan.days_between(sight.top + bar, sight.top + bar).start);
        self.library.roll.with(|roll| roll.days().get(at).map(|held| held.day))
    }

    /// Every day with where it begins.
    pub fn days(self) -> Vec<(Day, f64)> {
        self.plan.with(|plan| {
            self.library.roll.with_untracked(|roll| {
                let days = roll.days().iter().map(|held| held.day);
                days.zip(plan.tops.iter().copied()).collect()
            })
        })
    }
}

/// All lines, of which those are there that are looked at.
#[component]
pub fn Lines(division: Division) -> impl IntoView {
    let library = Library::here();
    let left = library.come_back();
    let view = View::new(library, division, left.as_ref());
    wake(view, left);
    let shown = shown(view);
    let when = Memo::new(move |_| view.sight.get().filter(|sight| sight.top > 0.0).and_then(|_| view.day()));
    view! {
        <div class=format!("lines {}", division.class()) class:awake=move || view.awake.get() node_ref=view.table>
            <p class="when" aria-hidden="true">{move || when.get().map(words::month)}</p>
            <For each=move || shown.get().lines key=LineKey::clone let:key>
                {view.plan.with_untracked(|plan| plan.line(&key).cloned()).map(|line| view! { <Row view line key/> })}
            </For>
        </div>
        <Scrubber view/>
    }
}

/// The lines that are there, turn by turn.
fn shown(view: View) -> Memo<Shown> {
    let turn = Trigger::new();
    let shown = Memo::new(move |before: Option<&Shown>| {
        turn.track();
        view.plan.with(|plan| match view.sight.get() {
            None => Shown::all(plan),
            Some(sight) => Shown::next(plan, sight, before),
        })
    });
    let waiting = StoredValue::new(false);
    Effect::new(move |_| {
        if shown.with(|shown| shown.more) && !waiting.get_value() {
            waiting.set_value(true);
            spawn_local(async move {
                TimeoutFuture::new(0).await;
                waiting.try_set_value(false);
                turn.notify();
            });
        }
    });
    shown
}

/// Where a line is, in pixels from the top of the table.
#[derive(Clone, Copy, PartialEq)]
struct Placement {
    /// Where it was laid.
    laid: f64,
    /// Where it is by now.
    top: f64,
    height: f64,
}

/// One line.
#[component]
fn Row(view: View, line: Line, key: LineKey) -> impl IntoView {
    let node = NodeRef::<Ul>::new();
    // A page may carry no styles: they are set by the script, once the table was measured. A line is laid where it first is,
    // as the server did, and moved from there: so a browser counts neither as a jump.
    Effect::new(move |before: Option<Option<(HtmlElement, Placement)>>| {
        let element: HtmlElement = node.get()?.into();
        let before = before
            .flatten()
            .filter(|(placed, _)| *placed == element)
            .map(|(_, place)| place);
        let place = view
            .awake
            .get()
            .then(|| view.plan.with(|plan| plan.line(&key).map(|line| (line.top, line.height))));
        let (top, height) = place.flatten()?;
        let laid = before.map_or(top, |before| before.laid);
        let now = Placement { laid, top, height };
        if before != Some(now) {
            let style = element.style();
            let _ = style.set_property("top", &format!("{laid:.2}px"));
            let _ = style.set_property("transform", &format!("translateY({:.2}px)", top - laid));
            let _ = style.set_property("height", &format!("{height:.2}px"));
        }
        Some((element, now))
    });
    let uploads = Uploads::here();
    let entries: Vec<Entry> = line.photos.iter().map(|placed| placed.entry.clone()).collect();
    let made_of = move || {
        let photo = |entry: &Entry| (entry.peek(Photo::clone), uploads.of(&entry.id).is_some());
        entries.iter().map(photo).collect::<Vec<_>>()
    };
    Later::new(node, move || tiles(line, node), made_of)
}

/// A line's photos.
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

/// From the moment it has a size, the table follows it and the window.
fn wake(view: View, left: Option<LeftAt>) {
    let left = StoredValue::new(left);
    let woken = StoredValue::new(false);
    use_resize_observer(view.table, move |entries, _| {
        // An element that is not part of the page, or no longer, has no width.
        let width = entries.first().map(|entry| entry.content_rect().width());
        let Some(width) = width.filter(|width| *width > 0.0) else {
            return;
        };
        match woken.try_update_value(|woken| std::mem::replace(woken, true)) {
            Some(false) => first_measured(view, width, left.try_update_value(Option::take).flatten()),
            Some(true) if width != view.space.with_untracked(|space| space.width) => {
                view.measured(width, true);
                // Before the window's own listener looks again, so that what was looked at stays.
                view.settle();
                view.fill();
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
                        view.scrolled();
                    }
                });
            }
        });
        // It may be higher or lower, too.
        let on_resize = window_event_listener(ev::resize, move |_| view.scrolled());
        // The browser would go to the end of what is known so far.
        let on_end = window_event_listener(ev::keydown, move |event| {
            if event.key() == "End" && is_shortcut(&event) {
                event.prevent_default();
                view.go_to_end();
            }
        });
        on_cleanup(move || {
            on_end.remove();
            on_scroll.remove();
            on_resize.remove();
        });
    });
    // What changed may be wanted now.
    Effect::new(move |first: Option<()>| {
        view.plan.track();
        if first.is_some() && woken.get_value() {
            view.settle();
            view.fill();
        }
    });
    on_return(view.library, move || view.fill());
    // Counts that were found to be wrong are asked for again.
    Effect::new(move |_| {
        view.library.roll.track();
        if view.sight.with_untracked(Option::is_some) {
            view.library.count_days();
        }
    });
    on_cleanup(move || {
        view.library.left_at.set_value(view.left_at());
    });
}

/// The table has its first size: its lines are laid for it.
fn first_measured(view: View, width: f64, left: Option<LeftAt>) {
    view.measured(width, false);
    match left {
        Some(left) => come_back(view, left),
        None => view.look(),
    }
    view.settle();
    view.library.count_days();
    view.fill();
}

/// Who comes back from a photo finds it where it was.
fn come_back(view: View, left: LeftAt) {
    let go = move || {
        if view.element().is_some() {
            view.go(view.way_back(&left).top);
        }
    };
    // Nobody scrolls further than the table is high.
    view.stretch();
    go();
    // The router and the browser may have gone elsewhere, before one sees it.
    request_animation_frame(go);
}
