//! Interrupted, duplicate and multipart uploads: every photo is stored once and completely.

use crate::fixtures::{TestEnv, fixture, put, refused, unique_copy, wanted};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use imaging::{Format, PATIENCE, Sandbox, develop};
use model::ids::PhotoId;
use model::photos::{PART_BYTES, PARTS_FROM_BYTES, Part, Preview, Reason, Size, State, Upload, parts_of};
use model::user_error::UserError;
use server::albums::access::OpenLibrary;
use server::error::AppError;
use server::now;
use server::photos::claim::ClaimRecord;
use server::photos::grant::{self, Announced, GRANT_LASTS, Granted};
use server::photos::preview::{self, Sent};
use server::photos::quota::usage;
use server::photos::records::{PhotoRecord, TRASH_SECONDS};
use server::photos::sweep::MARGIN_SECONDS;
use server::photos::{start, sweep, trash, upload};
use sha2::{Digest, Sha256};
use std::path::Path;
use std::time::Duration;

/// A photo with enough comments to need a multipart upload.
fn large() -> Vec<u8> {
    let photo = unique_copy(&fixture("dogs.jpg"));
    let comment = [&[0xff, 0xfe, 0xff, 0xff][..], &[b'.'; 0xfffd]].concat();
    let comments = comment.repeat(PARTS_FROM_BYTES as usize / comment.len() + 1);
    [&photo[..2], &comments, &photo[2..]].concat()
}

fn part(bytes: &[u8], number: u32) -> (&[u8], Part) {
    let piece = bytes.chunks(PART_BYTES as usize).nth(number as usize - 1).expect("a part");
    let sha256 = STANDARD.encode(Sha256::digest(piece));
    (piece, Part { number, sha256 })
}

async fn request(env: &TestEnv, library: &OpenLibrary, bytes: &[u8]) -> Granted {
    request_for(env, library, bytes, GRANT_LASTS).await
}

async fn request_for(env: &TestEnv, library: &OpenLibrary, bytes: &[u8], lifetime: Duration) -> Granted {
    let wanted = Announced::parse(wanted("dogs.jpg", bytes)).expect("a photo");
    grant::grant(&env.table, library, &wanted, lifetime).await.expect("a grant")
}

fn expected(granted: &Granted) -> &PhotoRecord {
    let Granted::Expected(photo) = granted else {
        panic!("it exists: {granted:?}")
    };
    photo
}

/// Uploads a part; returns the status.
async fn send_part(env: &TestEnv, library: &OpenLibrary, id: &PhotoId, bytes: &[u8], number: u32) -> u16 {
    let (piece, part) = part(bytes, number);
    let signed = upload::sign_parts(&env.table, &env.originals, library, id, &[part]).await;
    put(&signed.expect("a signature")[0], piece)
}

async fn uploaded_parts(env: &TestEnv, library: &OpenLibrary, id: &PhotoId) -> Vec<u32> {
    match upload::sign(&env.table, &env.originals, library, id).await {
        Ok(Upload::Parts { stored }) => stored,
        other => panic!("no multipart upload: {other:?}"),
    }
}

async fn announce(env: &TestEnv, library: &OpenLibrary, id: &PhotoId) -> Result<PhotoRecord, AppError> {
    start::complete_upload(&env.table, &env.originals, &env.workflow, library, id).await
}

async fn photo_count(env: &TestEnv, library: &OpenLibrary) -> u64 {
    usage(&env.table, library.account()).await.expect("a count").photos
}

