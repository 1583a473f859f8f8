//! Failures on their way to the visitor: what only we can mend is logged here, once, and says nothing more.

use crate::failure::Failure;
use app::ui::fault::Fault;
use axum::body::{Body, to_bytes};
use axum::http::{StatusCode, header};
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

/// Seconds after which the same question is answered, where the visitor need only wait.
pub fn retry_after(fault: &Fault) -> Option<u32> {
    match fault {
        Fault::Refused(refusal) => refusal.retry_after(),
        Fault::Offline | Fault::Broken => None,
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
    let fault: Fault = serde_json::from_slice(&bytes).unwrap_or(Fault::Broken);
    head.status = fault.status();
    if let Some(seconds) = retry_after(&fault) {
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
    async fn a_refusal_that_passes_says_when() {
        let busy = Fault::Refused(Refusal::TooManyGrants { seconds: 7 });
        let mut response = Response::new(Body::from(busy.ser()));
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        let answer = with_its_status(response).await;
        assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(
            answer.headers().get(header::RETRY_AFTER).map(|value| value.as_bytes()),
            Some(&b"7"[..])
        );
    }

    #[tokio::test]
    async fn an_answer_that_is_no_fault_is_ours() {
        assert_eq!(status_of("panicked").await, StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(status_of(Fault::Broken.ser()).await, StatusCode::INTERNAL_SERVER_ERROR);
    }
}
