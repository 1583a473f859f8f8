//! The web server: pages, server functions and the HTTP API.

mod account_data;
mod accounts;
mod api;
mod cookies;
mod edge;
mod error;
mod federated;
mod guard;
mod live;
mod notifications;
mod page_rows;
mod passkeys;
mod people;
mod photos;
mod redirect;
mod routes;
mod security_headers;
mod settings;
mod sign_in_methods;
mod site;
mod state;
mod visitor;

pub use site::Site;

use crate::accounts::Viewer;
use crate::aws::table::Table;
use crate::{handler, now};
use app::RequestServices;
use axum::body::Body;
use axum::extract::{Extension, State};
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use axum::{Router, middleware};
use leptos_axum::{LeptosRoutes, generate_route_list, handle_server_fns_with_context, render_app_async_with_context};
use routes::{Routes, add_routes};
use state::{ViewerServices, Web};
use std::sync::Arc;
use tower_http::services::ServeDir;
use visitor::Visitor;

/// The routes behind the authentication and CSRF middleware, except pages.
fn guarded() -> Routes {
    vec![
        ("/api/{*function}", post(server_function)),
        ("/sign-in/with/{provider}", get(federated::start)),
        ("/sign-in/from", get(federated::callback)),
        ("/account/export/{part}", get(account_data::part)),
        ("/photos/{id}/original", get(photos::original)),
    ]
}

/// The routes that ignore cookies, and so need no CSRF protection.
fn unguarded() -> Routes {
    vec![
        // Posted by mail programs, with any origin.
        ("/stop", post(notifications::one_click_unsubscribe)),
        ("/api/v1/", any(api::not_found)),
        ("/healthz", get(|| async { axum::Json(crate::handler::smoke("web")) })),
    ]
}

/// All routes.
pub fn router(site: Site) -> Router {
    let web = Web(Arc::new(site));
    let pages = add_routes(Router::new(), guarded())
        .leptos_routes_with_handler(generate_route_list(app::App), get(page))
        .fallback(asset_or_page)
        .layer(middleware::from_fn_with_state(web.clone(), guard::authenticate))
        .layer(middleware::from_fn_with_state(web.clone(), guard::require_same_origin));
    add_routes(pages, unguarded())
        .nest("/api/v1", api::router())
        // The outermost layer, which runs first.
        .layer(middleware::from_fn_with_state(web.clone(), edge::require_edge_key))
        .with_state(web)
}

/// The paths of all routes except pages, for the permission tests.
pub fn paths() -> Vec<String> {
    let own = guarded().into_iter().chain(unguarded());
    let api = api::routes()
        .into_iter()
        .map(|(path, _)| format!("/api/v1{}", path.trim_end_matches('/')));
    own.map(|(path, _)| path.to_owned()).chain(api).collect()
}

/// Provides the Leptos context of a request, for pages and server functions.
fn context(web: &Web, visitor: &Visitor, table: Table) -> impl Fn() + Clone + Send + Sync + 'static {
    let services = Arc::new(ViewerServices {
        site: web.0.clone(),
        table,
        viewer: visitor.viewer.clone(),
        client: visitor.client.clone(),
        pending_sign_in: visitor.pending_sign_in.clone(),
        provider: visitor.provider.clone(),
    });
    let services = RequestServices {
        accounts: services.clone(),
        settings: services.clone(),
        ways: services.clone(),
        account_data: services.clone(),
        passkeys: services.clone(),
        people: services.clone(),
        notifications: services.clone(),
        photos: services.clone(),
        live: services,
    };
    move || services.clone().provide()
}

async fn server_function(State(web): State<Web>, Extension(visitor): Extension<Visitor>, request: Request<Body>) -> Response {
    let response = handle_server_fns_with_context(context(&web, &visitor, web.0.table.clone()), request)
        .await
        .into_response();
    error::with_error_status(response).await
}

async fn page(State(web): State<Web>, Extension(visitor): Extension<Visitor>, request: Request<Body>) -> Response {
    let table = page_rows::batched_table(request.uri().path(), &web.0, &visitor);
    let context = context(&web, &visitor, table);
    let site = web.0.clone();
    let document = move || {
        security_headers::set_for_page(&site.connect);
        app::shell(site.options.clone())
    };
    let mut response = render_app_async_with_context(context, document)(request).await;
    if let Viewer::Account(_) = visitor.viewer {
        cookies::append(response.headers_mut(), &cookies::media(&web.0.signer, now()));
    }
    response
}

/// The fallback: an asset in local development, else the page for unknown paths. In Lambda, assets come from the site bucket.
async fn asset_or_page(State(web): State<Web>, Extension(visitor): Extension<Visitor>, request: Request<Body>) -> Response {
    if !handler::in_lambda() {
        let file = Request::builder()
            .uri(request.uri().clone())
            .body(Body::empty())
            .unwrap_or_default();
        let served = ServeDir::new(web.0.options.site_root.as_ref())
            .append_index_html_on_directories(false)
            .try_call(file)
            .await;
        if let Ok(file) = served
            && file.status() != StatusCode::NOT_FOUND
        {
            return file.into_response();
        }
    }
    page(State(web), Extension(visitor), request).await
}
