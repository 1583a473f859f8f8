//! Develops one file at hand, without any cloud: `develop_photo [--formats webp,jpeg] FILE FOLDER`.
//!
//! Writes `<width>.<extension>` into the folder and prints one JSON object: the record and the renditions, or the
//! refusal. Ends with 0 when the photo was developed, with 2 when it was refused, and with 1 when it could not be tried.

use serde_json::{Value, json};
use server::photos::develop::{Format, Unfit, inspect, render};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

fn main() -> ExitCode {
    match Order::read(std::env::args().skip(1)).and_then(|order| order.carry_out()) {
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
    file: PathBuf,
    folder: PathBuf,
}

impl Order {
    fn read(arguments: impl Iterator<Item = String>) -> Result<Self, Box<dyn Error>> {
        let arguments: Vec<String> = arguments.collect();
        match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            ["--formats", names, file, folder] => Self::new(names, file, folder),
            [file, folder] => Self::new("webp,jpeg", file, folder),
            _ => Err("usage: develop_photo [--formats webp,jpeg] FILE FOLDER".into()),
        }
    }

    fn new(names: &str, file: &str, folder: &str) -> Result<Self, Box<dyn Error>> {
        let known = [Format::Webp, Format::Jpeg];
        let format = |name: &str| {
            known
                .into_iter()
                .find(|format| format.name() == name)
                .ok_or(format!("no such format: {name}"))
        };
        Ok(Self {
            formats: names.split(',').map(format).collect::<Result<_, _>>()?,
            file: file.into(),
            folder: folder.into(),
        })
    }

    fn carry_out(&self) -> Result<(Value, ExitCode), Box<dyn Error>> {
        let bytes = std::fs::read(&self.file).map_err(|error| format!("{}: {error}", self.file.display()))?;
        std::fs::create_dir_all(&self.folder)?;
        match develop(&bytes, &self.formats) {
            Ok((record, files)) => {
                let renditions = files
                    .iter()
                    .map(|file| file.write(&self.folder))
                    .collect::<Result<Vec<_>, _>>()?;
                Ok((json!({ "record": record, "renditions": renditions }), ExitCode::SUCCESS))
            }
            Err(unfit) => Ok((json!({ "refused": unfit.to_string() }), ExitCode::from(2))),
        }
    }
}

struct File {
    format: Format,
    width: u32,
    bytes: Vec<u8>,
}

impl File {
    fn write(&self, folder: &Path) -> std::io::Result<Value> {
        let name = format!("{}.{}", self.width, self.format.extension());
        std::fs::write(folder.join(&name), &self.bytes)?;
        Ok(json!({ "file": name, "format": self.format.name(), "width": self.width, "bytes": self.bytes.len() }))
    }
}

fn develop(bytes: &[u8], formats: &[Format]) -> Result<(Value, Vec<File>), Unfit> {
    let found = inspect(bytes)?;
    let thumbhash: String = found.thumbhash.iter().map(|byte| format!("{byte:02x}")).collect();
    let record = json!({
        "kind": found.kind, "width": found.width, "height": found.height, "widths": found.widths,
        "taken_at": found.taken_at, "thumbhash": thumbhash,
    });
    let mut files = vec![];
    for &format in formats {
        files.extend(render(bytes, format)?.into_iter().map(|made| File {
            format,
            width: made.width,
            bytes: made.bytes,
        }));
    }
    Ok((record, files))
}
