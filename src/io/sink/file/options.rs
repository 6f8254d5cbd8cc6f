//! What a file stream is made from.

use std::path::PathBuf;
use std::time::Duration;

use crate::io::sink::rotation::RotationOptions;

/// What to write to, and how.
#[derive(Debug)]
pub(crate) enum Target {
    /// A path to open with `open(2)`'s flags and mode.
    Path {
        path: PathBuf,
        flags: i32,
        mode: u32,
    },
    /// A descriptor that is open already, and that its user closes.
    Descriptor(i32),
}

/// What a file stream is made from. Validated by its maker.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option of its own"
)]
pub(crate) struct FileOptions {
    /// What to write to.
    pub target: Target,
    /// The offset of the first byte; without one the system's own position is used.
    pub start: Option<u64>,
    /// `fsync` before the end is reported.
    pub flush: bool,
    /// Only an explicit close closes the descriptor of a path; a stream that is dropped leaves it open.
    pub keep_open: bool,
    /// Folders that are missing above the path are made.
    pub mkdir: bool,
    /// The path gets what was written with the end, whole, or stays as it was.
    pub atomic: bool,
    /// How the file is put aside for a new one, if it ever is.
    pub rotation: Option<RotationOptions>,
    /// How often at most to look, before a write, whether the path still names the file.
    pub follow: Option<Duration>,
}

impl FileOptions {
    /// What is usual for `target`.
    pub(crate) fn to(target: Target) -> Self {
        Self {
            target,
            start: None,
            flush: false,
            keep_open: false,
            mkdir: false,
            atomic: false,
            rotation: None,
            follow: None,
        }
    }
}
