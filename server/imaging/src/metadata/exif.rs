//! EXIF: capture time, orientation, camera, exposure and position.

use super::moment::DateTime;
use crate::orient::Orientation;
use crate::tiff::{Directory, Tiff, tag as pointer};
use model::photos::{Place, Shot};

/// Tags of EXIF 3.0 (CIPA DC-008).
mod tag {
    pub(super) const MAKE: u16 = 0x010f;
    pub(super) const MODEL: u16 = 0x0110;
    pub(super) const ORIENTATION: u16 = 0x0112;
    pub(super) const EXPOSURE_TIME: u16 = 0x829a;
    pub(super) const F_NUMBER: u16 = 0x829d;
    pub(super) const SENSITIVITY: u16 = 0x8827;
    pub(super) const STANDARD_OUTPUT_SENSITIVITY: u16 = 0x8831;
    pub(super) const RECOMMENDED_EXPOSURE_INDEX: u16 = 0x8832;
    pub(super) const ISO_SPEED: u16 = 0x8833;
    pub(super) const FOCAL_LENGTH: u16 = 0x920a;
    pub(super) const LENS_MODEL: u16 = 0xa434;
    pub(super) const DATE_ORIGINAL: [u16; 3] = [0x9003, 0x9291, 0x9011];
    pub(super) const DATE_DIGITIZED: [u16; 3] = [0x9004, 0x9292, 0x9012];
    pub(super) const LATITUDE_REF: u16 = 1;
    pub(super) const LATITUDE: u16 = 2;
    pub(super) const LONGITUDE_REF: u16 = 3;
    pub(super) const LONGITUDE: u16 = 4;
    pub(super) const ALTITUDE_REF: u16 = 5;
    pub(super) const ALTITUDE: u16 = 6;
}

/// The IFDs of EXIF. Each is optional and read independently of damage in the others.
#[derive(Default)]
pub(crate) struct Exif<'a> {
    pub(crate) main: Option<Directory<'a>>,
    pub(crate) photo: Option<Directory<'a>>,
    pub(crate) gps: Option<Directory<'a>>,
}

/// Names of cameras and lenses are truncated to this.
const MAX_NAME_CHARS: usize = 80;

/// Stands for a sensitivity that exceeds 16 bits; another tag has the value.
const SENSITIVITY_OVERFLOW: u32 = 65535;

impl<'a> Exif<'a> {
    /// From a TIFF block, with or without JPEG's `Exif` identifier.
    pub(crate) fn parse(block: &'a [u8]) -> Self {
        let block = block.strip_prefix(b"Exif\0\0").unwrap_or(block);
        let main = Tiff::new(block).and_then(|tiff| tiff.first());
        let sub_ifd = |tag| main.as_ref().and_then(|main| main.directory(tag));
        Self {
            photo: sub_ifd(pointer::EXIF),
            gps: sub_ifd(pointer::GPS),
            main,
        }
    }

    pub(super) fn orientation(&self) -> Orientation {
        let number = self.main.as_ref().and_then(|main| main.integer(tag::ORIENTATION));
        Orientation::from_exif(number.unwrap_or(1))
    }

    /// `DateTimeOriginal`, else `DateTimeDigitized`. `DateTime` is ignored: it is the time of the last change.
    pub(super) fn date_time(&self) -> Option<DateTime> {
        [tag::DATE_ORIGINAL, tag::DATE_DIGITIZED]
            .into_iter()
            .find_map(|[date, fraction, offset]| {
                let date_time = DateTime::parse(self.photo_text(date)?)?;
                let fraction = self.photo_text(fraction).unwrap_or_default();
                let offset = self.photo_text(offset).unwrap_or_default();
                Some(date_time.with_fraction(fraction).with_offset(offset))
            })
    }

