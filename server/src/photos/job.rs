//! Messages between the steps of the imaging workflow.

use crate::aws::table::{Table, keys};
use crate::error::AppError;
use crate::now;
use imaging::Format;
use model::ids::{AccountId, PhotoId};
use serde::{Deserialize, Serialize};

/// How long the starts of an order are remembered, in seconds: longer than its message is in the queue, with all redeliveries.
const REMEMBERED_SECONDS: i64 = 86_400;

/// Input of an execution: one generation of one photo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// The photo.
    pub photo: PhotoId,
    /// Whose library it belongs to.
    pub library: AccountId,
    /// The number of the run of the workflow for this photo.
    pub generation: u32,
}

impl Job {
    /// The execution's name, as idempotency key: a second start under it is a no-op.
    pub fn execution(&self) -> String {
        format!("{}-{}", self.photo, self.generation)
    }
}

/// What to do with an original.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Work {
    /// Render it in a format.
    Render(Format),
    /// Inspect it.
    Inspect(Inspect),
}

/// The value in place of a format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Inspect {
    /// `inspect`.
    Inspect,
}

/// A message of a format's queue: work on an original.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Order {
    /// The photo and generation.
    pub job: Job,
    /// Name of the format, or `inspect`.
    #[serde(rename = "format")]
    pub work: Work,
    /// The task token of the workflow.
    pub token: String,
}

/// Counts a start of an order, by message id. Deliveries that Lambda throttled do not get here, and do not count.
pub async fn count_start(table: &Table, message: &str) -> Result<i64, AppError> {
    let ttl = now().plus_seconds(REMEMBERED_SECONDS).seconds();
    table.count(&keys::starts(message), 1, ttl).await
}

#[cfg(test)]
mod tests {
    use super::{Inspect, Order, Work};
    use imaging::Format;

    #[test]
    fn an_order_is_for_a_format_or_an_inspection() {
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
