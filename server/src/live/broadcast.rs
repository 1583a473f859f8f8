//! Events go to the sockets that follow their channel.

use super::connect::forget;
use super::records::{SocketRecord, channel_pk};
use crate::aws::sockets::{Delivery, Sockets};
use crate::aws::table::Table;
use crate::failure::{Failure, While};
use crate::metrics::{self, Unit};
use crate::now;
use crate::photos::links::Signer;
use model::events::{Event, SessionEnded};
use model::live::{MAX_FRAME_BYTES, MESSAGE_VERSION, Message, News};
use serde::Deserialize;
use tracing::{info, warn};

/// Sockets of a channel that are read at once.
const FOLLOWERS: i32 = 500;

/// Sockets of a session that are read at once.
const SESSION_SOCKETS: i32 = 100;

/// How long a socket may be opening: until its `$connect` is answered, API Gateway says that it is gone.
const OPENING_SECONDS: i64 = 30;

/// An event as the bus delivers it.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Told {
    /// For those who follow a channel.
    Channel {
        /// The event.
        detail: Event,
    },
    /// For those whose session is over.
    Session {
        /// The event.
        detail: SessionEnded,
    },
}

/// The message that tells of an event, with links that the followers of its channel may use.
pub fn message(signer: &Signer, event: Event) -> Message {
    let news = match event.news {
        News::PhotoChanged { photo } => News::PhotoChanged {
            photo: Box::new(signer.prove(*photo, now())),
        },
    };
    Message {
        version: MESSAGE_VERSION,
        channel: event.channel,
        number: event.number,
        news,
    }
}

/// Does with sockets what an event asks for.
pub async fn on_event(table: &Table, sockets: &Sockets, signer: &Signer, told: Told) -> Result<(), Failure> {
    match told {
        Told::Channel { detail } => tell_all(table, sockets, signer, detail).await,
        Told::Session { detail } => close_all(table, sockets, &detail.session).await,
    }
}

/// Closes every socket of a session. Done again it finds none.
async fn close_all(table: &Table, sockets: &Sockets, session: &str) -> Result<(), Failure> {
    loop {
        let page = table
            .between::<SocketRecord>(&format!("SESSION#{session}"), "SOCKET#", "SOCKET#~", SESSION_SOCKETS)
            .await?;
        for socket in &page.items {
            sockets.close(&socket.connection).await?;
            forget(table, socket).await?;
        }
        info!(sockets = page.items.len(), "a session ended");
        if !page.more {
            return Ok(());
        }
    }
}

/// Sends an event to all who follow. Sent again it does no harm: browsers know the numbers they have seen.
async fn tell_all(table: &Table, sockets: &Sockets, signer: &Signer, event: Event) -> Result<(), Failure> {
    let message = message(signer, event);
    let frame = serde_json::to_string(&message).while_doing("write a message")?;
    if frame.len() > MAX_FRAME_BYTES {
        return Err(Failure::broken(
            "send a message",
            format!("{} bytes are more than a frame holds", frame.len()),
        ));
    }
    let (mut low, mut sent) = ("SOCKET#".to_owned(), 0_u32);
    loop {
        let page = table
            .between::<SocketRecord>(&channel_pk(&message.channel), &low, "SOCKET#~", FOLLOWERS)
            .await?;
        for socket in &page.items {
            sent += u32::from(send(table, sockets, socket, &frame).await?);
        }
        info!(channel = %message.channel, number = message.number, followers = page.items.len(), "sent");
        match page.items.last() {
            // The next page begins behind this one's last connection.
            Some(last) if page.more => low = format!("SOCKET#{}\u{0}", last.connection),
            _ => break,
        }
    }
    metrics::record("Broadcast", sent.into(), Unit::Count, &[]);
    Ok(())
}

/// Sends to one socket; answers whether it took the frame.
async fn send(table: &Table, sockets: &Sockets, socket: &SocketRecord, frame: &str) -> Result<bool, Failure> {
    match sockets.send(&socket.connection, frame).await {
        Ok(Delivery::Sent) => return Ok(true),
        // It will ask for what it missed once it is open.
        Ok(Delivery::Gone) if socket.opened_at.plus_seconds(OPENING_SECONDS) > now() => {}
        Ok(Delivery::Gone) => forget(table, socket).await?,
        // One socket in trouble must not keep the news from the others; it will see the gap and ask.
        Err(failure) => warn!(connection = socket.connection, %failure, "not sent"),
    }
    Ok(false)
}
