//! Multipart uploads of originals.

use super::originals::{Originals, Presigned};
use super::sdk_error;
use crate::error::{AppError, Context};
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::types::{ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart};
use std::time::Duration;

/// What the signature of a part covers.
pub struct PartUpload<'a> {
    /// The original's key.
    pub key: &'a str,
    /// The id of the multipart upload.
    pub upload: &'a str,
    /// Its number, from 1.
    pub number: u32,
    /// Its size in bytes.
    pub bytes: u64,
    /// Its SHA-256 in base64.
    pub sha256: &'a str,
    /// How long the signature is valid.
    pub expires_in: Duration,
}

/// A part that was uploaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPart {
    /// Its number, from 1.
    pub number: u32,
    /// Its size in bytes.
    pub bytes: u64,
    etag: Option<String>,
    sha256: Option<String>,
}

/// Whether S3 has no such upload: it was completed or aborted.
fn is_gone<E, R>(error: &SdkError<E, R>) -> bool
where
    SdkError<E, R>: ProvideErrorMetadata,
{
    error.code() == Some("NoSuchUpload")
}

impl Originals {
    /// Begins a multipart upload and returns its id.
    pub async fn begin_multipart(&self, key: &str, kind: &str) -> Result<String, AppError> {
        let begin = self.client.create_multipart_upload().bucket(&self.bucket).key(key);
        let begin = begin.content_type(kind).checksum_algorithm(ChecksumAlgorithm::Sha256);
        let response = begin.send().await.map_err(sdk_error("begin a multipart upload"))?;
        response
            .upload_id
            .ok_or_else(|| AppError::internal("begin a multipart upload", "S3 returned no upload id"))
    }

    /// Presigns a part. The signature covers number, size and checksum.
    pub async fn presign_part(&self, part: PartUpload<'_>) -> Result<Presigned, AppError> {
        let config = PresigningConfig::expires_in(part.expires_in).context("presign a part")?;
        let request = self
            .client
            .upload_part()
            .bucket(&self.bucket)
            .key(part.key)
            .upload_id(part.upload)
            .part_number(i32::try_from(part.number).context("presign a part")?)
            .content_length(i64::try_from(part.bytes).context("presign a part")?)
            .checksum_sha256(part.sha256);
        let signed = request.presigned(config).await.map_err(sdk_error("presign a part"))?;
        Ok(Presigned::of(&signed))
    }

    /// The uploaded parts, by number; none if there is no such upload.
    pub async fn parts(&self, key: &str, upload: &str) -> Result<Option<Vec<StoredPart>>, AppError> {
        let list = self.client.list_parts().bucket(&self.bucket).key(key).upload_id(upload);
        let mut pages = list.into_paginator().send();
        let mut parts = Vec::new();
        while let Some(page) = pages.next().await {
            let page = match page {
                Ok(page) => page,
                Err(error) if is_gone(&error) => return Ok(None),
                Err(error) => return Err(sdk_error("list the parts of a multipart upload")(error)),
            };
            parts.extend(page.parts.unwrap_or_default().into_iter().map(|part| StoredPart {
                number: part.part_number.and_then(|number| u32::try_from(number).ok()).unwrap_or(0),
                bytes: part.size.and_then(|size| u64::try_from(size).ok()).unwrap_or(0),
                etag: part.e_tag,
                sha256: part.checksum_sha256,
            }));
        }
        Ok(Some(parts))
    }

    /// Completes a multipart upload, unless the object exists. `false` if there is no such upload any more.
    pub async fn complete_multipart(&self, key: &str, upload: &str, parts: Vec<StoredPart>) -> Result<bool, AppError> {
        let parts = parts.into_iter().map(|part| {
            CompletedPart::builder()
                .part_number(i32::try_from(part.number).unwrap_or(0))
                .set_e_tag(part.etag)
                .set_checksum_sha256(part.sha256)
                .build()
        });
        let completed = CompletedMultipartUpload::builder().set_parts(Some(parts.collect())).build();
        let complete = self.client.complete_multipart_upload().bucket(&self.bucket).key(key);
        let complete = complete.upload_id(upload).multipart_upload(completed).if_none_match("*");
        match complete.send().await {
            Ok(_) => Ok(true),
            Err(error) if is_gone(&error) => Ok(false),
            // A concurrent request was first: the object exists, or will in a moment.
            Err(error) if matches!(error.code(), Some("PreconditionFailed" | "ConditionalRequestConflict")) => Ok(false),
            Err(error) => Err(sdk_error("complete a multipart upload")(error)),
        }
    }

    /// Aborts all multipart uploads with a key prefix.
    pub async fn abort_multipart_under(&self, prefix: &str) -> Result<(), AppError> {
        // Aborted uploads are no longer listed: read the first page until it is empty.
        loop {
            let list = self.client.list_multipart_uploads().bucket(&self.bucket).prefix(prefix);
            let response = list.send().await.map_err(sdk_error("list multipart uploads"))?;
            let uploads = response.uploads.unwrap_or_default();
            if uploads.is_empty() {
                return Ok(());
            }
            for (key, upload) in uploads.into_iter().filter_map(|upload| upload.key.zip(upload.upload_id)) {
                self.abort_multipart(&key, &upload).await?;
            }
        }
    }

    /// Aborts a multipart upload; a missing one is no error.
    pub async fn abort_multipart(&self, key: &str, upload: &str) -> Result<(), AppError> {
        let abort = self.client.abort_multipart_upload().bucket(&self.bucket).key(key);
        match abort.upload_id(upload).send().await {
            Ok(_) => Ok(()),
            Err(error) if is_gone(&error) => Ok(()),
            Err(error) => Err(sdk_error("abort a multipart upload")(error)),
        }
    }
}
