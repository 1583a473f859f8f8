//! The placeholder under a picture that has not loaded.

use super::thumb_hash::ThumbHash;
use leptos::prelude::*;
use leptos::tachys::html::attribute::AttributeValue;
use leptos::tachys::renderer::{Rndr, types};

/// An image URL as an attribute. A ThumbHash is decoded only when an element needs it: on hydration all elements have their URLs
/// already, and decoding takes time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlaceholderImage {
    /// The URL of a preview.
    Preview(String),
    ThumbHash(ThumbHash),
}

impl PlaceholderImage {
    /// None for an invalid ThumbHash.
    fn url(&self) -> Option<String> {
        match self {
            Self::Preview(url) => Some(url.clone()),
            Self::ThumbHash(hash) => hash.url(),
        }
    }

    fn show(&self, element: &types::Element, key: &str) {
        match self.url() {
            Some(url) => Rndr::set_attribute(element, key, &url),
            None => Rndr::remove_attribute(element, key),
        }
    }
}

impl AttributeValue for PlaceholderImage {
    type State = (types::Element, Self);
    type AsyncOutput = Self;
    type Cloneable = Self;
    type CloneableOwned = Self;

    fn html_len(&self) -> usize {
        match self {
            Self::Preview(url) => url.len(),
            Self::ThumbHash(_) => ThumbHash::TYPICAL_LENGTH,
        }
    }

    fn to_html(self, key: &str, buf: &mut String) {
        AttributeValue::to_html(self.url(), key, buf);
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

/// The placeholder's `<img>`. One element for all sources, so that the old image stays until the next has loaded.
#[component]
pub fn PlaceholderLayer(src: Memo<Option<PlaceholderImage>>) -> impl IntoView {
    let any = Memo::new(move |_| src.with(Option::is_some));
    view! {
        <Show when=move || any.get()>
            <img class="below" src=move || src.get() alt="" aria-hidden="true"/>
        </Show>
    }
}
