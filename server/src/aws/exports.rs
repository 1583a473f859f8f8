//! Exports: zips that wait to be fetched, beside the renditions. They can be made again, and end by the bucket's lifecycle.

use super::broken;
use super::disposition::attachment;
use crate::failure::{Failure, While};
use aws_sdk_s3::Client;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::types::{ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart};
use model::ids::AccountId;
use std::time::Duration;

/// Of each piece. The SDK sends one of them unasked; S3 keeps it, and wants it again at the end, where the file was begun with it.
const CHECKSUM: ChecksumAlgorithm = ChecksumAlgorithm::Crc32;

/// Where exports lie.
#[derive(Clone)]
pub struct Exports {
    client: Client,
    bucket: String,
}

/// A file that is written piece by piece.
pub struct Writing<'a> {
    exports: &'a Exports,
    key: String,
    upload: String,
    pieces: Vec<CompletedPart>,
}

impl Exports {
    pub(super) fn new(config: &aws_config::SdkConfig, bucket: String) -> Self {
        Self {
            client: Client::new(config),
            bucket,
        }
    }

    /// Where all exports of an account lie.
    pub fn folder(account: &AccountId) -> String {
        format!("exports/{account}/")
    }

    /// Where a part of an export lies.
    pub fn key(account: &AccountId, export: &str, number: usize) -> String {
        format!("{}{export}/{number}.zip", Self::folder(account))
    }

    /// Begins a file, in the place of one that may be there.
    pub async fn begin(&self, key: String) -> Result<Writing<'_>, Failure> {
        let begin = self.client.create_multipart_upload().bucket(&self.bucket).key(&key);
        let begin = begin.content_type("application/zip").checksum_algorithm(CHECKSUM);
        let begun = begin.send().await;
        let upload = begun.map_err(broken("begin an export's part"))?.upload_id;
        Ok(Writing {
            exports: self,
            key,
            upload: upload.ok_or_else(|| Failure::broken("begin an export's part", "it has no name"))?,
            pieces: vec![],
        })
    }

    /// An address that gives a part to whoever has it, as a file of this name.
    pub async fn presign_download(&self, key: &str, name: &str, lasts: Duration) -> Result<String, Failure> {
        let config = PresigningConfig::expires_in(lasts).while_doing("presign a download")?;
        let get = self.client.get_object().bucket(&self.bucket).key(key);
        let get = get.response_content_disposition(attachment(name));
        let signed = get.presigned(config).await.map_err(broken("presign a download"))?;
        Ok(signed.uri().into())
    }
}

impl Writing<'_> {
    /// Adds a piece. All but the last have 5 MiB at least.
    pub async fn add(&mut self, bytes: Vec<u8>) -> Result<(), Failure> {
        let number = i32::try_from(self.pieces.len() + 1).while_doing("number a piece")?;
        let Exports { client, bucket } = self.exports;
        let piece = client.upload_part().bucket(bucket).key(&self.key).upload_id(&self.upload);
        let piece = piece.part_number(number).checksum_algorithm(CHECKSUM).body(bytes.into());
        let added = piece.send().await.map_err(broken("write an export"))?;
        let piece = CompletedPart::builder().part_number(number).set_e_tag(added.e_tag);
        self.pieces.push(piece.set_checksum_crc32(added.checksum_crc32).build());
        Ok(())
    }

    /// The file is whole: from now on it is there.
    pub async fn finish(self) -> Result<(), Failure> {
        let Exports { client, bucket } = self.exports;
        let whole = CompletedMultipartUpload::builder().set_parts(Some(self.pieces)).build();
        let complete = client.complete_multipart_upload().bucket(bucket).key(&self.key);
        let completed = complete.upload_id(self.upload).multipart_upload(whole).send().await;
        completed.map(drop).map_err(broken("finish an export's part"))
    }
}
