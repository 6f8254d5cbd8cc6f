//! Sends a file that is already in memory with `write(2)` of 128 KiB: what the machine can do.
//! Takes the JSON argument of `run/child.js`; `source`, `folder`, `warmBytes` and `target` are read.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::unix::net::UnixStream;
use std::time::Instant;

const BYTES_PER_WRITE: usize = 128 * 1024;

fn main() -> io::Result<()> {
    let run = std::env::args().nth(1).expect("one argument of JSON");
    let bytes = fs::read(text(&run, "source").expect("a source"))?;

    warm_page_cache(&run)?;
    let cpu_before = cpu_seconds();
    let start = Instant::now();
    if let Some(port) = number(&run, "port") {
        let stream = TcpStream::connect(("127.0.0.1", port))?;
        write_all(&stream, &bytes)?;
        stream.shutdown(Shutdown::Write)?;
        until_closed(&stream)?;
    } else if let Some(path) = text(&run, "path") {
        let stream = UnixStream::connect(path)?;
        write_all(&stream, &bytes)?;
        stream.shutdown(Shutdown::Write)?;
        until_closed(&stream)?;
    } else {
        let folder = text(&run, "folder").expect("a folder");
        write_all(File::create(format!("{folder}/0.out"))?, &bytes)?;
    }
    let seconds = start.elapsed().as_secs_f64();

    let cpu = cpu_seconds() - cpu_before;
    println!(r#"{{"seconds":{seconds},"cpuSeconds":{cpu},"runtime":"rust"}}"#);
    Ok(())
}

/// What `scratch.js` does for the others.
fn warm_page_cache(run: &str) -> io::Result<()> {
    let folder = text(run, "folder").expect("a folder");
    let hole = File::create_new(format!("{folder}/hole"))?;
    hole.set_len(number(run, "warmBytes").expect("a number of bytes"))?;
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

/// The string value of `name`. Paths of the benchmark hold no character that JSON escapes.
fn text<'a>(json: &'a str, name: &str) -> Option<&'a str> {
    let rest = value(json, name)?.strip_prefix('"')?;
    Some(&rest[..rest.find('"').expect("the string ends")])
}

fn number<T: std::str::FromStr>(json: &str, name: &str) -> Option<T> {
    let rest = value(json, name)?;
    let end = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    rest[..end].parse().ok()
}

/// What follows the first `"name":`.
fn value<'a>(json: &'a str, name: &str) -> Option<&'a str> {
    let key = format!("\"{name}\":");
    Some(&json[json.find(&key)? + key.len()..])
}

/// The time this thread was running, from Linux; zero elsewhere.
fn cpu_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let nanoseconds: f64 = stat
        .split(' ')
        .next()
        .and_then(|n| n.parse().ok())
        .unwrap_or(0.0);
    nanoseconds / 1e9
}
