//! The socket: opened by ticket, opened again when it closes, and what was missed in between is asked for.

use super::api::{missed, ticket};
use super::media;
use crate::photos::Library;
use crate::ui::clock;
use crate::ui::fault::Fault;
use futures::future::{Either, select};
use futures::{SinkExt, StreamExt};
use gloo_net::websocket::Message as Frame;
use gloo_net::websocket::futures::WebSocket;
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::window;
use leptos::task::spawn_local;
use model::live::{Message, Missed};
use model::refusals::Refusal;
use std::cell::Cell;

/// API Gateway closes a socket that is silent for ten minutes.
const HEARTBEAT_MS: u32 = 4 * 60 * 1000;
/// A socket that takes longer to open will not.
const OPEN_MS: u32 = 10_000;
/// What comes out of order mostly comes right after.
const GAP_MS: u32 = 700;
const FIRST_PAUSE_MS: u32 = 500;
const LONGEST_PAUSE_MS: u32 = 30_000;
/// Signing out takes no longer, or did not succeed.
const SIGN_OUT_MS: f64 = 30_000.0;

thread_local! {
    static FOLLOWING: Cell<bool> = const { Cell::new(false) };
    /// By the page's clock.
    static SIGNED_OUT_AT: Cell<Option<f64>> = const { Cell::new(None) };
    static CATCHING_UP: Cell<bool> = const { Cell::new(false) };
}

/// Follows the viewer's own library for as long as somebody is signed in. Called again, it does nothing.
pub fn follow(library: Library) {
    if FOLLOWING.replace(true) {
        return;
    }
    media::keep();
    spawn_local(async move {
        let mut pause = FIRST_PAUSE_MS;
        loop {
            match listen(library).await {
                Ended::SignedOut => {
                    load_anew();
                    break;
                }
                Ended::Closed => pause = FIRST_PAUSE_MS,
                Ended::NotOpened => pause = (pause * 2).min(LONGEST_PAUSE_MS),
            }
            sign_out_ended().await;
            // Windows that lost the same connection shall not come back all at once.
            let jitter = 0.5 + js_sys::Math::random();
            TimeoutFuture::new((f64::from(pause) * jitter) as u32).await;
        }
        FOLLOWING.set(false);
    });
}

/// Lets go of the socket that ends with the session, as the whole page goes with it. Whoever stays after all is followed again.
pub fn sign_out() {
    SIGNED_OUT_AT.set(Some(clock::now()));
}

/// Waits while the answer to a sign-out may be on its way.
async fn sign_out_ended() {
    let Some(at) = SIGNED_OUT_AT.get() else { return };
    TimeoutFuture::new((at + SIGN_OUT_MS - clock::now()).max(0.0) as u32).await;
}

/// Whether somebody is signed in and followed.
pub fn following() -> bool {
    FOLLOWING.get()
}

enum Ended {
    SignedOut,
    NotOpened,
    Closed,
}

/// One socket from its ticket to its end.
async fn listen(library: Library) -> Ended {
    let ticket = match ticket().await {
        Ok(ticket) => ticket,
        Err(Fault::Refused(Refusal::SignInFirst)) => return Ended::SignedOut,
        Err(_) => return Ended::NotOpened,
    };
    let Ok(mut socket) = WebSocket::open(&ticket.address) else {
        return Ended::NotOpened;
    };
    // The first ping can only go out once the socket is open.
    let opened = select(socket.send(ping()), TimeoutFuture::new(OPEN_MS)).await;
    if !matches!(opened, Either::Left((Ok(()), _))) {
        return Ended::NotOpened;
    }
    library.set_live(true);
    catch_up(library);
    let mut heartbeat = TimeoutFuture::new(HEARTBEAT_MS);
    loop {
        match select(socket.next(), &mut heartbeat).await {
            Either::Left((Some(Ok(frame)), _)) => hear(library, frame),
            Either::Left(_) => break,
            Either::Right(_) => {
                heartbeat = TimeoutFuture::new(HEARTBEAT_MS);
                // A lost last message leaves no gap to be seen.
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

/// Forgets all that this window holds: the server says what its visitor may see. A sign-out that is under way is waited for: it
/// would be cut off, and with it what empties the browser's storage.
pub fn load_anew() {
    spawn_local(async {
        sign_out_ended().await;
        let _ = window().location().reload();
    });
}

fn ping() -> Frame {
    Frame::Text(r#"{"action":"ping"}"#.to_owned())
}

fn hear(library: Library, frame: Frame) {
    // Answers to pings are no messages.
    let Frame::Text(text) = frame else { return };
    let Ok(message) = serde_json::from_str::<Message>(&text) else {
        return;
    };
    take(library, message);
    if library.misses_something() {
        spawn_local(async move {
            TimeoutFuture::new(GAP_MS).await;
            if library.misses_something() {
                catch_up(library);
            }
        });
    }
}

/// Takes a message in. One of another library means that somebody else has signed in in another window.
fn take(library: Library, message: Message) {
    if library.is_of_another(&message.channel) {
        load_anew();
    } else {
        library.hear(message);
    }
}

/// Asks for what was missed, if the socket is open: else it will ask when it is. Where too much was missed, or nobody
/// knows what, what is shown is loaded anew.
pub fn catch_up(library: Library) {
    if !library.is_live() || CATCHING_UP.replace(true) {
        return;
    }
    spawn_local(async move {
        if library.heard_upto().is_none() || ask_for_missed(library).await == TooMuch::Yes {
            library.reload().await;
            // What was told while the page was on its way is not on it, and was forgotten with the page before.
            ask_for_missed(library).await;
        }
        CATCHING_UP.set(false);
    });
}

#[derive(PartialEq)]
enum TooMuch {
    Yes,
    No,
}

/// Asks for what was told after the last message that was heard, if any was.
async fn ask_for_missed(library: Library) -> TooMuch {
    let Some(number) = library.heard_upto() else {
        return TooMuch::No;
    };
    match missed(number).await {
        Ok(Missed::Messages { messages }) => messages.into_iter().for_each(|message| take(library, message)),
        Ok(Missed::TooMuch) => return TooMuch::Yes,
        // The next gap, or the next socket, asks again.
        Err(_) => {}
    }
    TooMuch::No
}
