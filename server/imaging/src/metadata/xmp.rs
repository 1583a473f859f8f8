//! Dates in XMP, which programs write in addition to or instead of EXIF.

use super::moment::DateTime;

/// Capture time: EXIF's property, then IPTC's, in the order of XMP's guidelines.
pub(super) const CAPTURE_TIME: [&str; 2] = ["exif:DateTimeOriginal", "photoshop:DateCreated"];

/// Creation time of the file, which is the capture time of a scan or screenshot.
pub(super) const CREATION_TIME: [&str; 2] = ["exif:DateTimeDigitized", "xmp:CreateDate"];

/// The first of these properties with a valid date. A property is an attribute or an element: XMP specification part 1, 7.
/// Searches the text instead of parsing XML, since all writers use the same namespace prefixes.
pub(super) fn date_time(document: &[u8], names: &[&str]) -> Option<DateTime> {
    names.iter().find_map(|name| {
        let windows = document.windows(name.len()).enumerate();
        let rests = windows
            .filter(|(_, found)| *found == name.as_bytes())
            .map(|(start, _)| &document[start + name.len()..]);
        rests.filter_map(value).find_map(DateTime::parse)
    })
}

/// The value after a property's name: `="…"` or `>…<`.
fn value(rest: &[u8]) -> Option<&[u8]> {
    match rest.trim_ascii_start() {
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
        let expected = DateTime::parse(b"2016-01-28T12:21:20+01:00");
        assert!(expected.is_some());
        for document in [
            "<a photoshop:DateCreated=\"2016-01-28T12:21:20+01:00\"/>",
            "<a photoshop:DateCreated = '2016-01-28T12:21:20+01:00'/>",
            "<photoshop:DateCreated>2016-01-28T12:21:20+01:00</photoshop:DateCreated>",
            "<photoshop:DateCreated/><photoshop:DateCreated>\n2016-01-28T12:21:20+01:00\n</photoshop:DateCreated>",
            "<exif:DateTimeOriginal>soon</exif:DateTimeOriginal><a photoshop:DateCreated=\"2016-01-28T12:21:20+01:00\"/>",
        ] {
            assert_eq!(date_time(document.as_bytes(), &CAPTURE_TIME), expected, "{document}");
        }
        for document in [
            "",
            "photoshop:DateCreated",
            "photoshop:DateCreated=",
            "photoshop:DateCreated=\"2016\"",
        ] {
            assert_eq!(date_time(document.as_bytes(), &CAPTURE_TIME), None, "{document}");
        }
    }
}
