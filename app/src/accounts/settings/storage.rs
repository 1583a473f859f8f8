//! The section about storage.

use super::api::usage;
use crate::accounts::changes::Changes;
use crate::ui::error::RequestError;
use crate::ui::error_views::LoadError;
use crate::ui::messages;
use leptos::prelude::*;
use model::accounts::Usage;

/// Data of the section.
#[derive(Clone, Copy)]
pub struct Data(Resource<Result<Usage, RequestError>>);

impl Data {
    /// Starts loading.
    pub fn new(changes: Changes) -> Self {
        Self(Resource::new(move || changes.count(), |_| usage()))
    }
}

/// The section about storage.
#[component]
pub fn Section(
    /// From the page.
    data: Data,
) -> impl IntoView {
    let Data(usage) = data;
    view! {
        <section aria-labelledby="storage">
            <h2 id="storage">{messages::STORAGE}</h2>
            <Transition fallback=|| {
                view! { <p>{messages::LOADING}</p> }
            }>
                {move || Suspend::new(async move {
                    match usage.await {
                        Ok(usage) => {
                            view! {
                                <meter
                                    aria-label=messages::STORAGE
                                    max=usage.quota.to_string()
                                    high=(usage.quota / 10 * 9).to_string()
                                    value=usage.bytes.to_string()
                                ></meter>
                                <p>{messages::usage(&usage)}</p>
                            }
                                .into_any()
                        }
                        Err(error) => view! { <LoadError error/> }.into_any(),
                    }
                })}
            </Transition>
        </section>
    }
}
