use super::*;

const fn progress(completed: u64) -> Event {
    Event::Progress { completed }
}

#[test]
fn fires_once_when_the_position_is_reached() {
    let (mut writer, _batch) = writing(&[0; 10]);
    assert_eq!(writer.watch(5), None);
    assert_eq!(writer.wrote(4), None);
    assert_eq!(writer.wrote(4), Some(progress(8)));
    assert_eq!(writer.wrote(2), None);
}

#[test]
fn fires_at_once_if_the_position_is_reached_already() {
    let (mut writer, _batch) = writing(&[0; 10]);
    assert_eq!(writer.wrote(4), None);
    assert_eq!(writer.watch(4), Some(progress(4)));
    assert_eq!(writer.wrote(6), None, "it does not fire again");
    assert_eq!(writer.watch(0), Some(progress(10)));
}

#[test]
fn lower_position_wins() {
    let (mut writer, _batch) = writing(&[0; 10]);
    assert_eq!(writer.watch(3), None);
    assert_eq!(writer.watch(9), None);
    assert_eq!(writer.wrote(3), Some(progress(3)));
    assert_eq!(writer.watch(9), None);
    assert_eq!(writer.watch(5), None);
    assert_eq!(writer.wrote(2), Some(progress(5)));
}

#[test]
fn only_an_open_stream_may_still_get_bytes() {
    let mut writer = open();
    assert!(matches!(writer.next(), Step::Idle));
    let _start = writer.mark(Mark::End);
    assert!(matches!(writer.next(), Step::Tell(Event::Finished)));
    assert!(matches!(writer.next(), Step::Idle));
    let _start = writer.mark(Mark::Close);
    assert!(matches!(writer.next(), Step::Close));
    let _closed = writer.closed(Ok(()));
    assert!(matches!(writer.next(), Step::Idle));
}

#[test]
fn nothing_fires_after_the_close() {
    let (mut writer, batch) = writing(&[0; 10]);
    let _starts = writer.mark(Mark::Close);
    let _event = writer.wrote(batch.remaining());
    assert_closes(&mut writer);
    assert_eq!(writer.watch(5), None);
}
