//! Parts of a page that wake after the rest of it, a few at a time: a tap meanwhile waits for a few, not for all.

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

/// Parts wake for so long, in milliseconds, before the browser has its turn: half of a frame.
const AT_ONCE_MS: f64 = 8.0;

/// An element with all that it contains. On a page from the server it wakes later; what is gone until then never does.
///
/// Nothing in it may wait for data.
pub struct Later<T> {
    found: Box<dyn FnOnce(&Element) + Send>,
    make: Box<dyn FnOnce() -> AnyView + Send>,
    made_of: Box<dyn Fn() -> T + Send>,
}

impl<T: PartialEq> Later<T> {
    /// The element, which `node` refers to at once; how it is made, and of what: had that changed when it comes to wake, another
    /// takes its place.
    pub fn new<E: ElementType>(
        node: impl NodeRefContainer<E>,
        make: impl FnOnce() -> AnyView + Send + 'static,
        made_of: impl Fn() -> T + Send + 'static,
    ) -> Self {
        Self {
            found: Box::new(move |element| node.load(element)),
            make: Box::new(make),
            made_of: Box::new(made_of),
        }
    }
}

/// Wakes an element that is as the server sent it, or puts another in its place.
fn wake(make: impl FnOnce() -> AnyView, element: &Element, as_sent: bool) -> AnyViewState {
    if as_sent {
        return make().hydrate_from_position::<true>(element, Position::Current);
    }
    let mut state = make().build();
    if let Some(parent) = element.parent_element() {
        state.mount(&parent, Some(element));
    }
    element.remove();
    state
}

/// What became of it.
enum Part {
    Asleep {
        wake: Box<dyn FnOnce(&Element) -> AnyViewState>,
        element: Element,
        owner: Owner,
    },
    Awake(AnyViewState),
    Gone,
}

impl Part {
    fn awake(self) -> Self {
        match self {
            Self::Asleep { wake, element, owner } => Self::Awake(owner.with(|| wake(&element))),
            part => part,
        }
    }
}

#[derive(Default)]
struct Asleep {
    /// In the order of the page.
    parts: VecDeque<Weak<RefCell<Part>>>,
    /// Whether they are being woken.
    waking: bool,
}

thread_local! {
    static ASLEEP: RefCell<Asleep> = RefCell::default();
}

fn put_to_sleep(part: &Rc<RefCell<Part>>) {
    let waking = ASLEEP.with_borrow_mut(|asleep| {
        asleep.parts.push_back(Rc::downgrade(part));
        std::mem::replace(&mut asleep.waking, true)
    });
    if !waking {
        spawn_local(wake_all());
    }
}

async fn wake_all() {
    let tapped = Closure::<dyn Fn(Event)>::new(|event: Event| wake_tapped(&event));
    let on_click = tapped.as_ref().unchecked_ref();
    // In its way down: before it comes to the part.
    let _ = window().add_event_listener_with_callback_and_bool("click", on_click, true);
    loop {
        TimeoutFuture::new(0).await;
        if !wake_some() {
            break;
        }
    }
    let _ = window().remove_event_listener_with_callback_and_bool("click", on_click, true);
}

/// Wakes as many as there is time for; answers whether more may be left.
fn wake_some() -> bool {
    let began = clock::now();
    while clock::now() - began < AT_ONCE_MS {
        let next = ASLEEP.with_borrow_mut(|asleep| {
            let next = asleep.parts.pop_front();
            asleep.waking = next.is_some();
            next
        });
        let Some(next) = next else { return false };
        if let Some(part) = next.upgrade() {
            wake_up(&part);
        }
    }
    true
}

/// What is tapped is awake when it hears of that.
fn wake_tapped(event: &Event) {
    let Some(tapped) = event.target().and_then(|target| target.dyn_into::<Node>().ok()) else {
        return;
    };
    let holds_it =
        |part: &Rc<RefCell<Part>>| matches!(&*part.borrow(), Part::Asleep { element, .. } if element.contains(Some(&tapped)));
    let part = ASLEEP.with_borrow(|asleep| asleep.parts.iter().filter_map(Weak::upgrade).find(holds_it));
    if let Some(part) = part {
        wake_up(&part);
    }
}

fn wake_up(part: &RefCell<Part>) {
    let asleep = part.replace(Part::Gone);
    part.replace(asleep.awake());
}

/// What is kept of a part that is on the page.
pub struct LaterState(Rc<RefCell<Part>>);

impl<T: PartialEq + 'static> Render for Later<T> {
    type State = LaterState;

    fn build(self) -> Self::State {
        LaterState(Rc::new(RefCell::new(Part::Awake((self.make)().build()))))
    }

    fn rebuild(self, LaterState(part): &mut Self::State) {
        let was = part.replace(Part::Gone).awake();
        part.replace(match was {
            Part::Awake(mut state) => {
                (self.make)().rebuild(&mut state);
                Part::Awake(state)
            }
            was => was,
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
        (self.make)().to_html_with_buf(buf, position, escape, mark_branches, extra);
    }

    fn to_html_async_with_buf<const OUT_OF_ORDER: bool>(
        self,
        buf: &mut StreamBuilder,
        position: &mut Position,
        escape: bool,
        mark_branches: bool,
        extra: Vec<AnyAttribute>,
    ) {
        (self.make)().to_html_async_with_buf::<OUT_OF_ORDER>(buf, position, escape, mark_branches, extra);
    }

    fn hydrate<const FROM_SERVER: bool>(self, cursor: &Cursor, position: &PositionState) -> Self::State {
        match position.get() {
            Position::FirstChild => cursor.child(),
            Position::Current => {}
            _ => cursor.sibling(),
        }
        position.set(Position::NextChild);
        let element: Element = cursor.current().unchecked_into();
        let Self { found, make, made_of } = self;
        found(&element);
        let was_made_of = untrack(&made_of);
        let part = Rc::new(RefCell::new(Part::Asleep {
            wake: Box::new(move |element| wake(make, element, untrack(made_of) == was_made_of)),
            element,
            owner: Owner::current().unwrap_or_default(),
        }));
        put_to_sleep(&part);
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
            Part::Awake(state) => state.unmount(),
            Part::Asleep { element, .. } => element.remove(),
            Part::Gone => {}
        }
    }

    fn mount(&mut self, parent: &Element, marker: Option<&Node>) {
        match &mut *self.0.borrow_mut() {
            Part::Awake(state) => state.mount(parent, marker),
            Part::Asleep { element, .. } => Rndr::insert_node(parent, element, marker),
            Part::Gone => {}
        }
    }

    fn insert_before_this(&self, child: &mut dyn Mountable) -> bool {
        match &*self.0.borrow() {
            Part::Awake(state) => state.insert_before_this(child),
            Part::Asleep { element, .. } => element.parent_element().is_some_and(|parent| {
                child.mount(&parent, Some(element));
                true
            }),
            Part::Gone => false,
        }
    }

    fn elements(&self) -> Vec<Element> {
        match &*self.0.borrow() {
            Part::Awake(state) => state.elements(),
            Part::Asleep { element, .. } => vec![element.clone()],
            Part::Gone => vec![],
        }
    }
}
