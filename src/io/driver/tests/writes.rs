use super::*;

#[test]
fn short_write_keeps_the_rest_in_order() {
    let script = [Outcome::Accept(3), Outcome::Accept(1), Outcome::All];
    let rig = Rig::manual(open(), ScriptedSink::new().writes(script));
    rig.write(b"hello world");
    assert_eq!(rig.drive(), Left::Idle);
    assert_eq!(rig.bytes(), b"hello world");
    let given = [Call::Write(11), Call::Write(8), Call::Write(7)];
    assert_eq!(rig.calls.all(), given);
}

#[test]
fn short_write_ends_within_a_later_chunk() {
    let bytes = pattern(500 * 1024);
    let script = [Outcome::Accept(300_001), Outcome::Accept(1)];
    let rig = Rig::manual(open(), ScriptedSink::new().writes(script));
    rig.write(&bytes);
    assert_eq!(rig.drive(), Left::Idle);
    assert!(rig.bytes() == bytes, "the bytes differ");
    let given = [bytes.len(), bytes.len() - 300_001, bytes.len() - 300_002];
    assert_eq!(rig.calls.all(), given.map(Call::Write));
}

#[test]
fn one_call_is_given_half_a_mebibyte_of_small_writes_and_no_more() {
    let bytes = pattern(5 * 1024 * 1024 / 2);
    let rig = Rig::manual(open(), ScriptedSink::new());
    for line in bytes.chunks(1024) {
        rig.stream.append(line);
    }
    rig.stream.flush();
    assert_eq!(rig.drive(), Left::Idle);
    assert!(rig.bytes() == bytes, "the bytes differ");
    let calls = rig.calls.all();
    for call in &calls {
        assert!(matches!(call, Call::Write(given) if *given <= 512 * 1024 && given % 1024 == 0));
    }
    assert!(calls.len() <= 6, "{calls:?}");
}

#[test]
fn a_write_goes_to_the_system_in_one_call_whatever_its_size() {
    let rig = Rig::manual(open(), ScriptedSink::new());
    let sizes = [1, 70_000, 3_000_000, 5, 600_000, 16 * 1024 * 1024];
    let mut edges = vec![0];
    for size in sizes {
        rig.stream.append(&pattern(size));
        edges.push(edges.last().unwrap() + size);
    }
    rig.stream.flush();
    while rig.drive() == Left::Again {}
    let mut position = 0;
    for call in rig.calls.all() {
        let Call::Write(given) = call else {
            panic!("{call:?}")
        };
        position += given;
        assert!(edges.contains(&position), "a call ends within a write");
    }
    assert_eq!(position, *edges.last().unwrap());
}

#[test]
fn interrupted_write_is_repeated() {
    let interrupted = || Outcome::kind(ErrorKind::Interrupted);
    let script = [interrupted(), Outcome::Accept(2), interrupted()];
    let rig = Rig::manual(open(), ScriptedSink::new().writes(script));
    rig.write(b"hello");
    rig.stream.mark(Mark::End);
    assert_eq!(rig.drive(), Left::Idle);
    assert_eq!(rig.bytes(), b"hello");
    assert_eq!(rig.calls.all(), [5, 5, 3, 3].map(Call::Write));
    assert_eq!(rig.events.milestones(), [Event::Finished]);
}

#[test]
fn watched_position_is_told_once_while_the_batch_goes_on() {
    let gate = Gate::shut();
    let script = [Outcome::Accept(4), Outcome::Accept(4), Outcome::held(&gate)];
    let rig = Rig::threaded(open(), ScriptedSink::new().writes(script));
    rig.stream.append(&pattern(100));
    rig.stream.watch(5);
    rig.stream.flush();
    rig.calls.wait(|call| *call == Call::Write(92));
    assert_eq!(rig.events.all(), [Event::Progress { completed: 8 }]);
    rig.stream.mark(Mark::End);
    gate.open();
    rig.events.wait_finished();
    let told = Event::Progress { completed: 8 };
    assert_eq!(rig.events.all(), [told, Event::Finished]);
}

/// Numbers that differ from seed to seed and not from run to run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        usize::try_from((self.0 >> 33) % limit).unwrap()
    }
}

/// Short writes, interruptions and waits in a random order, and then smooth going.
fn stumbling(numbers: &mut Numbers) -> ScriptedSink {
    let stumbles: Vec<Outcome> = (0..300)
        .map(|_| match numbers.below(8) {
            0 => Outcome::kind(ErrorKind::Interrupted),
            1 => Outcome::kind(ErrorKind::WouldBlock),
            2 => Outcome::Accept(0),
            3 => Outcome::Accept(1),
            _ => Outcome::Accept(numbers.below(60_000)),
        })
        .collect();
    ScriptedSink::new().writes(stumbles)
}

#[test]
fn concurrent_appends_arrive_in_order() {
    for seed in 0..40 {
        let mut numbers = Numbers(seed);
        let rig = Rig::threaded(unopened(), stumbling(&mut numbers));
        let stream = Arc::clone(&rig.stream);
        let model = thread::spawn(move || append_at_random(&stream, &mut numbers))
            .join()
            .unwrap();
        rig.events.wait_finished();
        rig.stream.mark(Mark::Close);
        rig.events.wait_closed();
        assert!(rig.bytes() == model, "the bytes differ, seed {seed}");
        assert_eq!(rig.events.milestones(), [OPENED, Event::Finished, CLOSED]);
        let progress = rig.events.progress();
        assert!(progress.is_sorted(), "{progress:?}, seed {seed}");
        assert_eq!(rig.stream.completed(), model.len() as u64);
    }
}

/// Writes, flushes and watches, then ends. Returns the bytes.
fn append_at_random(stream: &Arc<Stream>, numbers: &mut Numbers) -> Vec<u8> {
    let mut model = Vec::new();
    for _ in 0..200 {
        let largest = if numbers.below(10) == 0 { 100_000 } else { 300 };
        let piece = pattern_between(model.len(), model.len() + numbers.below(largest));
        model.extend_from_slice(&piece);
        stream.append(&piece);
        match numbers.below(4) {
            0 => drop(stream.flush()),
            1 => stream.watch(stream.completed() + numbers.below(1000) as u64),
            _ => {}
        }
    }
    stream.mark(Mark::End);
    model
}
