use super::*;

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
