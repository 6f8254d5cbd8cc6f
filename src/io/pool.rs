//! Threads for jobs that come in a rhythm.
//!
//! To wake a thread costs the caller several microseconds, and a processor that has gone to sleep takes
//! longer still to begin. So a worker that has run out of jobs looks for the next one for a while where
//! one is likely to come, and lets everybody else go first meanwhile.

use std::collections::VecDeque;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use parking_lot::{Mutex, MutexGuard};

/// How long a worker looks for the next job, and how soon it must have come the last time that there
/// was none. A file is copied a third faster that way, in no more processor time: the thread that reads
/// it finds a processor that is awake.
const LOOK: Duration = Duration::from_micros(200);

/// What is to be done. Returns whether more is likely to come soon.
type Job = Box<dyn FnOnce() -> bool + Send>;

/// See the module's text.
pub struct Pool {
    line: Mutex<Line>,
    /// How many jobs are in the line, to be seen without its lock.
    waiting: AtomicUsize,
}

struct Line {
    /// Those that no worker has begun, with their numbers.
    jobs: VecDeque<(u64, Job)>,
    /// How many jobs there have been.
    count: u64,
    /// How many workers are going to take one: as many as there are jobs, at least.
    coming: usize,
    /// How many of those have not begun.
    starting: usize,
    /// A worker is looking for a job. One is enough.
    is_watched: bool,
    /// When the last worker left; none if that had looked for a job in vain.
    left_at: Option<Instant>,
}

impl Pool {
    /// A pool without jobs.
    pub const fn new() -> Self {
        Self {
            line: Mutex::new(Line {
                jobs: VecDeque::new(),
                count: 0,
                coming: 0,
                starting: 0,
                is_watched: false,
                left_at: None,
            }),
            waiting: AtomicUsize::new(0),
        }
    }

    /// Has `job` done, after those that came before it. Where that needs another thread `start` gives
    /// one, which is to call [`Self::work`], or says why there is none; `job` is dropped then. The line
    /// is free meanwhile: whoever was woken while it is locked would have to sleep again.
    pub fn run(
        &self,
        job: impl FnOnce() -> bool + Send + 'static,
        start: impl FnOnce() -> io::Result<()>,
    ) -> io::Result<()> {
        let mut line = self.line.lock();
        let needs_worker = line.coming == line.jobs.len();
        if needs_worker {
            line.starting += 1;
            line.coming += 1;
        }
        line.count += 1;
        let number = line.count;
        line.jobs.push_back((number, Box::new(job)));
        self.waiting.store(line.jobs.len(), Ordering::Release);
        drop(line);
        if needs_worker {
            start().or_else(|error| self.take_back(number, error))?;
        }
        Ok(())
    }

    /// No thread was started for the job of this number. It is done all the same if a worker has it
    /// by now: that one goes on with the job it was counted on for.
    fn take_back(&self, number: u64, error: io::Error) -> io::Result<()> {
        let mut line = self.line.lock();
        let Some(starting) = line.starting.checked_sub(1) else {
            return Ok(());
        };
        line.starting = starting;
        line.coming -= 1;
        let place = line.jobs.iter().position(|(other, _)| *other == number);
        let job = place.and_then(|place| line.jobs.remove(place));
        self.waiting.store(line.jobs.len(), Ordering::Release);
        drop(line);
        job.map_or(Ok(()), |_| Err(error))
    }

    /// Does jobs until there are none. A panic in one goes on unwinding; the others have their own
    /// workers.
    pub fn work(&self) {
        let mut line = self.line.lock();
        // A thread may come in spite of a start that failed: nobody counts on it.
        let Some(starting) = line.starting.checked_sub(1) else {
            return;
        };
        line.starting = starting;
        let is_quick = line.is_quick(Instant::now());
        let mut next = self.next(line, false);
        while let Some(job) = next {
            let looks = job() && is_quick;
            let mut line = self.line.lock();
            line.coming += 1;
            next = self.next(line, looks);
        }
    }

    /// The next job for a worker that is counted in `line`.
    fn next<'a>(&'a self, mut line: MutexGuard<'a, Line>, looks: bool) -> Option<Job> {
        let looks = looks && line.jobs.is_empty() && !line.is_watched;
        if looks {
            line.is_watched = true;
            drop(line);
            self.look();
            line = self.line.lock();
            line.is_watched = false;
        }
        line.coming -= 1;
        let job = line.jobs.pop_front();
        self.waiting.store(line.jobs.len(), Ordering::Release);
        if job.is_none() {
            line.left_at = (!looks).then(Instant::now);
        }
        job.map(|(_, job)| job)
    }

    fn look(&self) {
        let start = Instant::now();
        while self.waiting.load(Ordering::Acquire) == 0 && start.elapsed() < LOOK {
            thread::yield_now();
        }
    }
}

