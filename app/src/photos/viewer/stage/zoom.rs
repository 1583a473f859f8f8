//! Looking closer: by wheel, by two fingers, by a double tap and by keys.

use crate::photos::viewer::Direction;
use crate::ui::keys::is_shortcut;
use leptos::ev;
use leptos::html::Div;
use leptos::prelude::*;
use send_wrapper::SendWrapper;
use std::collections::BTreeMap;
use web_sys::{HtmlElement, PointerEvent, WheelEvent};

/// Sides further than this, in pixels, are a swipe.
const SWIPE: f64 = 56.0;

/// A double tap is no slower, in milliseconds.
const DOUBLE_MS: f64 = 300.0;

/// How much a key, or a double tap, brings nearer.
const KEY_STEP: f64 = 1.5;
const DOUBLE_STEP: f64 = 2.5;

/// Even a small photo can be looked at this much nearer.
const LEAST_MOST: f64 = 3.0;

/// How near the photo is: what is drawn is moved by `x` and `y` pixels, then enlarged about the middle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    scale: f64,
    x: f64,
    y: f64,
}

const WHOLE: Place = Place {
    scale: 1.0,
    x: 0.0,
    y: 0.0,
};

impl Place {
    /// Nearer by a factor, with the point at `x`, `y` from the middle staying where it is.
    fn nearer(self, factor: f64, (x, y): (f64, f64), most: f64, stage: (f64, f64)) -> Self {
        let scale = (self.scale * factor).clamp(1.0, most);
        let by = scale / self.scale;
        Self {
            scale,
            x: x - (x - self.x) * by,
            y: y - (y - self.y) * by,
        }
        .within(stage)
    }

    /// No further than the edges of the stage, enlarged.
    fn within(self, (width, height): (f64, f64)) -> Self {
        let (most_x, most_y) = (width * (self.scale - 1.0) / 2.0, height * (self.scale - 1.0) / 2.0);
        Self {
            scale: self.scale,
            x: self.x.clamp(-most_x, most_x),
            y: self.y.clamp(-most_y, most_y),
        }
    }
}

/// How near the photo is, and the fingers on it.
#[derive(Clone, Copy)]
pub struct Zoom {
    stage: NodeRef<Div>,
    moved: NodeRef<Div>,
    place: RwSignal<Place>,
    /// Width of the whole photo in pixels.
    whole: Signal<u32>,
    fingers: StoredValue<BTreeMap<i32, (f64, f64)>>,
    /// Where the first finger came down, and whether others did since.
    began: StoredValue<Option<((f64, f64), bool)>>,
    tapped: StoredValue<f64>,
}

impl Zoom {
    /// The whole photo.
    pub fn new(stage: NodeRef<Div>, moved: NodeRef<Div>, whole: impl Fn() -> u32 + Send + Sync + 'static) -> Self {
        Self {
            stage,
            moved,
            place: RwSignal::new(WHOLE),
            whole: Signal::derive(whole),
            fingers: StoredValue::new(BTreeMap::new()),
            began: StoredValue::new(None),
            tapped: StoredValue::new(0.0),
        }
    }

    /// Whether it is nearer than whole.
    pub fn is_near(self) -> bool {
        self.place.with(|place| place.scale > 1.0)
    }

    /// For the browser's choice among the renditions: a nearer photo is a wider one. The one before stays until it is there.
    pub fn sizes(self) -> String {
        // In steps, so that not every movement is a choice.
        let steps = self.place.with(|place| place.scale.log2().ceil().exp2());
        format!("{}vw", (steps * 100.0).round())
    }

    /// So near that a pixel of the photo is one of the screen, and somewhat more.
    fn most(self) -> f64 {
        let width = self.size().0.max(1.0);
        (f64::from(self.whole.get_untracked()) / width).max(LEAST_MOST)
    }

    fn size(self) -> (f64, f64) {
        let element = self.stage.get_untracked().map(HtmlElement::from);
        element.map_or((1.0, 1.0), |element| {
            (f64::from(element.client_width()), f64::from(element.client_height()))
        })
    }

