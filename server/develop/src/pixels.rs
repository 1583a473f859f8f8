//! A picture in memory, in one of two shapes.

use super::orient::Area;
use super::planes::Planes;
use std::convert::Infallible;

/// What is on its way from the decoder to the encoders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Picture {
    /// Colours beside each other. Whatever has alpha, and whatever was not stored in planes.
    Pixels(Pixels),
    /// As photos are stored. The encoders take them as they are, and they need half the memory.
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

    /// A part of it, which lies within.
    pub(super) fn cropped(self, area: Area) -> Self {
        match self {
            Self::Pixels(pixels) => pixels.cropped(area).into(),
            Self::Planes(planes) => {
                let half = Area {
                    left: area.left / 2,
                    top: area.top / 2,
                    width: Planes::half(area.width),
                    height: Planes::half(area.height),
                };
                let part = |plane: Pixels, of_colour| Ok::<_, Infallible>(plane.cropped(if of_colour { half } else { area }));
                let Ok(planes) = planes.try_map(part);
                planes.into()
            }
        }
    }

    /// Colours beside each other.
    pub(super) fn into_pixels(self) -> Pixels {
        match self {
            Self::Pixels(pixels) => pixels,
            Self::Planes(planes) => planes.to_rgb(),
        }
    }

    /// Its bytes as red, green, blue, alpha.
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

/// What a pixel is made of, a byte each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Channels {
    /// One of the planes of a picture.
    Plane,
    /// Red, green, blue.
    Rgb,
    /// Red, green, blue and alpha, not multiplied.
    Rgba,
    /// Ink: 0 is no ink. Only between decoding and colour conversion.
    Cmyk,
}

impl Channels {
    /// Bytes a pixel.
    pub(super) fn count(self) -> usize {
        match self {
            Self::Plane => 1,
            Self::Rgb => 3,
            Self::Rgba | Self::Cmyk => 4,
        }
    }
}

/// Rows of pixels, without padding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pixels {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) channels: Channels,
    pub(super) bytes: Vec<u8>,
}

impl Pixels {
    /// Bytes a row.
    pub(super) fn pitch(&self) -> usize {
        self.width as usize * self.channels.count()
    }

    /// Without alpha, where nothing shows through.
    pub(super) fn without_full_alpha(self) -> Self {
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

    /// Covers what is there with another picture of the same channels, as far as that lies within.
    pub(super) fn paste(&mut self, part: &Self, left: u32, top: u32) {
        let (pitch, size) = (self.pitch(), self.channels.count());
        let start = left as usize * size;
        let length = part.pitch().min(pitch - start);
        let rows = self.bytes.chunks_exact_mut(pitch).skip(top as usize);
        for (row, from) in rows.zip(part.bytes.chunks_exact(part.pitch())) {
            row[start..start + length].copy_from_slice(&from[..length]);
        }
    }

    fn cropped(self, area: Area) -> Self {
        let size = self.channels.count();
        let rows = self
            .bytes
            .chunks_exact(self.pitch())
            .skip(area.top as usize)
            .take(area.height as usize);
        let columns = area.left as usize * size..(area.left + area.width) as usize * size;
        Self {
            width: area.width,
            height: area.height,
            channels: self.channels,
            bytes: rows.flat_map(|row| &row[columns.clone()]).copied().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_has_the_rows_and_columns_that_were_asked_for() {
        let bytes: Vec<u8> = (0..24).collect();
        let area = Area {
            left: 2,
            top: 1,
            width: 3,
            height: 2,
        };
        let part = Planes::plane(6, 4, bytes.clone()).cropped(area);
        assert_eq!(
            (part.width, part.height, &part.bytes[..]),
            (3, 2, &[8, 9, 10, 14, 15, 16][..])
        );
        let planes = Picture::Planes(Planes::grey(Planes::plane(6, 4, bytes)));
        let Picture::Planes(planes) = planes.cropped(area) else {
            panic!()
        };
        assert_eq!(
            (planes.luma.width, planes.chroma[0].width, planes.chroma[1].bytes.len()),
            (3, 2, 2)
        );
    }
}
