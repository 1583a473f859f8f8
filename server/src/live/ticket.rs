//! Tickets: cookies are not sent to the socket's host, so the page requests a one-time secret to open a socket.

use super::records::TicketRecord;
use crate::albums::access::OpenLibrary;
use crate::aws::table::{Condition, Row, Table};
use crate::error::AppError;
use crate::{now, secrets};
use model::live::Ticket;

/// Lifetime of a ticket.
const TICKET_SECONDS: i64 = 30;

/// Issues a ticket for the library's channel. `session` is the hash of the session that the socket is closed with.
pub async fn issue(table: &Table, library: &OpenLibrary, session: &str, socket_address: &str) -> Result<Ticket, AppError> {
    let secret = secrets::random_text()?;
    let ends_at = now().plus_seconds(TICKET_SECONDS);
    let ticket = TicketRecord {
        channel: library.channel(),
        session: Some(session.to_owned()),
        ends_at,
        ttl: ends_at.seconds(),
    };
    let row = Row {
        key: TicketRecord::key(&secrets::hashed(&secret)),
        item: &ticket,
        condition: Condition::Absent,
    };
    // The key is random: the condition fails only when a repeated request finds its own row.
    let _ = table.put_with_retries(row).await?;
    Ok(Ticket {
        address: format!("{socket_address}?ticket={secret}"),
    })
}

/// Consumes a ticket; `None` if it is unknown, used or expired.
pub async fn redeem(table: &Table, secret: &str) -> Result<Option<TicketRecord>, AppError> {
    let ticket: Option<TicketRecord> = table.delete_returning(&TicketRecord::key(&secrets::hashed(secret))).await?;
    Ok(ticket.filter(|ticket| ticket.ends_at >= now()))
}
