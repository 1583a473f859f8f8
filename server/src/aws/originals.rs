//! The bucket of originals.

use super::disposition::attachment;
use super::sdk_error;
use crate::error::{AppError, Context};
use aws_sdk_s3::Client;
use aws_sdk_s3::operation::list_objects_v2::ListObjectsV2Output;
use aws_sdk_s3::presigning::{PresignedRequest, PresigningConfig};
use aws_sdk_s3::types::ChecksumMode;
use std::time::Duration;

/// What the keys of all originals begin with.
pub const PREFIX: &str = "originals/";

/// The bucket of originals.
#[derive(Clone)]
pub struct Originals {
    pub(super) client: Client,
    pub(super) bucket: String,
}

/// What the signature of an upload covers.
pub struct Upload<'a> {
    /// The object's key.
    pub key: &'a str,
    /// Their media type.
    pub kind: &'a str,
    /// Their number.
    pub bytes: u64,
    /// Their SHA-256 in base64.
    pub sha256: &'a str,
    /// How long the signature is valid.
    pub expires_in: Duration,
}

/// The names of the headers that a presigned URL covers.
fn signed_headers(address: &str) -> Vec<String> {
    let query = address.split_once('?').map_or("", |(_, query)| query);
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    let names = pairs.find(|(name, _)| name == "X-Amz-SignedHeaders");
    names.map_or_else(Vec::new, |(_, names)| names.split(';').map(str::to_owned).collect())
}

/// A presigned upload: its URL, and the headers that its signature covers.
pub struct Presigned {
    /// The URL to PUT to.
    pub url: String,
    /// Header names and values, without `host` and `content-length`, which the browser sets.
    pub headers: Vec<(String, String)>,
}

impl Presigned {
    pub(super) fn of(signed: &PresignedRequest) -> Self {
        // The SDK adds headers that the signature does not cover, such as Lambda's trace id.
        let covered = signed_headers(signed.uri());
        let required = |name: &str| !matches!(name, "host" | "content-length") && covered.iter().any(|header| header == name);
        let headers = signed.headers().filter(|(name, _)| required(name));
        Self {
            url: signed.uri().into(),
            headers: headers.map(|(name, value)| (name.into(), value.into())).collect(),
        }
    }
}

impl Originals {
    pub(super) fn new(config: &aws_config::SdkConfig, bucket: String) -> Self {
        Self {
            client: Client::new(config),
            bucket,
        }
    }

    /// Presigns an upload. The signature covers type, size, checksum, and the condition that the object does not exist.
    pub async fn presign(&self, upload: Upload<'_>) -> Result<Presigned, AppError> {
        let config = PresigningConfig::expires_in(upload.expires_in).context("presign an upload")?;
        let request = self
            .client
            .put_object()
            .bucket(&self.bucket)
            .key(upload.key)
            .content_type(upload.kind)
            .content_length(i64::try_from(upload.bytes).context("presign an upload")?)
            // With a checksum algorithm set, too, the SDK would leave the value out of the signature.
            .checksum_sha256(upload.sha256)
            // Write once: each further version would be stored, and paid for, for ever.
            .if_none_match("*");
        let signed = request.presigned(config).await.map_err(sdk_error("presign an upload"))?;
        Ok(Presigned::of(&signed))
    }

    /// A presigned URL that downloads an original under this file name.
    pub async fn presign_download(&self, key: &str, name: &str, expires_in: Duration) -> Result<String, AppError> {
        let config = PresigningConfig::expires_in(expires_in).context("presign a download")?;
        let request = self
            .client
            .get_object()
            .bucket(&self.bucket)
            .key(key)
            .response_content_disposition(attachment(name));
        let signed = request.presigned(config).await.map_err(sdk_error("presign a download"))?;
        Ok(signed.uri().into())
    }

    /// Whether an original exists.
    pub async fn has(&self, key: &str) -> Result<bool, AppError> {
        match self.client.head_object().bucket(&self.bucket).key(key).send().await {
            Ok(_) => Ok(true),
            Err(error) if error.as_service_error().is_some_and(|e| e.is_not_found()) => Ok(false),
            Err(error) => Err(sdk_error("look up an original")(error)),
        }
    }

    /// All bytes of an original.
    pub async fn read(&self, key: &str) -> Result<Vec<u8>, AppError> {
        Ok(self.read_with_checksum(key).await?.0)
    }

    /// All bytes of an original, if it exists.
    pub async fn find(&self, key: &str) -> Result<Option<Vec<u8>>, AppError> {
        let response = match self.client.get_object().bucket(&self.bucket).key(key).send().await {
            Ok(response) => response,
            Err(error) if error.as_service_error().is_some_and(|e| e.is_no_such_key()) => return Ok(None),
            Err(error) => return Err(sdk_error("open an original")(error)),
        };
        let bytes = response.body.collect().await.context("read an original")?;
        Ok(Some(bytes.to_vec()))
    }

    /// All bytes of an original, and the SHA-256 that the store computed of it, in base64.
    pub async fn read_with_checksum(&self, key: &str) -> Result<(Vec<u8>, Option<String>), AppError> {
        let get = self.client.get_object().bucket(&self.bucket).key(key);
        let response = get.checksum_mode(ChecksumMode::Enabled).send().await;
        let response = response.map_err(sdk_error("open an original"))?;
        let bytes = response.body.collect().await.context("read an original")?.to_vec();
        Ok((bytes, response.checksum_sha256))
    }