    /// From the middle of the stage.
    fn off_middle(self, x: i32, y: i32) -> (f64, f64) {
        let Some(element) = self.stage.get_untracked().map(HtmlElement::from) else {
            return (0.0, 0.0);
        };
        let rect = element.get_bounding_client_rect();
        (
            f64::from(x) - rect.left() - rect.width() / 2.0,
            f64::from(y) - rect.top() - rect.height() / 2.0,
        )
    }

    fn nearer(self, factor: f64, about: (f64, f64)) {
        let (most, size) = (self.most(), self.size());
        self.place.update(|place| *place = place.nearer(factor, about, most, size));
    }

    /// Listens to wheel, fingers and keys; a swipe over the whole photo is told.
    pub fn listen(self, swiped: impl Fn(Direction) + Copy + 'static) {
        Effect::new(move |_| {
            let place = self.place.get();
            if let Some(element) = self.moved.get().map(HtmlElement::from) {
                let Place { scale, x, y } = place;
                let _ = element
                    .style()
                    .set_property("transform", &format!("translate({x:.2}px, {y:.2}px) scale({scale:.4})"));
            }
        });
        Effect::new(move |_| {
            let Some(stage) = self.stage.get() else { return };
            let stage = HtmlElement::from(stage);
            listen_to(&stage, "wheel", move |event: WheelEvent| {
                event.prevent_default();
                let factor = (-event.delta_y() * if event.ctrl_key() { 0.01 } else { 0.002 }).exp();
                self.nearer(factor, self.off_middle(event.client_x(), event.client_y()));
            });
            listen_to(&stage, "pointerdown", move |event: PointerEvent| self.down(&event));
            listen_to(&stage, "pointermove", move |event: PointerEvent| self.moves(&event));
            listen_to(&stage, "pointerup", move |event: PointerEvent| {
                if let Some(to) = self.up(&event) {
                    swiped(to);
                }
            });
            listen_to(&stage, "pointercancel", move |event: PointerEvent| {
                self.up(&event);
            });
        });
        let on_key = window_event_listener(ev::keydown, move |event| {
            if !is_shortcut(&event) {
                return;
            }
            match event.key().as_str() {
                "+" | "=" => self.nearer(KEY_STEP, (0.0, 0.0)),
                "-" => self.nearer(1.0 / KEY_STEP, (0.0, 0.0)),
                "0" => self.place.set(WHOLE),
                _ => {}
            }
        });
        on_cleanup(move || on_key.remove());
    }

    fn down(self, event: &PointerEvent) {
        let at = self.off_middle(event.client_x(), event.client_y());
        let first = self.fingers.try_update_value(|fingers| {
            fingers.insert(event.pointer_id(), at);
            fingers.len() == 1
        });
        if let Some(stage) = self.stage.get_untracked().map(HtmlElement::from) {
            let _ = stage.set_pointer_capture(event.pointer_id());
        }
        match first {
            Some(true) => self.began.set_value(Some((at, false))),
            _ => self.began.update_value(|began| {
                if let Some((_, others)) = began {
                    *others = true;
                }
            }),
        }
    }

    fn moves(self, event: &PointerEvent) {
        let at = self.off_middle(event.client_x(), event.client_y());
        let moved = self.fingers.try_update_value(|fingers| {
            let before = *fingers.get(&event.pointer_id())?;
            let other = fingers.iter().find(|(id, _)| **id != event.pointer_id()).map(|(_, at)| *at);
            fingers.insert(event.pointer_id(), at);
            Some((before, other))
        });
        let Some((before, other)) = moved.flatten() else { return };
        match other {
            Some(other) => {
                let apart = |(x, y): (f64, f64)| (x - other.0).hypot(y - other.1).max(1.0);
                let middle = ((at.0 + other.0) / 2.0, (at.1 + other.1) / 2.0);
                self.nearer(apart(at) / apart(before), middle);
            }
            None if self.place.with_untracked(|place| place.scale > 1.0) => {
                let size = self.size();
                self.place.update(|place| {
                    place.x += at.0 - before.0;
                    place.y += at.1 - before.1;
                    *place = place.within(size);
                });
            }
            None => {}
        }
    }

