//! A picture in memory.

/// What a pixel is made of, a byte each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Channels {
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

    /// Its bytes as red, green, blue, alpha.
    pub(super) fn into_rgba(self) -> Vec<u8> {
        match self.channels {
            Channels::Rgba => self.bytes,
            Channels::Rgb | Channels::Cmyk => self
                .bytes
                .chunks_exact(self.channels.count())
                .flat_map(|p| [p[0], p[1], p[2], 255])
                .collect(),
        }
    }
}
