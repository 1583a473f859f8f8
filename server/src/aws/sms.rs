//! Text messages, by SNS.

use super::sdk_error;
use crate::error::AppError;
use aws_sdk_sns::Client;
use aws_sdk_sns::operation::publish::PublishError;
use aws_sdk_sns::types::MessageAttributeValue;

/// The outcome of a text message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmsOutcome {
    /// SNS accepted it.
    Sent,
    /// SNS refuses this number: it is not in use, or its owner replied STOP. A retry is useless.
    Unreachable,
}

/// The client for text messages.
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

    /// Sends a text message to a number in E.164 format.
    pub async fn send(&self, number: &str, text: &str) -> Result<SmsOutcome, AppError> {
        // The other type, `Promotional`, is cheaper but may be late.
        let transactional = MessageAttributeValue::builder()
            .data_type("String")
            .string_value("Transactional")
            .build()
            .map_err(sdk_error("build a text message"))?;
        let request = self.client.publish().phone_number(number).message(text);
        match request.message_attributes("AWS.SNS.SMS.SMSType", transactional).send().await {
            Ok(_) => Ok(SmsOutcome::Sent),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(PublishError::is_invalid_parameter_exception) =>
            {
                Ok(SmsOutcome::Unreachable)
            }
            Err(error) => Err(sdk_error("send a text message")(error)),
        }
    }
}
