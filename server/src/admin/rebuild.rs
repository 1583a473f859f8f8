//! Writes a lost table's rows again, from the sidecars in the bucket of originals. Rows that are in the table are never overwritten,
//! so it may run more than once.

use crate::aws::originals::{self, Originals};
use crate::aws::table::{Condition, Key, Row, Table, TransactWrite, keys};
use crate::aws::workflow::Workflow;
use crate::error::{AppError, Context};
use crate::live::records::CounterRecord;
use crate::now;
use crate::photos::claim::ClaimRecord;
use crate::photos::records::{FavouriteRecord, PhotoRecord, parse_original_key};
use crate::photos::{quota, start};
use crate::stream::sidecar::{self, SavedRow};
use model::live::Channel;
use model::photos::State;
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use tokio::task::JoinSet;

/// Keys that are worked on at once, each by one request at a time.
const AT_ONCE: usize = 10;

/// Keys that the report shows of each problem.
const SHOWN: usize = 20;

const UNREADABLE: &str = "sidecars that cannot be read";
const WITHOUT_ORIGINAL: &str = "photos without original";
const WITHOUT_SIDECAR: &str = "originals without sidecar";

/// What a rebuild works with.
pub struct RebuildContext {
    /// The table.
    pub table: Table,
    /// The bucket of originals, where sidecars lie.
    pub originals: Originals,
    /// The imaging workflow.
    pub workflow: Workflow,
}

/// What came of a key.
#[derive(Debug, PartialEq, Eq)]
enum Finding {
    /// Counted under this name.
    Row(String),
    /// A problem, and where it is.
    Problem(&'static str, String),
}

/// What a rebuild counted.
#[derive(Debug, Default)]
pub struct Report {
    rows: BTreeMap<String, u64>,
    problems: BTreeMap<&'static str, Problem>,
}

#[derive(Debug, Default)]
struct Problem {
    count: u64,
    shown: Vec<String>,
}

impl Report {
    /// Whether there is a sidecar that cannot be read.
    pub fn has_unreadable(&self) -> bool {
        self.problems.contains_key(UNREADABLE)
    }

    /// Whether there is any problem.
    pub fn has_problems(&self) -> bool {
        !self.problems.is_empty()
    }

