//! What is done by the clock: each task at its hours, its result left where the operator reads it.

use crate::aws::media::Media;
use crate::aws::media_keys::MediaKeyStore;
use crate::aws::originals::Originals;
use crate::aws::secret::Secret;
use crate::aws::table::{Given, Key, Row, Table};
use crate::aws::workflow::Workflow;
use crate::failure::{Failure, While};
use crate::photos::{sweep, trash, verify};
use crate::{keys, now};
use model::time::Time;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tracing::info;

/// What the clock can be asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// End the grants whose bytes never came.
    Sweep,
    /// Delete what lay in the trash for thirty days.
    Purge,
    /// Put a new media key before the old one.
    Rotate,
    /// Compare some originals with their checksums.
    Verify,
}

impl Task {
    fn name(self) -> &'static str {
        match self {
            Self::Sweep => "sweep",
            Self::Purge => "purge",
            Self::Rotate => "rotate",
            Self::Verify => "verify",
        }
    }
}

/// What the schedule, or the operator, says.
#[derive(Debug, Deserialize)]
pub struct Tick {
    /// What to do.
    task: Task,
    /// Rotate although the key is not old, and end all others: the operator's way out when one leaked.
    #[serde(default)]
    at_once: bool,
}

/// How long a run is remembered. It is no part of the library, and need not outlive the table.
const REMEMBERED_SECONDS: i64 = 60 * 86_400;

/// How a task last went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunRecord {
    /// Version of this shape.
    pub version: u32,
    /// When it began.
    pub began_at: Time,
    /// When it ended.
    pub ended_at: Time,
    /// What it did, in the task's own words; or why it failed.
    pub result: Value,
    /// Whether it did what it should.
    pub ok: bool,
    /// When the table may sweep the row, in epoch seconds.
    pub ttl: i64,
}

impl RunRecord {
    /// Version that is written today.
    pub const VERSION: u32 = 1;

    /// Its place: one row for each task.
    pub fn key(task: Task) -> Key {
        Key::new("CLOCK", task.name())
    }
}

/// What the door works with.
pub struct Here {
    /// The table.
    pub table: Table,
    /// The bucket of originals.
    pub originals: Originals,
    /// The bucket of renditions.
    pub media: Media,
    /// The workflow "develop".
    pub workflow: Workflow,
    /// The secret.
    pub secret: Secret,
    /// The edge's keys.
    pub media_keys: MediaKeyStore,
}

/// Does a task and leaves its result. Done twice, it finds nothing left to do; only `verify` goes on where it ended.
pub async fn on_tick(here: &Here, tick: Tick) -> Result<Value, Failure> {
    let began_at = now();
    let done = work(here, &tick, began_at).await;
    let record = RunRecord {
        version: RunRecord::VERSION,
        began_at,
        ended_at: now(),
        result: done.as_ref().map_or_else(|failure| failure.to_string().into(), Clone::clone),
        ok: done.is_ok(),
        ttl: began_at.plus_seconds(REMEMBERED_SECONDS).seconds(),
    };
    info!(task = tick.task.name(), result = %record.result, ok = record.ok, "the clock ran");
    let left = Row {
        key: RunRecord::key(tick.task),
        item: &record,
        given: Given::Anything,
    };
    here.table.put(left).await?;
    done
}

async fn work(here: &Here, tick: &Tick, at: Time) -> Result<Value, Failure> {
    let Here {
        table, originals, media, ..
    } = here;
    let result = match tick.task {
        Task::Sweep => serde_json::to_value(sweep::sweep(table, originals, &here.workflow, at).await?),
        Task::Purge => serde_json::to_value(trash::purge(table, originals, media, at).await?),
        Task::Rotate => serde_json::to_value(keys::rotate(&here.secret, &here.media_keys, at, tick.at_once).await?),
        Task::Verify => {
            let upto = last_verified(table).await?;
            serde_json::to_value(verify::verify(table, originals, upto.as_deref()).await?)
        }
    };
    result.while_doing("say what the clock did")
}

/// Where the last run of `verify` ended.
async fn last_verified(table: &Table) -> Result<Option<String>, Failure> {
    let last: Option<RunRecord> = table.get(&RunRecord::key(Task::Verify)).await?;
    Ok(last.and_then(|last| serde_json::from_value::<verify::Verified>(last.result).ok()?.upto))
}
