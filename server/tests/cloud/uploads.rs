//! Uploads that are cut off, asked for twice, or sent in parts: every photo comes once, and whole.

use crate::cast::{TestEnv, fixture, put, refused, unique_copy, wanted};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use develop::{Apart, Format, PATIENCE, develop};
use model::ids::PhotoId;
use model::photos::{PART_BYTES, PARTS_FROM_BYTES, Part, Preview, Reason, Size, State, Upload, parts_of};
use model::refusals::Refusal;
use server::albums::access::OpenLibrary;
use server::failure::Failure;
use server::now;
use server::photos::claim::ClaimRecord;
use server::photos::grant::{self, Announced, GRANT_LASTS, Granted};
use server::photos::preview::{self, Sent};
use server::photos::records::{PhotoRecord, TRASH_SECONDS};
use server::photos::sweep::MARGIN_SECONDS;
use server::photos::usage::usage;
use server::photos::{receive, sweep, trash, upload};
use sha2::{Digest, Sha256};
use std::path::Path;
use std::time::Duration;

/// A real photo with as many comments as make it travel in parts.
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

async fn ask(env: &TestEnv, library: &OpenLibrary, bytes: &[u8]) -> Granted {
    ask_for(env, library, bytes, GRANT_LASTS).await
}

async fn ask_for(env: &TestEnv, library: &OpenLibrary, bytes: &[u8], lasts: Duration) -> Granted {
    let wanted = Announced::parse(wanted("dogs.jpg", bytes)).expect("a photo");
    grant::grant(&env.table, library, &wanted, lasts).await.expect("an answer")
}

fn expected(granted: &Granted) -> &PhotoRecord {
    let Granted::Expected(photo) = granted else {
        panic!("it is there: {granted:?}")
    };
    photo
}

/// Sends a part as a browser does; answers the status.
async fn send(env: &TestEnv, library: &OpenLibrary, id: &PhotoId, bytes: &[u8], number: u32) -> u16 {
    let (piece, part) = part(bytes, number);
    let signed = upload::sign_parts(&env.table, &env.originals, library, id, &[part]).await;
    put(&signed.expect("a signature")[0], piece)
}

async fn there(env: &TestEnv, library: &OpenLibrary, id: &PhotoId) -> Vec<u32> {
    match upload::sign(&env.table, &env.originals, library, id).await {
        Ok(Upload::Parts { there }) => there,
        other => panic!("no parts: {other:?}"),
    }
}

async fn announce(env: &TestEnv, library: &OpenLibrary, id: &PhotoId) -> Result<PhotoRecord, Failure> {
    receive::announced(&env.table, &env.originals, &env.workflow, library, id).await
}

async fn photos(env: &TestEnv, library: &OpenLibrary) -> u64 {
    usage(&env.table, library.account()).await.expect("a count").photos
}

#[tokio::test]
async fn a_large_original_goes_on_with_the_parts_that_are_there() {
    let env = TestEnv::open().await;
    let ada = env.library("ada").await;
    let bytes = large();
    let granted = ask(&env, &ada, &bytes).await;
    let id = expected(&granted).id.clone();
    let last = parts_of(bytes.len() as u64);
    assert_eq!(there(&env, &ada, &id).await, Vec::<u32>::new());
    assert_eq!(send(&env, &ada, &id, &bytes, last).await, 200);
    assert_eq!(send(&env, &ada, &id, &bytes, 1).await, 200);
    assert_eq!(send(&env, &ada, &id, &bytes, 1).await, 200, "a part may come twice");
    assert_eq!(there(&env, &ada, &id).await, [1, last]);
    assert_eq!(refused(announce(&env, &ada, &id).await), Refusal::NotThereYet);
    // The window died. Another one asks for the same bytes.
    assert_eq!(expected(&ask(&env, &ada, &bytes).await).id, id);
    for number in (1..=last).filter(|number| ![1, last].contains(number)) {
        assert_eq!(send(&env, &ada, &id, &bytes, number).await, 200);
    }
    for _ in 0..2 {
        announce(&env, &ada, &id).await.expect("it is there");
    }
    let photo = env.processed(&ada, &id).await;
    assert_eq!(photo.state, State::Ready);
    let receipt = photo.receipt.expect("a receipt");
    assert_eq!(receipt.sha256, photo.sha256);
    let store = receipt.store.expect("the store's checksum");
    assert!(store.ends_with(&format!("-{last}")), "{store}");
    assert_eq!(photos(&env, &ada).await, 1);
}

