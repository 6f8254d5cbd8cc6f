use super::*;

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
