//! Files that end the process which reads them, or would: each is a refusal, and the next photo is developed.

#![allow(clippy::expect_used, clippy::unwrap_used)]

use develop::{Apart, Format, PATIENCE, Unfit};
use std::path::Path;
use std::time::Duration;

fn photograph(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/photos").join(name)).expect("a photograph")
}

fn apart(patience: Duration) -> Apart {
    Apart::of(Path::new(env!("CARGO_BIN_EXE_functions")), patience)
}

/// A WebP whose chunk of metadata claims four gigabytes: its decoder asks for them before it looks.
fn claims_four_gigabytes() -> Vec<u8> {
    let simple = photograph("stream.webp");
    let header = [&b"VP8X\x0a\0\0\0\x08\0\0\0"[..], &[7, 7, 0, 173, 4, 0]].concat();
    let chunks = [&b"WEBP"[..], &header, &simple[12..], b"EXIF\xf0\xff\xff\xff", b"II*\0"].concat();
    [&b"RIFF"[..], &(chunks.len() as u32).to_le_bytes(), &chunks].concat()
}

#[test]
fn a_file_that_ends_its_process_is_damaged_and_its_neighbours_are_developed() {
    let apart = apart(PATIENCE);
    assert_eq!(apart.inspect(claims_four_gigabytes()), Err(Unfit::Damaged));
    let developed = apart.develop(photograph("cat.png"), &[Format::Webp, Format::Jpeg], &[320]);
    assert_eq!(developed.expect("a photo").renditions.len(), 2);
    assert_eq!(apart.inspect(photograph("bad/text.jpg")), Err(Unfit::NotAPhoto));
}

#[cfg(target_os = "linux")]
#[test]
fn the_process_has_no_environment_and_cannot_read_its_parent_s() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    assert!(std::env::var_os("CARGO_MANIFEST_DIR").is_some(), "an environment to hide");
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("environment-{}", std::process::id()));
    std::fs::write(&program, "#!/bin/sh\n/usr/bin/env >$0.seen\n").expect("a script");
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).expect("a program");
    assert_eq!(
        Apart::of(&program, PATIENCE).inspect(photograph("cat.png")),
        Err(Unfit::Damaged)
    );
    let seen = std::fs::read_to_string(program.with_extension("seen")).expect("what it saw");
    assert!(!seen.contains("CARGO_MANIFEST_DIR"), "{seen}");
    assert!(!seen.contains("HOME"), "{seen}");
    // The system gives such files to root where nobody else may look.
    let environment = std::fs::metadata("/proc/self/environ").expect("the environment");
    assert_eq!(environment.uid(), 0);
}

#[test]
fn a_file_that_does_not_end_is_given_up() {
    assert_eq!(
        apart(Duration::ZERO).inspect(photograph("dandelions.jpg")),
        Err(Unfit::TooSlow)
    );
}

#[test]
fn a_program_that_is_not_there_is_our_fault() {
    let nowhere = Apart::of(Path::new("/nowhere"), PATIENCE);
    assert_eq!(nowhere.inspect(photograph("cat.png")), Err(Unfit::NotEncoded));
}
