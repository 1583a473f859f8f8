//! Errors of server functions.

use leptos::server_fn::codec::JsonEncoding;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use model::user_error::UserError;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Why a request failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestError {
    /// The user can act on it.
    Refused(UserError),
    /// The request or the response was lost on the network.
    Offline,
    /// An internal error. It is logged; the response has no details.
    Broken,
}

#[cfg(feature = "ssr")]
impl RequestError {
    /// The HTTP status.
    pub fn status(&self) -> http::StatusCode {
        use http::StatusCode;
        match self {
            Self::Refused(UserError::SignInFirst | UserError::SignInAgain) => StatusCode::UNAUTHORIZED,
            Self::Refused(UserError::CrossSite | UserError::OwnerOnly | UserError::OperatorsOnly | UserError::Closed) => {
                StatusCode::FORBIDDEN
            }
            Self::Refused(UserError::NotFound) => StatusCode::NOT_FOUND,
            Self::Refused(
                UserError::TooMany
                | UserError::LockedOut { .. }
                | UserError::TooManyCodes { .. }
                | UserError::TooManyMails { .. }
                | UserError::TooManyTexts { .. }
                | UserError::TooManyExports
                | UserError::TooManyInvitations
                | UserError::TooManyGrants { .. }
                | UserError::TooManyFromHere { .. },
            ) => StatusCode::TOO_MANY_REQUESTS,
            Self::Refused(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Offline | Self::Broken => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl std::error::Error for RequestError {}

impl From<UserError> for RequestError {
    fn from(user_error: UserError) -> Self {
        Self::Refused(user_error)
    }
}

impl FromServerFnError for RequestError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) => Self::Refused(UserError::Malformed),
            // In a browser it is the server's response that cannot be parsed.
            ServerFnErrorErr::Deserialization(_) if cfg!(feature = "ssr") => Self::Refused(UserError::Malformed),
            ServerFnErrorErr::Request(_) => Self::Offline,
            _ => Self::Broken,
        }
    }
}
