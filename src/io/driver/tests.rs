use std::io::ErrorKind;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use super::*;
use crate::io::driver::scripted::{Call, FD, Gate, NEXT_FD, Outcome, PATIENCE, Rig, ScriptedSink};
use crate::io::retry::Retry;
use crate::writer::{Event, Mark, Origin, Standing, Writer};

const ENOSPC: i32 = 28;
const EIO: i32 = 5;
const ENOENT: i32 = 2;

const OPENED: Event = Event::Opened { fd: FD };
const CLOSED: Event = Event::Closed { error: None };

/// A stream whose descriptor is open already.
fn open() -> Writer {
    Writer::new(Origin::Descriptor, false)
}

/// A stream that the driver opens.
fn unopened() -> Writer {
    Writer::new(Origin::Path, false)
}

fn failed(call: SystemCall, errno: i32) -> Event {
    Event::Failed {
        error: SystemError { errno, call },
    }
}

/// Bytes of which no two short runs are alike.
fn pattern(bytes: usize) -> Vec<u8> {
    pattern_between(0, bytes)
}

fn pattern_between(start: usize, end: usize) -> Vec<u8> {
    (start..end)
        .map(|i| (i ^ (i / 251)).to_le_bytes()[0])
        .collect()
}

/// Runs the driver where it is known to panic.
fn drive_into_panic(rig: &Rig) {
    let result = catch_unwind(AssertUnwindSafe(|| rig.drive()));
    assert!(result.is_err(), "the panic goes on unwinding");
}

#[test]
fn bytes_before_open_are_written() {
    let rig = Rig::manual(unopened(), ScriptedSink::new());
    rig.stream.append(b"one ");
    rig.write(b"two");
    assert_eq!(rig.drive(), Left::Idle);
    assert_eq!(rig.calls.all(), [Call::Open, Call::Write(7)]);
    assert_eq!(rig.bytes(), b"one two");
    assert_eq!(rig.events.all(), [OPENED]);
}

#[test]
fn end_before_the_first_job_opens_writes_and_finishes() {
    let rig = Rig::manual(unopened(), ScriptedSink::new());
    rig.stream.append(b"all of it");
    rig.stream.mark(Mark::End);
    assert_eq!(rig.drive(), Left::Idle);
    assert_eq!(rig.starts(), 1);
    assert_eq!(rig.calls.all(), [Call::Open, Call::Write(9)]);
    assert_eq!(rig.events.all(), [OPENED, Event::Finished]);
}

#[test]
fn end_and_close_before_the_first_job_take_one_job() {
    let rig = Rig::manual(unopened(), ScriptedSink::new());
    rig.stream.append(b"all of it");
    rig.stream.mark(Mark::End);
    rig.stream.mark(Mark::Close);
    assert_eq!(rig.drive(), Left::Idle);
    assert_eq!(rig.starts(), 1);
    assert_eq!(rig.calls.all(), [Call::Open, Call::Write(9), Call::Close]);
    assert_eq!(rig.bytes(), b"all of it");
    assert_eq!(rig.events.all(), [OPENED, CLOSED]);
}

#[test]
fn an_end_that_closes_takes_one_job_and_waits_where_it_has_to() {
    let sink = ScriptedSink::new().writes([
        Outcome::Accept(4),
        Outcome::kind(ErrorKind::WouldBlock),
        Outcome::All,
    ]);
    let rig = Rig::manual(unopened(), sink);
    rig.stream.append(b"all of it");
    rig.stream.mark(Mark::EndAndClose);
    assert_eq!(rig.drive(), Left::Idle);
    assert_eq!(rig.starts(), 1);
    let calls = [
        Call::Open,
        Call::Write(9),
        Call::Write(5),
        Call::Wait,
        Call::Write(5),
        Call::Close,
    ];
    assert_eq!(rig.calls.all(), calls);
    assert_eq!(rig.bytes(), b"all of it");
    assert_eq!(rig.events.all(), [OPENED, CLOSED]);
}

#[test]
fn an_end_that_closes_leaves_a_failed_stream_to_its_owner() {
    let rig = Rig::manual(open(), ScriptedSink::new().writes([Outcome::errno(ENOSPC)]));
    rig.stream.append(b"all of it");
    rig.stream.mark(Mark::EndAndClose);
    assert_eq!(rig.drive(), Left::Idle);
    assert_eq!(rig.events.all(), [failed(SystemCall::Write, ENOSPC)]);
    rig.stream.mark(Mark::Close);
    assert_eq!(rig.drive(), Left::Idle);
    assert_eq!(rig.calls.all(), [Call::Write(9), Call::Close]);
}

#[test]
fn an_end_without_bytes_still_opens() {
    let rig = Rig::manual(unopened(), ScriptedSink::new());
    rig.stream.mark(Mark::End);
    assert_eq!(rig.drive(), Left::Idle);
    assert_eq!(rig.calls.all(), [Call::Open]);
    assert_eq!(rig.events.all(), [OPENED, Event::Finished]);
}

