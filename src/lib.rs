//! A Node native addon: write streams whose buffer and system calls belong to Rust.
//!
//! The data's way, which is also the order to read the modules in:
//!
//! ```text
//! JavaScript thread                         pool thread
//! lib/outlet.js ── addon ── writer::Writer ── io::driver ── io::Sink ── descriptor
//!       ▲                                        │
//!       └──────── addon::events ◄── writer::Event┘
//! ```
//!
//! * [`addon`] is the JavaScript thread and the only part that names napi.
//! * [`io`] is everything that makes a system call, and the only part that names tokio.
//! * [`writer`] is pure: bytes, positions and the life of a stream, without clocks, threads or I/O.
//!
//! Dependencies point one way: `addon → io → writer`. Events come back only through
//! [`writer::Listener`], which `writer` declares and `addon` implements.

#[cfg_attr(
    test,
    allow(dead_code, reason = "napi exports nothing in a test build")
)]
mod addon;
mod faults;
mod io;
mod writer;
