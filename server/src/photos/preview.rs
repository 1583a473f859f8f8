//! Previews: a small image of a photo that is still being uploaded, so that other windows show it at once.

use super::change::change;
use super::records::PhotoRecord;
use super::timeline::photo;
use crate::albums::access::OpenLibrary;
use crate::aws::media::Media;
use crate::aws::table::Table;
use crate::error::{AppError, Context};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use imaging::{Format, ImageError, Miniature, Sandbox, WIDTHS};
use model::ids::PhotoId;
use model::photos::{MAX_PREVIEW_BYTES, MAX_PREVIEW_EDGE, Preview, Size, State};
use model::user_error::UserError;

/// The longest plausible edge of a photo.
const MAX_EDGE: u32 = 65_535;

/// A [`Preview`] of plausible size, not decoded yet.
pub struct Sent {
    size: Size,
    jpeg: Vec<u8>,
}

impl Sent {
    /// Validates what a browser sends.
    ///
    /// # Errors
    /// [`UserError::Malformed`].
    pub fn parse(preview: &Preview) -> Result<Self, UserError> {
        let Preview { size, jpeg } = preview;
        let possible = |edge: u32| (1..=MAX_EDGE).contains(&edge);
        if jpeg.len() > MAX_PREVIEW_BYTES.div_ceil(3) * 4 || !possible(size.width) || !possible(size.height) {
            return Err(UserError::Malformed);
        }
        let jpeg = STANDARD.decode(jpeg).map_err(|_| UserError::Malformed)?;
        Ok(Self { size: *size, jpeg })
    }
}

/// Stores a preview of an expected photo. It is decoded and re-encoded, so that no byte of the upload is served. A repeated or late one
/// changes nothing.
///
/// # Errors
/// [`UserError::NotFound`]; [`UserError::Malformed`] if it is not a small JPEG, or has another aspect ratio than the photo.
pub async fn show(
    table: &Table,
    media: &Media,
    sandbox: Sandbox,
    library: &OpenLibrary,
    id: &PhotoId,
    sent: Sent,
) -> Result<PhotoRecord, AppError> {
    let record = photo(table, library, id).await?;
    if record.preview || !matches!(record.state, State::Expected | State::Received) {
        return Ok(record);
    }
    let Sent { size, jpeg } = sent;
    let made = tokio::task::spawn_blocking(move || sandbox.miniature(jpeg, MAX_PREVIEW_EDGE));
    let made = match made.await.context("make a preview")? {
        Err(ImageError::NotEncoded) => return Err(AppError::internal("make a preview", ImageError::NotEncoded)),
        made => made.map_err(|_| UserError::Malformed)?,
    };
    if !has_aspect_ratio(size, &made) {
        return Err(UserError::Malformed.into());
    }
    let [smallest, ..] = WIDTHS;
    let key = PhotoRecord::rendition_key(&record.preview_folder(), smallest, Format::Jpeg);
    media.put(&key, Format::Jpeg.content_type(), made.bytes).await?;
    let shown = change(table, id, |photo, _| photo.show(size, &made.thumbhash)).await?;
    Ok(shown.ok_or(UserError::NotFound)?)
}

/// Whether a preview has the aspect ratio of an image of this size: each edge may be off by a pixel.
fn has_aspect_ratio(size: Size, preview: &Miniature) -> bool {
    let (across, down) = (
        u64::from(size.width) * u64::from(preview.height),
        u64::from(size.height) * u64::from(preview.width),
    );
    across.abs_diff(down) <= u64::from(size.width.max(size.height)) * 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preview_has_the_aspect_ratio_of_its_photo() {
        let preview = |width, height| Miniature {
            width,
            height,
            bytes: vec![],
            thumbhash: vec![],
        };
        let size = |width, height| Size { width, height };
        assert!(has_aspect_ratio(size(6000, 4000), &preview(320, 213)));
        assert!(has_aspect_ratio(size(30_000, 2), &preview(320, 1)));
        assert!(!has_aspect_ratio(size(6000, 4000), &preview(213, 320)));
        assert!(!has_aspect_ratio(size(6000, 4000), &preview(320, 240)));
    }

    #[test]
    fn an_implausible_preview_is_not_decoded() {
        let sent = |width, height, jpeg: &str| {
            let size = Size { width, height };
            Sent::parse(&Preview { size, jpeg: jpeg.into() }).is_ok()
        };
        assert!(sent(1, 1, "AAAA"));
        for (width, height, jpeg) in [(0, 1, "AAAA"), (1, 70_000, "AAAA"), (1, 1, "no base64!")] {
            assert!(!sent(width, height, jpeg), "{width} {height} {jpeg}");
        }
        assert!(!sent(1, 1, &"A".repeat(4 * MAX_PREVIEW_BYTES)));
    }
}
