//! Metadata: orientation, capture time, camera, exposure and position. Missing or invalid metadata are ignored; no photo is rejected
//! for them.

pub(crate) mod exif;
mod iptc;
mod moment;
mod xmp;

use crate::orient::Orientation;
use crate::tiff::{Directory, tag};
use exif::Exif;
use model::photos::Shot;
use moment::DateTime;
use std::borrow::Cow;

pub(crate) use iptc::in_photoshop;

/// Raw metadata blocks of a file.
#[derive(Debug, Clone, Default)]
pub(crate) struct Blocks<'a> {
    /// A TIFF block, with or without the `Exif` identifier.
    pub(crate) exif: Option<Cow<'a, [u8]>>,
    /// XML.
    pub(crate) xmp: Option<Cow<'a, [u8]>>,
    /// IPTC-IIM records.
    pub(crate) iptc: Option<Cow<'a, [u8]>>,
    /// PNG's `Creation Time` text.
    pub(crate) created: Option<String>,
}

/// Parsed metadata.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Metadata {
    pub(crate) orientation: Orientation,
    /// Capture time in milliseconds of Unix time.
    pub(crate) taken_at: Option<i64>,
    pub(crate) shot: Option<Shot>,
}

/// Identifiers of JPEG's APP1 segments.
const EXIF_IDENTIFIER: &[u8] = b"Exif\0\0";
const XMP_IDENTIFIER: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";

impl<'a> Blocks<'a> {
    /// Adds an APP1 segment of JPEG, if it is the first of its type.
    pub(crate) fn add_app1(&mut self, segment: &'a [u8]) {
        let (block, content) = if segment.starts_with(EXIF_IDENTIFIER) {
            (&mut self.exif, segment)
        } else if let Some(document) = segment.strip_prefix(XMP_IDENTIFIER) {
            (&mut self.xmp, document)
        } else {
            return;
        };
        block.get_or_insert(Cow::Borrowed(content));
    }

    /// From a TIFF file, whose first IFD is read as EXIF's, and from one of its IFDs.
    pub(crate) fn from_tiff(file: &'a [u8], directory: &Directory<'a>) -> Self {
        Self {
            exif: Some(Cow::Borrowed(file)),
            xmp: directory.bytes(tag::XMP).map(Cow::Borrowed),
            iptc: directory.bytes(tag::IPTC).map(Cow::Borrowed),
            created: None,
        }
    }

    pub(crate) fn from_exif(exif: Option<Vec<u8>>) -> Self {
        Self {
            exif: exif.map(Cow::Owned),
            ..Self::default()
        }
    }

    /// Parses the blocks. EXIF, which the camera wrote, takes precedence.
    pub(crate) fn read(&self) -> Metadata {
        let exif = self.exif.as_deref().map(Exif::parse).unwrap_or_default();
        self.read_with(&exif)
    }

    /// Parses the blocks, with EXIF that has been parsed already.
    pub(crate) fn read_with(&self, exif: &Exif) -> Metadata {
        let date_time = exif
            .date_time()
            .or_else(|| xmp::date_time(self.xmp.as_deref()?, &xmp::CAPTURE_TIME))
            .or_else(|| iptc::date_time(self.iptc.as_deref()?))
            .or_else(|| xmp::date_time(self.xmp.as_deref()?, &xmp::CREATION_TIME))
            .or_else(|| {
                let created = self.created.as_ref()?;
                DateTime::parse(created.as_bytes()).or_else(|| DateTime::parse_rfc1123(created))
            });
        let shot = Shot {
            zone: date_time.and_then(|date_time| date_time.offset),
            ..exif.shot()
        };
        Metadata {
            orientation: exif.orientation(),
            taken_at: date_time.map(DateTime::unix_milliseconds),
            shot: (shot != Shot::default()).then_some(shot),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_metadata_are_ignored() {
        for block in [&b""[..], b"Exif\0\0", b"II*\0\xff\xff\xff\xff", b"MM\0*\0\0\0\x08\xff\xff"] {
            assert_eq!(Blocks::from_exif(Some(block.to_vec())).read(), Metadata::default());
        }
    }

    #[test]
    fn dates_have_precedence_by_block() {
        let xmp = |name: &str, year: u32| Some(Cow::Owned(format!(r#"<x {name}="{year}-01-28T12:21:20"/>"#).into_bytes()));
        let iptc = Some(Cow::Borrowed(&b"\x1c\x02\x37\0\x0820020128"[..]));
        let year = |blocks: Blocks| {
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
        assert_eq!(year(all.clone()), 2001);
        let without_exposure = Blocks {
            xmp: xmp("xmp:CreateDate", 2003),
            ..all
        };
        assert_eq!(year(without_exposure.clone()), 2002);
        let without_iptc = Blocks {
            iptc: None,
            ..without_exposure
        };
        assert_eq!(year(without_iptc.clone()), 2003);
        assert_eq!(
            year(Blocks {
                xmp: None,
                ..without_iptc
            }),
            2004
        );
    }
}
