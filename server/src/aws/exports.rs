//! Exports: zips in the bucket of renditions. They can be made again, and expire by the bucket's lifecycle.

use super::disposition::attachment;
use super::sdk_error;
use crate::error::{AppError, Context};
use aws_sdk_s3::Client;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::types::{ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart};
use model::ids::AccountId;
use std::time::Duration;

/// The checksum of each part. The SDK sends one by default; S3 requires it again on completion, if the upload was created with it.
const CHECKSUM: ChecksumAlgorithm = ChecksumAlgorithm::Crc32;

/// The store of exports.
#[derive(Clone)]
pub struct Exports {
    client: Client,
    bucket: String,
}

/// A multipart upload of an export.
pub struct ExportWriter<'a> {
    exports: &'a Exports,
    key: String,
    upload: String,
    parts: Vec<CompletedPart>,
}

impl Exports {
    pub(super) fn new(config: &aws_config::SdkConfig, bucket: String) -> Self {
        Self {
            client: Client::new(config),
            bucket,
        }
    }

    /// The key prefix of an account's exports.
    pub fn folder(account: &AccountId) -> String {
        format!("exports/{account}/")
    }

    /// The key of a part of an export.
    pub fn key(account: &AccountId, export: &str, number: usize) -> String {
        format!("{}{export}/{number}.zip", Self::folder(account))
    }

    /// Begins a file; on completion it replaces one of the same key.
    pub async fn begin(&self, key: String) -> Result<ExportWriter<'_>, AppError> {
        let begin = self.client.create_multipart_upload().bucket(&self.bucket).key(&key);
        let begin = begin.content_type("application/zip").checksum_algorithm(CHECKSUM);
        let begun = begin.send().await;
        let upload = begun.map_err(sdk_error("begin an export's part"))?.upload_id;
        Ok(ExportWriter {
            exports: self,
            key,
            upload: upload.ok_or_else(|| AppError::internal("begin an export's part", "S3 returned no upload id"))?,
            parts: vec![],
        })
    }

    /// A presigned URL that downloads a part under this file name.
    pub async fn presign_download(&self, key: &str, name: &str, expires_in: Duration) -> Result<String, AppError> {
        let config = PresigningConfig::expires_in(expires_in).context("presign a download")?;
        let get = self.client.get_object().bucket(&self.bucket).key(key);
        let get = get.response_content_disposition(attachment(name));
        let signed = get.presigned(config).await.map_err(sdk_error("presign a download"))?;
        Ok(signed.uri().into())
    }
}

impl ExportWriter<'_> {
    /// Uploads a part. All but the last have at least 5 MiB.
    pub async fn add(&mut self, bytes: Vec<u8>) -> Result<(), AppError> {
        let number = i32::try_from(self.parts.len() + 1).context("number a part")?;
        let Exports { client, bucket } = self.exports;
        let part = client.upload_part().bucket(bucket).key(&self.key).upload_id(&self.upload);
        let part = part.part_number(number).checksum_algorithm(CHECKSUM).body(bytes.into());
        let added = part.send().await.map_err(sdk_error("write an export"))?;
        let part = CompletedPart::builder().part_number(number).set_e_tag(added.e_tag);
        self.parts.push(part.set_checksum_crc32(added.checksum_crc32).build());
        Ok(())
    }

    /// Completes the upload: the file becomes visible.
    pub async fn finish(self) -> Result<(), AppError> {
        let Exports { client, bucket } = self.exports;
        let completed = CompletedMultipartUpload::builder().set_parts(Some(self.parts)).build();
        let complete = client.complete_multipart_upload().bucket(bucket).key(&self.key);
        let response = complete.upload_id(self.upload).multipart_upload(completed).send().await;
        response.map(drop).map_err(sdk_error("finish an export's part"))
    }
}
