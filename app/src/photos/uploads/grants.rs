//! The grants of items that wait to be sent.

use super::item::Item;
use crate::ui::clock;
use model::photos::Upload;
use std::cell::RefCell;
use std::collections::HashMap;

/// Grants that waited longer are not used, in milliseconds of [`clock`].
const MAX_AGE_MS: f64 = 5.0 * 60.0 * 1000.0;

thread_local! {
    static GRANTS: RefCell<HashMap<String, (Upload, f64)>> = RefCell::new(HashMap::new());
}

/// Stores the grant of an item that waits.
pub fn store(item: &Item, upload: Upload) {
    GRANTS.with_borrow_mut(|grants| grants.insert(item.key.clone(), (upload, clock::now())));
}

/// The stored grant, unless it is too old.
pub fn take(item: &Item) -> Option<Upload> {
    let (upload, since) = GRANTS.with_borrow_mut(|grants| grants.remove(&item.key))?;
    (clock::now() - since < MAX_AGE_MS).then_some(upload)
}

/// Drops the grant of an item that is removed.
pub fn discard(item: &Item) {
    GRANTS.with_borrow_mut(|grants| grants.remove(&item.key));
}
