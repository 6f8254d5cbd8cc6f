//! The threads: one tokio runtime for the process, started with the first stream and never
//! stopped, so that no teardown of an environment can cancel writes that are queued.

use std::future::Future;
use std::sync::OnceLock;
use std::thread;

use tokio::runtime::{Builder, Handle, Runtime};

/// How many descriptors that may block for ever (FIFOs, pipes, terminals) can be served at once.
const WAITING_THREADS: usize = 512;

/// Runs `job` on the bounded pool for disk files.
pub fn on_disk_pool(job: impl FnOnce() + Send + 'static) {
    static DISK: OnceLock<Runtime> = OnceLock::new();
    drop(start(&DISK, "rushwrite-disk", disk_threads).spawn_blocking(job));
}

/// Runs `job` on the pool for descriptors that may block for ever; they never hold up disk files.
pub fn on_waiting_pool(job: impl FnOnce() + Send + 'static) {
    static WAITING: OnceLock<Runtime> = OnceLock::new();
    drop(start(&WAITING, "rushwrite-wait", || WAITING_THREADS).spawn_blocking(job));
}

/// Makes `begin` able to wait for sockets; where the future that it returns is not done, it goes on
/// on the threads for sockets.
pub fn with_sockets<F>(begin: impl FnOnce() -> Option<F>)
where
    F: Future<Output = ()> + Send + 'static,
{
    static SOCKETS: OnceLock<Runtime> = OnceLock::new();
    let runtime = start(&SOCKETS, "rushwrite-net", || 1);
    let _entered = runtime.enter();
    if let Some(rest) = begin() {
        drop(runtime.spawn(rest));
    }
}

/// Runs `future` to its end on this thread of a pool.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    Handle::current().block_on(future)
}

fn start(
    runtime: &'static OnceLock<Runtime>,
    name: &str,
    threads: fn() -> usize,
) -> &'static Runtime {
    runtime.get_or_init(|| {
        Builder::new_multi_thread()
            .worker_threads(1)
            .max_blocking_threads(threads())
            .thread_name(name)
            .enable_all()
            .build()
            .expect("the system refuses to start a thread")
    })
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
