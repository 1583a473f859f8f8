//! What of the table stands in the window, and going elsewhere.

use super::plan::{Division, Plan, Space, USUAL_TEXT};
use super::roll::Roll;
use leptos::prelude::*;
use model::ids::PhotoId;
use model::time::Day;
use web_sys::{HtmlElement, ScrollBehavior, ScrollToOptions};

/// Width that is assumed where nobody says, in pixels.
pub const USUAL_WIDTH: f64 = 1280.0;
#[cfg(feature = "ssr")]
const USUAL_PHONE: f64 = 390.0;

/// Keeps the window's width for the next page that the server makes.
const COOKIE: &str = "width";

/// What stays where it is while things around it move.
#[derive(Debug, Clone, PartialEq)]
pub enum Anchor {
    /// A photo's line, and how far below the upper edge it begins, in pixels.
    Photo(PhotoId, f64),
    /// A day, where no photo is held.
    Day(Day, f64),
    /// The end of the table, and how far below the upper edge it is, in pixels.
    End(f64),
}

/// Where somebody looked who will come back.
#[derive(Debug, Clone, PartialEq)]
pub struct LeftAt {
    /// What stood at the upper edge.
    pub anchor: Anchor,
    /// Where that edge was, should the anchor be gone.
    pub top: f64,
    /// How the table was laid out.
    pub space: Space,
    /// The photo that was looked at meanwhile, at last.
    pub viewed: Option<PhotoId>,
}

/// What stands in the window.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Sight {
    /// From the top of the table, in pixels; negative above it.
    pub top: f64,
    /// How high the window is, in pixels.
    pub height: f64,
}

impl Sight {
    /// In this window, with the upper edge there.
    pub fn at(top: f64) -> Self {
        let height = window().inner_height().ok().and_then(|height| height.as_f64());
        Self {
            top,
            height: height.unwrap_or(800.0),
        }
    }

    /// Measures where the table stands.
    pub fn of(table: &HtmlElement) -> Self {
        Self::at(-table.get_bounding_client_rect().top())
    }

    /// The lower edge.
    pub fn bottom(self) -> f64 {
        self.top + self.height
    }
}

/// Moves the window at once.
pub fn scroll_by(pixels: f64) {
    let by = ScrollToOptions::new();
    by.set_top(pixels);
    by.set_behavior(ScrollBehavior::Instant);
    window().scroll_by_with_scroll_to_options(&by);
}

impl Plan {
    /// Whether the window has reached the end of what is known.
    pub fn ends_in(&self, sight: Sight) -> bool {
        sight.top > 0.0 && sight.bottom() >= self.height - 1.0
    }

    /// What is to stay where it is: the end, where it is reached and either nothing comes behind it or it was asked for; the first line
    /// that begins in sight, or else a day.
    pub fn anchor(&self, sight: Sight, roll: &Roll, to_end: bool) -> Option<Anchor> {
        if self.ends_in(sight) && (to_end || roll.knows_its_end()) {
            return Some(Anchor::End(self.height - sight.top));
        }
        let days = roll.days();
        let line = self
            .lines_between(sight.top, sight.bottom())
            .iter()
            .find(|line| line.top + line.height > sight.top + 1.0);
        if let Some(line) = line {
            let first = line.photos.first()?;
            return Some(Anchor::Photo(first.entry.id.clone(), line.top - sight.top));
        }
        let at = self.days_between(sight.top, sight.top).start;
        Some(Anchor::Day(days.get(at)?.day, self.tops.get(at)? - sight.top))
    }

    /// Where the upper edge is to be for the anchor to be where it was.
    pub fn top_for(&self, anchor: &Anchor, day_at: impl Fn(Day) -> usize) -> Option<f64> {
        match anchor {
            Anchor::Photo(id, below) => Some(self.line_of(id)?.top - below),
            Anchor::Day(day, below) => Some(self.tops.get(day_at(*day))? - below),
            Anchor::End(below) => Some(self.height - below),
        }
    }
}

/// How lines are divided in this window, as far as one can tell: by its width, by what it said before, or by its kind.
pub fn division_here() -> Division {
    Division::of(width_here())
}

#[cfg(not(feature = "ssr"))]
fn width_here() -> f64 {
    window()
        .inner_width()
        .ok()
        .and_then(|width| width.as_f64())
        .unwrap_or(USUAL_WIDTH)
}

#[cfg(feature = "ssr")]
fn width_here() -> f64 {
    let Some(parts) = use_context::<http::request::Parts>() else {
        return USUAL_WIDTH;
    };
    let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
    let cookies = header("cookie").unwrap_or_default().split(';');
    let kept = cookies
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find(|(name, _)| *name == COOKIE);
    match kept.and_then(|(_, width)| width.parse::<u16>().ok()) {
        Some(width) => f64::from(width),
        None if header("sec-ch-ua-mobile") == Some("?1") => USUAL_PHONE,
        None if header("user-agent").is_some_and(|agent| agent.contains("Mobile")) => USUAL_PHONE,
        None => USUAL_WIDTH,
    }
}

/// The page's text size, in pixels: who sees less well has it larger.
pub fn text_size() -> f64 {
    let style = document()
        .document_element()
        .and_then(|root| window().get_computed_style(&root).ok().flatten());
    let size = style.and_then(|style| style.get_property_value("font-size").ok());
    size.and_then(|size| size.trim_end_matches("px").parse().ok())
        .unwrap_or(USUAL_TEXT)
}

/// Lets the server know how wide the window is, when it makes the next page.
pub fn remember_width() {
    use wasm_bindgen::JsCast;
    let width = width_here();
    if let Ok(document) = document().dyn_into::<web_sys::HtmlDocument>() {
        // Without it the next page is laid out for a window of usual width.
        let _ = document.set_cookie(&format!(
            "{COOKIE}={}; path=/; max-age=31536000; samesite=lax; secure",
            width as u16
        ));
    }
}
