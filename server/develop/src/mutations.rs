//! Files that are damaged in every way that comes to mind: each is developed or refused, and takes no more memory than
//! its kind does. Runs in a process of its own, as nextest has it, so that its memory is that of all files here.
#![allow(clippy::unwrap_used)]

use super::samples::{jpeg, photograph, quarters, raw};
use super::{FORMATS, Format, develop, inspect};
use turbojpeg::Subsamp;

/// Of the whole process, in bytes.
const MOST_MEMORY: u64 = 128_000_000;

/// How many files of each sort a run tries; more where it is told to.
fn of_each_sort() -> usize {
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

/// Tries a file on every path, and answers whether it was refused. A panic or a crash ends the test.
fn refused(file: &[u8]) -> bool {
    let looked_at = inspect(file).is_err();
    let developed = develop(file.to_vec(), &[Format::Webp], &[320]).is_err();
    looked_at && developed
}

fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

fn assert_frugal() {
    let peak = peak_memory();
    assert!(peak < MOST_MEMORY, "{} MB", peak / 1_000_000);
}

#[test]
fn what_is_cut_off_is_refused() {
    for (name, file) in corpus() {
        for sixteenth in 0..16 {
            let cut = &file[..file.len() * sixteenth / 16];
            // A raw file ends with what only its maker can read.
            let may_do_without = name == "raw file" && sixteenth > 8;
            assert!(may_do_without || refused(cut), "{name} cut at {sixteenth}/16");
        }
    }
    assert_frugal();
}

#[test]
fn flipped_bits_harm_nobody() {
    let mut chance = fastrand::Rng::with_seed(1);
    for (_, file) in corpus() {
        for round in 0..of_each_sort() {
            let mut flipped = file.clone();
            // Headers stand first, and are where it matters.
            let within = if round % 2 == 0 {
                flipped.len()
            } else {
                flipped.len().min(400)
            };
            for _ in 0..1 + round % 4 {
                let at = chance.usize(..within);
                flipped[at] ^= 1 << chance.u8(..8);
            }
            refused(&flipped);
        }
    }
    assert_frugal();
}

#[test]
fn wrong_headers_harm_nobody() {
    let mut chance = fastrand::Rng::with_seed(2);
    for (_, file) in corpus() {
        for round in 0..of_each_sort() {
            let mut wrong = file.clone();
            // Some bytes in a row, each the largest there is, none, or any: lengths, counts and sizes.
            let (at, length) = (chance.usize(4..wrong.len().min(600)), chance.usize(1..5));
            let end = wrong.len().min(at + length);
            match round % 3 {
                0 => wrong[at..end].fill(0xff),
                1 => wrong[at..end].fill(0),
                _ => wrong[at..end].iter_mut().for_each(|byte| *byte = chance.u8(..)),
            }
            refused(&wrong);
        }
    }
    assert_frugal();
}

#[test]
fn spliced_files_harm_nobody() {
    let mut chance = fastrand::Rng::with_seed(3);
    let corpus = corpus();
    for (_, file) in &corpus {
        for _ in 0..of_each_sort() {
            let (_, other) = &corpus[chance.usize(..corpus.len())];
            let head = &file[..chance.usize(..file.len())];
            let tail = &other[chance.usize(..other.len())..];
            refused(&[head, tail].concat());
        }
    }
    assert_frugal();
}

#[test]
fn a_small_file_of_each_kind_is_developed_in_little_memory() {
    for (name, file) in corpus() {
        assert!(develop(file, &FORMATS, &[320]).is_ok(), "{name}");
    }
    assert_frugal();
}
