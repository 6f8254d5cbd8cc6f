use super::*;

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
fn only_a_sync_that_was_asked_for_may_be_impossible_and_no_other_failure_is_hidden() {
    const EINVAL: i32 = 22;
    let rig = Rig::manual(
        Writer::new(Origin::Descriptor, true),
        ScriptedSink::new().syncs([Outcome::errno(EINVAL)]),
    );
    rig.stream.mark(Mark::End);
    assert_eq!(rig.drive(), Left::Idle);
    assert_eq!(rig.events.all(), [failed(SystemCall::Fsync, EINVAL)]);
    let rig = Rig::manual(open(), ScriptedSink::new().syncs([Outcome::errno(EIO)]));
    rig.stream.mark(Mark::Sync { metadata: true });
    assert_eq!(rig.drive(), Left::Idle);
    assert_eq!(rig.events.all(), [failed(SystemCall::Fsync, EIO)]);
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
