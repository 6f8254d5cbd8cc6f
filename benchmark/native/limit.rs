//! Sends a file that is already in memory with `write(2)` of 128 KiB: what the machine can do.
//!
//! ```text
//! limit SOURCE FOLDER WARM_BYTES file | tcp PORT | unix PATH
//! ```
//!
//! Prints its figures as `run/child.js` does, on descriptor 3.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::fd::FromRawFd;
use std::os::unix::net::UnixStream;
use std::time::Instant;

const BYTES_PER_WRITE: usize = 128 * 1024;

fn main() -> io::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [source, folder, warm_bytes, place @ ..] = &words[..] else {
        panic!("see the words that it takes in its source");
    };
    let bytes = fs::read(source)?;
    warm_page_cache(folder, warm_bytes.parse().expect("a number"))?;

    let cpu_before = cpu_seconds();
    let start = Instant::now();
    match place[0].as_str() {
        "tcp" => {
            let port: u16 = place[1].parse().expect("a number");
            let stream = TcpStream::connect(("127.0.0.1", port))?;
            write_all(&stream, &bytes)?;
            stream.shutdown(Shutdown::Write)?;
            until_closed(&stream)?;
        }
        "unix" => {
            let stream = UnixStream::connect(&place[1])?;
            write_all(&stream, &bytes)?;
            stream.shutdown(Shutdown::Write)?;
            until_closed(&stream)?;
        }
        _ => write_all(File::create(format!("{folder}/0.out"))?, &bytes)?,
    }
    let seconds = start.elapsed().as_secs_f64();

    let cpu = cpu_seconds() - cpu_before;
    // SAFETY: whoever starts this program gives it descriptor 3, and nothing else here owns it.
    let mut result = unsafe { File::from_raw_fd(3) };
    writeln!(
        result,
        r#"{{"seconds":{seconds},"cpuSeconds":{cpu},"runtime":"rust"}}"#
    )
}

/// What `scratch.js` does for the others.
fn warm_page_cache(folder: &str, bytes: u64) -> io::Result<()> {
    let hole = File::create_new(format!("{folder}/hole"))?;
    hole.set_len(bytes)?;
    io::copy(&mut File::open(format!("{folder}/hole"))?, &mut io::sink())?;
    hole.set_len(0)
}

/// Writes all bytes; a file is closed, too.
fn write_all(mut target: impl Write, bytes: &[u8]) -> io::Result<()> {
    for chunk in bytes.chunks(BYTES_PER_WRITE) {
        target.write_all(chunk)?;
    }
    Ok(())
}

/// The receiver closes when it has read everything.
fn until_closed(mut stream: impl Read) -> io::Result<()> {
    let count = stream.read(&mut [0])?;
    assert_eq!(count, 0, "the receiver sends nothing");
    Ok(())
}

/// The time this thread was running, from Linux; zero elsewhere.
fn cpu_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let nanoseconds = stat.split(' ').next().and_then(|n| n.parse::<f64>().ok());
    nanoseconds.unwrap_or(0.0) / 1e9
}
