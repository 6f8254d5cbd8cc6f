//! The cut between two files of a rotated log: the file gets a name of its own, and a new one its path.
//!
//! Such a name is that of the log with the moment of the cut in it, as `app-2026-11-28T15-04-05.123Z.log`:
//! all are of one length, in UTC, and each is later than those before, whatever the clock does, so that
//! names sort by time. The file is renamed first, then the new one is opened: a process that is killed in between
//! leaves every byte under a name that the next start knows.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::folder;
use super::lock::LockFile;
use crate::writer::{Fill, SystemCall, SystemError};

/// When a log is rotated. Validated by its maker.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RotationOptions {
    /// The size in bytes above which a file is put aside.
    pub size: Option<u64>,
    /// A file that was begun before this time in milliseconds since 1970 is put aside when it is opened.
    pub due_before_ms: Option<u64>,
}

/// What came of a cut.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Cut {
    /// The file has a name with this time in it, and a new one its path.
    PutAside { fd: i32, stamp_ms: u64 },
    /// Another program had put it aside; the stream goes on in the file that has its path.
    Moved { fd: i32 },
}

/// How a log is put aside. It is the only one at its path.
#[derive(Debug)]
pub(crate) struct Rotation {
    options: RotationOptions,
    /// The moment in the last name that was given.
    last_stamp_ms: u64,
    _lock: LockFile,
}

impl Rotation {
    /// Takes the log at `path`. Fails with `EBUSY` if another one rotates it.
    pub(crate) fn begin(path: &Path, options: RotationOptions) -> io::Result<Self> {
        let lock = LockFile::take(path)?;
        Ok(Self {
            options,
            last_stamp_ms: last_stamp_ms(path),
            _lock: lock,
        })
    }

    /// What is in the file at `path`, which was just opened.
    pub(crate) fn fill(&self, path: &Path) -> Fill {
        let Ok(metadata) = fs::metadata(path) else {
            return Fill {
                bytes: 0,
                is_due: false,
            };
        };
        // A file that was copied here is as old as what is in it.
        let begun = [metadata.created(), metadata.modified()];
        let begun_ms = begun.into_iter().flatten().map(millis_of).min();
        let due_before_ms = self.options.due_before_ms.unwrap_or(0);
        Fill {
            bytes: metadata.len(),
            is_due: begun_ms.is_some_and(|begun_ms| begun_ms < due_before_ms),
        }
    }

    /// Gives the file at `path` a name of its own, and has the next one opened. If that fails the file has
    /// its old name again.
    pub(crate) fn cut<T>(
        &mut self,
        path: &Path,
        open: impl FnOnce() -> io::Result<T>,
    ) -> Result<(T, PathBuf, u64), SystemError> {
        let (aside, stamp_ms) = self
            .put_aside(path)
            .map_err(|error| SystemError::new(SystemCall::Rename, &error))?;
        match open() {
            Ok(next) => Ok((next, aside, stamp_ms)),
            Err(error) => {
                // If this fails, too, the stream goes on in the file under its new name.
                drop(rename_without_replacing(&aside, path));
                Err(SystemError::new(SystemCall::Open, &error))
            }
        }
    }

    fn put_aside(&mut self, path: &Path) -> io::Result<(PathBuf, u64)> {
        /// How many names may be taken by others.
        const TRIES: usize = 1000;
        let mut result = Ok(());
        for _ in 0..TRIES {
            let stamp_ms = millis_of(SystemTime::now()).max(self.last_stamp_ms + 1);
            let aside = name_of(path, stamp_ms);
            result = rename_without_replacing(path, &aside);
            match &result {
                Ok(()) => {
                    self.last_stamp_ms = stamp_ms;
                    return Ok((aside, stamp_ms));
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    self.last_stamp_ms = stamp_ms;
                }
                Err(_) => break,
            }
        }
        result.map(|()| unreachable!("a rename that succeeds returns"))
    }
}

/// `rename(2)` that fails with `EEXIST` where it would replace a file.
fn rename_without_replacing(from: &Path, to: &Path) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        use rustix::io::Errno;
        match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
            // Not every file system can do this.
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {}
            result => return Ok(result?),
        }
    }
    // The lock prevents another rotating stream from taking the name in between.
    if fs::symlink_metadata(to).is_ok() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    fs::rename(from, to)
}

