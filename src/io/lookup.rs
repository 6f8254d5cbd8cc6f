//! The addresses of a name: the system's own resolver, asked on a thread that may wait for it.
//!
//! What it says is what Node's `dns.lookup` says, which asks the same resolver on one of the few
//! threads that `fs`, `zlib` and `crypto` share.

use std::collections::VecDeque;
use std::io;
use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use dns_lookup::{AddrFamily, AddrInfoHints, LookupError, LookupErrorKind, SockType, getaddrinfo};
use parking_lot::Mutex;

use super::sink::node_errno;
use super::threads::{Outlook, POOLS, Work};

/// libuv's numbers for what `getaddrinfo(3)` says, the same on all platforms.
const UV_EAI_ADDRFAMILY: i32 = -3000;
const UV_EAI_AGAIN: i32 = -3001;
const UV_EAI_BADFLAGS: i32 = -3002;
const UV_EAI_FAIL: i32 = -3004;
const UV_EAI_FAMILY: i32 = -3005;
const UV_EAI_MEMORY: i32 = -3006;
const UV_EAI_NODATA: i32 = -3007;
const UV_EAI_NONAME: i32 = -3008;
const UV_EAI_SERVICE: i32 = -3010;
const UV_EAI_SOCKTYPE: i32 = -3011;

/// The system's number for a name that has addresses of another family only. It is no part of POSIX,
/// so that it has no kind; this is glibc's and musl's, else that of the BSDs.
const EAI_ADDRFAMILY: i32 = if cfg!(target_os = "linux") { -9 } else { 1 };

/// What is asked.
#[derive(Debug)]
pub(crate) struct Question {
    /// The name in ASCII, without a NUL.
    pub name: String,
    /// 4 or 6; anything else asks for both.
    pub family: u8,
    /// `ai_flags`.
    pub hints: i32,
}

/// The addresses in the system's order, at least one; or libuv's negative number of why there are none.
pub(crate) type Answer = Result<Vec<IpAddr>, i32>;

/// How many names are asked for at once; libuv has four threads for all that it does.
const MOST_AT_ONCE: usize = 16;

/// Questions that wait, and how many threads ask.
static QUESTIONS: Mutex<Questions> = Mutex::new(Questions {
    waiting: VecDeque::new(),
    askers: 0,
});

struct Questions {
    waiting: VecDeque<(Question, Tell)>,
    /// At most [`MOST_AT_ONCE`].
    askers: usize,
}

type Tell = Box<dyn FnOnce(Answer) + Send>;

/// Asks the system, and calls `tell` on the thread that waited for it. Fails if there is no thread.
pub(crate) fn lookup(
    question: Question,
    tell: impl FnOnce(Answer) + Send + 'static,
) -> io::Result<()> {
    let mut questions = QUESTIONS.lock();
    questions.waiting.push_back((question, Box::new(tell)));
    if questions.askers == MOST_AT_ONCE {
        return Ok(());
    }
    match POOLS.blocking.submit(Arc::new(Asker)) {
        Ok(()) => questions.askers += 1,
        Err(error) if questions.askers == 0 => {
            questions.waiting.pop_back();
            return Err(error);
        }
        // A thread that is looking names up already takes it next.
        Err(_) => {}
    }
    Ok(())
}

/// Asks until no question waits.
struct Asker;

impl Work for Asker {
    fn run(self: Arc<Self>) -> Outlook {
        while let Some((question, tell)) = next_question() {
            let answer = catch_unwind(|| question.answer());
            let answer = answer.unwrap_or(Err(UV_EAI_FAIL));
            // Whoever is told may panic; the other questions wait for their answers.
            drop(catch_unwind(AssertUnwindSafe(|| tell(answer))));
        }
        Outlook::Unknown
    }
}

/// The next question. An asker that finds none is counted no more from that moment on: a question that comes
/// later gets another.
fn next_question() -> Option<(Question, Tell)> {
    let mut questions = QUESTIONS.lock();
    let next = questions.waiting.pop_front();
    if next.is_none() {
        questions.askers -= 1;
    }
    next
}

impl Question {
    fn answer(&self) -> Answer {
        let found = getaddrinfo(Some(&self.name), None, Some(self.hints())).map_err(errno_of)?;
        let addresses: Vec<_> = found
            .filter_map(Result::ok)
            .map(|info| info.sockaddr.ip())
            .collect();
        if addresses.is_empty() {
            return Err(UV_EAI_NODATA);
        }
        Ok(addresses)
    }

