use super::*;

const SYNC: Mark = Mark::Sync { metadata: false };
const REOPEN: Mark = Mark::Reopen { path: None };

#[test]
fn a_sync_is_answered_after_its_bytes_while_writing_goes_on() {
    let (mut writer, batch) = writing(b"one");
    assert!(!writer.mark(SYNC));
    let _accepted = writer.append(b"two");
    assert_eq!(writer.wrote(batch.remaining()), None);
    assert!(matches!(
        writer.next(),
        Step::Sync {
            metadata: false,
            ..
        }
    ));
    let answer = Some(Event::Synced { syncs: 1 });
    assert_eq!(synced(&mut writer, Ok(())), answer);
    assert!(!writer.flush());
    assert_eq!(next_batch(&mut writer).chunk(), b"two");
}

#[test]
fn syncs_that_come_during_a_sync_share_the_next() {
    let mut writer = open();
    assert!(writer.mark(SYNC));
    assert!(matches!(writer.next(), Step::Sync { .. }));
    for _ in 0..3 {
        let _accepted = writer.append(b"x");
        assert!(!writer.mark(SYNC));
    }
    let _answer = synced(&mut writer, Ok(()));
    let batch = next_batch(&mut writer);
    let _progress = writer.wrote(batch.remaining());
    assert!(matches!(writer.next(), Step::Sync { .. }));
    let answer = Some(Event::Synced { syncs: 3 });
    assert_eq!(synced(&mut writer, Ok(())), answer);
    assert_rests(&mut writer);
    assert_eq!(writer.counters().syncs, 2);
}

#[test]
fn a_failed_sync_fails_the_stream_and_all_later_ones() {
    let mut writer = open();
    assert!(writer.mark(SYNC));
    assert!(matches!(writer.next(), Step::Sync { .. }));
    assert!(!writer.mark(SYNC));
    let failed = synced(&mut writer, Err(error(SystemCall::Fdatasync)));
    assert_eq!(failed, Some(failure(SystemCall::Fdatasync)));
    assert!(!writer.mark(SYNC));
    assert_rests(&mut writer);
}

#[test]
fn bytes_behind_a_reopen_wait_for_it_and_its_failure_is_no_end() {
    let (mut writer, batch) = writing(b"old");
    let path = Some(PathBuf::from("/there"));
    assert!(!writer.mark(Mark::Reopen { path: path.clone() }));
    let _accepted = writer.append(b"new");
    assert!(!writer.flush());
    let _progress = writer.wrote(batch.remaining());
    assert!(matches!(writer.next(), Step::Reopen(there) if there == path));
    let result = Err(error(SystemCall::Open));
    assert_eq!(writer.reopened(result), Event::Reopened { result });
    assert_eq!(next_batch(&mut writer).chunk(), b"new");
}

#[test]
fn marks_come_before_the_end_and_none_after_it() {
    let mut writer = open();
    assert!(writer.mark(REOPEN));
    assert!(!writer.mark(SYNC));
    assert!(!writer.mark(Mark::End));
    assert!(!writer.mark(SYNC));
    assert!(matches!(writer.next(), Step::Reopen(None)));
    let _event = writer.reopened(Ok(9));
    assert!(matches!(writer.next(), Step::Sync { .. }));
    let _event = synced(&mut writer, Ok(()));
    assert!(matches!(writer.next(), Step::Tell(Event::Finished)));
    assert_rests(&mut writer);
}

#[test]
fn an_owner_does_not_overtake_a_mark() {
    let mut writer = open();
    assert!(writer.mark(REOPEN));
    writer.leave();
    assert!(!writer.claim());
}

#[test]
fn a_mark_between_writes_opens_nothing() {
    for mark in [SYNC, REOPEN, Mark::Rotate] {
        let mut writer = Writer::new(Origin::Path, false);
        assert!(!writer.mark(mark));
        assert!(writer.flush(), "the owner says when");
        assert!(matches!(writer.next(), Step::Open));
    }
}