/// The name of the log at `path` with this moment in it. `lib/rotation.js` makes the same.
fn name_of(path: &Path, stamp_ms: u64) -> PathBuf {
    let (before, after) = around_stamp(path);
    let mut name = before;
    name.push(stamp_of(stamp_ms));
    name.push(after);
    path.with_file_name(name)
}

/// What comes before the moment in such a name, and what after it.
fn around_stamp(path: &Path) -> (OsString, OsString) {
    let mut before = path.file_stem().unwrap_or_default().to_owned();
    before.push("-");
    let mut after = OsString::new();
    if let Some(extension) = path.extension() {
        after.push(".");
        after.push(extension);
    }
    (before, after)
}

/// The last moment in the names of the files that were put aside; zero if there is none.
fn last_stamp_ms(path: &Path) -> u64 {
    let (before, _) = around_stamp(path);
    let Some(Ok(entries)) = folder::parent_of(path).map(fs::read_dir) else {
        return 0;
    };
    entries
        .flatten()
        .filter_map(|entry| stamp_in(&entry.file_name(), &before))
        .max()
        .unwrap_or(0)
}

fn stamp_in(name: &OsStr, before: &OsStr) -> Option<u64> {
    let rest = name
        .as_encoded_bytes()
        .strip_prefix(before.as_encoded_bytes())?;
    millis_in(std::str::from_utf8(rest.get(..STAMP_LENGTH)?).ok()?)
}

/// The length of `2026-11-28T15-04-05.123Z`.
const STAMP_LENGTH: usize = 24;

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// `Date.prototype.toISOString()`, with hyphens for colons, which not every file system takes.
fn stamp_of(ms: u64) -> String {
    let (year, month, day) = date_of(ms / DAY_MS);
    let (seconds, millis) = (ms % DAY_MS / 1000, ms % 1000);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}-{minute:02}-{second:02}.{millis:03}Z")
}

fn millis_in(stamp: &str) -> Option<u64> {
    let number = |from: usize, to: usize| stamp.get(from..to)?.parse::<u64>().ok();
    let days = days_to(number(0, 4)?, number(5, 7)?, number(8, 10)?)?;
    let seconds = number(11, 13)? * 3600 + number(14, 16)? * 60 + number(17, 19)?;
    let ms = days * DAY_MS + seconds * 1000 + number(20, 23)?;
    // Whatever else has digits in these places is no such name.
    (stamp_of(ms) == stamp).then_some(ms)
}

/// Days from the first of March of the year 0 to the first of January 1970.
const EPOCH_DAYS: u64 = 719_468;

/// The date so many days after 1970 began. A year of the Gregorian calendar is counted from March, so
/// that its leap day comes last.
fn date_of(days: u64) -> (u64, u64, u64) {
    let days = days + EPOCH_DAYS;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    (year, month, day)
}

/// The inverse of [`date_of`].
fn days_to(year: u64, month: u64, day: u64) -> Option<u64> {
    if year < 1970 || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let year = year - u64::from(month <= 2);
    let shifted = (month + 9) % 12;
    let day_of_year = (153 * shifted + 2) / 5 + day - 1;
    let year_of_era = year % 400;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    (year / 400 * 146_097 + day_of_era).checked_sub(EPOCH_DAYS)
}

