use super::*;

/// Runs the driver where it is known to panic.
fn drive_into_panic(rig: &Rig) {
    let result = catch_unwind(AssertUnwindSafe(|| rig.drive()));
    assert!(result.is_err(), "the panic goes on unwinding");
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
