//! Renders a mail as plain text and HTML.

use crate::aws::mail::Envelope;
use html_escape::{encode_double_quoted_attribute, encode_text};
use messages::mail::EmailTemplate;
use messages::{LANGUAGE, NAME};

/// Renders a mail. `link` is the URL of its action, `unsubscribe` the URL that unsubscribes from its kind, if it has one.
pub fn envelope(to: String, template: &EmailTemplate, link: Option<&str>, unsubscribe: Option<&str>) -> Envelope {
    let links = Links {
        action: template.link.zip(link),
        unsubscribe: unsubscribe.map(|url| (template.unsubscribe, url)),
    };
    Envelope {
        to,
        subject: one_line(&template.subject),
        text: text(template, &links),
        html: html(template, &links),
        headers: headers(unsubscribe),
    }
}

/// The links of a mail: label and URL.
struct Links<'a> {
    action: Option<(&'a str, &'a str)>,
    unsubscribe: Option<(&'a str, &'a str)>,
}

/// One-click unsubscribe (RFC 8058), and no automatic replies (RFC 3834).
fn headers(unsubscribe: Option<&str>) -> Vec<(&'static str, String)> {
    let mut headers = vec![("Auto-Submitted", "auto-generated".to_owned())];
    if let Some(url) = unsubscribe {
        headers.push(("List-Unsubscribe", format!("<{url}>")));
        headers.push(("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()));
    }
    headers
}

/// Replaces control characters, so that a subject cannot inject headers.
fn one_line(text: &str) -> String {
    text.split(char::is_control).collect::<Vec<_>>().join(" ")
}

fn text(template: &EmailTemplate, links: &Links<'_>) -> String {
    let as_text = |(label, address): (&str, &str)| format!("{label}: {address}");
    let parts = template.paragraphs.iter().cloned().chain(links.action.map(as_text));
    let body = parts.collect::<Vec<_>>().join("\n\n");
    let unsubscribe = links
        .unsubscribe
        .map(|link| format!("{}\n", as_text(link)))
        .unwrap_or_default();
    format!("{body}\n\n-- \n{NAME}\n{}\n{unsubscribe}", template.reason)
}

fn html(template: &EmailTemplate, links: &Links<'_>) -> String {
    let paragraphs = template.paragraphs.iter().map(|text| format!("<p>{}</p>", encode_text(text)));
    let action = links
        .action
        .map(|link| format!("<p>{}</p>", anchor(link, " style=\"color:#b03a12\"")));
    let body: String = paragraphs.chain(action).collect();
    let unsubscribe = links
        .unsubscribe
        .map(|link| format!("<br>{}", anchor(link, "")))
        .unwrap_or_default();
    format!(
        "<!doctype html><html lang=\"{LANGUAGE}\"><head><meta charset=\"utf-8\"><title>{}</title></head>\
         <body style=\"font:16px/1.5 system-ui,sans-serif;max-width:36em;margin:2em auto;padding:0 1em\">{body}\
         <p style=\"font-size:13px;opacity:.7\">{NAME}<br>{}{unsubscribe}</p></body></html>",
        encode_text(&template.subject),
        encode_text(template.reason)
    )
}

fn anchor((label, address): (&str, &str), style: &str) -> String {
    let address = encode_double_quoted_attribute(address);
    format!("<a href=\"{address}\"{style}>{}</a>", encode_text(label))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_escaped() {
        let template = EmailTemplate {
            subject: "a\r\nBcc: b@example.org".into(),
            paragraphs: vec!["<script>alert(1)</script>".into()],
            link: Some("Come & in"),
            reason: "because",
            unsubscribe: "No <more>",
        };
        let (link, unsubscribe) = ("https://example.org/?a=\"b\"&c", "https://example.org/stop?a&b");
        let mail = envelope("ada@example.org".into(), &template, Some(link), Some(unsubscribe));
        assert!(!mail.subject.contains(['\r', '\n']));
        assert!(!mail.html.contains("<script>") && mail.html.contains("&lt;script&gt;"));
        assert!(mail.html.contains("?a=&quot;b&quot;&amp;c") && mail.html.contains("Come &amp; in"));
        assert!(mail.text.contains("Come & in: https://example.org/"));
        assert!(
            mail.html.contains("/stop?a&amp;b\">No &lt;more&gt;</a>")
                && mail.text.contains("No <more>: https://example.org/stop?a&b")
        );
        let header = |name: &str| {
            mail.headers
                .iter()
                .find(|(one, _)| *one == name)
                .map(|(_, value)| value.as_str())
        };
        assert_eq!(header("List-Unsubscribe"), Some("<https://example.org/stop?a&b>"));
        assert_eq!(header("List-Unsubscribe-Post"), Some("List-Unsubscribe=One-Click"));
    }

    #[test]
    fn a_mail_without_unsubscribe_link() {
        let template = EmailTemplate {
            subject: "subject".into(),
            paragraphs: vec![],
            link: None,
            reason: "because",
            unsubscribe: "No more",
        };
        let mail = envelope("ada@example.org".into(), &template, None, None);
        assert!(mail.text.ends_with("because\n") && mail.html.contains("because</p>"));
        assert!(!mail.text.contains("No more") && !mail.html.contains("No more"));
        assert!(!mail.headers.iter().any(|(name, _)| name.starts_with("List-Unsubscribe")));
    }
}