    /// The last finger may have meant a swipe, or a double tap.
    fn up(self, event: &PointerEvent) -> Option<Direction> {
        let at = self.off_middle(event.client_x(), event.client_y());
        let left = self.fingers.try_update_value(|fingers| {
            fingers.remove(&event.pointer_id());
            fingers.len()
        });
        if left != Some(0) {
            return None;
        }
        let ((x, y), others) = self.began.try_update_value(Option::take)??;
        let (dx, dy) = (at.0 - x, at.1 - y);
        if others || event.type_() != "pointerup" {
            return None;
        }
        if dx.hypot(dy) < 8.0 {
            let before = self.tapped.get_value();
            self.tapped.set_value(event.time_stamp());
            if event.time_stamp() - before < DOUBLE_MS {
                let near = self.place.with_untracked(|place| place.scale > 1.0);
                if near {
                    self.place.set(WHOLE);
                } else {
                    self.nearer(DOUBLE_STEP, at);
                }
            }
            return None;
        }
        let whole = self.place.with_untracked(|place| place.scale <= 1.0);
        let swiped = whole && event.pointer_type() != "mouse" && dx.abs() > SWIPE && dx.abs() > 2.0 * dy.abs();
        swiped.then_some(if dx > 0.0 { Direction::Newer } else { Direction::Older })
    }
}

/// A listener that may prevent what the browser would do, for as long as its owner is there.
fn listen_to<E: wasm_bindgen::JsCast + wasm_bindgen::convert::FromWasmAbi + 'static>(
    element: &HtmlElement,
    name: &'static str,
    heard: impl FnMut(E) + 'static,
) {
    use wasm_bindgen::JsCast;
    let heard = wasm_bindgen::closure::Closure::<dyn FnMut(E)>::new(heard);
    let active = web_sys::AddEventListenerOptions::new();
    active.set_passive(false);
    let added =
        element.add_event_listener_with_callback_and_add_event_listener_options(name, heard.as_ref().unchecked_ref(), &active);
    if added.is_ok() {
        let kept = StoredValue::new(Some(SendWrapper::new((element.clone(), heard))));
        // The element may stay until the next page is there.
        on_cleanup(move || {
            if let Some(kept) = kept.try_update_value(Option::take).flatten() {
                let (element, heard) = kept.take();
                let _ = element.remove_event_listener_with_callback(name, heard.as_ref().unchecked_ref());
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hydration_context::SsrSharedContext;
    use std::sync::Arc;

    const STAGE: (f64, f64) = (1000.0, 600.0);

    #[test]
    fn what_is_under_the_finger_stays_there() {
        let near = WHOLE.nearer(2.0, (100.0, 50.0), 8.0, STAGE);
        assert_eq!(
            near,
            Place {
                scale: 2.0,
                x: -100.0,
                y: -50.0
            }
        );
        // A point of the photo at 100 was at 100, and is at (100 × 2) − 100.
        let nearer = near.nearer(2.0, (100.0, 50.0), 8.0, STAGE);
        assert_eq!((nearer.scale, nearer.x, nearer.y), (4.0, -300.0, -150.0));
        assert_eq!(nearer.nearer(0.01, (0.0, 0.0), 8.0, STAGE), WHOLE);
    }

    #[test]
    fn a_stage_made_on_one_thread_may_be_put_away_on_another() {
        let owner = Owner::new_root(Some(Arc::new(SsrSharedContext::new())));
        owner.with(|| Zoom::new(NodeRef::new(), NodeRef::new(), || 1).listen(|_| {}));
        assert!(std::thread::spawn(move || owner.cleanup()).join().is_ok());
    }

    #[test]
    fn nobody_leaves_the_photo_and_nobody_comes_nearer_than_its_pixels() {
        assert_eq!(WHOLE.nearer(100.0, (0.0, 0.0), 5.0, STAGE).scale, 5.0);
        let far = Place {
            scale: 2.0,
            x: 9_999.0,
            y: -9_999.0,
        };
        assert_eq!(
            far.within(STAGE),
            Place {
                scale: 2.0,
                x: 500.0,
                y: -300.0
            }
        );
    }
}
