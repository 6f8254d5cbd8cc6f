use super::*;

#[test]
fn writes_the_rest_and_closes_unasked() {
    let mut writer = Writer::new(Origin::Path, false);
    let _pending = writer.append(b"all");
    assert!(writer.mark(Mark::EndAndClose));
    assert!(matches!(writer.next(), Step::Open));
    assert_eq!(writer.opened(Ok(3)), OPENED);
    let batch = next_batch(&mut writer);
    assert_eq!(writer.wrote(batch.remaining()), None);
    assert_closes(&mut writer);
}

#[test]
fn waits_for_a_sink_that_would_block() {
    let (mut writer, _batch) = writing(b"patient");
    assert!(!writer.mark(Mark::EndAndClose));
    assert!(!writer.is_closing());
    assert!(!writer.mark(Mark::Close));
    assert!(writer.is_closing());
}

#[test]
fn after_a_failure_the_owner_has_to_ask() {
    let (mut writer, _batch) = writing(b"lost");
    assert!(!writer.mark(Mark::EndAndClose));
    let error = error(SystemCall::Write);
    assert_eq!(writer.failed(error), Some(Event::Failed { error }));
    assert_rests(&mut writer);
    writer.leave();
    assert!(writer.mark(Mark::Close));
    assert_closes(&mut writer);
}

#[test]
fn end_and_close_after_it_change_nothing() {
    let mut writer = open();
    assert!(writer.mark(Mark::EndAndClose));
    assert!(!writer.mark(Mark::End));
    assert_closes(&mut writer);
    writer.leave();
    assert!(!writer.mark(Mark::Close));
}

#[test]
fn bytes_after_it_are_dropped() {
    let mut writer = open();
    assert!(writer.mark(Mark::EndAndClose));
    assert_eq!(writer.append(b"late").pending, 0);
}
