//! Mail, by SES.

use super::sdk_error;
use crate::error::AppError;
use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::types::{Body, Content, Destination, EmailContent, Message, MessageHeader};

/// The setting's value if no mail is sent.
const NO_SENDER: &str = "none";

/// A mail.
pub struct Envelope {
    /// The recipient.
    pub to: String,
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub text: String,
    /// The HTML version of the text.
    pub html: String,
    /// Further headers.
    pub headers: Vec<(&'static str, String)>,
}

/// The mail client.
#[derive(Clone)]
pub struct Mail {
    client: Client,
    from: Option<String>,
    set: String,
}

impl Mail {
    /// `set` names the SES configuration set, which reports bounces.
    pub(super) fn new(config: &aws_config::SdkConfig, from: String, set: String) -> Self {
        Self {
            client: Client::new(config),
            from: sender(from),
            set,
        }
    }

    /// Sends a mail; `false` if the stage has no sender.
    pub async fn send(&self, mail: &Envelope) -> Result<bool, AppError> {
        let Some(from) = &self.from else { return Ok(false) };
        let headers = mail.headers.iter().map(|(name, value)| {
            let header = MessageHeader::builder().name(*name).value(value).build();
            header.map_err(sdk_error("build a mail"))
        });
        let message = Message::builder()
            .subject(content(&mail.subject)?)
            .body(Body::builder().text(content(&mail.text)?).html(content(&mail.html)?).build())
            .set_headers(Some(headers.collect::<Result<_, _>>()?))
            .build();
        let request = self
            .client
            .send_email()
            .from_email_address(from)
            .configuration_set_name(&self.set)
            .destination(Destination::builder().to_addresses(&mail.to).build())
            .content(EmailContent::builder().simple(message).build());
        request.send().await.map_err(sdk_error("send a mail"))?;
        Ok(true)
    }
}

/// The sender's address, if the setting names one.
pub fn sender(setting: String) -> Option<String> {
    (setting != NO_SENDER).then_some(setting)
}

fn content(text: &str) -> Result<Content, AppError> {
    let content = Content::builder().data(text).charset("UTF-8").build();
    content.map_err(sdk_error("build a mail"))
}
