//! Pages and server functions, each for one viewer.

mod accounts;
mod api;
mod cookies;
mod edge;
mod fault;
mod federated;
mod guard;
mod leaving;
mod live;
mod notices;
mod page_rows;
mod passkeys;
mod people;
mod photos;
mod redirect;
mod settings;
mod site;
mod ways;

pub use site::Site;

use crate::accounts::{Client, Viewer};
use crate::aws::table::Table;
use crate::{door, now};
use app::Rooms;
use app::ui::shell::Addresses;
use axum::body::Body;
use axum::extract::{Extension, FromRef, State};
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, any, get, post};
use axum::{Router, middleware};
use guard::Visitor;
use leptos::prelude::{LeptosOptions, provide_context};
use leptos_axum::{LeptosRoutes, generate_route_list, handle_server_fns_with_context, render_app_async_with_context};
use std::sync::Arc;
use tower_http::services::ServeDir;

/// What every handler is given.
#[derive(Clone)]
struct Web(Arc<Site>);

impl FromRef<Web> for LeptosOptions {
    fn from_ref(web: &Web) -> Self {
        web.0.options.clone()
    }
}

/// The rooms as one viewer may enter them.
struct ForViewer {
    site: Arc<Site>,
    /// The table for what is shown: it may have the rows of the page at hand read together.
    table: Table,
    viewer: Viewer,
    client: Client,
    half: Option<String>,
    provider: Option<String>,
}

/// Paths, with what answers there.
type Routes = Vec<(&'static str, MethodRouter<Web>)>;

/// What browsers ask for beside pages, once it is known who asks.
fn guarded() -> Routes {
    vec![
        ("/api/{*function}", post(server_function)),
        ("/sign-in/with/{provider}", get(federated::go)),
        ("/sign-in/from", get(federated::come_back)),
        ("/account/export/{part}", get(leaving::part)),
        ("/photos/{id}/original", get(photos::original)),
    ]
}

/// What takes no cookie: other sites can borrow none there, so it is not behind the guards of pages.
fn unguarded() -> Routes {
    vec![
        // Mail programs are other sites.
        ("/stop", post(notices::one_click)),
        ("/api/v1/", any(api::nowhere)),
        ("/healthz", get(|| async { axum::Json(crate::door::smoke("web")) })),
    ]
}

fn add_routes(router: Router<Web>, routes: Routes) -> Router<Web> {
    routes
        .into_iter()
        .fold(router, |router, (path, answers)| router.route(path, answers))
}

/// All routes.
pub fn router(site: Site) -> Router {
    let web = Web(Arc::new(site));
    let pages = add_routes(Router::new(), guarded())
        .leptos_routes_with_handler(generate_route_list(app::App), get(page))
        .fallback(asset_or_page)
        .layer(middleware::from_fn_with_state(web.clone(), guard::know_the_visitor))
        .layer(middleware::from_fn_with_state(web.clone(), guard::refuse_other_sites));
    add_routes(pages, unguarded())
        .nest("/api/v1", api::router())
        // Last, and so before all others.
        .layer(middleware::from_fn_with_state(web.clone(), edge::refuse_others))
        .with_state(web)
}

/// The path of every route but the pages', for the tests of who may do what.
pub fn paths() -> Vec<String> {
    let own = guarded().into_iter().chain(unguarded());
    let programs = api::routes()
        .into_iter()
        .map(|(path, _)| format!("/api/v1{}", path.trim_end_matches('/')));
    own.map(|(path, _)| path.to_owned()).chain(programs).collect()
}

/// What a request's context holds, for pages and server functions alike.
fn context(web: &Web, visitor: &Visitor, table: Table) -> impl Fn() + Clone + Send + Sync + 'static {
    let rooms = Arc::new(ForViewer {
        site: web.0.clone(),
        table,
        viewer: visitor.viewer.clone(),
        client: visitor.client.clone(),
        half: visitor.half.clone(),
        provider: visitor.provider.clone(),
    });
    let rooms = Rooms {
        accounts: rooms.clone(),
        settings: rooms.clone(),
        ways: rooms.clone(),
        leaving: rooms.clone(),
        passkeys: rooms.clone(),
        people: rooms.clone(),
        notices: rooms.clone(),
        photos: rooms.clone(),
        live: rooms,
    };
    let addresses = Addresses {
        connect: web.0.connect.clone(),
    };
    move || {
        provide_context(rooms.clone());
        provide_context(addresses.clone());
    }
}

async fn server_function(State(web): State<Web>, Extension(visitor): Extension<Visitor>, request: Request<Body>) -> Response {
    let response = handle_server_fns_with_context(context(&web, &visitor, web.0.table.clone()), request)
        .await
        .into_response();
    fault::with_its_status(response).await
}

async fn page(State(web): State<Web>, Extension(visitor): Extension<Visitor>, request: Request<Body>) -> Response {
    let options = web.0.options.clone();
    let table = page_rows::read_together(request.uri().path(), &web.0, &visitor);
    let context = context(&web, &visitor, table);
    let mut response = render_app_async_with_context(context, move || app::shell(options.clone()))(request).await;
    if let Viewer::Account(_) = visitor.viewer {
        cookies::append(response.headers_mut(), &cookies::media(&web.0.signer, now()));
    }
    response
}

/// At home the watch server hands out its own assets; in Lambda they come from the site bucket, and what is asked for
/// here is a page that is not there.
async fn asset_or_page(State(web): State<Web>, Extension(visitor): Extension<Visitor>, request: Request<Body>) -> Response {
    if !door::in_lambda() {
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
