//! What operators do with a stage, by the program `admin`.

pub mod rebuild;

use crate::aws::Cloud;
use crate::aws::settings::Setting;
use crate::functions::start;
use crate::handler::FunctionError;
use rebuild::RebuildContext;
use std::time::Instant;

/// A command of an operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// Writes a lost table's rows again.
    Rebuild {
        /// Whether each problem fails the command, not unreadable sidecars alone.
        strict: bool,
    },
}

/// Carries out a command and prints its result. `false` when it found what the operator has to look at.
///
/// # Errors
/// When a setting is missing, or a request to the cloud fails.
pub fn run(command: Command) -> Result<bool, FunctionError> {
    start(async move {
        match command {
            Command::Rebuild { strict } => run_rebuild(strict).await,
        }
    })
}

async fn run_rebuild(strict: bool) -> Result<bool, FunctionError> {
    use Setting::{OriginalsBucket, Table, Workflow};
    let cloud = Cloud::open(&[Table, OriginalsBucket, Workflow]).await?;
    let context = RebuildContext {
        table: cloud.table()?,
        originals: cloud.originals()?,
        workflow: cloud.workflow()?,
    };
    let began = Instant::now();
    let report = rebuild::rebuild(context).await?;
    print!("{report}");
    println!("  {:<44}{:>14.1}", "seconds", began.elapsed().as_secs_f64());
    let failed = report.has_unreadable() || strict && report.has_problems();
    Ok(!failed)
}