    fn add(&mut self, findings: Vec<Finding>) {
        for finding in findings {
            match finding {
                Finding::Row(name) => *self.rows.entry(name).or_default() += 1,
                Finding::Problem(kind, place) => {
                    let problem = self.problems.entry(kind).or_default();
                    problem.count += 1;
                    if problem.shown.len() < SHOWN {
                        problem.shown.push(place);
                    }
                }
            }
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, count) in &self.rows {
            writeln!(f, "  {name:<44}{count:>14}")?;
        }
        for (kind, Problem { count, shown }) in &self.problems {
            writeln!(f, "  {kind:<44}{count:>14}")?;
            for place in shown {
                writeln!(f, "    {place}")?;
            }
        }
        Ok(())
    }
}

/// Writes every row that has a sidecar and is not in the table, and looks for originals that have no sidecar.
///
/// # Errors
/// When a request fails. The rows that were written stay: another run goes on.
pub async fn rebuild(context: RebuildContext) -> Result<Report, AppError> {
    let context = &Arc::new(context);
    let mut report = Report::default();
    // First, so that the messages about the rows get higher numbers.
    let accounts = context.originals.folders(&sidecar::folder(keys::ACCOUNT)).await?;
    report.add(each(accounts, |account| begin_channel(Arc::clone(context), account)).await?);
    each_key(context, sidecar::FOLDER, &mut report, restore).await?;
    each_key(context, originals::PREFIX, &mut report, look_for_sidecar).await?;
    Ok(report)
}

/// Works on all keys that begin with a prefix, one page of the listing after the other.
async fn each_key<F>(
    context: &Arc<RebuildContext>,
    prefix: &str,
    report: &mut Report,
    work: impl Fn(Arc<RebuildContext>, String) -> F,
) -> Result<(), AppError>
where
    F: Future<Output = Result<Vec<Finding>, AppError>> + Send + 'static,
{
    let mut after: Option<String> = None;
    loop {
        let page = context.originals.list_from(prefix, after.as_deref()).await?;
        after = page.keys.last().cloned();
        report.add(each(page.keys, |key| work(Arc::clone(context), key)).await?);
        if !page.more || after.is_none() {
            return Ok(());
        }
    }
}

/// Works on some keys, [`AT_ONCE`] at a time. Answers in the order of the keys.
async fn each<F>(keys: Vec<String>, work: impl Fn(String) -> F) -> Result<Vec<Finding>, AppError>
where
    F: Future<Output = Result<Vec<Finding>, AppError>> + Send + 'static,
{
    let mut keys = keys.into_iter().enumerate();
    let mut running = JoinSet::new();
    let mut done = vec![];
    loop {
        while running.len() < AT_ONCE
            && let Some((at, key)) = keys.next()
        {
            let work = work(key);
            running.spawn(async move { work.await.map(|findings| (at, findings)) });
        }
        let Some(ended) = running.join_next().await else { break };
        done.push(ended.context("wait for a task")??);
    }
    done.sort_by_key(|(at, _)| *at);
    Ok(done.into_iter().flat_map(|(_, findings)| findings).collect())
}

/// Writes a library's counter of messages.
async fn begin_channel(context: Arc<RebuildContext>, account: String) -> Result<Vec<Finding>, AppError> {
    let Ok(account) = account.parse() else {
        // No account has such an identifier; its sidecars are read like all others.
        return Ok(vec![]);
    };
    let key = CounterRecord::key(&Channel::Library(account));
    let written = write(&context.table, key, &CounterRecord::after_loss(now()), vec![]).await?;
    Ok(vec![written])
}

/// Restores the row of a sidecar.
async fn restore(context: Arc<RebuildContext>, place: String) -> Result<Vec<Finding>, AppError> {
    let Some(body) = context.originals.find(&place).await? else {
        // Its row was deleted after the listing.
        return Ok(vec![]);
    };
    let unreadable = |failure: AppError| Ok(vec![Finding::Problem(UNREADABLE, format!("{place}: {failure}"))]);
    let row = match sidecar::read(&place, &body) {
        Ok(row) => row,
        Err(failure) => return unreadable(failure),
    };
    if !PhotoRecord::is_key(&row.key) {
        let written = write(&context.table, row.key, &row.attributes, vec![]).await?;
        return Ok(vec![written]);
    }
    match read_photo(&row) {
        Ok(photo) => restore_photo(&context, row, photo).await,
        Err(failure) => unreadable(failure),
    }
}

fn read_photo(row: &SavedRow) -> Result<PhotoRecord, AppError> {
    serde_json::from_value(Value::Object(row.attributes.clone())).context("read a photo from its sidecar")
}

/// Restores a photo, and starts its workflow when its original is there and its renditions are not.
async fn restore_photo(context: &RebuildContext, mut row: SavedRow, mut photo: PhotoRecord) -> Result<Vec<Finding>, AppError> {
    let original = photo.original_key();
    let there = context.originals.has(&original).await?;
    let develop = there && matches!(photo.state, State::Expected | State::Received);
    if develop {
        begin_next_generation(&mut row.attributes, &mut photo)?;
    }
    let derived = derived(&context.table, &photo)?;
    let written = write(&context.table, row.key, &row.attributes, derived).await?;
    let mut findings = vec![written];
    if develop {
        start::start_workflow(&context.table, &context.workflow, &photo.id).await?;
        findings.push(Finding::Row("photos to be developed".into()));
    }
    if !there && matches!(photo.state, State::Received | State::Ready) {
        findings.push(Finding::Problem(WITHOUT_ORIGINAL, original));
    }
    Ok(findings)
}

/// Changes the photo, and of the row's attributes those that follow from it; all others stay as they are.
fn begin_next_generation(attributes: &mut Map<String, Value>, photo: &mut PhotoRecord) -> Result<(), AppError> {
    let before = as_attributes(photo)?;
    photo.next_generation();
    let after = as_attributes(photo)?.into_iter();
    attributes.extend(after.filter(|(name, value)| before.get(name) != Some(value)));
    Ok(())
}

fn as_attributes(photo: &PhotoRecord) -> Result<Map<String, Value>, AppError> {
    const WHAT: &str = "write a photo's attributes";
    let value = serde_json::to_value(photo).context(WHAT)?;
    serde_json::from_value(value).context(WHAT)
}

/// The writes that follow from a photo: its usage is counted, and it is found by its bytes and among the favourites.
fn derived(table: &Table, photo: &PhotoRecord) -> Result<Vec<TransactWrite>, AppError> {
    let mut writes = vec![];
    if photo.counted {
        writes.push(quota::count_write(table, photo, 1, None)?);
    }
    if let Some(key) = photo.favourite_key() {
        let item = &FavouriteRecord::of(photo);
        let condition = Condition::Anything;
        writes.push(table.transact_put(Row { key, item, condition })?);
    }
    if let Some(key) = claim_key(photo) {
        let item = &ClaimRecord::of(&photo.id);
        let condition = Condition::Anything;
        writes.push(table.transact_put(Row { key, item, condition })?);
    }
    Ok(writes)
}

/// Where the claim lies of a photo that has its bytes or waits for them.
fn claim_key(photo: &PhotoRecord) -> Option<Key> {
    let refused = matches!(photo.state, State::Refused { .. });
    (!refused).then(|| ClaimRecord::key(&photo.library, &photo.sha256))
}

/// Writes a row where there is none, together with the writes that follow from it.
async fn write<T: Serialize>(table: &Table, key: Key, item: &T, derived: Vec<TransactWrite>) -> Result<Finding, AppError> {
    let partition = key.pk.split('#').next().unwrap_or_default().to_owned();
    let row = Row {
        key,
        item,
        condition: Condition::Absent,
    };
    let writes = [table.transact_put(row)?].into_iter().chain(derived);
    let written = table.transact_write_with_retries(writes.collect()).await?.is_written();
    let outcome = if written { "written" } else { "there already" };
    Ok(Finding::Row(format!("{partition} {outcome}")))
}

async fn look_for_sidecar(context: Arc<RebuildContext>, original: String) -> Result<Vec<Finding>, AppError> {
    if let Some((_, photo)) = parse_original_key(&original) {
        let Key { pk, sk } = PhotoRecord::key(&photo);
        if context.originals.has(&sidecar::key(&pk, &sk)).await? {
            return Ok(vec![]);
        }
    }
    Ok(vec![Finding::Problem(WITHOUT_SIDECAR, original)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::photos::Reason;
    use serde_json::json;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn photo() -> (Map<String, Value>, PhotoRecord) {
        let row = include_str!("../../tests/contracts/rows/photo.v7.json");
        (serde_json::from_str(row).unwrap(), serde_json::from_str(row).unwrap())
    }

    #[test]
    fn the_next_generation_changes_nothing_else_in_the_row() {
        let (mut row, mut photo) = photo();
        row.insert("of_later".into(), json!({ "ratio": 0.1 }));
        row.remove("preview");
        let mut expected = row.clone();
        expected.insert("generation".into(), json!(2));
        expected.insert("formats".into(), json!([]));
        begin_next_generation(&mut row, &mut photo).unwrap();
        assert_eq!(row, expected);
        assert_eq!((photo.generation, photo.formats.len()), (2, 0));
    }

    #[test]
    fn a_photo_that_was_not_refused_is_found_by_its_bytes() {
        let (_, mut photo) = photo();
        let key = Key {
            pk: format!("LIBRARY#{}", photo.library),
            sk: "HASH#e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855".into(),
        };
        for state in [State::Expected, State::Received, State::Ready] {
            photo.state = state;
            assert_eq!(claim_key(&photo).as_ref(), Some(&key));
        }
        photo.state = State::Refused { reason: Reason::Empty };
        assert_eq!(claim_key(&photo), None);
    }

    #[tokio::test]
    async fn ten_keys_are_worked_on_at_once_and_answered_in_their_order() {
        let keys: Vec<String> = (0..25).map(|number| number.to_string()).collect();
        let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let work = |key: String| {
            let (running, most) = (Arc::clone(&running), Arc::clone(&most));
            async move {
                most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                // Those that begin first end last.
                for _ in key.len()..4 {
                    tokio::task::yield_now().await;
                }
                running.fetch_sub(1, Ordering::SeqCst);
                Ok::<_, AppError>(vec![Finding::Row(key)])
            }
        };
        let findings = each(keys.clone(), work).await.unwrap();
        assert_eq!(findings, keys.into_iter().map(Finding::Row).collect::<Vec<_>>());
        assert_eq!(most.load(Ordering::SeqCst), AT_ONCE);
    }

    #[tokio::test]
    async fn the_first_failure_ends_it() {
        let work = |key: String| async move {
            match key.as_str() {
                "b" => Err(AppError::internal("test", "b")),
                _ => Ok(vec![]),
            }
        };
        assert!(each(vec!["a".into(), "b".into()], work).await.is_err());
    }

    #[test]
    fn the_report_counts_all_and_shows_the_first() {
        let mut report = Report::default();
        let written = || Finding::Row("PHOTO written".into());
        report.add(vec![written(), written()]);
        assert!(!report.has_problems());
        let alone = |number: usize| Finding::Problem(WITHOUT_SIDECAR, format!("original {number}"));
        report.add((0..25).map(alone).collect());
        assert_eq!((report.has_problems(), report.has_unreadable()), (true, false));
        report.add(vec![Finding::Problem(UNREADABLE, "a sidecar".into())]);
        assert!(report.has_unreadable());
        let text = report.to_string();
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        assert_eq!(lines.len(), 1 + 1 + SHOWN + 1 + 1);
        assert!(lines[0].starts_with("PHOTO written ") && lines[0].ends_with(" 2"));
        assert!(lines[1].starts_with("originals without sidecar ") && lines[1].ends_with(" 25"));
        assert_eq!((lines[2], lines[21]), ("original 0", "original 19"));
    }
}
