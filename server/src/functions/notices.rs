//! The function `notices`: what people are told by mail and text message.

use super::start;
use crate::aws::settings::Setting;
use crate::door::{self, DoorError};
use crate::keys::LinkSigner;
use crate::notices::send::{self, Here, Told};
use crate::notices::texting::Texting;

/// Answers invocations until the environment ends.
///
/// # Errors
/// When it cannot start, or the runtime interface cannot be reached.
pub fn run() -> Result<(), DoorError> {
    start(serve())
}

async fn serve() -> Result<(), DoorError> {
    use Setting::{MailFrom, SiteAddress, Table, TextMessages};
    let cloud = door::open(&[Table, SiteAddress, MailFrom, TextMessages]).await?;
    let here = &Here {
        table: cloud.table()?,
        mail: cloud.mail()?,
        sms: cloud.sms(),
        texting: Texting::read(&cloud.setting(TextMessages)?)?,
        links: LinkSigner::new(&cloud.secret()?.read().await?)?,
        site_address: cloud.setting(SiteAddress)?,
    };
    door::run("notices", async |told: Told| send::on_wanted(here, told).await).await
}
