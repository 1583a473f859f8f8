//! The state machine of a photo. Every transition is idempotent and returns whether the photo changed: events are delivered more than
//! once and in any order.

use super::records::{FailedFormat, PhotoRecord};
use super::upload::SIGNATURE_LASTS;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use imaging::{Format, Inspection};
use model::photos::{Reason, Receipt, Size, State, Step};
use model::time::{DAY_MS, Time};

/// Formats that make a photo ready: every browser supports one of them.
pub const FIRST: [Format; 2] = [Format::Webp, Format::Jpeg];

/// Formats that are added to a ready photo.
pub const LATER: [Format; 1] = [Format::Avif];

impl PhotoRecord {
    fn enter(&mut self, state: State, at: Time) {
        self.history.push(Step {
            state: state.clone(),
            at,
        });
        self.state = state;
        self.update_index_keys();
    }

    /// The upload is complete. Undoes "not delivered" if it arrives late.
    pub fn receive(&mut self, at: Time) -> bool {
        let expected = self.state == State::Expected || self.not_delivered();
        if expected {
            self.counted = true;
            self.parts = None;
            self.enter(State::Received, at);
        }
        expected
    }

    /// Extends the grant. Undoes "not delivered" while its quota is still reserved.
    pub fn expect(&mut self, until: Time, at: Time) -> bool {
        if self.counted && self.not_delivered() {
            self.grant_ends_at = until;
            self.enter(State::Expected, at);
            return true;
        }
        // Not on every request: each write is published to every window.
        let later = self.state == State::Expected && until.0 - self.grant_ends_at.0 > DAY_MS;
        if later {
            self.grant_ends_at = until;
            self.update_index_keys();
        }
        later
    }

    /// Records that presigned URLs are issued.
    pub fn sign(&mut self, at: Time) -> bool {
        let lasts = SIGNATURE_LASTS.as_secs() as i64;
        let until = |seconds| at.plus_seconds(seconds).min(self.grant_ends_at);
        let later = self.state == State::Expected && self.signed_until.is_none_or(|before| before < until(lasts));
        if later {
            // Twice as long, so that signatures in the next minutes need no write.
            self.signed_until = Some(until(2 * lasts));
            self.update_index_keys();
        }
        later
    }

    /// Sets the multipart upload, unless another has been set meanwhile.
    pub fn begin_multipart(&mut self, instead_of: Option<&str>, upload: &str) -> bool {
        let begins = self.state == State::Expected && self.parts.as_deref() == instead_of;
        if begins {
            self.parts = Some(upload.into());
        }
        begins
    }

    /// Sets a preview, until the original is inspected.
    pub fn show(&mut self, size: Size, thumbhash: &[u8]) -> bool {
        let early = matches!(self.state, State::Expected | State::Received) && !self.preview;
        if early {
            self.preview = true;
            self.size = Some(size);
            self.thumbhash = Some(STANDARD.encode(thumbhash));
        }
        early
    }

    /// The upload did not arrive in time: releases its quota.
    pub fn sweep(&mut self, at: Time) -> bool {
        let was_counted = self.not_delivered() && self.counted;
        if was_counted {
            self.counted = false;
            self.update_index_keys();
        }
        if self.state == State::Expected {
            self.counted = false;
        }
        self.cancel(at) || was_counted
    }

    /// The uploader cancelled. The upload can still arrive until the grant expires, and keeps its quota.
    pub fn cancel(&mut self, at: Time) -> bool {
        let expected = self.state == State::Expected;
        if expected {
            self.enter(
                State::Refused {
                    reason: Reason::NotDelivered,
                },
                at,
            );
        }
        expected
    }

    /// Inspection found a photo: its formats are being rendered.
    pub fn develop(&mut self, generation: u32, found: &Inspection, at: Time) -> bool {
        let begins = self.generation == generation && self.state == State::Received;
        if begins {
            self.size = Some(Size {
                width: found.width,
                height: found.height,
            });
            self.thumbhash = Some(STANDARD.encode(&found.thumbhash));
            self.widths = found.widths.clone();
            self.animated = found.animated;
            self.date(found);
            self.enter(
                State::Developing {
                    done: 0,
                    of: FIRST.len() as u32,
                },
                at,
            );
        }
        begins
    }

