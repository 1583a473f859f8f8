//! What the workflow's steps hand to each other.

use crate::aws::table::{Key, Table};
use crate::failure::Failure;
use crate::now;
use develop::Format;
use model::ids::{AccountId, PhotoId};
use serde::{Deserialize, Serialize};

/// How long the starts of an order are remembered, in seconds: longer than it waits in its queue with all its deliveries.
const REMEMBERED_SECONDS: i64 = 86_400;

/// Input of an execution: one generation of one photo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// The photo.
    pub photo: PhotoId,
    /// Whose library it belongs to.
    pub library: AccountId,
    /// Which run of developing this is.
    pub generation: u32,
}

impl Job {
    /// The execution's name: a second start under it is a no-op.
    pub fn execution(&self) -> String {
        format!("{}-{}", self.photo, self.generation)
    }
}

/// What is to be done with an original.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Work {
    /// It is rendered in a format.
    Render(Format),
    /// It is looked at.
    Inspect(Inspect),
}

/// What stands in a format's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Inspect {
    /// `inspect`.
    Inspect,
}

/// Work on an original, as it lies in a format's queue.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Order {
    /// Of what.
    pub job: Job,
    /// Name of the format, or `inspect`.
    #[serde(rename = "format")]
    pub work: Work,
    /// What the workflow waits for.
    pub token: String,
}

/// Counts a start of an order, by its message. A delivery for which Lambda found no room never comes here, and counts for nothing.
pub async fn count_start(table: &Table, message: &str) -> Result<i64, Failure> {
    let ttl = now().plus_seconds(REMEMBERED_SECONDS).seconds();
    table.count(&Key::new(format!("STARTS#{message}"), "STARTS"), 1, ttl).await
}

#[cfg(test)]
mod tests {
    use super::{Inspect, Order, Work};
    use develop::Format;

    #[test]
    fn an_order_is_for_a_format_or_for_a_look() {
        let order = |format: &str| {
            let job = r#"{"photo":"0190c9f0-5b1e-7c3a-8d2f-000000000001","library":"0190c9f0-5b1e-7c3a-8d2f-0000000000aa","generation":1}"#;
            let text = format!(r#"{{"job":{job},"format":"{format}","token":"t"}}"#);
            serde_json::from_str::<Order>(&text).map(|order| order.work)
        };
        assert!(matches!(order("avif"), Ok(Work::Render(Format::Avif))));
        assert!(matches!(order("inspect"), Ok(Work::Inspect(Inspect::Inspect))));
        assert!(order("tiff").is_err());
    }
}
