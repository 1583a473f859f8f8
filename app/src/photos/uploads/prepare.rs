//! From a file to the photo that is expected: it is read, permission is asked for, and others are shown a preview.

use super::decodable::{head, is_decodable};
use super::files;
use super::item::{Failure, Item, Stage};
use super::kind::kind_by_bytes;
use super::pace::{Patience, rest_for, work};
use super::queue::Uploads;
use super::send;
use super::worker::{Reading, Unread, read};
use crate::live::load_anew;
use crate::photos::api::{grant, preview};
use crate::ui::fault::Fault;
use leptos::task::spawn_local;
use model::photos::{FURTHEST_ZONE, Grant, Modified, Preview, Wanted};
use model::refusals::Refusal;
use model::time::Time;
use std::cell::Cell;

/// While one file is read, permission for another is on its way.
const AT_ONCE: usize = 2;

/// The width of a tile's picture, in pixels.
const TILE_WIDTH: u32 = 320;

thread_local! {
    static AT_WORK: Cell<usize> = const { Cell::new(0) };
}

/// Prepares what is queued, far ahead of what travels: everybody sees soon what will come.
pub fn go_on(uploads: Uploads) {
    let next = move || take(uploads);
    work(&AT_WORK, AT_ONCE, next, move |item: Item| async move {
        prepare(&item, uploads).await;
        send::go_on(uploads);
    });
}

fn take(uploads: Uploads) -> Option<Item> {
    let item = uploads.next(&Stage::Queued)?;
    item.set(Stage::Reading);
    Some(item)
}

async fn prepare(item: &Item, uploads: Uploads) {
    let mut patience = Patience::default();
    // What was read once need not be read again because the server did not answer.
    let mut known = None;
    loop {
        match expect(item, &mut known, uploads).await {
            Ok(()) => return,
            Err(_) if uploads.is_halted(item) => return item.set(Stage::Queued),
            Err(Trouble::Passing) => patience.rest().await,
            Err(Trouble::Busy { seconds }) => rest_for(seconds).await,
            Err(Trouble::Lasting(failure)) => return uploads.fail(item, failure),
        }
        if uploads.is_halted(item) {
            return item.set(Stage::Queued);
        }
    }
}

/// Why a file could not be prepared.
enum Trouble {
    /// It may work in a while.
    Passing,
    /// It works again after some seconds.
    Busy { seconds: u32 },
    /// It will not.
    Lasting(Failure),
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        match fault {
            // Who has to sign in first comes back to what is kept.
            Fault::Offline | Fault::Broken | Fault::Refused(Refusal::TooMany | Refusal::SignInFirst) => Self::Passing,
            Fault::Refused(refusal) => match refusal.retry_after() {
                Some(seconds) => Self::Busy { seconds },
                None => Self::Lasting(Failure::Denied(Fault::Refused(refusal))),
            },
        }
    }
}

async fn expect(item: &Item, known: &mut Option<Reading>, uploads: Uploads) -> Result<(), Trouble> {
    if known.is_none() {
        *known = Some(reading(item).await?);
    }
    let Some(Reading { sha256, preview }) = known.clone() else {
        return Err(Trouble::Passing);
    };
    let before = item.photo();
    let wanted = item.look(|note| Wanted {
        name: note.name.clone(),
        kind: note.kind.clone(),
        bytes: note.bytes,
        sha256,
        modified: modified(note.modified),
        zone: zone_at(js_sys::Date::now()),
    });
    let Grant { photo, upload } = grant(wanted).await?;
    let id = photo.id.clone();
    let picture = photo.media.as_ref().and_then(|media| media.link(TILE_WIDTH));
    if files::are_of_another(&photo.library) {
        // Somebody else has signed in in another window: this photo is not for them.
        uploads.not_wanted(id);
        load_anew();
        return Err(Trouble::Passing);
    }
    if before.is_none() && upload.is_some() {
        uploads.library().add(photo);
    } else {
        uploads.library().apply_response(photo);
    }
    if !uploads.has(&item.key) {
        uploads.not_wanted(id);
        return Ok(());
    }
    let sends = uploads.found(item, &id);
    match upload {
        // It arrived before this window was opened.
        None if before.as_ref() == Some(&id) => uploads.finish(item, Stage::Done),
        None => already(item, picture, uploads),
        Some(_) if !sends => already(item, picture, uploads),
        Some(upload) => {
            item.set(Stage::Waiting);
            send::hold(item, upload);
            show(item, preview, uploads);
            files::save(item);
        }
    }
    Ok(())
}

