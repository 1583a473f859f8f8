//! Turning a photo upright.

use super::pixels::{Channels, Picture, Pixels};
use std::convert::Infallible;

/// How a camera was held: EXIF's number from 1, upright, to 8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Orientation(u8);

impl Default for Orientation {
    fn default() -> Self {
        Self(1)
    }
}

impl Orientation {
    /// A number that EXIF does not know is upright.
    pub(super) fn from_exif(number: u32) -> Self {
        match number {
            1..=8 => Self(number as u8),
            _ => Self::default(),
        }
    }

    /// Upright width and height of what was stored as `width` × `height`.
    pub(super) fn size(self, width: u32, height: u32) -> (u32, u32) {
        if self.lies() { (height, width) } else { (width, height) }
    }

    /// Mirrored from left to right or not, and then so many quarter turns clockwise.
    fn parts(self) -> (bool, u8) {
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

    fn of_parts(mirrored: bool, turns: u8) -> Self {
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

    /// Quarter turns clockwise.
    pub(super) fn turns(quarters: u8) -> Self {
        Self::of_parts(false, quarters)
    }

    /// Left and right changed.
    pub(super) fn mirror() -> Self {
        Self::of_parts(true, 0)
    }

    /// Top and bottom changed.
    pub(super) fn flip() -> Self {
        Self::of_parts(true, 2)
    }

    /// This, and then another.
    pub(super) fn then(self, next: Self) -> Self {
        let ((mirrored, turns), (mirrored_then, turns_then)) = (self.parts(), next.parts());
        // Seen in a mirror a turn goes the other way.
        let turns = if mirrored_then { 4 - turns } else { turns };
        Self::of_parts(mirrored != mirrored_then, turns_then + turns)
    }

    /// What takes it back.
    pub(super) fn inverse(self) -> Self {
        let (mirrored, turns) = self.parts();
        Self::of_parts(mirrored, if mirrored { turns } else { 4 - turns })
    }

    /// Where a part of a picture of this size comes to lie.
    pub(super) fn area(self, area: Area, (width, height): (u32, u32)) -> Area {
        let (mirrored, turns) = self.parts();
        let left = if mirrored { width - area.left - area.width } else { area.left };
        let start = (Area { left, ..area }, (width, height));
        let (area, _) = (0..turns).fold(start, |(area, (width, height)), _| {
            let turned = Area {
                left: height - area.top - area.height,
                top: area.left,
                width: area.height,
                height: area.width,
            };
            (turned, (height, width))
        });
        area
    }

    /// Whether rows become columns.
    fn lies(self) -> bool {
        self.0 >= 5
    }
}

/// A part of a picture, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Area {
    pub(super) left: u32,
    pub(super) top: u32,
    pub(super) width: u32,
    pub(super) height: u32,
}

/// Turns and mirrors a stored picture so that it is seen as it was taken.
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
    let walk = Walk::new(&stored, orientation);
    let bytes = match stored.channels {
        Channels::Plane => walk.copy::<1>(&stored.bytes),
        Channels::Rgb => walk.copy::<3>(&stored.bytes),
        Channels::Rgba | Channels::Cmyk => walk.copy::<4>(&stored.bytes),
    };
    let (width, height) = orientation.size(stored.width, stored.height);
    Pixels {
        width,
        height,
        channels: stored.channels,
        bytes,
    }
}

/// The order in which stored pixels are met when the upright photo is read row by row.
struct Walk {
    columns: usize,
    rows: usize,
    /// Index of the stored pixel that comes to the upper left.
    start: isize,
    /// From there to its right neighbour.
    right: isize,
    /// And to the one below.
    down: isize,
}

impl Walk {
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

    /// Goes by square tiles, so that a column's neighbours are still in the processor's cache when they are wanted.
    fn copy<const N: usize>(&self, stored: &[u8]) -> Vec<u8> {
        const TILE: usize = 32;
        let (stored, _) = stored.as_chunks::<N>();
        let mut turned = vec![[0; N]; self.columns * self.rows];
        for (band, rows) in turned.chunks_mut(self.columns * TILE).enumerate() {
            for left in (0..self.columns).step_by(TILE) {
                let right_end = self.columns.min(left + TILE);
                for (line, row) in rows.chunks_exact_mut(self.columns).enumerate() {
                    let y = (band * TILE + line) as isize;
                    let mut from = self.start + y * self.down + left as isize * self.right;
                    for pixel in &mut row[left..right_end] {
                        *pixel = stored[from as usize];
                        from += self.right;
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

    /// `abc` over `def`, stored so that the orientation's number makes it upright.
    #[test]
    fn all_eight_come_upright() {
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
            let seen: Vec<u8> = upright.bytes.chunks(3).map(|pixel| pixel[0]).collect();
            assert_eq!(String::from_utf8_lossy(&seen), "abcdef", "orientation {number}");
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
    fn two_in_a_row_are_as_one() {
        for first in (1..=8).map(Orientation) {
            for second in (1..=8).map(Orientation) {
                let in_two = turned(turned(letters(3), first), second);
                assert_eq!(turned(letters(3), first.then(second)), in_two, "{first:?}, then {second:?}");
            }
            assert_eq!(first.then(first.inverse()), Orientation::default());
        }
        assert_eq!(Orientation::turns(1), Orientation(6));
        assert_eq!((Orientation::mirror(), Orientation::flip()), (Orientation(2), Orientation(4)));
    }

    #[test]
    fn a_part_goes_with_its_picture() {
        // "e" is in the middle below.
        let area = Area {
            left: 1,
            top: 1,
            width: 1,
            height: 1,
        };
        for orientation in (1..=8).map(Orientation) {
            let turned = turned(letters(3), orientation);
            let now = orientation.area(area, (3, 2));
            let at = (now.top * turned.width + now.left) as usize * 3;
            assert_eq!((turned.bytes[at], now.width, now.height), (b'e', 1, 1), "{orientation:?}");
        }
    }

    #[test]
    fn tiles_meet_without_seam() {
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
    fn a_number_unknown_to_exif_is_upright() {
        assert_eq!(Orientation::from_exif(0), Orientation::default());
        assert_eq!(Orientation::from_exif(9), Orientation::default());
    }
}
