//! A small picture of a file whose bytes still travel, for every window that is open.

use super::api::preview;
use super::library::Library;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use futures::lock::Mutex;
use js_sys::Uint8Array;
use leptos::prelude::window;
use model::ids::PhotoId;
use model::photos::{MAX_PREVIEW_BYTES, MAX_PREVIEW_EDGE, Preview, Size};
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, File, ImageBitmap, ImageEncodeOptions, OffscreenCanvas, OffscreenCanvasRenderingContext2d};

/// Qualities of a JPEG, until one of them is small enough.
const QUALITIES: [f64; 4] = [0.7, 0.5, 0.35, 0.2];

thread_local! {
    // A picture of 50 megapixels takes 200 MB while it is looked at: one at a time.
    static LOOKING: Rc<Mutex<()>> = Rc::default();
}

/// Makes the preview of a file and sends it. What the browser cannot decode has none.
pub async fn show(id: PhotoId, file: &File, library: Library) {
    let Some(small) = make(file).await else { return };
    // The bytes themselves may have been quicker: then there is nothing to show early.
    if let Ok(photo) = preview(id, small).await {
        library.learn(photo);
    }
}

async fn make(file: &File) -> Option<Preview> {
    let looking = LOOKING.with(Rc::clone);
    let _alone = looking.lock().await;
    let bitmap = JsFuture::from(window().create_image_bitmap_with_blob(file).ok()?)
        .await
        .ok()?;
    let bitmap: ImageBitmap = bitmap.dyn_into().ok()?;
    let size = Size {
        width: bitmap.width(),
        height: bitmap.height(),
    };
    let jpeg = shrunk(&bitmap, size).await;
    bitmap.close();
    Some(Preview {
        size,
        jpeg: BASE64_STANDARD.encode(jpeg?),
    })
}

async fn shrunk(bitmap: &ImageBitmap, size: Size) -> Option<Vec<u8>> {
    let (width, height) = fitted(size, MAX_PREVIEW_EDGE);
    let canvas = OffscreenCanvas::new(width, height).ok()?;
    let pen: OffscreenCanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
    // What one can see through is shown on white, for a JPEG has no holes.
    pen.set_fill_style_str("#ffffff");
    pen.fill_rect(0.0, 0.0, width.into(), height.into());
    pen.draw_image_with_image_bitmap_and_dw_and_dh(bitmap, 0.0, 0.0, width.into(), height.into())
        .ok()?;
    for quality in QUALITIES {
        let options = ImageEncodeOptions::new();
        options.set_type("image/jpeg");
        options.set_quality(quality);
        let blob = JsFuture::from(canvas.convert_to_blob_with_options(&options).ok()?)
            .await
            .ok()?;
        let blob: Blob = blob.dyn_into().ok()?;
        if blob.size() <= MAX_PREVIEW_BYTES as f64 {
            let bytes = JsFuture::from(blob.array_buffer()).await.ok()?;
            return Some(Uint8Array::new(&bytes).to_vec());
        }
    }
    None
}

/// The size in which a picture fits, none of its edges shorter than a pixel.
fn fitted(size: Size, edge: u32) -> (u32, u32) {
    let longest = size.width.max(size.height).max(1);
    let scaled = |side: u32| u32::try_from(u64::from(side) * u64::from(edge.min(longest)) / u64::from(longest)).unwrap_or(1);
    (scaled(size.width).max(1), scaled(size.height).max(1))
}

#[cfg(test)]
mod tests {
    use super::{Size, fitted};

    #[test]
    fn fits_into_an_edge_and_never_grows() {
        for (width, height, expected) in [
            (4000, 3000, (512, 384)),
            (3000, 4000, (384, 512)),
            (100, 50, (100, 50)),
            (20_000, 1, (512, 1)),
            (0, 0, (1, 1)),
        ] {
            assert_eq!(fitted(Size { width, height }, 512), expected);
        }
    }
}
