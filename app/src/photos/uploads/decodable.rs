//! Whether a file is safe to decode for a preview. A few bytes can claim more pixels than there is memory.

use super::item::UploadError;
use super::reader::error_by_name;
use js_sys::Uint8Array;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{DomException, File};

/// Where a file states its dimensions, in bytes. Metadata that cameras write before them is smaller.
const HEAD_BYTES: f64 = 524_288.0;

/// 256 MB while decoded, at four bytes each. Phones take pictures of 50 megapixels.
const MOST_PIXELS: usize = 64_000_000;

/// The start of a file, which states its dimensions.
pub async fn head(file: &File) -> Result<Vec<u8>, UploadError> {
    first_bytes(file, HEAD_BYTES).await.map_err(|error| {
        let name = error.dyn_ref::<DomException>().map(DomException::name);
        error_by_name(&name.unwrap_or_default())
    })
}

/// Up to `most` of a file's first bytes.
pub async fn first_bytes(file: &File, most: f64) -> Result<Vec<u8>, JsValue> {
    let head = file.slice_with_f64_and_f64(0.0, most)?;
    let read = JsFuture::from(head.array_buffer()).await?;
    Ok(Uint8Array::new(&read).to_vec())
}

/// Whether the dimensions in this head are known and within the limit.
pub fn is_decodable(head: &[u8]) -> bool {
    imagesize::blob_size(head).is_ok_and(|size| size.width.saturating_mul(size.height) <= MOST_PIXELS)
}

#[cfg(test)]
mod tests {
    use super::is_decodable;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let (width, height) = (width.to_be_bytes(), height.to_be_bytes());
        let head = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR";
        [head.as_slice(), &width, &height, &[8, 2, 0, 0, 0]].concat()
    }

    #[test]
    fn images_with_too_many_pixels_are_not_decoded() {
        assert!(is_decodable(&png(8000, 8000)));
        assert!(!is_decodable(&png(8001, 8000)));
        assert!(!is_decodable(&png(u32::MAX, u32::MAX)));
        assert!(!is_decodable(b"no picture"));
        assert!(!is_decodable(&[]));
    }
}
