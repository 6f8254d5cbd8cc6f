//! The numbers and names that both languages know. JavaScript reads them from here.

use napi::bindgen_prelude::Object;
use napi::{Env, Result};

use super::events::{EVENT_NUMBERS, KINDS};
use super::marks::MARKS;
use super::registry::SLOT_MASK;
use super::stats::STATS;
use crate::writer::SystemCall;

/// The object `constants` of the addon.
pub(super) fn constants(env: &Env) -> Result<Object<'_>> {
    let mut constants = Object::new(env)?;
    for (name, number) in KINDS.into_iter().chain(MARKS) {
        constants.set(name, u32::from(number))?;
    }
    constants.set(
        "EVENT_NUMBERS",
        u32::try_from(EVENT_NUMBERS).expect("a small number"),
    )?;
    constants.set("SLOT_MASK", u32::try_from(SLOT_MASK).expect("20 bits"))?;
    constants.set("STATS", STATS.to_vec())?;
    constants.set("SYSTEM_CALLS", SystemCall::NAMES.to_vec())?;
    // JavaScript of another version may find this addon: see lib/native.js.
    constants.set("VERSION", env!("CARGO_PKG_VERSION"))?;
    Ok(constants)
}
