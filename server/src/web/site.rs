//! The resources and settings of the web server, read once at start.

use crate::aws::Cloud;
use crate::aws::exports::Exports;
use crate::aws::hosted::Hosted;
use crate::aws::identity::Identity;
use crate::aws::mail;
use crate::aws::media::Media;
use crate::aws::originals::Originals;
use crate::aws::secret::Keys;
use crate::aws::settings::Setting;
use crate::aws::table::Table;
use crate::aws::workflow::Workflow;
use crate::error::{AppError, Context};
use crate::notifications::sms_policy::SmsPolicy;
use crate::photos::links::Signer;
use crate::signing_keys::{DeviceSigner, EdgeKeys, LinkSigner};
use leptos::config::{LeptosOptions, get_configuration};
use model::user_error::UserError;

/// The resources and settings of the web server.
pub struct Site {
    /// The table.
    pub table: Table,
    /// The user pool.
    pub identity: Identity,
    /// External identity providers, if configured.
    pub hosted: Option<Hosted>,
    /// The bucket of originals.
    pub originals: Originals,
    /// The bucket of renditions, for previews.
    pub media: Media,
    /// The workflow that processes photos.
    pub workflow: Workflow,
    /// The workflow of exports and deletions.
    pub account_data_workflow: Workflow,
    /// The bucket of exports.
    pub exports: Exports,
    /// The secret keys.
    pub keys: Keys,
    /// Signs media links and cookies.
    pub signer: Signer,
    /// Signs links in mails.
    pub links: LinkSigner,
    /// Verify that requests come through the distribution.
    pub edge: EdgeKeys,
    /// Signs device cookies.
    pub devices: DeviceSigner,
    /// Whether the site can send mails.
    pub sends_mail: bool,
    /// The limits of text messages; `None` if none are sent.
    pub sms_policy: Option<SmsPolicy>,
    /// Origin of the site.
    pub address: String,
    /// Origin of Cognito's hosted pages, where programs get their tokens.
    pub hosted_address: String,
    /// The URL of the WebSocket API.
    pub socket_address: String,
    /// Origins for `connect-src` of the content security policy, in addition to the site's own.
    pub connect: Vec<String>,
    /// The options of Leptos.
    pub options: LeptosOptions,
}

impl Site {
    /// Reads all settings.
    ///
    /// # Errors
    /// When one is missing; the error names it.
    pub async fn open() -> Result<Self, AppError> {
        use Setting::{
            AccountDataWorkflow, Federation, HostedAddress, MailFrom, MediaBucket, OriginalsAddress, OriginalsBucket,
            SiteAddress, SocketAddress, Table, TextMessages, UserPool, UserPoolClient, Workflow,
        };
        let wanted = [
            Table,
            OriginalsBucket,
            OriginalsAddress,
            MediaBucket,
            UserPool,
            UserPoolClient,
            HostedAddress,
            Federation,
            SiteAddress,
            Workflow,
            AccountDataWorkflow,
            SocketAddress,
            MailFrom,
            TextMessages,
        ];
        let cloud = Cloud::open(&wanted).await?;
        let keys = cloud.secret()?.read().await?;
        let socket_address = cloud.setting(SocketAddress)?;
        let mut connect = vec![origin(&socket_address), cloud.setting(OriginalsAddress)?];
        let watching = std::env::var_os("LEPTOS_WATCH").is_some();
        let options = if watching {
            get_configuration(None)
                .context("read the settings of cargo-leptos")?
                .leptos_options
        } else {
            LeptosOptions::builder()
                .output_name("shoebox")
                .site_root("target/site")
                .hash_files(has_hash_file())
                .build()
        };
        let address = cloud.setting(SiteAddress)?;
        if watching {
            connect.push(format!("ws://{}:{}", host(&address), options.reload_port));
        }
        Ok(Self {
            table: cloud.table()?,
            identity: cloud.identity()?,
            hosted: cloud.hosted()?,
            originals: cloud.originals()?,
            media: cloud.media()?,
            workflow: cloud.workflow()?,
            account_data_workflow: cloud.account_data_workflow()?,
            exports: cloud.exports()?,
            signer: Signer::new(&keys)?,
            links: LinkSigner::new(&keys)?,
            edge: EdgeKeys::new(&keys)?,
            devices: DeviceSigner::new(&keys),
            keys,
            sends_mail: mail::sender(cloud.setting(MailFrom)?).is_some(),
            sms_policy: SmsPolicy::read(&cloud.setting(TextMessages)?)?,
            address,
            hosted_address: cloud.setting(HostedAddress)?,
            socket_address,
            connect,
            options,
        })
    }

    /// Checks that mails can be sent, before anything that needs a mailed code or link.
    ///
    /// # Errors
    /// [`UserError::NoMail`] if the site has no sender.
    pub fn require_mail(&self) -> Result<(), UserError> {
        if self.sends_mail { Ok(()) } else { Err(UserError::NoMail) }
    }
}

/// Whether the names of the client's files contain hashes: then the deploy puts `hash.txt` next to the program.
fn has_hash_file() -> bool {
    std::env::current_exe().is_ok_and(|program| program.with_file_name("hash.txt").exists())
}

/// Scheme, host and port of an address.
fn origin(address: &str) -> String {
    let (scheme, rest) = address.split_once("://").unwrap_or(("https", address));
    format!("{scheme}://{}", rest.split('/').next().unwrap_or_default())
}

/// Host of an address, without its port: the host of cargo-leptos' reload socket.
fn host(address: &str) -> &str {
    let (_, rest) = address.split_once("://").unwrap_or_default();
    rest.split([':', '/']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_host_has_no_port() {
        assert_eq!(super::host("http://a.localhost:4566"), "a.localhost");
    }

    #[test]
    fn an_origin_has_no_path() {
        assert_eq!(super::origin("wss://a.example:1/stage"), "wss://a.example:1");
    }
}
