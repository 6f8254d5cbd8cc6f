//! What an owner that waits is told, and its other questions.

use super::*;

const LOST: SystemError = SystemError {
    errno: 5,
    call: SystemCall::Write,
};

/// How far all that was accepted has come.
fn standing(writer: &Writer) -> Standing {
    writer.standing(writer.total())
}

/// A stream that puts `bytes` in their place with its end. The system has them.
fn written(bytes: &[u8]) -> Writer {
    let mut writer = open().committing();
    let _accepted = writer.append(bytes);
    assert!(writer.flush());
    let batch = next_batch(&mut writer);
    let _progress = writer.wrote(batch.remaining());
    writer
}

#[test]
fn a_position_is_settled_once_the_system_has_the_bytes_before_it() {
    let (mut writer, _batch) = writing(b"12345");
    assert_eq!(standing(&writer), Standing::Waiting(5));
    let _progress = writer.wrote(2);
    assert_eq!(writer.standing(2), Standing::Settled);
    assert_eq!(writer.standing(3), Standing::Waiting(1));
    assert_eq!(standing(&writer), Standing::Waiting(3));
    let _progress = writer.wrote(3);
    assert_eq!(standing(&writer), Standing::Settled);
    assert!(!writer.mark(Mark::End));
    assert_eq!(standing(&writer), Standing::Settled, "an end adds no bytes");
}

#[test]
fn nobody_waits_for_what_the_owner_has_dropped() {
    let (mut writer, _batch) = writing(b"12345");
    let _accepted = writer.append(b"dropped");
    writer.discard();
    assert_eq!(standing(&writer), Standing::Waiting(5));
    let _progress = writer.wrote(5);
    assert_eq!(standing(&writer), Standing::Settled);
    let _event = writer.failed(LOST);
    assert_eq!(standing(&writer), Standing::Failed(LOST, 7));
}

#[test]
fn a_failure_counts_the_bytes_that_were_dropped() {
    let (mut writer, _batch) = writing(b"12345");
    let _progress = writer.wrote(2);
    let _event = writer.failed(LOST);
    assert_eq!(writer.standing(2), Standing::Settled);
    assert_eq!(standing(&writer), Standing::Failed(LOST, 3));
    assert!(!writer.mark(Mark::Close));
    assert_closes(&mut writer);
    assert_eq!(standing(&writer), Standing::Failed(LOST, 3));
}

#[test]
fn what_a_close_gave_up_is_waited_for_until_it_is_closed() {
    let (mut writer, _batch) = writing(b"12345");
    assert!(!writer.mark(Mark::Close));
    writer.give_up();
    assert_eq!(standing(&writer), Standing::Waiting(5));
    assert_closes(&mut writer);
    assert_eq!(standing(&writer), Standing::Settled);
}

#[test]
fn an_end_that_commits_is_waited_for_from_the_open_on() {
    for end in [Mark::End, Mark::EndAndClose] {
        let mut writer = Writer::new(Origin::Path, false).committing();
        assert_eq!(standing(&writer), Standing::Settled, "nobody has asked");
        assert!(writer.mark(end));
        assert_eq!(standing(&writer), Standing::Waiting(0), "unopened");
        assert!(matches!(writer.next(), Step::Open));
        assert_eq!(standing(&writer), Standing::Waiting(0), "opening");
        assert_eq!(writer.opened(Ok(3)), OPENED);
        assert_eq!(standing(&writer), Standing::Waiting(0), "open");
        assert!(matches!(writer.next(), Step::Commit));
        assert_eq!(standing(&writer), Standing::Waiting(0), "committing");
        let _event = writer.committed(Ok(()));
        assert_eq!(standing(&writer), Standing::Settled);
    }
}

#[test]
fn an_end_that_commits_is_waited_for_during_the_marks_before_it() {
    let mut writer = written(b"x");
    assert!(!writer.mark(Mark::Sync { metadata: false }));
    assert!(!writer.mark(Mark::Reopen { path: None }));
    assert_eq!(standing(&writer), Standing::Settled, "nobody has asked");
    assert!(!writer.mark(Mark::End));
    assert!(matches!(writer.next(), Step::Sync { .. }));
    assert_eq!(standing(&writer), Standing::Waiting(0), "syncing");
    let _event = synced(&mut writer, Ok(()));
    assert!(matches!(writer.next(), Step::Reopen(None)));
    assert_eq!(standing(&writer), Standing::Waiting(0), "reopening");
}

