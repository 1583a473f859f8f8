//! The WebSocket: opened with a ticket and reconnected with backoff. Messages that were missed are fetched.

use super::api::{missed, ticket};
use super::media;
use super::session::{reload_page, set_following, sign_out_finished};
use crate::photos::Library;
use crate::ui::error::RequestError;
use futures::future::{Either, select};
use futures::{SinkExt, StreamExt};
use gloo_net::websocket::Message as Frame;
use gloo_net::websocket::futures::WebSocket;
use gloo_timers::future::TimeoutFuture;
use leptos::task::spawn_local;
use model::live::{Message, Missed};
use model::user_error::UserError;
use std::cell::Cell;

/// API Gateway closes a socket that is idle for ten minutes.
const HEARTBEAT_MS: u32 = 4 * 60 * 1000;
/// A socket that takes longer to open has failed.
const OPEN_TIMEOUT_MS: u32 = 10_000;
/// How long a gap may last: messages that are out of order mostly arrive right after each other.
const GAP_MS: u32 = 700;
const FIRST_BACKOFF_MS: u32 = 500;
const MAX_BACKOFF_MS: u32 = 30_000;

thread_local! {
    static CATCHING_UP: Cell<bool> = const { Cell::new(false) };
}

/// Follows the viewer's library until the session ends. Called again, it does nothing.
pub fn follow(library: Library) {
    if set_following(true) {
        return;
    }
    media::start();
    spawn_local(async move {
        let mut backoff = FIRST_BACKOFF_MS;
        loop {
            match listen(library).await {
                Ended::SignedOut => {
                    reload_page();
                    break;
                }
                Ended::Closed => backoff = FIRST_BACKOFF_MS,
                Ended::NotOpened => backoff = (backoff * 2).min(MAX_BACKOFF_MS),
            }
            sign_out_finished().await;
            // Windows that lost the same connection must not reconnect all at once.
            let jitter = 0.5 + js_sys::Math::random();
            TimeoutFuture::new((f64::from(backoff) * jitter) as u32).await;
        }
        set_following(false);
    });
}

enum Ended {
    SignedOut,
    NotOpened,
    Closed,
}

/// Handles one socket, from its ticket until it closes.
async fn listen(library: Library) -> Ended {
    let ticket = match ticket().await {
        Ok(ticket) => ticket,
        Err(RequestError::Refused(UserError::SignInFirst)) => return Ended::SignedOut,
        Err(_) => return Ended::NotOpened,
    };
    let Ok(mut socket) = WebSocket::open(&ticket.address) else {
        return Ended::NotOpened;
    };
    // The first ping is sent once the socket is open.
    let opened = select(socket.send(ping()), TimeoutFuture::new(OPEN_TIMEOUT_MS)).await;
    if !matches!(opened, Either::Left((Ok(()), _))) {
        return Ended::NotOpened;
    }
    library.set_live(true);
    catch_up(library);
    let mut heartbeat = TimeoutFuture::new(HEARTBEAT_MS);
    loop {
        match select(socket.next(), &mut heartbeat).await {
            Either::Left((Some(Ok(frame)), _)) => receive(library, frame),
            Either::Left(_) => break,
            Either::Right(_) => {
                heartbeat = TimeoutFuture::new(HEARTBEAT_MS);
                // If the last message was lost, there is no gap to detect.
                catch_up(library);
                if socket.send(ping()).await.is_err() {
                    break;
                }
            }
        }
    }
    library.set_live(false);
    Ended::Closed
}

fn ping() -> Frame {
    Frame::Text(r#"{"action":"ping"}"#.to_owned())
}

fn receive(library: Library, frame: Frame) {
    // Responses to pings are no messages.
    let Frame::Text(text) = frame else { return };
    let Ok(message) = serde_json::from_str::<Message>(&text) else {
        return;
    };
    apply(library, message);
    if library.has_gap() {
        spawn_local(async move {
            TimeoutFuture::new(GAP_MS).await;
            if library.has_gap() {
                catch_up(library);
            }
        });
    }
}

/// Applies a message. One of another library means that another account was signed in to in another window.
fn apply(library: Library, message: Message) {
    if library.belongs_to_other_library(&message.channel) {
        reload_page();
    } else {
        library.receive(message);
    }
}

/// Fetches missed messages if the socket is open; otherwise that happens when it opens. If too many were missed, or no number is known,
/// the library is reloaded.
pub fn catch_up(library: Library) {
    if !library.is_live() || CATCHING_UP.replace(true) {
        return;
    }
    spawn_local(async move {
        if library.received_up_to().is_none() || fetch_missed(library).await == TooMuch::Yes {
            library.reload().await;
            // Messages that were published during the reload are not part of it.
            fetch_missed(library).await;
        }
        CATCHING_UP.set(false);
    });
}

#[derive(PartialEq)]
enum TooMuch {
    Yes,
    No,
}

/// Fetches the messages after the last received number, if any.
async fn fetch_missed(library: Library) -> TooMuch {
    let Some(number) = library.received_up_to() else {
        return TooMuch::No;
    };
    match missed(number).await {
        Ok(Missed::Messages { messages }) => messages.into_iter().for_each(|message| apply(library, message)),
        Ok(Missed::TooMuch) => return TooMuch::Yes,
        // Retried at the next gap or connection.
        Err(_) => {}
    }
    TooMuch::No
}
