//! A sink whose file is put aside for a new one from time to time.

use std::path::Path;

use super::follow::is_displaced;
use super::{FileSink, Target};
use crate::io::sink::Failure;
use crate::io::sink::descriptor::Descriptor;
use crate::io::sink::rotation::{Cut, Rotation, RotationOptions};
use crate::writer::{SystemCall, SystemError};

impl FileSink {
    /// Takes the log at `path`, and makes the folders above it if that is wanted.
    pub(super) fn begin_rotation(
        &mut self,
        path: &Path,
        options: RotationOptions,
    ) -> Result<(), Failure> {
        let begin = || Rotation::begin(path, options).map_err(Failure::of(SystemCall::Open));
        self.rotation = Some(if self.mkdir {
            self.names.with_parents(path, begin)?
        } else {
            begin()?
        });
        Ok(())
    }

    /// Takes the log at another path and opens it. After a failure the one before is still taken.
    pub(super) fn open_log(
        &mut self,
        path: &Path,
        flags: i32,
        mode: u32,
        options: RotationOptions,
    ) -> Result<Descriptor, Failure> {
        let before = self.rotation.take();
        let begun = self.begin_rotation(path, options);
        let opened = begun.and_then(|()| self.open_path(path, flags, mode));
        if opened.is_err() {
            self.rotation = before;
        }
        opened
    }

    /// Puts the file aside and goes on in a new one, or in the one that has the path by now.
    pub(super) fn cut(&mut self) -> Result<Cut, SystemError> {
        let Target::Path { path, flags, mode } = &self.target else {
            unreachable!("only a path is rotated");
        };
        let (path, flags, mode) = (path.clone(), Descriptor::flags_to_go_on(*flags), *mode);
        if is_displaced(&path, self.descriptor()) {
            let next = self.open_path(&path, flags, mode)?;
            return Ok(Cut::Moved {
                fd: self.go_on_in(next, flags, None),
            });
        }
        let rotation = self.rotation.as_mut().expect("it began with the open");
        let (next, aside, stamp_ms) =
            rotation.cut(&path, || Descriptor::open(&path, flags, mode))?;
        Ok(Cut::PutAside {
            fd: self.go_on_in(next, flags, Some(aside)),
            stamp_ms,
        })
    }
}
