use super::*;

#[test]
fn unopened_is_opened_first() {
    let mut writer = Writer::new(Origin::Path, false);
    assert!(writer.mark(Mark::Close));
    assert!(matches!(writer.next(), Step::Open));
    let _event = writer.opened(Ok(3));
    assert_closes(&mut writer);
}

#[test]
fn during_open_closes_what_was_opened() {
    let mut writer = Writer::new(Origin::Path, false);
    assert!(writer.flush());
    assert!(matches!(writer.next(), Step::Open));
    assert!(!writer.mark(Mark::Close));
    assert_eq!(writer.opened(Ok(3)), OPENED);
    assert_closes(&mut writer);
}

#[test]
fn during_an_open_that_fails_ends_at_once() {
    let mut writer = Writer::new(Origin::Path, false);
    assert!(writer.flush());
    assert!(matches!(writer.next(), Step::Open));
    let _starts = writer.mark(Mark::Close);
    let _event = writer.opened(Err(error(SystemCall::Open)));
    assert!(matches!(writer.next(), Step::Tell(CLOSED)));
    assert_rests(&mut writer);
}

#[test]
fn idle_closes_without_an_end() {
    let mut writer = open();
    assert!(writer.mark(Mark::Close));
    assert_closes(&mut writer);
}

#[test]
fn writes_what_was_accepted_first() {
    let (mut writer, first) = writing(b"first");
    let _pending = writer.append(b"second");
    assert!(!writer.mark(Mark::Close));
    assert!(writer.is_closing());
    let _progress = writer.wrote(first.remaining());
    let second = next_batch(&mut writer);
    assert_eq!(second.chunk(), b"second");
    let _progress = writer.wrote(second.remaining());
    assert_closes(&mut writer);
}

#[test]
fn gives_up_what_would_have_to_wait() {
    let (mut writer, _batch) = writing(b"first");
    let _pending = writer.append(b"second");
    let _progress = writer.wrote(2);
    assert!(!writer.mark(Mark::Close));
    writer.give_up();
    assert_closes(&mut writer);
    assert_eq!(writer.completed(), 2);
}

#[test]
fn during_a_failing_write_closes_after_the_failure() {
    let (mut writer, _batch) = writing(b"lost");
    assert!(!writer.mark(Mark::Close));
    assert!(writer.failed(error(SystemCall::Write)).is_some());
    assert_closes(&mut writer);
}

#[test]
fn during_a_sync_tells_no_end() {
    let mut writer = Writer::new(Origin::Descriptor, true);
    assert!(writer.mark(Mark::End));
    assert!(matches!(writer.next(), Step::Sync { metadata: true, .. }));
    assert!(!writer.mark(Mark::Close));
    assert_eq!(synced(&mut writer, Ok(())), None);
    assert_closes(&mut writer);
}

/// Both ways to ask for it; the other one waits where it has to.
const WAYS: [Mark; 2] = [Mark::Close, Mark::EndAndClose];

#[test]
fn syncs_first_where_that_was_asked_for() {
    for close in WAYS {
        let mut writer = Writer::new(Origin::Descriptor, true);
        assert!(writer.mark(close));
        assert!(matches!(writer.next(), Step::Sync { metadata: true, .. }));
        assert_eq!(synced(&mut writer, Ok(())), None, "the close tells it");
        assert_closes(&mut writer);
    }
}

#[test]
fn after_the_end_just_closes() {
    for close in WAYS {
        let mut writer = open();
        assert!(writer.mark(Mark::End));
        assert!(matches!(writer.next(), Step::Tell(Event::Finished)));
        writer.leave();
        assert!(writer.mark(close));
        assert_closes(&mut writer);
    }
}

#[test]
fn before_the_end_was_told_takes_its_place() {
    let mut writer = open();
    assert!(writer.mark(Mark::End));
    assert!(!writer.mark(Mark::Close));
    assert_closes(&mut writer);
}

#[test]
fn end_after_it_changes_nothing() {
    let mut writer = open();
    assert!(writer.mark(Mark::Close));
    assert!(!writer.mark(Mark::End));
    assert_closes(&mut writer);
}

#[test]
fn during_close_and_after_it_nothing_more_is_asked_for() {
    let mut writer = open();
    assert!(writer.mark(Mark::Close));
    assert!(matches!(writer.next(), Step::Close));
    assert!(!writer.mark(Mark::Close));
    assert!(!writer.append(&vec![0; 400_000]).start);
    let error = error(SystemCall::Close);
    let event = writer.closed(Err(error));
    assert_eq!(event, Event::Closed { error: Some(error) });
    assert_rests(&mut writer);
    writer.leave();
    assert!(!writer.mark(Mark::Close));
    assert!(!writer.mark(Mark::End));
    assert!(!writer.flush());
    assert_rests(&mut writer);
    assert_eq!(writer.total(), 0);
}
