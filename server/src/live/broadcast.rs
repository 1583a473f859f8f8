//! Events go to the sockets that follow their channel.

use super::records::{SocketRecord, channel_pk};
use crate::aws::sockets::{Delivery, Sockets};
use crate::aws::table::Table;
use crate::failure::{Failure, While};
use crate::now;
use crate::photos::links::Signer;
use model::events::Event;
use model::live::{MAX_FRAME_BYTES, MESSAGE_VERSION, Message, News};
use serde::Deserialize;
use tracing::{info, warn};

/// Sockets of a channel that are read at once.
const FOLLOWERS: i32 = 500;

/// An event as the bus delivers it.
#[derive(Debug, Deserialize)]
pub struct Told {
    detail: Event,
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

/// Sends an event to all who follow. Sent again it does no harm: browsers know the numbers they have seen.
pub async fn on_event(table: &Table, sockets: &Sockets, signer: &Signer, told: Told) -> Result<(), Failure> {
    let message = message(signer, told.detail);
    let frame = serde_json::to_string(&message).while_doing("write a message")?;
    if frame.len() > MAX_FRAME_BYTES {
        return Err(Failure::broken(
            "send a message",
            format!("{} bytes are more than a frame holds", frame.len()),
        ));
    }
    let mut low = "SOCKET#".to_owned();
    loop {
        let page = table
            .between::<SocketRecord>(&channel_pk(&message.channel), &low, "SOCKET#~", FOLLOWERS)
            .await?;
        for socket in &page.items {
            send(table, sockets, socket, &frame).await?;
        }
        info!(channel = %message.channel, number = message.number, followers = page.items.len(), "sent");
        match page.items.last() {
            // The next page begins behind this one's last connection.
            Some(last) if page.more => low = format!("SOCKET#{}\u{0}", last.connection),
            _ => return Ok(()),
        }
    }
}

async fn send(table: &Table, sockets: &Sockets, socket: &SocketRecord, frame: &str) -> Result<(), Failure> {
    match sockets.send(&socket.connection, frame).await {
        Ok(Delivery::Sent) => {}
        Ok(Delivery::Gone) => {
            table
                .take::<SocketRecord>(&SocketRecord::follower_key(&socket.channel, &socket.connection))
                .await?;
            table.take::<SocketRecord>(&SocketRecord::key(&socket.connection)).await?;
        }
        // One socket in trouble must not keep the news from the others; it will see the gap and ask.
        Err(failure) => warn!(connection = socket.connection, %failure, "not sent"),
    }
    Ok(())
}
