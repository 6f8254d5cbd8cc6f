//! The other end of a benchmark's sockets and pipes: reads everything, keeps nothing, and tells how
//! many bytes there were and their sum. Made to cost as little as it can beside the sender.
//!
//! ```text
//! receiver tcp discard | tcp echo | unix PATH | fifo PATH PAUSE_MS | connect PORT COUNT
//! ```
//!
//! The first line on stdout says where it listens, if it does, each further one what came through a
//! connection, printed before that is closed. It ends when its stdin does, or with all who write to it.

use std::fs::File;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::net::UnixListener;
use std::thread;
use std::time::Duration;

const READ_BYTES: usize = 256 * 1024;
/// What a pipe holds: the reader of a FIFO pauses after so much.
const PIPE_BYTES: usize = 64 * 1024;
/// More than there are connections at once; a full backlog costs the sender a second.
const BACKLOG: i32 = 4096;

unsafe extern "C" {
    fn listen(descriptor: RawFd, backlog: i32) -> i32;
}

fn main() -> io::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["tcp", "discard"] => serve_tcp(|stream| report(receive(stream, |_| Ok(())))),
        ["tcp", "echo"] => serve_tcp(|stream| {
            let mut answers = stream.try_clone().expect("a descriptor is free");
            report(receive(stream, |bytes| answers.write_all(bytes)));
        }),
        ["unix", path] => serve_unix(path),
        ["fifo", path, pause_ms] => {
            let pause = Duration::from_millis(pause_ms.parse().expect("a number"));
            println!("{{}}");
            report(receive(SlowPipe(File::open(path)?), |_| {
                thread::sleep(pause);
                Ok(())
            }));
            Ok(())
        }
        ["connect", port, count] => {
            let port: u16 = port.parse().expect("a number");
            let streams: io::Result<Vec<_>> = (0..count.parse().expect("a number"))
                .map(|_| TcpStream::connect(("127.0.0.1", port)))
                .collect();
            let receive_one = |stream| thread::spawn(move || report(receive(stream, |_| Ok(()))));
            let threads: Vec<_> = streams?.into_iter().map(receive_one).collect();
            for thread in threads {
                thread.join().expect("no receiver panics");
            }
            Ok(())
        }
        _ => panic!("see the words that it takes in its source"),
    }
}

fn serve_tcp(serve: impl Fn(TcpStream) + Copy + Send + 'static) -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    widen(listener.as_raw_fd());
    println!("{{\"port\":{}}}", listener.local_addr()?.port());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let stream = stream.expect("a connection");
            stream.set_nodelay(true).expect("an open socket");
            thread::spawn(move || serve(stream));
        }
    });
    until_stdin_ends()
}

fn serve_unix(path: &str) -> io::Result<()> {
    let listener = UnixListener::bind(path)?;
    widen(listener.as_raw_fd());
    println!("{{\"path\":\"{path}\"}}");
    thread::spawn(move || {
        for stream in listener.incoming() {
            let stream = stream.expect("a connection");
            thread::spawn(move || report(receive(stream, |_| Ok(()))));
        }
    });
    until_stdin_ends()
}

/// The standard library listens with a backlog of 128.
fn widen(descriptor: RawFd) {
    // SAFETY: `listen(2)` takes numbers only; on a socket that listens it sets the backlog anew.
    let status = unsafe { listen(descriptor, BACKLOG) };
    assert_eq!(status, 0, "{}", io::Error::last_os_error());
}

fn until_stdin_ends() -> io::Result<()> {
    io::copy(&mut io::stdin(), &mut io::sink()).map(drop)
}

/// A pipe that is read in steps of its own size at most.
struct SlowPipe(File);

impl Read for SlowPipe {
    fn read(&mut self, target: &mut [u8]) -> io::Result<usize> {
        let limit = target.len().min(PIPE_BYTES);
        self.0.read(&mut target[..limit])
    }
}

/// Reads `stream` to its end, and calls `after_read` with each part. Gives the stream back, too:
/// it must not be closed before the report is out.
fn receive<S: Read>(
    mut stream: S,
    mut after_read: impl FnMut(&[u8]) -> io::Result<()>,
) -> (S, io::Result<LaneSum>) {
    let mut sum = LaneSum::default();
    let mut memory = vec![0; READ_BYTES];
    let mut held = 0;
    let result = loop {
        let count = match stream.read(&mut memory[held..]) {
            Ok(0) => break Ok(sum.finish(&memory[..held])),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => break Err(error),
        };
        let filled = held + count;
        if let Err(error) = after_read(&memory[held..filled]) {
            break Err(error);
        }
        let whole = filled - filled % BLOCK_BYTES;
        sum.add(&memory[..whole]);
        memory.copy_within(whole..filled, 0);
        held = filled - whole;
    };
    (stream, result)
}

fn report<S>((stream, result): (S, io::Result<LaneSum>)) {
    match result {
        Ok(sum) => println!(
            "{{\"bytes\":{},\"digest\":\"{}\"}}",
            sum.bytes,
            sum.digest()
        ),
        Err(error) => println!("{{\"error\":\"{error}\"}}"),
    }
    drop(stream);
}

const LANES: usize = 8;
const BLOCK_BYTES: usize = 4 * LANES;

/// The sum of `lane-sum.js`, which says what it is.
#[derive(Default)]
struct LaneSum {
    bytes: u64,
    first: [u32; LANES],
    second: [u32; LANES],
}

impl LaneSum {
    /// Adds whole blocks.
    fn add(&mut self, blocks: &[u8]) {
        self.bytes += blocks.len() as u64;
        for block in blocks.chunks_exact(BLOCK_BYTES) {
            for lane in 0..LANES {
                let word = block[4 * lane..4 * lane + 4]
                    .try_into()
                    .expect("four bytes");
                self.first[lane] = self.first[lane].wrapping_add(u32::from_le_bytes(word));
                self.second[lane] = self.second[lane].wrapping_add(self.first[lane]);
            }
        }
    }

    /// Adds the rest, which is less than a block.
    fn finish(mut self, rest: &[u8]) -> Self {
        let mut block = [0; BLOCK_BYTES];
        block[..rest.len()].copy_from_slice(rest);
        if !rest.is_empty() {
            let bytes = self.bytes;
            self.add(&block);
            self.bytes = bytes + rest.len() as u64;
        }
        self
    }

    fn digest(&self) -> String {
        let words = self.first.iter().chain(&self.second);
        words.map(|word| format!("{word:08x}")).collect()
    }
}
