//! Edits of a photo by its owner.

use super::change::change;
use super::records::PhotoRecord;
use crate::albums::access::OpenLibrary;
use crate::aws::table::Table;
use crate::error::AppError;
use crate::now;
use model::ids::PhotoId;
use model::photos::{Amendment, EARLIEST_WALL, MAX_CAPTION_CHARS, latest_wall};
use model::time::Time;
use model::user_error::UserError;

/// Edits a photo of this library. One in the trash is not changed.
///
/// # Errors
/// Refused when there is no such photo, or when the amendment is not valid.
pub async fn amend(table: &Table, library: &OpenLibrary, id: &PhotoId, amendment: Amendment) -> Result<PhotoRecord, AppError> {
    let amendment = parse(amendment, now())?;
    super::timeline::photo(table, library, id).await?;
    let photo = change(table, id, |photo, at| photo.amend(&amendment, at)).await?;
    Ok(photo.ok_or(UserError::NotFound)?)
}

/// Validates an amendment. Control characters other than line breaks and tabs are removed from captions.
fn parse(amendment: Amendment, now: Time) -> Result<Amendment, UserError> {
    match amendment {
        Amendment::Caption { text } => {
            let text: String = text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
            if text.trim().chars().count() > MAX_CAPTION_CHARS {
                return Err(UserError::Malformed);
            }
            Ok(Amendment::Caption { text })
        }
        Amendment::Turned { quarters: 4.. } => Err(UserError::Malformed),
        Amendment::Dated { wall: Some(wall) } => {
            let is_date = (EARLIEST_WALL..=latest_wall(now)).contains(&wall);
            is_date.then_some(amendment).ok_or(UserError::Malformed)
        }
        amendment => Ok(amendment),
    }
}

impl PhotoRecord {
    fn amend(&mut self, amendment: &Amendment, at: Time) -> bool {
        if self.trashed_at.is_some() {
            return false;
        }
        let before = self.clone();
        match amendment {
            Amendment::Caption { text } => self.caption = Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
            Amendment::Favourite { on } => self.favourite = *on,
            Amendment::Archived { on } => self.archived_at = on.then_some(self.archived_at.unwrap_or(at)),
            Amendment::Turned { quarters } => self.turned = *quarters,
            Amendment::Dated { wall } => self.corrected = *wall,
        }
        let changed = *self != before;
        if changed {
            self.update_index_keys();
        }
        changed
    }
}
