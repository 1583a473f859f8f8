//! Each event gets its channel's next number and is kept for those who miss it.

use super::records::{CounterRecord, MESSAGE_SECONDS, MessageRecord};
use crate::aws::table::{Given, Row, Table, Together};
use crate::failure::Failure;
use crate::{now, once};
use model::events::{EVENT_VERSION, Event};
use model::live::{Channel, News};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How often a number is tried when others take numbers of the same channel.
const TRIES: u32 = 20;

/// The longest pause before the next try. Those who lost to the same winner shall not come back all at once.
const LONGEST_PAUSE: Duration = Duration::from_millis(400);

/// The number that a change got.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Numbered {
    channel: Channel,
    number: u64,
}

/// An event with its number, and whether it was just given.
pub struct Told {
    /// The event.
    pub event: Event,
    /// False when the change had come before.
    pub new: bool,
}

/// Gives a change its number, or finds the one it has. `change` is the identifier that the stream gave it. What is to be
/// written `beside` is written once, with the number.
pub async fn number(table: &Table, change: &str, channel: &Channel, news: &News, beside: &[Together]) -> Result<Told, Failure> {
    for attempt in 0..TRIES {
        if let Some(numbered) = once::outcome::<Numbered>(table, "changes", change).await? {
            let kept: Option<MessageRecord> = table.get(&MessageRecord::key(&numbered.channel, numbered.number)).await?;
            let kept = kept.ok_or_else(|| Failure::broken("tell a change again", "its message is gone"))?;
            return Ok(Told {
                event: kept.event,
                new: false,
            });
        }
        if let Some(event) = take_next(table, change, channel, news, beside).await? {
            return Ok(Told { event, new: true });
        }
        pause(attempt).await?;
    }
    Err(Failure::broken(
        "number a change",
        format!("others took {TRIES} numbers of {channel} meanwhile"),
    ))
}

/// Takes the channel's next number; `None` when another took it first.
async fn take_next(
    table: &Table,
    change: &str,
    channel: &Channel,
    news: &News,
    beside: &[Together],
) -> Result<Option<Event>, Failure> {
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
    let counted = table.together(Row {
        key: CounterRecord::key(channel),
        item: &CounterRecord {
            number: event.number,
            at: event.at,
        },
        given: if counter.is_some() {
            Given::Number("number", last)
        } else {
            Given::Absent
        },
    })?;
    let message = MessageRecord {
        ttl: event.at.plus_seconds(MESSAGE_SECONDS).seconds(),
        event,
    };
    let kept = table.together(Row {
        key: MessageRecord::key(channel, message.event.number),
        item: &message,
        given: Given::Absent,
    })?;
    let remembered = once::remember(table, "changes", change, &numbered)?;
    let all = [counted, kept, remembered].into_iter().chain(beside.iter().cloned());
    let taken = table.put_together(all.collect()).await?;
    Ok(taken.then_some(message.event))
}

/// Waits for a random part of a span that doubles with each attempt.
async fn pause(attempt: u32) -> Result<(), Failure> {
    let span = Duration::from_millis(10 << attempt.min(6)).min(LONGEST_PAUSE);
    tokio::time::sleep(span.mul_f64(crate::secrets::random_fraction()?)).await;
    Ok(())
}
