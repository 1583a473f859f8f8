//! The bytes of a file on their way: in one piece or in parts, signed anew where a signature has ended, and tried again
//! where the connection broke.

use super::api::{sign, sign_parts};
use super::sha256::sha256;
use super::uploads::{Failure, Sending, Uploads};
use futures::channel::oneshot;
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use model::ids::PhotoId;
use model::photos::{PART_BYTES, Part, Put, Upload, part_bytes, parts_of};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Blob, File, ProgressEvent, XmlHttpRequest};

/// How often a piece is tried again whose connection broke.
const TRIES: u32 = 8;

/// The first pause before another try; each is twice as long as the one before, up to the longest.
const PAUSE_MS: u32 = 1000;
const LONGEST_PAUSE_MS: u32 = 30_000;

/// How often one that waits looks whether the connection is back.
const LOOK_MS: u32 = 250;

/// Parts that are signed at once.
const BATCH: usize = 4;

/// A file on its way.
pub struct Journey<'a> {
    /// The photo that it becomes.
    pub id: &'a PhotoId,
    /// The file.
    pub file: &'a File,
    /// Where its progress is told.
    pub uploads: Uploads,
}

/// A piece of a file: all of it, or a part.
struct Piece<'a> {
    blob: &'a Blob,
    part: Option<&'a Part>,
    /// Bytes of the file that went before.
    before: u64,
}

impl Journey<'_> {
    /// Sends what of the file is not there yet.
    pub async fn travel(&self, upload: &Upload) -> Result<(), Failure> {
        match upload {
            Upload::Whole(to) => {
                let piece = Piece {
                    blob: self.file,
                    part: None,
                    before: 0,
                };
                self.send(&piece, to.clone()).await
            }
            Upload::Parts { there } => self.send_parts(there).await,
        }
    }

    async fn send_parts(&self, there: &[u32]) -> Result<(), Failure> {
        let bytes = self.file.size() as u64;
        let length = |number| part_bytes(bytes, number).unwrap_or(0);
        let mut gone: u64 = there.iter().copied().map(length).sum();
        let missing: Vec<u32> = (1..=parts_of(bytes)).filter(|number| !there.contains(number)).collect();
        for numbers in missing.chunks(BATCH) {
            let (mut slices, mut parts) = (vec![], vec![]);
            for number in numbers {
                let start = u64::from(number - 1) * PART_BYTES;
                let end = start + length(*number);
                let slice = self.file.slice_with_f64_and_f64(start as f64, end as f64);
                let slice = slice.map_err(|_| Failure::Unreadable)?;
                parts.push(Part {
                    number: *number,
                    sha256: sha256(&slice).await.ok_or(Failure::Unreadable)?,
                });
                slices.push(slice);
            }
            let signed = sign_parts(self.id.clone(), parts.clone()).await.map_err(Failure::Denied)?;
            for ((blob, part), to) in slices.iter().zip(&parts).zip(signed) {
                let piece = Piece {
                    blob,
                    part: Some(part),
                    before: gone,
                };
                self.send(&piece, to).await?;
                gone += length(part.number);
            }
        }
        Ok(())
    }

    /// Sends a piece until it is there, or nothing more can be done.
    async fn send(&self, piece: &Piece<'_>, mut to: Put) -> Result<(), Failure> {
        let (mut broken, mut signed_anew) = (0, false);
        loop {
            match self.put(piece, &to).await {
                Err(Failure::NoConnection) if broken < TRIES => {
                    pause(broken).await;
                    broken += 1;
                    signed_anew = false;
                }
                // Its ten minutes were over, whatever the clock here says.
                Err(Failure::TooLate) if !signed_anew => {
                    to = self.sign(piece).await?;
                    signed_anew = true;
                }
                end => return end,
            }
        }
    }

    async fn sign(&self, piece: &Piece<'_>) -> Result<Put, Failure> {
        let signed = match piece.part {
            Some(part) => sign_parts(self.id.clone(), vec![part.clone()])
                .await
                .map(|mut puts| puts.pop()),
            None => sign(self.id.clone()).await.map(|upload| match upload {
                Upload::Whole(to) => Some(to),
                Upload::Parts { .. } => None,
            }),
        };
        signed.map_err(Failure::Denied)?.ok_or(Failure::NotAccepted)
    }

    /// Sends a piece once. An `XMLHttpRequest`, for `fetch` does not tell how far it is.
    async fn put(&self, piece: &Piece<'_>, to: &Put) -> Result<(), Failure> {
        let request = XmlHttpRequest::new().map_err(|_| Failure::NoConnection)?;
        let (id, uploads, before, all) = (self.id.clone(), self.uploads, piece.before as f64, self.file.size().max(1.0));
        let progress = Closure::<dyn FnMut(ProgressEvent)>::new(move |event: ProgressEvent| {
            let percent = 100.0 * (before + event.loaded()) / all;
            uploads.set(&id, Sending::Going(percent as u32));
        });
        let (ended, end) = oneshot::channel();
        let on_end = Closure::once(move || {
            // Nobody waits any more if the request could not even begin.
            let _ = ended.send(());
        });
        let begin = || {
            request.open("PUT", &to.url)?;
            for (name, value) in &to.headers {
                request.set_request_header(name, value)?;
            }
            request.upload()?.set_onprogress(Some(progress.as_ref().unchecked_ref()));
            request.set_onloadend(Some(on_end.as_ref().unchecked_ref()));
            request.send_with_opt_blob(Some(piece.blob))
        };
        begin().map_err(|_| Failure::NotAccepted)?;
        end.await.map_err(|_| Failure::NoConnection)?;
        let answer = request.response_text().ok().flatten().unwrap_or_default();
        verdict(request.status().unwrap_or(0), &answer)
    }
}

