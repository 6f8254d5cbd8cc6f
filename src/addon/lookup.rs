//! The calls that look names up.

use napi::{Env, Result};
use napi_derive::napi;

use super::environment::Environment;
use crate::io::{self, Question};

/// Asks for the addresses of a name in ASCII, of `family` 4, 6 or any, with `getaddrinfo(3)`'s flags.
/// The answer comes under the number `lookup`. False if the system has no thread for the question.
#[napi(catch_unwind)]
pub(super) fn lookup(
    env: Env,
    hub: u32,
    lookup: f64,
    name: String,
    family: u8,
    hints: i32,
) -> Result<bool> {
    let events = Environment::with(env.raw(), |environment| environment.events(hub).cloned())?;
    let question = Question {
        name,
        family,
        hints,
    };
    Ok(io::lookup(question, move |answer| events.answer(lookup, answer)).is_ok())
}

/// What became of a lookup.
#[napi(object, object_from_js = false)]
pub(super) struct LookupAnswer {
    /// Its number.
    pub lookup: f64,
    /// libuv's negative number if it failed, else 0.
    pub errno: i32,
    /// The addresses in the system's order.
    pub addresses: Vec<String>,
}

/// Takes all answers.
#[napi(catch_unwind)]
pub(super) fn take_answers(env: Env, hub: u32) -> Result<Vec<LookupAnswer>> {
    let answers = Environment::with(env.raw(), |environment| {
        Ok(environment.events(hub)?.take_answers())
    })?;
    let answers = answers.into_iter().map(|(lookup, answer)| LookupAnswer {
        lookup,
        errno: *answer.as_ref().err().unwrap_or(&0),
        addresses: answer.iter().flatten().map(ToString::to_string).collect(),
    });
    Ok(answers.collect())
}
