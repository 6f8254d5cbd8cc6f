use super::*;

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
