//! What the site's owner lets be sent as text messages: to which countries, and how many in a day. Each costs them some cents,
//! whoever asks for it, and in some countries many times that.

use crate::accounts::limits::minutes_left;
use crate::aws::table::{Key, Table};
use crate::failure::{Failure, While};
use crate::now;
use model::refusals::Refusal;

/// What the setting begins with where text messages are sent.
const SENT: &str = "sent";

/// What it says in place of countries where all are meant.
const ALL: &str = "all";

const DAY_SECONDS: i64 = 86_400;

/// Where text messages go, and how many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Texting {
    /// What numbers begin with, without `+`; none where each is taken.
    beginnings: Option<Vec<String>>,
    a_day: i64,
}

impl Texting {
    /// Reads the setting, as `sent 44,49 100`: calling codes, and a day's most. None where no text messages are sent, which is so
    /// where no country is named.
    ///
    /// # Errors
    /// When the last is no number.
    pub fn read(setting: &str) -> Result<Option<Self>, Failure> {
        let words: Vec<&str> = setting.split_whitespace().collect();
        let [SENT, countries, a_day] = words[..] else {
            return Ok(None);
        };
        let is_beginning = |text: &&str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let named: Vec<String> = countries.split(',').filter(is_beginning).map(Into::into).collect();
        if countries != ALL && named.is_empty() {
            return Ok(None);
        }
        Ok(Some(Self {
            beginnings: (countries != ALL).then_some(named),
            a_day: a_day.parse::<i64>().while_doing("read how many text messages a day has")?,
        }))
    }

    /// Whether text messages go to a number, as E.164 writes it.
    pub fn reaches(&self, number: &str) -> bool {
        let digits = number.trim_start_matches('+');
        let begins = |beginnings: &Vec<String>| beginnings.iter().any(|one| digits.starts_with(one.as_str()));
        self.beginnings.as_ref().is_none_or(begins)
    }

    /// Counts a text message before it is sent; `false` when the day has had all of its own.
    pub async fn take(&self, table: &Table) -> Result<bool, Failure> {
        Ok(count(table, 1).await? <= self.a_day)
    }

    /// That the day has text messages left.
    ///
    /// # Errors
    /// [`Refusal::TooManyTexts`].
    pub async fn has_some(&self, table: &Table) -> Result<(), Failure> {
        if count(table, 0).await? < self.a_day {
            return Ok(());
        }
        let minutes = minutes_left(DAY_SECONDS, now().seconds());
        Err(Refusal::TooManyTexts { minutes }.into())
    }
}

/// Adds to the text messages of this day, and answers how many it has.
async fn count(table: &Table, by: i64) -> Result<i64, Failure> {
    let at = now().seconds();
    let (what, whose, day) = ("SITE-TEXTS", "ALL", at / DAY_SECONDS);
    let key = Key::new(format!("TRIES#{what}#{whose}#{day}"), "TRIES");
    // A day longer than it takes, so that the row is not swept within its own.
    table.count(&key, by, at + 2 * DAY_SECONDS).await
}

#[cfg(test)]
mod tests {
    use super::Texting;

    fn reaches(setting: &str, number: &str) -> bool {
        let texting = Texting::read(setting).expect("a setting");
        texting.is_some_and(|texting| texting.reaches(number))
    }

    #[test]
    fn text_messages_go_to_the_countries_that_are_named() {
        for (setting, number, goes) in [
            ("sent 44,49 100", "+442079460000", true),
            ("sent 44,49 100", "+493012345678", true),
            ("sent 44,49 100", "+12025550123", false),
            ("sent 1202 100", "+12025550123", true),
            ("sent 1202 100", "+18765550123", false),
            ("sent all 100", "+18765550123", true),
        ] {
            assert_eq!(reaches(setting, number), goes, "{setting} {number}");
        }
    }

    #[test]
    fn none_are_sent_unless_a_country_is_named() {
        for setting in ["none", "none 44 100", "sent none 100", "sent", "sent 44", ""] {
            assert_eq!(Texting::read(setting).expect("a setting"), None, "{setting}");
        }
        assert!(Texting::read("sent 44 many").is_err());
    }
}
