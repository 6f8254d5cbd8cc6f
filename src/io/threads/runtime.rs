//! The tokio runtime: one for the process, with one thread, which waits for descriptors and clocks. It
//! starts with the first wait and never stops, so that no teardown of an environment can cancel writes
//! that are queued. A process whose descriptors always take what they are given never has it.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::time::Sleep;

/// What `pthread_create(3)` says when there is no room for another thread. Linux's number; elsewhere
/// it only chooses the words of the error.
const EAGAIN: i32 = 11;

/// The runtime that this thread is in, or the one of the process. Fails if the system gives no thread
/// for it.
pub(crate) fn handle() -> io::Result<Handle> {
    Handle::try_current().or_else(|_| started().map(|runtime| runtime.handle().clone()))
}

/// Waits for `delay`. Fails if the system gives no thread for the clock.
pub(crate) fn sleep(delay: Duration) -> io::Result<Sleep> {
    let _entered = handle()?.enter();
    Ok(tokio::time::sleep(delay))
}

/// Runs `job` after `delay`, unless the system gives no thread for the clock.
pub(crate) fn later(delay: Duration, job: impl FnOnce() + Send + 'static) {
    let Ok(handle) = handle() else { return };
    drop(handle.spawn(async move {
        tokio::time::sleep(delay).await;
        job();
    }));
}

/// Runs `future` to its end on this thread, which may block. It needs the runtime only if it waits.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    // Most futures are done with the first poll, and need no waker. One that is not is polled again at
    // once, so that it knows whom to wake.
    let first = future
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()));
    if let Poll::Ready(output) = first {
        return output;
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}

/// Wakes a thread that waits in [`block_on`].
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

fn started() -> io::Result<&'static Runtime> {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    static STARTING: Mutex<()> = Mutex::new(());
    if let Some(runtime) = RUNTIME.get() {
        return Ok(runtime);
    }
    let _one_at_a_time = STARTING.lock();
    if let Some(runtime) = RUNTIME.get() {
        return Ok(runtime);
    }
    let built = build()?;
    Ok(RUNTIME.get_or_init(|| built))
}

/// tokio panics where the system refuses to start a thread.
fn build() -> io::Result<Runtime> {
    let build = || {
        Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("rushwrite-io")
            .enable_all()
            .build()
    };
    catch_unwind(AssertUnwindSafe(build))
        .unwrap_or_else(|_| Err(io::Error::from_raw_os_error(EAGAIN)))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_job_for_later_runs_after_its_delay_and_not_before() {
        let has_run = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&has_run);
        later(Duration::from_secs(5), move || {
            flag.store(true, Ordering::Relaxed);
        });
        tokio::time::sleep(Duration::from_millis(4999)).await;
        assert!(!has_run.load(Ordering::Relaxed));
        tokio::time::sleep(Duration::from_millis(2)).await;
        assert!(has_run.load(Ordering::Relaxed));
    }
}