    /// Puts a sidecar; overwrites an older one.
    pub async fn put_sidecar(&self, key: &str, body: Vec<u8>) -> Result<(), AppError> {
        let put = self.client.put_object().bucket(&self.bucket).key(key);
        let put = put.content_type("application/json").body(body.into());
        put.send().await.map(drop).map_err(sdk_error("put a sidecar"))
    }

    /// Deletes a sidecar; its versions stay until the bucket's lifecycle expires them.
    pub async fn remove_sidecar(&self, key: &str) -> Result<(), AppError> {
        let delete = self.client.delete_object().bucket(&self.bucket).key(key);
        delete.send().await.map(drop).map_err(sdk_error("delete a sidecar"))
    }

    /// Keys of originals after a key, or from the first.
    pub async fn list_after(&self, after: Option<&str>, limit: i32) -> Result<Listing, AppError> {
        let list = self.client.list_objects_v2().bucket(&self.bucket).prefix(PREFIX);
        let list = list.set_start_after(after.map(Into::into)).max_keys(limit);
        list.send().await.map(listing).map_err(sdk_error("list the originals"))
    }

    /// Keys with a prefix: at most a thousand.
    pub async fn list(&self, prefix: &str) -> Result<Listing, AppError> {
        self.list_from(prefix, None).await
    }

    /// Keys with a prefix, after a key or from the first: at most a thousand.
    pub async fn list_from(&self, prefix: &str, after: Option<&str>) -> Result<Listing, AppError> {
        let list = self.client.list_objects_v2().bucket(&self.bucket).prefix(prefix);
        list.set_start_after(after.map(Into::into))
            .send()
            .await
            .map(listing)
            .map_err(sdk_error("list objects"))
    }

    /// The folders in a folder, by their names.
    pub async fn folders(&self, prefix: &str) -> Result<Vec<String>, AppError> {
        let list = self.client.list_objects_v2().bucket(&self.bucket).prefix(prefix);
        let mut pages = list.delimiter("/").into_paginator().send();
        let mut folders = vec![];
        while let Some(page) = pages.next().await {
            let common = page.map_err(sdk_error("list folders"))?.common_prefixes.unwrap_or_default();
            let paths = common.into_iter().filter_map(|common| common.prefix);
            folders.extend(paths.filter_map(|path| Some(path.strip_prefix(prefix)?.trim_end_matches('/').to_owned())));
        }
        Ok(folders)
    }

    /// Identifiers of an original's versions, including delete markers.
    pub async fn versions(&self, key: &str) -> Result<Vec<String>, AppError> {
        let all = self.versions_under(key).await?.into_iter();
        Ok(all.filter(|(of, _)| of == key).map(|(_, version)| version).collect())
    }

    /// Keys with a prefix, with the identifiers of their versions, including delete markers.
    async fn versions_under(&self, prefix: &str) -> Result<Vec<(String, String)>, AppError> {
        let list = self.client.list_object_versions().bucket(&self.bucket).prefix(prefix);
        let (mut all, mut next) = (vec![], (None, None));
        loop {
            let page = list.clone().set_key_marker(next.0).set_version_id_marker(next.1).send().await;
            let page = page.map_err(sdk_error("list versions"))?;
            let versions = page.versions.unwrap_or_default().into_iter();
            let deletions = page.delete_markers.unwrap_or_default().into_iter();
            let each = versions.map(|it| (it.key, it.version_id));
            let each = each.chain(deletions.map(|it| (it.key, it.version_id)));
            all.extend(each.filter_map(|(key, version)| key.zip(version)));
            if page.is_truncated != Some(true) || page.next_key_marker.is_none() {
                return Ok(all);
            }
            next = (page.next_key_marker, page.next_version_id_marker);
        }
    }

    /// Deletes all versions of an original.
    pub async fn purge(&self, key: &str) -> Result<(), AppError> {
        for version in self.versions(key).await? {
            self.delete_version(key, version).await?;
        }
        Ok(())
    }

    /// Deletes all versions of all keys with a prefix.
    pub async fn purge_under(&self, prefix: &str) -> Result<(), AppError> {
        for (key, version) in self.versions_under(prefix).await? {
            self.delete_version(&key, version).await?;
        }
        Ok(())
    }

    async fn delete_version(&self, key: &str, version: String) -> Result<(), AppError> {
        let delete = self.client.delete_object().bucket(&self.bucket).key(key).version_id(version);
        delete.send().await.map(drop).map_err(sdk_error("delete a version"))
    }
}

fn listing(response: ListObjectsV2Output) -> Listing {
    Listing {
        more: response.is_truncated == Some(true),
        keys: response
            .contents
            .unwrap_or_default()
            .into_iter()
            .filter_map(|object| object.key)
            .collect(),
    }
}

/// Some keys of a bucket, in their order.
pub struct Listing {
    /// The keys.
    pub keys: Vec<String>,
    /// Whether there are more.
    pub more: bool,
}
