//! Settings in SSM Parameter Store, read once at startup.

use super::sdk_error;
use crate::error::{AppError, Context};
use std::collections::HashMap;

/// A parameter under `/shoebox/<stage>/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// Name of the table.
    Table,
    /// Name of the bucket of originals.
    OriginalsBucket,
    /// Origin that the browser uploads to.
    OriginalsAddress,
    /// Name of the bucket of renditions.
    MediaBucket,
    /// Name of Shoebox's own bus.
    Bus,
    /// Identifier of the user pool.
    UserPool,
    /// Identifier of the user pool's client.
    UserPoolClient,
    /// Origin of the site, without a slash at the end.
    SiteAddress,
    /// ARN of the imaging workflow.
    Workflow,
    /// ARN of the workflow of account exports and deletions.
    AccountDataWorkflow,
    /// WebSocket URL for browsers.
    SocketAddress,
    /// Management endpoint that messages to sockets are posted to.
    SocketEndpoint,
    /// ARN of the edge's key-value store.
    MediaKeys,
    /// Origin of Cognito's hosted pages.
    HostedAddress,
    /// Identity providers, as `hosted.rs` parses it; `none` if there are none.
    Federation,
    /// Sender of mails; `none` if none are sent.
    MailFrom,
    /// Countries that text messages are sent to and their daily limit, as `notifications/sms_policy.rs` parses it; `none` if none are sent.
    TextMessages,
}

impl Setting {
    fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::OriginalsBucket => "originals-bucket",
            Self::OriginalsAddress => "originals-address",
            Self::MediaBucket => "media-bucket",
            Self::Bus => "bus",
            Self::UserPool => "user-pool",
            Self::UserPoolClient => "user-pool-client",
            Self::SiteAddress => "site-address",
            Self::Workflow => "workflow",
            Self::AccountDataWorkflow => "account-data-workflow",
            Self::SocketAddress => "socket-address",
            Self::SocketEndpoint => "socket-endpoint",
            Self::MediaKeys => "media-keys",
            Self::HostedAddress => "hosted-address",
            Self::Federation => "federation",
            Self::MailFrom => "mail-from",
            Self::TextMessages => "text-messages",
        }
    }
}

fn stage() -> Result<String, AppError> {
    std::env::var("SHOEBOX_STAGE").context("read SHOEBOX_STAGE from the environment")
}

/// The parameters that a function uses.
pub(super) struct Settings {
    prefix: String,
    values: HashMap<String, String>,
}

impl Settings {
    pub(super) async fn read(config: &aws_config::SdkConfig, wanted: &[Setting]) -> Result<Self, AppError> {
        let prefix = format!("/shoebox/{}/", stage()?);
        let names: Vec<String> = wanted.iter().map(|setting| format!("{prefix}{}", setting.name())).collect();
        let mut values = HashMap::new();
        // GetParameters takes ten names.
        for chunk in names.chunks(10) {
            let response = aws_sdk_ssm::Client::new(config)
                .get_parameters()
                .set_names(Some(chunk.to_vec()))
                .send()
                .await;
            for parameter in response
                .map_err(sdk_error("read the parameters in SSM"))?
                .parameters
                .unwrap_or_default()
            {
                if let (Some(name), Some(value)) = (parameter.name, parameter.value) {
                    values.insert(name, value);
                }
            }
        }
        let settings = Self { prefix, values };
        wanted.iter().try_for_each(|setting| settings.get(*setting).map(drop))?;
        Ok(settings)
    }

    pub(super) fn get(&self, setting: Setting) -> Result<String, AppError> {
        let name = format!("{}{}", self.prefix, setting.name());
        self.values
            .get(&name)
            .cloned()
            .ok_or_else(|| AppError::internal("start", format!("the SSM parameter {name} is missing; deploy the stage")))
    }
}

/// Name of the stage's secret.
pub(super) fn secret_name() -> Result<String, AppError> {
    Ok(format!("shoebox/{}", stage()?))
}

/// Name of SES' configuration set for the stage's mails.
pub(super) fn mail_set_name() -> Result<String, AppError> {
    Ok(format!("shoebox-{}", stage()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_names_a_missing_setting() {
        let settings = Settings {
            prefix: "/shoebox/test/".into(),
            values: HashMap::from([("/shoebox/test/table".into(), "t".into())]),
        };
        assert_eq!(settings.get(Setting::Table).ok().as_deref(), Some("t"));
        let failure = settings.get(Setting::MediaBucket).map_err(|failure| failure.to_string());
        assert!(failure.is_err_and(|text| text.contains("/shoebox/test/media-bucket")));
    }
}
