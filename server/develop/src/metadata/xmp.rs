//! Dates in XMP, the document that programs write beside or instead of EXIF.

use super::moment::Moment;

/// Names of properties that tell when the photo was taken: EXIF's own, and that of IPTC, in the order of XMP's guidelines.
pub(super) const OF_EXPOSURE: [&str; 2] = ["exif:DateTimeOriginal", "photoshop:DateCreated"];

/// Those that tell when the file was made: of a scan or a screenshot it is the same.
pub(super) const OF_FILE: [&str; 2] = ["exif:DateTimeDigitized", "xmp:CreateDate"];

/// The first of these properties that has a moment. A property is an attribute, or an element of its own: XMP specification part 1, 7.
/// The document is not parsed as XML: nothing but the value behind a name is wanted, and names' prefixes are those that everybody uses.
pub(super) fn moment(document: &[u8], names: &[&str]) -> Option<Moment> {
    names.iter().find_map(|name| {
        let starts = document.windows(name.len()).enumerate();
        let behind = starts
            .filter(|(_, found)| *found == name.as_bytes())
            .map(|(at, _)| &document[at + name.len()..]);
        behind.filter_map(value).find_map(Moment::parse)
    })
}

/// What stands behind a property's name: `="…"` or `>…<`.
fn value(behind: &[u8]) -> Option<&[u8]> {
    match behind.trim_ascii_start() {
        [b'=', rest @ ..] => match rest.trim_ascii_start() {
            [quote @ (b'"' | b'\''), rest @ ..] => rest.split(|byte| byte == quote).next(),
            _ => None,
        },
        [b'>', rest @ ..] => rest.split(|byte| *byte == b'<').next(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_property_is_an_attribute_or_an_element() {
        let expected = Moment::parse(b"2016-01-28T12:21:20+01:00");
        assert!(expected.is_some());
        for document in [
            "<a photoshop:DateCreated=\"2016-01-28T12:21:20+01:00\"/>",
            "<a photoshop:DateCreated = '2016-01-28T12:21:20+01:00'/>",
            "<photoshop:DateCreated>2016-01-28T12:21:20+01:00</photoshop:DateCreated>",
            "<photoshop:DateCreated/><photoshop:DateCreated>\n2016-01-28T12:21:20+01:00\n</photoshop:DateCreated>",
            "<exif:DateTimeOriginal>soon</exif:DateTimeOriginal><a photoshop:DateCreated=\"2016-01-28T12:21:20+01:00\"/>",
        ] {
            assert_eq!(moment(document.as_bytes(), &OF_EXPOSURE), expected, "{document}");
        }
        for document in [
            "",
            "photoshop:DateCreated",
            "photoshop:DateCreated=",
            "photoshop:DateCreated=\"2016\"",
        ] {
            assert_eq!(moment(document.as_bytes(), &OF_EXPOSURE), None, "{document}");
        }
    }
}
