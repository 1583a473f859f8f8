//! Zoom and pan, by wheel, pinch, double tap and keys.

use crate::photos::viewer::neighbours::Direction;
use crate::ui::shortcuts::is_shortcut;
use leptos::ev;
use leptos::html::Div;
use leptos::prelude::*;
use leptos_use_event_listener::{UseEventListenerOptions, use_event_listener, use_event_listener_with_options};
use leptos_use_window::use_window;
use std::collections::BTreeMap;
use web_sys::{HtmlElement, PointerEvent, WheelEvent};

/// The least horizontal distance of a swipe.
const MIN_SWIPE_PX: f64 = 56.0;

/// The most time between the taps of a double tap, in milliseconds.
const DOUBLE_TAP_MS: f64 = 300.0;

/// Zoom factors of a key and of a double tap.
const KEY_FACTOR: f64 = 1.5;
const DOUBLE_TAP_FACTOR: f64 = 2.5;

/// Small photos can be enlarged by this much, too.
const MIN_MAX_SCALE: f64 = 3.0;

/// A CSS transform: translated by `x` and `y` pixels, then scaled about the centre.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Transform {
    scale: f64,
    x: f64,
    y: f64,
}

const IDENTITY: Transform = Transform {
    scale: 1.0,
    x: 0.0,
    y: 0.0,
};

impl Transform {
    /// Scales by a factor about a point, given from the centre.
    fn zoom(self, factor: f64, (x, y): (f64, f64), max_scale: f64, container: (f64, f64)) -> Self {
        let scale = (self.scale * factor).clamp(1.0, max_scale);
        let ratio = scale / self.scale;
        Self {
            scale,
            x: x - (x - self.x) * ratio,
            y: y - (y - self.y) * ratio,
        }
        .clamped(container)
    }

    /// Limits panning to the edges of the photo.
    fn clamped(self, (width, height): (f64, f64)) -> Self {
        let (max_x, max_y) = (width * (self.scale - 1.0) / 2.0, height * (self.scale - 1.0) / 2.0);
        Self {
            scale: self.scale,
            x: self.x.clamp(-max_x, max_x),
            y: self.y.clamp(-max_y, max_y),
        }
    }
}

/// Zoom state and gestures.
#[derive(Clone, Copy)]
pub struct Zoom {
    container: NodeRef<Div>,
    content: NodeRef<Div>,
    transform: RwSignal<Transform>,
    /// Width of the photo in pixels.
    full_width: Signal<u32>,
    pointers: StoredValue<BTreeMap<i32, (f64, f64)>>,
    /// Where the first pointer went down, and whether others followed.
    start: StoredValue<Option<((f64, f64), bool)>>,
    last_tap: StoredValue<f64>,
}

impl Zoom {
    pub fn new(container: NodeRef<Div>, content: NodeRef<Div>, full_width: impl Fn() -> u32 + Send + Sync + 'static) -> Self {
        Self {
            container,
            content,
            transform: RwSignal::new(IDENTITY),
            full_width: Signal::derive(full_width),
            pointers: StoredValue::new(BTreeMap::new()),
            start: StoredValue::new(None),
            last_tap: StoredValue::new(0.0),
        }
    }

    pub fn is_zoomed(self) -> bool {
        self.transform.with(|transform| transform.scale > 1.0)
    }

    /// For `sizes`, so that the browser fetches a larger rendition. The current one shows until that has loaded.
    pub fn sizes(self) -> String {
        // In steps, so that not every change starts a download.
        let steps = self.transform.with(|transform| transform.scale.log2().ceil().exp2());
        format!("{}vw", (steps * 100.0).round())
    }

    /// The scale at which a pixel of the photo is one CSS pixel, or more.
    fn max_scale(self) -> f64 {
        let width = self.size().0.max(1.0);
        (f64::from(self.full_width.get_untracked()) / width).max(MIN_MAX_SCALE)
    }

