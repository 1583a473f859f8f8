//! Sidecars: a copy of each durable row as plain JSON in the bucket of originals, from which the table can be rebuilt.

use super::RowKey;
use crate::aws::originals::Originals;
use crate::failure::{Failure, While};
use serde::Serialize;
use serde_json::{Value, json};

/// Current version of sidecars.
const VERSION: u32 = 1;

/// Whether a row is durable, that is without a TTL.
pub fn is_durable(image: &serde_dynamo::Item) -> bool {
    !image.contains_key("ttl")
}

/// The object key of a row's sidecar: `sidecars/<pk>/<sk>.json`, with each `#` as a slash.
pub fn key(pk: &str, sk: &str) -> String {
    format!("{}{}.json", folder(pk), sk.replace('#', "/"))
}

/// The key prefix of a partition's sidecars.
pub fn folder(pk: &str) -> String {
    format!("sidecars/{}/", pk.replace('#', "/"))
}

/// Writes the sidecar of a row. The stream delivers a row's changes in order, so the last write wins.
pub(super) async fn write<T: Serialize>(originals: &Originals, row: &RowKey, content: &T) -> Result<(), Failure> {
    originals
        .put_sidecar(&key(&row.pk, &row.sk), body(row, content)?.into_bytes())
        .await
}

/// Removes the sidecar of a row that was deleted.
pub(super) async fn remove(originals: &Originals, row: &RowKey) -> Result<(), Failure> {
    originals.remove_sidecar(&key(&row.pk, &row.sk)).await
}

fn body<T: Serialize>(row: &RowKey, content: &T) -> Result<String, Failure> {
    let mut content = serde_json::to_value(content).while_doing("serialize a sidecar")?;
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
    fn has_the_key_of_its_row_in_its_name_and_content() {
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
