//! Error responses, as `application/problem+json` (RFC 9457).

use crate::failure::Failure;
use crate::web::fault::{refusal_name, retry_after, to_fault};
use app::ui::fault::Fault;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use model::programs::Problem as Body;
use model::refusals::Refusal;

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
            title: words::METHOD_NOT_ALLOWED.into(),
            retry_after: None,
        }
    }

    /// The token is valid, but lacks a scope.
    pub fn scope_missing(scope: &str) -> Self {
        Self {
            status: StatusCode::FORBIDDEN,
            kind: "scope_missing".into(),
            title: words::scope_missing(scope),
            retry_after: None,
        }
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        Self {
            status: fault.status(),
            kind: match &fault {
                Fault::Refused(refusal) => refusal_name(refusal),
                Fault::Offline | Fault::Broken => "broken".into(),
            },
            title: app::ui::fault_words(&fault),
            retry_after: retry_after(&fault),
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Fault::Refused(refusal).into()
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        to_fault(failure).into()
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
