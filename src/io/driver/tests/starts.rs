use super::*;

#[test]
fn bytes_before_open_are_written() {
    let rig = Rig::manual(unopened(), ScriptedSink::new());
    rig.stream.append(b"one ");
    rig.write(b"two");
    assert_eq!(rig.drive(), Left::Idle);
    assert_eq!(rig.calls.all(), [Call::Open, Call::Write(7)]);
    assert_eq!(rig.bytes(), b"one two");
    assert_eq!(rig.events.all(), [OPENED]);
}

#[test]
fn end_before_the_first_job_opens_writes_and_finishes() {
    let rig = Rig::manual(unopened(), ScriptedSink::new());
    rig.stream.append(b"all of it");
    rig.stream.mark(Mark::End);
    assert_eq!(rig.drive(), Left::Idle);
    assert_eq!(rig.starts(), 1);
    assert_eq!(rig.calls.all(), [Call::Open, Call::Write(9)]);
    assert_eq!(rig.events.all(), [OPENED, Event::Finished]);
}

#[test]
fn end_and_close_before_the_first_job_take_one_job() {
    let rig = Rig::manual(unopened(), ScriptedSink::new());
    rig.stream.append(b"all of it");
    rig.stream.mark(Mark::End);
    rig.stream.mark(Mark::Close);
    assert_eq!(rig.drive(), Left::Idle);
    assert_eq!(rig.starts(), 1);
    assert_eq!(rig.calls.all(), [Call::Open, Call::Write(9), Call::Close]);
    assert_eq!(rig.bytes(), b"all of it");
    assert_eq!(rig.events.all(), [OPENED, CLOSED]);
}

#[test]
fn an_end_that_closes_takes_one_job_and_waits_where_it_has_to() {
    let sink = ScriptedSink::new().writes([
        Outcome::Accept(4),
        Outcome::kind(ErrorKind::WouldBlock),
        Outcome::All,
    ]);
    let rig = Rig::manual(unopened(), sink);
    rig.stream.append(b"all of it");
    rig.stream.mark(Mark::EndAndClose);
    assert_eq!(rig.drive(), Left::Idle);
    assert_eq!(rig.starts(), 1);
    let calls = [
        Call::Open,
        Call::Write(9),
        Call::Write(5),
        Call::Wait,
        Call::Write(5),
        Call::Close,
    ];
    assert_eq!(rig.calls.all(), calls);
    assert_eq!(rig.bytes(), b"all of it");
    assert_eq!(rig.events.all(), [OPENED, CLOSED]);
}

#[test]
fn the_close_of_a_short_file_tells_of_its_open() {
    let rig = Rig::manual(unopened(), ScriptedSink::new().answering_soon());
    rig.stream.append(b"all of it");
    rig.stream.mark(Mark::EndAndClose);
    assert_eq!(rig.drive(), Left::Idle);
    assert_eq!(rig.calls.all(), [Call::Open, Call::Write(9), Call::Close]);
    assert_eq!(rig.events.all(), [CLOSED]);
}

#[test]
fn what_is_told_before_the_close_comes_after_the_open() {
    let sink = ScriptedSink::new().answering_soon();
    let rig = Rig::manual(unopened(), sink.writes([Outcome::errno(ENOSPC)]));
    rig.stream.append(b"all of it");
    rig.stream.mark(Mark::EndAndClose);
    assert_eq!(rig.drive(), Left::Idle);
    let told = [OPENED, failed(SystemCall::Write, ENOSPC)];
    assert_eq!(rig.events.all(), told);
}

#[test]
fn progress_that_is_asked_for_comes_after_the_open() {
    let rig = Rig::manual(unopened(), ScriptedSink::new().answering_soon());
    rig.stream.append(b"all of it");
    rig.stream.watch(4);
    rig.stream.mark(Mark::EndAndClose);
    assert_eq!(rig.drive(), Left::Idle);
    let told = [OPENED, Event::Progress { completed: 9 }, CLOSED];
    assert_eq!(rig.events.all(), told);
}

#[test]
fn an_open_that_fails_is_told_as_such() {
    let sink = ScriptedSink::new().answering_soon();
    let rig = Rig::manual(unopened(), sink.opens(Outcome::errno(ENOSPC)));
    rig.stream.append(b"all of it");
    rig.stream.mark(Mark::EndAndClose);
    assert_eq!(rig.drive(), Left::Idle);
    assert_eq!(rig.events.all(), [failed(SystemCall::Open, ENOSPC)]);
}