#[test]
fn bytes_that_are_still_gathered_start_no_driver() {
    let rig = Rig::manual(open(), ScriptedSink::new());
    rig.stream.append(b"waiting");
    assert_eq!(rig.starts(), 0);
    rig.stream.append(&pattern(256 * 1024));
    assert_eq!(rig.starts(), 1, "there are enough for a job now");
    rig.stream.append(&pattern(256 * 1024));
    rig.stream.flush();
    assert_eq!(rig.starts(), 1, "one driver is enough");
}

#[test]
fn a_driver_that_left_is_started_again() {
    let rig = Rig::manual(open(), ScriptedSink::new());
    for (round, text) in ["one", "two", "three"].into_iter().enumerate() {
        rig.write(text.as_bytes());
        assert_eq!(rig.starts(), round + 1);
        assert_eq!(rig.drive(), Left::Idle);
    }
    assert_eq!(rig.bytes(), b"onetwothree");
    assert_eq!(rig.events.all(), [], "nobody asked");
}

#[test]
fn short_write_keeps_the_rest_in_order() {
    let script = [Outcome::Accept(3), Outcome::Accept(1), Outcome::All];
    let rig = Rig::manual(open(), ScriptedSink::new().writes(script));
    rig.write(b"hello world");
    assert_eq!(rig.drive(), Left::Idle);
    assert_eq!(rig.bytes(), b"hello world");
    let given = [Call::Write(11), Call::Write(8), Call::Write(7)];
    assert_eq!(rig.calls.all(), given);
}

#[test]
fn short_write_ends_within_a_later_chunk() {
    let bytes = pattern(500 * 1024);
    let script = [Outcome::Accept(300_001), Outcome::Accept(1)];
    let rig = Rig::manual(open(), ScriptedSink::new().writes(script));
    rig.write(&bytes);
    assert_eq!(rig.drive(), Left::Idle);
    assert!(rig.bytes() == bytes, "the bytes differ");
    let given = [bytes.len(), bytes.len() - 300_001, bytes.len() - 300_002];
    assert_eq!(rig.calls.all(), given.map(Call::Write));
}

#[test]
fn one_call_is_given_half_a_mebibyte_of_small_writes_at_most() {
    let bytes = pattern(5 * 1024 * 1024 / 2);
    let rig = Rig::manual(open(), ScriptedSink::new());
    for line in bytes.chunks(1024) {
        rig.stream.append(line);
    }
    rig.stream.flush();
    assert_eq!(rig.drive(), Left::Idle);
    assert!(rig.bytes() == bytes, "the bytes differ");
    for call in rig.calls.all() {
        assert!(matches!(call, Call::Write(given) if given <= 512 * 1024 && given % 1024 == 0));
    }
}

#[test]
fn a_write_goes_to_the_system_in_one_call_whatever_its_size() {
    let rig = Rig::manual(open(), ScriptedSink::new());
    let sizes = [1, 70_000, 3_000_000, 5, 600_000, 16 * 1024 * 1024];
    let mut edges = vec![0];
    for size in sizes {
        rig.stream.append(&pattern(size));
        edges.push(edges.last().unwrap() + size);
    }
    rig.stream.flush();
    while rig.drive() == Left::Again {}
    let mut position = 0;
    for call in rig.calls.all() {
        let Call::Write(given) = call else {
            panic!("{call:?}")
        };
        position += given;
        assert!(edges.contains(&position), "a call ends within a write");
    }
    assert_eq!(position, *edges.last().unwrap());
}

#[test]
fn syncs_share_a_call_and_a_reopen_parts_the_bytes() {
    let rig = Rig::manual(
        open(),
        ScriptedSink::new().reopens([Outcome::errno(ENOENT), Outcome::All]),
    );
    for _ in 0..3 {
        rig.stream.append(b"old");
        rig.stream.mark(Mark::Sync { metadata: false });
    }
    rig.stream.mark(Mark::Reopen { path: None });
    rig.stream.append(b"kept");
    rig.stream.mark(Mark::Reopen { path: None });
    rig.stream.append(b"new");
    rig.stream.mark(Mark::Sync { metadata: true });
    rig.stream.mark(Mark::End);
    assert_eq!(rig.drive(), Left::Idle);
    let calls = [
        Call::Write(9),
        Call::SyncData,
        Call::Reopen,
        Call::Write(4),
        Call::Reopen,
        Call::Write(3),
        Call::Sync,
    ];
    assert_eq!(rig.calls.all(), calls);
    let error = SystemError {
        errno: ENOENT,
        call: SystemCall::Open,
    };
    let events = [
        Event::Synced { syncs: 3 },
        Event::Reopened { result: Err(error) },
        Event::Reopened {
            result: Ok(NEXT_FD),
        },
        Event::Synced { syncs: 1 },
        Event::Finished,
    ];
    assert_eq!(rig.events.milestones(), events);
}

