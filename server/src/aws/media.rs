//! The bucket of renditions.

use super::sdk_error;
use crate::error::AppError;
use aws_sdk_s3::Client;

/// The bucket of renditions.
#[derive(Clone)]
pub struct Media {
    client: Client,
    bucket: String,
}

impl Media {
    pub(super) fn new(config: &aws_config::SdkConfig, bucket: String) -> Self {
        Self {
            client: Client::new(config),
            bucket,
        }
    }

    /// Puts a rendition. A key's content never changes, so it is cached as immutable.
    pub async fn put(&self, key: &str, kind: &str, bytes: Vec<u8>) -> Result<(), AppError> {
        let put = self.client.put_object().bucket(&self.bucket).key(key).content_type(kind);
        let put = put.cache_control("private, max-age=86400, immutable").body(bytes.into());
        put.send().await.map(drop).map_err(sdk_error("put a rendition"))
    }

    /// All keys with a prefix. A photo has a handful in each generation.
    pub async fn list(&self, prefix: &str) -> Result<Vec<String>, AppError> {
        let list = self.client.list_objects_v2().bucket(&self.bucket).prefix(prefix);
        let mut pages = list.into_paginator().send();
        let mut keys = vec![];
        while let Some(page) = pages.next().await {
            let objects = page.map_err(sdk_error("list renditions"))?.contents.unwrap_or_default();
            keys.extend(objects.into_iter().filter_map(|object| object.key));
        }
        Ok(keys)
    }

    /// Deletes all renditions with a key prefix.
    pub async fn remove_all(&self, prefix: &str) -> Result<(), AppError> {
        for key in self.list(prefix).await? {
            let delete = self.client.delete_object().bucket(&self.bucket).key(key);
            delete.send().await.map_err(sdk_error("delete a rendition"))?;
        }
        Ok(())
    }
}
