//! The binding: the JavaScript thread's side, and the only part that names napi.
//!
//! Nothing of V8 leaves this thread: no buffer, reference or pointer into JavaScript's memory
//! outlives the call that brought it. Bytes are copied, streams are known by a number.

mod callback;
mod calls;
mod compress;
mod constants;
mod desk;
mod environment;
mod events;
mod feed;
mod lookup;
mod marks;
mod open;
mod raw;
mod registry;
mod slabs;
mod stats;
mod values;
