//! Random tokens, hashes and signatures.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

use crate::error::{AppError, Context};

/// An unguessable token: 256 random bits in base64url.
pub fn random_text() -> Result<String, AppError> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).context("generate random bytes")?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// A random number from 0 to 1.
pub fn random_fraction() -> Result<f64, AppError> {
    let number = getrandom::u32().context("generate a random number")?;
    Ok(f64::from(number) / f64::from(u32::MAX))
}

/// The hash that is stored of a secret token: its SHA-256 in base64url.
pub fn hashed(secret: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(secret.as_bytes()))
}

/// HMAC-SHA256.
pub fn mac(key: &str, text: &str) -> [u8; 32] {
    // HMAC takes keys of any length.
    #[allow(clippy::expect_used)]
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("HMAC takes any key");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().into()
}

/// The first 22 characters (132 bits) of HMAC-SHA256 in base64url: short enough for a link, too long to guess.
pub fn signature(key: &str, text: &str) -> String {
    let mut encoded = URL_SAFE_NO_PAD.encode(mac(key, text));
    encoded.truncate(22);
    encoded
}

/// Compares two texts in constant time.
pub fn same(a: &str, b: &str) -> bool {
    use subtle::ConstantTimeEq;
    a.as_bytes().ct_eq(b.as_bytes()).into()
}
