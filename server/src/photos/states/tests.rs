use super::*;
use crate::aws::table::keys;
use model::photos::{DateSource, Modified, Shot};

const NOON: Time = Time(1_000);

fn expected() -> PhotoRecord {
    let id: model::ids::PhotoId = "0190c9f0-5b1e-7c3a-8d2f-000000000001".parse().expect("an id");
    let library: model::ids::AccountId = "0190c9f0-5b1e-7c3a-8d2f-0000000000aa".parse().expect("an id");
    PhotoRecord {
        version: PhotoRecord::VERSION,
        revision: 1,
        timeline_pk: keys::library_partition(&library),
        timeline_sk: model::timeline::cursor_of(NOON, &id),
        id,
        library,
        name: "beach.jpg".into(),
        kind: "image/jpeg".into(),
        bytes: 1,
        sha256: String::new(),
        receipt: None,
        grant_ends_at: NOON,
        signed_until: None,
        parts: None,
        state: State::Expected,
        history: vec![],
        generation: 1,
        random: "r".into(),
        preview: false,
        formats: vec![],
        lacking: vec![],
        animated: false,
        shot: None,
        caption: None,
        favourite: false,
        turned: 0,
        archived_at: None,
        widths: vec![],
        size: None,
        thumbhash: None,
        modified: None,
        upload_zone: None,
        taken_at: NOON,
        date_source: None,
        corrected: None,
        trashed_at: None,
        counted: false,
        due_pk: None,
        due_sk: None,
    }
}

#[test]
fn the_receipt_of_the_same_bytes_is_the_first_one() {
    let read = |sha256: &str, at| Receipt {
        sha256: sha256.into(),
        store: Some("s".into()),
        at: Time(at),
    };
    let mut photo = expected();
    for (found, kept) in [
        (read("other", 1), read("other", 1)),
        (read("same", 2), read("same", 2)),
        (read("same", 3), read("same", 2)),
    ] {
        photo.record_receipt(&found);
        assert_eq!(photo.receipt, Some(kept));
    }
}

fn found() -> Inspection {
    Inspection {
        shot: None,
        animated: false,
        kind: "image/jpeg".into(),
        width: 4,
        height: 3,
        thumbhash: vec![1],
        taken_at: Some(-5),
        widths: vec![320],
    }
}

#[test]
fn passes_all_states_and_keeps_their_history() {
    let mut photo = expected();
    assert!(photo.receive(NOON) && photo.develop(1, &found(), NOON));
    assert!(photo.format_done(1, Format::Jpeg, NOON) && photo.state == State::Developing { done: 1, of: 2 });
    assert!(photo.format_done(1, Format::Webp, NOON) && !photo.finish(1, NOON));
    let states: Vec<State> = photo.history.iter().map(|step| step.state.clone()).collect();
    let developing = |done| State::Developing { done, of: 2 };
    assert_eq!(
        states,
        [State::Received, developing(0), developing(1), developing(2), State::Ready]
    );
    assert_eq!(photo.taken_at, Time(-5));
}

#[test]
fn a_date_far_in_the_future_is_ignored() {
    for (ahead, believed) in [(86_400, true), (3 * 86_400, false), (200_000_000_000, false)] {
        let mut photo = expected();
        let taken_at = NOON.plus_seconds(ahead);
        let found = Inspection {
            taken_at: Some(taken_at.0),
            ..found()
        };
        assert!(photo.receive(NOON) && photo.develop(1, &found, NOON));
        assert_eq!(photo.taken_at, if believed { taken_at } else { NOON });
    }
}

#[test]
fn the_source_of_the_date_gives_the_zone_and_camera_data_is_kept() {
    let shot = Shot {
        zone: Some(60),
        camera: Some("Canon".into()),
        ..Shot::default()
    };
    let modified = Some(Modified {
        at: Time(1_435_708_800_000),
        zone: 120,
    });
    let now = Time(1_800_000_000_000);
    let dated = |taken_at: Option<i64>, modified| {
        let mut photo = PhotoRecord {
            taken_at: now,
            modified,
            upload_zone: Some(540),
            ..expected()
        };
        let found = Inspection {
            taken_at,
            shot: Some(shot.clone()),
            ..found()
        };
        assert!(photo.receive(now) && photo.develop(1, &found, now));
        // A later generation finds the same.
        let once = photo.clone();
        photo.generation = 2;
        photo.state = State::Received;
        assert!(photo.develop(2, &found, now.plus_seconds(9)));
        assert_eq!(
            (photo.taken_at, photo.date_source, &photo.shot),
            (once.taken_at, once.date_source, &once.shot)
        );
        let shot = photo.shot.unwrap_or_default();
        assert_eq!(shot.camera.as_deref(), Some("Canon"));
        (photo.taken_at, shot.zone, photo.date_source)
    };
    let metadata = Some(DateSource::Metadata);
    assert_eq!(dated(Some(5), modified), (Time(5), Some(60), metadata));
    let file = (Time(1_435_708_800_000), Some(120), Some(DateSource::FileModified));
    assert_eq!(dated(None, modified), file);
    assert_eq!(dated(Some(i64::MAX), modified), file, "the camera’s clock was years ahead");
    assert_eq!(dated(None, None), (now, Some(540), Some(DateSource::Uploaded)));
}

