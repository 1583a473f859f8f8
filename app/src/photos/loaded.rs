//! Fetching a page of photos before it is shown.

use super::library::Library;
use crate::live;
use crate::ui::connection::ask_again_on_return;
use crate::ui::error::RequestError;
use crate::ui::error_views::LoadError;
use crate::ui::messages;
use leptos::either::Either;
use leptos::prelude::*;
use model::timeline::Timeline;
use std::future::Future;

/// Fetches a page, puts it into the library, and shows it. Tries again when the connection is back.
pub fn loaded<Page>(
    library: Library,
    fetch: impl Fn() -> Page + Send + Sync + 'static,
    hold: impl Fn(Timeline) + Clone + Send + Sync + 'static,
    show: impl Fn() -> AnyView + Clone + Send + Sync + 'static,
) -> impl IntoView
where
    Page: Future<Output = Result<Timeline, RequestError>> + Send + 'static,
{
    let page = Resource::new(|| (), move |()| fetch());
    ask_again_on_return(move || library.live(), page);
    view! {
        <Suspense fallback=|| {
            view! { <p class="loading">{messages::LOADING}</p> }
        }>
            {move || {
                let (hold, show) = (hold.clone(), show.clone());
                Suspend::new(async move {
                    match page.await {
                        Ok(page) => {
                            hold(page);
                            live::catch_up(library);
                            Either::Left(show())
                        }
                        Err(error) => Either::Right(view! { <LoadError error/> }),
                    }
                })
            }}
        </Suspense>
    }
}
