//! Assigns each event its channel's next sequence number, and stores it for browsers that miss it.

use super::records::{CounterRecord, MESSAGE_SECONDS, MessageRecord};
use crate::aws::table::{Condition, Row, Table, TransactWrite};
use crate::backoff::Attempts;
use crate::error::AppError;
use crate::{idempotency, now};
use model::events::{EVENT_VERSION, Event};
use model::live::{Channel, LiveUpdate};
use serde::{Deserialize, Serialize};

/// Attempts when others take numbers of the same channel.
const MAX_ATTEMPTS: u32 = 20;

/// The number that a change got.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Numbered {
    channel: Channel,
    number: u64,
}

/// An event with its sequence number.
pub struct NumberedEvent {
    /// The event.
    pub event: Event,
    /// False if the change had been numbered before.
    pub new: bool,
}

/// The stream's consumer in idempotency keys, as stored rows name it.
const CONSUMER: &str = "changes";

/// Assigns a change its sequence number, or finds the one it has. `change` is its identifier in the stream. `writes` are added to the
/// transaction, and so done once.
pub async fn number(
    table: &Table,
    change: &str,
    channel: &Channel,
    news: &LiveUpdate,
    writes: &[TransactWrite],
) -> Result<NumberedEvent, AppError> {
    let mut attempts = Attempts::up_to(MAX_ATTEMPTS);
    while attempts.another().await? {
        if let Some(numbered) = idempotency::outcome::<Numbered>(table, CONSUMER, change).await? {
            let message: Option<MessageRecord> = table.get(&MessageRecord::key(&numbered.channel, numbered.number)).await?;
            let message = message.ok_or_else(|| AppError::internal("publish a change again", "its message has expired"))?;
            return Ok(NumberedEvent {
                event: message.event,
                new: false,
            });
        }
        if let Some(event) = take_next(table, change, channel, news, writes).await? {
            return Ok(NumberedEvent { event, new: true });
        }
    }
    Err(AppError::internal(
        "number a change",
        format!("others took {MAX_ATTEMPTS} numbers of {channel}"),
    ))
}

/// Takes the channel's next number; `None` if another took it first.
async fn take_next(
    table: &Table,
    change: &str,
    channel: &Channel,
    news: &LiveUpdate,
    writes: &[TransactWrite],
) -> Result<Option<Event>, AppError> {
    let counter: Option<CounterRecord> = table.get(&CounterRecord::key(channel)).await?;
    let last = counter.map_or(0, |counter| counter.number);
    let event = Event {
        version: EVENT_VERSION,
        channel: channel.clone(),
        number: last + 1,
        at: now(),
        news: news.clone(),
    };
    let numbered = Numbered {
        channel: channel.clone(),
        number: event.number,
    };
    let counted = table.transact_put(Row {
        key: CounterRecord::key(channel),
        item: &CounterRecord {
            number: event.number,
            at: event.at,
        },
        condition: if counter.is_some() {
            Condition::Number("number", last)
        } else {
            Condition::Absent
        },
    })?;
    let message = MessageRecord {
        ttl: event.at.plus_seconds(MESSAGE_SECONDS).seconds(),
        event,
    };
    let stored = table.transact_put(Row {
        key: MessageRecord::key(channel, message.event.number),
        item: &message,
        condition: Condition::Absent,
    })?;
    let remembered = idempotency::remember(table, CONSUMER, change, &numbered)?;
    let all = [counted, stored, remembered].into_iter().chain(writes.iter().cloned());
    let outcome = table.transact_write(all.collect()).await?;
    Ok(outcome.is_written().then_some(message.event))
}
