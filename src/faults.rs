//! Panics on purpose, for the test of panics. Only an addon that is built with the feature
//! `faults` has them, as `npm run test:stress` builds one; elsewhere nothing here does anything.

/// Where to panic.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(not(feature = "faults"), allow(dead_code))]
pub(crate) enum Place {
    /// In a call for a stream, on the JavaScript thread.
    Stream = 1,
    /// In a call before it comes to its stream.
    Call = 2,
    /// In a driver.
    Driver = 3,
}

#[cfg(feature = "faults")]
mod armed {
    use std::sync::atomic::{AtomicU8, Ordering};

    use super::Place;

    /// The next place to panic at; 0 is none.
    static NEXT: AtomicU8 = AtomicU8::new(0);

    /// The next time that the process comes to this place it panics, once.
    pub(crate) fn arm(place: u8) {
        NEXT.store(place, Ordering::SeqCst);
    }

    pub(crate) fn strike(place: Place) {
        let armed = NEXT.compare_exchange(place as u8, 0, Ordering::SeqCst, Ordering::SeqCst);
        assert!(armed.is_err(), "on purpose");
    }
}

#[cfg(feature = "faults")]
pub(crate) use armed::{arm, strike};

/// Panics if this place was asked to.
#[cfg(not(feature = "faults"))]
#[inline]
pub(crate) fn strike(_: Place) {}
