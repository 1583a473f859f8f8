//! Sandbox: decodes each untrusted file in a child process, so that a decoder that panics, aborts, exhausts memory or hangs
//! fails this one file. A compromised decoder finds no credentials: the child has an empty environment and cannot read its
//! parent's.
//!
//! The child is the same executable, started with [`ARGUMENT`]. Its stdin is a [`Task`] as a line of JSON, then the file; its
//! stdout is the result as a line of JSON, then the renditions one after the other.

use super::{Developed, Format, ImageError, Inspection, Miniature, Rendition, develop, inspect, miniature};
use rlimit::Resource;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

/// Timeout of one task. 100 megapixels take a tenth of it.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// The first argument of the child process.
const ARGUMENT: &str = "develop-apart";

/// Limit of the child's address space (`RLIMIT_AS`), in bytes. The largest photos within the limits take half of it.
const MAX_MEMORY: u64 = 1200 << 20;

/// The request to the child process.
#[derive(Debug, Clone, Serialize, Deserialize)]
enum Task {
    Inspect,
    Develop { formats: Vec<Format>, widths: Vec<u32> },
    Miniature { most: u32 },
}

/// The response to [`Task::Develop`], without the encoded files: these follow in the same order.
#[derive(Debug, Serialize, Deserialize)]
struct DevelopedHeader {
    inspection: Inspection,
    /// Format, nominal width and length in bytes.
    renditions: Vec<(Format, u32, usize)>,
    /// Length in bytes.
    animation: Option<usize>,
}

/// If this is a child process, runs its task and exits; otherwise returns at once. Call it first in `main`.
pub fn serve() {
    if std::env::args().nth(1).as_deref() != Some(ARGUMENT) {
        return;
    }
    let limited = Resource::AS.set(MAX_MEMORY, MAX_MEMORY);
    let served = limited.and_then(|()| run_task(&mut io::stdin().lock(), &mut io::stdout().lock()));
    std::process::exit(i32::from(served.is_err()));
}

fn run_task(input: &mut impl BufRead, output: &mut impl Write) -> io::Result<()> {
    let mut task = String::new();
    input.read_line(&mut task)?;
    let task: Task = serde_json::from_str(&task)?;
    let mut file = vec![];
    input.read_to_end(&mut file)?;
    match task {
        Task::Inspect => write_line(output, &inspect(&file))?,
        Task::Develop { formats, widths } => write_developed(output, &develop(file, &formats, &widths))?,
        Task::Miniature { most } => write_line(output, &miniature(&file, most))?,
    }
    output.flush()
}

fn write_line(output: &mut impl Write, result: &Result<impl Serialize, impl Serialize>) -> io::Result<()> {
    serde_json::to_writer(&mut *output, result)?;
    output.write_all(b"\n")
}

fn write_developed(output: &mut impl Write, result: &Result<Developed, ImageError>) -> io::Result<()> {
    let header: Result<DevelopedHeader, &ImageError> = result.as_ref().map(|developed| DevelopedHeader {
        inspection: developed.inspection.clone(),
        renditions: developed
            .renditions
            .iter()
            .map(|r| (r.format, r.width, r.bytes.len()))
            .collect(),
        animation: developed.animation.as_ref().map(Vec::len),
    });
    write_line(output, &header)?;
    if let Ok(developed) = result {
        for rendition in &developed.renditions {
            output.write_all(&rendition.bytes)?;
        }
        output.write_all(developed.animation.as_deref().unwrap_or_default())?;
    }
    Ok(())
}

