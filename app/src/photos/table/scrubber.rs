//! The way through the years: at the edge of the window, as long as the table.

use super::lines::View;
use super::sight::Sight;
use crate::ui::words;
use leptos::html::Div;
use leptos::prelude::*;
use model::time::Day;
use std::time::Duration;
use web_sys::{HtmlElement, KeyboardEvent, PointerEvent};

/// Years are written no nearer to each other than this part of the scrubber.
const BETWEEN_YEARS: f64 = 0.035;

/// The table has to be this many windows high for a scrubber to be of use.
const WORTH: f64 = 2.0;

/// The handle for fingers stays this long after the window stands still.
const HANDLE: Duration = Duration::from_millis(1_500);

/// A year, and where it begins, as a part of the table.
#[derive(Debug, Clone, PartialEq)]
struct Year {
    year: i64,
    at: f64,
}

/// Years with room between them, newest first.
fn years(days: &[(Day, f64)], height: f64) -> Vec<Year> {
    let mut years: Vec<Year> = vec![];
    let mut last = None;
    for (day, top) in days {
        let (year, ..) = day.civil();
        if last.replace(year) == Some(year) {
            continue;
        }
        let at = top / height.max(1.0);
        if years.last().is_none_or(|before| at - before.at >= BETWEEN_YEARS) {
            years.push(Year { year, at });
        }
    }
    years
}

/// The day that is at a part of the table.
fn day_at(days: &[(Day, f64)], height: f64, part: f64) -> Option<(Day, f64)> {
    let at = days.partition_point(|(_, top)| *top <= part * height).saturating_sub(1);
    days.get(at).copied()
}

/// The next day in a direction that is in another month, or in another year.
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
        // The first day of the newer one.
        let newer = days.iter().rev().find(|(day, _)| *day > from && unit(*day) != own)?;
        days.iter().find(|(day, _)| unit(*day) == unit(newer.0)).map(|(_, top)| *top)
    }
}

/// The scrubber: dragged, or worked with the keyboard.
#[component]
pub fn Scrubber(view: View) -> impl IntoView {
    let node = NodeRef::<Div>::new();
    let dragged = RwSignal::new(None::<f64>);
    let days = Memo::new(move |_| view.days());
    let height = move || view.plan.with(|plan| plan.height);
    let useful = Memo::new(move |_| {
        view.sight
            .with(|sight| sight.is_some_and(|sight| height() > WORTH * sight.height))
    });
    let part = Memo::new(move |_| {
        let sight = view.sight.get().unwrap_or_default();
        (sight.top / (height() - sight.height).max(1.0)).clamp(0.0, 1.0)
    });
    let scrolled = scrolled(view);
    let said = move || view.day().map(words::month).unwrap_or_default();
    let go_to = move |event: &PointerEvent| {
        let Some(element) = node.get_untracked().map(HtmlElement::from) else {
            return;
        };
        let rect = element.get_bounding_client_rect();
        let at = ((f64::from(event.client_y()) - rect.top()) / rect.height().max(1.0)).clamp(0.0, 1.0);
        dragged.set(Some(at));
        let sight = view.sight.get_untracked().unwrap_or_default();
        let height = view.plan.with_untracked(|plan| plan.height);
        view.go(at * (height - sight.height).max(0.0));
    };
    let on_down = move |event: PointerEvent| {
        if event.button() != 0 {
            return;
        }
        if let Some(element) = node.get_untracked().map(HtmlElement::from) {
            // Without it the drag ends at the edge.
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
        let Some(here) = view.day() else { return };
        let goal = days.with_untracked(|days| match event.key().as_str() {
            "ArrowDown" | "ArrowRight" => step(days, here, true, false),
            "ArrowUp" | "ArrowLeft" => step(days, here, false, false),
            "PageDown" => step(days, here, true, true),
            "PageUp" => step(days, here, false, true),
            "Home" => Some(0.0),
            "End" => days.last().map(|(_, top)| *top),
            _ => None,
        });
        if let Some(goal) = goal {
            event.prevent_default();
            // Just below its upper edge, which the bar would hide.
            view.go((goal - 60.0).max(0.0));
        }
    };
    // Each is as high as the scrubber, and moved by parts of that. The script does it: a page may carry no styles.
    let place = move |node: NodeRef<Div>, at: Signal<f64>| {
        Effect::new(move |_| {
            let at = at.get();
            if let Some(element) = node.get().map(HtmlElement::from) {
                let _ = element
                    .style()
                    .set_property("transform", &format!("translateY({:.3}%)", at * 100.0));
            }
        });
    };
    let hand = NodeRef::<Div>::new();
    place(hand, Signal::derive(move || dragged.get().unwrap_or_else(|| part.get())));
    let spoken = move || match dragged.get() {
        Some(at) => days
            .with(|days| day_at(days, height(), at))
            .map(|(day, _)| words::month(day))
            .unwrap_or_default(),
        None => said(),
    };
    view! {
        <Show when=move || useful.get()>
            <div
                class="scrubber"
                class:dragged=move || dragged.with(Option::is_some)
                class:scrolled=move || scrolled.get()
                role="slider"
                tabindex="0"
                aria-label=words::SCRUBBER
                aria-orientation="vertical"
                aria-valuemin="0"
                aria-valuemax="100"
                aria-valuenow=move || (part.get() * 100.0).round().abs()
                aria-valuetext=said
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
                        place(mark, Signal::derive(move || year.at));
                        view! { <div class="year" node_ref=mark><span>{year.year}</span></div> }
                    }
                </For>
                <div class="hand" node_ref=hand><span>{spoken}</span></div>
            </div>
        </Show>
    }
}

/// Whether the window moves, or did so a moment ago.
fn scrolled(view: View) -> RwSignal<bool> {
    let scrolled = RwSignal::new(false);
    let mut rest = debounce(HANDLE, move |()| {
        scrolled.try_set(false);
    });
    Effect::new(move |before: Option<Option<Sight>>| {
        let sight = view.sight.get();
        if before.flatten().is_some_and(|before| Some(before) != sight) {
            scrolled.set(true);
            rest(());
        }
        sight
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
    fn years_stand_where_they_begin_and_leave_each_other_room() {
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
    fn keys_go_by_month_and_by_year() {
        let day = |text: &str| text.parse().expect("a day");
        assert_eq!(step(&days(), day("2026-03-02"), true, false), Some(200.0));
        assert_eq!(step(&days(), day("2026-03-02"), true, true), Some(300.0));
        assert_eq!(step(&days(), day("2025-12-20"), false, false), Some(200.0));
        assert_eq!(step(&days(), day("2020-05-05"), false, true), Some(300.0));
        assert_eq!(step(&days(), day("2020-05-05"), true, true), None);
        assert_eq!(step(&days(), day("2026-03-01"), false, false), None);
    }

    #[test]
    fn the_day_under_the_hand_is_told() {
        assert_eq!(day_at(&days(), 600.0, 0.0).map(|(_, top)| top), Some(0.0));
        assert_eq!(day_at(&days(), 600.0, 0.6).map(|(_, top)| top), Some(300.0));
        assert_eq!(day_at(&[], 600.0, 0.6), None);
    }
}
