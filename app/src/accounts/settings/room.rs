//! The section about the room that the library takes.

use super::api::usage;
use crate::ui::notice::Trouble;
use crate::ui::words;
use leptos::prelude::*;

/// The section about room.
#[component]
pub fn Section() -> impl IntoView {
    let usage = Resource::new(|| (), |()| usage());
    view! {
        <section aria-labelledby="room">
            <h2 id="room">{words::ROOM}</h2>
            <Suspense fallback=|| {
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
            </Suspense>
        </section>
    }
}
