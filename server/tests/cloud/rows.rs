//! Optimistic concurrency of row changes.

use crate::fixtures::{TestEnv, join_all, refused};
use model::user_error::UserError;
use serde::{Deserialize, Serialize};
use serde_json::json;
use server::aws::table::{Condition, Key, Row};
use server::error::AppError;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Sum {
    #[serde(default)]
    revision: u64,
    sum: u64,
}

fn increment(before: Option<Sum>, revision: u64) -> Result<Option<Sum>, AppError> {
    let sum = before.map_or(0, |before| before.sum) + 1;
    Ok(Some(Sum { revision, sum }))
}

#[tokio::test]
async fn concurrent_changes_of_a_row_are_all_applied() {
    let env = TestEnv::open().await;
    let (table, key) = (&env.table, Key::new(format!("FILL#{}", uuid::Uuid::now_v7()), "SUM"));
    let row = async || table.get::<Sum>(&key).await.expect("a read");
    for changed in join_all((0..6).map(|_| table.change(&key, increment))).await {
        changed.expect("changed");
    }
    assert_eq!(row().await, Some(Sum { revision: 6, sum: 6 }));

    let item = json!({ "sum": 8 });
    let without_revision = Row {
        key: key.clone(),
        item: &item,
        condition: Condition::Anything,
    };
    assert!(table.put(without_revision).await.expect("a write").is_written());
    let changed = table.change(&key, increment).await.expect("changed");
    assert_eq!(changed, Some(Sum { revision: 1, sum: 9 }), "a row without a revision");
    assert_eq!(row().await, changed);

    let nothing = table.change(&key, |_: Option<Sum>, _| Ok(None)).await;
    assert_eq!(nothing.expect("a result"), None);
    let result = table.change(&key, |_: Option<Sum>, _| Err(UserError::NotFound.into())).await;
    assert_eq!(refused(result), UserError::NotFound);
    assert_eq!(row().await, changed, "unchanged");
}
