//! An owner that waits until the system has its bytes, and drives meanwhile if nobody else does.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::Stream;
use crate::io::driver::Left;
use crate::io::sync::MutexGuard;
use crate::writer::Standing;

/// How long an owner that waits leaves a driver alone that only it can drive.
const PARKED_PAUSE: Duration = Duration::from_millis(5);

impl Stream {
    /// The one call of the owner that waits: until all that was accepted so far is with the system,
    /// or nothing more of it will be, or `timeout` is over.
    pub(crate) fn wait_settled(self: &Arc<Self>, timeout: Duration) -> Standing {
        let deadline = Instant::now() + timeout;
        self.is_awaited.store(true, Ordering::Relaxed);
        let standing = self.wait_until(deadline);
        self.is_awaited.store(false, Ordering::Relaxed);
        standing
    }

    fn wait_until(self: &Arc<Self>, deadline: Instant) -> Standing {
        self.drive_for_owner(deadline);
        self.awaited.notify_one();
        let mut writer = self.writer.lock();
        let position = writer.total();
        loop {
            let standing = writer.standing(position);
            if !matches!(standing, Standing::Waiting(_)) {
                return standing;
            }
            if self.engine.is_parked() {
                // Only this thread can drive it.
                let pause = (Instant::now() + PARKED_PAUSE).min(deadline);
                self.moved.wait_until(&mut writer, pause);
                MutexGuard::unlocked(&mut writer, || self.unpark());
                if Instant::now() < deadline {
                    continue;
                }
                return writer.standing(position);
            }
            if self.moved.wait_until(&mut writer, deadline).timed_out() {
                return writer.standing(position);
            }
        }
    }

    /// The waiting owner takes the driver's place if that is free, so that no thread has to wake.
    fn drive_for_owner(self: &Arc<Self>, deadline: Instant) {
        if !self.writer.lock().claim_driver() {
            return;
        }
        let left = self.engine.drive_for_owner(self, deadline);
        let mut writer = self.writer.lock();
        let goes_on = left != Left::Idle && writer.hand_to_worker();
        // A worker may find nothing left to do, and would tell nothing.
        let event = writer.driven_by_owner();
        self.tell(event);
        drop(writer);
        match left {
            Left::Stalled(pause) => {
                if let Err(error) = self.engine.start_after(pause, self) {
                    self.stranded(&error);
                }
            }
            Left::Idle | Left::Waiting | Left::Again => self.start_if(goes_on),
        }
    }
}
