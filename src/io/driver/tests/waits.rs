use super::*;
use crate::io::driver::write::EMPTY_WRITES;

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
    let (left, elapsed) = rig.drive_timed();
    assert_eq!((left, elapsed.as_secs()), (Left::Idle, 5));
    assert_eq!(rig.events.all(), [failed(SystemCall::Write, EIO)]);
}

#[test]
fn what_a_device_refuses_on_the_owners_thread_is_left_to_others() {
    let refusals = [
        Outcome::Accept(0),
        Outcome::kind(ErrorKind::WouldBlock),
        Outcome::Accept(2),
        Outcome::Accept(0),
    ];
    let rig = Rig::manual(open(), ScriptedSink::new().writes(refusals));
    rig.write(b"later");
    for _ in 0..3 {
        assert_eq!(rig.drive_without_waiting(), Left::Waiting);
    }
    let calls = [
        Call::Write(5),
        Call::Write(5),
        Call::Write(5),
        Call::Write(3),
    ];
    assert_eq!(rig.calls.all(), calls);
    assert_eq!(rig.drive_without_waiting(), Left::Idle);
    assert_eq!(rig.bytes(), b"later");
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

/// Somebody wakes the owner before the time is over.
#[track_caller]
fn assert_settles(rig: &Rig, expected: Standing) {
    let start = Instant::now();
    assert_eq!(rig.stream.wait_settled(PATIENCE), expected);
    assert!(start.elapsed() < PATIENCE, "nobody woke it");
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
    assert_settles(&rig, Standing::Settled);
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
    assert_settles(&rig, Standing::Failed(error, 6));
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
    assert_settles(&rig, Standing::Settled);
    assert_eq!(rig.stream.completed(), 0);
}
