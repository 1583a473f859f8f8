//! Fuzz tests: every mutated file is processed or rejected, without a crash and within a memory limit. They need a process of their
//! own, as with nextest, because they measure its peak memory.
#![allow(clippy::unwrap_used)]

use super::samples::{jpeg, photograph, quarters, raw};
use super::{FORMATS, Format, develop, inspect};
use turbojpeg::Subsamp;

/// Peak memory of the process, in bytes.
const MAX_MEMORY: u64 = 128_000_000;

/// Mutations of each file per test. `SHOEBOX_MUTATIONS` overrides it.
fn rounds() -> usize {
    std::env::var("SHOEBOX_MUTATIONS")
        .ok()
        .and_then(|count| count.parse().ok())
        .unwrap_or(24)
}

fn corpus() -> Vec<(&'static str, Vec<u8>)> {
    let picture = quarters(300, 200);
    let files = [
        "cat.png",
        "cup.png",
        "formats/cat-palette.png",
        "formats/cat.gif",
        "formats/cat.webp",
        "formats/dogs.heic",
        "formats/dogs-grid.heic",
        "formats/dogs.avif",
        "formats/cup.avif",
        "formats/dogs.tif",
        "formats/dogs-16-bit.tif",
        "cases/exif-gps-south-pole.jpg",
        "cases/date-iptc-only.jpg",
        "cases/png-cicp-pq.png",
        "cases/png-16bit-gama1.0.png",
        "cases/png-raw-profile-exif.png",
        "cases/webp-animated-exif-orient6.webp",
        "cases/tiff-bigtiff.tif",
        "cases/tiff-jpeg-ycbcr.tif",
        "cases/tiff-palette.tif",
        "cases/tiff-thumbnail-first.tif",
        "cases/heic-alpha.heic",
        "cases/heic-clap-crop.heic",
        "cases/heic-422.heic",
        "cases/heic-10bit-pq-bt2020.heic",
        "cases/avif-irot1-imir1.avif",
        "cases/avif-bt2020-sdr.avif",
        "cases/raw-cr3-orient8.cr3",
        "cases/raw-dng-orient6.dng",
    ];
    let mut corpus: Vec<_> = files.into_iter().map(|name| (name, photograph(name))).collect();
    corpus.push(("baseline JPEG", jpeg(&picture, Subsamp::Sub2x2, false)));
    corpus.push(("progressive JPEG", jpeg(&picture, Subsamp::None, true)));
    corpus.push(("raw file", raw(&jpeg(&picture, Subsamp::Sub2x1, false), 6)));
    corpus
}

/// Inspects and processes a file; returns whether both failed. A panic fails the test.
fn is_refused(file: &[u8]) -> bool {
    let inspect_fails = inspect(file).is_err();
    let develop_fails = develop(file.to_vec(), &[Format::Webp], &[320]).is_err();
    inspect_fails && develop_fails
}

fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

fn assert_memory_limit() {
    let peak = peak_memory();
    assert!(peak < MAX_MEMORY, "{} MB", peak / 1_000_000);
}

#[test]
fn truncated_files_are_refused() {
    for (name, file) in corpus() {
        for sixteenth in 0..16 {
            let cut = &file[..file.len() * sixteenth / 16];
            // A raw file ends with proprietary data, which is not read.
            let has_preview = name == "raw file" && sixteenth > 8;
            assert!(has_preview || is_refused(cut), "{name} cut at {sixteenth}/16");
        }
    }
    assert_memory_limit();
}

#[test]
fn flipped_bits_cause_no_crash() {
    let mut random = fastrand::Rng::with_seed(1);
    for (_, file) in corpus() {
        for round in 0..rounds() {
            let mut flipped = file.clone();
            // Every second time in the header, where damage has the most effect.
            let within = if round % 2 == 0 {
                flipped.len()
            } else {
                flipped.len().min(400)
            };
            for _ in 0..1 + round % 4 {
                let at = random.usize(..within);
                flipped[at] ^= 1 << random.u8(..8);
            }
            is_refused(&flipped);
        }
    }
    assert_memory_limit();
}

#[test]
fn overwritten_header_bytes_cause_no_crash() {
    let mut random = fastrand::Rng::with_seed(2);
    for (_, file) in corpus() {
        for round in 0..rounds() {
            let mut wrong = file.clone();
            // One to four bytes of ones, zeros or random bits: lengths, counts and sizes.
            let (at, length) = (random.usize(4..wrong.len().min(600)), random.usize(1..5));
            let end = wrong.len().min(at + length);
            match round % 3 {
                0 => wrong[at..end].fill(0xff),
                1 => wrong[at..end].fill(0),
                _ => wrong[at..end].iter_mut().for_each(|byte| *byte = random.u8(..)),
            }
            is_refused(&wrong);
        }
    }
    assert_memory_limit();
}

#[test]
fn spliced_files_cause_no_crash() {
    let mut random = fastrand::Rng::with_seed(3);
    let corpus = corpus();
    for (_, file) in &corpus {
        for _ in 0..rounds() {
            let (_, other) = &corpus[random.usize(..corpus.len())];
            let head = &file[..random.usize(..file.len())];
            let tail = &other[random.usize(..other.len())..];
            is_refused(&[head, tail].concat());
        }
    }
    assert_memory_limit();
}

#[test]
fn valid_files_are_developed_within_the_memory_limit() {
    for (name, file) in corpus() {
        assert!(develop(file, &FORMATS, &[320]).is_ok(), "{name}");
    }
    assert_memory_limit();
}
