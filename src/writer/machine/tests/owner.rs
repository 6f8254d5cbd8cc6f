//! The owner as the driver, on its own thread.

use super::*;

const CALL: Option<Duration> = Some(Duration::from_micros(7));

/// The owner drives all that it has appended.
fn driving(bytes: &[u8]) -> Writer {
    let mut writer = open();
    let _accepted = writer.append(bytes);
    assert!(writer.claim_driver());
    writer
}

#[test]
fn it_drives_what_no_driver_was_asked_for() {
    let mut writer = driving(b"waited for");
    assert_eq!(next_batch(&mut writer).remaining(), 10);
    assert_eq!(writer.wrote(10), None);
    assert_rests(&mut writer);
}

#[test]
fn it_does_not_drive_beside_another_or_without_work() {
    assert!(!open().claim_driver());
    let mut writer = driving(b"its own");
    assert!(!writer.claim_driver());
    assert!(!writer.claim());
    writer.leave();
    let (mut writer, _batch) = writing(b"another's");
    let _accepted = writer.append(b"more");
    assert!(!writer.claim_driver());
    assert!(!writer.claim());
}

#[test]
fn it_is_told_what_it_did_once_it_has_left() {
    let mut writer = driving(b"count");
    assert_eq!(writer.watch(5), None);
    let _batch = next_batch(&mut writer);
    assert_eq!(writer.wrote(5), None, "it sees the count itself");
    writer.leave();
    let progress = Event::Progress { completed: 5 };
    assert_eq!(writer.driven_by_owner(), Some(progress));
    assert_eq!(writer.driven_by_owner(), None);
}

#[test]
fn what_it_leaves_a_worker_goes_on_with() {
    let mut writer = driving(b"rest");
    assert!(writer.hand_to_worker());
    assert!(!writer.hand_to_worker(), "a worker has it");
    assert_eq!(writer.watch(2), None);
    let _batch = next_batch(&mut writer);
    let progress = Event::Progress { completed: 2 };
    assert_eq!(writer.wrote(2), Some(progress), "a worker tells");
    writer.leave();
    assert!(!writer.hand_to_worker(), "nobody has it");
}

#[test]
fn a_worker_on_its_thread_tells_nothing() {
    let (mut writer, _batch) = writing(b"at once");
    assert_eq!(writer.watch(1), None);
    writer.drive_as_owner();
    assert_eq!(writer.wrote(7), None);
    assert!(writer.hand_to_worker());
    assert_eq!(writer.watch(7), Some(Event::Progress { completed: 7 }));
}

#[test]
fn it_passes_bytes_only_where_none_wait() {
    let mut writer = open();
    let _accepted = writer.append(b"before");
    assert!(!writer.claim());
    writer.discard();
    assert!(!writer.claim(), "what was dropped counts as waiting");
    for mark in [Mark::End, Mark::Close] {
        let mut writer = open();
        let _start = writer.mark(mark);
        writer.leave();
        assert!(!writer.claim());
    }
}

#[test]
fn what_is_discarded_is_not_written() {
    let mut writer = open();
    let _accepted = writer.append(b"dropped");
    writer.discard();
    assert!(!writer.flush());
    assert_rests(&mut writer);
    assert_eq!((writer.total(), writer.completed()), (7, 0));
}

#[test]
fn appends_after_a_failure_hold_no_memory_and_count_as_waiting() {
    let (mut writer, _batch) = writing(b"x");
    let _event = writer.failed(error(SystemCall::Write));
    assert_eq!(writer.append(b"late").pending, 5);
    assert!(writer.queue.take(usize::MAX, usize::MAX, None).remaining() == 0);
}

#[test]
fn batches_calls_and_syncs_are_counted_as_they_were_made() {
    let mut writer = open();
    assert!(writer.claim());
    writer.passed(3, CALL);
    assert!(writer.claim());
    writer.passed(0, CALL);
    assert!(writer.claim());
    writer.passed(0, None);
    let mut expected = Counters {
        batches: 1,
        system_calls: 2,
        longest_write: Duration::from_micros(7),
        ..Counters::default()
    };
    assert_eq!(writer.counters(), expected);
    let _accepted = writer.append(b"abc");
    assert!(writer.mark(Mark::Sync { metadata: false }));
    let _batch = next_batch(&mut writer);
    writer.called(Duration::from_micros(9));
    let _event = writer.wrote(1);
    writer.called(Duration::from_micros(2));
    let _event = writer.wrote(2);
    assert!(matches!(writer.next(), Step::Sync { .. }));
    let _event = synced(&mut writer, Ok(()));
    expected = Counters {
        batches: 2,
        system_calls: 4,
        syncs: 1,
        longest_write: Duration::from_micros(9),
        longest_sync: Duration::from_micros(1),
    };
    assert_eq!(writer.counters(), expected);
}
