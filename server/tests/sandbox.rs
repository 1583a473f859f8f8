//! The sandbox: a file that kills its child process, or hangs, is refused, and the next photo is developed.

#![allow(clippy::expect_used, clippy::unwrap_used)]

use imaging::{Format, ImageError, PATIENCE, Sandbox};
use std::path::Path;
use std::time::Duration;

fn photograph(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/photos").join(name)).expect("a photograph")
}

fn sandbox(timeout: Duration) -> Sandbox {
    Sandbox::of(Path::new(env!("CARGO_BIN_EXE_functions")), timeout)
}

/// A WebP whose EXIF chunk claims 4 GiB: the decoder allocates them before it reads.
fn claims_four_gigabytes() -> Vec<u8> {
    let simple = photograph("stream.webp");
    let header = [&b"VP8X\x0a\0\0\0\x08\0\0\0"[..], &[7, 7, 0, 173, 4, 0]].concat();
    let chunks = [&b"WEBP"[..], &header, &simple[12..], b"EXIF\xf0\xff\xff\xff", b"II*\0"].concat();
    [&b"RIFF"[..], &(chunks.len() as u32).to_le_bytes(), &chunks].concat()
}

#[test]
fn a_file_that_kills_the_process_is_damaged_and_others_are_developed() {
    let sandbox = sandbox(PATIENCE);
    assert_eq!(sandbox.inspect(claims_four_gigabytes()), Err(ImageError::Damaged));
    let developed = sandbox.develop(photograph("cat.png"), &[Format::Webp, Format::Jpeg], &[320]);
    assert_eq!(developed.expect("a photo").renditions.len(), 2);
    assert_eq!(sandbox.inspect(photograph("bad/text.jpg")), Err(ImageError::NotAPhoto));
}

#[cfg(target_os = "linux")]
#[test]
fn the_process_has_no_environment_and_cannot_read_its_parent_s() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    assert!(
        std::env::var_os("CARGO_MANIFEST_DIR").is_some(),
        "the parent has an environment"
    );
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("environment-{}", std::process::id()));
    std::fs::write(&program, "#!/bin/sh\n/usr/bin/env >$0.seen\n").expect("a script");
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).expect("a program");
    assert_eq!(
        Sandbox::of(&program, PATIENCE).inspect(photograph("cat.png")),
        Err(ImageError::Damaged)
    );
    let seen = std::fs::read_to_string(program.with_extension("seen")).expect("the script's output");
    assert!(!seen.contains("CARGO_MANIFEST_DIR"), "{seen}");
    assert!(!seen.contains("HOME"), "{seen}");
    // `/proc` files of an undumpable process belong to root.
    let environment = std::fs::metadata("/proc/self/environ").expect("the environment");
    assert_eq!(environment.uid(), 0);
}

#[test]
fn a_task_that_exceeds_the_timeout_is_too_slow() {
    assert_eq!(
        sandbox(Duration::ZERO).inspect(photograph("dandelions.jpg")),
        Err(ImageError::TooSlow)
    );
}

#[test]
fn a_missing_program_is_an_internal_error() {
    let missing = Sandbox::of(Path::new("/nowhere"), PATIENCE);
    assert_eq!(missing.inspect(photograph("cat.png")), Err(ImageError::NotEncoded));
}
