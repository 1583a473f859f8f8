//! The scrubber: a slider along the edge of the window for jumping through the years.

use super::viewport::Viewport;
use super::virtual_list::VirtualList;
use crate::ui::messages;
use leptos::html::Div;
use leptos::prelude::*;
use model::time::Day;
use std::time::Duration;
use web_sys::{HtmlElement, KeyboardEvent, PointerEvent};

/// The least distance between two years' labels, as a fraction of the scrubber.
const MIN_YEAR_GAP: f64 = 0.035;

/// The scrubber shows if the list is higher than this many viewports.
const MIN_VIEWPORTS: f64 = 2.0;

/// On touch screens the thumb stays visible for this long after scrolling.
const THUMB_SHOWN: Duration = Duration::from_millis(1_500);

/// A year's label, and its position as a fraction of the list.
#[derive(Debug, Clone, PartialEq)]
struct Year {
    year: i64,
    at: f64,
}

/// The years whose labels have enough space, newest first.
fn years(days: &[(Day, f64)], height: f64) -> Vec<Year> {
    let mut years: Vec<Year> = vec![];
    let mut last = None;
    for (day, top) in days {
        let (year, ..) = day.civil();
        if last.replace(year) == Some(year) {
            continue;
        }
        let at = top / height.max(1.0);
        if years.last().is_none_or(|before| at - before.at >= MIN_YEAR_GAP) {
            years.push(Year { year, at });
        }
    }
    years
}

/// The day at a fraction of the list.
fn day_at(days: &[(Day, f64)], height: f64, part: f64) -> Option<(Day, f64)> {
    let at = days.partition_point(|(_, top)| *top <= part * height).saturating_sub(1);
    days.get(at).copied()
}

/// The offset of the next day in a direction that is in another month, or in another year.
fn step(days: &[(Day, f64)], from: Day, back: bool, by_year: bool) -> Option<f64> {
    let unit = |day: Day| {
        let (year, month, _) = day.civil();
        (year, if by_year { 0 } else { month })
    };
    let own = unit(from);
    if back {
        days.iter()
            .find(|(day, _)| *day < from && unit(*day) != own)
            .map(|(_, top)| *top)
    } else {
        // The first day of the newer month or year.
        let newer = days.iter().rev().find(|(day, _)| *day > from && unit(*day) != own)?;
        days.iter().find(|(day, _)| unit(*day) == unit(newer.0)).map(|(_, top)| *top)
    }
}