#[test]
fn interrupted_write_is_repeated() {
    let interrupted = || Outcome::kind(ErrorKind::Interrupted);
    let script = [interrupted(), Outcome::Accept(2), interrupted()];
    let rig = Rig::manual(open(), ScriptedSink::new().writes(script));
    rig.write(b"hello");
    rig.stream.mark(Mark::End);
    assert_eq!(rig.drive(), Left::Idle);
    assert_eq!(rig.bytes(), b"hello");
    assert_eq!(rig.calls.all(), [5, 5, 3, 3].map(Call::Write));
    assert_eq!(rig.events.milestones(), [Event::Finished]);
}

#[test]
fn interrupted_open_and_sync_are_repeated() {
    let sink = ScriptedSink::new()
        .opens(Outcome::kind(ErrorKind::Interrupted))
        .syncs([Outcome::kind(ErrorKind::Interrupted)]);
    let rig = Rig::manual(Writer::new(Origin::Path, true), sink);
    rig.stream.mark(Mark::End);
    assert_eq!(rig.drive(), Left::Idle);
    let calls = [Call::Open, Call::Open, Call::Sync, Call::Sync];
    assert_eq!(rig.calls.all(), calls);
    assert_eq!(rig.events.all(), [OPENED, Event::Finished]);
}

#[test]
fn would_block_waits_for_writability() {
    let gate = Gate::shut();
    let sink = ScriptedSink::new()
        .writes([Outcome::Accept(4), Outcome::kind(ErrorKind::WouldBlock)])
        .waits([Outcome::held(&gate)]);
    let rig = Rig::threaded(open(), sink);
    rig.stream.append(b"wait for it");
    rig.stream.mark(Mark::End);
    rig.calls.wait(|call| *call == Call::Wait);
    assert_eq!(rig.bytes(), b"wait");
    assert_eq!(rig.events.milestones(), []);
    gate.open();
    rig.events.wait_finished();
    assert_eq!(rig.bytes(), b"wait for it");
    let calls = [Call::Write(11), Call::Write(7), Call::Wait, Call::Write(7)];
    assert_eq!(rig.calls.all(), calls);
}

#[test]
fn a_thousand_waits_are_no_error() {
    let script = (0..1000).map(|_| Outcome::kind(ErrorKind::WouldBlock));
    let rig = Rig::manual(open(), ScriptedSink::new().writes(script));
    rig.write(b"patience");
    rig.stream.mark(Mark::End);
    assert_eq!(rig.drive(), Left::Idle);
    assert_eq!(rig.bytes(), b"patience");
    assert_eq!(rig.calls.all().len(), 2001);
    assert_eq!(rig.events.milestones(), [Event::Finished]);
}

#[test]
fn a_device_that_takes_nothing_for_a_while_is_asked_again() {
    let nothing = (0..EMPTY_WRITES).map(|_| Outcome::Accept(0));
    let rig = Rig::manual(open(), ScriptedSink::new().writes(nothing));
    rig.write(b"later");
    rig.stream.mark(Mark::End);
    assert_eq!(rig.drive(), Left::Idle);
    assert_eq!(rig.bytes(), b"later");
    assert_eq!(rig.events.milestones(), [Event::Finished]);
    let calls = rig.calls.all();
    assert!(!calls.contains(&Call::Wait), "it may call itself writable");
}

#[test]
fn a_device_that_takes_nothing_at_all_fails_the_stream() {
    let nothing = (0..=EMPTY_WRITES).map(|_| Outcome::Accept(0));
    let rig = Rig::manual(open(), ScriptedSink::new().writes(nothing));
    rig.write(b"never");
    assert_eq!(rig.drive(), Left::Idle);
    assert_eq!(rig.events.all(), [failed(SystemCall::Write, EIO)]);
}

#[test]
fn a_wait_that_fails_fails_the_stream() {
    let sink = ScriptedSink::new()
        .writes([Outcome::kind(ErrorKind::WouldBlock)])
        .waits([Outcome::errno(EIO)]);
    let rig = Rig::manual(open(), sink);
    rig.write(b"never");
    assert_eq!(rig.drive(), Left::Idle);
    assert_eq!(rig.events.all(), [failed(SystemCall::Write, EIO)]);
}

#[test]
fn close_ends_a_wait() {
    let sink = ScriptedSink::new()
        .writes([Outcome::Accept(2), Outcome::kind(ErrorKind::WouldBlock)])
        .waits([Outcome::held(&Gate::shut())]);
    let rig = Rig::threaded(open(), sink);
    rig.write(b"stuck");
    rig.calls.wait(|call| *call == Call::Wait);
    rig.stream.mark(Mark::Close);
    rig.events.wait_closed();
    assert_eq!(rig.bytes(), b"st");
    assert_eq!(rig.stream.completed(), 2);
    assert_eq!(rig.events.milestones(), [CLOSED]);
}

