//! Threads for work that may block and comes in a rhythm.
//!
//! To wake a thread costs the caller several microseconds, and a processor that has gone to sleep takes
//! longer still to begin. So a worker that has run out of work spins for a while where more is likely to
//! come soon, and lets everybody else go first meanwhile. And who brings work wakes nobody while a worker is on its
//! way to it: that one wakes the next if it finds more than it takes.

use std::collections::VecDeque;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::io::sync::{AtomicBool, Condvar, Mutex, MutexGuard, now, thread};

/// How long a worker spins, and how soon after the last worker went idle its work must have come. A file
/// is copied a third faster that way, in no more processor time: the thread that reads it finds a
/// processor that is awake.
const SPIN: Duration = Duration::from_micros(200);

/// What a worker does. The line holds it as it is: nothing is allocated to have work done.
pub(crate) trait Work: Send + Sync {
    /// Does what is due. A panic ends this piece of work and nothing else.
    fn run(self: Arc<Self>) -> Outlook;
}

/// What a piece of work says about the next one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Outlook {
    /// More is likely to come within microseconds.
    Soon,
    /// Nothing is known.
    Unknown,
}

/// See the module's text.
pub(crate) struct Pool {
    name: &'static str,
    /// How many threads there may be.
    limit: fn() -> usize,
    /// How many threads start with the first work, if there may be so many.
    together: usize,
    /// How long a thread stays without work.
    keep_alive: Duration,
    /// Starts a thread that serves the pool.
    spawn: fn(&'static Pool) -> io::Result<()>,
    line: Mutex<Line>,
    /// Wakes an idle worker.
    arrival: Condvar,
    /// There is work in the line. Seen by the worker that spins, without the lock.
    has_work: AtomicBool,
}

struct Line {
    /// Work that no worker has begun, in order.
    work: VecDeque<Arc<dyn Work>>,
    /// How many threads there are.
    threads: usize,
    /// A worker spins.
    is_spinning: bool,
    /// A worker was woken, started or spins. It will look into the line, and wakes the next if there is more than it
    /// takes.
    is_coming: bool,
    /// When the last worker went idle; none if it had spun in vain.
    idle_since: Option<Instant>,
}

impl Pool {
    /// A pool without threads.
    pub(crate) const fn new(
        name: &'static str,
        limit: fn() -> usize,
        together: usize,
        keep_alive: Duration,
    ) -> Self {
        Self {
            name,
            limit,
            together,
            keep_alive,
            spawn,
            line: Mutex::new(Line {
                work: VecDeque::new(),
                threads: 0,
                is_spinning: false,
                is_coming: false,
                idle_since: None,
            }),
            arrival: Condvar::new(),
            has_work: AtomicBool::new(false),
        }
    }

    /// Queues `work` after all earlier work. Fails, without doing it, if there is no thread and the
    /// system gives none.
    pub(crate) fn submit(&'static self, work: Arc<dyn Work>) -> io::Result<()> {
        let mut line = self.line.lock();
        line.work.push_back(work);
        self.has_work.store(true, Ordering::Release);
        self.summon(&mut line).or_else(|error| {
            if line.threads > 0 {
                return Ok(());
            }
            line.work.pop_back();
            self.has_work.store(false, Ordering::Release);
            Err(error)
        })
    }

    /// Has a worker come for what is in the line.
    fn summon(&'static self, line: &mut Line) -> io::Result<()> {
        if line.is_coming {
            return Ok(());
        }
        // A worker that is woken here goes on when the lock is free.
        line.is_coming = self.arrival.notify_one();
        if line.is_coming {
            return Ok(());
        }
        self.start(line)
    }

    /// Starts a thread if there may be one more, and with the first one its companions. That happens
    /// so rarely that the lock is kept.
    fn start(&'static self, line: &mut Line) -> io::Result<()> {
        let limit = (self.limit)();
        let wanted = (line.threads + 1).max(self.together).min(limit);
        while line.threads < wanted {
            (self.spawn)(self)?;
            line.threads += 1;
            line.is_coming = true;
        }
        Ok(())
    }

    /// A thread's life: it works until there has been nothing to do for too long.
    fn work_off(&'static self) {
        let mut line = self.line.lock();
        line.is_coming = false;
        // It was needed soon after the last worker went idle.
        let mut is_in_rhythm = false;
        let mut outlook = Outlook::Unknown;
        loop {
            if line.work.is_empty() {
                let spins = is_in_rhythm && outlook == Outlook::Soon && !line.is_spinning;
                if spins {
                    self.spin(&mut line);
                }
                if line.work.is_empty() {
                    line.idle_since = (!spins).then(now);
                    self.wait(&mut line);
                    is_in_rhythm = line.was_idle_briefly(now());
                }
            }
            let Some(work) = line.work.pop_front() else {
                break;
            };
            self.has_work
                .store(!line.work.is_empty(), Ordering::Release);
            if !line.work.is_empty() {
                // Without another thread this one does it all.
                let _ = self.summon(&mut line);
            }
            outlook = MutexGuard::unlocked(&mut line, || {
                // The stream has told its owner of a panic; this thread has other streams to serve.
                catch_unwind(AssertUnwindSafe(|| work.run())).unwrap_or(Outlook::Unknown)
            });
        }
        line.threads -= 1;
    }

