//! The table: rows as serde shapes, by `pk` and `sk`.

mod batch;
mod change;
mod together;

use super::broken;
use super::meter::Meter;
use crate::failure::{Failure, While};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::query::QueryOutput;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, Put, PutRequest, ReturnConsumedCapacity, ReturnValue, WriteRequest};
use batch::Batch;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;
pub use together::Together;

/// A row's place in the table.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize)]
pub struct Key {
    /// Partition key.
    pub pk: String,
    /// Sort key.
    pub sk: String,
}

impl Key {
    /// The place `pk`, `sk`.
    pub fn new(pk: impl Into<String>, sk: impl Into<String>) -> Self {
        Self {
            pk: pk.into(),
            sk: sk.into(),
        }
    }
}

/// When a row may be written.
pub enum Given<'a> {
    /// Whatever is there.
    Anything,
    /// Nothing is there.
    Absent,
    /// The row that is there has this revision; one that was written before its shape counted them has 0.
    Revision(u64),
    /// The row that is there has this number in this attribute.
    Number(&'a str, u64),
    /// The row that is there has this text in this attribute.
    Text(&'a str, &'a str),
}

/// A row to be written, and when.
pub struct Row<'a, T> {
    /// Its place.
    pub key: Key,
    /// Its other attributes.
    pub item: &'a T,
    /// When it may be written.
    pub given: Given<'a>,
}

/// Rows of one partition, in the order of their sort keys.
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Whether the partition goes on.
    pub more: bool,
}

/// The table.
#[derive(Clone)]
pub struct Table {
    client: Client,
    name: String,
    meter: Option<Meter>,
    batch: Option<Arc<Batch>>,
}

/// The attribute that counts the writes of a row.
const REVISION: &str = "revision";

type Attributes = HashMap<String, AttributeValue>;

fn place(key: &Key) -> Attributes {
    HashMap::from([
        ("pk".into(), AttributeValue::S(key.pk.clone())),
        ("sk".into(), AttributeValue::S(key.sk.clone())),
    ])
}

fn attributes<T: Serialize>(key: &Key, item: &T) -> Result<Attributes, Failure> {
    let mut attributes: Attributes = serde_dynamo::to_item(item).while_doing("write a row's shape")?;
    attributes.extend(place(key));
    Ok(attributes)
}

fn shape<T: DeserializeOwned>(attributes: Attributes) -> Result<T, Failure> {
    serde_dynamo::from_item(attributes).while_doing("read a row's shape")
}

impl Table {
    pub(super) fn new(config: &aws_config::SdkConfig, name: String) -> Self {
        Self {
            client: Client::new(config),
            name,
            meter: None,
            batch: None,
        }
    }

    /// The same table, and a meter of what is read through it.
    pub fn metered(&self) -> (Self, Meter) {
        let meter = Meter::default();
        let table = Self {
            meter: Some(meter.clone()),
            ..self.clone()
        };
        (table, meter)
    }

    /// The row at a place, as it is after every write that was answered; of a table that is [`Table::batched`], as it was when
    /// the batch was read.
    pub async fn get<T: DeserializeOwned>(&self, key: &Key) -> Result<Option<T>, Failure> {
        let row = match self.batch.as_deref().filter(|batch| batch.has(key)) {
            Some(batch) => batch.row(self, key).await?,
            None => self.get_item(key).await?,
        };
        row.map(shape).transpose()
    }

    async fn get_item(&self, key: &Key) -> Result<Option<Attributes>, Failure> {
        let get = self
            .client
            .get_item()
            .table_name(&self.name)
            .set_key(Some(place(key)))
            .consistent_read(true);
        let answer = get.set_return_consumed_capacity(self.measure()).send().await;
        let answer = answer.map_err(broken("read a row"))?;
        if let Some(meter) = &self.meter {
            meter.add(answer.consumed_capacity.as_ref(), i64::from(answer.item.is_some()));
        }
        Ok(answer.item)
    }