#[test]
fn a_later_format_is_added_only_to_a_ready_photo_and_keeps_its_state() {
    let mut photo = expected();
    assert!(photo.receive(NOON) && photo.develop(1, &found(), NOON));
    assert!(!photo.format_done(1, Format::Avif, NOON), "before its time");
    assert!(photo.format_done(1, Format::Jpeg, NOON) && photo.finish(1, NOON));
    let steps = photo.history.len();
    assert!(photo.format_done(1, Format::Avif, NOON) && !photo.format_done(1, Format::Avif, NOON));
    assert!(!photo.format_done(1, Format::Webp, NOON), "too late");
    assert_eq!((photo.state.clone(), photo.history.len()), (State::Ready, steps));
    assert_eq!(photo.formats, ["jpeg", "avif"]);
}

#[test]
fn the_reason_for_a_failed_format_is_stored_once() {
    let mut photo = expected();
    assert!(!photo.format_failed(1, Format::Avif, "early", NOON));
    assert!(photo.receive(NOON) && photo.develop(1, &found(), NOON) && photo.format_done(1, Format::Jpeg, NOON));
    assert!(
        !photo.format_failed(1, Format::Jpeg, "made already", NOON) && !photo.format_failed(2, Format::Webp, "another run", NOON)
    );
    assert!(photo.format_failed(1, Format::Webp, "TooSlow", NOON) && !photo.format_failed(1, Format::Webp, "again", NOON));
    assert_eq!((photo.lacking.len(), photo.lacking[0].reason.as_str()), (1, "TooSlow"));
}

#[test]
fn is_ready_with_the_formats_that_were_made_once_the_others_failed() {
    let mut photo = expected();
    assert!(photo.receive(NOON) && photo.develop(1, &found(), NOON));
    assert!(photo.format_failed(1, Format::Webp, "TooSlow", NOON) && photo.state == State::Developing { done: 0, of: 2 });
    let mut none = photo.clone();
    assert!(photo.format_done(1, Format::Jpeg, NOON) && photo.state == State::Ready);
    assert!(none.format_failed(1, Format::Jpeg, "TooSlow", NOON));
    let reason = Reason::OurFault;
    assert_eq!(none.state, State::Refused { reason });
}

#[test]
fn every_transition_is_idempotent() {
    let mut photo = expected();
    for (step, first) in [
        (0, true),
        (0, false),
        (1, true),
        (1, false),
        (0, false),
        (2, true),
        (2, false),
        (3, true),
        (3, false),
        (2, false),
        (1, false),
    ] {
        let changed = match step {
            0 => photo.receive(NOON),
            1 => photo.develop(1, &found(), NOON),
            2 => photo.format_done(1, Format::Jpeg, NOON),
            _ => photo.finish(1, NOON),
        };
        assert_eq!(changed, first, "step {step}");
    }
}

#[test]
fn quota_is_reserved_until_the_grant_is_swept() {
    let mut photo = expected();
    photo.counted = true;
    photo.update_index_keys();
    assert!(photo.cancel(NOON) && photo.counted && photo.due_pk.is_some());
    assert!(photo.sweep(NOON) && !photo.counted && photo.due_pk.is_none());
    assert!(!photo.sweep(NOON));
    assert!(photo.receive(NOON) && photo.counted);
    assert!(!photo.sweep(NOON) && photo.counted);
}

#[test]
fn an_abandoned_upload_is_expected_again_only_while_its_quota_is_reserved() {
    let later = Time(NOON.0 + 2 * DAY_MS);
    let mut photo = expected();
    photo.counted = true;
    assert!(photo.expect(later, NOON) && !photo.expect(later, NOON));
    assert_eq!((photo.grant_ends_at, photo.history.len()), (later, 0));
    assert!(photo.cancel(NOON) && photo.expect(later, NOON) && photo.state == State::Expected);
    photo.cancel(NOON);
    photo.sweep(NOON);
    assert!(!photo.expect(later, NOON));
}

#[test]
fn an_abandoned_upload_keeps_its_quota_until_its_signatures_expire() {
    let mut photo = expected();
    photo.counted = true;
    photo.expect(Time(NOON.0 + 2 * DAY_MS), NOON);
    assert!(photo.sign(NOON) && !photo.sign(NOON.plus_seconds(600)) && photo.sign(NOON.plus_seconds(601)));
    let signed_until = NOON.plus_seconds(601 + 1200);
    assert_eq!(photo.signed_until, Some(signed_until));
    photo.cancel(NOON);
    assert_eq!(photo.due_sk, Some(keys::due_sk(signed_until, photo.id.as_str())));
    assert!(!photo.sign(NOON.plus_seconds(5000)));
}

