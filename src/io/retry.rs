//! What is done about a write that the system refuses because there is no room for it.

use std::io;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;

use super::sink::node_errno;

/// Which errors are waited out, how often a write is tried again, and for how long.
#[derive(Debug)]
pub(crate) struct Retry {
    /// Node's positive numbers of the errors.
    on: Vec<i32>,
    /// The pause before each try.
    delay: Duration,
    /// How long in a row the system may refuse; for ever if there is none.
    limit: Option<Duration>,
    /// Since when it has refused. Only the driver touches it.
    since: Mutex<Option<Instant>>,
}

impl Retry {
    /// Waits out the errors of the numbers `on`.
    pub(crate) fn new(on: Vec<i32>, delay: Duration, limit: Option<Duration>) -> Self {
        Self {
            on,
            delay,
            limit,
            since: Mutex::new(None),
        }
    }

    /// A write has failed. Returns how long to wait before the next try, if there is to be one.
    pub(crate) fn pause_after(&self, error: &io::Error) -> Option<Duration> {
        if !self.on.contains(&node_errno(error.raw_os_error()?)) {
            return None;
        }
        let now = Instant::now();
        let since = *self.since.lock().get_or_insert(now);
        let Some(limit) = self.limit else {
            return Some(self.delay);
        };
        let left = limit.saturating_sub(now - since);
        (!left.is_zero()).then(|| self.delay.min(left))
    }

    /// The system took bytes.
    pub(crate) fn succeeded(&self) {
        *self.since.lock() = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENOSPC: i32 = 28;
    const EIO: i32 = 5;
    const DELAY: Duration = Duration::from_secs(1);

    fn error(errno: i32) -> io::Error {
        io::Error::from_raw_os_error(errno)
    }

    #[test]
    fn only_named_errors_are_waited_out() {
        let retry = Retry::new(vec![ENOSPC], DELAY, None);
        assert_eq!(retry.pause_after(&error(ENOSPC)), Some(DELAY));
        assert_eq!(retry.pause_after(&error(EIO)), None);
        assert_eq!(retry.pause_after(&io::ErrorKind::WriteZero.into()), None);
    }

    #[tokio::test(start_paused = true)]
    async fn the_last_pause_ends_at_the_limit_and_none_follows() {
        let limit = Duration::from_millis(2500);
        let retry = Retry::new(vec![ENOSPC], DELAY, Some(limit));
        let mut pauses = Vec::new();
        while let Some(pause) = retry.pause_after(&error(ENOSPC)) {
            pauses.push(pause);
            tokio::time::sleep(pause).await;
        }
        assert_eq!(pauses, [DELAY, DELAY, Duration::from_millis(500)]);
    }

    #[tokio::test(start_paused = true)]
    async fn bytes_that_were_taken_begin_the_limit_anew() {
        let retry = Retry::new(vec![ENOSPC], DELAY, Some(DELAY));
        for _ in 0..3 {
            assert!(retry.pause_after(&error(ENOSPC)).is_some());
            tokio::time::sleep(DELAY).await;
            retry.succeeded();
        }
    }
}
