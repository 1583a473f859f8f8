//! Originals that travel in parts. Parts lie beside the bucket's objects, seen by nobody, until they are put together.

use super::broken;
use super::originals::{Originals, Presigned};
use crate::failure::{Failure, While};
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::types::{ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart};
use std::time::Duration;

/// What the signature of a part binds.
pub struct PartUpload<'a> {
    /// Where the original will lie.
    pub key: &'a str,
    /// Names the parts that belong together.
    pub upload: &'a str,
    /// Its number, from 1.
    pub number: u32,
    /// How many bytes it has.
    pub bytes: u64,
    /// Their SHA-256 in base64.
    pub sha256: &'a str,
    /// How long the permission lasts.
    pub lasts: Duration,
}

/// A part that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPart {
    /// Its number, from 1.
    pub number: u32,
    /// How many bytes it has.
    pub bytes: u64,
    etag: Option<String>,
    sha256: Option<String>,
}

/// Whether the store knows no such upload: it was put together, or thrown away.
fn is_gone<E, R>(error: &SdkError<E, R>) -> bool
where
    SdkError<E, R>: ProvideErrorMetadata,
{
    error.code() == Some("NoSuchUpload")
}

impl Originals {
    /// Begins an upload in parts and names it.
    pub async fn begin_parts(&self, key: &str, kind: &str) -> Result<String, Failure> {
        let begin = self.client.create_multipart_upload().bucket(&self.bucket).key(key);
        let begin = begin.content_type(kind).checksum_algorithm(ChecksumAlgorithm::Sha256);
        let answer = begin.send().await.map_err(broken("begin an upload in parts"))?;
        let named = answer.upload_id;
        named.ok_or_else(|| Failure::broken("begin an upload in parts", "it has no name"))
    }

    /// Signs one part: number, size and checksum are in the signature.
    pub async fn presign_part(&self, part: PartUpload<'_>) -> Result<Presigned, Failure> {
        let config = PresigningConfig::expires_in(part.lasts).while_doing("presign a part")?;
        let request = self
            .client
            .upload_part()
            .bucket(&self.bucket)
            .key(part.key)
            .upload_id(part.upload)
            .part_number(i32::try_from(part.number).while_doing("presign a part")?)
            .content_length(i64::try_from(part.bytes).while_doing("presign a part")?)
            .checksum_sha256(part.sha256);
        let signed = request.presigned(config).await.map_err(broken("presign a part"))?;
        Ok(Presigned::of(&signed))
    }

    /// The parts that are there, by their numbers; none where there is no such upload.
    pub async fn parts(&self, key: &str, upload: &str) -> Result<Option<Vec<StoredPart>>, Failure> {
        let list = self.client.list_parts().bucket(&self.bucket).key(key).upload_id(upload);
        let mut pages = list.into_paginator().send();
        let mut parts = Vec::new();
        while let Some(page) = pages.next().await {
            let page = match page {
                Ok(page) => page,
                Err(error) if is_gone(&error) => return Ok(None),
                Err(error) => return Err(broken("list the parts of an upload")(error)),
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

    /// Puts the parts together, unless something lies there already. `false` where there is no such upload any more.
    pub async fn put_together(&self, key: &str, upload: &str, parts: Vec<StoredPart>) -> Result<bool, Failure> {
        let parts = parts.into_iter().map(|part| {
            CompletedPart::builder()
                .part_number(i32::try_from(part.number).unwrap_or(0))
                .set_e_tag(part.etag)
                .set_checksum_sha256(part.sha256)
                .build()
        });
        let whole = CompletedMultipartUpload::builder().set_parts(Some(parts.collect())).build();
        let complete = self.client.complete_multipart_upload().bucket(&self.bucket).key(key);
        let complete = complete.upload_id(upload).multipart_upload(whole).if_none_match("*");
        match complete.send().await {
            Ok(_) => Ok(true),
            Err(error) if is_gone(&error) => Ok(false),
            // Another was first: the object is there, or will be in a moment.
            Err(error) if matches!(error.code(), Some("PreconditionFailed" | "ConditionalRequestConflict")) => Ok(false),
            Err(error) => Err(broken("put the parts of an upload together")(error)),
        }
    }

    /// Throws away the parts of all uploads whose keys begin so.
    pub async fn throw_away_under(&self, prefix: &str) -> Result<(), Failure> {
        // What is thrown away is no longer listed: the first page is asked for until it is empty.
        loop {
            let list = self.client.list_multipart_uploads().bucket(&self.bucket).prefix(prefix);
            let answer = list.send().await.map_err(broken("list uploads in parts"))?;
            let uploads = answer.uploads.unwrap_or_default();
            if uploads.is_empty() {
                return Ok(());
            }
            for (key, upload) in uploads.into_iter().filter_map(|upload| upload.key.zip(upload.upload_id)) {
                self.throw_away(&key, &upload).await?;
            }
        }
    }

    /// Throws the parts of an upload away; there need be none.
    pub async fn throw_away(&self, key: &str, upload: &str) -> Result<(), Failure> {
        let abort = self.client.abort_multipart_upload().bucket(&self.bucket).key(key);
        match abort.upload_id(upload).send().await {
            Ok(_) => Ok(()),
            Err(error) if is_gone(&error) => Ok(()),
            Err(error) => Err(broken("throw the parts of an upload away")(error)),
        }
    }
}
