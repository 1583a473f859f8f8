//! Processes a local file:
//! `develop_photo [--formats webp,jpeg,avif] [--widths 320,960,1920,2880] FILE FOLDER`.
//!
//! Writes `<width>.<format>` into the folder, and `animated.webp` of an animation. Prints one JSON object: the record and
//! the renditions, or why the file was refused. Exit code: 0 if the photo was processed, 2 if it was refused, 1 on other errors.

use imaging::{Developed, FORMATS, Format, Inspection, Sandbox, WIDTHS, serve};
use serde_json::{Value, json};
use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

const USAGE: &str = "usage: develop_photo [--formats webp,jpeg,avif] [--widths 320,960,1920,2880] FILE FOLDER";

fn main() -> ExitCode {
    serve();
    match Arguments::parse(std::env::args().skip(1)).and_then(Arguments::run) {
        Ok((output, code)) => {
            println!("{output}");
            code
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

struct Arguments {
    formats: Vec<Format>,
    widths: Vec<u32>,
    file: PathBuf,
    folder: PathBuf,
}

impl Arguments {
    fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, Box<dyn Error>> {
        let (mut formats, mut widths, mut paths) = (FORMATS.to_vec(), WIDTHS.to_vec(), vec![]);
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--formats" => formats = parse_formats(&arguments.next().ok_or(USAGE)?)?,
                "--widths" => widths = parse_widths(&arguments.next().ok_or(USAGE)?)?,
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

    fn run(self) -> Result<(Value, ExitCode), Box<dyn Error>> {
        let bytes = std::fs::read(&self.file).map_err(|error| format!("{}: {error}", self.file.display()))?;
        std::fs::create_dir_all(&self.folder)?;
        match Sandbox::here()?.develop(bytes, &self.formats, &self.widths) {
            Ok(developed) => Ok((self.write(developed)?, ExitCode::SUCCESS)),
            Err(unfit) => Ok((json!({ "refused": unfit.to_string() }), ExitCode::from(2))),
        }
    }

    fn write(&self, developed: Developed) -> std::io::Result<Value> {
        let mut renditions = vec![];
        for rendition in developed.renditions {
            let name = format!("{}.{}", rendition.width, rendition.format.name());
            std::fs::write(self.folder.join(&name), &rendition.bytes)?;
            renditions.push(json!({
                "file": name, "format": rendition.format.name(), "width": rendition.width, "bytes": rendition.bytes.len(),
            }));
        }
        if let Some(animation) = developed.animation {
            std::fs::write(self.folder.join("animated.webp"), &animation)?;
            renditions.push(json!({ "file": "animated.webp", "format": "webp", "bytes": animation.len() }));
        }
        Ok(json!({ "record": record(&developed.inspection), "renditions": renditions }))
    }
}

fn parse_formats(names: &str) -> Result<Vec<Format>, String> {
    let format = |name: &str| FORMATS.into_iter().find(|format| format.name() == name);
    names
        .split(',')
        .map(|name| format(name).ok_or(format!("unknown format: {name}")))
        .collect()
}

/// In ascending order.
fn parse_widths(numbers: &str) -> Result<Vec<u32>, String> {
    let width = |number: &str| WIDTHS.into_iter().find(|width| width.to_string() == number);
    let widths: Result<Vec<u32>, String> = numbers
        .split(',')
        .map(|number| width(number).ok_or(format!("unknown width: {number}")))
        .collect();
    let mut widths = widths?;
    widths.sort_unstable();
    widths.dedup();
    Ok(widths)
}

fn record(inspection: &Inspection) -> Value {
    let thumbhash: String = inspection.thumbhash.iter().map(|byte| format!("{byte:02x}")).collect();
    json!({
        "kind": inspection.kind, "width": inspection.width, "height": inspection.height, "widths": inspection.widths,
        "taken_at": inspection.taken_at, "shot": inspection.shot, "thumbhash": thumbhash,
    })
}
