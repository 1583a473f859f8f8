//! The rows that a page reads in one batch. An optimization: any other row is read by itself.

use super::Site;
use super::visitor::Visitor;
use crate::account_data::records::ExportRecord;
use crate::accounts::Viewer;
use crate::accounts::codes::{CodeRecord, Purpose};
use crate::accounts::federated::PendingLinkRecord;
use crate::accounts::records::{RecoveryRecord, SetupRecord, SiteRecord};
use crate::accounts::viewer::SignedIn;
use crate::aws::table::{Key, Table};
use crate::notifications::records::PhoneRecord;
use crate::photos::quota::UsageRecord;
use crate::photos::records::PhotoRecord;
use crate::secrets;

/// The rows of the page at a path that are read with the session's.
pub fn rows_of_path(path: &str) -> Vec<Key> {
    // Read twice: for the photo, and for its neighbours.
    let photo = path.strip_prefix("/photos/").and_then(|id| id.parse().ok());
    photo.map(|id| PhotoRecord::key(&id)).into_iter().collect()
}

/// The table for the page at a path, with its batch.
pub fn batched_table(path: &str, site: &Site, visitor: &Visitor) -> Table {
    match &visitor.viewer {
        Viewer::Account(signed_in) if path == "/account" => {
            let rows = rows_of_account(signed_in, site.sms_policy.is_some(), visitor.provider.as_deref());
            site.table.batched(rows)
        }
        _ => visitor.table.clone(),
    }
}

fn rows_of_account(signed_in: &SignedIn, sends_texts: bool, provider: Option<&str>) -> Vec<Key> {
    let account = &signed_in.account.id;
    let mut rows = vec![
        UsageRecord::key(account),
        SiteRecord::key(),
        RecoveryRecord::key(account),
        SetupRecord::key(&signed_in.session.hash),
        CodeRecord::key(Purpose::Address, account.as_str()),
        ExportRecord::key(account),
    ];
    if sends_texts {
        rows.extend([PhoneRecord::key(account), CodeRecord::key(Purpose::Phone, account.as_str())]);
    }
    rows.extend(provider.map(|secret| PendingLinkRecord::key(&secrets::hashed(secret))));
    rows
}
