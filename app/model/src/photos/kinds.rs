//! The kinds of files that become photos.

/// The media types that a grant allows. What the bytes really are is found out on arrival.
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

/// What a camera's sensor saw. Every maker has a format, and browsers know none of them.
pub const RAW: &str = "image/x-raw";

/// Endings of files that browsers know no media type for, or each another one.
const ENDINGS: [(&str, &[&str]); 5] = [
    (
        RAW,
        &["dng", "nef", "nrw", "cr2", "cr3", "arw", "raf", "orf", "rw2", "pef", "srw"],
    ),
    ("image/heic", &["heic", "hif"]),
    ("image/heif", &["heif"]),
    ("image/avif", &["avif"]),
    ("image/tiff", &["tif", "tiff"]),
];

/// Other names of media types, as some systems register them, and those of sequences in the same container.
const SYNONYMS: [(&str, &[&str]); 5] = [
    ("image/jpeg", &["image/jpg", "image/pjpeg", "image/jfif"]),
    ("image/png", &["image/x-png"]),
    ("image/avif", &["image/avif-sequence"]),
    ("image/heic", &["image/heic-sequence"]),
    ("image/heif", &["image/heif-sequence"]),
];

/// The media type to announce for a file, from what the browser believes and from its name.
pub fn kind_of(name: &str, believed: &str) -> String {
    let synonym = SYNONYMS.iter().find(|(_, synonyms)| synonyms.contains(&believed));
    let believed = synonym.map_or(believed, |(kind, _)| kind);
    if KINDS.contains(&believed) {
        return believed.into();
    }
    let ending = name
        .rsplit_once('.')
        .map(|(_, ending)| ending.to_ascii_lowercase())
        .unwrap_or_default();
    let known = ENDINGS.iter().find(|(_, endings)| endings.contains(&ending.as_str()));
    known.map_or(believed, |(kind, _)| kind).into()
}

/// The usual extension of a kind's files; raw files have one by each maker.
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

/// What a browser is told to offer when files are chosen: media types, and the endings of those that it may not know.
pub fn acceptable() -> String {
    let endings = ENDINGS
        .iter()
        .flat_map(|(_, endings)| *endings)
        .map(|ending| format!(".{ending}"));
    KINDS
        .iter()
        .map(|kind| (*kind).to_owned())
        .chain(endings)
        .collect::<Vec<_>>()
        .join(",")
}

#[cfg(test)]
mod tests {
    use super::{KINDS, RAW, extension_of, kind_of};

    #[test]
    fn a_kind_is_believed_or_read_from_the_name() {
        assert_eq!(kind_of("a.jpg", "image/jpeg"), "image/jpeg");
        assert_eq!(kind_of("IMG_1.HEIC", ""), "image/heic");
        assert_eq!(kind_of("b.dng", "image/x-adobe-dng"), "image/x-raw");
        assert_eq!(kind_of("notes.txt", "text/plain"), "text/plain");
        assert_eq!(kind_of("none", ""), "");
    }

    #[test]
    fn a_kind_is_known_by_its_other_names() {
        for (believed, kind) in [
            ("image/jpg", "image/jpeg"),
            ("image/pjpeg", "image/jpeg"),
            ("image/x-png", "image/png"),
            ("image/heic-sequence", "image/heic"),
            ("image/heif-sequence", "image/heif"),
        ] {
            assert_eq!(kind_of("without extension", believed), kind);
        }
    }

    #[test]
    fn each_kind_but_raw_has_an_extension() {
        let lacking = KINDS.into_iter().filter(|kind| extension_of(kind).is_none());
        assert_eq!(lacking.collect::<Vec<_>>(), [RAW]);
    }
}
