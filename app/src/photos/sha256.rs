//! Checksums, by the browser's own SubtleCrypto.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use js_sys::{ArrayBuffer, Uint8Array};
use leptos::prelude::window;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

/// The SHA-256 of a file in base64; none where the browser cannot read it. It holds the file meanwhile.
pub async fn sha256(file: &Blob) -> Option<String> {
    let bytes: ArrayBuffer = JsFuture::from(file.array_buffer()).await.ok()?.dyn_into().ok()?;
    let subtle = window().crypto().ok()?.subtle();
    let digest = subtle.digest_with_str_and_buffer_source("SHA-256", &bytes).ok()?;
    let digest = JsFuture::from(digest).await.ok()?;
    Some(BASE64_STANDARD.encode(Uint8Array::new(&digest).to_vec()))
}