#[tokio::test]
async fn a_multipart_upload_resumes_with_the_missing_parts() {
    let env = TestEnv::open().await;
    let ada = env.library("ada").await;
    let bytes = large();
    let granted = request(&env, &ada, &bytes).await;
    let id = expected(&granted).id.clone();
    let last = parts_of(bytes.len() as u64);
    assert_eq!(uploaded_parts(&env, &ada, &id).await, Vec::<u32>::new());
    assert_eq!(send_part(&env, &ada, &id, &bytes, last).await, 200);
    assert_eq!(send_part(&env, &ada, &id, &bytes, 1).await, 200);
    assert_eq!(
        send_part(&env, &ada, &id, &bytes, 1).await,
        200,
        "a part can be uploaded twice"
    );
    assert_eq!(uploaded_parts(&env, &ada, &id).await, [1, last]);
    assert_eq!(refused(announce(&env, &ada, &id).await), UserError::NotThereYet);
    // Another window requests a grant for the same bytes.
    assert_eq!(expected(&request(&env, &ada, &bytes).await).id, id);
    for number in (1..=last).filter(|number| ![1, last].contains(number)) {
        assert_eq!(send_part(&env, &ada, &id, &bytes, number).await, 200);
    }
    for _ in 0..2 {
        announce(&env, &ada, &id).await.expect("it is uploaded");
    }
    let photo = env.processed(&ada, &id).await;
    assert_eq!(photo.state, State::Ready);
    let receipt = photo.receipt.expect("a receipt");
    assert_eq!(receipt.sha256, photo.sha256);
    let store = receipt.store.expect("the store's checksum");
    assert!(store.ends_with(&format!("-{last}")), "{store}");
    assert_eq!(photo_count(&env, &ada).await, 1);
}

#[tokio::test]
async fn originals_around_the_multipart_threshold_are_uploaded_completely() {
    let env = TestEnv::open().await;
    let ada = env.library("ada").await;
    for (size, parts) in [(PARTS_FROM_BYTES - 1, 0), (PARTS_FROM_BYTES, 2), (PARTS_FROM_BYTES + 1, 3)] {
        let mut bytes = unique_copy(&fixture("small/fig.jpg"));
        // Bytes after a JPEG's end marker are ignored.
        bytes.resize(size as usize, b'.');
        let granted = request(&env, &ada, &bytes).await;
        let id = &expected(&granted).id;
        match upload::sign(&env.table, &env.originals, &ada, id).await.expect("an upload") {
            Upload::Whole(presigned) => {
                assert_eq!(parts, 0, "{size} bytes in one piece");
                assert_eq!(put(&presigned, &bytes), 200);
            }
            Upload::Parts { .. } => {
                assert_eq!(parts_of(size), parts, "{size} bytes in parts");
                for number in 1..=parts {
                    assert_eq!(
                        send_part(&env, &ada, id, &bytes, number).await,
                        200,
                        "part {number} of {size} bytes"
                    );
                }
            }
        }
        announce(&env, &ada, id).await.expect("it is uploaded");
        let photo = env.processed(&ada, id).await;
        assert_eq!(photo.state, State::Ready, "{size} bytes");
        assert_eq!(photo.receipt.expect("a receipt").sha256, photo.sha256);
    }
}

#[tokio::test]
async fn a_part_is_accepted_only_as_signed() {
    let env = TestEnv::open().await;
    let ada = env.library("ada").await;
    let bytes = large();
    let granted = request(&env, &ada, &bytes).await;
    let id = &expected(&granted).id;
    let sign = async |parts: &[Part]| upload::sign_parts(&env.table, &env.originals, &ada, id, parts).await;
    let (piece, first) = part(&bytes, 1);
    let signed = sign(std::slice::from_ref(&first)).await.expect("signatures");
    let mut other = piece.to_vec();
    other[7] ^= 1;
    assert_eq!(put(&signed[0], &other), 400, "other bytes");
    assert_eq!(put(&signed[0], &piece[1..]), 403, "another size");
    let beyond = Part {
        number: parts_of(bytes.len() as u64) + 1,
        ..first.clone()
    };
    let before = Part {
        number: 0,
        ..first.clone()
    };
    for invalid in [vec![], vec![beyond], vec![before], vec![first.clone(); 17]] {
        assert_eq!(refused(sign(&invalid).await), UserError::Malformed);
    }
    let bad_checksum = Part {
        sha256: "short".into(),
        ..first
    };
    assert_eq!(refused(sign(&[bad_checksum]).await), UserError::BadChecksum);
    assert_eq!(uploaded_parts(&env, &ada, id).await, Vec::<u32>::new());
}