#[test]
fn a_commit_that_fails_is_a_failure_although_all_is_written() {
    let mut writer = written(b"x");
    assert!(!writer.mark(Mark::End));
    assert!(matches!(writer.next(), Step::Commit));
    let _event = writer.committed(Err(LOST));
    assert_eq!(standing(&writer), Standing::Failed(LOST, 0));
    assert!(!writer.mark(Mark::Close));
    assert_eq!(standing(&writer), Standing::Waiting(0), "the file is there");
    assert_closes(&mut writer);
    assert_eq!(standing(&writer), Standing::Settled);
}

#[test]
fn a_close_in_the_place_of_a_commit_is_waited_for() {
    let mut writer = written(b"x");
    assert_eq!(standing(&writer), Standing::Settled);
    assert!(!writer.mark(Mark::Close));
    assert_eq!(standing(&writer), Standing::Waiting(0));
    assert!(matches!(writer.next(), Step::Close));
    assert_eq!(standing(&writer), Standing::Waiting(0));
    let _event = writer.closed(Ok(()));
    assert_eq!(standing(&writer), Standing::Settled);
}

#[test]
fn a_close_without_anything_to_commit_is_not_waited_for() {
    let mut writer = open();
    assert!(writer.mark(Mark::Close));
    assert_eq!(standing(&writer), Standing::Settled);
}

#[test]
fn only_a_stream_that_commits_is_unfinished_and_only_before_its_end() {
    assert!(!open().is_unfinished());
    for end in [Mark::End, Mark::EndAndClose, Mark::Close] {
        let mut writer = open().committing();
        assert!(writer.is_unfinished());
        assert!(writer.mark(end));
        assert!(!writer.is_unfinished());
    }
}

#[test]
fn a_failure_tells_its_reason_and_whether_a_call_of_the_owners_met_it() {
    for (is_owner, is_in_call) in [(true, true), (false, false)] {
        let mut writer = open();
        let _accepted = writer.append(b"x");
        if is_owner {
            assert!(writer.claim_driver());
        } else {
            assert!(writer.flush());
        }
        assert!(writer.is_driven());
        assert_eq!(writer.failure(), None);
        assert!(!writer.has_failed_in_call());
        let _event = writer.failed(LOST);
        assert_eq!(writer.failure(), Some(LOST));
        assert_eq!(writer.has_failed_in_call(), is_in_call);
        writer.leave();
        assert!(!writer.is_driven());
    }
}

/// Even where nothing was accepted before.
#[test]
fn what_a_call_has_lost_never_looks_written() {
    let mut writer = open();
    assert!(writer.claim());
    assert_eq!(
        writer.failed_in_call(LOST),
        Some(failure(SystemCall::Write))
    );
    assert_eq!(standing(&writer), Standing::Failed(LOST, 1));
    assert_eq!(writer.failed_in_call(LOST), None);
    assert_eq!(standing(&writer), Standing::Failed(LOST, 1), "once");
}

#[test]
fn the_next_call_names_what_a_stream_without_a_thread_could_not_do() {
    let mut writer = Writer::new(Origin::Path, true);
    assert_eq!(writer.next_call(), SystemCall::Open);
    assert!(writer.mark(Mark::Reopen { path: None }) || writer.flush());
    assert!(matches!(writer.next(), Step::Open));
    assert_eq!(writer.next_call(), SystemCall::Open);
    let _event = writer.opened(Ok(3));
    assert_eq!(writer.next_call(), SystemCall::Write);
    assert!(matches!(writer.next(), Step::Reopen(None)));
    assert_eq!(writer.next_call(), SystemCall::Open);
    let _event = writer.reopened(Ok(4));
    assert!(!writer.mark(Mark::EndAndClose));
    assert!(matches!(writer.next(), Step::Sync { .. }));
    assert_eq!(writer.next_call(), SystemCall::Fsync);
    let _event = synced(&mut writer, Ok(()));
    assert!(matches!(writer.next(), Step::Close));
    assert_eq!(writer.next_call(), SystemCall::Close);
    let mut writer = written(b"x");
    assert!(!writer.mark(Mark::EndAndClose));
    assert!(matches!(writer.next(), Step::Commit));
    assert_eq!(writer.next_call(), SystemCall::Rename);
    let _event = writer.committed(Ok(()));
    assert_eq!(writer.next_call(), SystemCall::Close);
}
