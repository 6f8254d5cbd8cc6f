//! What one Node environment has: its streams and its events. Made with the first stream, dropped by the
//! environment's cleanup hook. A thread may have several environments, at once as Electron does, or one
//! after the other; each is known by Node-API's pointer to it.

use std::cell::RefCell;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Weak};
use std::time::Duration;

use napi::bindgen_prelude::Function;
use napi::{Env, Error, Result, sys};
use napi_derive::napi;

use super::compress::Report;
use super::events::Events;
use super::registry::Registry;
use crate::faults::{self, Place};
use crate::io::{Stream, later, set_disk_threads};
use crate::writer::Mark;

thread_local! {
    /// As a rule there is one.
    static ENVIRONMENTS: RefCell<Vec<(EnvironmentKey, Environment)>> = const { RefCell::new(Vec::new()) };
}

/// Node-API's pointer to an environment, which is only compared.
type EnvironmentKey = usize;

/// See the module's text.
#[derive(Default)]
pub(super) struct Environment {
    /// The streams that JavaScript has not released.
    pub streams: Registry,
    /// For each JavaScript half that has streams its own, shared with the drivers. There are several where
    /// the package was loaded again, as test runners do.
    hubs: Vec<Option<Arc<Events>>>,
    /// Of the compressions that go on.
    reports: Vec<Report>,
    /// How long a sink may take, when the environment goes, for what was accepted.
    exit_timeout: Duration,
}

impl Environment {
    /// Makes an event queue in this thread's environment, and returns its number; `deliver` is called
    /// when there are events to take.
    pub(super) fn attach(
        env: Env,
        deliver: &Function<(), ()>,
        settings: EnvironmentSettings,
    ) -> Result<u32> {
        let EnvironmentSettings {
            disk_threads,
            exit_timeout_ms,
        } = settings;
        let wake = deliver
            .build_threadsafe_function::<()>()
            .weak::<true>()
            .build_callback(|_| Ok(()))?;
        let events = Arc::new(Events::new(wake));
        let key = env.raw() as EnvironmentKey;
        let is_first = Self::with(env.raw(), |_| Ok(())).is_err();
        if is_first {
            env.add_env_cleanup_hook(key, |key| {
                // There is no one to report to, and Node-API's caller can't unwind.
                drop(catch_unwind(|| Self::clean_up(key)));
            })?;
            ENVIRONMENTS.with_borrow_mut(|all| all.push((key, Self::default())));
            let threads = disk_threads
                .and_then(|threads| usize::try_from(threads).ok().and_then(NonZeroUsize::new));
            if let Some(threads) = threads {
                set_disk_threads(threads);
            }
        }
        Self::with(env.raw(), |environment| {
            environment.exit_timeout = Duration::from_millis(exit_timeout_ms.into());
            let hub = environment.add_hub(events);
            u32::try_from(hub).map_err(|_| Error::from_reason("too many event queues"))
        })
    }

    fn add_hub(&mut self, events: Arc<Events>) -> usize {
        let free = self.hubs.iter().position(Option::is_none);
        let hub = free.unwrap_or(self.hubs.len());
        if free.is_none() {
            self.hubs.push(None);
        }
        self.hubs[hub] = Some(events);
        hub
    }

    /// Has `report` closed with the environment.
    pub(super) fn add_report(&mut self, report: Report) {
        self.reports.retain(|report| !report.is_closed());
        self.reports.push(report);
    }

    /// The queue has no users any more: releases the function and all that it holds.
    pub(super) fn detach(&mut self, hub: u32) {
        if let Some(events) = self.hubs.get_mut(hub as usize).and_then(Option::take) {
            events.close();
        }
    }

    /// The event queue of this number.
    pub(super) fn events(&self, hub: u32) -> Result<&Arc<Events>> {
        let events = self.hubs.get(hub as usize).and_then(Option::as_ref);
        events.ok_or_else(|| Error::from_reason("there is no such event queue"))
    }

    /// Calls `deliver` of this queue once more, behind the calls that are due already.
    pub(super) fn wake(&self, hub: u32) -> Result<()> {
        self.events(hub)?.wake();
        Ok(())
    }

