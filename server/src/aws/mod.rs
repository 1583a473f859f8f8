//! The only home of the AWS SDK. Each file is one service as Shoebox uses it.

pub mod bus;
pub mod disposition;
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

use crate::failure::Failure;
use aws_sdk_dynamodb::error::DisplayErrorContext;
use settings::{Setting, Settings};
use std::error::Error;

/// Credentials, region and settings of one function: what its clients are made from.
pub struct Cloud {
    config: aws_config::SdkConfig,
    settings: Settings,
}

impl Cloud {
    /// Reads the settings that a door uses, once at its start.
    ///
    /// # Errors
    /// When a setting is missing; the error names it.
    pub async fn open(wanted: &[Setting]) -> Result<Self, Failure> {
        let config = aws_config::load_from_env().await;
        let settings = Settings::read(&config, wanted).await?;
        Ok(Self { config, settings })
    }

    /// The value of a setting that was asked for.
    pub fn setting(&self, setting: Setting) -> Result<String, Failure> {
        self.settings.get(setting)
    }

    /// The secret of this stage.
    pub fn secret(&self) -> Result<secret::Secret, Failure> {
        Ok(secret::Secret::new(&self.config, settings::secret_name()?))
    }

    /// The edge's store of media keys.
    pub fn media_keys(&self) -> Result<media_keys::MediaKeyStore, Failure> {
        Ok(media_keys::MediaKeyStore::new(
            &self.config,
            self.setting(Setting::MediaKeys)?,
        ))
    }

    /// The table.
    pub fn table(&self) -> Result<table::Table, Failure> {
        Ok(table::Table::new(&self.config, self.setting(Setting::Table)?))
    }

    /// The bucket of originals.
    pub fn originals(&self) -> Result<originals::Originals, Failure> {
        Ok(originals::Originals::new(
            &self.config,
            self.setting(Setting::OriginalsBucket)?,
        ))
    }

    /// The bucket of renditions.
    pub fn media(&self) -> Result<media::Media, Failure> {
        Ok(media::Media::new(&self.config, self.setting(Setting::MediaBucket)?))
    }

    /// The workflow "develop", to start it.
    pub fn workflow(&self) -> Result<workflow::Workflow, Failure> {
        Ok(workflow::Workflow::new(&self.config, self.setting(Setting::Workflow)?))
    }

    /// The workflow "leaving", to start it.
    pub fn leaving(&self) -> Result<workflow::Workflow, Failure> {
        Ok(workflow::Workflow::new(&self.config, self.setting(Setting::LeavingWorkflow)?))
    }

    /// The exports, beside the renditions.
    pub fn exports(&self) -> Result<exports::Exports, Failure> {
        Ok(exports::Exports::new(&self.config, self.setting(Setting::MediaBucket)?))
    }

    /// The workflow's waiting tasks, to complete them.
    pub fn tasks(&self) -> workflow::Tasks {
        workflow::Tasks::new(&self.config)
    }

    /// Shoebox's own bus.
    pub fn bus(&self) -> Result<bus::Bus, Failure> {
        Ok(bus::Bus::new(&self.config, self.setting(Setting::Bus)?))
    }

    /// The user pool.
    pub fn identity(&self) -> Result<identity::Identity, Failure> {
        let (pool, client) = (self.setting(Setting::UserPool)?, self.setting(Setting::UserPoolClient)?);
        Ok(identity::Identity::new(&self.config, pool, client))
    }

    /// Other providers, by Cognito's hosted pages; none where none is set up.
    pub fn hosted(&self) -> Result<Option<hosted::Hosted>, Failure> {
        hosted::Hosted::new(&self.setting(Setting::Federation)?, &self.setting(Setting::SiteAddress)?)
    }

    /// Mail.
    pub fn mail(&self) -> Result<mail::Mail, Failure> {
        let (from, set) = (self.setting(Setting::MailFrom)?, settings::mail_set_name()?);
        Ok(mail::Mail::new(&self.config, from, set))
    }

    /// Text messages.
    pub fn sms(&self) -> sms::Sms {
        sms::Sms::new(&self.config)
    }

    /// Open sockets.
    pub fn sockets(&self) -> Result<sockets::Sockets, Failure> {
        Ok(sockets::Sockets::new(&self.config, self.setting(Setting::SocketEndpoint)?))
    }
}

/// Makes an SDK error a failure, with all of its causes: the SDK's own text names only the outermost.
fn broken<E: Error>(what: &'static str) -> impl FnOnce(E) -> Failure {
    move |error| Failure::broken(what, DisplayErrorContext(error))
}
