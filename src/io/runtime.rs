//! The threads: one tokio runtime for the process, started with the first stream and never
//! stopped, so that no teardown of an environment can cancel writes that are queued.

use std::future::Future;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::runtime::{Builder, Handle, Runtime};

use super::pool::Pool;

/// How long a thread stays that has nothing to do.
const KEEP_ALIVE: Duration = Duration::from_secs(10);

/// The same for those of disk files, which are few.
const DISK_KEEP_ALIVE: Duration = Duration::from_secs(3600);

/// How many descriptors that may block for ever (FIFOs, pipes, terminals) can be served at once.
const WAITING_THREADS: usize = 512;

/// How many name servers can be waited for at once; libuv has four threads for all that it does.
const LOOKUP_THREADS: usize = 16;

/// What `pthread_create(3)` says when there is no room for another thread. Linux's number; elsewhere
/// it only chooses the words of the error.
const EAGAIN: i32 = 11;

static DISK: OnceLock<Runtime> = OnceLock::new();
static DISK_POOL: Pool = Pool::new();
static WAITING: OnceLock<Runtime> = OnceLock::new();
static WAITING_POOL: Pool = Pool::new();
static LOOKUPS: OnceLock<Runtime> = OnceLock::new();
static SOCKETS: OnceLock<Runtime> = OnceLock::new();

/// Runs `job` on the bounded pool for disk files. It returns whether more is likely to come soon.
/// Fails if the system gives no thread for it.
pub fn on_disk_pool(job: impl FnOnce() -> bool + Send + 'static) -> io::Result<()> {
    let runtime = started(&DISK, disk_runtime)?;
    DISK_POOL.run(job, || run(runtime, || DISK_POOL.work()))
}

/// The same on the pool for descriptors that may block for ever; they never hold up disk files.
pub fn on_waiting_pool(job: impl FnOnce() -> bool + Send + 'static) -> io::Result<()> {
    let runtime = started(&WAITING, || {
        runtime("rushwrite-wait", WAITING_THREADS, KEEP_ALIVE)
    })?;
    WAITING_POOL.run(job, || run(runtime, || WAITING_POOL.work()))
}

/// Runs `job` on the pool for what waits for a name server.
pub fn on_lookup_pool(job: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let make = || runtime("rushwrite-dns", LOOKUP_THREADS, KEEP_ALIVE);
    run(started(&LOOKUPS, make)?, job)
}

/// Runs `job` after a while, unless the threads were never needed.
pub fn later(delay: Duration, job: impl FnOnce() + Send + 'static) {
    let runtimes = [&DISK, &WAITING, &SOCKETS];
    if let Some(runtime) = runtimes.iter().find_map(|runtime| runtime.get()) {
        drop(runtime.spawn(async move {
            tokio::time::sleep(delay).await;
            job();
        }));
    }
}

/// Makes `begin` able to wait for sockets; where the future that it returns is not done, it goes on
/// on the threads for sockets. Fails if the system gives none.
pub fn with_sockets<F>(begin: impl FnOnce() -> Option<F>) -> io::Result<()>
where
    F: Future<Output = ()> + Send + 'static,
{
    let runtime = started(&SOCKETS, || runtime("rushwrite-net", 1, KEEP_ALIVE))?;
    let _entered = runtime.enter();
    if let Some(rest) = begin() {
        drop(runtime.spawn(rest));
    }
    Ok(())
}

/// Runs `future` to its end on this thread of a pool.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    Handle::current().block_on(future)
}

fn run(runtime: &Runtime, job: impl FnOnce() + Send + 'static) -> io::Result<()> {
    without_panic(|| {
        drop(runtime.spawn_blocking(job));
        Ok(())
    })
}

fn started(
    runtime: &'static OnceLock<Runtime>,
    make: fn() -> io::Result<Runtime>,
) -> io::Result<&'static Runtime> {
    static STARTING: Mutex<()> = Mutex::new(());
    if let Some(runtime) = runtime.get() {
        return Ok(runtime);
    }
    let _one_at_a_time = STARTING.lock();
    if let Some(runtime) = runtime.get() {
        return Ok(runtime);
    }
    let built = without_panic(make)?;
    Ok(runtime.get_or_init(|| built))
}

/// A runtime with `threads` for what blocks, at most.
fn runtime(name: &str, threads: usize, keep_alive: Duration) -> io::Result<Runtime> {
    Builder::new_multi_thread()
        .worker_threads(1)
        .max_blocking_threads(threads)
        .thread_keep_alive(keep_alive)
        .thread_name(name)
        .enable_all()
        .build()
}

/// The runtime for disk files. An empty job gives it a second thread, unless the first job comes so late that
/// it finds that one idle. A lone thread goes on where it slept, on a processor that sleeps as well, while of
/// two that take turns Linux often wakes the next where its waker is about to sleep: a small write that is
/// waited for takes 35 to 43 µs, not 52.
fn disk_runtime() -> io::Result<Runtime> {
    let built = runtime("rushwrite-disk", disk_threads(), DISK_KEEP_ALIVE)?;
    run(&built, || ())?;
    Ok(built)
}

/// tokio panics where the system refuses to start a thread.
fn without_panic<T>(body: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    catch_unwind(AssertUnwindSafe(body))
        .unwrap_or_else(|_| Err(io::Error::from_raw_os_error(EAGAIN)))
}

/// `RUSHWRITE_THREADS`, or four, or the number of cores where that is more.
fn disk_threads() -> usize {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    std::env::var("RUSHWRITE_THREADS")
        .ok()
        .and_then(|threads| threads.parse().ok())
        .filter(|&threads| threads > 0)
        .unwrap_or(cores.max(4))
}
