//! The words of the pages, and what only pages say with them.

use crate::ui::fault::Fault;
use model::refusals::Refusal;

pub use words::*;

/// Text of the page's title.
pub fn title(page: String) -> String {
    if page.is_empty() {
        NAME.to_owned()
    } else {
        format!("{} · {NAME}", as_text(page))
    }
}

/// The server writes a title into the page as it is, and file names are anybody's; a browser takes it as plain text.
#[cfg(feature = "ssr")]
fn as_text(page: String) -> String {
    page.replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(not(feature = "ssr"))]
fn as_text(page: String) -> String {
    page
}

/// Why there is no answer, and what to do about it.
pub fn fault(fault: &Fault) -> String {
    match fault {
        Fault::Refused(why) => refusal(why),
        Fault::Offline => OFFLINE.to_owned(),
        Fault::Broken => BROKEN.to_owned(),
    }
}

/// The word for what only we can mend.
const BROKEN_WORD: &str = "broken";

/// Noes that pages of ours are told by their address.
const WHYS: [Refusal; 12] = [
    Refusal::SignInFirst,
    Refusal::NotFound,
    Refusal::CrossSite,
    Refusal::TooMany,
    Refusal::Closed,
    Refusal::NoOwnerYet,
    Refusal::ProviderRefused,
    Refusal::ProviderTooLate,
    Refusal::EmailNotProven,
    Refusal::LinkFirst,
    Refusal::LinkedElsewhere,
    Refusal::Leaving,
];

/// The word for a page's address that says why somebody was sent there.
pub fn word_for(why: &Fault) -> String {
    let refusal = match why {
        Fault::Refused(refusal) if WHYS.contains(refusal) => refusal,
        _ => return BROKEN_WORD.to_owned(),
    };
    let written = serde_json::to_value(refusal).unwrap_or_default();
    written["refusal"].as_str().unwrap_or(BROKEN_WORD).to_owned()
}

/// Why somebody was sent to a page, by the word in its address. `missing` is what that page says where something is not there.
pub fn why(word: &str, missing: &str) -> Option<String> {
    let said = serde_json::json!({ "refusal": word });
    match serde_json::from_value::<Refusal>(said) {
        Ok(Refusal::NotFound) => Some(missing.to_owned()),
        Ok(why) => WHYS.contains(&why).then(|| refusal(&why)),
        Err(_) => (word == BROKEN_WORD).then(|| BROKEN.to_owned()),
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn each_why_in_an_address_has_a_text_of_its_own_and_others_say_nothing() {
        let mut texts = std::collections::HashSet::new();
        for refusal in WHYS {
            let fault = Fault::Refused(refusal);
            let word = word_for(&fault);
            let text = why(&word, "It is not there.").unwrap_or_default();
            assert!(!text.is_empty() && text != BROKEN && texts.insert(text), "{word}");
        }
        assert_eq!(why("not_found", "It is not there.").as_deref(), Some("It is not there."));
        for fault in [
            Fault::Broken,
            Fault::Offline,
            Fault::Refused(Refusal::LockedOut { minutes: 1 }),
        ] {
            assert_eq!(why(&word_for(&fault), "").as_deref(), Some(BROKEN));
        }
        for unknown in ["", "nothing", "wrong_password", "locked_out", "<b>"] {
            assert_eq!(why(unknown, "It is not there."), None, "{unknown}");
        }
    }

    #[test]
    fn a_file_name_in_a_title_is_no_markup() {
        let page = super::title("a&b</title><meta http-equiv=refresh>.jpg".into());
        assert_eq!(page, "a&amp;b&lt;/title>&lt;meta http-equiv=refresh>.jpg · Shoebox");
    }
}
