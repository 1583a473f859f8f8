//! Errors of server functions.

use leptos::server_fn::codec::JsonEncoding;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use model::refusals::Refusal;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Why a request failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// The user can act on it.
    Refused(Refusal),
    /// The request or the response was lost on the network.
    Offline,
    /// An internal error. It is logged; the response has no details.
    Broken,
}

#[cfg(feature = "ssr")]
impl Fault {
    /// The HTTP status.
    pub fn status(&self) -> http::StatusCode {
        use http::StatusCode;
        match self {
            Self::Refused(Refusal::SignInFirst | Refusal::SignInAgain) => StatusCode::UNAUTHORIZED,
            Self::Refused(Refusal::CrossSite | Refusal::OwnerOnly | Refusal::OperatorsOnly | Refusal::Closed) => {
                StatusCode::FORBIDDEN
            }
            Self::Refused(Refusal::NotFound) => StatusCode::NOT_FOUND,
            Self::Refused(
                Refusal::TooMany
                | Refusal::LockedOut { .. }
                | Refusal::TooManyCodes { .. }
                | Refusal::TooManyMails { .. }
                | Refusal::TooManyTexts { .. }
                | Refusal::TooManyExports
                | Refusal::TooManyInvitations
                | Refusal::TooManyGrants { .. }
                | Refusal::TooManyFromHere { .. },
            ) => StatusCode::TOO_MANY_REQUESTS,
            Self::Refused(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Offline | Self::Broken => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl std::error::Error for Fault {}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl FromServerFnError for Fault {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) => Self::Refused(Refusal::Malformed),
            // In a browser it is the server's response that cannot be parsed.
            ServerFnErrorErr::Deserialization(_) if cfg!(feature = "ssr") => Self::Refused(Refusal::Malformed),
            ServerFnErrorErr::Request(_) => Self::Offline,
            _ => Self::Broken,
        }
    }
}
