//! A process of its own for each file that is not trusted. What a decoder does to it is then a refusal and nothing more: it
//! panics or aborts, asks for too much memory, or does not end.
//!
//! The process is this program once more, with [`ARGUMENT`]. It is told its task in a line of JSON, then the file, and tells
//! what came of it in a line of JSON, then the renditions one after the other.

use super::{Developed, Format, Inspection, Rendition, Unfit, develop, inspect};
use rlimit::Resource;
use serde::{Deserialize, Serialize};
use std::io::{self, BufRead, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

/// How long a file may take: a hundred megapixels take a tenth of it.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// What the program is called with to be that process.
const ARGUMENT: &str = "develop-apart";

/// Address space of the process, in bytes: the largest photos that the limits let in take half of it.
const MOST_MEMORY: u64 = 1200 << 20;

/// What is to be done with a file.
#[derive(Debug, Clone, Serialize, Deserialize)]
enum Task {
    Inspect,
    Develop { formats: Vec<Format>, widths: Vec<u32> },
}

/// What came of it. Files follow, in the order in which they are told here.
#[derive(Debug, Serialize, Deserialize)]
struct Told {
    inspection: Inspection,
    renditions: Vec<(Format, u32, usize)>,
    animation: Option<usize>,
}

/// Does what it was called for, if it was: then the program ends, and is not begun. To be called first.
pub fn serve() {
    if std::env::args().nth(1).as_deref() != Some(ARGUMENT) {
        return;
    }
    let limited = Resource::AS.set(MOST_MEMORY, MOST_MEMORY);
    let served = limited.and_then(|()| answer(&mut io::stdin().lock(), &mut io::stdout().lock()));
    std::process::exit(i32::from(served.is_err()));
}

fn answer(asked: &mut impl BufRead, told: &mut impl Write) -> io::Result<()> {
    let mut task = String::new();
    asked.read_line(&mut task)?;
    let task: Task = serde_json::from_str(&task)?;
    let mut file = vec![];
    asked.read_to_end(&mut file)?;
    let done = match task {
        Task::Inspect => inspect(&file).map(|inspection| Developed {
            inspection,
            renditions: vec![],
            animation: None,
        }),
        Task::Develop { formats, widths } => develop(file, &formats, &widths),
    };
    let line: Result<Told, &Unfit> = done.as_ref().map(|developed| Told {
        inspection: developed.inspection.clone(),
        renditions: developed
            .renditions
            .iter()
            .map(|r| (r.format, r.width, r.bytes.len()))
            .collect(),
        animation: developed.animation.as_ref().map(Vec::len),
    });
    serde_json::to_writer(&mut *told, &line)?;
    told.write_all(b"\n")?;
    if let Ok(developed) = &done {
        for rendition in &developed.renditions {
            told.write_all(&rendition.bytes)?;
        }
        told.write_all(developed.animation.as_deref().unwrap_or_default())?;
    }
    told.flush()
}

/// Where files are worked on.
#[derive(Debug, Clone)]
pub struct Apart {
    program: PathBuf,
    patience: Duration,
}

impl Apart {
    /// In processes of this program.
    ///
    /// # Errors
    /// When it does not know where it is.
    pub fn here() -> io::Result<Self> {
        Ok(Self::of(&std::env::current_exe()?, PATIENCE))
    }

    /// In processes of a program that [serves](serve), each for so long at most.
    pub fn of(program: &Path, patience: Duration) -> Self {
        Self {
            program: program.to_owned(),
            patience,
        }
    }

    /// As [`inspect`].
    ///
    /// # Errors
    /// As there; a file that ends the process is damaged, one that does not end is too slow.
    pub fn inspect(&self, file: Vec<u8>) -> Result<Inspection, Unfit> {
        Ok(self.ask(&Task::Inspect, file)?.inspection)
    }

    /// As [`develop`].
    ///
    /// # Errors
    /// As there; a file that ends the process is damaged, one that does not end is too slow.
    pub fn develop(&self, file: Vec<u8>, formats: &[Format], widths: &[u32]) -> Result<Developed, Unfit> {
        let task = Task::Develop {
            formats: formats.to_vec(),
            widths: widths.to_vec(),
        };
        self.ask(&task, file)
    }

    fn ask(&self, task: &Task, file: Vec<u8>) -> Result<Developed, Unfit> {
        let mut child = Command::new(&self.program)
            .arg(ARGUMENT)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|_| Unfit::NotEncoded)?;
        let told = self.told(&mut child, task, file);
        // Whatever it still does is of no use; it may have ended.
        let _ = child.kill();
        let _ = child.wait();
        told
    }

    fn told(&self, child: &mut Child, task: &Task, file: Vec<u8>) -> Result<Developed, Unfit> {
        let (Some(mut to), Some(from)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(Unfit::NotEncoded);
        };
        let mut line = serde_json::to_vec(task).map_err(|_| Unfit::NotEncoded)?;
        line.push(b'\n');
        // One that ends before it has read everything has its reasons.
        std::thread::spawn(move || to.write_all(&line).and_then(|()| to.write_all(&file)));
        let (tell, told) = mpsc::channel();
        // Nobody listens any more to one that took too long.
        std::thread::spawn(move || drop(tell.send(read(&mut io::BufReader::new(from)))));
        match told.recv_timeout(self.patience) {
            Ok(Ok(answer)) => answer,
            // It ended in the middle.
            Ok(Err(_)) | Err(RecvTimeoutError::Disconnected) => Err(Unfit::Damaged),
            Err(RecvTimeoutError::Timeout) => Err(Unfit::TooSlow),
        }
    }
}