/// The scrubber: to drag, or to use with the keyboard.
#[component]
pub fn Scrubber(list: VirtualList) -> impl IntoView {
    let node = NodeRef::<Div>::new();
    let dragged = RwSignal::new(None::<f64>);
    let days = Memo::new(move |_| list.day_offsets());
    let height = move || list.layout.with(|layout| layout.height);
    let is_useful = Memo::new(move |_| {
        list.viewport
            .with(|viewport| viewport.is_some_and(|viewport| height() > MIN_VIEWPORTS * viewport.height))
    });
    let part = Memo::new(move |_| {
        let viewport = list.viewport.get().unwrap_or_default();
        (viewport.top / (height() - viewport.height).max(1.0)).clamp(0.0, 1.0)
    });
    let scrolled = recently_scrolled(list);
    let current_month = move || list.current_day().map(messages::month).unwrap_or_default();
    let go_to = move |event: &PointerEvent| {
        let Some(element) = node.get_untracked().map(HtmlElement::from) else {
            return;
        };
        let rect = element.get_bounding_client_rect();
        let at = ((f64::from(event.client_y()) - rect.top()) / rect.height().max(1.0)).clamp(0.0, 1.0);
        dragged.set(Some(at));
        let viewport = list.viewport.get_untracked().unwrap_or_default();
        let height = list.layout.with_untracked(|layout| layout.height);
        list.scroll_to(at * (height - viewport.height).max(0.0));
    };
    let on_down = move |event: PointerEvent| {
        if event.button() != 0 {
            return;
        }
        if let Some(element) = node.get_untracked().map(HtmlElement::from) {
            // Without pointer capture dragging ends at the element's edge.
            let _ = element.set_pointer_capture(event.pointer_id());
        }
        go_to(&event);
    };
    let on_move = move |event: PointerEvent| {
        if dragged.with_untracked(Option::is_some) {
            go_to(&event);
        }
    };
    let on_up = move |_| dragged.set(None);
    let on_key = move |event: KeyboardEvent| {
        let Some(current) = list.current_day() else { return };
        let goal = days.with_untracked(|days| match event.key().as_str() {
            "ArrowDown" | "ArrowRight" => step(days, current, true, false),
            "ArrowUp" | "ArrowLeft" => step(days, current, false, false),
            "PageDown" => step(days, current, true, true),
            "PageUp" => step(days, current, false, true),
            "Home" => Some(0.0),
            "End" => days.last().map(|(_, top)| *top),
            _ => None,
        });
        if let Some(goal) = goal {
            event.prevent_default();
            // Leaves space for the header, which would cover the day.
            list.scroll_to((goal - 60.0).max(0.0));
        }
    };
    // Each mark is as high as the scrubber and moved by a percentage of that. By script: the CSP allows no inline styles in HTML.
    let position_at = move |node: NodeRef<Div>, at: Signal<f64>| {
        Effect::new(move |_| {
            let at = at.get();
            if let Some(element) = node.get().map(HtmlElement::from) {
                let _ = element
                    .style()
                    .set_property("transform", &format!("translateY({:.3}%)", at * 100.0));
            }
        });
    };
    let thumb = NodeRef::<Div>::new();
    position_at(thumb, Signal::derive(move || dragged.get().unwrap_or_else(|| part.get())));
    let thumb_text = move || match dragged.get() {
        Some(at) => days
            .with(|days| day_at(days, height(), at))
            .map(|(day, _)| messages::month(day))
            .unwrap_or_default(),
        None => current_month(),
    };
    view! {
        <Show when=move || is_useful.get()>
            <div
                class="scrubber"
                class:dragged=move || dragged.with(Option::is_some)
                class:scrolled=move || scrolled.get()
                role="slider"
                tabindex="0"
                aria-label=messages::SCRUBBER
                aria-orientation="vertical"
                aria-valuemin="0"
                aria-valuemax="100"
                aria-valuenow=move || (part.get() * 100.0).round().abs()
                aria-valuetext=current_month
                node_ref=node
                on:pointerdown=on_down
                on:pointermove=on_move
                on:pointerup=on_up
                on:pointercancel=on_up
                on:keydown=on_key
            >
                <For each=move || days.with(|days| years(days, height())) key=|year| (year.year, year.at.to_bits()) let:year>
                    {
                        let mark = NodeRef::<Div>::new();
                        position_at(mark, Signal::derive(move || year.at));
                        view! { <div class="year" node_ref=mark><span>{year.year}</span></div> }
                    }
                </For>
                <div class="hand" node_ref=thumb><span>{thumb_text}</span></div>
            </div>
        </Show>
    }
}

/// Whether the window was scrolled a moment ago.
fn recently_scrolled(list: VirtualList) -> RwSignal<bool> {
    let scrolled = RwSignal::new(false);
    let mut rest = debounce(THUMB_SHOWN, move |()| {
        scrolled.try_set(false);
    });
    Effect::new(move |before: Option<Option<Viewport>>| {
        let viewport = list.viewport.get();
        if before.flatten().is_some_and(|before| Some(before) != viewport) {
            scrolled.set(true);
            rest(());
        }
        viewport
    });
    scrolled
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days() -> Vec<(Day, f64)> {
        let days = [
            "2026-03-02",
            "2026-03-01",
            "2026-01-09",
            "2025-12-24",
            "2025-12-20",
            "2020-05-05",
        ];
        days.iter()
            .zip(0..)
            .map(|(day, at)| (day.parse().expect("a day"), f64::from(at) * 100.0))
            .collect()
    }

    #[test]
    fn years_are_labelled_where_they_begin_unless_too_close() {
        let at = |height| {
            years(&days(), height)
                .into_iter()
                .map(|year| (year.year, year.at))
                .collect::<Vec<_>>()
        };
        assert_eq!(at(1000.0), [(2026, 0.0), (2025, 0.3), (2020, 0.5)]);
        assert_eq!(at(10_000.0), [(2026, 0.0), (2020, 0.05)]);
    }

    #[test]
    fn keys_step_by_month_and_by_year() {
        let day = |text: &str| text.parse().expect("a day");
        assert_eq!(step(&days(), day("2026-03-02"), true, false), Some(200.0));
        assert_eq!(step(&days(), day("2026-03-02"), true, true), Some(300.0));
        assert_eq!(step(&days(), day("2025-12-20"), false, false), Some(200.0));
        assert_eq!(step(&days(), day("2020-05-05"), false, true), Some(300.0));
        assert_eq!(step(&days(), day("2020-05-05"), true, true), None);
        assert_eq!(step(&days(), day("2026-03-01"), false, false), None);
    }

    #[test]
    fn finds_the_day_at_a_position() {
        assert_eq!(day_at(&days(), 600.0, 0.0).map(|(_, top)| top), Some(0.0));
        assert_eq!(day_at(&days(), 600.0, 0.6).map(|(_, top)| top), Some(300.0));
        assert_eq!(day_at(&[], 600.0, 0.6), None);
    }
}
