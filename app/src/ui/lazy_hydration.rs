//! Lazy hydration: parts of a page are hydrated after the rest of it, in slices, so that the page responds to input in between.

use super::clock;
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::tachys::html::attribute::{Attribute, any_attribute::AnyAttribute};
use leptos::tachys::html::element::ElementType;
use leptos::tachys::html::node_ref::NodeRefContainer;
use leptos::tachys::hydration::Cursor;
use leptos::tachys::renderer::Rndr;
use leptos::tachys::renderer::types::{Element, Node};
use leptos::tachys::ssr::StreamBuilder;
use leptos::tachys::view::any_view::{AnyView, AnyViewState};
use leptos::tachys::view::{Mountable, Position, PositionState};
use leptos::task::spawn_local;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::{Rc, Weak};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::Event;

/// The time budget of a slice, in milliseconds: half a frame.
const SLICE_MS: f64 = 8.0;

/// An element that is hydrated later on a page from the server, or not at all if it is removed before.
///
/// Its content must not suspend.
pub struct Later<T> {
    load: Box<dyn FnOnce(&Element) + Send>,
    view: Box<dyn FnOnce() -> AnyView + Send>,
    inputs: Box<dyn Fn() -> T + Send>,
}

impl<T: PartialEq> Later<T> {
    /// `node` refers to the element at once. `view` renders it, from `inputs`: if they changed before it is hydrated, it is rendered
    /// again instead.
    pub fn new<E: ElementType>(
        node: impl NodeRefContainer<E>,
        view: impl FnOnce() -> AnyView + Send + 'static,
        inputs: impl Fn() -> T + Send + 'static,
    ) -> Self {
        Self {
            load: Box::new(move |element| node.load(element)),
            view: Box::new(view),
            inputs: Box::new(inputs),
        }
    }
}

/// Hydrates an element, or replaces one that is out of date.
fn hydrate(view: impl FnOnce() -> AnyView, element: &Element, up_to_date: bool) -> AnyViewState {
    if up_to_date {
        return view().hydrate_from_position::<true>(element, Position::Current);
    }
    let mut state = view().build();
    if let Some(parent) = element.parent_element() {
        state.mount(&parent, Some(element));
    }
    element.remove();
    state
}

/// The state of a part.
enum Part {
    Pending {
        hydrate: Box<dyn FnOnce(&Element) -> AnyViewState>,
        element: Element,
        owner: Owner,
    },
    Hydrated(AnyViewState),
    /// Only while it is replaced.
    Taken,
}

impl Part {
    fn hydrated(self) -> Self {
        match self {
            Self::Pending { hydrate, element, owner } => Self::Hydrated(owner.with(|| hydrate(&element))),
            part => part,
        }
    }
}

#[derive(Default)]
struct Queue {
    /// In document order.
    parts: VecDeque<Weak<RefCell<Part>>>,
    /// Whether [`hydrate_all`] runs.
    running: bool,
}

thread_local! {
    static QUEUE: RefCell<Queue> = RefCell::default();
}

fn enqueue(part: &Rc<RefCell<Part>>) {
    let running = QUEUE.with_borrow_mut(|queue| {
        queue.parts.push_back(Rc::downgrade(part));
        std::mem::replace(&mut queue.running, true)
    });
    if !running {
        spawn_local(hydrate_all());
    }
}

async fn hydrate_all() {
    let listener = Closure::<dyn Fn(Event)>::new(|event: Event| hydrate_target(&event));
    let on_click = listener.as_ref().unchecked_ref();
    // In the capture phase: before the part's own listeners.
    let _ = window().add_event_listener_with_callback_and_bool("click", on_click, true);
    loop {
        TimeoutFuture::new(0).await;
        if !hydrate_slice() {
            break;
        }
    }
    let _ = window().remove_event_listener_with_callback_and_bool("click", on_click, true);
}

/// Hydrates parts within the time budget; answers whether more may be left.
fn hydrate_slice() -> bool {
    let started_at = clock::now();
    while clock::now() - started_at < SLICE_MS {
        let next = QUEUE.with_borrow_mut(|queue| {
            let next = queue.parts.pop_front();
            queue.running = next.is_some();
            next
        });
        let Some(next) = next else { return false };
        if let Some(part) = next.upgrade() {
            hydrate_now(&part);
        }
    }
    true
}

