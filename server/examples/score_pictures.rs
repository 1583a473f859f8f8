//! How alike pictures look: `score_pictures REFERENCE.png PICTURE.png...` prints a SSIMULACRA2 score for each picture, in
//! one JSON array. 100 is the same, from 90 on nobody sees a difference, from 70 on few do:
//! <https://github.com/cloudinary/ssimulacra2>.

use ssimulacra2::{ColorPrimaries, Rgb, TransferCharacteristic, compute_frame_ssimulacra2};
use std::error::Error;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let mut paths = std::env::args().skip(1);
    let reference = picture(Path::new(
        &paths.next().ok_or("usage: score_pictures REFERENCE.png PICTURE.png...")?,
    ))?;
    let scores = paths
        .map(|path| Ok(compute_frame_ssimulacra2(reference.clone(), picture(Path::new(&path))?)?))
        .collect::<Result<Vec<f64>, Box<dyn Error>>>()?;
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