/// Makes this process undumpable: its children, which run as the same user, cannot read its memory or environment.
#[cfg(target_os = "linux")]
#[allow(unsafe_code)]
fn make_undumpable() -> io::Result<()> {
    let dumpable: libc::c_ulong = 0;
    // SAFETY: takes and returns integers only.
    match unsafe { libc::prctl(libc::PR_SET_DUMPABLE, dumpable) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Runs each task in a child process.
#[derive(Debug, Clone)]
pub struct Sandbox {
    program: PathBuf,
    timeout: Duration,
}

impl Sandbox {
    /// Child processes of the current executable.
    ///
    /// # Errors
    /// If the path of the executable is unknown.
    pub fn here() -> io::Result<Self> {
        Ok(Self::of(&std::env::current_exe()?, PATIENCE))
    }

    /// Child processes of a program that calls [`serve`].
    pub fn of(program: &Path, timeout: Duration) -> Self {
        Self {
            program: program.to_owned(),
            timeout,
        }
    }

    /// [`inspect`] in a child process.
    ///
    /// # Errors
    /// Those of [`inspect`]; [`ImageError::Damaged`] if the child dies, [`ImageError::TooSlow`] on timeout.
    pub fn inspect(&self, file: Vec<u8>) -> Result<Inspection, ImageError> {
        self.run(&Task::Inspect, file, read_line)
    }

    /// [`develop`] in a child process.
    ///
    /// # Errors
    /// Those of [`develop`]; [`ImageError::Damaged`] if the child dies, [`ImageError::TooSlow`] on timeout.
    pub fn develop(&self, file: Vec<u8>, formats: &[Format], widths: &[u32]) -> Result<Developed, ImageError> {
        let task = Task::Develop {
            formats: formats.to_vec(),
            widths: widths.to_vec(),
        };
        self.run(&task, file, read_developed)
    }

    /// [`miniature`] in a child process.
    ///
    /// # Errors
    /// Those of [`miniature`]; [`ImageError::Damaged`] if the child dies, [`ImageError::TooSlow`] on timeout.
    pub fn miniature(&self, file: Vec<u8>, most: u32) -> Result<Miniature, ImageError> {
        self.run(&Task::Miniature { most }, file, read_line)
    }

    fn run<T: Send + 'static>(&self, task: &Task, file: Vec<u8>, read: ReadResult<T>) -> Result<T, ImageError> {
        #[cfg(target_os = "linux")]
        make_undumpable().map_err(|_| ImageError::NotEncoded)?;
        let mut child = Command::new(&self.program)
            .arg(ARGUMENT)
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|_| ImageError::NotEncoded)?;
        let result = self.exchange(&mut child, task, file, read);
        // Fails if the child has already exited.
        let _ = child.kill();
        let _ = child.wait();
        result
    }

    fn exchange<T: Send + 'static>(
        &self,
        child: &mut Child,
        task: &Task,
        file: Vec<u8>,
        read: ReadResult<T>,
    ) -> Result<T, ImageError> {
        let (Some(mut stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(ImageError::NotEncoded);
        };
        let mut line = serde_json::to_vec(task).map_err(|_| ImageError::NotEncoded)?;
        line.push(b'\n');
        // Fails if the child exits before it has read everything; its output says why.
        std::thread::spawn(move || stdin.write_all(&line).and_then(|()| stdin.write_all(&file)));
        let (sender, receiver) = mpsc::channel();
        // Sending fails after the timeout, when the receiver is gone.
        std::thread::spawn(move || drop(sender.send(read(&mut BufReader::new(stdout)))));
        match receiver.recv_timeout(self.timeout) {
            Ok(Ok(result)) => result,
            // The child died before its output was complete.
            Ok(Err(_)) | Err(RecvTimeoutError::Disconnected) => Err(ImageError::Damaged),
            Err(RecvTimeoutError::Timeout) => Err(ImageError::TooSlow),
        }
    }
}

/// Reads a result from the child's output.
type ReadResult<T> = fn(&mut BufReader<ChildStdout>) -> io::Result<Result<T, ImageError>>;

fn read_line<T: DeserializeOwned>(input: &mut impl BufRead) -> io::Result<Result<T, ImageError>> {
    let mut line = String::new();
    input.read_line(&mut line)?;
    Ok(serde_json::from_str(&line)?)
}

fn read_developed(input: &mut impl BufRead) -> io::Result<Result<Developed, ImageError>> {
    let header: DevelopedHeader = match read_line(input)? {
        Ok(header) => header,
        Err(unfit) => return Ok(Err(unfit)),
    };
    let mut file = |length: usize| {
        let mut file = vec![0; length];
        input.read_exact(&mut file).map(|()| file)
    };
    let rendition = |(format, width, length)| {
        Ok(Rendition {
            format,
            width,
            bytes: file(length)?,
        })
    };
    let renditions = header.renditions.into_iter().map(rendition).collect::<io::Result<_>>()?;
    Ok(Ok(Developed {
        inspection: header.inspection,
        renditions,
        animation: header.animation.map(file).transpose()?,
    }))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::samples::photograph;

    fn output(task: &Task, file: &[u8]) -> Vec<u8> {
        let input = [&serde_json::to_vec(task).unwrap()[..], b"\n", file].concat();
        let mut output = vec![];
        run_task(&mut &input[..], &mut output).unwrap();
        output
    }

    #[test]
    fn results_survive_the_round_trip() {
        let file = photograph("formats/cat.gif");
        let (formats, widths) = (vec![Format::Webp, Format::Jpeg], vec![320]);
        let expected = develop(file.clone(), &formats, &widths);
        let developed = output(&Task::Develop { formats, widths }, &file);
        assert_eq!(read_developed(&mut &developed[..]).unwrap(), expected);
        assert_eq!(
            read_line::<Inspection>(&mut &output(&Task::Inspect, &file)[..]).unwrap(),
            inspect(&file)
        );
        assert_eq!(
            read_line::<Inspection>(&mut &output(&Task::Inspect, b"")[..]).unwrap(),
            Err(ImageError::Empty)
        );
    }

    #[test]
    fn a_miniature_survives_the_round_trip() {
        let cat = photograph("cat.png");
        let file = develop(cat.clone(), &[Format::Jpeg], &[320])
            .unwrap()
            .renditions
            .remove(0)
            .bytes;
        let result = |most, file: &[u8]| read_line::<Miniature>(&mut &output(&Task::Miniature { most }, file)[..]).unwrap();
        assert_eq!(result(320, &file), miniature(&file, 320));
        assert!(result(320, &file).is_ok());
        assert!(matches!(result(100, &file), Err(ImageError::TooManyPixels { .. })));
        assert_eq!(result(320, &cat), Err(ImageError::NotAPhoto));
    }

    #[test]
    fn truncated_output_is_an_error() {
        let task = Task::Develop {
            formats: vec![Format::Jpeg],
            widths: vec![320],
        };
        let output = output(&task, &photograph("cat.png"));
        for length in [0, 10, output.len() - 1] {
            assert!(read_developed(&mut &output[..length]).is_err());
        }
    }
}
