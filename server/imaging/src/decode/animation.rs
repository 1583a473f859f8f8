//! Decodes the frames of an animated GIF or WebP.

use super::gif;
use crate::ImageError;
use crate::kind::Kind;
use crate::pixels::{Channels, Pixels};
use image::codecs::{gif::GifDecoder, webp::WebPDecoder};
use image::{AnimationDecoder, Frame, Frames, ImageDecoder, Limits};
use std::io::Cursor;

const MAX_FRAMES: usize = 600;

/// Pixels of all frames together.
const MAX_PIXELS: u64 = 150_000_000;

/// Iterates over frames, each a complete picture.
pub(crate) struct Animation<'a> {
    frames: Frames<'a>,
    pub(crate) width: u32,
    pub(crate) height: u32,
    count: usize,
}

/// `None` if the format or the file has no animation.
pub(crate) fn animation(kind: Kind, bytes: &[u8]) -> Option<Animation<'_>> {
    let ((width, height), frames) = match kind {
        Kind::Gif => {
            let mut decoder = GifDecoder::new(Cursor::new(gif::with_trailer(bytes))).ok()?;
            let mut limits = Limits::no_limits();
            limits.max_alloc = Some(crate::limits::MAX_BUFFER);
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
        count: 0,
    })
}

/// Whether the file has more than one frame and is within the limits. Decodes all frames, to find damage.
pub(crate) fn is_animated(kind: Kind, bytes: &[u8]) -> Result<bool, ImageError> {
    let Some(frames) = animation(kind, bytes) else {
        return Ok(false);
    };
    let mut count = 0;
    for frame in frames {
        match frame {
            Ok(_) => count += 1,
            Err(ImageError::TooManyPixels { .. }) => return Ok(false),
            Err(error) => return Err(error),
        }
    }
    Ok(count > 1)
}

impl Iterator for Animation<'_> {
    /// A frame and its duration in milliseconds.
    type Item = Result<(Pixels, u32), ImageError>;

    fn next(&mut self) -> Option<Self::Item> {
        let frame = self.frames.next()?;
        self.count += 1;
        let pixels = self.count as u64 * u64::from(self.width) * u64::from(self.height);
        Some(match frame {
            Ok(_) if self.count > MAX_FRAMES || pixels > MAX_PIXELS => Err(ImageError::TooManyPixels {
                width: self.width,
                height: self.height,
            }),
            Ok(frame) => Ok(convert_frame(frame)),
            // Not damaged: it is shown as a still.
            Err(image::ImageError::Limits(_)) => Err(ImageError::TooManyPixels {
                width: self.width,
                height: self.height,
            }),
            Err(_) => Err(ImageError::Damaged),
        })
    }
}

/// Browsers show frames with a shorter delay for 100 ms.
const MIN_DELAY_MS: u32 = 20;
const DEFAULT_DELAY_MS: u32 = 100;

fn convert_frame(frame: Frame) -> (Pixels, u32) {
    let (numerator, denominator) = frame.delay().numer_denom_ms();
    let delay = numerator / denominator.max(1);
    let buffer = frame.into_buffer();
    let pixels = Pixels {
        width: buffer.width(),
        height: buffer.height(),
        channels: Channels::Rgba,
        bytes: buffer.into_raw(),
    };
    (pixels, if delay < MIN_DELAY_MS { DEFAULT_DELAY_MS } else { delay })
}
