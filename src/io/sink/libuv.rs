//! The few calls of libuv that a Windows descriptor needs.
//!
//! A descriptor's number there is an entry in a table of the C runtime, and Node's table is not
//! ours: only the functions that Node itself exports give numbers that `fs` understands. They take
//! flags, modes and paths as `fs` does, and all of them may be called from any thread.

use std::ffi::{CString, c_char, c_int, c_uint, c_void};
use std::io::{self, IoSlice};
use std::path::Path;
use std::ptr;
use std::sync::OnceLock;

use libloading::os::windows::Library;

/// `UV_FS` in libuv's `uv_req_type`.
const FILE_REQUEST: c_int = 6;

/// The system's own position.
const NO_OFFSET: i64 = -1;

/// Windows's number for an operation that the system does not have.
const ERROR_CALL_NOT_IMPLEMENTED: i32 = 120;

/// `uv_loop_t`, which calls without a callback do not use.
type Loop = *mut c_void;
/// `uv_fs_t`
type Request = *mut c_void;
/// `uv_fs_cb`; without one a call returns when it is done.
type Callback = Option<unsafe extern "C" fn(Request)>;

/// `uv_buf_t`
#[repr(C)]
struct Slice {
    length: u32,
    base: *const u8,
}

/// libuv's functions, by the names they have without `uv_`.
struct Libuv {
    req_size: unsafe extern "C" fn(c_int) -> usize,
    fs_open: unsafe extern "C" fn(Loop, Request, *const c_char, c_int, c_int, Callback) -> c_int,
    fs_write:
        unsafe extern "C" fn(Loop, Request, c_int, *const Slice, c_uint, i64, Callback) -> c_int,
    fs_fsync: unsafe extern "C" fn(Loop, Request, c_int, Callback) -> c_int,
    fs_close: unsafe extern "C" fn(Loop, Request, c_int, Callback) -> c_int,
    fs_get_system_error: unsafe extern "C" fn(Request) -> c_int,
    fs_req_cleanup: unsafe extern "C" fn(Request),
    get_osfhandle: unsafe extern "C" fn(c_int) -> *mut c_void,
    translate_sys_error: unsafe extern "C" fn(c_int) -> c_int,
}

impl Libuv {
    fn get() -> io::Result<&'static Self> {
        static LIBUV: OnceLock<Option<Libuv>> = OnceLock::new();
        LIBUV
            .get_or_init(Self::load)
            .as_ref()
            .ok_or_else(|| io::Error::from_raw_os_error(ERROR_CALL_NOT_IMPLEMENTED))
    }

    /// `None` in a runtime that is not built on libuv.
    fn load() -> Option<Self> {
        let program = Library::this().ok()?;
        Some(Self {
            req_size: symbol(&program, b"uv_req_size\0")?,
            fs_open: symbol(&program, b"uv_fs_open\0")?,
            fs_write: symbol(&program, b"uv_fs_write\0")?,
            fs_fsync: symbol(&program, b"uv_fs_fsync\0")?,
            fs_close: symbol(&program, b"uv_fs_close\0")?,
            fs_get_system_error: symbol(&program, b"uv_fs_get_system_error\0")?,
            fs_req_cleanup: symbol(&program, b"uv_fs_req_cleanup\0")?,
            get_osfhandle: symbol(&program, b"uv_get_osfhandle\0")?,
            translate_sys_error: symbol(&program, b"uv_translate_sys_error\0")?,
        })
    }

    /// Lets `call` make one request of the file system; a failure keeps the system's number.
    fn request(&self, call: impl FnOnce(Request) -> c_int) -> io::Result<c_int> {
        // SAFETY: the function only looks a size up.
        let bytes = unsafe { (self.req_size)(FILE_REQUEST) };
        let mut memory = vec![0_u64; bytes.div_ceil(size_of::<u64>())];
        let request: Request = memory.as_mut_ptr().cast();
        let result = call(request);
        // SAFETY: every call of libuv's initializes the request, whatever comes of it.
        let errno = unsafe { (self.fs_get_system_error)(request) };
        // SAFETY: as above; nothing in the request is used after this.
        unsafe { (self.fs_req_cleanup)(request) };
        if result < 0 {
            return Err(io::Error::from_raw_os_error(errno));
        }
        Ok(result)
    }
}

/// A function of the running program. Its type is the caller's to know.
fn symbol<F: Copy>(program: &Library, name: &[u8]) -> Option<F> {
    // SAFETY: the types of the fields above are those in libuv's header, unchanged in its version 1.
    let function = unsafe { program.get::<F>(name) }.ok()?;
    Some(*function)
}

