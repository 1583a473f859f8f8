//! The viewport, scroll anchoring, and the width of the window.

use super::layout::{Breakpoint, DEFAULT_TEXT_SIZE, Layout};
use crate::photos::library::day_index::DayIndex;
use leptos::prelude::*;
use model::ids::PhotoId;
use model::time::Day;
use web_sys::{HtmlElement, ScrollBehavior, ScrollToOptions};

/// The window's width in pixels where it is unknown.
pub const DEFAULT_WIDTH: f64 = 1280.0;
#[cfg(feature = "ssr")]
const DEFAULT_PHONE_WIDTH: f64 = 390.0;

/// The window's width, for the next page that the server renders.
const COOKIE: &str = "width";

/// What keeps its position in the viewport when the layout changes.
#[derive(Debug, Clone, PartialEq)]
pub enum Anchor {
    /// A photo's line, and its offset from the upper edge of the viewport, in pixels.
    Photo(PhotoId, f64),
    /// A day of which no photo is held, and its offset.
    Day(Day, f64),
    /// The end of the list, and its offset.
    End(f64),
}

/// The visible part of the list.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Viewport {
    /// Offset from the top of the list, in pixels; negative above it.
    pub top: f64,
    /// The height of the window, in pixels.
    pub height: f64,
}

impl Viewport {
    /// This window's viewport, scrolled to an offset.
    pub fn at(top: f64) -> Self {
        let height = window().inner_height().ok().and_then(|height| height.as_f64());
        Self {
            top,
            height: height.unwrap_or(800.0),
        }
    }

    /// Measures the viewport over the list's element.
    pub fn of(element: &HtmlElement) -> Self {
        Self::at(-element.get_bounding_client_rect().top())
    }

    pub fn bottom(self) -> f64 {
        self.top + self.height
    }
}

/// Scrolls the window, without animation.
pub fn scroll_by(pixels: f64) {
    let by = ScrollToOptions::new();
    by.set_top(pixels);
    by.set_behavior(ScrollBehavior::Instant);
    window().scroll_by_with_scroll_to_options(&by);
}

impl Layout {
    /// Whether the viewport has reached the end of the list.
    pub fn ends_in(&self, viewport: Viewport) -> bool {
        viewport.top > 0.0 && viewport.bottom() >= self.height - 1.0
    }

    /// The anchor for a viewport: the end, if reached and either known or asked for (`to_end`); else the first line in the
    /// viewport, or a day.
    pub fn anchor(&self, viewport: Viewport, day_index: &DayIndex, to_end: bool) -> Option<Anchor> {
        if self.ends_in(viewport) && (to_end || day_index.end_is_known()) {
            return Some(Anchor::End(self.height - viewport.top));
        }
        let days = day_index.days();
        let line = self
            .lines_between(viewport.top, viewport.bottom())
            .iter()
            .find(|line| line.top + line.height > viewport.top + 1.0);
        if let Some(line) = line {
            let first = line.photos.first()?;
            return Some(Anchor::Photo(first.entry.id.clone(), line.top - viewport.top));
        }
        let at = self.days_between(viewport.top, viewport.top).start;
        Some(Anchor::Day(days.get(at)?.day, self.tops.get(at)? - viewport.top))
    }

    /// The scroll position at which the anchor is where it was.
    pub fn top_for(&self, anchor: &Anchor, day_at: impl Fn(Day) -> usize) -> Option<f64> {
        match anchor {
            Anchor::Photo(id, below) => Some(self.line_of(id)?.top - below),
            Anchor::Day(day, below) => Some(self.tops.get(day_at(*day))? - below),
            Anchor::End(below) => Some(self.height - below),
        }
    }
}

/// The breakpoint for this window. The server takes the width from a cookie, or guesses it from the kind of device.
pub fn current_breakpoint() -> Breakpoint {
    Breakpoint::of(width_here())
}

#[cfg(not(feature = "ssr"))]
fn width_here() -> f64 {
    window()
        .inner_width()
        .ok()
        .and_then(|width| width.as_f64())
        .unwrap_or(DEFAULT_WIDTH)
}

#[cfg(feature = "ssr")]
fn width_here() -> f64 {
    let Some(parts) = use_context::<http::request::Parts>() else {
        return DEFAULT_WIDTH;
    };
    let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
    let cookies = header("cookie").unwrap_or_default().split(';');
    let kept = cookies
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find(|(name, _)| *name == COOKIE);
    match kept.and_then(|(_, width)| width.parse::<u16>().ok()) {
        Some(width) => f64::from(width),
        None if header("sec-ch-ua-mobile") == Some("?1") => DEFAULT_PHONE_WIDTH,
        None if header("user-agent").is_some_and(|agent| agent.contains("Mobile")) => DEFAULT_PHONE_WIDTH,
        None => DEFAULT_WIDTH,
    }
}

/// The page's text size, in pixels. People may have set another one in their browser.
pub fn text_size() -> f64 {
    let style = document()
        .document_element()
        .and_then(|root| window().get_computed_style(&root).ok().flatten());
    let size = style.and_then(|style| style.get_property_value("font-size").ok());
    size.and_then(|size| size.trim_end_matches("px").parse().ok())
        .unwrap_or(DEFAULT_TEXT_SIZE)
}

/// Stores the window's width in a cookie for the next page that the server renders.
pub fn remember_width() {
    use wasm_bindgen::JsCast;
    let width = width_here();
    if let Ok(document) = document().dyn_into::<web_sys::HtmlDocument>() {
        // If this fails, the server assumes the default width.
        let _ = document.set_cookie(&format!(
            "{COOKIE}={}; path=/; max-age=31536000; samesite=lax; secure",
            width as u16
        ));
    }
}
