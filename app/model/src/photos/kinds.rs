//! The media types of photos.

/// The media types that can be uploaded. The content is checked after the upload.
pub const KINDS: [&str; 9] = [
    "image/jpeg",
    "image/png",
    "image/webp",
    "image/gif",
    "image/avif",
    "image/heic",
    "image/heif",
    "image/tiff",
    RAW,
];

/// Raw files. Every camera maker has a format, and browsers know none of them.
pub const RAW: &str = "image/x-raw";

/// File extensions for which browsers report no media type, or different ones.
const EXTENSIONS: [(&str, &[&str]); 5] = [
    (
        RAW,
        &["dng", "nef", "nrw", "cr2", "cr3", "arw", "raf", "orf", "rw2", "pef", "srw"],
    ),
    ("image/heic", &["heic", "hif"]),
    ("image/heif", &["heif"]),
    ("image/avif", &["avif"]),
    ("image/tiff", &["tif", "tiff"]),
];

/// Synonyms of media types, and the types of sequences in the same container.
const SYNONYMS: [(&str, &[&str]); 5] = [
    ("image/jpeg", &["image/jpg", "image/pjpeg", "image/jfif"]),
    ("image/png", &["image/x-png"]),
    ("image/avif", &["image/avif-sequence"]),
    ("image/heic", &["image/heic-sequence"]),
    ("image/heif", &["image/heif-sequence"]),
];

/// The media type of a file, from the type that the browser reports and from its name.
pub fn kind_of(name: &str, reported: &str) -> String {
    let synonym = SYNONYMS.iter().find(|(_, synonyms)| synonyms.contains(&reported));
    let reported = synonym.map_or(reported, |(kind, _)| kind);
    if KINDS.contains(&reported) {
        return reported.into();
    }
    let extension = name
        .rsplit_once('.')
        .map(|(_, extension)| extension.to_ascii_lowercase())
        .unwrap_or_default();
    let known = EXTENSIONS
        .iter()
        .find(|(_, extensions)| extensions.contains(&extension.as_str()));
    known.map_or(reported, |(kind, _)| kind).into()
}

/// The usual extension of a media type; raw files have one per maker.
pub fn extension_of(kind: &str) -> Option<&'static str> {
    match kind {
        "image/jpeg" => Some("jpg"),
        "image/png" => Some("png"),
        "image/webp" => Some("webp"),
        "image/gif" => Some("gif"),
        "image/avif" => Some("avif"),
        "image/heic" => Some("heic"),
        "image/heif" => Some("heif"),
        "image/tiff" => Some("tif"),
        _ => None,
    }
}

/// The `accept` attribute of file inputs: media types, and extensions of those that browsers may not know.
pub fn acceptable() -> String {
    let extensions = EXTENSIONS
        .iter()
        .flat_map(|(_, extensions)| *extensions)
        .map(|extension| format!(".{extension}"));
    KINDS
        .iter()
        .map(|kind| (*kind).to_owned())
        .chain(extensions)
        .collect::<Vec<_>>()
        .join(",")
}

#[cfg(test)]
mod tests {
    use super::{KINDS, RAW, extension_of, kind_of};

    #[test]
    fn the_kind_is_the_reported_one_or_from_the_name() {
        assert_eq!(kind_of("a.jpg", "image/jpeg"), "image/jpeg");
        assert_eq!(kind_of("IMG_1.HEIC", ""), "image/heic");
        assert_eq!(kind_of("b.dng", "image/x-adobe-dng"), "image/x-raw");
        assert_eq!(kind_of("notes.txt", "text/plain"), "text/plain");
        assert_eq!(kind_of("none", ""), "");
    }

    #[test]
    fn synonyms_are_mapped() {
        for (reported, kind) in [
            ("image/jpg", "image/jpeg"),
            ("image/pjpeg", "image/jpeg"),
            ("image/x-png", "image/png"),
            ("image/heic-sequence", "image/heic"),
            ("image/heif-sequence", "image/heif"),
        ] {
            assert_eq!(kind_of("without extension", reported), kind);
        }
    }

    #[test]
    fn each_kind_but_raw_has_an_extension() {
        let without = KINDS.into_iter().filter(|kind| extension_of(kind).is_none());
        assert_eq!(without.collect::<Vec<_>>(), [RAW]);
    }
}
