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

/// Why somebody was sent to a page, by the word in its address.
pub fn why(word: &str) -> Option<String> {
    let said = serde_json::json!({ "refusal": word });
    match serde_json::from_value::<Refusal>(said) {
        Ok(why) => Some(refusal(&why)),
        Err(_) => (word == "broken").then(|| BROKEN.to_owned()),
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    #[test]
    fn a_file_name_in_a_title_is_no_markup() {
        let page = super::title("a&b</title><meta http-equiv=refresh>.jpg".into());
        assert_eq!(page, "a&amp;b&lt;/title>&lt;meta http-equiv=refresh>.jpg · Shoebox");
    }
}