#[test]
fn close_before_a_wait_does_not_wait() {
    let sink = ScriptedSink::new()
        .writes([Outcome::kind(ErrorKind::WouldBlock)])
        .waits([Outcome::held(&Gate::shut())]);
    let rig = Rig::manual(open(), sink);
    rig.write(b"stuck");
    rig.stream.mark(Mark::Close);
    assert_eq!(rig.drive(), Left::Idle);
    assert_eq!(rig.calls.all(), [Call::Write(5), Call::Close]);
    assert_eq!(rig.events.all(), [CLOSED]);
}

#[test]
fn close_during_a_write_writes_what_was_accepted() {
    let gate = Gate::shut();
    let rig = Rig::threaded(open(), ScriptedSink::new().writes([Outcome::held(&gate)]));
    rig.write(b"first ");
    rig.calls.wait(|call| *call == Call::Write(6));
    rig.write(b"second");
    rig.stream.mark(Mark::Close);
    rig.write(b"dropped");
    gate.open();
    rig.events.wait_closed();
    assert_eq!(rig.bytes(), b"first second");
    assert_eq!(rig.events.milestones(), [CLOSED]);
    assert_eq!(rig.starts(), 1);
}

#[test]
fn close_during_an_open_closes_what_was_opened() {
    let gate = Gate::shut();
    let sink = ScriptedSink::new().opens(Outcome::held(&gate));
    let rig = Rig::threaded(unopened(), sink);
    rig.stream.flush();
    rig.calls.wait(|call| *call == Call::Open);
    rig.stream.mark(Mark::Close);
    gate.open();
    rig.events.wait_closed();
    assert_eq!(rig.calls.all(), [Call::Open, Call::Close]);
    assert_eq!(rig.events.all(), [OPENED, CLOSED]);
}

#[test]
fn close_twice_closes_once() {
    let rig = Rig::manual(open(), ScriptedSink::new());
    rig.stream.mark(Mark::Close);
    rig.stream.mark(Mark::Close);
    assert_eq!(rig.drive(), Left::Idle);
    rig.stream.mark(Mark::Close);
    rig.stream.mark(Mark::End);
    rig.write(b"dropped");
    assert_eq!(rig.starts(), 1);
    assert_eq!(rig.calls.all(), [Call::Close]);
    assert_eq!(rig.events.all(), [CLOSED]);
}

#[test]
fn close_failure_is_told_with_the_close() {
    let rig = Rig::manual(open(), ScriptedSink::new().closes(Outcome::errno(EIO)));
    rig.stream.mark(Mark::Close);
    assert_eq!(rig.drive(), Left::Idle);
    let error = SystemError {
        errno: EIO,
        call: SystemCall::Close,
    };
    assert_eq!(rig.events.all(), [Event::Closed { error: Some(error) }]);
}

#[test]
fn failed_write_drops_what_waits_and_closes() {
    let script = [Outcome::Accept(3), Outcome::errno(ENOSPC)];
    let rig = Rig::manual(open(), ScriptedSink::new().writes(script));
    rig.write(&pattern(2 * 1024 * 1024));
    rig.stream.mark(Mark::End);
    assert_eq!(rig.drive(), Left::Idle);
    assert_eq!(
        rig.events.milestones(),
        [failed(SystemCall::Write, ENOSPC)],
        "no end is told"
    );
    rig.write(b"dropped");
    assert_eq!(rig.starts(), 1, "there is nothing to do before the close");
    rig.stream.mark(Mark::Close);
    assert_eq!(rig.drive(), Left::Idle);
    assert_eq!(rig.bytes(), pattern(3));
    assert_eq!(rig.stream.completed(), 3);
    assert_eq!(rig.calls.all()[2..], [Call::Close]);
    assert_eq!(
        rig.events.milestones(),
        [failed(SystemCall::Write, ENOSPC), CLOSED]
    );
}

#[test]
fn open_failure_drops_the_bytes_and_leaves_nothing_to_close() {
    let rig = Rig::manual(
        unopened(),
        ScriptedSink::new().opens(Outcome::errno(ENOENT)),
    );
    rig.stream.append(b"nowhere to go");
    rig.stream.mark(Mark::End);
    assert_eq!(rig.drive(), Left::Idle);
    rig.stream.mark(Mark::Close);
    assert_eq!(rig.drive(), Left::Idle);
    assert_eq!(rig.calls.all(), [Call::Open]);
    assert_eq!(rig.events.all(), [failed(SystemCall::Open, ENOENT), CLOSED]);
}

