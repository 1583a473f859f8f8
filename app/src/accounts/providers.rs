//! Links to sign in with other providers. They work without scripts.

use super::query_param;
use super::settings::sign_in_methods::api::providers;
use crate::ui::messages;
use leptos::prelude::*;
use leptos_router::params::ParamsMap;

/// A link for each provider. If the providers cannot be loaded, there is none; the form still works.
#[component]
pub fn Providers() -> impl IntoView {
    let providers = Resource::new(|| (), |()| providers());
    let query = StoredValue::new(query_param("to").map_or_else(String::new, |to| {
        let mut query = ParamsMap::new();
        query.insert("to", to);
        query.to_query_string()
    }));
    let link = move |provider: String| {
        let address = format!("/sign-in/with/{provider}{}", query.get_value());
        view! { <a class="button" href=address rel="external">{messages::go_on_with(&provider)}</a> }
    };
    view! {
        <Transition>
            {move || Suspend::new(async move {
                let links = providers.await.unwrap_or_default().into_iter().map(link).collect_view();
                (!links.is_empty()).then(|| view! { <p class="choices">{links}</p> })
            })}
        </Transition>
    }
}
