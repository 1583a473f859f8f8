//! Develops one file at hand, without any cloud:
//! `develop_photo [--formats webp,jpeg,avif] [--widths 320,960,1920,2880] FILE FOLDER`.
//!
//! Writes `<width>.<format>` into the folder, and `animated.webp` of what moves, and prints one JSON object: the record and
//! the renditions, or the refusal. Ends with 0 when the photo was developed, with 2 when it was refused, and with 1 when it
//! could not be tried.

use develop::{Apart, Developed, FORMATS, Format, Inspection, WIDTHS, serve};
use serde_json::{Value, json};
use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

const USAGE: &str = "usage: develop_photo [--formats webp,jpeg,avif] [--widths 320,960,1920,2880] FILE FOLDER";

fn main() -> ExitCode {
    serve();
    match Order::read(std::env::args().skip(1)).and_then(Order::carry_out) {
        Ok((said, code)) => {
            println!("{said}");
            code
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

struct Order {
    formats: Vec<Format>,
    widths: Vec<u32>,
    file: PathBuf,
    folder: PathBuf,
}

impl Order {
    fn read(mut arguments: impl Iterator<Item = String>) -> Result<Self, Box<dyn Error>> {
        let (mut formats, mut widths, mut paths) = (FORMATS.to_vec(), WIDTHS.to_vec(), vec![]);
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--formats" => formats = formats_of(&arguments.next().ok_or(USAGE)?)?,
                "--widths" => widths = widths_of(&arguments.next().ok_or(USAGE)?)?,
                _ => paths.push(PathBuf::from(argument)),
            }
        }
        let [file, folder] = <[PathBuf; 2]>::try_from(paths).map_err(|_| USAGE)?;
        Ok(Self {
            formats,
            widths,
            file,
            folder,
        })
    }

    fn carry_out(self) -> Result<(Value, ExitCode), Box<dyn Error>> {
        let bytes = std::fs::read(&self.file).map_err(|error| format!("{}: {error}", self.file.display()))?;
        std::fs::create_dir_all(&self.folder)?;
        match Apart::here()?.develop(bytes, &self.formats, &self.widths) {
            Ok(developed) => Ok((self.write(developed)?, ExitCode::SUCCESS)),
            Err(unfit) => Ok((json!({ "refused": unfit.to_string() }), ExitCode::from(2))),
        }
    }

    fn write(&self, developed: Developed) -> std::io::Result<Value> {
        let mut renditions = vec![];
        for made in developed.renditions {
            let name = format!("{}.{}", made.width, made.format.name());
            std::fs::write(self.folder.join(&name), &made.bytes)?;
            renditions.push(json!({
                "file": name, "format": made.format.name(), "width": made.width, "bytes": made.bytes.len(),
            }));
        }
        if let Some(animation) = developed.animation {
            std::fs::write(self.folder.join("animated.webp"), &animation)?;
            renditions.push(json!({ "file": "animated.webp", "format": "webp", "bytes": animation.len() }));
        }
        Ok(json!({ "record": record(&developed.inspection), "renditions": renditions }))
    }
}

fn formats_of(names: &str) -> Result<Vec<Format>, String> {
    let format = |name: &str| FORMATS.into_iter().find(|format| format.name() == name);
    names
        .split(',')
        .map(|name| format(name).ok_or(format!("no such format: {name}")))
        .collect()
}

/// The smallest first, whatever the order they are told in.
fn widths_of(numbers: &str) -> Result<Vec<u32>, String> {
    let width = |number: &str| WIDTHS.into_iter().find(|width| width.to_string() == number);
    let widths: Result<Vec<u32>, String> = numbers
        .split(',')
        .map(|number| width(number).ok_or(format!("no such width: {number}")))
        .collect();
    let mut widths = widths?;
    widths.sort_unstable();
    widths.dedup();
    Ok(widths)
}

fn record(found: &Inspection) -> Value {
    let thumbhash: String = found.thumbhash.iter().map(|byte| format!("{byte:02x}")).collect();
    json!({
        "kind": found.kind, "width": found.width, "height": found.height, "widths": found.widths,
        "taken_at": found.taken_at, "shot": found.shot, "thumbhash": thumbhash,
    })
}
