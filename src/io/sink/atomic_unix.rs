//! A file that takes another one's place whole: written under a temporary name in the folder of the target,
//! then renamed over it.
//!
//! The folder is held open, so that neither a `chdir` nor a renamed folder leads elsewhere. A target that is
//! a symlink is followed: what it points to is replaced.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, FileType, Gid, Mode, OFlags, RawMode, Stat, Uid};
use rustix::io::Errno;

use super::descriptor::{Descriptor, mode_of};
use super::{Failure, folder, temporary_name};
use crate::writer::SystemCall;

/// How many symlinks may lead to the target, as in Linux.
const MOST_LINKS: usize = 40;

/// What is taken of the user's flags. The file is new, so that the rest means nothing.
const KEPT_FLAGS: OFlags = OFlags::RDWR
    .union(OFlags::WRONLY)
    .union(OFlags::SYNC)
    .union(OFlags::DSYNC);

/// The temporary file and its target. Dropped before a commit, it removes the file.
#[derive(Debug)]
pub(crate) struct Replacement {
    folder: Folder,
    target: OsString,
    temporary: OsString,
    is_renamed: bool,
}

/// An open folder.
#[derive(Debug)]
struct Folder {
    fd: OwnedFd,
    /// It may be read, and so be synced.
    is_readable: bool,
}

impl Replacement {
    /// Makes the temporary file for what is at `path`, or will be. It has the mode that a plain create
    /// would give it, or the target's mode and, if we may, its owner.
    pub(crate) fn create(path: &Path, flags: i32, mode: u32) -> io::Result<(Self, Descriptor)> {
        let path = follow(path)?;
        let is_name = !path.as_os_str().as_bytes().ends_with(b"/");
        let target = path.file_name().filter(|_| is_name).ok_or(Errno::ISDIR)?;
        let folder = Folder::open(folder::parent_of(&path).ok_or(Errno::ISDIR)?)?;
        let model = model(&folder, target)?;
        let flags = OFlags::from_bits_retain(flags.cast_unsigned()) & KEPT_FLAGS;
        let mode = match model {
            // Until it is like the target, nobody else may read it.
            Some(_) => Mode::RUSR | Mode::WUSR,
            None => mode_of(mode),
        };
        let (temporary, file) = create_beside(&folder, target, flags, mode)?;
        // From here on it is removed when something fails.
        let replacement = Self {
            folder,
            target: target.to_owned(),
            temporary,
            is_renamed: false,
        };
        if let Some(model) = model {
            adopt(&file, &model)?;
        }
        Ok((replacement, Descriptor::Owned(file)))
    }

    /// Syncs the file, which is open as `descriptor`, gives it the target's name and syncs the folder. After
    /// a failure the target is as it was, unless only the folder could not be synced.
    pub(crate) fn commit(&mut self, descriptor: &Descriptor) -> Result<(), Failure> {
        if !self.is_renamed {
            descriptor.sync().map_err(Failure::of(SystemCall::Fsync))?;
            let folder = &self.folder.fd;
            rustix::fs::renameat(folder, &self.temporary, folder, &self.target)
                .map_err(Failure::of(SystemCall::Rename))?;
            self.is_renamed = true;
        }
        if self.folder.is_readable {
            folder::sync_open(&self.folder.fd)
        } else {
            folder::sync_unreadable(descriptor)
        }
    }
}

impl Drop for Replacement {
    fn drop(&mut self) {
        if !self.is_renamed {
            // A failure can't be reported here, and needs nothing else.
            let _ = rustix::fs::unlinkat(&self.folder.fd, &self.temporary, AtFlags::empty());
        }
    }
}

impl Folder {
    fn open(path: &Path) -> io::Result<Self> {
        let flags = OFlags::DIRECTORY | OFlags::CLOEXEC;
        match rustix::fs::open(path, flags | OFlags::RDONLY, Mode::empty()) {
            Ok(fd) => Ok(Self {
                fd,
                is_readable: true,
            }),
            #[cfg(any(target_os = "linux", target_os = "android"))]
            Err(Errno::ACCESS) => Ok(Self {
                fd: rustix::fs::open(path, flags | OFlags::PATH, Mode::empty())?,
                is_readable: false,
            }),
            Err(error) => Err(error.into()),
        }
    }
}

/// Where the symlinks at `path` lead.
fn follow(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        match rustix::fs::readlink(&path, Vec::new()) {
            Ok(link) => {
                let link = OsString::from_vec(link.into_bytes());
                path = path.parent().unwrap_or(Path::new("")).join(link);
            }
            // It is no symlink, or not there.
            Err(Errno::INVAL | Errno::NOENT) => return Ok(path),
            Err(error) => return Err(error.into()),
        }
    }
    Err(Errno::LOOP.into())
}

/// The file that is replaced, if there is one. Nothing but a regular file is.
fn model(folder: &Folder, target: &OsStr) -> io::Result<Option<Stat>> {
    let stat = match rustix::fs::statat(&folder.fd, target, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) => stat,
        Err(Errno::NOENT) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => Ok(Some(stat)),
        FileType::Directory => Err(Errno::ISDIR.into()),
        _ => Err(Errno::NOTSUP.into()),
    }
}

fn create_beside(
    folder: &Folder,
    target: &OsStr,
    flags: OFlags,
    mode: Mode,
) -> io::Result<(OsString, OwnedFd)> {
    let exclusive = OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut result = Err(Errno::EXIST.into());
    for _ in 0..temporary_name::ATTEMPTS {
        let name = temporary_name::beside(target)?;
        match rustix::fs::openat(&folder.fd, &name, flags | exclusive, mode) {
            Ok(file) => return Ok((name, file)),
            Err(Errno::EXIST) => {}
            Err(error) => {
                result = Err(error.into());
                break;
            }
        }
    }
    result
}

/// Gives `file` the owner and the mode of `model`. If the group can't be given, it gets
/// only what all others may do. Without both, set-ID bits are removed.
fn adopt(file: &OwnedFd, model: &Stat) -> io::Result<()> {
    let own = rustix::fs::fstat(file)?;
    let owner = Uid::from_raw(model.st_uid);
    let group = Gid::from_raw(model.st_gid);
    let has_owner =
        own.st_uid == model.st_uid || rustix::fs::fchown(file, Some(owner), Some(group)).is_ok();
    let has_group = has_owner && own.st_uid != model.st_uid
        || own.st_gid == model.st_gid
        || rustix::fs::fchown(file, None, Some(group)).is_ok();
    let mode = mode_like(model.st_mode, has_owner, has_group);
    Ok(rustix::fs::fchmod(file, Mode::from_raw_mode(mode))?)
}

/// `mode` for a file that has the same owner and group, or has not.
fn mode_like(mode: RawMode, has_owner: bool, has_group: bool) -> RawMode {
    const SET_IDS: RawMode = 0o6000;
    let mut mode = mode & 0o7777;
    if !has_owner || !has_group {
        mode &= !SET_IDS;
    }
    if !has_group {
        let others = mode & 0o007;
        mode &= !0o070 | others << 3;
    }
    mode
}

#[cfg(test)]
#[path = "atomic_unix/tests.rs"]
mod tests;
