//! Text messages, by SNS.

use super::broken;
use crate::failure::Failure;
use aws_sdk_sns::Client;
use aws_sdk_sns::operation::publish::PublishError;
use aws_sdk_sns::types::MessageAttributeValue;

/// What came of a text message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Texted {
    /// It is on its way.
    Sent,
    /// SNS takes none for this number: nobody has it, or its owner answered STOP. Trying again is of no use.
    Unreachable,
}

/// The way to send text messages.
#[derive(Clone)]
pub struct Sms {
    client: Client,
}

impl Sms {
    pub(super) fn new(config: &aws_config::SdkConfig) -> Self {
        Self {
            client: Client::new(config),
        }
    }

    /// Sends a text message to a number as E.164 writes it.
    pub async fn send(&self, number: &str, text: &str) -> Result<Texted, Failure> {
        // The other type, for advertising, is cheaper and may be late.
        let transactional = MessageAttributeValue::builder()
            .data_type("String")
            .string_value("Transactional")
            .build()
            .map_err(broken("write a text message"))?;
        let request = self.client.publish().phone_number(number).message(text);
        match request.message_attributes("AWS.SNS.SMS.SMSType", transactional).send().await {
            Ok(_) => Ok(Texted::Sent),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(PublishError::is_invalid_parameter_exception) =>
            {
                Ok(Texted::Unreachable)
            }
            Err(error) => Err(broken("send a text message")(error)),
        }
    }
}
