//! A driver that has answered a sync, and stays for the next one if they come in a rhythm.
//!
//! Writers that wait for their records go on when they are told, all of them at once: a thread would have gone to sleep
//! shortly before it has to wake, and be woken by the first record, with the others a moment behind it. So it
//! spins until the next sync is asked for, and finds one batch for one call.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::Stream;
use crate::io::sync::{now, thread};

/// How soon after an answer the next sync comes in a rhythm, and how long it is waited for.
const SOON: Duration = Duration::from_micros(200);

/// So many bytes are written without waiting for what follows them.
const MANY_BYTES: u64 = 64 * 1024;

/// A driver spins: one of a process is enough.
static IS_SPINNING: AtomicBool = AtomicBool::new(false);

/// When syncs were answered. Only the driver uses it.
#[derive(Default)]
pub(super) struct Rhythm {
    /// The last answer; none if the next sync did not come soon.
    answered: Option<Instant>,
    /// The sync that is being answered came soon after that.
    is_kept: bool,
}

impl Rhythm {
    fn begin(&mut self, now: Instant) {
        self.is_kept = self
            .answered
            .is_some_and(|answered| now.duration_since(answered) < SOON);
    }
}

impl Stream {
    /// A sync begins.
    pub(crate) fn sync_begins(&self) {
        self.rhythm.lock().begin(now());
    }

    /// It was answered. Returns when the next one was asked for, or something else is due that does not wait; or after a
    /// short time.
    pub(crate) fn sync_answered(&self) {
        let mut rhythm = self.rhythm.lock();
        let start = now();
        rhythm.answered = Some(start);
        if !rhythm.is_kept || IS_SPINNING.swap(true, Ordering::Relaxed) {
            return;
        }
        let came = self.spin_until(start + SOON);
        IS_SPINNING.store(false, Ordering::Relaxed);
        if !came {
            rhythm.answered = None;
        }
    }

    fn spin_until(&self, end: Instant) -> bool {
        loop {
            if self.is_awaited.load(Ordering::Relaxed)
                || self.writer.lock().has_more_than(MANY_BYTES)
            {
                return true;
            }
            if now() >= end {
                return false;
            }
            thread::yield_now();
        }
    }
}

#[cfg(test)]
#[cfg(not(rushwrite_loom))]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::io::driver::Left;
    use crate::io::driver::scripted::{Call, Rig, ScriptedSink};
    use crate::writer::{Mark, Origin, Writer};

    const SYNC: Mark = Mark::Sync { metadata: false };

    fn rig() -> Rig {
        Rig::manual(Writer::new(Origin::Descriptor, false), ScriptedSink::new())
    }

    /// Whether the driver goes on at once, although the time is over.
    fn goes_on(stream: &Stream) -> bool {
        stream.spin_until(now())
    }

    #[test]
    fn only_a_sync_soon_after_an_answer_keeps_the_rhythm() {
        let answered = now();
        for (since, is_kept) in [(Duration::ZERO, true), (SOON / 2, true), (SOON, false)] {
            let mut rhythm = Rhythm {
                answered: Some(answered),
                is_kept: !is_kept,
            };
            rhythm.begin(answered + since);
            assert_eq!(rhythm.is_kept, is_kept, "after {since:?}");
        }
        let mut first = Rhythm::default();
        first.begin(answered);
        assert!(!first.is_kept);
    }

    #[test]
    fn a_spin_goes_on_for_a_short_time_while_only_a_few_bytes_wait() {
        let Rig { stream, .. } = &rig();
        stream.append(b"record");
        stream.flush();
        let start = now();
        assert!(!stream.spin_until(start + SOON));
        assert!(start.elapsed() >= SOON);
    }

    #[test]
    fn a_sync_many_bytes_an_end_and_an_owner_that_waits_end_it() {
        let dues: [fn(&Arc<Stream>); 4] = [
            |stream| stream.mark(SYNC),
            |stream| assert!(stream.append(&vec![0; 64 * 1024]) > 0),
            |stream| stream.mark(Mark::End),
            |stream| stream.is_awaited.store(true, Ordering::Relaxed),
        ];
        for (index, due) in dues.into_iter().enumerate() {
            let Rig { stream, .. } = &rig();
            assert!(!goes_on(stream));
            due(stream);
            assert!(goes_on(stream), "{index}");
        }
    }

    #[test]
    fn an_owner_that_has_waited_does_so_no_more() {
        let Rig { stream, .. } = &rig();
        let _ = stream.wait_settled(Duration::ZERO);
        assert!(!stream.is_awaited.load(Ordering::Relaxed));
    }

    #[test]
    fn a_driver_in_a_rhythm_leaves_when_nothing_comes() {
        let rig = rig();
        *rig.stream.rhythm.lock() = Rhythm {
            answered: Some(now()),
            is_kept: true,
        };
        rig.write(b"record");
        rig.stream.mark(SYNC);
        assert_eq!(rig.drive(), Left::Idle);
        assert_eq!(rig.calls.all(), [Call::Write(6), Call::SyncData]);
    }
}