#[test]
fn the_open_of_a_longer_file_is_told_at_once() {
    let rig = Rig::manual(unopened(), ScriptedSink::new().answering_soon());
    rig.stream.append(&pattern(64 * 1024 + 1));
    rig.stream.mark(Mark::EndAndClose);
    assert_eq!(rig.drive(), Left::Idle);
    assert_eq!(rig.events.all(), [OPENED, CLOSED]);
}

#[test]
fn an_end_that_closes_leaves_a_failed_stream_to_its_owner() {
    let rig = Rig::manual(open(), ScriptedSink::new().writes([Outcome::errno(ENOSPC)]));
    rig.stream.append(b"all of it");
    rig.stream.mark(Mark::EndAndClose);
    assert_eq!(rig.drive(), Left::Idle);
    assert_eq!(rig.events.all(), [failed(SystemCall::Write, ENOSPC)]);
    rig.stream.mark(Mark::Close);
    assert_eq!(rig.drive(), Left::Idle);
    assert_eq!(rig.calls.all(), [Call::Write(9), Call::Close]);
}

#[test]
fn an_end_without_bytes_still_opens() {
    let rig = Rig::manual(unopened(), ScriptedSink::new());
    rig.stream.mark(Mark::End);
    assert_eq!(rig.drive(), Left::Idle);
    assert_eq!(rig.calls.all(), [Call::Open]);
    assert_eq!(rig.events.all(), [OPENED, Event::Finished]);
}

#[test]
fn bytes_that_are_still_gathered_start_no_driver() {
    let rig = Rig::manual(open(), ScriptedSink::new());
    rig.stream.append(b"waiting");
    assert_eq!(rig.starts(), 0);
    rig.stream.append(&pattern(256 * 1024));
    assert_eq!(rig.starts(), 1, "there are enough for a job now");
    rig.stream.append(&pattern(256 * 1024));
    rig.stream.flush();
    assert_eq!(rig.starts(), 1, "one driver is enough");
}

#[test]
fn a_driver_that_left_is_started_again() {
    let rig = Rig::manual(open(), ScriptedSink::new());
    for (round, text) in ["one", "two", "three"].into_iter().enumerate() {
        rig.write(text.as_bytes());
        assert_eq!(rig.starts(), round + 1);
        assert_eq!(rig.drive(), Left::Idle);
    }
    assert_eq!(rig.bytes(), b"onetwothree");
    assert_eq!(rig.events.all(), [], "nobody asked");
}

#[test]
fn driver_lets_others_run_after_its_share() {
    let bytes = pattern(RUN_BYTES + 1);
    let rig = Rig::manual(open(), ScriptedSink::new());
    rig.write(&bytes);
    assert_eq!(rig.drive(), Left::Again);
    assert!(rig.bytes().len() >= RUN_BYTES);
    rig.stream.mark(Mark::End);
    assert_eq!(rig.starts(), 1, "it keeps its place while others run");
    while rig.drive() == Left::Again {}
    assert!(rig.bytes() == bytes, "the bytes differ");
    assert_eq!(rig.events.milestones(), [Event::Finished]);
}

#[test]
fn small_batches_that_never_stop_do_not_keep_the_thread() {
    let rig = Rig::manual(open(), ScriptedSink::new());
    rig.will_write((0..1000).map(|_| {
        let stream = Arc::clone(&rig.stream);
        Outcome::During(Box::new(move || {
            stream.append(b"x");
            stream.flush();
        }))
    }));
    rig.write(b"x");
    let mut breaks = 0;
    while rig.drive() == Left::Again {
        breaks += 1;
    }
    assert!(breaks >= 3, "{breaks} breaks");
    assert_eq!(rig.bytes().len(), 1001);
    assert_eq!(rig.starts(), 1);
}

#[test]
fn events_stop_when_the_stream_is_dropped_by_its_owner_and_its_work_is_done() {
    let rig = Rig::threaded(unopened(), ScriptedSink::new());
    rig.stream.append(b"last words");
    rig.stream.mark(Mark::End);
    let (events, calls) = (Arc::clone(&rig.events), Arc::clone(&rig.calls));
    drop(rig);
    events.wait_finished();
    assert_eq!(calls.all(), [Call::Open, Call::Write(10)]);
}

#[test]
fn without_a_thread_the_stream_fails_once_and_still_closes() {
    for (writer, call, calls) in [
        (unopened(), SystemCall::Open, &[][..]),
        (open(), SystemCall::Write, &[Call::Close][..]),
    ] {
        let rig = Rig::stranded(writer, ScriptedSink::new());
        rig.write(b"nowhere to go");
        rig.write(b"again");
        rig.stream.mark(Mark::Close);
        assert_eq!(rig.events.all(), [failed(call, EIO), CLOSED]);
        assert_eq!(rig.calls.all(), calls);
    }
}
