//! Errors of the AWS SDK.

use crate::error::AppError;
use aws_sdk_dynamodb::error::DisplayErrorContext;
use std::error::Error;

/// An internal error from an SDK error, with all of its sources: the SDK's `Display` shows only the outermost.
pub fn sdk_error<E: Error>(what: &'static str) -> impl FnOnce(E) -> AppError {
    move |error| AppError::internal(what, DisplayErrorContext(error))
}
