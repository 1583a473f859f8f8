//! A zip that is streamed to S3 while it is written. Photos hardly compress: they are stored uncompressed.

use super::names::Paths;
use crate::aws::exports::{ExportWriter, Exports};
use crate::error::{AppError, Context};
use async_zip::base::write::ZipFileWriter;
use async_zip::{Compression, ZipDateTime, ZipDateTimeBuilder, ZipEntryBuilder};
use model::time::{Day, Time};

/// Bytes of a part of the multipart upload. S3 takes ten thousand parts.
const PART_BYTES: usize = 16 << 20;

/// The first of January 1980 and 2108: zip files store dates from the former to before the latter.
const DOS_DATES: [Day; 2] = [Day(3652), Day(50_403)];

/// A zip that is being written.
pub struct Archive<'a> {
    writer: ExportWriter<'a>,
    zip: ZipFileWriter<Vec<u8>>,
    sent: u64,
    paths: Paths,
}

impl<'a> Archive<'a> {
    /// Begins a zip at a key.
    pub async fn begin(exports: &'a Exports, key: String) -> Result<Self, AppError> {
        Ok(Self {
            writer: exports.begin(key).await?,
            zip: ZipFileWriter::new(Vec::new()),
            sent: 0,
            paths: Paths::default(),
        })
    }

    /// Bytes written so far.
    pub fn bytes(&mut self) -> u64 {
        self.sent + self.zip.inner_mut().len() as u64
    }

    /// Adds a file to a folder, which is empty or ends with a slash, and returns its path: duplicate names get a number. `wall` is the
    /// local time at which it was made.
    pub async fn add(&mut self, folder: &str, name: &str, wall: Time, bytes: &[u8]) -> Result<String, AppError> {
        let path = self.paths.add(folder, name);
        let entry = ZipEntryBuilder::new(path.clone().into(), Compression::Stored);
        let entry = entry.last_modification_date(dos_time(wall));
        // As unpacking programs on Unix set it.
        let entry = entry.unix_permissions(0o644);
        self.zip.write_entry_whole(entry, bytes).await.context("write a zip")?;
        self.send_parts().await?;
        Ok(path)
    }

    async fn send_parts(&mut self) -> Result<(), AppError> {
        while self.zip.inner_mut().len() >= 2 * PART_BYTES {
            let rest = self.zip.inner_mut().split_off(PART_BYTES);
            let part = std::mem::replace(self.zip.inner_mut(), rest);
            self.sent += part.len() as u64;
            self.writer.add(part).await?;
        }
        Ok(())
    }

    /// Completes the zip and returns its size in bytes.
    pub async fn finish(mut self) -> Result<u64, AppError> {
        let rest = self.zip.close().await.context("close a zip")?;
        let bytes = self.sent + rest.len() as u64;
        self.writer.add(rest).await?;
        self.writer.finish().await?;
        Ok(bytes)
    }
}

/// A local time as zip files store it: in steps of two seconds, from 1980 to 2107. The extra field for other times is in UTC, and would
/// be shown in the time zone of whoever unpacks.
fn dos_time(wall: Time) -> ZipDateTime {
    let [first, end] = DOS_DATES.map(Day::begins);
    let wall = wall.clamp(first, Time(end.0 - 1));
    let (year, month, day) = Day::of(wall).civil();
    let second = (wall.seconds() - Day::of(wall).begins().seconds()) as u32;
    ZipDateTimeBuilder::new()
        .year(year as i32)
        .month(month)
        .day(day)
        .hour(second / 3600)
        .minute(second / 60 % 60)
        .second(second % 60)
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_local_and_clamped_to_what_a_zip_can_store() {
        let stored = |wall: i64| {
            let date = dos_time(Time(wall));
            (
                (date.year(), date.month(), date.day()),
                (date.hour(), date.minute(), date.second()),
            )
        };
        assert_eq!(stored(1_709_251_199_999), ((2024, 2, 29), (23, 59, 58)));
        assert_eq!(stored(-1), ((1980, 1, 1), (0, 0, 0)));
        assert_eq!(stored(i64::MIN), ((1980, 1, 1), (0, 0, 0)));
        assert_eq!(stored(i64::MAX), ((2107, 12, 31), (23, 59, 58)));
    }
}
