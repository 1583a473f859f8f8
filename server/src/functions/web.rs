//! The function `web`: pages and server functions, behind the HTTP API in Lambda and plain HTTP elsewhere.

use super::start;
use crate::handler::{self, FunctionError};
use crate::web::{Site, router};

/// Handles invocations until the environment ends.
///
/// # Errors
/// When it cannot start, or the Lambda runtime API cannot be reached.
pub fn run() -> Result<(), FunctionError> {
    start(serve())
}

async fn serve() -> Result<(), FunctionError> {
    handler::log_to_stdout();
    let site = Site::open().await.inspect_err(handler::cannot_start)?;
    let address = site.options.site_addr;
    let router = router(site);
    if handler::in_lambda() {
        return lambda_http::run(router).await;
    }
    let listener = tokio::net::TcpListener::bind(address).await?;
    tracing::info!(%address, "serving");
    Ok(axum::serve(listener, router).await?)
}
