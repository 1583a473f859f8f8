//! The end of all patience: what the limits do not catch, time does.

use super::Unfit;
use std::sync::mpsc;
use std::time::Duration;

/// A hundred megapixels take a tenth of it.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Does some work that reads an untrusted file, in a thread of its own: when it panics the file is damaged, and when it
/// takes longer than [`PATIENCE`] it is refused. Nothing can stop that
/// thread, so the process ends soon after.
pub fn watched<T: Send + 'static>(work: impl FnOnce() -> Result<T, Unfit> + Send + 'static) -> Result<T, Unfit> {
    let ended = within(PATIENCE, work);
    if matches!(ended, Err(Unfit::TooSlow)) {
        std::thread::spawn(|| {
            std::thread::sleep(GRACE);
            std::process::exit(1);
        });
    }
    ended
}

/// How long the caller has to tell of it, before the process that still works on the file is ended.
const GRACE: Duration = Duration::from_secs(2);

fn within<T: Send + 'static>(patience: Duration, work: impl FnOnce() -> Result<T, Unfit> + Send + 'static) -> Result<T, Unfit> {
    let (done, ended) = mpsc::channel();
    std::thread::spawn(move || done.send(work()));
    ended.recv_timeout(patience).unwrap_or_else(|error| match error {
        mpsc::RecvTimeoutError::Timeout => Err(Unfit::TooSlow),
        mpsc::RecvTimeoutError::Disconnected => Err(Unfit::Damaged),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ends_well_is_handed_on() {
        assert_eq!(watched(|| Ok(7)), Ok(7));
        assert_eq!(watched(|| Err::<(), _>(Unfit::Empty)), Err(Unfit::Empty));
    }

    #[test]
    fn a_panic_is_damage() {
        assert_eq!(
            watched(|| -> Result<(), Unfit> { panic!("a decoder's") }),
            Err(Unfit::Damaged)
        );
    }

    #[test]
    fn what_does_not_end_is_given_up() {
        let (_never, waits) = mpsc::channel::<()>();
        let endless = move || waits.recv().map_err(|_| Unfit::Damaged);
        assert_eq!(within(Duration::from_millis(10), endless), Err(Unfit::TooSlow));
    }
}
