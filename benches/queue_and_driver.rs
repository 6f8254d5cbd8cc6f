//! The parts between the binding and the system call, without either: `cargo bench`.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use rushwrite::bench::{DiscardingQueue, DiscardingStream};
use tokio::runtime::{Builder, Runtime};

/// What goes through in one turn of a benchmark: the default size of a file's buffer.
const TURN_BYTES: usize = 1024 * 1024;
const CHUNK_BYTES: [usize; 4] = [1, 100, 16 * 1024, 256 * 1024];

/// Copying chunks into the queue and taking them out again.
fn queue(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("queue");
    group.throughput(Throughput::Bytes(TURN_BYTES as u64));
    for bytes in CHUNK_BYTES {
        let chunk = vec![b'x'; bytes];
        group.bench_function(BenchmarkId::new("append and take", bytes), |bencher| {
            let mut queue = DiscardingQueue::default();
            bencher.iter(|| {
                for _ in 0..TURN_BYTES / bytes {
                    queue.append(black_box(&chunk));
                }
                queue.take_all()
            });
        });
    }
    group.finish();
}

/// The same through a stream and its driver, which does not look again before it leaves.
fn driver(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("driver");
    group.throughput(Throughput::Bytes(TURN_BYTES as u64));
    let runtime = current_thread();
    for bytes in CHUNK_BYTES {
        let chunk = vec![b'x'; bytes];
        group.bench_function(BenchmarkId::new("append and drive", bytes), |bencher| {
            let mut stream = DiscardingStream::new();
            bencher.iter(|| {
                for _ in 0..TURN_BYTES / bytes {
                    stream.append(black_box(&chunk));
                }
                runtime.block_on(stream.drive())
            });
        });
    }
    group.finish();
}

fn current_thread() -> Runtime {
    Builder::new_current_thread()
        .build()
        .expect("a runtime without threads or drivers")
}

criterion_group!(benches, queue, driver);
criterion_main!(benches);
