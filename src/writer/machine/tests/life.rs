use super::*;

#[test]
fn path_is_opened_before_the_first_byte_is_written() {
    let mut writer = Writer::new(Origin::Path, false);
    let _pending = writer.append(b"early");
    assert!(writer.flush());
    assert!(matches!(writer.next(), Step::Open));
    assert_eq!(writer.opened(Ok(3)), OPENED);
    assert_eq!(next_batch(&mut writer).chunk(), b"early");
}

#[test]
fn flush_without_bytes_opens_a_path_and_leaves_a_descriptor_alone() {
    assert!(Writer::new(Origin::Path, false).flush());
    assert!(!open().flush());
}

#[test]
fn second_driver_is_never_asked_for() {
    let (mut writer, _batch) = writing(b"one");
    let _pending = writer.append(&vec![0; 100_000]);
    assert!(!writer.flush());
    assert!(!writer.mark(Mark::End));
    assert!(!writer.mark(Mark::Close));
}

#[test]
fn driver_is_asked_for_again_after_it_left() {
    let (mut writer, batch) = writing(b"one");
    assert_eq!(writer.wrote(batch.remaining()), None);
    assert_rests(&mut writer);
    writer.leave();
    let _pending = writer.append(b"two");
    assert!(writer.flush());
}

#[test]
fn append_asks_for_a_driver_only_when_a_batch_is_gathered() {
    let mut writer = open();
    let line = [b'x'; 100];
    let starts = (1..=5000).filter(|_| writer.append(&line).start);
    assert_eq!(starts.count(), 1);
    assert_eq!(writer.total(), 500_000);
}

#[test]
fn a_batch_is_gathered_when_a_quarter_of_a_mebibyte_has_come_since_the_last_flush() {
    let (mut writer, batch) = writing(&vec![0; 200_000]);
    let _progress = writer.wrote(batch.remaining());
    writer.leave();
    assert!(!writer.append(&vec![0; 262_143]).start);
    assert!(writer.append(&[0]).start);
}

#[test]
fn bytes_behind_the_last_flush_wait_for_the_next() {
    let (mut writer, batch) = writing(b"due");
    let accepted = writer.append(b"gathered");
    assert_eq!(accepted.pending, 11);
    assert!(!accepted.start);
    let _progress = writer.wrote(batch.remaining());
    assert_rests(&mut writer);
    assert!(!writer.flush(), "the driver is still there");
    assert_eq!(next_batch(&mut writer).chunk(), b"gathered");
}

#[test]
fn end_is_told_after_the_last_byte_and_once() {
    let (mut writer, batch) = writing(b"last");
    assert!(!writer.mark(Mark::End));
    assert!(!writer.mark(Mark::End));
    let _progress = writer.wrote(batch.remaining());
    assert!(writer.has_work());
    assert!(matches!(writer.next(), Step::Tell(Event::Finished)));
    assert_rests(&mut writer);
    assert!(!writer.mark(Mark::End));
    assert_rests(&mut writer);
}

#[test]
fn end_waits_for_the_sync() {
    let mut writer = Writer::new(Origin::Descriptor, true);
    assert!(writer.mark(Mark::End));
    assert!(matches!(writer.next(), Step::Sync { metadata: true, .. }));
    assert_eq!(synced(&mut writer, Ok(())), None, "the end tells it");
    assert!(matches!(writer.next(), Step::Tell(Event::Finished)));
    assert_rests(&mut writer);
}

#[test]
fn bytes_after_an_end_are_dropped() {
    let (mut writer, batch) = writing(b"all");
    let _starts = writer.mark(Mark::End);
    let before = writer.append(b"more").pending;
    assert_eq!((before, writer.total()), (3, 3));
    let _progress = writer.wrote(batch.remaining());
    assert!(matches!(writer.next(), Step::Tell(Event::Finished)));
}

#[test]
fn bytes_dropped_after_an_end_do_not_take_those_before_it_along() {
    let (mut writer, first) = writing(b"first");
    let _pending = writer.append(b"second");
    let _starts = writer.mark(Mark::End);
    let _pending = writer.append(&[0; 10]);
    let _progress = writer.wrote(first.remaining());
    assert_eq!(next_batch(&mut writer).chunk(), b"second");
}

#[test]
#[should_panic(expected = "the driver asked again before it reported")]
fn asking_again_before_a_report_is_a_bug() {
    let mut writer = Writer::new(Origin::Path, false);
    let _starts = writer.flush();
    assert!(matches!(writer.next(), Step::Open));
    let _never = writer.next();
}

#[test]
fn a_stream_is_over_with_its_end_its_failure_or_its_close() {
    let mut ended = open();
    assert!(!ended.is_over());
    let _start = ended.mark(Mark::End);
    assert!(!ended.is_over(), "the end is not reached");
    assert!(matches!(ended.next(), Step::Tell(Event::Finished)));
    assert!(ended.is_over());
    let mut failed = open();
    let _event = failed.failed(error(SystemCall::Write));
    assert!(failed.is_over());
    let mut closed = open();
    let _start = closed.mark(Mark::Close);
    assert!(matches!(closed.next(), Step::Close));
    assert!(closed.is_over());
}