#[test]
fn sync_comes_after_the_last_byte_and_before_the_end_is_told() {
    let script = [Outcome::Accept(1), Outcome::All];
    let sink = ScriptedSink::new().writes(script);
    let rig = Rig::manual(Writer::new(Origin::Descriptor, true), sink);
    rig.write(b"safe");
    rig.stream.mark(Mark::End);
    assert_eq!(rig.drive(), Left::Idle);
    let calls = [Call::Write(4), Call::Write(3), Call::Sync];
    assert_eq!(rig.calls.all(), calls);
    assert_eq!(rig.events.milestones(), [Event::Finished]);
}

#[test]
fn fsync_failure_is_no_finish() {
    let sink = ScriptedSink::new().syncs([Outcome::errno(EIO)]);
    let rig = Rig::manual(Writer::new(Origin::Descriptor, true), sink);
    rig.write(b"unsafe");
    rig.stream.mark(Mark::End);
    assert_eq!(rig.drive(), Left::Idle);
    rig.stream.mark(Mark::Close);
    assert_eq!(rig.drive(), Left::Idle);
    let calls = [Call::Write(6), Call::Sync, Call::Close];
    assert_eq!(rig.calls.all(), calls);
    assert_eq!(
        rig.events.milestones(),
        [failed(SystemCall::Fsync, EIO), CLOSED]
    );
}

#[test]
fn panic_becomes_one_failed_event_and_the_stream_closes() {
    let script = [Outcome::Accept(2), Outcome::Panic];
    let rig = Rig::manual(open(), ScriptedSink::new().writes(script));
    rig.write(b"boom");
    drive_into_panic(&rig);
    let panicked = failed(SystemCall::Write, SystemError::PANIC);
    assert_eq!(rig.events.all(), [panicked]);
    assert_eq!(rig.starts(), 1);
    rig.stream.mark(Mark::Close);
    assert_eq!(rig.starts(), 2, "the place of the dead driver is free");
    assert_eq!(rig.drive(), Left::Idle);
    assert_eq!(rig.events.milestones(), [panicked, CLOSED]);
}

#[test]
fn panic_of_a_stream_that_is_to_close_starts_a_driver_that_closes() {
    let sink = ScriptedSink::new().writes([Outcome::Panic]);
    let rig = Rig::threaded(open(), sink);
    rig.stream.append(b"boom");
    rig.stream.mark(Mark::Close);
    rig.events.wait_closed();
    assert_eq!(rig.calls.all(), [Call::Write(4), Call::Close]);
    let panicked = failed(SystemCall::Write, SystemError::PANIC);
    assert_eq!(rig.events.all(), [panicked, CLOSED]);
}

#[test]
fn panic_in_open_leaves_nothing_to_close() {
    let rig = Rig::manual(unopened(), ScriptedSink::new().opens(Outcome::Panic));
    rig.write(b"boom");
    drive_into_panic(&rig);
    rig.stream.mark(Mark::Close);
    assert_eq!(rig.drive(), Left::Idle);
    assert_eq!(rig.calls.all(), [Call::Open]);
    let panicked = failed(SystemCall::Write, SystemError::PANIC);
    assert_eq!(rig.events.all(), [panicked, CLOSED]);
}

#[test]
fn panic_in_sync_is_no_finish() {
    let sink = ScriptedSink::new().syncs([Outcome::Panic]);
    let rig = Rig::manual(Writer::new(Origin::Descriptor, true), sink);
    rig.stream.mark(Mark::End);
    drive_into_panic(&rig);
    let panicked = failed(SystemCall::Write, SystemError::PANIC);
    assert_eq!(rig.events.all(), [panicked]);
}

#[test]
fn panic_in_close_still_ends_the_stream() {
    let rig = Rig::manual(open(), ScriptedSink::new().closes(Outcome::Panic));
    rig.stream.mark(Mark::Close);
    drive_into_panic(&rig);
    assert_eq!(rig.starts(), 2);
    assert_eq!(rig.drive(), Left::Idle);
    let panicked = failed(SystemCall::Write, SystemError::PANIC);
    assert_eq!(rig.events.all(), [panicked, CLOSED]);
}

#[test]
fn driver_lets_others_run_after_its_share() {
    let bytes = pattern(RUN_BYTES + 1);
    let rig = Rig::manual(open(), ScriptedSink::new());
    rig.write(&bytes);
    assert_eq!(rig.drive(), Left::Again);
    assert!(rig.bytes().len() >= RUN_BYTES);
    rig.stream.mark(Mark::End);
    assert_eq!(rig.starts(), 1, "it keeps its place while others run");
    while rig.drive() == Left::Again {}
    assert!(rig.bytes() == bytes, "the bytes differ");
    assert_eq!(rig.events.milestones(), [Event::Finished]);
}