#[tokio::test]
async fn originals_around_the_size_from_which_they_travel_in_parts_arrive_whole() {
    let env = TestEnv::open().await;
    let ada = env.library("ada").await;
    for (size, parts) in [(PARTS_FROM_BYTES - 1, 0), (PARTS_FROM_BYTES, 2), (PARTS_FROM_BYTES + 1, 3)] {
        let mut bytes = unique_copy(&fixture("small/fig.jpg"));
        // What lies behind a JPEG's end belongs to no picture.
        bytes.resize(size as usize, b'.');
        let granted = ask(&env, &ada, &bytes).await;
        let id = &expected(&granted).id;
        match upload::sign(&env.table, &env.originals, &ada, id).await.expect("a way") {
            Upload::Whole(to) => {
                assert_eq!(parts, 0, "{size} bytes in one piece");
                assert_eq!(put(&to, &bytes), 200);
            }
            Upload::Parts { .. } => {
                assert_eq!(parts_of(size), parts, "{size} bytes in parts");
                for number in 1..=parts {
                    assert_eq!(
                        send(&env, &ada, id, &bytes, number).await,
                        200,
                        "part {number} of {size} bytes"
                    );
                }
            }
        }
        announce(&env, &ada, id).await.expect("it is there");
        let photo = env.processed(&ada, id).await;
        assert_eq!(photo.state, State::Ready, "{size} bytes");
        assert_eq!(photo.receipt.expect("a receipt").sha256, photo.sha256);
    }
}

#[tokio::test]
async fn a_part_is_taken_only_as_it_was_signed() {
    let env = TestEnv::open().await;
    let ada = env.library("ada").await;
    let bytes = large();
    let granted = ask(&env, &ada, &bytes).await;
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
    for wrong in [vec![], vec![beyond], vec![before], vec![first.clone(); 17]] {
        assert_eq!(refused(sign(&wrong).await), Refusal::Malformed);
    }
    let unsigned = Part {
        sha256: "short".into(),
        ..first
    };
    assert_eq!(refused(sign(&[unsigned]).await), Refusal::BadChecksum);
    assert_eq!(there(&env, &ada, id).await, Vec::<u32>::new());
}

#[tokio::test]
async fn parts_that_nobody_announced_are_put_together_by_the_sweep() {
    let env = TestEnv::open().await;
    let ada = env.library("ada").await;
    let bytes = large();
    // Shorter than others that are given meanwhile, which are not to be swept with it.
    let granted = ask_for(&env, &ada, &bytes, Duration::from_secs(60)).await;
    let photo = expected(&granted);
    for number in 1..=parts_of(bytes.len() as u64) {
        assert_eq!(send(&env, &ada, &photo.id, &bytes, number).await, 200);
    }
    let later = photo.grant_ends_at.plus_seconds(MARGIN_SECONDS + 1);
    crate::cast::wait_until("it is swept", async || {
        let swept = sweep::sweep(&env.table, &env.originals, &env.workflow, later).await;
        swept.expect("swept");
        env.photo(&ada, &photo.id).await.state != State::Expected
    })
    .await;
    assert_eq!(env.processed(&ada, &photo.id).await.state, State::Ready);
}

#[tokio::test]
async fn what_was_given_up_leaves_no_parts_and_can_be_wanted_again() {
    let env = TestEnv::open().await;
    let ada = env.library("ada").await;
    let bytes = large();
    let granted = ask(&env, &ada, &bytes).await;
    let id = expected(&granted).id.clone();
    assert_eq!(send(&env, &ada, &id, &bytes, 1).await, 200);
    let before = env.photo(&ada, &id).await;
    for _ in 0..2 {
        let given_up = grant::give_up(&env.table, &env.originals, &ada, &id).await;
        given_up.expect("given up");
    }
    let parts = before.parts.as_ref().expect("an upload in parts");
    let left = env.originals.parts(&before.original_key(), parts).await.expect("a listing");
    assert_eq!(left, None);
    let sign = upload::sign(&env.table, &env.originals, &ada, &id).await;
    assert_eq!(refused(sign), Refusal::NotExpected);
    assert_eq!(expected(&ask(&env, &ada, &bytes).await).id, id);
    assert_eq!(photos(&env, &ada).await, 1, "its room was kept");
    for number in 1..=parts_of(bytes.len() as u64) {
        assert_eq!(send(&env, &ada, &id, &bytes, number).await, 200);
    }
    announce(&env, &ada, &id).await.expect("it is there");
    assert_eq!(env.processed(&ada, &id).await.state, State::Ready);
}