    /// Uses what `env` has.
    pub(super) fn with<T>(
        env: sys::napi_env,
        use_it: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        ENVIRONMENTS.with_borrow_mut(|all| {
            let own = all
                .iter_mut()
                .find(|(key, _)| *key == env as EnvironmentKey);
            match own {
                Some((_, environment)) => use_it(environment),
                None => Err(Error::from_reason("the environment has no streams")),
            }
        })
    }

    /// Uses the stream of this number, which JavaScript may have made up. A panic becomes the stream's one
    /// error event, as one on a pool's thread does, and the answer is empty.
    pub(super) fn with_stream<T: Default>(
        env: sys::napi_env,
        id: f64,
        use_it: impl FnOnce(&Arc<Stream>) -> T,
    ) -> Result<T> {
        Self::with_stream_or(env, id, use_it, |_| T::default())
    }

    /// The same for a call that gives the stream bytes, and answers how many wait for the system.
    pub(super) fn give(
        env: sys::napi_env,
        id: f64,
        give: impl FnOnce(&Arc<Stream>) -> u64,
    ) -> Result<u64> {
        Self::with_stream_or(env, id, give, Stream::pending)
    }

    /// The same, and the caller says what the answer is after a panic.
    pub(super) fn with_stream_or<T>(
        env: sys::napi_env,
        id: f64,
        use_it: impl FnOnce(&Arc<Stream>) -> T,
        answer_of_failed: fn(&Stream) -> T,
    ) -> Result<T> {
        let stream = Self::stream(env, id)?;
        let used = catch_unwind(AssertUnwindSafe(|| {
            faults::strike(Place::Stream);
            use_it(&stream)
        }));
        Ok(used.unwrap_or_else(|_| {
            stream.call_panicked();
            answer_of_failed(&stream)
        }))
    }

    /// The stream of this number.
    pub(super) fn stream(env: sys::napi_env, id: f64) -> Result<Arc<Stream>> {
        Self::with(env, |environment| {
            let stream = Registry::id_of(id).and_then(|id| environment.streams.get(id));
            let released = || Error::from_reason("the stream was released");
            stream.cloned().ok_or_else(released)
        })
    }

    /// Whether the streams keep the process alive.
    pub(super) fn keep_alive(&self, env: sys::napi_env, hub: u32, alive: bool) -> Result<()> {
        self.events(hub)?.with_wake(|wake| {
            let set = if alive {
                sys::napi_ref_threadsafe_function
            } else {
                sys::napi_unref_threadsafe_function
            };
            // SAFETY: this is the environment's own thread, and `wake` is not released while the
            // events lend it.
            let status = unsafe { set(env, wake.raw()) };
            debug_assert_eq!(status, sys::Status::napi_ok);
        });
        Ok(())
    }

    /// The environment ends. The drivers still write what its streams have accepted, without events. A sink
    /// that has not taken it by the deadline is closed.
    fn clean_up(key: EnvironmentKey) {
        let environment = ENVIRONMENTS.with_borrow_mut(|all| {
            let own = all.iter().position(|(other, _)| *other == key);
            own.map(|own| all.swap_remove(own).1)
        });
        let Some(environment) = environment else {
            return;
        };
        for events in environment.hubs.iter().flatten() {
            events.close();
        }
        environment.reports.iter().for_each(Report::close);
        let mut unfinished = Vec::new();
        for stream in environment.streams.iter() {
            stream.disown();
            if stream.pending() > 0 {
                unfinished.push(Arc::downgrade(stream));
            }
        }
        if !unfinished.is_empty() {
            later(environment.exit_timeout, move || {
                for stream in unfinished.iter().filter_map(Weak::upgrade) {
                    stream.mark(Mark::Close);
                }
            });
        }
    }
}

/// What the environment's variables say: JavaScript reads them, because a worker has its own.
#[napi(object, object_to_js = false)]
#[derive(Clone, Copy)]
pub(super) struct EnvironmentSettings {
    /// How many threads disk files share at most; unset leaves that to the number of cores.
    pub disk_threads: Option<u32>,
    /// How long, in milliseconds, what was accepted may take when the environment goes.
    pub exit_timeout_ms: u32,
}
