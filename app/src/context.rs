//! How server functions reach the services of their request.

use crate::ui::error::RequestError;
use leptos::prelude::use_context;
use std::sync::Arc;

/// A service of the current request, by its trait; an error outside of requests, as when routes are listed.
pub fn service<S: ?Sized + Send + Sync + 'static>() -> Result<Arc<S>, RequestError> {
    use_context().ok_or(RequestError::Broken)
}
