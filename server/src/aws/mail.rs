//! Mail, by SES.

use super::broken;
use crate::failure::Failure;
use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::types::{Body, Content, Destination, EmailContent, Message, MessageHeader};

/// What the setting says where no mail is sent.
const NO_SENDER: &str = "none";

/// A mail as it is sent.
pub struct Envelope {
    /// To whom.
    pub to: String,
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub text: String,
    /// The same as HTML.
    pub html: String,
    /// Further headers.
    pub headers: Vec<(&'static str, String)>,
}

/// The way to send mail.
#[derive(Clone)]
pub struct Mail {
    client: Client,
    from: Option<String>,
    set: String,
}

impl Mail {
    /// `set` names the configuration set by which SES tells of mails that come back.
    pub(super) fn new(config: &aws_config::SdkConfig, from: String, set: String) -> Self {
        Self {
            client: Client::new(config),
            from: sender(from),
            set,
        }
    }

    /// Sends a mail; `false` where the stage has no sender.
    pub async fn send(&self, mail: &Envelope) -> Result<bool, Failure> {
        let Some(from) = &self.from else { return Ok(false) };
        let headers = mail.headers.iter().map(|(name, value)| {
            let header = MessageHeader::builder().name(*name).value(value).build();
            header.map_err(broken("write a mail"))
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
        request.send().await.map_err(broken("send a mail"))?;
        Ok(true)
    }
}

/// Whom mails come from, where the setting says somebody.
pub fn sender(setting: String) -> Option<String> {
    (setting != NO_SENDER).then_some(setting)
}

fn content(text: &str) -> Result<Content, Failure> {
    let content = Content::builder().data(text).charset("UTF-8").build();
    content.map_err(broken("write a mail"))
}
