//! The site's limits of text messages: countries, and number per day. Each message costs the owner some cents, and many times that in
//! some countries.

use crate::accounts::rate_limits::minutes_left;
use crate::aws::table::{Table, keys};
use crate::error::{AppError, Context};
use crate::now;
use model::user_error::UserError;

/// The first word of the setting if text messages are sent.
const SENT: &str = "sent";

/// All countries, in the setting.
const ALL: &str = "all";

const DAY_SECONDS: i64 = 86_400;

/// The limits of text messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmsPolicy {
    /// Allowed prefixes of numbers, without `+`; `None` allows all.
    prefixes: Option<Vec<String>>,
    per_day: i64,
}

impl SmsPolicy {
    /// Parses the setting, as `sent 44,49 100`: calling codes, and messages per day. `None` if no text messages are sent, or no country
    /// is named.
    ///
    /// # Errors
    /// If the last word is not a number.
    pub fn read(setting: &str) -> Result<Option<Self>, AppError> {
        let words: Vec<&str> = setting.split_whitespace().collect();
        let [SENT, countries, per_day] = words[..] else {
            return Ok(None);
        };
        let is_prefix = |text: &&str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let prefixes: Vec<String> = countries.split(',').filter(is_prefix).map(Into::into).collect();
        if countries != ALL && prefixes.is_empty() {
            return Ok(None);
        }
        Ok(Some(Self {
            prefixes: (countries != ALL).then_some(prefixes),
            per_day: per_day.parse::<i64>().context("parse the number of text messages per day")?,
        }))
    }

    /// Whether text messages may be sent to a number in E.164.
    pub fn allows(&self, number: &str) -> bool {
        let digits = number.trim_start_matches('+');
        let matches = |prefixes: &Vec<String>| prefixes.iter().any(|prefix| digits.starts_with(prefix.as_str()));
        self.prefixes.as_ref().is_none_or(matches)
    }

    /// Counts a text message before it is sent; `false` if the day's number is exceeded.
    pub async fn count(&self, table: &Table) -> Result<bool, AppError> {
        Ok(add(table, 1).await? <= self.per_day)
    }

    /// Checks that the day has messages left, without counting.
    ///
    /// # Errors
    /// [`UserError::TooManyTexts`].
    pub async fn check(&self, table: &Table) -> Result<(), AppError> {
        if add(table, 0).await? < self.per_day {
            return Ok(());
        }
        let minutes = minutes_left(DAY_SECONDS, now().seconds());
        Err(UserError::TooManyTexts { minutes }.into())
    }
}

/// Adds to the text messages of the day; returns their number.
async fn add(table: &Table, by: i64) -> Result<i64, AppError> {
    let at = now().seconds();
    let key = keys::attempts("SITE-TEXTS", "ALL", at / DAY_SECONDS);
    // One day more, so that DynamoDB does not delete the row within its day.
    table.count(&key, by, at + 2 * DAY_SECONDS).await
}

#[cfg(test)]
mod tests {
    use super::SmsPolicy;

    fn allows(setting: &str, number: &str) -> bool {
        let sms_policy = SmsPolicy::read(setting).expect("a setting");
        sms_policy.is_some_and(|sms_policy| sms_policy.allows(number))
    }

    #[test]
    fn only_named_countries_are_allowed() {
        for (setting, number, allowed) in [
            ("sent 44,49 100", "+442079460000", true),
            ("sent 44,49 100", "+493012345678", true),
            ("sent 44,49 100", "+12025550123", false),
            ("sent 1202 100", "+12025550123", true),
            ("sent 1202 100", "+18765550123", false),
            ("sent all 100", "+18765550123", true),
        ] {
            assert_eq!(allows(setting, number), allowed, "{setting} {number}");
        }
    }

    #[test]
    fn none_are_sent_unless_a_country_is_named() {
        for setting in ["none", "none 44 100", "sent none 100", "sent", "sent 44", ""] {
            assert_eq!(SmsPolicy::read(setting).expect("a setting"), None, "{setting}");
        }
        assert!(SmsPolicy::read("sent 44 many").is_err());
    }
}
