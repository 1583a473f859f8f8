//! Applies the EXIF orientation.

use super::pixels::{Channels, Picture, Pixels};
use std::convert::Infallible;

/// EXIF orientation, 1 (upright) to 8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Orientation(u8);

impl Default for Orientation {
    fn default() -> Self {
        Self(1)
    }
}

impl Orientation {
    /// Invalid numbers mean upright.
    pub(super) fn from_exif(number: u32) -> Self {
        match number {
            1..=8 => Self(number as u8),
            _ => Self::default(),
        }
    }

    /// Upright width and height of what was stored as `width` × `height`.
    pub(super) fn size(self, width: u32, height: u32) -> (u32, u32) {
        if self.swaps_axes() { (height, width) } else { (width, height) }
    }

    /// Whether to mirror horizontally, and then the number of clockwise quarter turns.
    fn mirror_and_turns(self) -> (bool, u8) {
        match self.0 {
            2 => (true, 0),
            3 => (false, 2),
            4 => (true, 2),
            5 => (true, 3),
            6 => (false, 1),
            7 => (true, 1),
            8 => (false, 3),
            _ => (false, 0),
        }
    }

    fn from_mirror_and_turns(mirrored: bool, turns: u8) -> Self {
        Self(match (mirrored, turns % 4) {
            (false, 0) => 1,
            (false, 1) => 6,
            (false, 2) => 3,
            (false, _) => 8,
            (true, 0) => 2,
            (true, 1) => 7,
            (true, 2) => 4,
            (true, _) => 5,
        })
    }

    /// Clockwise quarter turns.
    pub(super) fn turns(quarters: u8) -> Self {
        Self::from_mirror_and_turns(false, quarters)
    }

    /// Horizontal mirroring.
    pub(super) fn mirror() -> Self {
        Self::from_mirror_and_turns(true, 0)
    }

    /// Vertical mirroring.
    pub(super) fn flip() -> Self {
        Self::from_mirror_and_turns(true, 2)
    }

    /// The composition: this, then `next`.
    pub(super) fn then(self, next: Self) -> Self {
        let ((mirrored, turns), (next_mirrored, next_turns)) = (self.mirror_and_turns(), next.mirror_and_turns());
        // Mirroring reverses the direction of a turn.
        let turns = if next_mirrored { 4 - turns } else { turns };
        Self::from_mirror_and_turns(mirrored != next_mirrored, next_turns + turns)
    }

    pub(super) fn inverse(self) -> Self {
        let (mirrored, turns) = self.mirror_and_turns();
        Self::from_mirror_and_turns(mirrored, if mirrored { turns } else { 4 - turns })
    }

    /// Transforms a rectangle of a stored picture of this size.
    pub(super) fn transform_rect(self, rect: Rect, (width, height): (u32, u32)) -> Rect {
        let (mirrored, turns) = self.mirror_and_turns();
        let left = if mirrored { width - rect.left - rect.width } else { rect.left };
        let start = (Rect { left, ..rect }, (width, height));
        let (rect, _) = (0..turns).fold(start, |(rect, (width, height)), _| {
            let turned = Rect {
                left: height - rect.top - rect.height,
                top: rect.left,
                width: rect.height,
                height: rect.width,
            };
            (turned, (height, width))
        });
        rect
    }

    /// Whether width and height are swapped.
    fn swaps_axes(self) -> bool {
        self.0 >= 5
    }
}

/// A rectangle in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rect {
    pub(super) left: u32,
    pub(super) top: u32,
    pub(super) width: u32,
    pub(super) height: u32,
}

/// Rotates and mirrors a stored picture so that it is upright.
pub(super) fn upright(stored: Picture, orientation: Orientation) -> Picture {
    if orientation == Orientation::default() {
        return stored;
    }
    match stored {
        Picture::Pixels(pixels) => turned(pixels, orientation).into(),
        Picture::Planes(planes) => {
            let Ok(planes) = planes.try_map(|plane, _| Ok::<_, Infallible>(turned(plane, orientation)));
            planes.into()
        }
    }
}

fn turned(stored: Pixels, orientation: Orientation) -> Pixels {
    let traversal = Traversal::new(&stored, orientation);
    let bytes = match stored.channels {
        Channels::Plane => traversal.copy::<1>(&stored.bytes),
        Channels::Rgb => traversal.copy::<3>(&stored.bytes),
        Channels::Rgba | Channels::Cmyk => traversal.copy::<4>(&stored.bytes),
    };
    let (width, height) = orientation.size(stored.width, stored.height);
    Pixels {
        width,
        height,
        channels: stored.channels,
        bytes,
    }
}

/// Index strides through the stored pixels in the row order of the upright picture.
struct Traversal {
    columns: usize,
    rows: usize,
    /// Index of the upper left pixel.
    start: isize,
    /// Stride to the right neighbour.
    right: isize,
    /// Stride to the neighbour below.
    down: isize,
}