fn millis_of(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const OPTIONS: RotationOptions = RotationOptions {
        size: None,
        due_before_ms: None,
    };

    #[test]
    fn stamps_are_those_of_javascript() {
        for (ms, stamp) in [
            (0, "1970-01-01T00-00-00.000Z"),
            (951_782_399_999, "2000-02-28T23-59-59.999Z"),
            (951_868_799_999, "2000-02-29T23-59-59.999Z"),
            (1_795_878_245_123, "2026-11-28T15-04-05.123Z"),
            (4_107_542_400_000, "2100-03-01T00-00-00.000Z"),
        ] {
            assert_eq!(stamp_of(ms), stamp);
            assert_eq!(millis_in(stamp), Some(ms));
        }
        for wrong in [
            "2026-02-30T00-00-00.000Z",
            "2026-11-28T25-00-00.000Z",
            "2026-11-28T15:04:05.123Z",
            "+026-11-28T15-04-05.123Z",
            "1969-12-31T00-00-00.000Z",
        ] {
            assert_eq!(millis_in(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn time_is_counted_in_milliseconds_since_1970() {
        let millis = |ms| millis_of(UNIX_EPOCH + Duration::from_millis(ms));
        assert_eq!(millis(1_795_878_245_123), 1_795_878_245_123);
        assert_eq!(millis_of(UNIX_EPOCH - Duration::from_secs(1)), 0);
    }

    proptest! {
        #[test]
        fn stamps_sort_as_their_moments(a in 0..253_402_300_799_999u64, b in 0..253_402_300_799_999u64) {
            prop_assert_eq!(a.cmp(&b), stamp_of(a).cmp(&stamp_of(b)));
            prop_assert_eq!(millis_in(&stamp_of(a)), Some(a));
        }
    }

    #[test]
    fn names_keep_the_extension_and_the_folder() {
        let stamp = stamp_of(0);
        for (path, expected) in [
            ("logs/app.log", format!("logs/app-{stamp}.log")),
            ("app", format!("app-{stamp}")),
            ("a.tar.gz", format!("a.tar-{stamp}.gz")),
            (".hidden", format!(".hidden-{stamp}")),
        ] {
            assert_eq!(name_of(Path::new(path), 0), Path::new(&expected));
        }
    }

    fn cut(rotation: &mut Rotation, path: &Path) -> Result<PathBuf, SystemError> {
        let cut = rotation.cut(path, || fs::write(path, ""));
        cut.map(|((), aside, _)| aside)
    }

    #[test]
    fn later_files_have_later_names_across_restarts_and_clocks_that_go_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("app.log");
        let future = name_of(&path, 4_000_000_000_000);
        fs::write(&future, "").unwrap();
        let mut names = vec![future];
        for _ in 0..2 {
            let mut rotation = Rotation::begin(&path, OPTIONS).unwrap();
            for _ in 0..3 {
                fs::write(&path, names.len().to_string()).unwrap();
                names.push(cut(&mut rotation, &path).unwrap());
            }
        }
        assert!(names.is_sorted() && names.len() == 7);
        for (index, name) in names.iter().enumerate().skip(1) {
            assert_eq!(fs::read_to_string(name).unwrap(), index.to_string());
        }
    }

    #[test]
    fn a_name_that_is_taken_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        fs::write(&from, "from").unwrap();
        fs::write(&to, "to").unwrap();
        let error = rename_without_replacing(&from, &to).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&to).unwrap(), b"to");
    }

    #[test]
    fn a_name_that_is_taken_meanwhile_is_passed_over_and_no_other_failure_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("app.log");
        let (last, taken, free) = (4_000_000_000_000, 4_000_000_000_001, 4_000_000_000_002);
        fs::write(name_of(&path, last), "").unwrap();
        let mut rotation = Rotation::begin(&path, OPTIONS).unwrap();
        fs::write(name_of(&path, taken), "theirs").unwrap();
        fs::write(&path, "ours").unwrap();
        assert_eq!(cut(&mut rotation, &path), Ok(name_of(&path, free)));
        assert_eq!(fs::read(name_of(&path, free)).unwrap(), b"ours");
        fs::remove_file(&path).unwrap();
        let error = cut(&mut rotation, &path).unwrap_err();
        assert_eq!(error.call, SystemCall::Rename);
        assert_eq!(rotation.last_stamp_ms, free, "it was tried again");
    }

    #[test]
    fn without_a_next_file_the_old_one_has_its_name_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("app.log");
        fs::write(&path, "old").unwrap();
        let mut rotation = Rotation::begin(&path, OPTIONS).unwrap();
        let error = rotation
            .cut(&path, || -> io::Result<()> {
                Err(io::Error::from_raw_os_error(28))
            })
            .unwrap_err();
        assert_eq!((error.errno, error.call), (28, SystemCall::Open));
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "a lock");
    }

    #[test]
    fn only_a_file_that_was_begun_before_the_boundary_is_due() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("app.log");
        fs::write(&path, "old").unwrap();
        let metadata = fs::metadata(&path).unwrap();
        let times = [metadata.created(), metadata.modified()];
        let begun_ms = times.into_iter().flatten().map(millis_of).min().unwrap();
        for (due_before_ms, is_due) in [
            (None, false),
            (Some(begun_ms), false),
            (Some(begun_ms + 1), true),
        ] {
            let options = RotationOptions {
                size: None,
                due_before_ms,
            };
            let rotation = Rotation::begin(&path, options).unwrap();
            assert_eq!(rotation.fill(&path), Fill { bytes: 3, is_due });
        }
    }
}