    /// One format is done; the last of [`FIRST`] makes the photo ready. A ready photo keeps its state.
    pub fn format_done(&mut self, generation: u32, format: Format, at: Time) -> bool {
        if self.generation != generation || self.formats.iter().any(|f| f == format.name()) {
            return false;
        }
        match self.state {
            State::Developing { done, of } if FIRST.contains(&format) => {
                self.formats.push(format.name().into());
                self.enter(State::Developing { done: done + 1, of }, at);
                self.finish_if_complete(at);
                true
            }
            State::Ready if LATER.contains(&format) => {
                self.formats.push(format.name().into());
                true
            }
            _ => false,
        }
    }

    /// One format cannot be made; the reason is for the operator. If it was the last, the photo is ready with the others.
    pub fn format_failed(&mut self, generation: u32, format: Format, reason: &str, at: Time) -> bool {
        let known = |names: &[String]| names.iter().any(|name| name == format.name());
        let lacking = self.lacking.iter().any(|lacking| lacking.format == format.name());
        let made = matches!(self.state, State::Developing { .. } | State::Ready);
        let new = self.generation == generation && made && !known(&self.formats) && !lacking;
        if new {
            self.lacking.push(FailedFormat {
                format: format.name().into(),
                reason: reason.chars().take(200).collect(),
            });
            self.finish_if_complete(at);
        }
        new
    }

    /// Ends the processing once each of [`FIRST`] was made or has failed, in the same write: each write is published and billed.
    fn finish_if_complete(&mut self, at: Time) {
        let attempted = |format: &Format| {
            let named = |name: &str| name == format.name();
            self.formats.iter().any(|made| named(made)) || self.lacking.iter().any(|lacking| named(&lacking.format))
        };
        if FIRST.iter().all(attempted) {
            self.finish(self.generation, at);
        }
    }

    /// Nothing more is attempted: ready with the formats that were made, or refused if none was.
    pub fn finish(&mut self, generation: u32, at: Time) -> bool {
        let ends = self.generation == generation && matches!(self.state, State::Developing { .. });
        if ends {
            let state = if self.formats.is_empty() {
                State::Refused {
                    reason: Reason::OurFault,
                }
            } else {
                State::Ready
            };
            self.enter(state, at);
        }
        ends
    }

    /// Records the checksums of the original. The first receipt is kept if a later inspection, as after a rebuild, finds the same.
    pub fn record_receipt(&mut self, found: &Receipt) {
        let same = |known: &Receipt| (&known.sha256, &known.store) == (&found.sha256, &found.store);
        if !self.receipt.as_ref().is_some_and(same) {
            self.receipt = Some(found.clone());
        }
    }

    /// Begins the next generation, from the start: the name of the last execution stays taken for 90 days.
    pub fn next_generation(&mut self) {
        self.generation += 1;
        self.formats.clear();
    }

    /// Refuses the photo.
    pub fn refuse(&mut self, generation: u32, reason: Reason, at: Time) -> bool {
        let open =
            self.generation == generation && matches!(self.state, State::Expected | State::Received | State::Developing { .. });
        if open {
            self.enter(State::Refused { reason }, at);
        }
        open
    }

    /// Moves it to the trash, from where it can be restored until it is purged.
    pub fn trash(&mut self, at: Time) -> bool {
        let new = self.trashed_at.is_none();
        if new {
            self.trashed_at = Some(at);
            self.update_index_keys();
        }
        new
    }

    /// Restores it from the trash.
    pub fn restore(&mut self, _at: Time) -> bool {
        let was = self.trashed_at.take().is_some();
        if was {
            self.update_index_keys();
        }
        was
    }

    /// The copy for its sidecar. No workflow and no signature survives the loss of the table: a photo that is being processed is
    /// stored as it was received, and one that is expected as it was granted.
    pub fn for_sidecar(&self) -> Self {
        let mut copy = self.clone();
        match self.state {
            State::Expected => {
                copy.signed_until = None;
                (copy.preview, copy.size, copy.thumbhash) = (false, None, None);
            }
            State::Received | State::Developing { .. } => {
                (copy.formats, copy.lacking) = (vec![], vec![]);
                let received = self.history.iter().rposition(|step| step.state == State::Received);
                if let Some(received) = received {
                    copy.state = State::Received;
                    copy.history.truncate(received + 1);
                }
            }
            State::Ready | State::Refused { .. } => {}
        }
        copy
    }
}

#[cfg(test)]
mod tests;