#[test]
fn small_batches_that_never_stop_do_not_keep_the_thread() {
    let rig = Rig::manual(open(), ScriptedSink::new());
    rig.will_write((0..1000).map(|_| {
        let stream = Arc::clone(&rig.stream);
        Outcome::During(Box::new(move || {
            stream.append(b"x");
            stream.flush();
        }))
    }));
    rig.write(b"x");
    let mut breaks = 0;
    while rig.drive() == Left::Again {
        breaks += 1;
    }
    assert!(breaks >= 3, "{breaks} breaks");
    assert_eq!(rig.bytes().len(), 1001);
    assert_eq!(rig.starts(), 1);
}

#[test]
fn watched_position_is_told_once_while_the_batch_goes_on() {
    let gate = Gate::shut();
    let script = [Outcome::Accept(4), Outcome::Accept(4), Outcome::held(&gate)];
    let rig = Rig::threaded(open(), ScriptedSink::new().writes(script));
    rig.stream.append(&pattern(100));
    rig.stream.watch(5);
    rig.stream.flush();
    rig.calls.wait(|call| *call == Call::Write(92));
    assert_eq!(rig.events.all(), [Event::Progress { completed: 8 }]);
    rig.stream.mark(Mark::End);
    gate.open();
    rig.events.wait_finished();
    let told = Event::Progress { completed: 8 };
    assert_eq!(rig.events.all(), [told, Event::Finished]);
}

#[test]
fn events_stop_when_the_stream_is_dropped_by_its_owner_and_its_work_is_done() {
    let rig = Rig::threaded(unopened(), ScriptedSink::new());
    rig.stream.append(b"last words");
    rig.stream.mark(Mark::End);
    let (events, calls) = (Arc::clone(&rig.events), Arc::clone(&rig.calls));
    drop(rig);
    events.wait_finished();
    assert_eq!(calls.all(), [Call::Open, Call::Write(10)]);
}

/// Numbers that differ from seed to seed and not from run to run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        usize::try_from((self.0 >> 33) % limit).unwrap()
    }
}

/// Short writes, interruptions and waits in a random order, and then smooth going.
fn stumbling(numbers: &mut Numbers) -> ScriptedSink {
    let stumbles: Vec<Outcome> = (0..300)
        .map(|_| match numbers.below(8) {
            0 => Outcome::kind(ErrorKind::Interrupted),
            1 => Outcome::kind(ErrorKind::WouldBlock),
            2 => Outcome::Accept(0),
            3 => Outcome::Accept(1),
            _ => Outcome::Accept(numbers.below(60_000)),
        })
        .collect();
    ScriptedSink::new().writes(stumbles)
}

#[test]
fn concurrent_appends_arrive_in_order() {
    for seed in 0..40 {
        let mut numbers = Numbers(seed);
        let rig = Rig::threaded(unopened(), stumbling(&mut numbers));
        let stream = Arc::clone(&rig.stream);
        let model = thread::spawn(move || append_at_random(&stream, &mut numbers))
            .join()
            .unwrap();
        rig.events.wait_finished();
        rig.stream.mark(Mark::Close);
        rig.events.wait_closed();
        assert!(rig.bytes() == model, "the bytes differ, seed {seed}");
        assert_eq!(rig.events.milestones(), [OPENED, Event::Finished, CLOSED]);
        let progress = rig.events.progress();
        assert!(progress.is_sorted(), "{progress:?}, seed {seed}");
        assert_eq!(rig.stream.completed(), model.len() as u64);
    }
}

/// Writes, flushes and watches, then ends. Returns the bytes.
fn append_at_random(stream: &Arc<Stream>, numbers: &mut Numbers) -> Vec<u8> {
    let mut model = Vec::new();
    for _ in 0..200 {
        let largest = if numbers.below(10) == 0 { 100_000 } else { 300 };
        let piece = pattern_between(model.len(), model.len() + numbers.below(largest));
        model.extend_from_slice(&piece);
        stream.append(&piece);
        match numbers.below(4) {
            0 => drop(stream.flush()),
            1 => stream.watch(stream.completed() + numbers.below(1000) as u64),
            _ => {}
        }
    }
    stream.mark(Mark::End);
    model
}

#[test]
fn a_waiting_owner_goes_on_when_the_last_byte_is_written() {
    let gate = Gate::shut();
    let sink = ScriptedSink::new().writes([Outcome::Accept(3), Outcome::held(&gate)]);
    let rig = Rig::threaded(unopened(), sink);
    rig.write(b"all of it");
    rig.calls.wait(|call| *call == Call::Write(6));
    assert_eq!(
        rig.stream.wait_settled(Duration::ZERO),
        Standing::Waiting(6)
    );
    gate.open();
    assert_eq!(rig.stream.wait_settled(PATIENCE), Standing::Settled);
    assert_eq!(rig.bytes(), b"all of it");
}

#[test]
fn a_waiting_owner_goes_on_when_the_stream_fails() {
    let sink = ScriptedSink::new().writes([Outcome::Accept(3), Outcome::errno(ENOSPC)]);
    let rig = Rig::threaded(unopened(), sink);
    rig.write(b"all of it");
    let error = SystemError {
        errno: ENOSPC,
        call: SystemCall::Write,
    };
    let failed = Standing::Failed(error, 6);
    assert_eq!(rig.stream.wait_settled(PATIENCE), failed);
}

