//! `/api/v1`, for programs: with an access token that the HTTP API's authorizer has checked, and never with a cookie.

mod bearer;
mod document;
mod photos;
mod problem;

use super::Web;
use axum::Router;
use axum::routing::{any, get, post};
use model::refusals::Refusal;
pub(super) use problem::Problem;

/// A path that is none.
pub(super) async fn nowhere() -> Problem {
    Refusal::NotFound.into()
}

/// The routes, below `/api/v1`.
pub(super) fn router() -> Router<Web> {
    Router::new()
        .route("/openapi.json", get(document::document))
        .route("/photos", get(photos::list).post(photos::grant))
        .route("/photos/{id}", get(photos::read).delete(photos::trash))
        .route("/photos/{id}/arrival", post(photos::arrived))
        .route("/photos/{id}/original", get(photos::original))
        // Not a fallback: the route of the pages' server functions would come before it.
        .route("/", any(nowhere))
        .route("/{*elsewhere}", any(nowhere))
        .method_not_allowed_fallback(async || Problem::method_not_allowed())
}
