//! Failures on their way to the visitor: what only we can mend is logged here, once, and says nothing more.

use crate::failure::Failure;
use app::ui::fault::Fault;
use axum::body::{Body, to_bytes};
use axum::http::StatusCode;
use axum::response::Response;
use model::refusals::Refusal;
use tracing::error;

/// The largest fault that is looked at, in bytes; none comes near it.
const FAULT_BYTES: usize = 64 * 1024;

/// What the visitor is told.
pub fn tell(failure: Failure) -> Fault {
    match failure {
        Failure::Refused(refusal) => Fault::Refused(refusal),
        failure @ Failure::Broken { .. } => {
            error!(%failure, "failed");
            Fault::Broken
        }
    }
}

/// A refusal's name on the wire.
pub fn name(refusal: &Refusal) -> String {
    let written = serde_json::to_value(refusal).unwrap_or_default();
    written["refusal"].as_str().unwrap_or("refused").to_owned()
}

/// The answer of a server function under the status of the fault it carries: leptos answers every fault with 500, and
/// then neither a browser's console nor an alarm could tell a refusal from a failure.
pub async fn with_its_status(response: Response) -> Response {
    if response.status() != StatusCode::INTERNAL_SERVER_ERROR {
        return response;
    }
    let (mut head, body) = response.into_parts();
    let bytes = to_bytes(body, FAULT_BYTES).await.unwrap_or_default();
    // What is no fault is ours.
    head.status = serde_json::from_slice(&bytes).unwrap_or(Fault::Broken).status();
    Response::from_parts(head, Body::from(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};

    async fn status_of(body: impl Into<Body>) -> StatusCode {
        let mut response = Response::new(body.into());
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        with_its_status(response).await.status()
    }

    #[tokio::test]
    async fn a_request_that_cannot_be_read_is_not_our_fault() {
        for error in [
            ServerFnErrorErr::Deserialization("JSON".into()),
            ServerFnErrorErr::Args("form".into()),
        ] {
            let fault = Fault::from_server_fn_error(error);
            assert_eq!(status_of(fault.ser()).await, StatusCode::UNPROCESSABLE_ENTITY);
        }
    }

    #[tokio::test]
    async fn an_answer_that_is_no_fault_is_ours() {
        assert_eq!(status_of("panicked").await, StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(status_of(Fault::Broken.ser()).await, StatusCode::INTERNAL_SERVER_ERROR);
    }
}