impl Traversal {
    fn new(stored: &Pixels, orientation: Orientation) -> Self {
        let (width, height) = (stored.width as isize, stored.height as isize);
        let (right_edge, last_row) = (width - 1, (height - 1) * width);
        let (start, right, down) = match orientation.0 {
            2 => (right_edge, -1, width),
            3 => (last_row + right_edge, -1, -width),
            4 => (last_row, 1, -width),
            5 => (0, width, 1),
            6 => (last_row, -width, 1),
            7 => (last_row + right_edge, -width, -1),
            8 => (right_edge, width, -1),
            _ => (0, 1, width),
        };
        let (columns, rows) = orientation.size(stored.width, stored.height);
        Self {
            columns: columns as usize,
            rows: rows as usize,
            start,
            right,
            down,
        }
    }

    /// Copies in square tiles, which fit the CPU cache when rows become columns.
    fn copy<const N: usize>(&self, stored: &[u8]) -> Vec<u8> {
        const TILE: usize = 32;
        let (stored, _) = stored.as_chunks::<N>();
        let mut turned = vec![[0; N]; self.columns * self.rows];
        for (band, rows) in turned.chunks_mut(self.columns * TILE).enumerate() {
            for left in (0..self.columns).step_by(TILE) {
                let right_end = self.columns.min(left + TILE);
                for (line, row) in rows.chunks_exact_mut(self.columns).enumerate() {
                    let y = (band * TILE + line) as isize;
                    let mut source = self.start + y * self.down + left as isize * self.right;
                    for pixel in &mut row[left..right_end] {
                        *pixel = stored[source as usize];
                        source += self.right;
                    }
                }
            }
        }
        turned.into_flattened()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `abc` over `def`, stored in each orientation.
    #[test]
    fn all_eight_orientations_are_applied() {
        let stored = [
            (1, 3, "abcdef"),
            (2, 3, "cbafed"),
            (3, 3, "fedcba"),
            (4, 3, "defabc"),
            (5, 2, "adbecf"),
            (6, 2, "cfbead"),
            (7, 2, "fcebda"),
            (8, 2, "daebfc"),
        ];
        for (number, width, letters) in stored {
            let bytes = letters.bytes().flat_map(|letter| [letter; 3]).collect();
            let pixels = Pixels {
                width,
                height: 6 / width,
                channels: Channels::Rgb,
                bytes,
            };
            let upright = turned(pixels, Orientation::from_exif(number));
            assert_eq!((upright.width, upright.height), (3, 2));
            let found: Vec<u8> = upright.bytes.chunks(3).map(|pixel| pixel[0]).collect();
            assert_eq!(String::from_utf8_lossy(&found), "abcdef", "orientation {number}");
        }
    }

    fn letters(width: u32) -> Pixels {
        Pixels {
            width,
            height: 6 / width,
            channels: Channels::Rgb,
            bytes: b"abcdef".iter().flat_map(|letter| [*letter; 3]).collect(),
        }
    }

    #[test]
    fn orientations_compose_and_invert() {
        for first in (1..=8).map(Orientation) {
            for second in (1..=8).map(Orientation) {
                let in_two_steps = turned(turned(letters(3), first), second);
                assert_eq!(
                    turned(letters(3), first.then(second)),
                    in_two_steps,
                    "{first:?}, then {second:?}"
                );
            }
            assert_eq!(first.then(first.inverse()), Orientation::default());
        }
        assert_eq!(Orientation::turns(1), Orientation(6));
        assert_eq!((Orientation::mirror(), Orientation::flip()), (Orientation(2), Orientation(4)));
    }

    #[test]
    fn a_rectangle_is_transformed_like_its_picture() {
        // The position of "e".
        let rect = Rect {
            left: 1,
            top: 1,
            width: 1,
            height: 1,
        };
        for orientation in (1..=8).map(Orientation) {
            let turned = turned(letters(3), orientation);
            let found = orientation.transform_rect(rect, (3, 2));
            let at = (found.top * turned.width + found.left) as usize * 3;
            assert_eq!((turned.bytes[at], found.width, found.height), (b'e', 1, 1), "{orientation:?}");
        }
    }

    #[test]
    fn pictures_larger_than_a_tile_are_rotated() {
        let (width, height) = (70, 45);
        let bytes: Vec<u8> = (0..width * height * 4).map(|i| (i % 251) as u8).collect();
        let stored = Pixels {
            width,
            height,
            channels: Channels::Rgba,
            bytes,
        };
        let quarter = |pixels| turned(pixels, Orientation::from_exif(6));
        let full_turn = quarter(quarter(quarter(quarter(stored.clone()))));
        assert_eq!(full_turn, stored);
    }

    #[test]
    fn an_invalid_orientation_is_upright() {
        assert_eq!(Orientation::from_exif(0), Orientation::default());
        assert_eq!(Orientation::from_exif(9), Orientation::default());
    }
}
