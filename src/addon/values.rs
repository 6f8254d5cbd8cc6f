//! Values of JavaScript on their way in and out of the bare callbacks: [`super::raw`], [`super::feed`], [`super::slabs`].

use std::ffi::c_void;
use std::ptr::{null_mut, slice_from_raw_parts, slice_from_raw_parts_mut};
use std::sync::atomic::{AtomicU8, Ordering};

use napi::{Error, Result, Status, check_status, sys};

/// The call's arguments; those that were not given are `undefined`.
pub(super) fn arguments<const N: usize>(
    env: sys::napi_env,
    info: sys::napi_callback_info,
) -> Result<[sys::napi_value; N]> {
    let mut values = [null_mut(); N];
    let mut count = N;
    // SAFETY: `values` has room for the `count` values asked for; Node-API fills all of them.
    check_status!(unsafe {
        sys::napi_get_cb_info(
            env,
            info,
            &raw mut count,
            values.as_mut_ptr(),
            null_mut(),
            null_mut(),
        )
    })?;
    Ok(values)
}

/// A number that `Environment::with_stream` judges.
pub(super) fn id_of(env: sys::napi_env, value: sys::napi_value) -> Result<f64> {
    let mut id = 0.0;
    // SAFETY: `value` is an argument of the running call.
    check_status!(unsafe { sys::napi_get_value_double(env, value, &raw mut id) })?;
    Ok(id)
}

/// An event queue's number, or a mark's kind.
pub(super) fn number_in(env: sys::napi_env, value: sys::napi_value) -> Result<u32> {
    let mut number = 0;
    // SAFETY: `value` is an argument of the running call.
    check_status!(unsafe { sys::napi_get_value_uint32(env, value, &raw mut number) })?;
    Ok(number)
}

pub(super) fn bool_of(env: sys::napi_env, value: sys::napi_value) -> Result<bool> {
    let mut answer = false;
    // SAFETY: `value` is an argument of the running call.
    check_status!(unsafe { sys::napi_get_value_bool(env, value, &raw mut answer) })?;
    Ok(answer)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates, and positions come from `position` below"
)]
pub(super) fn position_of(env: sys::napi_env, value: sys::napi_value) -> Result<u64> {
    let mut position = 0.0;
    // SAFETY: `value` is an argument of the running call.
    check_status!(unsafe { sys::napi_get_value_double(env, value, &raw mut position) })?;
    Ok(position as u64)
}

/// Where a `Float64Array`'s numbers lie.
pub(super) fn numbers_of(env: sys::napi_env, value: sys::napi_value) -> Result<*mut [f64]> {
    match TypedArray::of(env, value, null_mut()) {
        Some(array) if array.kind == sys::TypedarrayType::float64_array && array.length > 0 => {
            Ok(slice_from_raw_parts_mut(array.data.cast(), array.length))
        }
        _ => Err(Error::new(Status::InvalidArg, "a Float64Array is needed")),
    }
}

/// What Node-API says of a typed array. It goes by the internal slot: what only looks like one is none.
struct TypedArray {
    kind: sys::napi_typedarray_type,
    length: usize,
    data: *mut c_void,
}

impl TypedArray {
    /// Puts what the array lies in where `buffer` says, unless that is null.
    fn of(
        env: sys::napi_env,
        value: sys::napi_value,
        buffer: *mut sys::napi_value,
    ) -> Option<Self> {
        let mut array = Self {
            kind: 0,
            length: 0,
            data: null_mut(),
        };
        // SAFETY: `value` is an argument of the running call; Node-API refuses what is no typed array, and
        // writes no place that is null.
        let status = unsafe {
            sys::napi_get_typedarray_info(
                env,
                value,
                &raw mut array.kind,
                &raw mut array.length,
                &raw mut array.data,
                buffer,
                null_mut(),
            )
        };
        (status == sys::Status::napi_ok).then_some(array)
    }
}

/// A count of bytes. As a rule it is a small integer of V8, which costs no allocation.
pub(super) fn count(env: sys::napi_env, count: u64) -> Result<sys::napi_value> {
    match i32::try_from(count) {
        Ok(small) => small_integer(env, small),
        Err(_) => position(env, count),
    }
}

/// `-1 - count`: a count with one bit more to tell.
#[expect(clippy::cast_precision_loss, reason = "8 PiB in one buffer")]
pub(super) fn complement(env: sys::napi_env, count: u64) -> Result<sys::napi_value> {
    match i32::try_from(count) {
        Ok(small) => small_integer(env, !small),
        Err(_) => double(env, -1.0 - count as f64),
    }
}

pub(super) fn small_integer(env: sys::napi_env, value: i32) -> Result<sys::napi_value> {
    let mut result = null_mut();
    // SAFETY: `env` is the environment that made this call.
    check_status!(unsafe { sys::napi_create_int32(env, value, &raw mut result) })?;
    Ok(result)
}

pub(super) fn position(env: sys::napi_env, value: u64) -> Result<sys::napi_value> {
    double(env, number_of(value))
}

/// A count as JavaScript holds it.
#[expect(
    clippy::cast_precision_loss,
    reason = "exact up to 2^53: 8 PiB through one stream"
)]
pub(super) fn number_of(count: u64) -> f64 {
    count as f64
}

pub(super) fn double(env: sys::napi_env, value: f64) -> Result<sys::napi_value> {
    let mut result = null_mut();
    // SAFETY: `env` is the environment that made this call.
    check_status!(unsafe { sys::napi_create_double(env, value, &raw mut result) })?;
    Ok(result)
}

/// Where the bytes of a `Uint8Array` lie. An empty one may lie nowhere.
pub(super) struct View {
    pub(super) bytes: *const [u8],
    /// Other threads may write to them at any time, as to those of a `SharedArrayBuffer`.
    pub(super) is_shared: bool,
}

impl View {
    /// Refuses what only looks like a view. (Node-API of some versions aborts the process where a Buffer's bytes
    /// are asked for instead.)
    pub(super) fn of(env: sys::napi_env, value: sys::napi_value) -> Result<Self> {
        let mut buffer = null_mut();
        let array = TypedArray::of(env, value, &raw mut buffer)
            .filter(|array| array.kind == sys::TypedarrayType::uint8_array)
            .ok_or_else(|| Error::new(Status::InvalidArg, "a Uint8Array is needed"))?;
        let mut is_owned = false;
        // SAFETY: `buffer` is what the typed array lies in.
        check_status!(unsafe { sys::napi_is_arraybuffer(env, buffer, &raw mut is_owned) })?;
        Ok(Self {
            bytes: match array.length {
                0 => &[],
                length => slice_from_raw_parts(array.data.cast(), length),
            },
            is_shared: !is_owned,
        })
    }

    /// A copy of shared bytes, each in the state in which it is met.
    pub(super) fn copied(&self) -> Vec<u8> {
        let first = self.bytes.cast::<AtomicU8>();
        let copy_one = |index| {
            // SAFETY: `index` is within the view, whose memory V8 keeps at this place for the length of
            // this call; other threads may write to it, which an atomic allows.
            let byte = unsafe { &*first.wrapping_add(index) };
            byte.load(Ordering::Relaxed)
        };
        (0..self.bytes.len()).map(copy_one).collect()
    }
}
