//! Sidecars: a copy of each durable row as plain JSON in the bucket of originals, from which the table can be rebuilt.

use crate::aws::originals::Originals;
use crate::aws::table::Key;
use crate::error::{AppError, Context};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Current version of sidecars.
const VERSION: u32 = 1;

/// The folder of all sidecars.
pub const FOLDER: &str = "sidecars/";

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
    format!("{FOLDER}{}/", pk.replace('#', "/"))
}

/// Writes the sidecar of a row. The stream delivers a row's changes in order, so the last write wins.
pub(super) async fn write<T: Serialize>(originals: &Originals, row: &Key, content: &T) -> Result<(), AppError> {
    originals
        .put_sidecar(&key(&row.pk, &row.sk), body(row, content)?.into_bytes())
        .await
}

/// Removes the sidecar of a row that was deleted.
pub(super) async fn remove(originals: &Originals, row: &Key) -> Result<(), AppError> {
    originals.remove_sidecar(&key(&row.pk, &row.sk)).await
}

fn body<T: Serialize>(row: &Key, content: &T) -> Result<String, AppError> {
    let mut content = serde_json::to_value(content).context("serialize a sidecar")?;
    if let Value::Object(attributes) = &mut content {
        attributes.insert("pk".into(), row.pk.clone().into());
        attributes.insert("sk".into(), row.sk.clone().into());
    }
    Ok(json!({ "version": VERSION, "row": content }).to_string())
}

/// A row, as its sidecar has it.
#[derive(Debug, Deserialize)]
pub struct SavedRow {
    /// Its place in the table.
    #[serde(flatten)]
    pub key: Key,
    /// All other attributes, also those that no record knows.
    #[serde(flatten)]
    pub attributes: Map<String, Value>,
}

#[derive(Deserialize)]
struct Sidecar {
    version: u32,
    row: SavedRow,
}

/// Reads the sidecar at `place`.
///
/// # Errors
/// When it has another version, or lies in another row's place.
pub fn read(place: &str, body: &[u8]) -> Result<SavedRow, AppError> {
    const WHAT: &str = "read a sidecar";
    let Sidecar { version, row } = serde_json::from_slice(body).context(WHAT)?;
    if version != VERSION {
        return Err(AppError::internal(WHAT, format!("its version is {version}")));
    }
    let Key { pk, sk } = &row.key;
    if key(pk, sk) != place {
        return Err(AppError::internal(WHAT, format!("it holds the row {pk} {sk}")));
    }
    Ok(row)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_the_key_of_its_row_in_its_name_and_content() {
        let row = Key {
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

    const PLACE: &str = "sidecars/PHOTO/p1/PHOTO.json";

    fn sidecar(version: u32) -> Vec<u8> {
        let row = json!({ "pk": "PHOTO#p1", "sk": "PHOTO", "generation": 3, "ratio": 0.1, "least": -70_368_657_777_664_i64, "none": null });
        json!({ "version": version, "row": row }).to_string().into_bytes()
    }

    #[test]
    fn a_row_is_read_with_all_attributes_and_exact_numbers() {
        let SavedRow { key, attributes } = read(PLACE, &sidecar(VERSION)).expect("a row");
        assert_eq!((key.pk.as_str(), key.sk.as_str()), ("PHOTO#p1", "PHOTO"));
        let item: serde_dynamo::Item = serde_dynamo::to_item(&attributes).expect("an item");
        let written = serde_json::to_value(&item).expect("json");
        let attributes = json!({ "generation": { "N": "3" }, "ratio": { "N": "0.1" }, "least": { "N": "-70368657777664" }, "none": { "NULL": true } });
        assert_eq!(written, attributes);
    }

    #[test]
    fn what_is_written_is_read() {
        let row = Key {
            pk: "PHOTO#p1".into(),
            sk: "PHOTO".into(),
        };
        let text = body(&row, &json!({ "words": ["a"] })).expect("a sidecar");
        let read = read(PLACE, text.as_bytes()).expect("a row");
        assert_eq!((read.key, Value::Object(read.attributes)), (row, json!({ "words": ["a"] })));
    }

    #[test]
    fn a_sidecar_of_another_version_or_in_another_place_is_not_read() {
        let other = PLACE.replace("p1", "p2");
        for (place, body) in [
            (PLACE, sidecar(VERSION + 1)),
            (other.as_str(), sidecar(VERSION)),
            (PLACE, b"{".to_vec()),
            (PLACE, br#"{"version":1"#.to_vec()),
            (PLACE, br#"{"version":1,"row":{"pk":"PHOTO#p1"}}"#.to_vec()),
            (PLACE, br#"{"version":1,"row":[]}"#.to_vec()),
        ] {
            assert!(read(place, &body).is_err(), "{place} {}", String::from_utf8_lossy(&body));
        }
    }
}