    fn spin(&self, line: &mut MutexGuard<'_, Line>) {
        line.is_spinning = true;
        line.is_coming = true;
        MutexGuard::unlocked(line, || {
            let start = now();
            while !self.has_work.load(Ordering::Acquire) && now() - start < SPIN {
                thread::yield_now();
            }
        });
        line.is_spinning = false;
        line.is_coming = false;
    }

    /// Sleeps until there is work, or it is time to go.
    fn wait(&self, line: &mut MutexGuard<'_, Line>) {
        let deadline = now() + self.keep_alive;
        let mut is_over = false;
        while line.work.is_empty() && !is_over {
            is_over = self.arrival.wait_until(line, deadline).timed_out();
            line.is_coming = false;
        }
    }
}

fn spawn(pool: &'static Pool) -> io::Result<()> {
    let named = thread::Builder::new().name(pool.name.into());
    named.spawn(|| pool.work_off()).map(drop)
}

impl Line {
    /// The last worker that went idle was needed again soon.
    fn was_idle_briefly(&self, now: Instant) -> bool {
        self.idle_since
            .is_some_and(|since| now.duration_since(since) < SPIN)
    }
}

#[cfg(all(test, rushwrite_loom))]
mod loom;
#[cfg(test)]
#[cfg(not(rushwrite_loom))]
mod tests {
    use std::panic::resume_unwind;
    use std::sync::mpsc::{Receiver, Sender, channel};

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(20);

    /// Work that waits for the test before it ends.
    struct Held {
        number: usize,
        begun: Sender<usize>,
        release: Mutex<Receiver<()>>,
    }

    impl Work for Held {
        fn run(self: Arc<Self>) -> Outlook {
            self.begun.send(self.number).unwrap();
            self.release.lock().recv_timeout(PATIENCE).unwrap();
            Outlook::Unknown
        }
    }

    struct Quick(Sender<thread::ThreadId>);

    impl Work for Quick {
        fn run(self: Arc<Self>) -> Outlook {
            self.0.send(thread::current().id()).unwrap();
            Outlook::Soon
        }
    }

    struct Panics;

    impl Work for Panics {
        fn run(self: Arc<Self>) -> Outlook {
            resume_unwind(Box::new("scripted"))
        }
    }

    fn pool(limit: fn() -> usize, together: usize, keep_alive: Duration) -> &'static Pool {
        Box::leak(Box::new(Pool::new("test", limit, together, keep_alive)))
    }

    fn hold(pool: &'static Pool, number: usize, begun: &Sender<usize>) -> Sender<()> {
        let (release, released) = channel();
        let work = Held {
            number,
            begun: begun.clone(),
            release: Mutex::new(released),
        };
        pool.submit(Arc::new(work)).unwrap();
        release
    }

    #[test]
    fn work_is_begun_in_order_on_no_more_threads_than_there_may_be() {
        let pool = pool(|| 2, 1, PATIENCE);
        let (begun, begins) = channel();
        let releases: Vec<_> = (0..4).map(|number| hold(pool, number, &begun)).collect();
        let mut first = [(); 2].map(|()| begins.recv_timeout(PATIENCE).unwrap());
        first.sort_unstable();
        assert_eq!(first, [0, 1]);
        assert_eq!(pool.line.lock().threads, 2);
        assert!(begins.try_recv().is_err(), "a third thread");
        releases[0].send(()).unwrap();
        assert_eq!(begins.recv_timeout(PATIENCE), Ok(2));
        for release in &releases[1..] {
            release.send(()).unwrap();
        }
        assert_eq!(begins.recv_timeout(PATIENCE), Ok(3));
    }

    #[test]
    fn an_idle_thread_is_woken_before_another_starts() {
        let pool = pool(|| 9, 1, PATIENCE);
        let (done, runs) = channel();
        for _ in 0..50 {
            pool.submit(Arc::new(Quick(done.clone()))).unwrap();
            runs.recv_timeout(PATIENCE).unwrap();
            let start = Instant::now();
            while pool.line.lock().idle_since.take().is_none() {
                assert!(start.elapsed() < PATIENCE, "the thread does not go idle");
                thread::yield_now();
            }
        }
        assert_eq!(pool.line.lock().threads, 1);
    }

