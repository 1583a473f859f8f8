//! Maps errors to what the visitor sees. Internal errors are logged here, once, and their details are not sent.

use crate::error::AppError;
use app::ui::error::RequestError;
use axum::body::{Body, to_bytes};
use axum::http::{StatusCode, header};
use axum::response::Response;
use model::user_error::UserError;
use tracing::error;

/// Maximum size of a serialized error, in bytes.
const MAX_ERROR_BYTES: usize = 64 * 1024;

/// Logs internal errors: each is to be converted once.
impl From<AppError> for RequestError {
    fn from(error: AppError) -> Self {
        match error {
            AppError::User(user_error) => Self::Refused(user_error),
            AppError::Internal { .. } => {
                error!(failure = %error, "failed");
                Self::Broken
            }
        }
    }
}

/// For `Retry-After`: seconds until a retry may succeed, if it may.
pub fn retry_after(error: &RequestError) -> Option<u32> {
    match error {
        RequestError::Refused(user_error) => user_error.retry_after(),
        RequestError::Offline | RequestError::Broken => None,
    }
}

/// The serialized name of an error.
pub fn user_error_name(user_error: &UserError) -> String {
    let value = serde_json::to_value(user_error).unwrap_or_default();
    value["refusal"].as_str().unwrap_or("refused").to_owned()
}

/// Sets the status of a server function's response from the error in it: Leptos returns 500 for every error, which neither a browser's
/// console nor an alarm could distinguish from an internal one.
pub async fn with_error_status(response: Response) -> Response {
    if response.status() != StatusCode::INTERNAL_SERVER_ERROR {
        return response;
    }
    let (mut head, body) = response.into_parts();
    let bytes = to_bytes(body, MAX_ERROR_BYTES).await.unwrap_or_default();
    // A body that is no `RequestError` is an internal error.
    let error: RequestError = serde_json::from_slice(&bytes).unwrap_or(RequestError::Broken);
    head.status = error.status();
    if let Some(seconds) = retry_after(&error) {
        head.headers.insert(header::RETRY_AFTER, seconds.into());
    }
    Response::from_parts(head, Body::from(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};

    async fn status_of(body: impl Into<Body>) -> StatusCode {
        let mut response = Response::new(body.into());
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        with_error_status(response).await.status()
    }

    #[tokio::test]
    async fn an_invalid_request_is_a_client_error() {
        for error in [
            ServerFnErrorErr::Deserialization("JSON".into()),
            ServerFnErrorErr::Args("form".into()),
        ] {
            let error = RequestError::from_server_fn_error(error);
            assert_eq!(status_of(error.ser()).await, StatusCode::UNPROCESSABLE_ENTITY);
        }
    }

    #[tokio::test]
    async fn a_temporary_refusal_has_retry_after() {
        let busy = RequestError::Refused(UserError::TooManyGrants { seconds: 7 });
        let mut response = Response::new(Body::from(busy.ser()));
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        let response = with_error_status(response).await;
        assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(
            response.headers().get(header::RETRY_AFTER).map(|value| value.as_bytes()),
            Some(&b"7"[..])
        );
    }

    #[tokio::test]
    async fn a_response_without_a_request_error_is_an_internal_error() {
        assert_eq!(status_of("panicked").await, StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(status_of(RequestError::Broken.ser()).await, StatusCode::INTERNAL_SERVER_ERROR);
    }
}
