//! The door `notices`: what people are told by mail and text message.

use server::aws::settings::Setting;
use server::door::{self, DoorError};
use server::keys::LinkSigner;
use server::notices::send::{self, Here, Told};

#[tokio::main]
async fn main() -> Result<(), DoorError> {
    use Setting::{MailFrom, SiteAddress, Table, TextMessages};
    let cloud = door::open(&[Table, SiteAddress, MailFrom, TextMessages]).await?;
    let here = &Here {
        table: cloud.table()?,
        mail: cloud.mail()?,
        sms: cloud.sms()?,
        links: LinkSigner::new(&cloud.secret()?.read().await?)?,
        site_address: cloud.setting(SiteAddress)?,
    };
    door::run("notices", async |told: Told| send::on_wanted(here, told).await).await
}
