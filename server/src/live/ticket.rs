//! Tickets: cookies are not sent to the socket's host, so the page requests a one-time secret to open a socket.

use super::records::TicketRecord;
use crate::albums::access::OpenLibrary;
use crate::aws::table::{Given, Row, Table};
use crate::failure::Failure;
use crate::{now, secrets};
use model::live::Ticket;

/// Lifetime of a ticket.
const TICKET_SECONDS: i64 = 30;

/// Issues a ticket for the library's channel. `session` is the hash of the session that the socket is closed with.
pub async fn issue(table: &Table, library: &OpenLibrary, session: &str, socket_address: &str) -> Result<Ticket, Failure> {
    let secret = secrets::random_text()?;
    let ends_at = now().plus_seconds(TICKET_SECONDS);
    let ticket = TicketRecord {
        channel: library.channel(),
        session: Some(session.to_owned()),
        ends_at,
        ttl: ends_at.seconds(),
    };
    table
        .put(Row {
            key: TicketRecord::key(&secrets::hashed(&secret)),
            item: &ticket,
            given: Given::Absent,
        })
        .await?;
    Ok(Ticket {
        address: format!("{socket_address}?ticket={secret}"),
    })
}

/// Consumes a ticket; `None` if it is unknown, used or expired.
pub async fn redeem(table: &Table, secret: &str) -> Result<Option<TicketRecord>, Failure> {
    let ticket: Option<TicketRecord> = table.take(&TicketRecord::key(&secrets::hashed(secret))).await?;
    Ok(ticket.filter(|ticket| ticket.ends_at >= now()))
}
