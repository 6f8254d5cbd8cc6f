//! The files that a stream wrote to before it went on in another one: a sync is about their bytes, too.

use std::fs::File;
use std::io;
use std::path::PathBuf;

use super::descriptor::Descriptor;

/// See the module's text.
#[derive(Debug)]
pub(crate) struct Predecessors {
    /// The stream was synced, or will be: each file is synced when it is left. Streams that never ask for
    /// it do not pay for it.
    is_synced: bool,
    /// Until then, where those files are that were put aside.
    paths: Vec<PathBuf>,
    /// A sync of one of them failed, which is for the next sync to tell.
    failure: Option<io::Error>,
}

impl Predecessors {
    /// None so far.
    pub(crate) fn new(is_synced: bool) -> Self {
        Self {
            is_synced,
            paths: Vec::new(),
            failure: None,
        }
    }

    /// The stream goes on elsewhere. `path` is where the file is now; where that is not known the file is
    /// synced at once, as such files are rare.
    pub(crate) fn leave(&mut self, file: &Descriptor, path: Option<PathBuf>) {
        match path {
            Some(path) if !self.is_synced => self.paths.push(path),
            _ => self.keep(file.sync_data()),
        }
    }

    /// Returns when what was written to them is on the device. A failure is not forgotten.
    pub(crate) fn sync(&mut self) -> io::Result<()> {
        self.is_synced = true;
        for path in std::mem::take(&mut self.paths) {
            match File::options().append(true).open(path) {
                Ok(file) => self.keep(file.sync_data()),
                // It was removed since, or is compressed, which ends with a sync.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => self.keep(Err(error)),
            }
        }
        match &self.failure {
            Some(failure) => Err(copy_of(failure)),
            None => Ok(()),
        }
    }

    fn keep(&mut self, result: io::Result<()>) {
        if let Err(error) = result
            && !is_meaningless(&error)
        {
            self.failure = Some(error);
        }
    }
}

/// What is no file has nothing to sync.
fn is_meaningless(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported
    )
}

fn copy_of(error: &io::Error) -> io::Error {
    error
        .raw_os_error()
        .map_or_else(|| error.kind().into(), io::Error::from_raw_os_error)
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::fd::AsRawFd;

    use super::*;

    #[test]
    fn a_file_that_is_gone_is_no_failure_and_one_that_fails_is_never_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let kept = folder.path().join("kept");
        std::fs::write(&kept, "x").unwrap();
        let open = |path| Descriptor::open(path, libc::O_RDONLY, 0).unwrap();
        let mut predecessors = Predecessors::new(false);
        predecessors.leave(&open(&kept), Some(path));
        predecessors.leave(&open(&kept), Some(kept.clone()));
        assert_eq!(predecessors.paths.len(), 2, "nobody has asked for a sync");
        assert!(predecessors.sync().is_ok());
        assert!(predecessors.paths.is_empty() && predecessors.is_synced);
        predecessors.leave(&Descriptor::given(1 << 29), Some(kept));
        for _ in 0..2 {
            let error = predecessors.sync().unwrap_err();
            assert_eq!(error.raw_os_error(), Some(libc::EBADF));
        }
    }

    #[test]
    fn a_path_that_cannot_be_opened_for_its_sync_is_a_failure() {
        let folder = tempfile::tempdir().unwrap();
        let file = tempfile::tempfile().unwrap();
        let file = Descriptor::given(file.as_raw_fd());
        let mut predecessors = Predecessors::new(false);
        predecessors.leave(&file, Some(folder.path().to_owned()));
        let error = predecessors.sync().unwrap_err();
        assert_eq!(error.raw_os_error(), Some(libc::EISDIR));
    }

    #[test]
    fn what_has_no_sync_needs_none() {
        let (_reader, writer) = io::pipe().unwrap();
        let pipe = Descriptor::given(writer.as_raw_fd());
        let mut predecessors = Predecessors::new(true);
        predecessors.leave(&pipe, None);
        assert!(predecessors.sync().is_ok());
    }
}
