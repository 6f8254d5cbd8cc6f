use super::*;

#[test]
fn failed_open_has_nothing_to_close() {
    let mut writer = Writer::new(Origin::Path, false);
    let _pending = writer.append(b"lost");
    assert!(writer.flush());
    assert!(matches!(writer.next(), Step::Open));
    let event = writer.opened(Err(error(SystemCall::Open)));
    assert_eq!(event, failure(SystemCall::Open));
    assert_rests(&mut writer);
    assert!(!writer.mark(Mark::Close), "the driver is still there");
    assert!(matches!(writer.next(), Step::Tell(CLOSED)));
    assert_rests(&mut writer);
}

#[test]
fn failed_write_drops_all_and_waits_for_the_close() {
    let (mut writer, _batch) = writing(b"lost");
    let _pending = writer.append(b"lost too");
    let event = writer.failed(error(SystemCall::Write));
    assert_eq!(event, Some(failure(SystemCall::Write)));
    assert_eq!(writer.queue.taken(), writer.queue.accepted());
    assert_rests(&mut writer);
    assert!(!writer.mark(Mark::End));
    assert_rests(&mut writer);
    writer.leave();
    assert!(!writer.flush());
    assert!(writer.mark(Mark::Close));
    assert_closes(&mut writer);
}

#[test]
fn appends_after_a_failure_never_look_written_and_ask_for_nothing() {
    let mut writer = open();
    assert!(writer.claim());
    writer.passed(0, Some(Duration::ZERO));
    let _event = writer.failed(error(SystemCall::Write));
    assert_eq!(writer.pending(), 0);
    let accepted = writer.append(&vec![0; 400_000]);
    assert!(!accepted.start);
    assert_eq!(accepted.pending, 400_000);
    assert!(!writer.flush());
    assert_rests(&mut writer);
    assert_eq!(writer.pending(), 400_000);
    let failed = Standing::Failed(error(SystemCall::Write), 400_000);
    assert_eq!(writer.standing(writer.total()), failed);
}

#[test]
fn failed_sync_is_no_end() {
    let mut writer = Writer::new(Origin::Descriptor, true);
    assert!(writer.mark(Mark::End));
    assert!(matches!(writer.next(), Step::Sync { metadata: true, .. }));
    let event = synced(&mut writer, Err(error(SystemCall::Fsync)));
    assert_eq!(event, Some(failure(SystemCall::Fsync)));
    assert_rests(&mut writer);
    assert!(!writer.mark(Mark::Close));
    assert_closes(&mut writer);
}

#[test]
fn a_stream_fails_only_once_and_not_after_its_close() {
    let (mut writer, _batch) = writing(b"lost");
    assert!(writer.failed(error(SystemCall::Write)).is_some());
    assert_eq!(writer.failed(error(SystemCall::Write)), None);
    let _starts = writer.mark(Mark::Close);
    assert_closes(&mut writer);
    assert_eq!(writer.failed(error(SystemCall::Write)), None);
    assert_rests(&mut writer);
}

#[test]
fn second_failure_does_not_invent_a_descriptor_to_close() {
    let mut writer = Writer::new(Origin::Path, false);
    let _starts = writer.flush();
    assert!(matches!(writer.next(), Step::Open));
    let _event = writer.opened(Err(error(SystemCall::Open)));
    assert_eq!(writer.failed(error(SystemCall::Write)), None);
    let _starts = writer.mark(Mark::Close);
    assert!(matches!(writer.next(), Step::Tell(CLOSED)));
}