#[tokio::test]
async fn the_sweep_completes_multipart_uploads_that_were_not_announced() {
    let env = TestEnv::open().await;
    let ada = env.library("ada").await;
    let bytes = large();
    // Shorter than grants of other tests, which must not be swept with it.
    let granted = request_for(&env, &ada, &bytes, Duration::from_secs(60)).await;
    let photo = expected(&granted);
    for number in 1..=parts_of(bytes.len() as u64) {
        assert_eq!(send_part(&env, &ada, &photo.id, &bytes, number).await, 200);
    }
    let later = photo.grant_ends_at.plus_seconds(MARGIN_SECONDS + 1);
    crate::fixtures::wait_until("it is swept", async || {
        let swept = sweep::sweep(&env.table, &env.originals, &env.workflow, later).await;
        swept.expect("swept");
        env.photo(&ada, &photo.id).await.state != State::Expected
    })
    .await;
    assert_eq!(env.processed(&ada, &photo.id).await.state, State::Ready);
}

#[tokio::test]
async fn cancelling_aborts_a_multipart_upload_which_can_be_requested_again() {
    let env = TestEnv::open().await;
    let ada = env.library("ada").await;
    let bytes = large();
    let granted = request(&env, &ada, &bytes).await;
    let id = expected(&granted).id.clone();
    assert_eq!(send_part(&env, &ada, &id, &bytes, 1).await, 200);
    let before = env.photo(&ada, &id).await;
    for _ in 0..2 {
        let cancelled = grant::cancel_upload(&env.table, &env.originals, &ada, &id).await;
        cancelled.expect("cancelled");
    }
    let parts = before.parts.as_ref().expect("an upload in parts");
    let left = env.originals.parts(&before.original_key(), parts).await.expect("a listing");
    assert_eq!(left, None);
    let sign = upload::sign(&env.table, &env.originals, &ada, &id).await;
    assert_eq!(refused(sign), UserError::NotExpected);
    assert_eq!(expected(&request(&env, &ada, &bytes).await).id, id);
    assert_eq!(photo_count(&env, &ada).await, 1, "its space was kept");
    for number in 1..=parts_of(bytes.len() as u64) {
        assert_eq!(send_part(&env, &ada, &id, &bytes, number).await, 200);
    }
    announce(&env, &ada, &id).await.expect("it is uploaded");
    assert_eq!(env.processed(&ada, &id).await.state, State::Ready);
}

#[tokio::test]
async fn identical_files_are_deduplicated_within_a_library() {
    let env = TestEnv::open().await;
    let (ada, ben) = (env.library("ada").await, env.library("ben").await);
    let bytes = fixture("dogs.jpg");
    let (a, b, c) = tokio::join!(
        request(&env, &ada, &bytes),
        request(&env, &ada, &bytes),
        request(&env, &ada, &bytes)
    );
    let id = expected(&a).id.clone();
    assert_eq!([&expected(&b).id, &expected(&c).id], [&id, &id], "requested concurrently");
    assert_eq!(photo_count(&env, &ada).await, 1);
    assert_ne!(
        expected(&request(&env, &ben, &bytes).await).id,
        id,
        "separate photos in separate libraries"
    );

    let signed = upload::sign_whole(&env.table, &env.originals, env.photo(&ada, &id).await).await;
    assert_eq!(put(&signed.expect("a signature"), &bytes), 200);
    env.processed(&ada, &id).await;
    let Granted::Known(known) = request(&env, &ada, &bytes).await else {
        panic!("not deduplicated")
    };
    assert_eq!(known.id, id);
    trash::trash(&env.table, &ada, &id).await.expect("in the trash");
    let restored = request(&env, &ada, &bytes).await;
    assert!(matches!(&restored, Granted::Known(photo) if photo.id == id && photo.trashed_at.is_none()));
}

