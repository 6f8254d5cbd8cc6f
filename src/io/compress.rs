//! gzip for closed files, on a thread of low priority.

use std::fs::{self, File};
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};
use std::thread;

use flate2::Compression;
use flate2::write::GzEncoder;

/// How many bytes are read at a time.
const READ_BYTES: usize = 256 * 1024;

/// Replaces `from` by a compressed file at `to`, with its permissions, and calls `done` when that is on the
/// device or has failed. Fails at once if the system gives no thread.
pub(crate) fn compress(
    from: PathBuf,
    to: PathBuf,
    done: impl FnOnce(io::Result<()>) + Send + 'static,
) -> io::Result<()> {
    let named = thread::Builder::new().name("rushwrite-gzip".into());
    let worker = named.spawn(move || {
        lower_priority();
        done(replace(&from, &to));
    });
    worker.map(drop)
}

/// Until the copy is whole it has a name of its own. If this ends in the middle the next attempt begins
/// anew; `from` is locked, so that there is one at a time.
fn replace(from: &Path, to: &Path) -> io::Result<()> {
    let source = File::open(from)?;
    if !lock(&source)? || !from.exists() {
        return Ok(());
    }
    let mut partial = to.as_os_str().to_owned();
    partial.push(".part");
    let partial = PathBuf::from(partial);
    copy(&source, &partial)?;
    fs::rename(&partial, to)?;
    fs::remove_file(from)
}

fn copy(source: &File, to: &Path) -> io::Result<()> {
    let permissions = source.metadata()?.permissions();
    let target = File::create(to)?;
    let mut encoder = GzEncoder::new(target, Compression::default());
    io::copy(
        &mut BufReader::with_capacity(READ_BYTES, source),
        &mut encoder,
    )?;
    let target = encoder.finish()?;
    fs::set_permissions(to, permissions)?;
    target.sync_all()
}

/// Returns false if another process or thread is at work on the file.
#[cfg(unix)]
fn lock(file: &File) -> io::Result<bool> {
    use rustix::fs::{FlockOperation, flock};
    use rustix::io::Errno;

    match flock(file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(true),
        Err(Errno::WOULDBLOCK) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Two processes that share a log do not get so far there: neither can remove what the other has open.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
fn lock(_: &File) -> io::Result<bool> {
    Ok(true)
}

/// On Linux a thread has a priority of its own; elsewhere the system's scheduler has to do.
fn lower_priority() {
    #[cfg(target_os = "linux")]
    {
        /// Nineteen is the lowest.
        const NICE: i32 = 10;
        let thread = rustix::thread::gettid();
        let _niced = rustix::process::setpriority_process(Some(thread), NICE);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::sync::mpsc::channel;
    use std::time::Duration;

    use flate2::read::GzDecoder;

    use super::*;

    fn compressed(from: PathBuf, to: PathBuf) -> io::Result<()> {
        let (done, result) = channel();
        compress(from, to, move |result| done.send(result).unwrap()).unwrap();
        result.recv_timeout(Duration::from_secs(20)).unwrap()
    }

    #[test]
    fn what_comes_out_again_is_what_went_in() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("log"), folder.path().join("log.gz"));
        let lines = "a line of a log\n".repeat(100_000);
        fs::write(&from, &lines).unwrap();
        fs::write(folder.path().join("log.gz.part"), "left over").unwrap();
        compressed(from, to.clone()).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        assert!(fs::metadata(&to).unwrap().len() < 100_000);
        let mut read = String::new();
        let mut decoder = GzDecoder::new(File::open(to).unwrap());
        decoder.read_to_string(&mut read).unwrap();
        assert!(read == lines);
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_another_compresses_is_left_to_it() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("log"), folder.path().join("log.gz"));
        fs::write(&from, "line").unwrap();
        let held = File::open(&from).unwrap();
        assert!(lock(&held).unwrap());
        compressed(from.clone(), to.clone()).unwrap();
        assert!(from.exists() && !to.exists());
    }

    #[test]
    fn a_file_that_is_not_there_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("log"), folder.path().join("log.gz"));
        let error = compressed(from, to.clone()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        assert!(!to.exists());
    }
}
