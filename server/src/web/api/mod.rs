//! `/api/v1`, for programs: authenticated by an access token that the HTTP API's authorizer has verified, never by a cookie.

mod bearer;
mod document;
mod photos;
mod problem;

use super::{Routes, Web, add_routes};
use axum::Router;
use axum::routing::{any, get, post};
use model::user_error::UserError;
pub(super) use problem::Problem;

/// The response for unknown paths.
pub(super) async fn not_found() -> Problem {
    UserError::NotFound.into()
}

/// The routes, relative to `/api/v1`.
pub(super) fn routes() -> Routes {
    vec![
        ("/openapi.json", get(document::document)),
        ("/photos", get(photos::list).post(photos::grant)),
        ("/photos/{id}", get(photos::read).delete(photos::trash)),
        ("/photos/{id}/arrival", post(photos::arrived)),
        ("/photos/{id}/original", get(photos::original)),
        // Not a fallback: the route of the server functions, `/api/{*function}`, would match before it.
        ("/", any(not_found)),
        ("/{*elsewhere}", any(not_found)),
    ]
}

/// The router, relative to `/api/v1`.
pub(super) fn router() -> Router<Web> {
    add_routes(Router::new(), routes()).method_not_allowed_fallback(async || Problem::method_not_allowed())
}