    fn size(self) -> (f64, f64) {
        let element = self.container.get_untracked().map(HtmlElement::from);
        element.map_or((1.0, 1.0), |element| {
            (f64::from(element.client_width()), f64::from(element.client_height()))
        })
    }

    /// A point of the window, relative to the centre of the container.
    fn relative_to_center(self, x: i32, y: i32) -> (f64, f64) {
        let Some(element) = self.container.get_untracked().map(HtmlElement::from) else {
            return (0.0, 0.0);
        };
        let rect = element.get_bounding_client_rect();
        (
            f64::from(x) - rect.left() - rect.width() / 2.0,
            f64::from(y) - rect.top() - rect.height() / 2.0,
        )
    }

    fn zoom(self, factor: f64, center: (f64, f64)) {
        let (max_scale, size) = (self.max_scale(), self.size());
        self.transform
            .update(|transform| *transform = transform.zoom(factor, center, max_scale, size));
    }

    /// Listens to wheel, pointers and keys. Calls `swiped` for swipes while not zoomed in.
    pub fn listen(self, swiped: impl Fn(Direction) + Copy + 'static) {
        Effect::new(move |_| {
            let transform = self.transform.get();
            if let Some(element) = self.content.get().map(HtmlElement::from) {
                let Transform { scale, x, y } = transform;
                let _ = element
                    .style()
                    .set_property("transform", &format!("translate({x:.2}px, {y:.2}px) scale({scale:.4})"));
            }
        });
        // Not attributes of the view: the element may stay until the next page has loaded, and these listeners do not.
        let active = UseEventListenerOptions::default().passive(false);
        let on_wheel = move |event: WheelEvent| {
            event.prevent_default();
            let factor = (-event.delta_y() * if event.ctrl_key() { 0.01 } else { 0.002 }).exp();
            self.zoom(factor, self.relative_to_center(event.client_x(), event.client_y()));
        };
        let _ = use_event_listener_with_options(self.container, ev::wheel, on_wheel, active);
        let _ = use_event_listener(self.container, ev::pointerdown, move |event| self.on_down(&event));
        let _ = use_event_listener(self.container, ev::pointermove, move |event| self.on_move(&event));
        let _ = use_event_listener(self.container, ev::pointerup, move |event| {
            if let Some(to) = self.on_up(&event) {
                swiped(to);
            }
        });
        let _ = use_event_listener(self.container, ev::pointercancel, move |event| {
            self.on_up(&event);
        });
        let _ = use_event_listener(use_window(), ev::keydown, move |event| {
            if !is_shortcut(&event) {
                return;
            }
            match event.key().as_str() {
                "+" | "=" => self.zoom(KEY_FACTOR, (0.0, 0.0)),
                "-" => self.zoom(1.0 / KEY_FACTOR, (0.0, 0.0)),
                "0" => self.transform.set(IDENTITY),
                _ => {}
            }
        });
    }

    fn on_down(self, event: &PointerEvent) {
        let at = self.relative_to_center(event.client_x(), event.client_y());
        let first = self.pointers.try_update_value(|pointers| {
            pointers.insert(event.pointer_id(), at);
            pointers.len() == 1
        });
        if let Some(container) = self.container.get_untracked().map(HtmlElement::from) {
            let _ = container.set_pointer_capture(event.pointer_id());
        }
        match first {
            Some(true) => self.start.set_value(Some((at, false))),
            _ => self.start.update_value(|start| {
                if let Some((_, multiple)) = start {
                    *multiple = true;
                }
            }),
        }
    }