/// Hydrates the part that a click is dispatched to, so that its own listeners receive it.
fn hydrate_target(event: &Event) {
    let Some(target) = event.target().and_then(|target| target.dyn_into::<Node>().ok()) else {
        return;
    };
    let contains_target =
        |part: &Rc<RefCell<Part>>| matches!(&*part.borrow(), Part::Pending { element, .. } if element.contains(Some(&target)));
    let part = QUEUE.with_borrow(|queue| queue.parts.iter().filter_map(Weak::upgrade).find(contains_target));
    if let Some(part) = part {
        hydrate_now(&part);
    }
}

fn hydrate_now(part: &RefCell<Part>) {
    let pending = part.replace(Part::Taken);
    part.replace(pending.hydrated());
}

/// The view state of a [`Later`].
pub struct LaterState(Rc<RefCell<Part>>);

impl<T: PartialEq + 'static> Render for Later<T> {
    type State = LaterState;

    fn build(self) -> Self::State {
        LaterState(Rc::new(RefCell::new(Part::Hydrated((self.view)().build()))))
    }

    fn rebuild(self, LaterState(part): &mut Self::State) {
        let before = part.replace(Part::Taken).hydrated();
        part.replace(match before {
            Part::Hydrated(mut state) => {
                (self.view)().rebuild(&mut state);
                Part::Hydrated(state)
            }
            before => before,
        });
    }
}

impl<T: PartialEq + 'static> RenderHtml for Later<T> {
    type AsyncOutput = Self;
    type Owned = Self;

    const MIN_LENGTH: usize = 0;

    fn dry_resolve(&mut self) {}

    async fn resolve(self) -> Self {
        self
    }

    fn to_html_with_buf(
        self,
        buf: &mut String,
        position: &mut Position,
        escape: bool,
        mark_branches: bool,
        extra: Vec<AnyAttribute>,
    ) {
        (self.view)().to_html_with_buf(buf, position, escape, mark_branches, extra);
    }

    fn to_html_async_with_buf<const OUT_OF_ORDER: bool>(
        self,
        buf: &mut StreamBuilder,
        position: &mut Position,
        escape: bool,
        mark_branches: bool,
        extra: Vec<AnyAttribute>,
    ) {
        (self.view)().to_html_async_with_buf::<OUT_OF_ORDER>(buf, position, escape, mark_branches, extra);
    }

    fn hydrate<const FROM_SERVER: bool>(self, cursor: &Cursor, position: &PositionState) -> Self::State {
        match position.get() {
            Position::FirstChild => cursor.child(),
            Position::Current => {}
            _ => cursor.sibling(),
        }
        position.set(Position::NextChild);
        let element: Element = cursor.current().unchecked_into();
        let Self { load, view, inputs } = self;
        load(&element);
        let inputs_before = untrack(&inputs);
        let part = Rc::new(RefCell::new(Part::Pending {
            hydrate: Box::new(move |element| hydrate(view, element, untrack(inputs) == inputs_before)),
            element,
            owner: Owner::current().unwrap_or_default(),
        }));
        enqueue(&part);
        LaterState(part)
    }

    fn into_owned(self) -> Self {
        self
    }
}

impl<T: PartialEq + 'static> AddAnyAttr for Later<T> {
    type Output<A: Attribute> = Self;

    fn add_any_attr<A: Attribute>(self, _: A) -> Self::Output<A> {
        self
    }
}

impl Mountable for LaterState {
    fn unmount(&mut self) {
        match &mut *self.0.borrow_mut() {
            Part::Hydrated(state) => state.unmount(),
            Part::Pending { element, .. } => element.remove(),
            Part::Taken => {}
        }
    }

    fn mount(&mut self, parent: &Element, marker: Option<&Node>) {
        match &mut *self.0.borrow_mut() {
            Part::Hydrated(state) => state.mount(parent, marker),
            Part::Pending { element, .. } => Rndr::insert_node(parent, element, marker),
            Part::Taken => {}
        }
    }

    fn insert_before_this(&self, child: &mut dyn Mountable) -> bool {
        match &*self.0.borrow() {
            Part::Hydrated(state) => state.insert_before_this(child),
            Part::Pending { element, .. } => element.parent_element().is_some_and(|parent| {
                child.mount(&parent, Some(element));
                true
            }),
            Part::Taken => false,
        }
    }

    fn elements(&self) -> Vec<Element> {
        match &*self.0.borrow() {
            Part::Hydrated(state) => state.elements(),
            Part::Pending { element, .. } => vec![element.clone()],
            Part::Taken => vec![],
        }
    }
}
