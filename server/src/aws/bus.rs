//! Shoebox's own event bus.

use super::broken;
use crate::failure::{Failure, While};
use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use model::events::SOURCE;
use serde::Serialize;

/// The bus.
#[derive(Clone)]
pub struct Bus {
    client: Client,
    name: String,
}

impl Bus {
    pub(super) fn new(config: &aws_config::SdkConfig, name: String) -> Self {
        Self {
            client: Client::new(config),
            name,
        }
    }

    /// Tells one event. PutEvents answers success even when an entry failed: the count of failures decides.
    pub async fn tell<T: Serialize>(&self, detail_type: &str, event: &T) -> Result<(), Failure> {
        let detail = serde_json::to_string(event).while_doing("write an event")?;
        let entry = PutEventsRequestEntry::builder()
            .event_bus_name(&self.name)
            .source(SOURCE)
            .detail_type(detail_type)
            .detail(detail)
            .build();
        let answer = self
            .client
            .put_events()
            .entries(entry)
            .send()
            .await
            .map_err(broken("tell an event"))?;
        match answer.failed_entry_count {
            0 => Ok(()),
            _ => Err(Failure::broken("tell an event", format!("{:?}", answer.entries))),
        }
    }
}