    /// Writes a row. `false` when it may not be written.
    pub async fn put<T: Serialize>(&self, row: Row<'_, T>) -> Result<bool, Failure> {
        let put = self.prepare(row)?;
        let answer = self
            .client
            .put_item()
            .table_name(put.table_name)
            .set_item(Some(put.item))
            .set_condition_expression(put.condition_expression)
            .set_expression_attribute_names(put.expression_attribute_names)
            .set_expression_attribute_values(put.expression_attribute_values)
            .send()
            .await;
        match answer {
            Ok(_) => Ok(true),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(|e| e.is_conditional_check_failed_exception()) =>
            {
                Ok(false)
            }
            Err(error) => Err(broken("write a row")(error)),
        }
    }

    /// Writes many rows, whatever is there, not together: for filling a table.
    pub async fn put_many<T: Serialize>(&self, rows: Vec<(Key, T)>) -> Result<(), Failure> {
        // BatchWriteItem takes 25.
        for some in rows.chunks(25) {
            let mut left = some.iter().map(put_request).collect::<Result<Vec<_>, _>>()?;
            while !left.is_empty() {
                let answer = self.client.batch_write_item().request_items(&self.name, left).send().await;
                let unprocessed = answer.map_err(broken("write many rows"))?.unprocessed_items;
                left = unprocessed
                    .and_then(|mut tables| tables.remove(&self.name))
                    .unwrap_or_default();
            }
        }
        Ok(())
    }

    /// Takes a row away and answers what it was.
    pub async fn take<T: DeserializeOwned>(&self, key: &Key) -> Result<Option<T>, Failure> {
        let delete = self.client.delete_item().table_name(&self.name).set_key(Some(place(key)));
        let answer = delete.return_values(ReturnValue::AllOld).send().await;
        answer.map_err(broken("take a row away"))?.attributes.map(shape).transpose()
    }

    /// Takes a row away, whatever it was; it need not be there.
    pub async fn forget(&self, key: &Key) -> Result<(), Failure> {
        let delete = self.client.delete_item().table_name(&self.name).set_key(Some(place(key)));
        delete.send().await.map(drop).map_err(broken("take a row away"))
    }

