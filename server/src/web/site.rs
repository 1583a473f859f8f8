//! What the pages need, read once at start.

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
use crate::failure::{Failure, While};
use crate::keys::{DeviceSigner, EdgeKeys, LinkSigner};
use crate::notices::texting::Texting;
use crate::photos::links::Signer;
use leptos::config::{LeptosOptions, get_configuration};
use model::refusals::Refusal;

/// What the pages need.
pub struct Site {
    /// The table.
    pub table: Table,
    /// The user pool.
    pub identity: Identity,
    /// Other providers, where there are some.
    pub hosted: Option<Hosted>,
    /// The bucket of originals.
    pub originals: Originals,
    /// The bucket of renditions, for previews.
    pub media: Media,
    /// The workflow "develop".
    pub workflow: Workflow,
    /// The workflow "leaving".
    pub leaving: Workflow,
    /// The exports.
    pub exports: Exports,
    /// The secret keys.
    pub keys: Keys,
    /// Signs media links and cookies.
    pub signer: Signer,
    /// Signs links in mails.
    pub links: LinkSigner,
    /// Knows the distribution.
    pub edge: EdgeKeys,
    /// Signs device cookies.
    pub devices: DeviceSigner,
    /// Whether the site has a sender for mails.
    pub sends_mail: bool,
    /// Where text messages go; none where none are sent.
    pub texting: Option<Texting>,
    /// Origin of the site.
    pub address: String,
    /// Origin of Cognito's hosted pages, where programs get their tokens.
    pub hosted_address: String,
    /// Where sockets are opened.
    pub socket_address: String,
    /// Origins that pages may connect to, beside their own.
    pub connect: Vec<String>,
    /// What Leptos needs to name its files.
    pub options: LeptosOptions,
}

impl Site {
    /// Reads all settings.
    ///
    /// # Errors
    /// When one is missing; the error names it.
    pub async fn open() -> Result<Self, Failure> {
        use Setting::{
            Federation, HostedAddress, LeavingWorkflow, MailFrom, MediaBucket, OriginalsAddress, OriginalsBucket, SiteAddress,
            SocketAddress, Table, TextMessages, UserPool, UserPoolClient, Workflow,
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
            LeavingWorkflow,
            SocketAddress,
            MailFrom,
            TextMessages,
        ];
        let cloud = Cloud::open(&wanted).await?;
        let keys = cloud.secret()?.read().await?;
        let socket_address = cloud.setting(SocketAddress)?;
        let mut connect = vec![origin(&socket_address), cloud.setting(OriginalsAddress)?];
        let watched = std::env::var_os("LEPTOS_WATCH").is_some();
        let options = if watched {
            get_configuration(None)
                .while_doing("read what cargo-leptos says")?
                .leptos_options
        } else {
            LeptosOptions::builder()
                .output_name("shoebox")
                .site_root("target/site")
                .build()
        };
        let address = cloud.setting(SiteAddress)?;
        if watched {
            connect.push(format!("ws://{}:{}", host(&address), options.reload_port));
        }
        Ok(Self {
            table: cloud.table()?,
            identity: cloud.identity()?,
            hosted: cloud.hosted()?,
            originals: cloud.originals()?,
            media: cloud.media()?,
            workflow: cloud.workflow()?,
            leaving: cloud.leaving()?,
            exports: cloud.exports()?,
            signer: Signer::new(&keys)?,
            links: LinkSigner::new(&keys)?,
            edge: EdgeKeys::new(&keys)?,
            devices: DeviceSigner::new(&keys),
            keys,
            sends_mail: mail::sender(cloud.setting(MailFrom)?).is_some(),
            texting: Texting::read(&cloud.setting(TextMessages)?)?,
            address,
            hosted_address: cloud.setting(HostedAddress)?,
            socket_address,
            connect,
            options,
        })
    }

    /// For what waits for a code or a link that a mail brings.
    ///
    /// # Errors
    /// [`Refusal::NoMail`] where the site has no sender.
    pub fn require_mail(&self) -> Result<(), Refusal> {
        if self.sends_mail { Ok(()) } else { Err(Refusal::NoMail) }
    }
}

/// Scheme, host and port of an address.
fn origin(address: &str) -> String {
    let (scheme, rest) = address.split_once("://").unwrap_or(("https", address));
    format!("{scheme}://{}", rest.split('/').next().unwrap_or_default())
}

/// Host of an address, without its port: where the watch server's own socket is, as the browser sees it.
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
