//! Routes, as lists that tests read, too.

use super::state::Web;
use axum::Router;
use axum::routing::MethodRouter;

/// Paths and their handlers.
pub type Routes = Vec<(&'static str, MethodRouter<Web>)>;

/// Adds routes to a router.
pub fn add_routes(router: Router<Web>, routes: Routes) -> Router<Web> {
    routes
        .into_iter()
        .fold(router, |router, (path, handler)| router.route(path, handler))
}