    /// Adds to a row's number, which begins at 0, and answers what it is then. The row ends by itself after `ttl`, in epoch
    /// seconds.
    pub async fn count(&self, key: &Key, by: i64, ttl: i64) -> Result<i64, Failure> {
        let update = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(place(key)))
            .update_expression("ADD #count :by SET #ttl = :ttl")
            .expression_attribute_names("#count", "count")
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":by", AttributeValue::N(by.to_string()))
            .expression_attribute_values(":ttl", AttributeValue::N(ttl.to_string()));
        let answer = update.return_values(ReturnValue::UpdatedNew).send().await;
        let attributes = answer.map_err(broken("count"))?.attributes.unwrap_or_default();
        let Counted { count } = shape(attributes)?;
        Ok(count)
    }

    /// Rows of a partition whose sort key lies between two texts, both included, oldest first.
    pub async fn between<T: DeserializeOwned>(&self, pk: &str, low: &str, high: &str, limit: i32) -> Result<Page<T>, Failure> {
        self.read(self.range(pk, low, high).limit(limit)).await
    }

    /// The same, newest first.
    pub async fn newest_between<T: DeserializeOwned>(
        &self,
        pk: &str,
        low: &str,
        high: &str,
        limit: i32,
    ) -> Result<Page<T>, Failure> {
        self.read(self.range(pk, low, high).scan_index_forward(false).limit(limit))
            .await
    }

    fn range(&self, pk: &str, low: &str, high: &str) -> QueryFluentBuilder {
        self.client
            .query()
            .key_condition_expression("pk = :pk AND sk BETWEEN :low AND :high")
            .expression_attribute_values(":pk", AttributeValue::S(pk.into()))
            .expression_attribute_values(":low", AttributeValue::S(low.into()))
            .expression_attribute_values(":high", AttributeValue::S(high.into()))
            .consistent_read(true)
    }

    /// Rows of a timeline before a sort key (or from its end), newest first. The index follows the table within moments.
    pub async fn timeline<T: DeserializeOwned>(&self, pk: &str, before: Option<&str>, limit: i32) -> Result<Page<T>, Failure> {
        let query = self
            .client
            .query()
            .index_name("timeline")
            .expression_attribute_values(":pk", AttributeValue::S(pk.into()))
            .scan_index_forward(false)
            .limit(limit);
        let query = match before {
            None => query.key_condition_expression("timeline_pk = :pk"),
            Some(before) => query
                .key_condition_expression("timeline_pk = :pk AND timeline_sk < :before")
                .expression_attribute_values(":before", AttributeValue::S(before.into())),
        };
        self.read(query).await
    }

    /// Rows of a timeline after a sort key, oldest first.
    pub async fn timeline_after<T: DeserializeOwned>(&self, pk: &str, after: &str, limit: i32) -> Result<Page<T>, Failure> {
        let query = self
            .client
            .query()
            .index_name("timeline")
            .key_condition_expression("timeline_pk = :pk AND timeline_sk > :after")
            .expression_attribute_values(":pk", AttributeValue::S(pk.into()))
            .expression_attribute_values(":after", AttributeValue::S(after.into()));
        self.read(query.limit(limit)).await
    }

    /// Places of rows that are due up to a sort key, the longest due first. The index follows the table within moments.
    pub async fn due(&self, pk: &str, upto: &str, limit: i32) -> Result<Page<Place>, Failure> {
        let query = self
            .client
            .query()
            .index_name("due")
            .key_condition_expression("due_pk = :pk AND due_sk <= :upto")
            .expression_attribute_values(":pk", AttributeValue::S(pk.into()))
            .expression_attribute_values(":upto", AttributeValue::S(upto.into()));
        self.read(query.limit(limit)).await
    }

    async fn read<T: DeserializeOwned>(&self, query: QueryFluentBuilder) -> Result<Page<T>, Failure> {
        let query = query.table_name(&self.name).set_return_consumed_capacity(self.measure());
        let answer: QueryOutput = query.send().await.map_err(broken("read a partition"))?;
        if let Some(meter) = &self.meter {
            meter.add(answer.consumed_capacity.as_ref(), i64::from(answer.scanned_count));
        }
        let items = answer.items.unwrap_or_default().into_iter().map(shape);
        Ok(Page {
            items: items.collect::<Result<_, _>>()?,
            more: answer.last_evaluated_key.is_some(),
        })
    }

    fn measure(&self) -> Option<ReturnConsumedCapacity> {
        self.meter.as_ref().map(|_| ReturnConsumedCapacity::Total)
    }

    fn prepare<T: Serialize>(&self, row: Row<'_, T>) -> Result<Put, Failure> {
        let put = Put::builder()
            .table_name(&self.name)
            .set_item(Some(attributes(&row.key, row.item)?));
        let put = match row.given {
            Given::Anything => put,
            Given::Absent => put.condition_expression("attribute_not_exists(pk)"),
            Given::Revision(read) => put
                .condition_expression(match read {
                    0 => "attribute_exists(pk) AND (attribute_not_exists(#given) OR #given = :given)",
                    _ => "#given = :given",
                })
                .expression_attribute_names("#given", REVISION)
                .expression_attribute_values(":given", AttributeValue::N(read.to_string())),
            Given::Number(name, number) => put
                .condition_expression("#given = :given")
                .expression_attribute_names("#given", name)
                .expression_attribute_values(":given", AttributeValue::N(number.to_string())),
            Given::Text(name, text) => put
                .condition_expression("#given = :given")
                .expression_attribute_names("#given", name)
                .expression_attribute_values(":given", AttributeValue::S(text.into())),
        };
        put.build().map_err(broken("prepare a row"))
    }
}

/// A row that counts.
#[derive(serde::Deserialize)]
struct Counted {
    count: i64,
}

/// What the index `due` says of a row: where it is.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
pub struct Place {
    /// Partition key.
    pub pk: String,
    /// When it is due, as the index sorts it.
    pub due_sk: String,
}

fn put_request<T: Serialize>((key, item): &(Key, T)) -> Result<WriteRequest, Failure> {
    let put = PutRequest::builder().set_item(Some(attributes(key, item)?)).build();
    let put = put.map_err(broken("prepare a row"))?;
    Ok(WriteRequest::builder().put_request(put).build())
}