impl Line {
    /// The last worker would have been needed again soon.
    fn is_quick(&self, now: Instant) -> bool {
        self.left_at.is_some_and(|left_at| now - left_at < LOOK)
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
    use std::sync::{Arc, mpsc};

    use super::*;

    /// A pool, and how many threads it has asked for.
    #[derive(Clone)]
    struct Rig(Arc<(Pool, AtomicUsize)>);

    impl Rig {
        fn new() -> Self {
            Self(Arc::new((Pool::new(), AtomicUsize::new(0))))
        }

        fn pool(&self) -> &Pool {
            &self.0.0
        }

        fn started(&self) -> usize {
            self.0.1.load(Ordering::SeqCst)
        }

        /// Gives a thread to the pool only in words: the test calls [`Pool::work`].
        fn run(&self, job: impl FnOnce() -> bool + Send + 'static) {
            let start = || {
                self.0.1.fetch_add(1, Ordering::SeqCst);
                Ok(())
            };
            self.pool().run(job, start).unwrap();
        }
    }

    #[test]
    fn each_job_that_waits_has_a_worker_and_they_are_done_in_order() {
        let rig = Rig::new();
        let (sender, done) = mpsc::channel();
        for number in 0..3 {
            let sender = sender.clone();
            rig.run(move || sender.send(number).is_err());
        }
        assert_eq!(rig.started(), 3);
        rig.pool().work();
        assert_eq!(done.try_iter().collect::<Vec<_>>(), [0, 1, 2]);
        // The other two find nothing to do.
        rig.pool().work();
        rig.pool().work();
        rig.run(|| false);
        assert_eq!(rig.started(), 4);
    }

    #[test]
    fn a_job_of_a_job_is_done_by_the_same_worker_if_it_comes_first() {
        let rig = Rig::new();
        let (sender, done) = mpsc::channel();
        let inner = rig.clone();
        rig.run(move || {
            inner.run(move || sender.send(()).is_err());
            false
        });
        rig.pool().work();
        assert_eq!(done.try_recv(), Ok(()));
    }

    #[test]
    fn without_a_thread_the_job_is_dropped() {
        let pool = Pool::new();
        let (sender, done) = mpsc::channel();
        let no_thread = || Err(io::Error::from_raw_os_error(11));
        assert!(
            pool.run(move || sender.send(()).is_err(), no_thread)
                .is_err()
        );
        assert_eq!(done.recv(), Err(mpsc::RecvError));
    }

    #[test]
    fn a_thread_that_comes_after_its_start_failed_does_not_count() {
        let rig = Rig::new();
        let no_thread = || Err(io::Error::from_raw_os_error(11));
        assert!(rig.pool().run(|| false, no_thread).is_err());
        rig.pool().work();
        let (sender, done) = mpsc::channel();
        for number in 0..2 {
            let sender = sender.clone();
            rig.run(move || sender.send(number).is_err());
            rig.pool().work();
            assert_eq!(done.try_recv(), Ok(number));
        }
        assert_eq!(rig.started(), 2);
    }

    #[test]
    fn a_start_that_fails_takes_no_job_from_another() {
        let rig = Rig::new();
        let (sender, done) = mpsc::channel();
        let first = sender.clone();
        rig.run(move || first.send(1).is_err());
        let inner = rig.clone();
        // A worker comes in the middle, for the first job, and does both.
        let no_thread = move || {
            inner.pool().work();
            Err(io::Error::from_raw_os_error(11))
        };
        let ran = rig.pool().run(move || sender.send(2).is_err(), no_thread);
        assert!(ran.is_ok());
        assert_eq!(done.try_iter().collect::<Vec<_>>(), [1, 2]);
        rig.pool().work();
        rig.run(|| false);
        assert_eq!(rig.started(), 2);
    }

    #[test]
    fn a_panic_leaves_the_other_jobs_to_their_workers() {
        let rig = Rig::new();
        let (sender, done) = mpsc::channel();
        rig.run(|| resume_unwind(Box::new("scripted")));
        rig.run(move || sender.send(()).is_err());
        assert!(catch_unwind(AssertUnwindSafe(|| rig.pool().work())).is_err());
        rig.pool().work();
        assert_eq!(done.try_recv(), Ok(()));
    }

    #[test]
    fn a_worker_that_looks_needs_no_other() {
        let rig = Rig::new();
        // It stays in the line for as long as the test likes.
        rig.pool().line.lock().coming += 1;
        rig.run(|| false);
        assert_eq!(rig.started(), 0);
        rig.run(|| false);
        assert_eq!(rig.started(), 1);
    }

    #[test]
    fn a_look_is_for_a_rhythm_and_not_repeated_in_vain() {
        let rig = Rig::new();
        let left_at = || rig.pool().line.lock().left_at;
        rig.run(|| true);
        rig.pool().work();
        let left = left_at().expect("it did not look");
        assert!(rig.pool().line.lock().is_quick(left + LOOK / 2));
        assert!(!rig.pool().line.lock().is_quick(left + LOOK));
        // As if it came right after the last left, however slow this thread is.
        let soon = Instant::now() + Duration::from_secs(3600);
        rig.pool().line.lock().left_at = Some(soon);
        rig.run(|| true);
        rig.pool().work();
        assert_eq!(left_at(), None, "it looked in vain");
        // More is not likely.
        rig.pool().line.lock().left_at = Some(soon);
        rig.run(|| false);
        rig.pool().work();
        assert!(left_at().is_some(), "it did not look");
    }
}
