//! Names that are new and may not be on the device: of the file, and of folders above it.

use std::io;
use std::path::{Path, PathBuf};

use crate::io::sink::descriptor::Descriptor;
use crate::io::sink::{Failure, folder};
use crate::writer::SystemCall;

/// See the module's text.
#[derive(Default)]
pub(super) struct NewNames {
    /// The name of the open file may be new.
    pub(super) has_file: bool,
    /// Folders in which names are new, absolute.
    pub(super) folders: Vec<PathBuf>,
}

impl NewNames {
    /// Calls `open` until it succeeds, or fails for another reason than that folders above `path` are missing, which
    /// are made.
    pub(super) fn with_parents<T>(
        &mut self,
        path: &Path,
        mut open: impl FnMut() -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let mut attempts = 0;
        loop {
            match open() {
                Err(failure)
                    if failure.error.kind() == io::ErrorKind::NotFound
                        && attempts < folder::ATTEMPTS =>
                {
                    attempts += 1;
                    let absolute =
                        std::path::absolute(path).map_err(Failure::of(SystemCall::Open))?;
                    folder::make_parents(&absolute, &mut self.folders)?;
                }
                result => return result,
            }
        }
    }

    /// Returns when they are on the device, of the file that `descriptor` has open and `path` names.
    pub(super) fn sync(&mut self, descriptor: &Descriptor, path: &Path) -> Result<(), Failure> {
        if self.has_file {
            let path = descriptor.path().or_else(|| path.canonicalize().ok());
            if let Some(folder) = path.as_deref().and_then(folder::parent_of) {
                folder::sync(folder, descriptor)?;
            }
            self.has_file = false;
        }
        while let Some(folder) = self.folders.last() {
            folder::sync(folder, descriptor)?;
            self.folders.pop();
        }
        Ok(())
    }
}
