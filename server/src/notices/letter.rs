//! A letter becomes a mail: plain text, and the same as HTML.

use crate::aws::mail::Envelope;
use html_escape::{encode_double_quoted_attribute, encode_text};
use words::mail::Letter;
use words::{LANGUAGE, NAME};

/// Writes a letter to somebody. `link` is where its link leads.
pub fn envelope(to: String, letter: &Letter, link: Option<&str>) -> Envelope {
    let link = letter.link.zip(link);
    Envelope {
        to,
        subject: one_line(&letter.subject),
        text: text(letter, link),
        html: html(letter, link),
        headers: vec![("Auto-Submitted", "auto-generated".to_owned())],
    }
}

/// A header has one line, whatever stands in an address.
fn one_line(text: &str) -> String {
    text.split(char::is_control).collect::<Vec<_>>().join(" ")
}

fn text(letter: &Letter, link: Option<(&str, &str)>) -> String {
    let link = link.map(|(label, address)| format!("{label}: {address}"));
    let parts = letter.paragraphs.iter().cloned().chain(link);
    let body = parts.collect::<Vec<_>>().join("\n\n");
    format!("{body}\n\n-- \n{NAME}\n{}\n", letter.reason)
}

fn html(letter: &Letter, link: Option<(&str, &str)>) -> String {
    let paragraphs = letter.paragraphs.iter().map(|text| format!("<p>{}</p>", encode_text(text)));
    let link = link.map(|(label, address)| {
        format!(
            "<p><a href=\"{}\" style=\"color:#b03a12\">{}</a></p>",
            encode_double_quoted_attribute(address),
            encode_text(label)
        )
    });
    let body: String = paragraphs.chain(link).collect();
    format!(
        "<!doctype html><html lang=\"{LANGUAGE}\"><head><meta charset=\"utf-8\"><title>{}</title></head>\
         <body style=\"font:16px/1.5 system-ui,sans-serif;max-width:36em;margin:2em auto;padding:0 1em\">{body}\
         <p style=\"font-size:13px;opacity:.7\">{NAME}<br>{}</p></body></html>",
        encode_text(&letter.subject),
        encode_text(letter.reason)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_no_markup_and_no_header() {
        let letter = Letter {
            subject: "a\r\nBcc: b@example.org".into(),
            paragraphs: vec!["<script>alert(1)</script>".into()],
            link: Some("Come & in"),
            reason: "because",
        };
        let mail = envelope("ada@example.org".into(), &letter, Some("https://example.org/?a=\"b\"&c"));
        assert!(!mail.subject.contains(['\r', '\n']));
        assert!(!mail.html.contains("<script>") && mail.html.contains("&lt;script&gt;"));
        assert!(mail.html.contains("?a=&quot;b&quot;&amp;c") && mail.html.contains("Come &amp; in"));
        assert!(mail.text.contains("Come & in: https://example.org/"));
    }
}
