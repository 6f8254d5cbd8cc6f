//! Where strings of JavaScript become UTF-8, before they are copied to where they wait.
//!
//! The encoder writes piece by piece, which is slow in memory that the driver's core has read last;
//! one large copy is not. It made lines a tenth faster.

use std::ptr::null_mut;

use encoding_rs::mem::convert_utf16_to_utf8;
use napi::{Result, check_status, sys};

/// A UTF-16 unit takes so many bytes at most.
const UNIT_BYTES: usize = 3;

/// The first byte of a character that is a pair of surrogates in UTF-16; no other byte is as great.
const PAIR: u8 = 0xf0;

/// See the module's text. One for each thread, since its memory is dear to come by.
pub(super) struct Desk {
    bytes: Vec<u8>,
    units: Vec<u16>,
    /// The last string had other characters than ASCII, as the next one is likely to have.
    wide: bool,
}

/// A string in UTF-8.
pub(super) struct Encoded<'a> {
    pub bytes: &'a [u8],
    /// It has characters that are surrogate pairs in UTF-16.
    pub has_pairs: bool,
}

impl Desk {
    /// A desk that has no memory yet.
    pub(super) const fn new() -> Self {
        Self {
            bytes: Vec::new(),
            units: Vec::new(),
            wide: false,
        }
    }

    /// Encodes `string`; lone surrogates become U+FFFD, as in Node. V8's own encoder is the faster one
    /// for ASCII. With other characters a row costs half as much again that way, on Node 24 and 26, as
    /// if its units are copied and those encoded.
    pub(super) fn encode(
        &mut self,
        env: sys::napi_env,
        string: sys::napi_value,
    ) -> Result<Encoded<'_>> {
        let units = units_of(env, string)?;
        // V8 ends what it copies with a zero.
        let room = UNIT_BYTES * units + 1;
        self.bytes.resize(self.bytes.len().max(room), 0);
        let length = if self.wide {
            self.units.resize(self.units.len().max(units + 1), 0);
            copy_units(env, string, &mut self.units)?;
            convert_utf16_to_utf8(&self.units[..units], &mut self.bytes)
        } else {
            encode(env, string, &mut self.bytes)?
        };
        self.wide = length > units;
        let bytes = &self.bytes[..length];
        Ok(Encoded {
            bytes,
            has_pairs: self.wide && bytes.iter().any(|&byte| byte >= PAIR),
        })
    }

    /// The low bytes of `string`'s units, as Node writes Latin-1 and ASCII.
    pub(super) fn encode_latin1(
        &mut self,
        env: sys::napi_env,
        string: sys::napi_value,
    ) -> Result<&[u8]> {
        let units = units_of(env, string)?;
        self.bytes.resize(self.bytes.len().max(units + 1), 0);
        let mut length = 0;
        // SAFETY: `string` is an argument of the running call, and Node-API writes within `bytes`.
        check_status!(unsafe {
            sys::napi_get_value_string_latin1(
                env,
                string,
                self.bytes.as_mut_ptr().cast(),
                self.bytes.len(),
                &raw mut length,
            )
        })?;
        Ok(&self.bytes[..length])
    }
}

/// A string's length in UTF-16 units.
fn units_of(env: sys::napi_env, string: sys::napi_value) -> Result<usize> {
    let mut units = 0;
    // SAFETY: `string` is an argument of the running call; without a buffer only the length is told.
    check_status!(unsafe {
        sys::napi_get_value_string_utf16(env, string, null_mut(), 0, &raw mut units)
    })?;
    Ok(units)
}

/// Copies the units of `string` to the front of `room`.
fn copy_units(env: sys::napi_env, string: sys::napi_value, room: &mut [u16]) -> Result<()> {
    // SAFETY: `string` is an argument of the running call, and Node-API writes within `room`.
    check_status!(unsafe {
        sys::napi_get_value_string_utf16(env, string, room.as_mut_ptr(), room.len(), null_mut())
    })
}

/// Encodes `string` to the front of `room` and returns the number of bytes.
fn encode(env: sys::napi_env, string: sys::napi_value, room: &mut [u8]) -> Result<usize> {
    let mut bytes = 0;
    // SAFETY: `string` is an argument of the running call, and Node-API writes within `room`.
    check_status!(unsafe {
        sys::napi_get_value_string_utf8(
            env,
            string,
            room.as_mut_ptr().cast(),
            room.len(),
            &raw mut bytes,
        )
    })?;
    Ok(bytes)
}
