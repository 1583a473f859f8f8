//! What may follow what. Every function is given the photo as it is and answers whether it changed: events come more
//! than once and in any order, and one that has nothing left to do changes nothing.

use super::records::{Lacking, PhotoRecord};
use super::upload::SIGNATURE_LASTS;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use develop::{Format, Inspection};
use model::photos::{Reason, Receipt, Size, State, Step};
use model::time::{DAY_MS, Time};

/// Formats that make a photo ready: every browser shows one of them.
pub const FIRST: [Format; 2] = [Format::Webp, Format::Jpeg];

/// Formats that join a photo that is ready.
pub const LATER: [Format; 1] = [Format::Avif];

impl PhotoRecord {
    fn enter(&mut self, state: State, at: Time) {
        self.history.push(Step {
            state: state.clone(),
            at,
        });
        self.state = state;
        self.take_place();
    }

    /// The bytes are there. Undoes "not delivered": they came after all.
    pub fn receive(&mut self, at: Time) -> bool {
        let waits = self.state == State::Expected || self.never_came();
        if waits {
            self.counted = true;
            self.parts = None;
            self.enter(State::Received, at);
        }
        waits
    }

    /// The bytes are wanted, until a later time. Undoes "not delivered" while their room is still kept.
    pub fn expect(&mut self, until: Time, at: Time) -> bool {
        if self.counted && self.never_came() {
            self.grant_ends_at = until;
            self.enter(State::Expected, at);
            return true;
        }
        // Not with every question: each write is told to every window.
        let later = self.state == State::Expected && until.0 - self.grant_ends_at.0 > DAY_MS;
        if later {
            self.grant_ends_at = until;
            self.take_place();
        }
        later
    }

    /// Signatures are given out.
    pub fn sign(&mut self, at: Time) -> bool {
        let lasts = SIGNATURE_LASTS.as_secs() as i64;
        let until = |seconds| at.plus_seconds(seconds).min(self.grant_ends_at);
        let later = self.state == State::Expected && self.signed_until.is_none_or(|before| before < until(lasts));
        if later {
            // Twice as long, so that the signatures of the next minutes need no write.
            self.signed_until = Some(until(2 * lasts));
            self.take_place();
        }
        later
    }

    /// The original travels by this upload in parts, unless it does by another already.
    pub fn travel_in_parts(&mut self, instead_of: Option<&str>, upload: &str) -> bool {
        let begins = self.state == State::Expected && self.parts.as_deref() == instead_of;
        if begins {
            self.parts = Some(upload.into());
        }
        begins
    }

    /// A preview is shown, until the original was looked at.
    pub fn show(&mut self, size: Size, thumbhash: &[u8]) -> bool {
        let early = matches!(self.state, State::Expected | State::Received) && !self.preview;
        if early {
            self.preview = true;
            self.size = Some(size);
            self.thumbhash = Some(STANDARD.encode(thumbhash));
        }
        early
    }

    /// The bytes did not come in time: they take no room any more.
    pub fn sweep(&mut self, at: Time) -> bool {
        let was_counted = self.never_came() && self.counted;
        if was_counted {
            self.counted = false;
            self.take_place();
        }
        if self.state == State::Expected {
            self.counted = false;
        }
        self.give_up(at) || was_counted
    }

    /// The bytes will not come, says who wanted to send them. Until the grant has ended they can, and keep their room.
    pub fn give_up(&mut self, at: Time) -> bool {
        let waits = self.state == State::Expected;
        if waits {
            self.enter(
                State::Refused {
                    reason: Reason::NotDelivered,
                },
                at,
            );
        }
        waits
    }

    /// Inspection found a photo: its formats are being made.
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

    /// One format is done. Of a photo that is ready it is one more, and no other state.
    pub fn format_done(&mut self, generation: u32, format: Format, at: Time) -> bool {
        if self.generation != generation || self.formats.iter().any(|f| f == format.name()) {
            return false;
        }
        match self.state {
            State::Developing { done, of } if FIRST.contains(&format) => {
                self.formats.push(format.name().into());
                self.enter(State::Developing { done: done + 1, of }, at);
                true
            }
            State::Ready if LATER.contains(&format) => {
                self.formats.push(format.name().into());
                true
            }
            _ => false,
        }
    }

    /// One format cannot be made, for a reason that is for the operator.
    pub fn format_failed(&mut self, generation: u32, format: Format, reason: &str) -> bool {
        let known = |names: &[String]| names.iter().any(|name| name == format.name());
        let lacking = self.lacking.iter().any(|lacking| lacking.format == format.name());
        let made = matches!(self.state, State::Developing { .. } | State::Ready);
        let news = self.generation == generation && made && !known(&self.formats) && !lacking;
        if news {
            self.lacking.push(Lacking {
                format: format.name().into(),
                reason: reason.chars().take(200).collect(),
            });
        }
        news
    }

    /// All formats were tried: ready with those that were made, or refused when none was.
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

    /// The original was read whole. The receipt of who finds the same again, after a rebuild say, is the first one.
    pub fn attest(&mut self, found: &Receipt) {
        let same = |known: &Receipt| (&known.sha256, &known.store) == (&found.sha256, &found.store);
        if !self.receipt.as_ref().is_some_and(same) {
            self.receipt = Some(found.clone());
        }
    }

    /// It will not become a photo.
    pub fn refuse(&mut self, generation: u32, reason: Reason, at: Time) -> bool {
        let open =
            self.generation == generation && matches!(self.state, State::Expected | State::Received | State::Developing { .. });
        if open {
            self.enter(State::Refused { reason }, at);
        }
        open
    }

    /// Into the trash, from where it can be taken back until it is purged.
    pub fn trash(&mut self, at: Time) -> bool {
        let new = self.trashed_at.is_none();
        if new {
            self.trashed_at = Some(at);
            self.take_place();
        }
        new
    }

    /// Back from the trash.
    pub fn restore(&mut self, _at: Time) -> bool {
        let was = self.trashed_at.take().is_some();
        if was {
            self.take_place();
        }
        was
    }

    /// As its sidecar keeps it: what is being developed as received, for no workflow outlives the loss of the table.
    pub fn to_last(&self) -> Self {
        let under_way = matches!(self.state, State::Received | State::Developing { .. });
        let received = self.history.iter().rposition(|step| step.state == State::Received);
        let (true, Some(received)) = (under_way, received) else {
            return self.clone();
        };
        Self {
            state: State::Received,
            history: self.history[..=received].to_vec(),
            ..self.clone()
        }
    }
}

#[cfg(test)]
mod tests;