#[tokio::test]
async fn refused_and_purged_files_can_be_uploaded_again() {
    let env = TestEnv::open().await;
    let ada = env.library("ada").await;
    let bytes = fixture("bad/truncated.jpg");
    let (damaged, signed) = env.grant(&ada, "truncated.jpg", &bytes).await;
    assert_eq!(put(&signed, &bytes), 200);
    let reason = Reason::Damaged;
    assert_eq!(env.processed(&ada, &damaged.id).await.state, State::Refused { reason });
    let (again, _) = env.grant(&ada, "truncated.jpg", &bytes).await;
    assert_ne!(again.id, damaged.id);
    // Purging the refused photo keeps the claim of the newer one.
    let media = env.cloud.media().expect("the media");
    let claim_after_purge = async |id: &PhotoId| {
        trash::trash(&env.table, &ada, id).await.expect("in the trash");
        crate::fixtures::wait_until("it is purged", async || {
            let later = now().plus_seconds(TRASH_SECONDS + 1);
            let purged = trash::purge(&env.table, &env.originals, &media, later).await;
            purged.expect("a purge");
            let photo: Option<PhotoRecord> = env.table.get(&PhotoRecord::key(id)).await.expect("a read");
            photo.is_none()
        })
        .await;
        let claim = ClaimRecord::key(ada.account(), &damaged.sha256);
        env.table
            .get::<ClaimRecord>(&claim)
            .await
            .expect("a read")
            .map(|claim| claim.photo)
    };
    assert_eq!(claim_after_purge(&damaged.id).await, Some(again.id.clone()));
    assert_eq!(claim_after_purge(&again.id).await, None);
}

fn preview_of_size(width: u32, height: u32, jpeg: &[u8]) -> Sent {
    let size = Size { width, height };
    let jpeg = STANDARD.encode(jpeg);
    Sent::parse(&Preview { size, jpeg }).expect("a preview of plausible size")
}

#[tokio::test]
async fn a_preview_is_shown_before_the_original_is_uploaded() {
    let env = TestEnv::open().await;
    let ada = env.library("ada").await;
    let media = env.cloud.media().expect("the media");
    let bytes = fixture("sunset.jpg");
    let small = develop(bytes.clone(), &[Format::Jpeg], &[320])
        .expect("renditions")
        .renditions
        .remove(0)
        .bytes;
    let (photo, signed) = env.grant(&ada, "sunset.jpg", &bytes).await;
    let sandbox = Sandbox::of(Path::new(env!("CARGO_BIN_EXE_functions")), PATIENCE);
    let show = async |preview| preview::show(&env.table, &media, sandbox.clone(), &ada, &photo.id, preview).await;
    let invalid = [
        preview_of_size(2136, 1424, &fixture("bad/text.jpg")),
        preview_of_size(1424, 2136, &small),
        preview_of_size(2136, 1424, &small[..small.len() / 2]),
        preview_of_size(2136, 1424, b"RIFF\0\0\0\0WEBPVP8 "),
    ];
    for preview in invalid {
        assert_eq!(refused(show(preview).await), UserError::Malformed);
    }
    assert_eq!(env.photo(&ada, &photo.id).await, photo, "unchanged");
    for _ in 0..2 {
        show(preview_of_size(2136, 1424, &small)).await.expect("shown");
    }
    let shown = env.photo(&ada, &photo.id).await.photo();
    assert_eq!(
        (shown.state, shown.size.map(|size| (size.width, size.height))),
        (State::Expected, Some((2136, 1424)))
    );
    let folder = shown.media.expect("a preview").folder;
    let keys = media.list(&format!("media/{folder}/")).await.expect("a listing");
    assert_eq!(keys, [format!("media/{folder}/320.jpg")]);
    assert_eq!(put(&signed, &bytes), 200);
    let ready = env.processed(&ada, &photo.id).await;
    assert_ne!(ready.photo().media.expect("renditions").folder, folder);
    assert_ne!(
        ready.size.map(|size| size.width),
        Some(2136),
        "replaced by the size of the original"
    );
    show(preview_of_size(2136, 1424, &small)).await.expect("ignored");
    assert_eq!(env.photo(&ada, &photo.id).await, ready);
}
