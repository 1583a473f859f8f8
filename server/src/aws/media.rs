//! The bucket of renditions.

use super::broken;
use crate::failure::Failure;
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

    /// Puts a rendition. Its key names its content for good, so caches may keep it.
    pub async fn put(&self, key: &str, kind: &str, bytes: Vec<u8>) -> Result<(), Failure> {
        let put = self.client.put_object().bucket(&self.bucket).key(key).content_type(kind);
        let put = put.cache_control("private, max-age=86400, immutable").body(bytes.into());
        put.send().await.map(drop).map_err(broken("put a rendition"))
    }
}
