//! A small picture of a photo whose bytes still travel, so that other windows see it at once.

use super::change::change;
use super::records::PhotoRecord;
use super::timeline::photo;
use crate::albums::access::OpenLibrary;
use crate::aws::media::Media;
use crate::aws::table::Table;
use crate::failure::{Failure, While};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use develop::{Apart, Format, Miniature, Unfit, WIDTHS};
use model::ids::PhotoId;
use model::photos::{MAX_PREVIEW_BYTES, MAX_PREVIEW_EDGE, Preview, Size, State};
use model::refusals::Refusal;

/// The longest edge that a photo is believed to have.
const LONGEST_EDGE: u32 = 65_535;

/// A [`Preview`] of plausible size. Nothing of it was decoded yet.
pub struct Sent {
    size: Size,
    jpeg: Vec<u8>,
}

impl Sent {
    /// Checks what a browser sends.
    ///
    /// # Errors
    /// [`Refusal::Malformed`].
    pub fn parse(preview: &Preview) -> Result<Self, Refusal> {
        let Preview { size, jpeg } = preview;
        let possible = |edge: u32| (1..=LONGEST_EDGE).contains(&edge);
        if jpeg.len() > MAX_PREVIEW_BYTES.div_ceil(3) * 4 || !possible(size.width) || !possible(size.height) {
            return Err(Refusal::Malformed);
        }
        let jpeg = STANDARD.decode(jpeg).map_err(|_| Refusal::Malformed)?;
        Ok(Self { size: *size, jpeg })
    }
}

/// Shows a preview of an expected photo, made anew from what was sent: no byte of that is handed on. Sent again, or too late, it
/// changes nothing.
///
/// # Errors
/// [`Refusal::NotFound`]; [`Refusal::Malformed`] where it is no small JPEG, or not of the photo's shape.
pub async fn show(
    table: &Table,
    media: &Media,
    apart: Apart,
    library: &OpenLibrary,
    id: &PhotoId,
    sent: Sent,
) -> Result<PhotoRecord, Failure> {
    let record = photo(table, library, id).await?;
    if record.preview || !matches!(record.state, State::Expected | State::Received) {
        return Ok(record);
    }
    let Sent { size, jpeg } = sent;
    let made = tokio::task::spawn_blocking(move || apart.miniature(jpeg, MAX_PREVIEW_EDGE));
    let made = match made.await.while_doing("make a preview")? {
        Err(Unfit::NotEncoded) => return Err(Failure::broken("make a preview", Unfit::NotEncoded)),
        made => made.map_err(|_| Refusal::Malformed)?,
    };
    if !of_one_shape(size, &made) {
        return Err(Refusal::Malformed.into());
    }
    let [smallest, ..] = WIDTHS;
    let key = PhotoRecord::rendition_key(&record.preview_folder(), smallest, Format::Jpeg);
    media.put(&key, Format::Jpeg.content_type(), made.bytes).await?;
    let shown = change(table, id, |photo, _| photo.show(size, &made.thumbhash)).await?;
    Ok(shown.ok_or(Refusal::NotFound)?)
}

/// Whether a preview is what becomes of a picture of this size: each edge may be off by a pixel.
fn of_one_shape(size: Size, preview: &Miniature) -> bool {
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
    fn a_preview_has_the_shape_of_its_photo() {
        let preview = |width, height| Miniature {
            width,
            height,
            bytes: vec![],
            thumbhash: vec![],
        };
        let size = |width, height| Size { width, height };
        assert!(of_one_shape(size(6000, 4000), &preview(320, 213)));
        assert!(of_one_shape(size(30_000, 2), &preview(320, 1)));
        assert!(!of_one_shape(size(6000, 4000), &preview(213, 320)));
        assert!(!of_one_shape(size(6000, 4000), &preview(320, 240)));
    }

    #[test]
    fn what_cannot_be_a_preview_is_not_decoded() {
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