    fn hints(&self) -> AddrInfoHints {
        AddrInfoHints {
            flags: self.hints,
            address: match self.family {
                4 => AddrFamily::Inet.into(),
                6 => AddrFamily::Inet6.into(),
                _ => 0,
            },
            // One entry for each address.
            socktype: SockType::Stream.into(),
            protocol: 0,
        }
    }
}

fn errno_of(error: LookupError) -> i32 {
    match error.kind() {
        LookupErrorKind::Again => UV_EAI_AGAIN,
        LookupErrorKind::Badflags => UV_EAI_BADFLAGS,
        LookupErrorKind::Fail => UV_EAI_FAIL,
        LookupErrorKind::Family => UV_EAI_FAMILY,
        LookupErrorKind::Memory => UV_EAI_MEMORY,
        LookupErrorKind::NoName => UV_EAI_NONAME,
        LookupErrorKind::Service => UV_EAI_SERVICE,
        LookupErrorKind::Socktype => UV_EAI_SOCKTYPE,
        // libuv takes it for one of the system's numbers on Windows.
        LookupErrorKind::NoData if cfg!(unix) => UV_EAI_NODATA,
        LookupErrorKind::System => errno_of_system(io::Error::from(error).raw_os_error()),
        LookupErrorKind::IO if error.error_num() == EAI_ADDRFAMILY => UV_EAI_ADDRFAMILY,
        LookupErrorKind::NoData | LookupErrorKind::Unknown | LookupErrorKind::IO => {
            errno_of_system(cfg!(windows).then(|| error.error_num()))
        }
    }
}

fn errno_of_system(errno: Option<i32>) -> i32 {
    errno
        .filter(|&errno| errno != 0)
        .map_or(UV_EAI_FAIL, |errno| -node_errno(errno))
}

#[cfg(test)]
mod tests {
    use std::panic::resume_unwind;
    use std::sync::mpsc;

    use super::*;

    fn ask(name: &str, family: u8) -> Answer {
        let question = Question {
            name: name.into(),
            family,
            hints: 0,
        };
        let (sender, receiver) = mpsc::channel();
        lookup(question, move |answer| sender.send(answer).unwrap()).unwrap();
        receiver.recv().unwrap()
    }

    #[test]
    fn an_address_is_its_own_answer_once() {
        for (name, family) in [("127.0.0.1", 0), ("127.0.0.1", 4), ("::1", 6)] {
            assert_eq!(ask(name, family), Ok(vec![name.parse().unwrap()]));
        }
    }

    #[test]
    fn a_family_is_asked_for_by_its_number() {
        for (family, address) in [
            (0, 0),
            (4, AddrFamily::Inet.into()),
            (6, AddrFamily::Inet6.into()),
        ] {
            let question = Question {
                name: String::new(),
                family,
                hints: 0,
            };
            assert_eq!(question.hints().address, address);
        }
    }

    /// Each asker that has left makes room for another, also one whose answer nobody could take.
    #[test]
    fn questions_are_answered_however_many_came_before() {
        for _ in 0..2 * MOST_AT_ONCE {
            let question = Question {
                name: "127.0.0.1".into(),
                family: 0,
                hints: 0,
            };
            lookup(question, |_| resume_unwind(Box::new("scripted"))).unwrap();
            assert_eq!(ask("127.0.0.1", 0), Ok(vec!["127.0.0.1".parse().unwrap()]));
        }
    }

    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[test]
    fn an_address_of_another_family_is_told_apart() {
        assert_eq!(ask("127.0.0.1", 6), Err(UV_EAI_ADDRFAMILY));
    }

    #[test]
    fn a_name_with_a_nul_is_not_asked_for() {
        assert_eq!(ask("nul\0", 0), Err(UV_EAI_FAIL));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn each_number_of_the_resolver_becomes_the_one_of_libuv() {
        let numbers = [
            (-1, -3002),
            (-2, -3008),
            (-3, -3001),
            (-4, -3004),
            (-5, -3007),
            (-6, -3005),
            (-7, -3011),
            (-8, -3010),
            (-9, -3000),
            (-10, -3006),
            (-77, -3004),
        ];
        for (number, errno) in numbers {
            assert_eq!(errno_of(LookupError::new(number)), errno, "{number}");
        }
    }

    #[test]
    fn a_failure_of_the_system_keeps_its_number() {
        assert_eq!(errno_of_system(Some(24)), -node_errno(24));
        assert_eq!(errno_of_system(Some(0)), UV_EAI_FAIL);
        assert_eq!(errno_of_system(None), UV_EAI_FAIL);
    }
}