fn read(from: &mut impl BufRead) -> io::Result<Result<Developed, Unfit>> {
    let mut line = String::new();
    from.read_line(&mut line)?;
    let told: Told = match serde_json::from_str::<Result<Told, Unfit>>(&line)? {
        Ok(told) => told,
        Err(unfit) => return Ok(Err(unfit)),
    };
    let mut file = |bytes: usize| {
        let mut file = vec![0; bytes];
        from.read_exact(&mut file).map(|()| file)
    };
    let rendition = |(format, width, bytes)| {
        Ok(Rendition {
            format,
            width,
            bytes: file(bytes)?,
        })
    };
    let renditions = told.renditions.into_iter().map(rendition).collect::<io::Result<_>>()?;
    Ok(Ok(Developed {
        inspection: told.inspection,
        renditions,
        animation: told.animation.map(file).transpose()?,
    }))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::samples::photograph;

    fn asked(task: &Task, file: &[u8]) -> Result<Developed, Unfit> {
        let question = [&serde_json::to_vec(task).unwrap()[..], b"\n", file].concat();
        let mut told = vec![];
        answer(&mut &question[..], &mut told).unwrap();
        read(&mut &told[..]).unwrap()
    }

    #[test]
    fn what_is_told_is_what_was_made() {
        let file = photograph("formats/cat.gif");
        let (formats, widths) = (vec![Format::Webp, Format::Jpeg], vec![320]);
        let made = develop(file.clone(), &formats, &widths);
        assert_eq!(asked(&Task::Develop { formats, widths }, &file), made);
        assert_eq!(asked(&Task::Inspect, &file).map(|told| told.inspection), inspect(&file));
        assert_eq!(asked(&Task::Inspect, b""), Err(Unfit::Empty));
    }

    #[test]
    fn an_answer_that_breaks_off_is_none() {
        let mut told = vec![];
        let question = [
            &serde_json::to_vec(&Task::Develop {
                formats: vec![Format::Jpeg],
                widths: vec![320],
            })
            .unwrap()[..],
            b"\n",
            &photograph("cat.png"),
        ]
        .concat();
        answer(&mut &question[..], &mut told).unwrap();
        for length in [0, 10, told.len() - 1] {
            assert!(read(&mut &told[..length]).is_err());
        }
    }
}
