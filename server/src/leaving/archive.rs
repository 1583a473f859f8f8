//! A zip that is written to the store while it grows. Photos hardly compress: they are stored as they are.

use super::names::Paths;
use crate::aws::exports::{Exports, Writing};
use crate::failure::{Failure, While};
use async_zip::base::write::ZipFileWriter;
use async_zip::{Compression, ZipDateTime, ZipDateTimeBuilder, ZipEntryBuilder};
use model::time::{Day, Time, days_since_1970};

/// Bytes that are sent at once. S3 takes ten thousand pieces of a file.
const PIECE_BYTES: usize = 16 << 20;

/// A zip that is being written.
pub struct Archive<'a> {
    to: Writing<'a>,
    zip: ZipFileWriter<Vec<u8>>,
    sent: u64,
    paths: Paths,
}

impl<'a> Archive<'a> {
    /// Begins a zip at a key.
    pub async fn begin(exports: &'a Exports, key: String) -> Result<Self, Failure> {
        Ok(Self {
            to: exports.begin(key).await?,
            zip: ZipFileWriter::new(Vec::new()),
            sent: 0,
            paths: Paths::default(),
        })
    }

    /// Bytes so far.
    pub fn bytes(&mut self) -> u64 {
        self.sent + self.zip.inner_mut().len() as u64
    }

    /// Adds a file to a folder, which is empty or ends with a slash, and answers its path: a second of one name gets a number. `wall`
    /// is what the clock showed when it was made.
    pub async fn add(&mut self, folder: &str, name: &str, wall: Time, bytes: &[u8]) -> Result<String, Failure> {
        let path = self.paths.add(folder, name);
        let entry = ZipEntryBuilder::new(path.clone().into(), Compression::Stored);
        let entry = entry.last_modification_date(dos(wall));
        // What others read and only their owner writes, as unpacking programs on Unix set it.
        let entry = entry.unix_permissions(0o644);
        self.zip.write_entry_whole(entry, bytes).await.while_doing("write a zip")?;
        self.send_pieces().await?;
        Ok(path)
    }

    async fn send_pieces(&mut self) -> Result<(), Failure> {
        while self.zip.inner_mut().len() >= 2 * PIECE_BYTES {
            let rest = self.zip.inner_mut().split_off(PIECE_BYTES);
            let piece = std::mem::replace(self.zip.inner_mut(), rest);
            self.sent += piece.len() as u64;
            self.to.add(piece).await?;
        }
        Ok(())
    }

    /// The zip is whole; answers its bytes.
    pub async fn finish(mut self) -> Result<u64, Failure> {
        let rest = self.zip.close().await.while_doing("close a zip")?;
        let bytes = self.sent + rest.len() as u64;
        self.to.add(rest).await?;
        self.to.finish().await?;
        Ok(bytes)
    }
}

/// A moment of the clock on the wall as zip files have it: every second one from 1980 to 2107. The extra field for others is in UTC:
/// those who unpack would see the clock of where they are.
fn dos(wall: Time) -> ZipDateTime {
    let year = |year: i64| Day(days_since_1970(year, 1, 1) as i32).begins();
    let wall = wall.clamp(year(1980), Time(year(2108).0 - 1));
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
    fn a_date_is_that_of_the_wall_as_far_as_a_zip_can_say() {
        let told = |wall: i64| {
            let date = dos(Time(wall));
            (
                (date.year(), date.month(), date.day()),
                (date.hour(), date.minute(), date.second()),
            )
        };
        assert_eq!(told(1_709_251_199_999), ((2024, 2, 29), (23, 59, 58)));
        assert_eq!(told(-1), ((1980, 1, 1), (0, 0, 0)));
        assert_eq!(told(i64::MIN), ((1980, 1, 1), (0, 0, 0)));
        assert_eq!(told(i64::MAX), ((2107, 12, 31), (23, 59, 58)));
    }
}
