//! Rate limit of grants: each new photo starts a workflow, whatever its size.

use crate::aws::table::{Key, Table, keys};
use crate::error::AppError;
use model::ids::AccountId;
use model::time::Time;
use model::user_error::UserError;

/// New photos that one library is granted in a minute. A browser prepares two at a time, four or five a second, which is below it.
pub const GRANTS_A_MINUTE: i64 = 600;

/// Length of a window in seconds.
const WINDOW: i64 = 60;

/// Counts a new photo before it is granted.
///
/// # Errors
/// [`UserError::TooManyGrants`], with the seconds until the window ends.
pub async fn count(table: &Table, library: &AccountId, at: Time) -> Result<(), AppError> {
    // Twice the window, so that a row does not expire within it.
    let ttl = at.plus_seconds(2 * WINDOW).seconds();
    if table.count(&key(library, at), 1, ttl).await? <= GRANTS_A_MINUTE {
        return Ok(());
    }
    let left = WINDOW - at.seconds().rem_euclid(WINDOW);
    let seconds = u32::try_from(left).unwrap_or(1);
    Err(UserError::TooManyGrants { seconds }.into())
}

/// The key of a window's counter.
pub fn key(library: &AccountId, at: Time) -> Key {
    keys::attempts("GRANT", library.as_str(), at.seconds().div_euclid(WINDOW))
}
