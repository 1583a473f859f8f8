//! Secrets in rows, encrypted with a key that the row's reader brings. Rows have no more of what it is made of than a hash, so neither a
//! backup of the table nor its stream tells what they hold.

use crate::aws::table::Key;
use crate::failure::{Failure, While};
use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::hkdf::{HKDF_SHA256, Prk, Salt};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// The salt that keys are derived with: whatever else is ever derived from the same secret has another.
const PURPOSE: &[u8] = b"shoebox: encrypted in a row";

/// Bytes of a key of AES-256.
const KEY_BYTES: usize = 32;

/// A value of a row, encrypted: nonce, ciphertext and tag in base64url. The default is a value that nobody can decrypt.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Encrypted(String);

/// Encrypts and decrypts values of rows with keys that are derived from a secret: AES-256-GCM, HKDF-SHA256.
#[derive(Debug, Clone)]
pub struct Cipher(Prk);

impl Cipher {
    /// The cipher of a secret that cannot be guessed, as of [`crate::secrets::random_text`].
    pub fn of(secret: &str) -> Self {
        Self(Salt::new(HKDF_SHA256, PURPOSE).extract(secret.as_bytes()))
    }

    /// Encrypts a value for the row at a place; in no other row can it be decrypted.
    pub fn encrypt<T: Serialize + ?Sized>(&self, place: &Key, value: &T) -> Result<Encrypted, Failure> {
        const WHAT: &str = "encrypt a value of a row";
        let row = name(place);
        let mut bytes = serde_json::to_vec(value).while_doing(WHAT)?;
        let key = self.key(&row).while_doing(WHAT)?;
        let nonce = key
            .seal_in_place_append_tag(Aad::from(row.as_bytes()), &mut bytes)
            .while_doing(WHAT)?;
        let nonce: &[u8; NONCE_LEN] = nonce.as_ref();
        Ok(Encrypted(URL_SAFE_NO_PAD.encode([&nonce[..], &bytes].concat())))
    }

    /// The value of the row at a place. `None` for one that was encrypted with another secret or for another row, or that is changed, or
    /// that is plain text, as such values were in rows of before.
    pub fn decrypt<T: DeserializeOwned>(&self, place: &Key, encrypted: &Encrypted) -> Option<T> {
        let row = name(place);
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

/// What a row is called in keys and in associated data. No key has the character between the two.
fn name(place: &Key) -> String {
    format!("{}\0{}", place.pk, place.sk)
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALUE: &str = "JBSWY3DPEHPK3PXP";

    fn place() -> Key {
        Key::new("row#hash", "row")
    }

    fn encrypted() -> Encrypted {
        Cipher::of("secret").encrypt(&place(), VALUE).expect("encrypted")
    }

    fn decrypted(secret: &str, place: &Key, encrypted: &Encrypted) -> Option<String> {
        Cipher::of(secret).decrypt(place, encrypted)
    }

    #[test]
    fn a_value_is_decrypted_with_its_secret_in_its_row_alone() {
        let encrypted = encrypted();
        assert_eq!(decrypted("secret", &place(), &encrypted).as_deref(), Some(VALUE));
        for secret in ["", "Secret", "secret2", "hash"] {
            assert_eq!(decrypted(secret, &place(), &encrypted), None, "{secret}");
        }
        for (pk, sk) in [("row#other", "row"), ("row#hash", "other"), ("row#has", "hrow")] {
            assert_eq!(decrypted("secret", &Key::new(pk, sk), &encrypted), None, "{pk} {sk}");
        }
    }

    #[test]
    fn a_value_that_was_changed_cut_or_never_encrypted_is_none() {
        let encrypted = encrypted();
        let bytes = URL_SAFE_NO_PAD.decode(&encrypted.0).expect("base64url");
        let read = |bytes: &[u8]| decrypted("secret", &place(), &Encrypted(URL_SAFE_NO_PAD.encode(bytes)));
        assert_eq!(read(&bytes).as_deref(), Some(VALUE));
        for at in 0..bytes.len() {
            assert_eq!(read(&bytes[..at]), None, "{at} bytes of it");
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert_eq!(read(&changed), None, "byte {at}");
        }
        assert_eq!(read(&[&bytes[..], &[0_u8][..]].concat()), None, "and a byte more");
        for plain in ["", VALUE, "eyJraWQiOiJrIn0.eyJzdWIiOiJzIn0.c2lnbmF0dXJl", "not base64url"] {
            assert_eq!(decrypted("secret", &place(), &Encrypted(plain.into())), None, "{plain}");
        }
        assert_eq!(decrypted("secret", &place(), &Encrypted::default()), None);
    }

    #[test]
    fn nothing_shows_value_or_secret() {
        let (one, other) = (encrypted(), encrypted());
        assert_ne!(one, other, "each has a nonce of its own");
        assert!(!format!("{:?}", Cipher::of("a secret")).contains("a secret"));
    }

    #[test]
    fn keys_are_derived_as_rows_of_before_have_it() {
        // Made by Python's `cryptography`: HKDF with the salt and row as above, AESGCM with a nonce of twelve bytes 1.
        let encrypted = Encrypted("AQEBAQEBAQEBAQEBzzU0AiRK3dv7Gzil75iPAb6eWM9hEAcFmcYkBjjRpHqegA".into());
        assert_eq!(decrypted("secret", &place(), &encrypted).as_deref(), Some(VALUE));
    }
}