#[tokio::test]
async fn the_same_bytes_are_one_photo_of_a_library() {
    let env = TestEnv::open().await;
    let (ada, ben) = (env.library("ada").await, env.library("ben").await);
    let bytes = fixture("dogs.jpg");
    let (a, b, c) = tokio::join!(ask(&env, &ada, &bytes), ask(&env, &ada, &bytes), ask(&env, &ada, &bytes));
    let id = expected(&a).id.clone();
    assert_eq!([&expected(&b).id, &expected(&c).id], [&id, &id], "asked at the same moment");
    assert_eq!(photos(&env, &ada).await, 1);
    assert_ne!(expected(&ask(&env, &ben, &bytes).await).id, id, "each library has its own");

    let signed = upload::sign_whole(&env.table, &env.originals, env.photo(&ada, &id).await).await;
    assert_eq!(put(&signed.expect("a signature"), &bytes), 200);
    env.processed(&ada, &id).await;
    let Granted::Known(known) = ask(&env, &ada, &bytes).await else {
        panic!("it is there")
    };
    assert_eq!(known.id, id);
    trash::trash(&env.table, &ada, &id).await.expect("in the trash");
    let back = ask(&env, &ada, &bytes).await;
    assert!(matches!(&back, Granted::Known(photo) if photo.id == id && photo.trashed_at.is_none()));
}

#[tokio::test]
async fn bytes_that_were_refused_or_purged_may_come_again() {
    let env = TestEnv::open().await;
    let ada = env.library("ada").await;
    let bytes = fixture("bad/truncated.jpg");
    let (damaged, signed) = env.grant(&ada, "truncated.jpg", &bytes).await;
    assert_eq!(put(&signed, &bytes), 200);
    let reason = Reason::Damaged;
    assert_eq!(env.processed(&ada, &damaged.id).await.state, State::Refused { reason });
    let (again, _) = env.grant(&ada, "truncated.jpg", &bytes).await;
    assert_ne!(again.id, damaged.id);
    // The newer has claimed the bytes: that the older one is purged changes nothing.
    let media = env.cloud.media().expect("the media");
    let purged = async |id: &PhotoId| {
        trash::trash(&env.table, &ada, id).await.expect("in the trash");
        crate::cast::wait_until("it is purged", async || {
            let later = now().plus_seconds(TRASH_SECONDS + 1);
            let purged = trash::purge(&env.table, &env.originals, &media, later).await;
            purged.expect("a purge");
            let gone: Option<PhotoRecord> = env.table.get(&PhotoRecord::key(id)).await.expect("a look");
            gone.is_none()
        })
        .await;
        let claim = ClaimRecord::key(ada.account(), &damaged.sha256);
        env.table
            .get::<ClaimRecord>(&claim)
            .await
            .expect("a look")
            .map(|claim| claim.photo)
    };
    assert_eq!(purged(&damaged.id).await, Some(again.id.clone()));
    assert_eq!(purged(&again.id).await, None);
}

fn sent(width: u32, height: u32, jpeg: &[u8]) -> Sent {
    let size = Size { width, height };
    let jpeg = STANDARD.encode(jpeg);
    Sent::parse(&Preview { size, jpeg }).expect("a preview of plausible size")
}

#[tokio::test]
async fn a_preview_is_seen_before_the_bytes_are_there() {
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
    let apart = Apart::of(Path::new(env!("CARGO_BIN_EXE_functions")), PATIENCE);
    let show = async |sent| preview::show(&env.table, &media, apart.clone(), &ada, &photo.id, sent).await;
    let bad = [
        sent(2136, 1424, &fixture("bad/text.jpg")),
        sent(1424, 2136, &small),
        sent(2136, 1424, &small[..small.len() / 2]),
        sent(2136, 1424, b"RIFF\0\0\0\0WEBPVP8 "),
    ];
    for sent in bad {
        assert_eq!(refused(show(sent).await), Refusal::Malformed);
    }
    assert_eq!(env.photo(&ada, &photo.id).await, photo, "nothing happened to it");
    for _ in 0..2 {
        show(sent(2136, 1424, &small)).await.expect("shown");
    }
    let seen = env.photo(&ada, &photo.id).await.photo();
    assert_eq!(
        (seen.state, seen.size.map(|size| (size.width, size.height))),
        (State::Expected, Some((2136, 1424)))
    );
    let folder = seen.media.expect("a preview").folder;
    let keys = media.list(&format!("media/{folder}/")).await.expect("a listing");
    assert_eq!(keys, [format!("media/{folder}/320.jpg")]);
    assert_eq!(put(&signed, &bytes), 200);
    let ready = env.processed(&ada, &photo.id).await;
    assert_ne!(ready.photo().media.expect("renditions").folder, folder);
    assert_ne!(
        ready.size.map(|size| size.width),
        Some(2136),
        "what was found on arrival counts"
    );
    show(sent(2136, 1424, &small)).await.expect("too late, and no fault");
    assert_eq!(env.photo(&ada, &photo.id).await, ready);
}