    /// Some programs write all tags into the first IFD.
    fn photo_text(&self, tag: u16) -> Option<&'a [u8]> {
        [&self.photo, &self.main]
            .into_iter()
            .flatten()
            .find_map(|directory| directory.text(tag))
    }

    /// Without the time zone.
    pub(super) fn shot(&self) -> Shot {
        let photo = self.photo.as_ref();
        Shot {
            zone: None,
            camera: self.camera(),
            lens: photo.and_then(|photo| name(photo, tag::LENS_MODEL)),
            exposure_us: photo.and_then(|photo| scaled(photo, tag::EXPOSURE_TIME, 1e6)),
            aperture_hundredths: photo.and_then(|photo| scaled(photo, tag::F_NUMBER, 100.0)),
            iso: photo.and_then(sensitivity),
            focal_tenths: photo.and_then(|photo| scaled(photo, tag::FOCAL_LENGTH, 10.0)),
            place: self.gps.as_ref().and_then(place),
        }
    }

    /// Make and model, without repeating a make that the model begins with.
    fn camera(&self) -> Option<String> {
        let main = self.main.as_ref()?;
        match (name(main, tag::MAKE), name(main, tag::MODEL)) {
            (Some(make), Some(model)) => {
                let first = make.split(' ').next().unwrap_or_default().to_lowercase();
                Some(if model.to_lowercase().starts_with(&first) {
                    model
                } else {
                    format!("{make} {model}")
                })
            }
            (make, model) => model.or(make),
        }
    }
}

fn sensitivity(photo: &Directory) -> Option<u32> {
    let known = |tag: u16| photo.integer(tag).filter(|iso| *iso > 0);
    match known(tag::SENSITIVITY) {
        Some(SENSITIVITY_OVERFLOW) => [
            tag::RECOMMENDED_EXPOSURE_INDEX,
            tag::STANDARD_OUTPUT_SENSITIVITY,
            tag::ISO_SPEED,
        ]
        .into_iter()
        .find_map(known)
        .or(Some(SENSITIVITY_OVERFLOW)),
        iso => iso,
    }
}

/// Without control characters and padding.
fn name(directory: &Directory, tag: u16) -> Option<String> {
    let printable = String::from_utf8_lossy(directory.text(tag)?)
        .chars()
        .filter(|c| !c.is_control())
        .take(MAX_NAME_CHARS)
        .collect::<String>();
    let name = printable.trim();
    (!name.is_empty()).then(|| name.to_owned())
}

/// A positive number in smaller units, if it is in range.
fn scaled(directory: &Directory, tag: u16, units: f64) -> Option<u32> {
    let units = (directory.numbers(tag).first()? * units).round();
    (units >= 1.0 && units <= f64::from(u32::MAX)).then_some(units as u32)
}

fn place(gps: &Directory) -> Option<Place> {
    let latitude = degrees(gps, tag::LATITUDE, tag::LATITUDE_REF, (b"N", b"S"), 90.0)?;
    let longitude = degrees(gps, tag::LONGITUDE, tag::LONGITUDE_REF, (b"E", b"W"), 180.0)?;
    // Many cameras write zeros if the receiver had no position.
    if (latitude, longitude) == (0, 0) {
        return None;
    }
    let below = gps.integer(tag::ALTITUDE_REF) == Some(1);
    let altitude = scaled(gps, tag::ALTITUDE, 1.0).and_then(|metres| i32::try_from(metres).ok());
    Some(Place {
        latitude,
        longitude,
        altitude: altitude.map(|metres| if below { -metres } else { metres }),
    })
}

/// Degrees, minutes and seconds as ten-millionths of a degree.
fn degrees(gps: &Directory, tag: u16, reference: u16, (positive, negative): (&[u8], &[u8]), max: f64) -> Option<i32> {
    let parts = gps.numbers(tag);
    // Unused parts are written as 0/0.
    let part = |index: usize| parts.get(index).copied().filter(|part| part.is_finite());
    let degrees = part(0)? + part(1).unwrap_or(0.0) / 60.0 + part(2).unwrap_or(0.0) / 3600.0;
    if !(0.0..=max).contains(&degrees) {
        return None;
    }
    // Ambiguous without the hemisphere.
    let sign = match gps.text(reference)?.trim_ascii() {
        text if text.eq_ignore_ascii_case(negative) => -1.0,
        text if text.eq_ignore_ascii_case(positive) => 1.0,
        _ => return None,
    };
    Some((sign * degrees * 1e7).round() as i32)
}
