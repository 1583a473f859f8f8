//! Which items are worked on, and how many at a time.

use super::item::{Item, UploadState};
use super::pipeline::Pipeline;
use super::progress::Progress;
use super::queue::Queue;
use leptos::task::spawn_local;

/// While one file is read, the grant for another is requested.
const PREPARED_AT_ONCE: usize = 2;

/// More would share the same bandwidth.
const SENT_AT_ONCE: usize = 3;

/// Starts the workers, which stay until the page is left.
pub fn start(pipeline: Pipeline, progress: Progress) {
    for _ in 0..PREPARED_AT_ONCE {
        let prepare = move |item: Item| async move { pipeline.prepare(&item).await };
        spawn_local(work(
            pipeline.queue,
            progress,
            UploadState::Queued,
            UploadState::Reading,
            prepare,
        ));
    }
    for _ in 0..SENT_AT_ONCE {
        let send = move |item: Item| async move { pipeline.send(&item).await };
        spawn_local(work(
            pipeline.queue,
            progress,
            UploadState::Waiting,
            UploadState::Sending,
            send,
        ));
    }
    // Each wake-up may change the total, also where no worker takes the item, such as a paused one.
    spawn_local(async move {
        loop {
            progress.track(pipeline.queue);
            if pipeline.queue.work.woken().await.is_err() {
                return;
            }
        }
    });
}

/// One worker: takes items that are at `from` through `during`.
async fn work<Act: Future<Output = UploadState>>(
    queue: Queue,
    progress: Progress,
    from: UploadState,
    during: UploadState,
    act: impl Fn(Item) -> Act,
) {
    loop {
        while let Some(item) = queue.take(&from, &during) {
            progress.track(queue);
            let state = act(item.clone()).await;
            queue.settle(&item, state);
            // It may be for another worker now.
            queue.work.wake();
        }
        if queue.work.woken().await.is_err() {
            return;
        }
    }
}
