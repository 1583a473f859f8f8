//! Rows that are read together, and once, while a page is made. What a page lists, and whatever is not named here, is read by itself:
//! pages are right without this, and slower.

use super::Site;
use super::guard::Visitor;
use crate::accounts::Viewer;
use crate::accounts::codes::{CodeRecord, Purpose};
use crate::accounts::federated::WaitingRecord;
use crate::accounts::records::{RecoveryRecord, SetupRecord, SiteRecord};
use crate::accounts::viewer::SignedIn;
use crate::aws::table::{Key, Table};
use crate::leaving::records::ExportRecord;
use crate::notices::records::PhoneRecord;
use crate::photos::records::PhotoRecord;
use crate::photos::usage::UsageRecord;
use crate::secrets;

/// The rows that the page at a path shows to whoever may see them. They are read with who asks.
pub fn of_path(path: &str) -> Vec<Key> {
    // Two ask for it: one shows the photo, the other what is beside it.
    let photo = path.strip_prefix("/photos/").and_then(|id| id.parse().ok());
    photo.map(|id| PhotoRecord::key(&id)).into_iter().collect()
}

/// The table for the page at a path.
pub fn read_together(path: &str, site: &Site, visitor: &Visitor) -> Table {
    match &visitor.viewer {
        Viewer::Account(signed_in) if path == "/account" => {
            let rows = rows_of_account(signed_in, site.texting.is_some(), visitor.provider.as_deref());
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
    rows.extend(provider.map(|secret| WaitingRecord::key(&secrets::hashed(secret))));
    rows
}
