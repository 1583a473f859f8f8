//! Perceptual similarity: `score_pictures (REFERENCE.png PICTURE.png)...` prints a JSON array of SSIMULACRA2 scores. 100 is
//! identical, 90 is visually lossless, 70 is high quality:
//! <https://github.com/cloudinary/ssimulacra2>.

use ssimulacra2::{ColorPrimaries, Rgb, TransferCharacteristic, compute_frame_ssimulacra2};
use std::error::Error;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let paths: Vec<String> = std::env::args().skip(1).collect();
    let (pairs, rest) = paths.as_chunks::<2>();
    if pairs.is_empty() || !rest.is_empty() {
        return Err("usage: score_pictures (REFERENCE.png PICTURE.png)...".into());
    }
    let score = |[reference, other]: &[String; 2]| {
        let pictures = (picture(Path::new(reference))?, picture(Path::new(other))?);
        Ok(compute_frame_ssimulacra2(pictures.0, pictures.1)?)
    };
    let scores = pairs.iter().map(score).collect::<Result<Vec<f64>, Box<dyn Error>>>()?;
    println!("{}", serde_json::to_string(&scores)?);
    Ok(())
}

fn picture(path: &Path) -> Result<Rgb, Box<dyn Error>> {
    let image = image::open(path)?.into_rgb32f();
    let (width, height) = (image.width() as usize, image.height() as usize);
    let (pixels, _) = image.as_raw().as_chunks::<3>();
    Ok(Rgb::new(
        pixels.to_vec(),
        width,
        height,
        TransferCharacteristic::SRGB,
        ColorPrimaries::BT709,
    )?)
}
