//! Copies a file that is already in memory with `write(2)` of 128 KiB: what the machine can do.
//! Takes the JSON argument of `run-one.js`; only `source` and `folder` are read from it.

use std::fs::{self, File};
use std::io::Write;
use std::time::Instant;

const BYTES_PER_WRITE: usize = 128 * 1024;

fn main() -> std::io::Result<()> {
    let run = std::env::args().nth(1).expect("one argument of JSON");
    let bytes = fs::read(member(&run, "source"))?;
    let target = format!("{}/0.out", member(&run, "folder"));

    let cpu_before = cpu_seconds();
    let start = Instant::now();
    let mut file = File::create(target)?;
    for chunk in bytes.chunks(BYTES_PER_WRITE) {
        file.write_all(chunk)?;
    }
    drop(file);
    let seconds = start.elapsed().as_secs_f64();

    let cpu = cpu_seconds() - cpu_before;
    println!(r#"{{"seconds":{seconds},"cpuSeconds":{cpu},"runtime":"rust"}}"#);
    Ok(())
}

/// The string value of `name`. Paths of the benchmark hold no character that JSON escapes.
fn member<'a>(json: &'a str, name: &str) -> &'a str {
    let key = format!("\"{name}\":\"");
    let start = json.find(&key).expect("the member is there") + key.len();
    let length = json[start..].find('"').expect("the string ends");
    &json[start..start + length]
}

/// The time this thread was running, from Linux; zero elsewhere.
fn cpu_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let nanoseconds: f64 = stat.split(' ').next().and_then(|n| n.parse().ok()).unwrap_or(0.0);
    nanoseconds / 1e9
}
