//! Models of the pool: whatever the order in which its threads and those that bring work take turns, all work
//! is done once, no thread is left over, and no worker sleeps while there is work.

use super::*;
use crate::io::sync::explore;

/// Counts how often it is done, and wakes who waits for that.
struct Count {
    done: Mutex<usize>,
    grown: Condvar,
}

impl Count {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            done: Mutex::new(0),
            grown: Condvar::new(),
        })
    }

    /// Returns once it was done so often.
    fn wait(&self, times: usize) {
        let mut done = self.done.lock();
        while *done < times {
            self.grown.wait_until(&mut done, now());
        }
    }
}

impl Work for Count {
    fn run(self: Arc<Self>) -> Outlook {
        *self.done.lock() += 1;
        self.grown.notify_all();
        Outlook::Soon
    }
}

/// Is done when another one like it is done at the same time.
struct Pair(Arc<Count>);

impl Work for Pair {
    fn run(self: Arc<Self>) -> Outlook {
        Arc::clone(&self.0).run();
        self.0.wait(2);
        Outlook::Soon
    }
}

/// loom finds what waits for ever, and so each thread that is left over.
fn pool(limit: fn() -> usize, together: usize) -> &'static Pool {
    Box::leak(Box::new(Pool::new("model", limit, together, SPIN)))
}

impl Pool {
    /// The time that a thread stays without work is over.
    fn end_time(&self) {
        let _line = self.line.lock();
        self.arrival.end_time();
    }

    /// Returns when all threads have left.
    pub(crate) fn end(&self) {
        self.end_time();
        while self.line.lock().threads > 0 {
            thread::yield_now();
        }
    }
}

/// Returns when all work is done and the threads have left.
fn assert_done(pool: &Pool, work: &Count, times: usize) {
    work.wait(times);
    pool.end();
    assert_eq!(*work.done.lock(), times);
    assert!(!pool.has_work.load(Ordering::Relaxed));
}

#[test]
fn one_thread_does_all_work_of_two_that_bring_it() {
    explore(|| {
        let pool = pool(|| 1, 1);
        let work = Count::new();
        let theirs = Arc::clone(&work);
        let other = thread::spawn(move || pool.submit(theirs).unwrap());
        pool.submit(Arc::<Count>::clone(&work)).unwrap();
        other.join().unwrap();
        assert_done(pool, &work, 2);
    });
}

#[test]
fn work_that_comes_when_a_thread_goes_idle_or_spins_is_done() {
    explore(|| {
        let pool = pool(|| 1, 1);
        let work = Count::new();
        for times in 1..=3 {
            pool.submit(Arc::<Count>::clone(&work)).unwrap();
            work.wait(times);
        }
        assert_done(pool, &work, 3);
    });
}

#[test]
fn a_thread_that_spins_is_counted_on_for_one_piece_of_work() {
    explore(|| {
        let pool = pool(|| 2, 1);
        let first = Count::new();
        for times in 1..=2 {
            pool.submit(Arc::<Count>::clone(&first)).unwrap();
            first.wait(times);
        }
        let pair = Count::new();
        for _ in 0..2 {
            pool.submit(Arc::new(Pair(Arc::clone(&pair)))).unwrap();
        }
        assert_done(pool, &pair, 2);
    });
}

#[test]
fn work_that_comes_when_a_thread_wants_to_leave_is_done() {
    explore(|| {
        let pool = pool(|| 1, 1);
        let work = Count::new();
        pool.submit(Arc::<Count>::clone(&work)).unwrap();
        let clock = thread::spawn(move || pool.end_time());
        pool.submit(Arc::<Count>::clone(&work)).unwrap();
        clock.join().unwrap();
        assert_done(pool, &work, 2);
    });
}
