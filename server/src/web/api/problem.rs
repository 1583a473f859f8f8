//! Error responses, as `application/problem+json` (RFC 9457).

use crate::error::AppError;
use crate::web::error::{retry_after, user_error_name};
use app::ui::error::RequestError;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use model::programs::Problem as Body;
use model::user_error::UserError;

/// An error response.
pub struct Problem {
    status: StatusCode,
    kind: String,
    title: String,
    /// Seconds until a retry may succeed.
    retry_after: Option<u32>,
}

impl Problem {
    /// The path does not support the method.
    pub fn method_not_allowed() -> Self {
        Self {
            status: StatusCode::METHOD_NOT_ALLOWED,
            kind: "method_not_allowed".into(),
            title: messages::METHOD_NOT_ALLOWED.into(),
            retry_after: None,
        }
    }

    /// The token is valid, but lacks a scope.
    pub fn scope_missing(scope: &str) -> Self {
        Self {
            status: StatusCode::FORBIDDEN,
            kind: "scope_missing".into(),
            title: messages::scope_missing(scope),
            retry_after: None,
        }
    }
}

impl From<RequestError> for Problem {
    fn from(error: RequestError) -> Self {
        Self {
            status: error.status(),
            kind: match &error {
                RequestError::Refused(user_error) => user_error_name(user_error),
                RequestError::Offline | RequestError::Broken => "broken".into(),
            },
            title: app::ui::error_text(&error),
            retry_after: retry_after(&error),
        }
    }
}

impl From<UserError> for Problem {
    fn from(user_error: UserError) -> Self {
        RequestError::Refused(user_error).into()
    }
}

impl From<AppError> for Problem {
    fn from(error: AppError) -> Self {
        RequestError::from(error).into()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = Body {
            kind: format!("urn:shoebox:{}", self.kind),
            title: self.title,
            status: self.status.as_u16(),
        };
        let mut response = (self.status, axum::Json(body)).into_response();
        let problem = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, problem);
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}
