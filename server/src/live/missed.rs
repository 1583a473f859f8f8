//! What a browser did not hear.

use super::records::{CounterRecord, MessageRecord, channel_pk};
use crate::albums::access::OpenLibrary;
use crate::aws::table::Table;
use crate::failure::Failure;
use crate::now;
use model::events::Event;
use model::time::Time;

/// More than this, and loading the page anew costs less.
const MOST: i32 = 200;

/// How long the timeline's index may lag behind the table: usually well under a second.
const INDEX_LAG_SECONDS: i64 = 10;

/// A number up to which a page that is read from the index after this call shows everything: the newest that is older
/// than the lag. Hearing a later message twice does no harm, missing one does.
pub async fn settled_number(table: &Table, library: &OpenLibrary) -> Result<u64, Failure> {
    let Some(CounterRecord { number: last, at }) = counter(table, library).await? else {
        return Ok(0);
    };
    let settled = |at: Time| at.plus_seconds(INDEX_LAG_SECONDS) <= now();
    if settled(at) {
        return Ok(last);
    }
    let page = table
        .newest_between::<MessageRecord>(
            &channel_pk(&library.channel()),
            &MessageRecord::sk(0),
            &MessageRecord::sk(last),
            MOST,
        )
        .await?;
    let events: Vec<Event> = page.items.into_iter().map(|message| message.event).collect();
    let newest_settled = events.iter().find(|event| settled(event.at)).map(|event| event.number);
    // None of those that are kept is: what came before them is.
    let before_all = events.last().map(|event| event.number.saturating_sub(1));
    Ok(newest_settled.or(before_all).unwrap_or(last))
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
