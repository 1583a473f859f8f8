//! Shoebox's own event bus (EventBridge).

use super::sdk_error;
use crate::error::{AppError, Context};
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

    /// Publishes an event. PutEvents succeeds even if an entry failed: the failure count decides.
    pub async fn publish<T: Serialize>(&self, detail_type: &str, event: &T) -> Result<(), AppError> {
        let detail = serde_json::to_string(event).context("serialize an event")?;
        let entry = PutEventsRequestEntry::builder()
            .event_bus_name(&self.name)
            .source(SOURCE)
            .detail_type(detail_type)
            .detail(detail)
            .build();
        let response = self
            .client
            .put_events()
            .entries(entry)
            .send()
            .await
            .map_err(sdk_error("publish an event"))?;
        match response.failed_entry_count {
            0 => Ok(()),
            _ => Err(AppError::internal("publish an event", format!("{:?}", response.entries))),
        }
    }
}
