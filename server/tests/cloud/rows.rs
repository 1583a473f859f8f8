//! A row that several change at the same moment.

use crate::cast::{TestEnv, join_all, refused};
use model::refusals::Refusal;
use serde::{Deserialize, Serialize};
use serde_json::json;
use server::aws::table::{Given, Key, Row};
use server::failure::Failure;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Sum {
    #[serde(default)]
    revision: u64,
    sum: u64,
}

fn one_more(before: Option<Sum>, revision: u64) -> Result<Option<Sum>, Failure> {
    let sum = before.map_or(0, |before| before.sum) + 1;
    Ok(Some(Sum { revision, sum }))
}

#[tokio::test]
async fn changes_of_a_row_at_the_same_moment_are_all_in_it() {
    let env = TestEnv::open().await;
    let (table, key) = (&env.table, Key::new(format!("FILL#{}", uuid::Uuid::now_v7()), "SUM"));
    let there = async || table.get::<Sum>(&key).await.expect("a read");
    for changed in join_all((0..6).map(|_| table.change(&key, one_more))).await {
        changed.expect("changed");
    }
    assert_eq!(there().await, Some(Sum { revision: 6, sum: 6 }));

    let item = json!({ "sum": 8 });
    let old = Row {
        key: key.clone(),
        item: &item,
        given: Given::Anything,
    };
    table.put(old).await.expect("written");
    let changed = table.change(&key, one_more).await.expect("changed");
    assert_eq!(changed, Some(Sum { revision: 1, sum: 9 }), "a row that counted no writes");
    assert_eq!(there().await, changed);

    let nothing = table.change(&key, |_: Option<Sum>, _| Ok(None)).await;
    assert_eq!(nothing.expect("an answer"), None);
    let refusal = table.change(&key, |_: Option<Sum>, _| Err(Refusal::NotFound.into())).await;
    assert_eq!(refused(refusal), Refusal::NotFound);
    assert_eq!(there().await, changed, "as it was");
}
