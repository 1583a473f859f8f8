//! Scheduled jobs. Each leaves the result of its last run in the table, for the operator.

use crate::aws::media::Media;
use crate::aws::media_keys::MediaKeyStore;
use crate::aws::originals::Originals;
use crate::aws::secret::Secret;
use crate::aws::table::{Condition, Key, Row, Table, keys};
use crate::aws::workflow::Workflow;
use crate::error::{AppError, Context};
use crate::photos::{sweep, trash, verify};
use crate::{now, signing_keys};
use model::time::Time;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tracing::info;

/// A scheduled job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// End grants whose upload never arrived.
    Sweep,
    /// Delete what was in the trash for thirty days.
    Purge,
    /// Rotate the signing keys.
    Rotate,
    /// Verify the checksums of some originals.
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

/// The event of the schedule, or of an operator.
#[derive(Debug, Deserialize)]
pub struct Tick {
    /// The job.
    task: Task,
    /// Rotate whatever the keys' age and revoke all others: for the operator, when a key leaked.
    #[serde(default)]
    at_once: bool,
}

/// How long a run is remembered. With a TTL it gets no sidecar: it need not outlive the table.
const REMEMBERED_SECONDS: i64 = 60 * 86_400;

/// The last run of a job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunRecord {
    /// Schema version.
    pub version: u32,
    /// When it started.
    pub began_at: Time,
    /// When it ended.
    pub ended_at: Time,
    /// What the job returned, or its error.
    pub result: Value,
    /// Whether it succeeded.
    pub ok: bool,
    /// Time to live, in epoch seconds.
    pub ttl: i64,
}

impl RunRecord {
    /// Current schema version.
    pub const VERSION: u32 = 1;

    /// Its key: one row per job.
    pub fn key(task: Task) -> Key {
        keys::last_run(task.name())
    }
}

/// What the jobs use.
pub struct HandlerContext {
    /// The table.
    pub table: Table,
    /// The bucket of originals.
    pub originals: Originals,
    /// The bucket of renditions.
    pub media: Media,
    /// The imaging workflow.
    pub workflow: Workflow,
    /// The secret.
    pub secret: Secret,
    /// The edge's copy of the media keys.
    pub media_keys: MediaKeyStore,
}

/// Runs a job and stores its result. Jobs are idempotent; `verify` continues from its cursor.
pub async fn on_tick(context: &HandlerContext, tick: Tick) -> Result<Value, AppError> {
    let began_at = now();
    let outcome = run(context, &tick, began_at).await;
    let record = RunRecord {
        version: RunRecord::VERSION,
        began_at,
        ended_at: now(),
        result: outcome
            .as_ref()
            .map_or_else(|failure| failure.to_string().into(), Clone::clone),
        ok: outcome.is_ok(),
        ttl: began_at.plus_seconds(REMEMBERED_SECONDS).seconds(),
    };
    info!(task = tick.task.name(), result = %record.result, ok = record.ok, "the job ran");
    let row = Row {
        key: RunRecord::key(tick.task),
        item: &record,
        condition: Condition::Anything,
    };
    // Without a condition, it is written.
    let _ = context.table.put_with_retries(row).await?;
    outcome
}

async fn run(context: &HandlerContext, tick: &Tick, at: Time) -> Result<Value, AppError> {
    let HandlerContext {
        table, originals, media, ..
    } = context;
    let result = match tick.task {
        Task::Sweep => serde_json::to_value(sweep::sweep(table, originals, &context.workflow, at).await?),
        Task::Purge => serde_json::to_value(trash::purge(table, originals, media, at).await?),
        Task::Rotate => serde_json::to_value(signing_keys::rotate(&context.secret, &context.media_keys, at, tick.at_once).await?),
        Task::Verify => {
            let upto = last_verified(table).await?;
            serde_json::to_value(verify::verify(table, originals, upto.as_deref()).await?)
        }
    };
    result.context("serialize a job's result")
}

/// The cursor at which the last run of `verify` ended.
async fn last_verified(table: &Table) -> Result<Option<String>, AppError> {
    let last: Option<RunRecord> = table.get(&RunRecord::key(Task::Verify)).await?;
    Ok(last.and_then(|last| serde_json::from_value::<verify::Verified>(last.result).ok()?.upto))
}
