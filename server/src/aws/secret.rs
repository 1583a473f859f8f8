//! The stage's secret in Secrets Manager: a JSON object.

use super::sdk_error;
use crate::error::{AppError, Context};
use aws_sdk_secretsmanager::Client;
use model::time::Time;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One of the keys that sign links and cookies.
#[derive(Clone, Serialize, Deserialize)]
pub struct MediaKey {
    /// Its identifier in links and cookies.
    pub id: String,
    /// Its text, whose bytes are the key.
    pub key: String,
    /// When it was created.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made_at: Option<Time>,
}

/// The secret keys of a stage.
#[derive(Clone, Serialize, Deserialize)]
pub struct Keys {
    /// The first signs, all verify.
    pub media_keys: Vec<MediaKey>,
    /// The same for links in mails. The edge does not need them.
    #[serde(default)]
    pub link_keys: Vec<MediaKey>,
    /// The same for device cookies. They last longer, and so do their keys.
    #[serde(default)]
    pub device_keys: Vec<MediaKey>,
    /// What the distribution authenticates with: the first is the newest, all are accepted. Deploys create them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub edge_keys: Vec<MediaKey>,
    /// The code by which the first account becomes the owner's.
    pub owner_code: String,
    /// Unknown fields, preserved when it is written.
    #[serde(flatten)]
    rest: Map<String, Value>,
}

/// The secret.
#[derive(Clone)]
pub struct Secret {
    client: Client,
    name: String,
}

impl Secret {
    pub(super) fn new(config: &aws_config::SdkConfig, name: String) -> Self {
        Self {
            client: Client::new(config),
            name,
        }
    }

    /// Reads the secret.
    ///
    /// # Errors
    /// When it is missing, or has no media keys; the error names it.
    pub async fn read(&self) -> Result<Keys, AppError> {
        let response = self.client.get_secret_value().secret_id(&self.name).send().await;
        let missing = |cause: String| AppError::internal("read the secret", format!("{}: {cause}; deploy the stage", self.name));
        let response = response.map_err(|error| missing(aws_sdk_dynamodb::error::DisplayErrorContext(error).to_string()))?;
        let keys: Keys =
            serde_json::from_str(response.secret_string().unwrap_or_default()).map_err(|error| missing(error.to_string()))?;
        if keys.media_keys.is_empty() {
            return Err(missing("it has no media_keys".into()));
        }
        Ok(keys)
    }

    /// Writes the secret; the one before stays as its previous version.
    pub async fn write(&self, keys: &Keys) -> Result<(), AppError> {
        let text = serde_json::to_string(keys).context("write the secret")?;
        let put = self.client.put_secret_value().secret_id(&self.name).secret_string(text);
        put.send().await.map(drop).map_err(sdk_error("write the secret"))
    }
}
