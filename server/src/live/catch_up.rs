//! Missed events, by sequence number.

use super::records::{CounterRecord, MessageRecord};
use crate::albums::access::OpenLibrary;
use crate::aws::table::{Table, keys};
use crate::error::AppError;
use crate::now;
use model::events::Event;
use model::time::Time;

/// With more missed events than this, reloading the page costs less.
const MAX_MISSED: i32 = 200;

/// Maximum lag of the timeline's index behind the table, usually well under a second.
const INDEX_LAG_SECONDS: i64 = 10;

/// The newest sequence number older than the index lag: a page that is read from the index after this call contains all events up to it.
/// Receiving a later event twice does no harm, missing one does.
pub async fn settled_number(table: &Table, library: &OpenLibrary) -> Result<u64, AppError> {
    let Some(CounterRecord { number: last, at }) = counter(table, library).await? else {
        return Ok(0);
    };
    let settled = |at: Time| at.plus_seconds(INDEX_LAG_SECONDS) <= now();
    if settled(at) {
        return Ok(last);
    }
    let page = table
        .range_desc::<MessageRecord>(
            &keys::channel_partition(&library.channel()),
            &keys::message_sk(0),
            &keys::message_sk(last),
            MAX_MISSED,
        )
        .await?;
    let events: Vec<Event> = page.items.into_iter().map(|message| message.event).collect();
    let newest_settled = events.iter().find(|event| settled(event.at)).map(|event| event.number);
    // If all of the page are newer than the lag, the number before them.
    let before_all = events.last().map(|event| event.number.saturating_sub(1));
    Ok(newest_settled.or(before_all).unwrap_or(last))
}

/// A library's last sequence number.
pub async fn last_number(table: &Table, library: &OpenLibrary) -> Result<u64, AppError> {
    Ok(counter(table, library).await?.map_or(0, |counter| counter.number))
}

async fn counter(table: &Table, library: &OpenLibrary) -> Result<Option<CounterRecord>, AppError> {
    table.get(&CounterRecord::key(&library.channel())).await
}

/// The events after a sequence number, oldest first; `None` if they are too many or have expired.
pub async fn missed(table: &Table, library: &OpenLibrary, after: u64) -> Result<Option<Vec<Event>>, AppError> {
    let last = last_number(table, library).await?;
    if after >= last {
        return Ok(Some(vec![]));
    }
    let (low, high) = (keys::message_sk(after + 1), keys::message_sk(last));
    let page = table
        .range::<MessageRecord>(&keys::channel_partition(&library.channel()), &low, &high, MAX_MISSED)
        .await?;
    let complete = !page.more && page.items.len() as u64 == last - after;
    Ok(complete.then(|| page.items.into_iter().map(|message| message.event).collect()))
}
