//! A zip that is written to the store while it grows. Photos hardly compress: they are stored as they are.

use crate::aws::exports::{Exports, Writing};
use crate::failure::{Failure, While};
use async_zip::base::write::ZipFileWriter;
use async_zip::{Compression, ZipEntryBuilder};
use std::collections::HashSet;

/// Bytes that are sent at once. S3 takes ten thousand pieces of a file.
const PIECE_BYTES: usize = 16 << 20;

/// A zip that is being written.
pub struct Archive<'a> {
    to: Writing<'a>,
    zip: ZipFileWriter<Vec<u8>>,
    sent: u64,
    names: HashSet<String>,
}

impl<'a> Archive<'a> {
    /// Begins a zip at a key.
    pub async fn begin(exports: &'a Exports, key: String) -> Result<Self, Failure> {
        Ok(Self {
            to: exports.begin(key).await?,
            zip: ZipFileWriter::new(Vec::new()),
            sent: 0,
            names: HashSet::new(),
        })
    }

    /// Bytes so far.
    pub fn bytes(&mut self) -> u64 {
        self.sent + self.zip.inner_mut().len() as u64
    }

    /// Adds a file and answers what it is called in the zip: a second of one name gets a number.
    pub async fn add(&mut self, name: &str, bytes: &[u8]) -> Result<String, Failure> {
        let name = free(&mut self.names, name);
        let entry = ZipEntryBuilder::new(name.clone().into(), Compression::Stored);
        // What others read and only their owner writes, as unpacking programs on Unix set it.
        let entry = entry.unix_permissions(0o644);
        self.zip.write_entry_whole(entry, bytes).await.while_doing("write a zip")?;
        self.send_pieces().await?;
        Ok(name)
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

/// A name that no other file has: `cup.jpg`, then `cup (2).jpg`.
fn free(names: &mut HashSet<String>, wanted: &str) -> String {
    let (stem, ending) = match wanted.rsplit_once('.') {
        Some((stem, ending)) if !ending.contains('/') => (stem, format!(".{ending}")),
        _ => (wanted, String::new()),
    };
    let numbered = (2_u32..).map(|number| format!("{stem} ({number}){ending}"));
    let mut candidates = std::iter::once(wanted.to_owned()).chain(numbered);
    // Programs that unpack may not tell capitals apart.
    let free = candidates.find(|name| names.insert(name.to_lowercase()));
    free.unwrap_or_else(|| wanted.to_owned())
}

/// A file's name as a path's last part, on every system.
pub fn plain(name: &str) -> String {
    let kept = |c: char| !c.is_control() && !matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|');
    let plain: String = name.chars().map(|c| if kept(c) { c } else { '_' }).collect();
    // Windows takes neither at the end, and a name of dots is a folder.
    match plain.trim_end_matches(['.', ' ']) {
        "" => "photo".to_owned(),
        trimmed => trimmed.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_files_of_one_name_are_two_files() {
        let mut names = HashSet::new();
        let given = ["2024/a.jpg", "2024/a.jpg", "2024/A.JPG", "2025/a.jpg", "v1.2/a", "v1.2/a"];
        assert_eq!(
            given.map(|name| free(&mut names, name)),
            [
                "2024/a.jpg",
                "2024/a (2).jpg",
                "2024/A (3).JPG",
                "2025/a.jpg",
                "v1.2/a",
                "v1.2/a (2)"
            ]
        );
    }

    #[test]
    fn a_name_leads_nowhere_else() {
        for (name, expected) in [
            ("beach.jpg", "beach.jpg"),
            ("../../etc/passwd", ".._.._etc_passwd"),
            ("C:\\a?.jpg", "C__a_.jpg"),
            ("..", "photo"),
            ("", "photo"),
            ("été 1.jpg", "été 1.jpg"),
        ] {
            assert_eq!(plain(name), expected);
        }
    }
}