    #[test]
    fn companions_start_with_the_first() {
        let pool = pool(|| 4, 2, PATIENCE);
        let (done, runs) = channel();
        pool.submit(Arc::new(Quick(done))).unwrap();
        runs.recv_timeout(PATIENCE).unwrap();
        assert_eq!(pool.line.lock().threads, 2);
    }

    #[test]
    fn who_brings_work_wakes_nobody_while_a_worker_is_coming() {
        let pool = pool(|| 2, 1, PATIENCE);
        pool.line.lock().is_coming = true;
        let (done, runs) = channel();
        for _ in 0..2 {
            pool.submit(Arc::new(Quick(done.clone()))).unwrap();
            assert_eq!(pool.line.lock().threads, 0);
        }
        pool.line.lock().is_coming = false;
        pool.submit(Arc::new(Quick(done))).unwrap();
        for _ in 0..3 {
            assert!(runs.recv_timeout(PATIENCE).is_ok());
        }
    }

    #[test]
    fn a_worker_that_finds_more_than_it_takes_has_another_come() {
        let pool = pool(|| 3, 1, PATIENCE);
        let (begun, begins) = channel();
        pool.line.lock().is_coming = true;
        let mut releases = vec![hold(pool, 0, &begun), hold(pool, 1, &begun)];
        pool.line.lock().is_coming = false;
        releases.push(hold(pool, 2, &begun));
        // None of them ends before all have begun.
        let mut numbers = [(); 3].map(|()| begins.recv_timeout(PATIENCE).unwrap());
        numbers.sort_unstable();
        assert_eq!(numbers, [0, 1, 2]);
        for release in releases {
            release.send(()).unwrap();
        }
    }

    #[test]
    fn a_spin_ends_when_nothing_comes_and_at_once_when_there_is_work() {
        let pool = pool(|| 1, 1, PATIENCE);
        let mut line = pool.line.lock();
        let start = Instant::now();
        pool.spin(&mut line);
        assert!(start.elapsed() >= SPIN);
        assert!(!line.is_spinning);
        pool.has_work.store(true, Ordering::Release);
        pool.spin(&mut line);
        assert!(!line.is_spinning);
    }

    #[test]
    fn a_panic_costs_no_thread() {
        let pool = pool(|| 1, 1, PATIENCE);
        let (done, runs) = channel();
        pool.submit(Arc::new(Panics)).unwrap();
        pool.submit(Arc::new(Quick(done))).unwrap();
        assert!(runs.recv_timeout(PATIENCE).is_ok());
        assert_eq!(pool.line.lock().threads, 1);
    }

    #[test]
    fn threads_leave_when_nothing_comes_and_come_back() {
        let pool = pool(|| 1, 1, Duration::from_millis(1));
        for _ in 0..3 {
            let (done, runs) = channel();
            pool.submit(Arc::new(Quick(done))).unwrap();
            assert!(runs.recv_timeout(PATIENCE).is_ok());
            let start = Instant::now();
            while pool.line.lock().threads > 0 {
                assert!(start.elapsed() < PATIENCE, "the thread stays");
                thread::yield_now();
            }
        }
    }

    /// A pool to which the system gives so many threads.
    fn starved(spawn: fn(&'static Pool) -> io::Result<()>) -> &'static Pool {
        let mut pool = Pool::new("test", || 2, 2, PATIENCE);
        pool.spawn = spawn;
        Box::leak(Box::new(pool))
    }

    #[test]
    fn without_a_thread_the_work_is_refused_and_dropped() {
        let pool = starved(|_| Err(io::Error::from_raw_os_error(11)));
        let (done, runs) = channel();
        assert!(pool.submit(Arc::new(Quick(done))).is_err());
        assert!(runs.recv().is_err(), "the work was kept");
        assert!(!pool.has_work.load(Ordering::Relaxed));
    }

    #[test]
    fn one_thread_is_enough_where_the_system_refuses_another() {
        static HAS_STARTED: AtomicBool = AtomicBool::new(false);
        let pool = starved(|pool| {
            if HAS_STARTED.swap(true, Ordering::Relaxed) {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            spawn(pool)
        });
        let (done, runs) = channel();
        for _ in 0..3 {
            pool.submit(Arc::new(Quick(done.clone()))).unwrap();
            assert!(runs.recv_timeout(PATIENCE).is_ok());
        }
        assert_eq!(pool.line.lock().threads, 1);
    }

    #[test]
    fn only_brief_idleness_makes_a_worker_spin() {
        let now = Instant::now();
        let mut line = Line {
            work: VecDeque::new(),
            threads: 0,
            is_spinning: false,
            is_coming: false,
            idle_since: None,
        };
        assert!(!line.was_idle_briefly(now));
        line.idle_since = Some(now);
        assert!(line.was_idle_briefly(now + SPIN / 2));
        assert!(!line.was_idle_briefly(now + SPIN));
    }
}
