//! A picture in memory, in one of two shapes.

use super::planes::Planes;

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

    /// Its bytes as red, green, blue, alpha.
    pub(super) fn into_rgba(self) -> Vec<u8> {
        let pixels = match self {
            Self::Pixels(pixels) => pixels,
            Self::Planes(planes) => planes.to_rgb(),
        };
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
}
