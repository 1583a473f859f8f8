//! Messages of the pages, and helpers that only pages use.

use crate::ui::error::RequestError;
use model::user_error::UserError;

pub use messages::*;

/// The document's title.
pub fn title(page: String) -> String {
    if page.is_empty() {
        NAME.to_owned()
    } else {
        format!("{} · {NAME}", as_text(page))
    }
}

/// The server does not escape titles, and file names are untrusted. A browser sets them as plain text.
#[cfg(feature = "ssr")]
fn as_text(page: String) -> String {
    page.replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(not(feature = "ssr"))]
fn as_text(page: String) -> String {
    page
}

/// The message of an error.
pub fn error_text(error: &RequestError) -> String {
    match error {
        RequestError::Refused(error) => user_error(error),
        RequestError::Offline => OFFLINE.to_owned(),
        RequestError::Broken => BROKEN.to_owned(),
    }
}

/// The code of internal errors.
const INTERNAL_ERROR: &str = "broken";

/// Errors that an address may report to a page.
const REPORTED: [UserError; 12] = [
    UserError::SignInFirst,
    UserError::NotFound,
    UserError::CrossSite,
    UserError::TooMany,
    UserError::Closed,
    UserError::NoOwnerYet,
    UserError::ProviderRefused,
    UserError::ProviderTooLate,
    UserError::EmailNotProven,
    UserError::LinkFirst,
    UserError::LinkedElsewhere,
    UserError::Leaving,
];

/// The code of an error, for the address of the page that is to report it.
pub fn error_code(error: &RequestError) -> String {
    let user_error = match error {
        RequestError::Refused(user_error) if REPORTED.contains(user_error) => user_error,
        _ => return INTERNAL_ERROR.to_owned(),
    };
    let json = serde_json::to_value(user_error).unwrap_or_default();
    json["refusal"].as_str().unwrap_or(INTERNAL_ERROR).to_owned()
}

/// The message for an error code in a page's address. `missing` is the message if something was not found.
pub fn text_of_code(code: &str, missing: &str) -> Option<String> {
    let json = serde_json::json!({ "refusal": code });
    match serde_json::from_value::<UserError>(json) {
        Ok(UserError::NotFound) => Some(missing.to_owned()),
        Ok(error) => REPORTED.contains(&error).then(|| user_error(&error)),
        Err(_) => (code == INTERNAL_ERROR).then(|| BROKEN.to_owned()),
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn each_reported_error_has_its_own_message_and_others_have_none() {
        let mut texts = std::collections::HashSet::new();
        for user_error in REPORTED {
            let code = error_code(&RequestError::Refused(user_error));
            let text = text_of_code(&code, "It was not found.").unwrap_or_default();
            assert!(!text.is_empty() && text != BROKEN && texts.insert(text), "{code}");
        }
        assert_eq!(
            text_of_code("not_found", "It was not found.").as_deref(),
            Some("It was not found.")
        );
        for error in [
            RequestError::Broken,
            RequestError::Offline,
            RequestError::Refused(UserError::LockedOut { minutes: 1 }),
        ] {
            assert_eq!(text_of_code(&error_code(&error), "").as_deref(), Some(BROKEN));
        }
        for unknown in ["", "nothing", "wrong_password", "locked_out", "<b>"] {
            assert_eq!(text_of_code(unknown, "It was not found."), None, "{unknown}");
        }
    }

    #[test]
    fn titles_are_escaped() {
        let page = super::title("a&b</title><meta http-equiv=refresh>.jpg".into());
        assert_eq!(page, "a&amp;b&lt;/title>&lt;meta http-equiv=refresh>.jpg · Shoebox");
    }
}
