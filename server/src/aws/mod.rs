//! All use of the AWS SDK. Each file wraps one service.

pub mod bus;
pub mod disposition;
mod error;
pub mod exports;
pub mod hosted;
pub mod identity;
pub mod mail;
pub mod media;
pub mod media_keys;
pub mod meter;
pub mod originals;
pub mod parts;
pub mod passkeys;
pub mod secret;
pub mod settings;
pub mod sms;
pub mod sockets;
pub mod table;
pub mod workflow;

use crate::error::AppError;
use error::sdk_error;
use settings::{Setting, Settings};

/// Credentials, region and settings of one function, and constructors of its clients.
pub struct Cloud {
    config: aws_config::SdkConfig,
    settings: Settings,
}

impl Cloud {
    /// Reads the settings that a function uses, once at startup.
    ///
    /// # Errors
    /// When a setting is missing; the error names it.
    pub async fn open(wanted: &[Setting]) -> Result<Self, AppError> {
        let config = aws_config::load_from_env().await;
        let settings = Settings::read(&config, wanted).await?;
        Ok(Self { config, settings })
    }

    /// The value of a setting that was read at startup.
    pub fn setting(&self, setting: Setting) -> Result<String, AppError> {
        self.settings.get(setting)
    }

    /// The secret of this stage.
    pub fn secret(&self) -> Result<secret::Secret, AppError> {
        Ok(secret::Secret::new(&self.config, settings::secret_name()?))
    }

    /// The edge's key-value store of media keys.
    pub fn media_keys(&self) -> Result<media_keys::MediaKeyStore, AppError> {
        Ok(media_keys::MediaKeyStore::new(
            &self.config,
            self.setting(Setting::MediaKeys)?,
        ))
    }

    /// The table.
    pub fn table(&self) -> Result<table::Table, AppError> {
        Ok(table::Table::new(&self.config, self.setting(Setting::Table)?))
    }

    /// The bucket of originals.
    pub fn originals(&self) -> Result<originals::Originals, AppError> {
        Ok(originals::Originals::new(
            &self.config,
            self.setting(Setting::OriginalsBucket)?,
        ))
    }

    /// The bucket of renditions.
    pub fn media(&self) -> Result<media::Media, AppError> {
        Ok(media::Media::new(&self.config, self.setting(Setting::MediaBucket)?))
    }

    /// The imaging workflow.
    pub fn workflow(&self) -> Result<workflow::Workflow, AppError> {
        Ok(workflow::Workflow::new(&self.config, self.setting(Setting::Workflow)?))
    }

    /// The workflow of account exports and deletions.
    pub fn account_data_workflow(&self) -> Result<workflow::Workflow, AppError> {
        Ok(workflow::Workflow::new(
            &self.config,
            self.setting(Setting::AccountDataWorkflow)?,
        ))
    }

    /// The exports, in the bucket of renditions.
    pub fn exports(&self) -> Result<exports::Exports, AppError> {
        Ok(exports::Exports::new(&self.config, self.setting(Setting::MediaBucket)?))
    }

    /// The workflow's tasks that wait for a callback.
    pub fn tasks(&self) -> workflow::Tasks {
        workflow::Tasks::new(&self.config)
    }

    /// Shoebox's own bus.
    pub fn bus(&self) -> Result<bus::Bus, AppError> {
        Ok(bus::Bus::new(&self.config, self.setting(Setting::Bus)?))
    }

    /// The user pool.
    pub fn identity(&self) -> Result<identity::Identity, AppError> {
        let (pool, client) = (self.setting(Setting::UserPool)?, self.setting(Setting::UserPoolClient)?);
        Ok(identity::Identity::new(&self.config, pool, client))
    }

    /// Federated sign-in by Cognito's hosted pages; none if it is not configured.
    pub fn hosted(&self) -> Result<Option<hosted::Hosted>, AppError> {
        hosted::Hosted::new(&self.setting(Setting::Federation)?, &self.setting(Setting::SiteAddress)?)
    }

    /// Mail.
    pub fn mail(&self) -> Result<mail::Mail, AppError> {
        let (from, set) = (self.setting(Setting::MailFrom)?, settings::mail_set_name()?);
        Ok(mail::Mail::new(&self.config, from, set))
    }

    /// Text messages.
    pub fn sms(&self) -> sms::Sms {
        sms::Sms::new(&self.config)
    }

    /// Open WebSocket connections.
    pub fn sockets(&self) -> Result<sockets::Sockets, AppError> {
        Ok(sockets::Sockets::new(&self.config, self.setting(Setting::SocketEndpoint)?))
    }
}
