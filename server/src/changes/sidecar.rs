//! Sidecars: each row that must outlive the table lies beside the originals, too, as plain JSON.

use super::RowKey;
use crate::aws::originals::Originals;
use crate::failure::{Failure, While};
use serde::Serialize;
use serde_json::{Value, json};

/// Version of a sidecar that is written today.
const VERSION: u32 = 1;

/// Whether a row must outlive the table: it has no time to live.
pub fn lasts(image: &serde_dynamo::Item) -> bool {
    !image.contains_key("ttl")
}

/// Where the sidecar of a row lies: `sidecars/<pk>/<sk>.json`, a folder for each `#`.
pub fn key(pk: &str, sk: &str) -> String {
    format!("{}{}.json", folder(pk), sk.replace('#', "/"))
}

/// Where the sidecars of a partition lie.
pub fn folder(pk: &str) -> String {
    format!("sidecars/{}/", pk.replace('#', "/"))
}

/// Writes the sidecar of a row. The stream tells of a row's changes in order, so the last one stays.
pub(super) async fn write<T: Serialize>(originals: &Originals, row: &RowKey, content: &T) -> Result<(), Failure> {
    originals
        .put_sidecar(&key(&row.pk, &row.sk), body(row, content)?.into_bytes())
        .await
}

/// The row is gone on purpose, and its sidecar goes, too.
pub(super) async fn remove(originals: &Originals, row: &RowKey) -> Result<(), Failure> {
    originals.remove_sidecar(&key(&row.pk, &row.sk)).await
}

fn body<T: Serialize>(row: &RowKey, content: &T) -> Result<String, Failure> {
    let mut content = serde_json::to_value(content).while_doing("write a sidecar")?;
    if let Value::Object(attributes) = &mut content {
        attributes.insert("pk".into(), row.pk.clone().into());
        attributes.insert("sk".into(), row.sk.clone().into());
    }
    Ok(json!({ "version": VERSION, "row": content }).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lies_where_its_row_would_and_names_it() {
        let row = RowKey {
            pk: "PHOTO#1".into(),
            sk: "COMMENT#2#3".into(),
        };
        assert_eq!(key(&row.pk, &row.sk), "sidecars/PHOTO/1/COMMENT/2/3.json");
        let text = body(&row, &json!({ "words": "a", "likes": 2 })).expect("a sidecar");
        let read: Value = serde_json::from_str(&text).expect("json");
        assert_eq!(
            read,
            json!({ "version": 1, "row": { "pk": "PHOTO#1", "sk": "COMMENT#2#3", "words": "a", "likes": 2 } })
        );
    }
}