#[test]
fn a_multipart_upload_is_replaced_only_by_compare_and_swap() {
    let mut photo = expected();
    assert!(photo.begin_multipart(None, "a") && !photo.begin_multipart(None, "b"));
    assert!(photo.begin_multipart(Some("a"), "b") && photo.parts.as_deref() == Some("b"));
    assert!(photo.receive(NOON) && photo.parts.is_none() && !photo.begin_multipart(None, "c"));
}

#[test]
fn a_preview_is_set_once_and_before_the_inspection() {
    let size = Size { width: 8, height: 6 };
    let mut photo = expected();
    assert!(photo.photo().media.is_none());
    assert!(photo.show(size, &[2]) && !photo.show(size, &[3]));
    assert_eq!(photo.photo().media.map(|media| media.folder), Some(photo.preview_folder()));
    photo.receive(NOON);
    photo.develop(1, &found(), NOON);
    assert_eq!(photo.photo().size, Some(Size { width: 4, height: 3 }));
    let mut late = expected();
    late.receive(NOON);
    late.develop(1, &found(), NOON);
    assert!(!late.show(size, &[2]));
}

#[test]
fn an_old_generation_changes_nothing() {
    let mut photo = expected();
    photo.receive(NOON);
    photo.generation = 2;
    assert!(!photo.develop(1, &found(), NOON) && !photo.finish(1, NOON) && !photo.refuse(1, Reason::Damaged, NOON));
    assert_eq!(photo.state, State::Received);
}

#[test]
fn a_late_upload_is_received_but_a_damaged_photo_stays_refused() {
    let mut photo = expected();
    assert!(photo.cancel(NOON) && photo.receive(NOON));
    assert!(photo.refuse(1, Reason::Damaged, NOON) && !photo.receive(NOON) && !photo.cancel(NOON));
}

#[test]
fn a_photo_is_ready_with_one_of_two_formats() {
    let mut photo = expected();
    photo.receive(NOON);
    photo.develop(1, &found(), NOON);
    photo.format_done(1, Format::Jpeg, NOON);
    photo.finish(1, NOON);
    assert_eq!(photo.photo().media.map(|media| media.formats), Some(vec!["jpeg".into()]));
}

#[test]
fn is_due_for_the_right_sweep() {
    let due = |photo: &PhotoRecord| photo.due_pk.clone().zip(photo.due_sk.clone());
    let mut photo = expected();
    photo.update_index_keys();
    assert_eq!(due(&photo), Some(("GRANT".into(), format!("000000000001000#{}", photo.id))));
    photo.receive(NOON);
    assert_eq!(due(&photo), None);
    assert!(photo.trash(NOON) && !photo.trash(Time(2_000)));
    assert_eq!(due(&photo), Some(("PURGE".into(), format!("000002592001000#{}", photo.id))));
    assert_eq!(photo.timeline_pk, keys::trash_partition(&photo.library));
    assert!(photo.restore(NOON) && !photo.restore(NOON));
    assert_eq!(
        (due(&photo), photo.timeline_pk.clone()),
        (None, keys::library_partition(&photo.library))
    );
}

#[test]
fn a_sidecar_stores_a_photo_in_progress_as_received() {
    let mut photo = expected();
    photo.receive(NOON);
    let received = photo.for_sidecar();
    assert_eq!(received, photo);
    photo.develop(1, &found(), NOON);
    photo.format_done(1, Format::Jpeg, NOON);
    let kept = photo.for_sidecar();
    assert_eq!((kept.state, kept.history.len(), kept.formats.len()), (State::Received, 1, 0));
    photo.finish(1, NOON);
    assert_eq!(photo.for_sidecar(), photo);
}

#[test]
fn a_sidecar_changes_only_with_what_is_restored() {
    let size = Size { width: 8, height: 6 };
    let mut photo = expected();
    photo.expect(Time(NOON.0 + 2 * DAY_MS), NOON);
    let mut changes = |apply: &dyn Fn(&mut PhotoRecord) -> bool| {
        let before = photo.clone();
        assert!(apply(&mut photo));
        photo.for_sidecar() != before.for_sidecar()
    };
    assert!(!changes(&|photo| photo.show(size, &[2])));
    assert!(!changes(&|photo| photo.sign(NOON)));
    assert!(changes(&|photo| photo.receive(NOON)));
    assert!(changes(&|photo| photo.develop(1, &found(), NOON)));
    assert!(!changes(&|photo| photo.format_done(1, Format::Webp, NOON)));
    assert!(changes(&|photo| photo.format_done(1, Format::Jpeg, NOON)));
    assert!(changes(&|photo| photo.format_done(1, Format::Avif, NOON)));
}
