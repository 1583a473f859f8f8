//! What a file says of its photo beside the pixels: how it was held, when and how it was taken. What is missing or broken is left out:
//! no photo is refused for its metadata.

pub(crate) mod exif;
mod iptc;
mod moment;
mod xmp;

use crate::orient::Orientation;
use crate::tiff::{Directory, tag};
use exif::Exif;
use model::photos::Shot;
use moment::Moment;
use std::borrow::Cow;

pub(crate) use iptc::in_photoshop;

/// Blocks of metadata, as the formats carry them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Blocks<'a> {
    /// EXIF's TIFF block, with or without its name before it.
    pub(crate) exif: Option<Cow<'a, [u8]>>,
    /// XMP's document.
    pub(crate) xmp: Option<Cow<'a, [u8]>>,
    /// Records of IPTC.
    pub(crate) iptc: Option<Cow<'a, [u8]>>,
    /// A moment in words, as PNG has it.
    pub(crate) created: Option<String>,
}

/// What is known of a photo by its metadata.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Metadata {
    pub(crate) orientation: Orientation,
    /// Milliseconds of Unix time.
    pub(crate) taken_at: Option<i64>,
    /// None where nothing is known.
    pub(crate) shot: Option<Shot>,
}

/// How JPEG names the two that share a marker.
const EXIF_NAME: &[u8] = b"Exif\0\0";
const XMP_NAME: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";

impl<'a> Blocks<'a> {
    /// Takes a segment of JPEG, if it is the first of its sort.
    pub(crate) fn add_app1(&mut self, segment: &'a [u8]) {
        let (block, content) = if segment.starts_with(EXIF_NAME) {
            (&mut self.exif, segment)
        } else if let Some(document) = segment.strip_prefix(XMP_NAME) {
            (&mut self.xmp, document)
        } else {
            return;
        };
        block.get_or_insert(Cow::Borrowed(content));
    }

    /// Of a file that is written as a TIFF, whose tags are EXIF's, and of one of its directories.
    pub(crate) fn of_tiff(file: &'a [u8], directory: &Directory<'a>) -> Self {
        Self {
            exif: Some(Cow::Borrowed(file)),
            xmp: directory.bytes(tag::XMP).map(Cow::Borrowed),
            iptc: directory.bytes(tag::IPTC).map(Cow::Borrowed),
            created: None,
        }
    }

    /// With EXIF alone.
    pub(crate) fn of_exif(exif: Option<Vec<u8>>) -> Self {
        Self {
            exif: exif.map(Cow::Owned),
            ..Self::default()
        }
    }

    /// What they say. EXIF is the camera's; the others have passed through programs, and are asked where it says no moment.
    pub(crate) fn read(&self) -> Metadata {
        let exif = self.exif.as_deref().map(Exif::of).unwrap_or_default();
        self.with(&exif)
    }

    /// What they say together with EXIF that was read elsewhere.
    pub(crate) fn with(&self, exif: &Exif) -> Metadata {
        let moment = exif
            .moment()
            .or_else(|| xmp::moment(self.xmp.as_deref()?, &xmp::OF_EXPOSURE))
            .or_else(|| iptc::moment(self.iptc.as_deref()?))
            .or_else(|| xmp::moment(self.xmp.as_deref()?, &xmp::OF_FILE))
            .or_else(|| {
                let created = self.created.as_ref()?;
                Moment::parse(created.as_bytes()).or_else(|| Moment::of_mail(created))
            });
        let shot = Shot {
            zone: moment.and_then(|moment| moment.offset),
            ..exif.shot()
        };
        Metadata {
            orientation: exif.orientation(),
            taken_at: moment.map(Moment::unix_milliseconds),
            shot: (shot != Shot::default()).then_some(shot),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_metadata_is_left_out() {
        for block in [&b""[..], b"Exif\0\0", b"II*\0\xff\xff\xff\xff", b"MM\0*\0\0\0\x08\xff\xff"] {
            assert_eq!(Blocks::of_exif(Some(block.to_vec())).read(), Metadata::default());
        }
    }

    #[test]
    fn each_block_is_asked_in_its_turn() {
        let xmp = |name: &str, year: u32| Some(Cow::Owned(format!(r#"<x {name}="{year}-01-28T12:21:20"/>"#).into_bytes()));
        let iptc = Some(Cow::Borrowed(&b"\x1c\x02\x37\0\x0820020128"[..]));
        let taken = |blocks: Blocks| {
            let milliseconds = blocks.read().taken_at.unwrap_or_default();
            1970 + milliseconds / (365 * 24 * 3_600_000)
        };
        let created = Some("2004:01:16 21:16:15".to_owned());
        let all = Blocks {
            exif: None,
            xmp: xmp("photoshop:DateCreated", 2001),
            iptc,
            created,
        };
        assert_eq!(taken(all.clone()), 2001);
        let without_exposure = Blocks {
            xmp: xmp("xmp:CreateDate", 2003),
            ..all
        };
        assert_eq!(taken(without_exposure.clone()), 2002);
        let without_iptc = Blocks {
            iptc: None,
            ..without_exposure
        };
        assert_eq!(taken(without_iptc.clone()), 2003);
        assert_eq!(
            taken(Blocks {
                xmp: None,
                ..without_iptc
            }),
            2004
        );
    }
}
