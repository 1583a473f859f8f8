//! Parameters in SSM and one JSON secret, read once at start.

use super::broken;
use crate::failure::{Failure, While};
use serde::Deserialize;
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
    /// Identifier of the user pool's client.
    UserPoolClient,
    /// Origin of the site, without a slash at the end.
    SiteAddress,
    /// ARN of the workflow "develop".
    Workflow,
    /// Where browsers open their socket.
    SocketAddress,
    /// Where messages to sockets are posted.
    SocketEndpoint,
}

impl Setting {
    fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::OriginalsBucket => "originals-bucket",
            Self::OriginalsAddress => "originals-address",
            Self::MediaBucket => "media-bucket",
            Self::Bus => "bus",
            Self::UserPoolClient => "user-pool-client",
            Self::SiteAddress => "site-address",
            Self::Workflow => "workflow",
            Self::SocketAddress => "socket-address",
            Self::SocketEndpoint => "socket-endpoint",
        }
    }
}

fn stage() -> Result<String, Failure> {
    std::env::var("SHOEBOX_STAGE").while_doing("read SHOEBOX_STAGE from the environment")
}

/// The parameters that one door asked for.
pub(super) struct Settings {
    prefix: String,
    values: HashMap<String, String>,
}

impl Settings {
    pub(super) async fn read(config: &aws_config::SdkConfig, wanted: &[Setting]) -> Result<Self, Failure> {
        let prefix = format!("/shoebox/{}/", stage()?);
        let names: Vec<String> = wanted.iter().map(|setting| format!("{prefix}{}", setting.name())).collect();
        let mut values = HashMap::new();
        // GetParameters takes ten names.
        for ten in names.chunks(10) {
            let answer = aws_sdk_ssm::Client::new(config)
                .get_parameters()
                .set_names(Some(ten.to_vec()))
                .send()
                .await;
            for parameter in answer
                .map_err(broken("read the parameters in SSM"))?
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

    pub(super) fn get(&self, setting: Setting) -> Result<String, Failure> {
        let name = format!("{}{}", self.prefix, setting.name());
        self.values
            .get(&name)
            .cloned()
            .ok_or_else(|| Failure::broken("start", format!("the SSM parameter {name} is missing; deploy the stage")))
    }
}

/// One of the keys that sign media links and cookies.
#[derive(Clone, Deserialize)]
pub struct MediaKey {
    /// Names the key in links and cookies.
    pub id: String,
    /// Its text; the bytes of the text are the key.
    pub key: String,
}

/// The secret keys of a stage.
#[derive(Clone, Deserialize)]
pub struct Keys {
    /// The first signs, all verify.
    pub media_keys: Vec<MediaKey>,
    /// Makes the first account the owner's.
    pub owner_code: String,
}

impl Keys {
    pub(super) async fn read(config: &aws_config::SdkConfig) -> Result<Self, Failure> {
        let name = format!("shoebox/{}", stage()?);
        let answer = aws_sdk_secretsmanager::Client::new(config)
            .get_secret_value()
            .secret_id(&name)
            .send()
            .await;
        let text = answer.map_err(broken("read the secret"))?.secret_string.unwrap_or_default();
        let keys: Self = serde_json::from_str(&text).while_doing("understand the secret; deploy the stage again")?;
        if keys.media_keys.is_empty() {
            return Err(Failure::broken(
                "start",
                format!("the secret {name} has no media_keys; deploy the stage again"),
            ));
        }
        Ok(keys)
    }
}
