//! System errors as data: the number the system gave and the call that gave it. Only
//! `lib/errors.js` turns them into an `Error` with words.

use std::io;

/// Declares the calls with Node's names for them, so that each has its own.
macro_rules! system_calls {
    ($($(#[$doc:meta])* $call:ident = $name:literal,)*) => {
        /// The system call that failed. JavaScript knows it by its place in [`SystemCall::NAMES`].
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        #[repr(u8)]
        pub(crate) enum SystemCall {
            $($(#[$doc])* $call,)*
        }

        impl SystemCall {
            /// The names that Node gives them, in the order of the calls.
            pub(crate) const NAMES: &[&str] = &[$($name),*];
        }
    };
}

system_calls! {
    /// `open(2)`
    Open = "open",
    /// `write(2)` and its vectored and positioned kin; Node reports them all as `write`.
    Write = "write",
    /// `fsync(2)`
    Fsync = "fsync",
    /// `fdatasync(2)`
    Fdatasync = "fdatasync",
    /// `close(2)`
    Close = "close",
    /// `rename(2)`
    Rename = "rename",
    /// `mkdir(2)`
    Mkdir = "mkdir",
}

/// A failed system call.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct SystemError {
    /// The system's positive number; zero when the pool panicked and there is none.
    pub errno: i32,
    /// The call that failed.
    pub call: SystemCall,
}

impl SystemError {
    /// The `errno` of a failure that was ours, not the system's.
    pub(crate) const PANIC: i32 = 0;

    /// Keeps the number of `error`; an error without one counts as `EIO`.
    pub(crate) fn new(call: SystemCall, error: &io::Error) -> Self {
        // ERROR_IO_DEVICE on Windows.
        const EIO: i32 = if cfg!(windows) { 1117 } else { 5 };
        Self {
            errno: error.raw_os_error().unwrap_or(EIO),
            call,
        }
    }
}
