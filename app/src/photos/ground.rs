//! What stands below a picture until that has loaded.

use super::placeholder::Placeholder;
use leptos::prelude::*;
use leptos::tachys::html::attribute::AttributeValue;
use leptos::tachys::renderer::{Rndr, types};

/// A picture below another.
///
/// As an attribute it is its address, which is made when an element needs one: a page that wakes has all of them already, and to
/// make them again is much of its work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ground {
    /// The address of a preview.
    Preview(String),
    /// What a ThumbHash shows.
    Hash(Placeholder),
}

impl Ground {
    /// For `src`. None for a ThumbHash that is none.
    fn address(&self) -> Option<String> {
        match self {
            Self::Preview(address) => Some(address.clone()),
            Self::Hash(hash) => hash.address(),
        }
    }

    fn show(&self, element: &types::Element, key: &str) {
        match self.address() {
            Some(address) => Rndr::set_attribute(element, key, &address),
            None => Rndr::remove_attribute(element, key),
        }
    }
}

impl AttributeValue for Ground {
    type State = (types::Element, Self);
    type AsyncOutput = Self;
    type Cloneable = Self;
    type CloneableOwned = Self;

    fn html_len(&self) -> usize {
        match self {
            Self::Preview(address) => address.len(),
            Self::Hash(_) => Placeholder::USUAL_LENGTH,
        }
    }

    fn to_html(self, key: &str, buf: &mut String) {
        AttributeValue::to_html(self.address(), key, buf);
    }

    fn to_template(_: &str, _: &mut String) {}

    fn hydrate<const FROM_SERVER: bool>(self, key: &str, element: &types::Element) -> Self::State {
        if !FROM_SERVER {
            self.show(element, key);
        }
        (element.clone(), self)
    }

    fn build(self, element: &types::Element, key: &str) -> Self::State {
        self.show(element, key);
        (element.clone(), self)
    }

    fn rebuild(self, key: &str, (element, shown): &mut Self::State) {
        if self != *shown {
            self.show(element, key);
            *shown = self;
        }
    }

    fn into_cloneable(self) -> Self {
        self
    }

    fn into_cloneable_owned(self) -> Self {
        self
    }

    fn dry_resolve(&mut self) {}

    async fn resolve(self) -> Self {
        self
    }
}

/// One element, however often its picture changes: the one before stays until the next has loaded.
#[component]
pub fn Below(src: Memo<Option<Ground>>) -> impl IntoView {
    let any = Memo::new(move |_| src.with(Option::is_some));
    view! {
        <Show when=move || any.get()>
            <img class="below" src=move || src.get() alt="" aria-hidden="true"/>
        </Show>
    }
}
