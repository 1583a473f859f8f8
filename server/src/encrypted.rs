//! Encryption of secrets in rows. The key is derived from a token that only the reader has, and of which the table stores a hash: a
//! backup of the table or its stream does not reveal them.

use crate::aws::table::Key;
use crate::error::{AppError, Context};
use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::hkdf::{HKDF_SHA256, Prk, Salt};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// The salt of key derivation. Anything else derived from the same secret must use another.
const SALT: &[u8] = b"shoebox: encrypted in a row";

/// Bytes of a key of AES-256.
const KEY_BYTES: usize = 32;

/// An encrypted attribute: nonce, ciphertext and tag in base64url. The default cannot be decrypted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Encrypted(String);

/// Encrypts and decrypts attributes with keys derived from a secret: AES-256-GCM, HKDF-SHA256.
#[derive(Debug, Clone)]
pub struct Cipher(Prk);

impl Cipher {
    /// The cipher of an unguessable secret, such as [`crate::secrets::random_text`].
    pub fn of(secret: &str) -> Self {
        Self(Salt::new(HKDF_SHA256, SALT).extract(secret.as_bytes()))
    }

    /// Encrypts a value. The row's key is associated data: in another row it cannot be decrypted.
    pub fn encrypt<T: Serialize + ?Sized>(&self, row_key: &Key, value: &T) -> Result<Encrypted, AppError> {
        const CONTEXT: &str = "encrypt an attribute";
        let row = name(row_key);
        let mut bytes = serde_json::to_vec(value).context(CONTEXT)?;
        let key = self.key(&row).context(CONTEXT)?;
        let nonce = key
            .seal_in_place_append_tag(Aad::from(row.as_bytes()), &mut bytes)
            .context(CONTEXT)?;
        let nonce: &[u8; NONCE_LEN] = nonce.as_ref();
        Ok(Encrypted(URL_SAFE_NO_PAD.encode([&nonce[..], &bytes].concat())))
    }

    /// Decrypts a value. `None` if it was encrypted with another secret or for another row, was modified, or is plain text, as in old
    /// rows.
    pub fn decrypt<T: DeserializeOwned>(&self, row_key: &Key, encrypted: &Encrypted) -> Option<T> {
        let row = name(row_key);
        let mut bytes = URL_SAFE_NO_PAD.decode(&encrypted.0).ok()?;
        let (nonce, sealed) = bytes.split_at_mut_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let key = self.key(&row).ok()?;
        let value = key.open_in_place(nonce, Aad::from(row.as_bytes()), sealed).ok()?;
        serde_json::from_slice(value).ok()
    }

    fn key(&self, row: &str) -> Result<RandomizedNonceKey, Unspecified> {
        let mut bytes = [0_u8; KEY_BYTES];
        self.0.expand(&[row.as_bytes()], &AES_256_GCM)?.fill(&mut bytes)?;
        RandomizedNonceKey::new(&AES_256_GCM, &bytes)
    }
}

/// The row's name in key derivation and in associated data. No `pk` or `sk` contains a NUL.
fn name(key: &Key) -> String {
    format!("{}\0{}", key.pk, key.sk)
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALUE: &str = "JBSWY3DPEHPK3PXP";

    fn row_key() -> Key {
        Key::new("row#hash", "row")
    }

    fn encrypted() -> Encrypted {
        Cipher::of("secret").encrypt(&row_key(), VALUE).expect("encrypted")
    }

    fn decrypted(secret: &str, row_key: &Key, encrypted: &Encrypted) -> Option<String> {
        Cipher::of(secret).decrypt(row_key, encrypted)
    }

    #[test]
    fn a_value_is_decrypted_only_with_its_secret_and_in_its_row() {
        let encrypted = encrypted();
        assert_eq!(decrypted("secret", &row_key(), &encrypted).as_deref(), Some(VALUE));
        for secret in ["", "Secret", "secret2", "hash"] {
            assert_eq!(decrypted(secret, &row_key(), &encrypted), None, "{secret}");
        }
        for (pk, sk) in [("row#other", "row"), ("row#hash", "other"), ("row#has", "hrow")] {
            assert_eq!(decrypted("secret", &Key::new(pk, sk), &encrypted), None, "{pk} {sk}");
        }
    }

    #[test]
    fn a_value_that_was_changed_cut_or_never_encrypted_is_none() {
        let encrypted = encrypted();
        let bytes = URL_SAFE_NO_PAD.decode(&encrypted.0).expect("base64url");
        let read = |bytes: &[u8]| decrypted("secret", &row_key(), &Encrypted(URL_SAFE_NO_PAD.encode(bytes)));
        assert_eq!(read(&bytes).as_deref(), Some(VALUE));
        for at in 0..bytes.len() {
            assert_eq!(read(&bytes[..at]), None, "{at} bytes of it");
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert_eq!(read(&changed), None, "byte {at}");
        }
        assert_eq!(read(&[&bytes[..], &[0_u8][..]].concat()), None, "one byte too many");
        for plain in ["", VALUE, "eyJraWQiOiJrIn0.eyJzdWIiOiJzIn0.c2lnbmF0dXJl", "not base64url"] {
            assert_eq!(decrypted("secret", &row_key(), &Encrypted(plain.into())), None, "{plain}");
        }
        assert_eq!(decrypted("secret", &row_key(), &Encrypted::default()), None);
    }

    #[test]
    fn nonces_differ_and_debug_hides_the_secret() {
        let (one, other) = (encrypted(), encrypted());
        assert_ne!(one, other, "each has its own nonce");
        assert!(!format!("{:?}", Cipher::of("a secret")).contains("a secret"));
    }

    #[test]
    fn keys_are_derived_as_in_existing_rows() {
        // Made by Python's `cryptography`: HKDF with the salt and row as above, AESGCM with a nonce of twelve bytes 1.
        let encrypted = Encrypted("AQEBAQEBAQEBAQEBzzU0AiRK3dv7Gzil75iPAb6eWM9hEAcFmcYkBjjRpHqegA".into());
        assert_eq!(decrypted("secret", &row_key(), &encrypted).as_deref(), Some(VALUE));
    }
}
