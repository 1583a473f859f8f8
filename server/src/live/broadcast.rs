//! Fan-out of events to the sockets that follow their channel.

use super::connect::delete_rows;
use super::records::SocketRecord;
use crate::aws::sockets::{Delivery, Sockets};
use crate::aws::table::{Page, Table, keys};
use crate::error::{AppError, Context};
use crate::metrics::{self, Unit};
use crate::now;
use crate::photos::links::Signer;
use model::events::{Event, SessionEnded};
use model::live::{LiveUpdate, MAX_FRAME_BYTES, MESSAGE_VERSION, Message};
use serde::Deserialize;
use tracing::{info, warn};

/// Page size of a channel's sockets.
const FOLLOWERS_PAGE: i32 = 500;

/// Page size of a session's sockets.
const SESSION_PAGE: i32 = 100;

/// How long a socket may take to open: until its `$connect` is answered, API Gateway reports it as gone.
const OPENING_SECONDS: i64 = 30;

/// An EventBridge event.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum BroadcastEvent {
    /// Published on a channel.
    Channel {
        /// The event.
        detail: Event,
    },
    /// A session has ended.
    Session {
        /// The event.
        detail: SessionEnded,
    },
}

/// The message of an event, with signed links.
pub fn message(signer: &Signer, event: Event) -> Message {
    let news = match event.news {
        LiveUpdate::PhotoChanged { photo } => LiveUpdate::PhotoChanged {
            photo: Box::new(signer.sign_links(*photo, now())),
        },
    };
    Message {
        version: MESSAGE_VERSION,
        channel: event.channel,
        number: event.number,
        news,
    }
}

/// Handles an event.
pub async fn on_event(table: &Table, sockets: &Sockets, signer: &Signer, event: BroadcastEvent) -> Result<(), AppError> {
    match event {
        BroadcastEvent::Channel { detail } => send_to_channel(table, sockets, signer, detail).await,
        BroadcastEvent::Session { detail } => close_session(table, sockets, &detail.session).await,
    }
}

/// Closes all sockets of a session. Idempotent.
async fn close_session(table: &Table, sockets: &Sockets, session: &str) -> Result<(), AppError> {
    let pk = keys::session_partition(session);
    loop {
        let page: Page<SocketRecord> = table.with_prefix(&pk, keys::SOCKET_PREFIX, SESSION_PAGE).await?;
        for socket in &page.items {
            sockets.close(&socket.connection).await?;
            delete_rows(table, socket).await?;
        }
        info!(sockets = page.items.len(), "closed the sockets of a session");
        if !page.more {
            return Ok(());
        }
    }
}

/// Sends an event to all sockets of its channel. Duplicates are harmless: browsers ignore sequence numbers they have seen.
async fn send_to_channel(table: &Table, sockets: &Sockets, signer: &Signer, event: Event) -> Result<(), AppError> {
    let message = message(signer, event);
    let frame = serde_json::to_string(&message).context("serialize a message")?;
    if frame.len() > MAX_FRAME_BYTES {
        return Err(AppError::internal(
            "send a message",
            format!("{} bytes exceed a frame", frame.len()),
        ));
    }
    let pk = keys::channel_partition(&message.channel);
    let (mut low, end) = (keys::SOCKET_PREFIX.to_owned(), keys::end_of(keys::SOCKET_PREFIX));
    let mut sent = 0_u32;
    loop {
        let page = table.range::<SocketRecord>(&pk, &low, &end, FOLLOWERS_PAGE).await?;
        for socket in &page.items {
            sent += u32::from(send(table, sockets, socket, &frame).await?);
        }
        info!(channel = %message.channel, number = message.number, followers = page.items.len(), "sent");
        match page.items.last() {
            // The next page begins after this one's last connection.
            Some(last) if page.more => low = keys::after(&SocketRecord::follower_key(&message.channel, &last.connection).sk),
            _ => break,
        }
    }
    metrics::record("Broadcast", sent.into(), Unit::Count, &[]);
    Ok(())
}

/// Sends to one socket; returns whether it was delivered.
async fn send(table: &Table, sockets: &Sockets, socket: &SocketRecord, frame: &str) -> Result<bool, AppError> {
    match sockets.send(&socket.connection, frame).await {
        Ok(Delivery::Sent) => return Ok(true),
        // Once open, it requests the missed events.
        Ok(Delivery::Gone) if socket.opened_at.plus_seconds(OPENING_SECONDS) > now() => {}
        Ok(Delivery::Gone) => delete_rows(table, socket).await?,
        // A failing socket must not stop the others. Its page detects the gap and requests the missed events.
        Err(failure) => warn!(connection = socket.connection, %failure, "not sent"),
    }
    Ok(false)
}
