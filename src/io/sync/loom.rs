//! Those of loom, with the faces of the real ones.
//!
//! loom's objects belong to one run of a model and can't be made in a constant, so each is made when it is
//! first used.

use std::cell::Cell;
use std::ops::{Deref, DerefMut};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

pub(crate) use loom::thread;

/// Runs `model` in each order in which its threads can take turns, if none of them is interrupted more than
/// twice. With more of that it takes hours, and the known faults need one.
pub(crate) fn explore(model: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(2);
    builder.check(model);
}

thread_local! {
    /// Of one model: its threads all run on the thread of its test.
    static CLOCK: Cell<Instant> = Cell::new(Instant::now());
}

/// A clock that goes on whenever somebody looks at it, and not by itself.
pub(crate) fn now() -> Instant {
    const TICK: Duration = Duration::from_micros(70);
    CLOCK.set(CLOCK.get() + TICK);
    CLOCK.get()
}

/// `std::sync::atomic::AtomicBool`
pub(crate) struct AtomicBool {
    initial: bool,
    flag: OnceLock<loom::sync::atomic::AtomicBool>,
}

impl AtomicBool {
    pub(crate) const fn new(initial: bool) -> Self {
        let flag = OnceLock::new();
        Self { initial, flag }
    }

    fn flag(&self) -> &loom::sync::atomic::AtomicBool {
        let make = || loom::sync::atomic::AtomicBool::new(self.initial);
        self.flag.get_or_init(make)
    }

    pub(crate) fn load(&self, order: Ordering) -> bool {
        self.flag().load(order)
    }

    pub(crate) fn swap(&self, value: bool, order: Ordering) -> bool {
        self.flag().swap(value, order)
    }

    pub(crate) fn store(&self, value: bool, order: Ordering) {
        self.flag().store(value, order);
    }
}

/// `parking_lot::Mutex`
pub(crate) struct Mutex<T> {
    initial: std::sync::Mutex<Option<T>>,
    mutex: OnceLock<loom::sync::Mutex<T>>,
}

impl<T> Mutex<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self {
            initial: std::sync::Mutex::new(Some(value)),
            mutex: OnceLock::new(),
        }
    }

    fn mutex(&self) -> &loom::sync::Mutex<T> {
        self.mutex.get_or_init(|| {
            let value = self.initial.lock().unwrap().take();
            loom::sync::Mutex::new(value.expect("it is taken out once"))
        })
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        MutexGuard {
            mutex: self,
            guard: Some(self.mutex().lock().unwrap()),
        }
    }

    pub(crate) fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        let guard = Some(self.mutex().try_lock().ok()?);
        Some(MutexGuard { mutex: self, guard })
    }
}

/// `parking_lot::MutexGuard`
pub(crate) struct MutexGuard<'a, T> {
    mutex: &'a Mutex<T>,
    /// None while it is unlocked for somebody.
    guard: Option<loom::sync::MutexGuard<'a, T>>,
}

impl<T> MutexGuard<'_, T> {
    pub(crate) fn unlocked<U>(guard: &mut Self, act: impl FnOnce() -> U) -> U {
        guard.guard = None;
        let result = act();
        guard.guard = Some(guard.mutex.mutex().lock().unwrap());
        result
    }
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.guard.as_ref().expect("it is locked")
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.guard.as_mut().expect("it is locked")
    }
}

/// `parking_lot::Condvar`, for waits that hold the lock of the same mutex. Time is over when the model says so.
pub(crate) struct Condvar {
    condvar: OnceLock<loom::sync::Condvar>,
    /// How many wait and were not woken yet.
    waiting: AtomicUsize,
    is_time_over: std::sync::atomic::AtomicBool,
}

/// `parking_lot::WaitTimeoutResult`
pub(crate) struct WaitTimeoutResult(bool);

impl WaitTimeoutResult {
    pub(crate) fn timed_out(&self) -> bool {
        self.0
    }
}

impl Condvar {
    pub(crate) const fn new() -> Self {
        Self {
            condvar: OnceLock::new(),
            waiting: AtomicUsize::new(0),
            is_time_over: std::sync::atomic::AtomicBool::new(false),
        }
    }

    fn condvar(&self) -> &loom::sync::Condvar {
        self.condvar.get_or_init(loom::sync::Condvar::new)
    }

    pub(crate) fn notify_one(&self) -> bool {
        let is_anybody = self.waiting.load(Ordering::Relaxed) > 0;
        if is_anybody {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            self.condvar().notify_one();
        }
        is_anybody
    }

    pub(crate) fn notify_all(&self) {
        self.waiting.store(0, Ordering::Relaxed);
        self.condvar().notify_all();
    }

    pub(crate) fn wait_until<T>(
        &self,
        guard: &mut MutexGuard<'_, T>,
        _: Instant,
    ) -> WaitTimeoutResult {
        let is_time_over = || self.is_time_over.load(Ordering::Relaxed);
        if !is_time_over() {
            self.waiting.fetch_add(1, Ordering::Relaxed);
            let locked = guard.guard.take().expect("it is locked");
            guard.guard = Some(self.condvar().wait(locked).unwrap());
        }
        WaitTimeoutResult(is_time_over())
    }

    /// The deadlines of all waits, now and later, are over. The caller holds the lock of the mutex.
    pub(crate) fn end_time(&self) {
        self.is_time_over.store(true, Ordering::Relaxed);
        self.notify_all();
    }
}