/// The library has the same bytes, or gets them from another file: the tile shows its picture, or else the one that was made here.
fn already(item: &Item, picture: Option<String>, uploads: Uploads) {
    item.show_known(picture);
    uploads.finish(item, Stage::Already);
}

/// When a file was last written to, by its milliseconds since 1970.
fn modified(at: f64) -> Option<Modified> {
    let zone = zone_at(at)?;
    let at = Time(at as i64);
    Some(Modified { at, zone })
}

/// Minutes that the clock here is ahead of UTC at a moment; none where no calendar has that moment.
fn zone_at(moment: f64) -> Option<i16> {
    let minutes = -js_sys::Date::new(&moment.into()).get_timezone_offset().round();
    (minutes.abs() <= f64::from(FURTHEST_ZONE)).then_some(minutes as i16)
}

/// What is known of the file's bytes, or is found out now.
async fn reading(item: &Item) -> Result<Reading, Trouble> {
    let known = item.look(|note| note.sha256.clone().filter(|_| note.previewed));
    if let Some(sha256) = known {
        return Ok(Reading { sha256, preview: None });
    }
    let file = files::file(item).await.ok_or(Trouble::Lasting(Failure::Moved))?;
    let head = head(&file).await.map_err(Trouble::Lasting)?;
    let kind = item.look(|note| kind_by_bytes(&head, &note.kind));
    let unsupported = Failure::Denied(Fault::Refused(Refusal::UnsupportedKind));
    let kind = kind.ok_or(Trouble::Lasting(unsupported))?;
    item.write(|note| note.kind = kind);
    let look = !item.look(|note| note.unseen) && is_decodable(&head);
    let read = read(&file, look).await.map_err(|unread| match unread {
        Unread::File(failure) => Trouble::Lasting(failure),
        Unread::Worker => {
            // Decoding may be what ended it, and would again.
            item.write(|note| note.unseen = true);
            Trouble::Passing
        }
    })?;
    item.write(|note| {
        note.sha256 = Some(read.sha256.clone());
        note.unseen = read.preview.is_none();
    });
    item.show(read.preview.as_ref());
    Ok(read)
}

/// Shows others the photo while its bytes travel. Without a preview they see it when it is there.
fn show(item: &Item, small: Option<Preview>, uploads: Uploads) {
    let (item, id) = (item.clone(), item.photo());
    let (Some(small), Some(id)) = (small, id) else {
        return item.write(|note| note.previewed = true);
    };
    spawn_local(async move {
        let shown = preview(id, small).await;
        if !matches!(shown, Err(Fault::Offline)) {
            item.write(|note| note.previewed = true);
            files::save(&item);
        }
        if let Ok(photo) = shown {
            uploads.library().apply_response(photo);
            item.show(None);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::{Failure, Fault, Refusal, Trouble};

    #[test]
    fn grants_that_come_too_fast_wait_as_long_as_the_server_says() {
        let busy = Trouble::from(Fault::Refused(Refusal::TooManyGrants { seconds: 7 }));
        assert!(matches!(busy, Trouble::Busy { seconds: 7 }));
    }

    #[test]
    fn a_library_that_is_full_is_not_asked_again() {
        let full = Fault::Refused(Refusal::TooManyPhotos { most: 5 });
        let Trouble::Lasting(Failure::Denied(told)) = Trouble::from(full.clone()) else {
            panic!("it would be asked again")
        };
        assert_eq!(told, full);
    }
}
