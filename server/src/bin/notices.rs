//! The door `notices`: what people are told by mail.

use server::aws::settings::Setting;
use server::door::{self, DoorError};
use server::keys::LinkSigner;
use server::notices::send::{self, Here, Told};

#[tokio::main]
async fn main() -> Result<(), DoorError> {
    let cloud = door::open(&[Setting::Table, Setting::SiteAddress, Setting::MailFrom]).await?;
    let here = &Here {
        table: cloud.table()?,
        mail: cloud.mail()?,
        links: LinkSigner::new(&cloud.secret()?.read().await?)?,
        site_address: cloud.setting(Setting::SiteAddress)?,
    };
    door::run("notices", async |told: Told| send::on_wanted(here, told).await).await
}
