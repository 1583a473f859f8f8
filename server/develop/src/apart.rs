//! A process of its own for each file that is not trusted. What a decoder does to it is then a refusal and nothing more: it
//! panics or aborts, asks for too much memory, or does not end. A decoder that a file took over finds no credentials: the
//! process has no environment, and cannot read its parent's.
//!
//! The process is this program once more, with [`ARGUMENT`]. It is told its task in a line of JSON, then the file, and tells
//! what came of it in a line of JSON, then the renditions one after the other.

use super::{Developed, Format, Inspection, Miniature, Rendition, Unfit, develop, inspect, miniature};
use rlimit::Resource;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
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
    Miniature { most: u32 },
}

/// What came of developing. Files follow, in the order in which they are told here.
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
    match task {
        Task::Inspect => tell(told, &inspect(&file))?,
        Task::Develop { formats, widths } => tell_developed(told, &develop(file, &formats, &widths))?,
        Task::Miniature { most } => tell(told, &miniature(&file, most))?,
    }
    told.flush()
}

fn tell(told: &mut impl Write, line: &Result<impl Serialize, impl Serialize>) -> io::Result<()> {
    serde_json::to_writer(&mut *told, line)?;
    told.write_all(b"\n")
}

fn tell_developed(told: &mut impl Write, done: &Result<Developed, Unfit>) -> io::Result<()> {
    let line: Result<Told, &Unfit> = done.as_ref().map(|developed| Told {
        inspection: developed.inspection.clone(),
        renditions: developed
            .renditions
            .iter()
            .map(|r| (r.format, r.width, r.bytes.len()))
            .collect(),
        animation: developed.animation.as_ref().map(Vec::len),
    });
    tell(told, &line)?;
    if let Ok(developed) = done {
        for rendition in &developed.renditions {
            told.write_all(&rendition.bytes)?;
        }
        told.write_all(developed.animation.as_deref().unwrap_or_default())?;
    }
    Ok(())
}

/// Hides the memory and the environment of this process from its children, which run as the same user.
///
/// # Errors
/// Where the system does not allow it.
#[cfg(target_os = "linux")]
#[allow(unsafe_code)]
fn hide() -> io::Result<()> {
    let dumpable: libc::c_ulong = 0;
    // SAFETY: it takes integers and answers with one.
    match unsafe { libc::prctl(libc::PR_SET_DUMPABLE, dumpable) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
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
        self.ask(&Task::Inspect, file, hear)
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
        self.ask(&task, file, hear_developed)
    }

    /// As [`miniature`].
    ///
    /// # Errors
    /// As there; a file that ends the process is damaged, one that does not end is too slow.
    pub fn miniature(&self, file: Vec<u8>, most: u32) -> Result<Miniature, Unfit> {
        self.ask(&Task::Miniature { most }, file, hear)
    }

    fn ask<T: Send + 'static>(&self, task: &Task, file: Vec<u8>, hear: Hear<T>) -> Result<T, Unfit> {
        #[cfg(target_os = "linux")]
        hide().map_err(|_| Unfit::NotEncoded)?;
        let mut child = Command::new(&self.program)
            .arg(ARGUMENT)
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|_| Unfit::NotEncoded)?;
        let told = self.told(&mut child, task, file, hear);
        // Whatever it still does is of no use; it may have ended.
        let _ = child.kill();
        let _ = child.wait();
        told
    }

    fn told<T: Send + 'static>(&self, child: &mut Child, task: &Task, file: Vec<u8>, hear: Hear<T>) -> Result<T, Unfit> {
        let (Some(mut to), Some(from)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(Unfit::NotEncoded);
        };
        let mut line = serde_json::to_vec(task).map_err(|_| Unfit::NotEncoded)?;
        line.push(b'\n');
        // One that ends before it has read everything has its reasons.
        std::thread::spawn(move || to.write_all(&line).and_then(|()| to.write_all(&file)));
        let (tell, told) = mpsc::channel();
        // Nobody listens any more to one that took too long.
        std::thread::spawn(move || drop(tell.send(hear(&mut BufReader::new(from)))));
        match told.recv_timeout(self.patience) {
            Ok(Ok(answer)) => answer,
            // It ended in the middle.
            Ok(Err(_)) | Err(RecvTimeoutError::Disconnected) => Err(Unfit::Damaged),
            Err(RecvTimeoutError::Timeout) => Err(Unfit::TooSlow),
        }
    }
}

/// Reads what a process tells.
type Hear<T> = fn(&mut BufReader<ChildStdout>) -> io::Result<Result<T, Unfit>>;

fn hear<T: DeserializeOwned>(from: &mut impl BufRead) -> io::Result<Result<T, Unfit>> {
    let mut line = String::new();
    from.read_line(&mut line)?;
    Ok(serde_json::from_str(&line)?)
}

fn hear_developed(from: &mut impl BufRead) -> io::Result<Result<Developed, Unfit>> {
    let told: Told = match hear(from)? {
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

    fn told(task: &Task, file: &[u8]) -> Vec<u8> {
        let question = [&serde_json::to_vec(task).unwrap()[..], b"\n", file].concat();
        let mut told = vec![];
        answer(&mut &question[..], &mut told).unwrap();
        told
    }

    #[test]
    fn what_is_told_is_what_was_made() {
        let file = photograph("formats/cat.gif");
        let (formats, widths) = (vec![Format::Webp, Format::Jpeg], vec![320]);
        let made = develop(file.clone(), &formats, &widths);
        let developed = told(&Task::Develop { formats, widths }, &file);
        assert_eq!(hear_developed(&mut &developed[..]).unwrap(), made);
        assert_eq!(
            hear::<Inspection>(&mut &told(&Task::Inspect, &file)[..]).unwrap(),
            inspect(&file)
        );
        assert_eq!(
            hear::<Inspection>(&mut &told(&Task::Inspect, b"")[..]).unwrap(),
            Err(Unfit::Empty)
        );
    }

    #[test]
    fn a_miniature_is_told_as_it_was_made() {
        let cat = photograph("cat.png");
        let file = develop(cat.clone(), &[Format::Jpeg], &[320])
            .unwrap()
            .renditions
            .remove(0)
            .bytes;
        let heard = |most, file: &[u8]| hear::<Miniature>(&mut &told(&Task::Miniature { most }, file)[..]).unwrap();
        assert_eq!(heard(320, &file), miniature(&file, 320));
        assert!(heard(320, &file).is_ok());
        assert!(matches!(heard(100, &file), Err(Unfit::TooManyPixels { .. })));
        assert_eq!(heard(320, &cat), Err(Unfit::NotAPhoto));
    }

    #[test]
    fn an_answer_that_breaks_off_is_none() {
        let task = Task::Develop {
            formats: vec![Format::Jpeg],
            widths: vec![320],
        };
        let told = told(&task, &photograph("cat.png"));
        for length in [0, 10, told.len() - 1] {
            assert!(hear_developed(&mut &told[..length]).is_err());
        }
    }
}
