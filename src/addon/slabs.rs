//! Text into the slabs of a batched `Writable`, whose memory is JavaScript's.
//!
//! A slab is written to in here and nowhere else outside of JavaScript, and no pointer into it outlives
//! the call. So it can be detached and reused with no word to Rust, and Electron, which refuses
//! memory of an addon's, is no different.

use napi::{Error, Result, Status, check_status, sys};

use super::callback::answer;
use super::desk::Encoded;
use super::feed::DESK;
use super::values::{View, arguments, bool_of, small_integer};

/// `encodeInto(slab, at, string, seamless)`: encodes the string as UTF-8 into the slab, from `at` on,
/// and returns the number of bytes. Throws where they do not fit, and writes nothing then.
///
/// A negative result means that the string has surrogate pairs: it is the complement of that number, and
/// unless `seamless`, nothing was written, because halves from different writes may have met in it.
pub(super) unsafe extern "C" fn encode_into(
    env: sys::napi_env,
    info: sys::napi_callback_info,
) -> sys::napi_value {
    answer(env, || {
        let [slab, at, string, seamless] = arguments(env, info)?;
        let (at, seamless) = (offset_of(env, at)?, bool_of(env, seamless)?);
        DESK.with_borrow_mut(|desk| {
            let Encoded { bytes, has_pairs } = desk.encode(env, string)?;
            let taken = if has_pairs && !seamless { &[] } else { bytes };
            let room = room_of(env, slab)?;
            // SAFETY: V8 keeps the view's memory at this place for the length of this call, which
            // runs no JavaScript from here on, and nothing else refers to it meanwhile.
            copy(unsafe { &mut *room }, at, taken)?;
            let length = i32::try_from(taken.len()).expect("a batch of strings is small");
            small_integer(env, if has_pairs { !length } else { length })
        })
    })
}

/// Copies `bytes` to where they belong in `slab`.
fn copy(slab: &mut [u8], at: usize, bytes: &[u8]) -> Result<()> {
    let end = at.saturating_add(bytes.len());
    let place = slab
        .get_mut(at..end)
        .ok_or_else(|| Error::new(Status::InvalidArg, "the slab has no room for the text"))?;
    place.copy_from_slice(bytes);
    Ok(())
}

fn offset_of(env: sys::napi_env, value: sys::napi_value) -> Result<usize> {
    let mut offset = 0;
    // SAFETY: `value` is an argument of the running call.
    check_status!(unsafe { sys::napi_get_value_uint32(env, value, &raw mut offset) })?;
    usize::try_from(offset).map_err(|_| Error::new(Status::InvalidArg, "an offset is needed"))
}

/// Where a slab's bytes lie. A detached one has none.
fn room_of(env: sys::napi_env, value: sys::napi_value) -> Result<*mut [u8]> {
    let view = View::of(env, value)?;
    if view.is_shared {
        return Err(Error::new(Status::InvalidArg, "a slab is not shared"));
    }
    Ok(view.bytes.cast_mut())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_copied_to_its_place_and_nowhere_else() {
        let mut slab = *b"........";
        copy(&mut slab, 2, b"abc").unwrap();
        assert_eq!(&slab, b"..abc...");
        copy(&mut slab, 5, b"xyz").unwrap();
        assert_eq!(&slab, b"..abcxyz");
    }

    #[test]
    fn text_that_does_not_fit_is_refused_whole() {
        let mut slab = *b"....";
        assert!(copy(&mut slab, 2, b"abc").is_err());
        assert!(copy(&mut slab, 5, b"").is_err());
        assert!(copy(&mut slab, usize::MAX, b"a").is_err());
        assert_eq!(&slab, b"....");
        copy(&mut slab, 4, b"").unwrap();
    }
}
