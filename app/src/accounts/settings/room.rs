//! The section about the room that the library takes.

use super::Changes;
use super::api::usage;
use crate::ui::fault::Fault;
use crate::ui::notice::Trouble;
use crate::ui::words;
use leptos::prelude::*;
use model::accounts::Usage;

/// What the section shows.
#[derive(Clone, Copy)]
pub struct Data(Resource<Result<Usage, Fault>>);

impl Data {
    /// Asks for it.
    pub fn new(changes: Changes) -> Self {
        Self(Resource::new(move || changes.count(), |_| usage()))
    }
}

/// The section about room.
#[component]
pub fn Section(
    /// From the page.
    data: Data,
) -> impl IntoView {
    let Data(usage) = data;
    view! {
        <section aria-labelledby="room">
            <h2 id="room">{words::ROOM}</h2>
            <Transition fallback=|| {
                view! { <p>{words::LOADING}</p> }
            }>
                {move || Suspend::new(async move {
                    match usage.await {
                        Ok(usage) => {
                            view! {
                                <meter
                                    aria-label=words::ROOM
                                    max=usage.quota.to_string()
                                    high=(usage.quota / 10 * 9).to_string()
                                    value=usage.bytes.to_string()
                                ></meter>
                                <p>{words::usage(&usage)}</p>
                            }
                                .into_any()
                        }
                        Err(fault) => view! { <Trouble fault/> }.into_any(),
                    }
                })}
            </Transition>
        </section>
    }
}
