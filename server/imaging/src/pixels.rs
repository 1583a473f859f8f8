//! A decoded picture: interleaved or planar.

use super::orient::Rect;
use super::planes::Planes;
use std::convert::Infallible;

/// A picture between decoder and encoder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Picture {
    /// Interleaved samples: pictures with alpha, and those not stored as 4:2:0.
    Pixels(Pixels),
    /// Planar YCbCr 4:2:0: half the memory, and no conversion before encoding.
    Planes(Planes),
}

impl Picture {
    /// Width and height in pixels.
    pub(super) fn size(&self) -> (u32, u32) {
        match self {
            Self::Pixels(pixels) => (pixels.width, pixels.height),
            Self::Planes(planes) => (planes.luma.width, planes.luma.height),
        }
    }

    /// `rect` must lie within the picture.
    pub(super) fn cropped(self, rect: Rect) -> Self {
        match self {
            Self::Pixels(pixels) => pixels.cropped(rect).into(),
            Self::Planes(planes) => {
                let chroma = Rect {
                    left: rect.left / 2,
                    top: rect.top / 2,
                    width: Planes::chroma_size(rect.width),
                    height: Planes::chroma_size(rect.height),
                };
                let crop = |plane: Pixels, is_chroma| Ok::<_, Infallible>(plane.cropped(if is_chroma { chroma } else { rect }));
                let Ok(planes) = planes.try_map(crop);
                planes.into()
            }
        }
    }

    /// Interleaved samples.
    pub(super) fn into_pixels(self) -> Pixels {
        match self {
            Self::Pixels(pixels) => pixels,
            Self::Planes(planes) => planes.to_rgb(),
        }
    }

    /// RGBA bytes.
    pub(super) fn into_rgba(self) -> Vec<u8> {
        let pixels = self.into_pixels();
        match pixels.channels {
            Channels::Rgba => pixels.bytes,
            _ => pixels
                .bytes
                .chunks_exact(pixels.channels.count())
                .flat_map(|p| [p[0], p[1], p[2], 255])
                .collect(),
        }
    }
}

impl From<Pixels> for Picture {
    fn from(pixels: Pixels) -> Self {
        Self::Pixels(pixels)
    }
}

impl From<Planes> for Picture {
    fn from(planes: Planes) -> Self {
        Self::Planes(planes)
    }
}

/// The channels of a pixel, a byte each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Channels {
    /// One plane of a planar picture.
    Plane,
    /// Red, green and blue.
    Rgb,
    /// Red, green, blue and straight (not premultiplied) alpha.
    Rgba,
    /// CMYK, where 0 is no ink. Converted with the colours.
    Cmyk,
}

impl Channels {
    /// Bytes per pixel.
    pub(super) fn count(self) -> usize {
        match self {
            Self::Plane => 1,
            Self::Rgb => 3,
            Self::Rgba | Self::Cmyk => 4,
        }
    }
}

/// Interleaved samples or one plane, in rows without padding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pixels {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) channels: Channels,
    pub(super) bytes: Vec<u8>,
}

impl Pixels {
    /// Bytes per row.
    pub(super) fn pitch(&self) -> usize {
        self.width as usize * self.channels.count()
    }

    /// Drops the alpha channel if all pixels are opaque.
    pub(super) fn without_opaque_alpha(self) -> Self {
        if self.channels != Channels::Rgba || self.bytes.iter().skip(3).step_by(4).any(|&alpha| alpha < 255) {
            return self;
        }
        let (pixels, _) = self.bytes.as_chunks::<4>();
        Self {
            channels: Channels::Rgb,
            bytes: pixels
                .iter()
                .flat_map(|[red, green, blue, _]| [*red, *green, *blue])
                .collect(),
            ..self
        }
    }

    /// Copies a tile with the same channels to a position, clipped at the right and bottom edges.
    pub(super) fn paste(&mut self, tile: &Self, left: u32, top: u32) {
        let (pitch, size) = (self.pitch(), self.channels.count());
        let start = left as usize * size;
        let length = tile.pitch().min(pitch - start);
        let rows = self.bytes.chunks_exact_mut(pitch).skip(top as usize);
        for (row, source) in rows.zip(tile.bytes.chunks_exact(tile.pitch())) {
            row[start..start + length].copy_from_slice(&source[..length]);
        }
    }

    fn cropped(self, rect: Rect) -> Self {
        let size = self.channels.count();
        let rows = self
            .bytes
            .chunks_exact(self.pitch())
            .skip(rect.top as usize)
            .take(rect.height as usize);
        let columns = rect.left as usize * size..(rect.left + rect.width) as usize * size;
        Self {
            width: rect.width,
            height: rect.height,
            channels: self.channels,
            bytes: rows.flat_map(|row| &row[columns.clone()]).copied().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cropping_keeps_the_requested_rows_and_columns() {
        let bytes: Vec<u8> = (0..24).collect();
        let rect = Rect {
            left: 2,
            top: 1,
            width: 3,
            height: 2,
        };
        let part = Planes::plane(6, 4, bytes.clone()).cropped(rect);
        assert_eq!(
            (part.width, part.height, &part.bytes[..]),
            (3, 2, &[8, 9, 10, 14, 15, 16][..])
        );
        let planes = Picture::Planes(Planes::grey(Planes::plane(6, 4, bytes)));
        let Picture::Planes(planes) = planes.cropped(rect) else {
            panic!()
        };
        assert_eq!(
            (planes.luma.width, planes.chroma[0].width, planes.chroma[1].bytes.len()),
            (3, 2, 2)
        );
    }
}