#[test]
fn a_waiting_owner_goes_on_when_a_closing_stream_gives_up() {
    let sink = ScriptedSink::new()
        .writes([Outcome::kind(ErrorKind::WouldBlock)])
        .waits([Outcome::held(&Gate::shut())]);
    let rig = Rig::threaded(open(), sink);
    rig.write(b"nobody reads");
    rig.calls.wait(|call| *call == Call::Wait);
    rig.stream.mark(Mark::Close);
    assert_eq!(rig.stream.wait_settled(PATIENCE), Standing::Settled);
    assert_eq!(rig.stream.completed(), 0);
}

#[test]
fn without_a_thread_the_stream_fails_once_and_still_closes() {
    for (writer, call, calls) in [
        (unopened(), SystemCall::Open, &[][..]),
        (open(), SystemCall::Write, &[Call::Close][..]),
    ] {
        let rig = Rig::stranded(writer, ScriptedSink::new());
        rig.write(b"nowhere to go");
        rig.write(b"again");
        rig.stream.mark(Mark::Close);
        assert_eq!(rig.events.all(), [failed(call, EIO), CLOSED]);
        assert_eq!(rig.calls.all(), calls);
    }
}

fn retrying(sink: ScriptedSink) -> Rig {
    let retry = Retry::new(vec![ENOSPC], Duration::from_millis(7), None);
    Rig::retrying(open(), sink, retry)
}

const STALLED: Left = Left::Stalled(Duration::from_millis(7));

fn stalled(errno: i32) -> Event {
    let call = SystemCall::Write;
    Event::Stalled {
        error: SystemError { errno, call },
    }
}

#[test]
fn a_refused_write_goes_on_behind_what_was_taken_and_is_told_once() {
    let full = || Outcome::errno(ENOSPC);
    let script = [
        Outcome::Accept(3),
        full(),
        full(),
        Outcome::Accept(2),
        full(),
    ];
    let rig = retrying(ScriptedSink::new().writes(script));
    rig.write(b"hello ");
    assert_eq!(rig.drive(), STALLED);
    rig.write(b"world");
    assert_eq!(rig.starts(), 1, "the driver is on its way");
    assert_eq!(rig.drive(), STALLED);
    assert_eq!(rig.drive(), STALLED);
    assert_eq!(rig.bytes(), b"hello");
    rig.stream.mark(Mark::End);
    assert_eq!(rig.drive(), Left::Idle);
    assert_eq!(rig.bytes(), b"hello world");
    let events = [stalled(ENOSPC), Event::Recovered, Event::Finished];
    assert_eq!(rig.events.milestones(), events);
}

#[test]
fn another_error_during_a_stall_fails_the_stream() {
    let script = [Outcome::errno(ENOSPC), Outcome::errno(EIO)];
    let rig = retrying(ScriptedSink::new().writes(script));
    rig.write(b"lost");
    assert_eq!(rig.drive(), STALLED);
    assert_eq!(rig.drive(), Left::Idle);
    let events = [stalled(ENOSPC), failed(SystemCall::Write, EIO)];
    assert_eq!(rig.events.milestones(), events);
}

#[test]
fn a_close_during_a_stall_tries_once_more_and_gives_up() {
    let script = [Outcome::errno(ENOSPC), Outcome::errno(ENOSPC)];
    let rig = retrying(ScriptedSink::new().writes(script));
    rig.write(b"lost");
    assert_eq!(rig.drive(), STALLED);
    rig.stream.mark(Mark::Close);
    assert_eq!(rig.drive(), Left::Idle);
    let calls = [Call::Write(4), Call::Write(4), Call::Close];
    assert_eq!(rig.calls.all(), calls);
    assert_eq!(rig.events.milestones(), [stalled(ENOSPC), CLOSED]);
}

#[test]
fn marks_wait_for_the_bytes_that_were_refused() {
    let rig = retrying(ScriptedSink::new().writes([Outcome::errno(ENOSPC)]));
    rig.stream.append(b"one");
    rig.stream.mark(Mark::Sync { metadata: false });
    rig.stream.mark(Mark::Reopen { path: None });
    rig.write(b"two");
    assert_eq!(rig.drive(), STALLED);
    assert_eq!(rig.drive(), Left::Idle);
    let calls = [
        Call::Write(3),
        Call::Write(3),
        Call::SyncData,
        Call::Reopen,
        Call::Write(3),
    ];
    assert_eq!(rig.calls.all(), calls);
    assert_eq!(rig.bytes(), b"onetwo");
}

