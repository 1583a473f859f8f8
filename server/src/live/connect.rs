//! Connects, disconnects and heartbeats of sockets.

use super::records::{SOCKET_SECONDS, SocketRecord};
use super::ticket;
use crate::accounts::records::SessionRecord;
use crate::aws::table::{Condition, Row, Table};
use crate::error::AppError;
use crate::now;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::HashMap;
use tracing::{info, warn};

/// An event of API Gateway's WebSocket API.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SocketEvent {
    request_context: SocketContext,
    #[serde(default)]
    headers: Option<HashMap<String, String>>,
    #[serde(default)]
    query_string_parameters: Option<HashMap<String, String>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SocketContext {
    connection_id: String,
    event_type: String,
}

impl SocketEvent {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .flatten()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

/// The response to API Gateway.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SocketAnswer {
    status_code: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<String>,
}

impl SocketAnswer {
    fn status(status_code: u16) -> Self {
        Self { status_code, body: None }
    }
}

/// Handles an event. `site_address` is the only allowed origin.
pub async fn on_socket(table: &Table, site_address: &str, event: SocketEvent) -> Result<SocketAnswer, AppError> {
    match event.request_context.event_type.as_str() {
        "CONNECT" => connect(table, site_address, &event).await,
        "DISCONNECT" => disconnect(table, &event.request_context.connection_id).await,
        // The page's heartbeat, which avoids the idle timeout of ten minutes.
        _ => Ok(SocketAnswer {
            status_code: 200,
            body: Some(json!({ "pong": true }).to_string()),
        }),
    }
}

async fn connect(table: &Table, site_address: &str, event: &SocketEvent) -> Result<SocketAnswer, AppError> {
    if event.header("origin") != Some(site_address) {
        warn!(origin = event.header("origin"), "rejected: another origin");
        return Ok(SocketAnswer::status(403));
    }
    let secret = event.query_string_parameters.as_ref().and_then(|query| query.get("ticket"));
    let ticket = match secret {
        Some(secret) => ticket::redeem(table, secret).await?,
        None => None,
    };
    let Some(ticket) = ticket else {
        warn!("rejected: no valid ticket");
        return Ok(SocketAnswer::status(401));
    };
    let connection = &event.request_context.connection_id;
    let opened_at = now();
    let socket = SocketRecord {
        connection: connection.clone(),
        channel: ticket.channel,
        session: ticket.session,
        opened_at,
        ttl: opened_at.plus_seconds(SOCKET_SECONDS).seconds(),
    };
    let rows = socket.keys().map(|key| {
        table.transact_put(Row {
            key,
            item: &socket,
            condition: Condition::Anything,
        })
    });
    let mut writes = rows.collect::<Result<Vec<_>, _>>()?;
    if let Some(session) = &socket.session {
        // If the session has ended since the ticket was issued, its end would not close this socket.
        writes.push(table.condition_check(&SessionRecord::key(session))?);
    }
    if !table.transact_write(writes).await?.is_written() {
        // The session has ended, or a conflict: the page retries with a new ticket.
        return Ok(SocketAnswer::status(503));
    }
    info!(connection, channel = %socket.channel, "connected");
    Ok(SocketAnswer::status(200))
}

/// Deletes a socket's rows in one transaction.
pub(super) async fn delete_rows(table: &Table, socket: &SocketRecord) -> Result<(), AppError> {
    table.transact_delete_all(&socket.keys().collect::<Vec<_>>()).await
}

async fn disconnect(table: &Table, connection: &str) -> Result<SocketAnswer, AppError> {
    let socket: Option<SocketRecord> = table.delete_returning(&SocketRecord::key(connection)).await?;
    if let Some(socket) = socket {
        delete_rows(table, &socket).await?;
    }
    Ok(SocketAnswer::status(200))
}