/// Opens a file with the flags and the mode of `fs.open`, and returns Node's number for it.
pub(crate) fn open(path: &Path, flags: i32, mode: u32) -> io::Result<c_int> {
    let uv = Libuv::get()?;
    let path = path.to_str().and_then(|path| CString::new(path).ok());
    let path = path.ok_or(io::ErrorKind::InvalidInput)?;
    uv.request(|request| {
        // SAFETY: `path` ends in a NUL and outlives the call, which needs no loop.
        unsafe {
            (uv.fs_open)(
                ptr::null_mut(),
                request,
                path.as_ptr(),
                flags,
                mode.cast_signed(),
                None,
            )
        }
    })
}

/// Writes what the system takes of `slices`, at `offset` or at the system's own position.
pub(crate) fn write(fd: c_int, slices: &[IoSlice<'_>], offset: Option<u64>) -> io::Result<usize> {
    let uv = Libuv::get()?;
    let offset = offset.map_or(NO_OFFSET, u64::cast_signed);
    let lengths = lengths_in_one_call(slices.iter().map(|slice| slice.len()));
    let pointers = slices.iter().map(|slice| slice.as_ptr());
    let slices: Vec<Slice> = lengths
        .zip(pointers)
        .map(|(length, base)| Slice { length, base })
        .collect();
    let count = c_uint::try_from(slices.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
    let written = uv.request(|request| {
        // SAFETY: the slices and the bytes they point to outlive the call, which only reads them.
        unsafe {
            (uv.fs_write)(
                ptr::null_mut(),
                request,
                fd,
                slices.as_ptr(),
                count,
                offset,
                None,
            )
        }
    })?;
    usize::try_from(written).map_err(|_| io::ErrorKind::InvalidData.into())
}

/// How much of slices of these lengths one call is given: libuv tells what it wrote as an `int`. The rest is left over,
/// as after any short write.
fn lengths_in_one_call(lengths: impl Iterator<Item = usize>) -> impl Iterator<Item = u32> {
    let mut room = c_int::MAX.unsigned_abs();
    lengths.map_while(move |length| {
        let part = u32::try_from(length).unwrap_or(u32::MAX).min(room);
        room -= part;
        (part > 0).then_some(part)
    })
}

/// Returns when what was written is on the disk.
pub(crate) fn sync(fd: c_int) -> io::Result<()> {
    let uv = Libuv::get()?;
    // SAFETY: any number may be given; libuv refuses those that are not open.
    uv.request(|request| unsafe { (uv.fs_fsync)(ptr::null_mut(), request, fd, None) })?;
    Ok(())
}

/// Closes the descriptor and frees its number.
pub(crate) fn close(fd: c_int) -> io::Result<()> {
    let uv = Libuv::get()?;
    // SAFETY: the caller owns the number; libuv refuses those that are not open.
    uv.request(|request| unsafe { (uv.fs_close)(ptr::null_mut(), request, fd, None) })?;
    Ok(())
}

/// The system's handle of a descriptor; an invalid one for a number that is not open.
pub(crate) fn handle(fd: c_int) -> io::Result<*mut c_void> {
    let uv = Libuv::get()?;
    // SAFETY: any number may be asked for.
    Ok(unsafe { (uv.get_osfhandle)(fd) })
}

/// Node's positive number for one of the system's, or the number itself where there is no libuv.
pub(crate) fn errno(system: i32) -> i32 {
    Libuv::get().map_or(system, |uv| {
        // SAFETY: the function only looks a number up.
        -unsafe { (uv.translate_sys_error)(system) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lengths(lengths: &[usize]) -> Vec<u32> {
        lengths_in_one_call(lengths.iter().copied()).collect()
    }

    #[test]
    fn a_call_is_given_no_more_than_it_can_tell() {
        const MOST: u32 = i32::MAX.unsigned_abs();
        let most = MOST as usize;
        assert_eq!(lengths(&[1, 64 * 1024]), [1, 64 * 1024]);
        assert_eq!(lengths(&[most]), [MOST]);
        assert_eq!(lengths(&[3 << 30]), [MOST]);
        assert_eq!(lengths(&[usize::MAX]), [MOST]);
        assert_eq!(lengths(&[5, 3 << 30, 7]), [5, MOST - 5]);
        assert_eq!(lengths(&[most, 7]), [MOST]);
    }
}
