//! `/api/v1`, for programs: with an access token that the HTTP API's authorizer has checked, and never with a cookie.

mod bearer;
mod document;
mod photos;
mod problem;

use super::{Routes, Web, add_routes};
use axum::Router;
use axum::routing::{any, get, post};
use model::refusals::Refusal;
pub(super) use problem::Problem;

/// A path that is none.
pub(super) async fn nowhere() -> Problem {
    Refusal::NotFound.into()
}

/// What answers below `/api/v1`.
pub(super) fn routes() -> Routes {
    vec![
        ("/openapi.json", get(document::document)),
        ("/photos", get(photos::list).post(photos::grant)),
        ("/photos/{id}", get(photos::read).delete(photos::trash)),
        ("/photos/{id}/arrival", post(photos::arrived)),
        ("/photos/{id}/original", get(photos::original)),
        // Not a fallback: the route of the pages' server functions would come before it.
        ("/", any(nowhere)),
        ("/{*elsewhere}", any(nowhere)),
    ]
}

/// The routes, below `/api/v1`.
pub(super) fn router() -> Router<Web> {
    add_routes(Router::new(), routes()).method_not_allowed_fallback(async || Problem::method_not_allowed())
}
