//! The function `notifications`: sends notifications by mail and text message.

use super::start;
use crate::aws::settings::Setting;
use crate::handler::{self, FunctionError};
use crate::notifications::send::{self, HandlerContext, NotificationEvent};
use crate::notifications::sms_policy::SmsPolicy;
use crate::signing_keys::LinkSigner;

/// Handles invocations until the environment ends.
///
/// # Errors
/// When it cannot start, or the Lambda runtime API cannot be reached.
pub fn run() -> Result<(), FunctionError> {
    start(serve())
}

async fn serve() -> Result<(), FunctionError> {
    use Setting::{MailFrom, SiteAddress, Table, TextMessages};
    let cloud = handler::open(&[Table, SiteAddress, MailFrom, TextMessages]).await?;
    let context = &HandlerContext {
        table: cloud.table()?,
        mail: cloud.mail()?,
        sms: cloud.sms(),
        sms_policy: SmsPolicy::read(&cloud.setting(TextMessages)?)?,
        links: LinkSigner::new(&cloud.secret()?.read().await?)?,
        site_address: cloud.setting(SiteAddress)?,
    };
    handler::run("notifications", async |event: NotificationEvent| {
        send::on_wanted(context, event).await
    })
    .await
}
