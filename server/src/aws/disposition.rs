//! The header `Content-Disposition` of downloads.

/// `Content-Disposition` of a file that is saved under a name (RFC 6266): the exact name in `filename*`, and in `filename`, for clients
/// that do not support it, an ASCII fallback without characters of paths, escapes or quotes.
pub fn attachment(name: &str) -> String {
    let plain = |c: char| c == ' ' || c.is_ascii_graphic() && !r#""%*/:;<>?\|"#.contains(c);
    let fallback: String = name.chars().map(|c| if plain(c) { c } else { '_' }).collect();
    // RFC 8187 encodes as forms do, except for `+` and `*`.
    let encoded: String = form_urlencoded::byte_serialize(name.as_bytes()).collect();
    let encoded = encoded.replace('+', "%20").replace('*', "%2A");
    format!("attachment; filename=\"{fallback}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::attachment;

    #[test]
    fn has_the_exact_name_and_a_safe_fallback() {
        for (name, fallback, encoded) in [
            ("cup of tea.jpg", "cup of tea.jpg", "cup%20of%20tea.jpg"),
            (
                "quote\"'`$(id);.jpg",
                "quote_'`$(id)_.jpg",
                "quote%22%27%60%24%28id%29%3B.jpg",
            ),
            ("a%2F..%2Fb%00.jpg", "a_2F.._2Fb_00.jpg", "a%252F..%252Fb%2500.jpg"),
            ("..\\up/a.jpg", ".._up_a.jpg", "..%5Cup%2Fa.jpg"),
            ("line\r\nX-Evil: 1.jpg", "line__X-Evil_ 1.jpg", "line%0D%0AX-Evil%3A%201.jpg"),
            ("rechnung\u{202e}gpj.exe", "rechnung_gpj.exe", "rechnung%E2%80%AEgpj.exe"),
            ("Café+*.jpg", "Caf_+_.jpg", "Caf%C3%A9%2B%2A.jpg"),
        ] {
            let expected = format!("attachment; filename=\"{fallback}\"; filename*=UTF-8''{encoded}");
            assert_eq!(attachment(name), expected);
        }
    }
}