    fn on_move(self, event: &PointerEvent) {
        let at = self.relative_to_center(event.client_x(), event.client_y());
        let positions = self.pointers.try_update_value(|pointers| {
            let before = *pointers.get(&event.pointer_id())?;
            let other = pointers.iter().find(|(id, _)| **id != event.pointer_id()).map(|(_, at)| *at);
            pointers.insert(event.pointer_id(), at);
            Some((before, other))
        });
        let Some((before, other)) = positions.flatten() else { return };
        match other {
            Some(other) => {
                let apart = |(x, y): (f64, f64)| (x - other.0).hypot(y - other.1).max(1.0);
                let middle = ((at.0 + other.0) / 2.0, (at.1 + other.1) / 2.0);
                self.zoom(apart(at) / apart(before), middle);
            }
            None if self.transform.with_untracked(|transform| transform.scale > 1.0) => {
                let size = self.size();
                self.transform.update(|transform| {
                    transform.x += at.0 - before.0;
                    transform.y += at.1 - before.1;
                    *transform = transform.clamped(size);
                });
            }
            None => {}
        }
    }

    /// Recognises swipes and double taps when the last pointer goes up.
    fn on_up(self, event: &PointerEvent) -> Option<Direction> {
        let at = self.relative_to_center(event.client_x(), event.client_y());
        let left = self.pointers.try_update_value(|pointers| {
            pointers.remove(&event.pointer_id());
            pointers.len()
        });
        if left != Some(0) {
            return None;
        }
        let ((x, y), multiple) = self.start.try_update_value(Option::take)??;
        let (dx, dy) = (at.0 - x, at.1 - y);
        if multiple || event.type_() != "pointerup" {
            return None;
        }
        if dx.hypot(dy) < 8.0 {
            let before = self.last_tap.get_value();
            self.last_tap.set_value(event.time_stamp());
            if event.time_stamp() - before < DOUBLE_TAP_MS {
                let zoomed = self.transform.with_untracked(|transform| transform.scale > 1.0);
                if zoomed {
                    self.transform.set(IDENTITY);
                } else {
                    self.zoom(DOUBLE_TAP_FACTOR, at);
                }
            }
            return None;
        }
        let unzoomed = self.transform.with_untracked(|transform| transform.scale <= 1.0);
        let swiped = unzoomed && event.pointer_type() != "mouse" && dx.abs() > MIN_SWIPE_PX && dx.abs() > 2.0 * dy.abs();
        swiped.then_some(if dx > 0.0 { Direction::Newer } else { Direction::Older })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hydration_context::SsrSharedContext;
    use std::sync::Arc;

    const CONTAINER: (f64, f64) = (1000.0, 600.0);

    #[test]
    fn the_point_under_the_pointer_stays_there() {
        let once = IDENTITY.zoom(2.0, (100.0, 50.0), 8.0, CONTAINER);
        assert_eq!(
            once,
            Transform {
                scale: 2.0,
                x: -100.0,
                y: -50.0
            }
        );
        // A point of the photo at 100 was at 100, and is at (100 × 2) − 100.
        let twice = once.zoom(2.0, (100.0, 50.0), 8.0, CONTAINER);
        assert_eq!((twice.scale, twice.x, twice.y), (4.0, -300.0, -150.0));
        assert_eq!(twice.zoom(0.01, (0.0, 0.0), 8.0, CONTAINER), IDENTITY);
    }

    #[test]
    fn can_be_created_and_dropped_on_different_threads() {
        let owner = Owner::new_root(Some(Arc::new(SsrSharedContext::new())));
        owner.with(|| Zoom::new(NodeRef::new(), NodeRef::new(), || 1).listen(|_| {}));
        assert!(std::thread::spawn(move || owner.cleanup()).join().is_ok());
    }

    #[test]
    fn panning_and_zooming_are_limited() {
        assert_eq!(IDENTITY.zoom(100.0, (0.0, 0.0), 5.0, CONTAINER).scale, 5.0);
        let far = Transform {
            scale: 2.0,
            x: 9_999.0,
            y: -9_999.0,
        };
        assert_eq!(
            far.clamped(CONTAINER),
            Transform {
                scale: 2.0,
                x: 500.0,
                y: -300.0
            }
        );
    }
}