#[test]
fn without_retry_a_full_disk_fails_the_stream() {
    let rig = Rig::manual(open(), ScriptedSink::new().writes([Outcome::errno(ENOSPC)]));
    rig.write(b"lost");
    assert_eq!(rig.drive(), Left::Idle);
    assert_eq!(rig.events.all(), [failed(SystemCall::Write, ENOSPC)]);
}

#[test]
fn an_end_commits_after_the_last_byte_and_is_told_then() {
    let script = [Outcome::Accept(1), Outcome::All];
    let interrupted = Outcome::kind(ErrorKind::Interrupted);
    let sink = ScriptedSink::new().writes(script).commits([interrupted]);
    let rig = Rig::manual(unopened().committing(), sink);
    rig.write(b"whole");
    rig.stream.mark(Mark::End);
    let patience = Duration::ZERO;
    assert_eq!(rig.stream.wait_settled(patience), Standing::Waiting(5));
    assert_eq!(rig.drive(), Left::Idle);
    let calls = [
        Call::Open,
        Call::Write(5),
        Call::Write(4),
        Call::Commit,
        Call::Commit,
    ];
    assert_eq!(rig.calls.all(), calls);
    assert_eq!(rig.events.milestones(), [OPENED, Event::Finished]);
    assert_eq!(rig.stream.wait_settled(patience), Standing::Settled);
}

#[test]
fn a_close_without_an_end_commits_nothing() {
    let rig = Rig::manual(unopened().committing(), ScriptedSink::new());
    rig.write(b"half");
    rig.stream.mark(Mark::Close);
    let patience = Duration::ZERO;
    assert_eq!(rig.stream.wait_settled(patience), Standing::Waiting(4));
    assert_eq!(rig.drive(), Left::Idle);
    assert_eq!(rig.stream.wait_settled(patience), Standing::Settled);
    assert_eq!(rig.calls.all(), [Call::Open, Call::Write(4), Call::Close]);
    assert_eq!(rig.events.all(), [OPENED, CLOSED]);
}

#[test]
fn a_commit_that_fails_is_the_failure_of_the_stream() {
    let sink = ScriptedSink::new().commits([Outcome::errno(EIO)]);
    let rig = Rig::manual(open().committing(), sink);
    rig.write(b"whole");
    rig.stream.mark(Mark::EndAndClose);
    assert_eq!(rig.drive(), Left::Idle);
    assert_eq!(rig.events.all(), [failed(SystemCall::Rename, EIO)]);
    rig.stream.mark(Mark::Close);
    assert_eq!(rig.drive(), Left::Idle);
    let calls = [Call::Write(5), Call::Commit, Call::Close];
    assert_eq!(rig.calls.all(), calls);
}

#[test]
fn an_end_that_closes_commits_first() {
    let rig = Rig::manual(open().committing(), ScriptedSink::new());
    rig.write(b"whole");
    rig.stream.mark(Mark::EndAndClose);
    assert_eq!(rig.drive(), Left::Idle);
    let calls = [Call::Write(5), Call::Commit, Call::Close];
    assert_eq!(rig.calls.all(), calls);
    assert_eq!(rig.events.all(), [CLOSED]);
}

#[test]
fn a_sync_of_what_has_none_is_answered_and_the_stream_goes_on() {
    let sink = ScriptedSink::new().syncs([Outcome::kind(ErrorKind::InvalidInput)]);
    let rig = Rig::manual(open(), sink);
    rig.write(b"one");
    rig.stream.mark(Mark::Sync { metadata: false });
    assert_eq!(rig.drive(), Left::Idle);
    rig.write(b"two");
    assert_eq!(rig.drive(), Left::Idle);
    assert_eq!(rig.bytes(), b"onetwo");
    let events = [Event::Unsyncable { syncs: 1 }];
    assert_eq!(rig.events.milestones(), events);
}

#[test]
fn a_thousand_records_with_a_sync_each_share_a_call() {
    let rig = Rig::manual(open(), ScriptedSink::new());
    for _ in 0..1000 {
        rig.stream.append(&[b'x'; 100]);
        rig.stream.mark(Mark::Sync { metadata: false });
    }
    assert_eq!(rig.drive(), Left::Idle);
    let calls = rig.calls.all();
    assert_eq!(calls, [Call::Write(100_000), Call::SyncData]);
    assert_eq!(rig.events.all(), [Event::Synced { syncs: 1000 }]);
}

#[test]
fn a_stream_whose_owner_goes_commits_only_what_was_ended() {
    for (marks, last) in [(&[][..], Call::Close), (&[Mark::End][..], Call::Commit)] {
        let rig = Rig::manual(open().committing(), ScriptedSink::new());
        rig.stream.append(b"all");
        for mark in marks {
            rig.stream.mark(mark.clone());
        }
        rig.stream.disown();
        assert_eq!(rig.drive(), Left::Idle);
        assert_eq!(rig.calls.all(), [Call::Write(3), last]);
    }
}
