//! The frames of a GIF or a WebP that moves.

use super::gif;
use crate::Unfit;
use crate::kind::Kind;
use crate::pixels::{Channels, Pixels};
use image::codecs::{gif::GifDecoder, webp::WebPDecoder};
use image::{AnimationDecoder, Frame, Frames, ImageDecoder, ImageError, Limits};
use std::io::Cursor;

/// More frames than this are a film.
const MOST_FRAMES: usize = 600;

/// Pixels of all frames together: a minute of small ones, some seconds of large ones.
const MOST_PIXELS: u64 = 150_000_000;

/// Pictures that follow each other, each whole.
pub(crate) struct Animation<'a> {
    frames: Frames<'a>,
    pub(crate) width: u32,
    pub(crate) height: u32,
    seen: usize,
}

/// The animation in a file; `None` where there is none.
pub(crate) fn animation(kind: Kind, bytes: &[u8]) -> Option<Animation<'_>> {
    let ((width, height), frames) = match kind {
        Kind::Gif => {
            let mut decoder = GifDecoder::new(Cursor::new(gif::ended(bytes))).ok()?;
            let mut limits = Limits::no_limits();
            limits.max_alloc = Some(super::super::limits::BUFFER);
            decoder.set_limits(limits).ok()?;
            (decoder.dimensions(), decoder.into_frames())
        }
        Kind::Webp => {
            let decoder = WebPDecoder::new(Cursor::new(bytes)).ok()?;
            if !decoder.has_animation() {
                return None;
            }
            (decoder.dimensions(), decoder.into_frames())
        }
        _ => return None,
    };
    Some(Animation {
        frames,
        width,
        height,
        seen: 0,
    })
}

/// Whether a second frame follows the first, and not more than are shown. Goes through all of them: one that breaks off
/// is damage.
pub(crate) fn is_animated(kind: Kind, bytes: &[u8]) -> Result<bool, Unfit> {
    let Some(frames) = animation(kind, bytes) else {
        return Ok(false);
    };
    let mut seen = 0;
    for frame in frames {
        match frame {
            Ok(_) => seen += 1,
            Err(Unfit::TooManyPixels { .. }) => return Ok(false),
            Err(damaged) => return Err(damaged),
        }
    }
    Ok(seen > 1)
}

impl Iterator for Animation<'_> {
    /// A picture, and for how many milliseconds it is shown.
    type Item = Result<(Pixels, u32), Unfit>;

    fn next(&mut self) -> Option<Self::Item> {
        let frame = self.frames.next()?;
        self.seen += 1;
        let pixels = self.seen as u64 * u64::from(self.width) * u64::from(self.height);
        Some(match frame {
            Ok(_) if self.seen > MOST_FRAMES || pixels > MOST_PIXELS => Err(Unfit::TooManyPixels {
                width: self.width,
                height: self.height,
            }),
            Ok(frame) => Ok(of_frame(frame)),
            // Too large to move is no damage: it is shown as a still.
            Err(ImageError::Limits(_)) => Err(Unfit::TooManyPixels {
                width: self.width,
                height: self.height,
            }),
            Err(_) => Err(Unfit::Damaged),
        })
    }
}

/// Browsers show a frame that is said to last no time for a tenth of a second.
const SHORTEST_MS: u32 = 20;
const UNSAID_MS: u32 = 100;

fn of_frame(frame: Frame) -> (Pixels, u32) {
    let (numerator, denominator) = frame.delay().numer_denom_ms();
    let lasts = numerator / denominator.max(1);
    let buffer = frame.into_buffer();
    let pixels = Pixels {
        width: buffer.width(),
        height: buffer.height(),
        channels: Channels::Rgba,
        bytes: buffer.into_raw(),
    };
    (pixels, if lasts < SHORTEST_MS { UNSAID_MS } else { lasts })
}
