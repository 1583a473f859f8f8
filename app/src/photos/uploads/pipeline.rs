//! What an item passes through: preparing and sending.

use super::backoff::Notify;
use super::queue::Queue;
use super::reader::Reader;
use super::transport::Transport;

/// The parts that work on items.
#[derive(Clone, Copy)]
pub struct Pipeline {
    pub queue: Queue,
    pub reader: Reader,
    pub transport: Transport,
    /// Ends waits for the connection.
    pub retry: Notify,
}