/// Waits before another try: longer each time, never for as long as others do, and no longer once the connection is back.
async fn pause(tries_before: u32) {
    let most = (PAUSE_MS << tries_before.min(10)).min(LONGEST_PAUSE_MS);
    let mut left = most / 2 + (f64::from(most / 2) * js_sys::Math::random()) as u32;
    let mut was_offline = false;
    while left > 0 {
        let step = left.min(LOOK_MS);
        TimeoutFuture::new(step).await;
        left -= step;
        let online = window().navigator().on_line();
        if was_offline && online {
            return;
        }
        was_offline = !online;
    }
}

/// What the store's answer means. No status at all is a connection that broke.
fn verdict(status: u16, answer: &str) -> Result<(), Failure> {
    match status {
        // 412: it is there already. An answer was lost on the way.
        200..=299 | 412 => Ok(()),
        // 409: the same upload is still under way elsewhere.
        0 | 409 | 500.. => Err(Failure::NoConnection),
        400 if answer.contains("RequestTimeout") => Err(Failure::NoConnection),
        403 => Err(Failure::TooLate),
        400 if answer.contains("Digest") || answer.contains("Checksum") => Err(Failure::Changed),
        _ => Err(Failure::NotAccepted),
    }
}

#[cfg(test)]
mod tests {
    use super::{Failure, verdict};

    #[test]
    fn tells_what_the_store_meant() {
        assert_eq!(verdict(200, ""), Ok(()));
        assert_eq!(verdict(400, "<Error><Code>BadDigest</Code></Error>"), Err(Failure::Changed));
        assert_eq!(
            verdict(400, "<Error><Code>EntityTooSmall</Code></Error>"),
            Err(Failure::NotAccepted)
        );
        assert_eq!(
            verdict(403, "<Error><Code>AccessDenied</Code></Error>"),
            Err(Failure::TooLate)
        );
        assert_eq!(verdict(503, ""), Err(Failure::NoConnection));
        assert_eq!(verdict(409, ""), Err(Failure::NoConnection));
        assert_eq!(
            verdict(400, "<Error><Code>RequestTimeout</Code></Error>"),
            Err(Failure::NoConnection)
        );
        assert_eq!(verdict(412, "<Error><Code>PreconditionFailed</Code></Error>"), Ok(()));
        assert_eq!(verdict(0, ""), Err(Failure::NoConnection));
    }
}
