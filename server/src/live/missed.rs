//! What a browser did not hear.

use super::records::{CounterRecord, MessageRecord, channel_pk};
use crate::albums::access::OpenLibrary;
use crate::aws::table::Table;
use crate::failure::Failure;
use crate::now;
use model::events::Event;

/// More than this, and loading the page anew costs less.
const MOST: i32 = 200;

/// How long the timeline's index may lag behind the table: usually well under a second.
const INDEX_LAG_SECONDS: i64 = 10;

/// Messages that are told again to a page that was read within that lag.
const TOLD_AGAIN: u64 = 50;

/// A number up to which a page that is read from the index after this call shows everything. Where something has just
/// happened, it is lower than the newest: hearing a message twice does no harm, missing one does.
pub async fn settled_number(table: &Table, library: &OpenLibrary) -> Result<u64, Failure> {
    Ok(counter(table, library).await?.map_or(0, |CounterRecord { number, at }| {
        let lags = at.plus_seconds(INDEX_LAG_SECONDS) > now();
        if lags { number.saturating_sub(TOLD_AGAIN) } else { number }
    }))
}

/// Number of a library's newest message.
pub async fn last_number(table: &Table, library: &OpenLibrary) -> Result<u64, Failure> {
    Ok(counter(table, library).await?.map_or(0, |counter| counter.number))
}

async fn counter(table: &Table, library: &OpenLibrary) -> Result<Option<CounterRecord>, Failure> {
    table.get(&CounterRecord::key(&library.channel())).await
}

/// The events after a number, oldest first; `None` when they are too many or no longer kept.
pub async fn missed(table: &Table, library: &OpenLibrary, after: u64) -> Result<Option<Vec<Event>>, Failure> {
    let last = last_number(table, library).await?;
    if after >= last {
        return Ok(Some(vec![]));
    }
    let (low, high) = (MessageRecord::sk(after + 1), MessageRecord::sk(last));
    let page = table
        .between::<MessageRecord>(&channel_pk(&library.channel()), &low, &high, MOST)
        .await?;
    let whole = !page.more && page.items.len() as u64 == last - after;
    Ok(whole.then(|| page.items.into_iter().map(|message| message.event).collect()))
}
