//! The streams of one environment, by the number that JavaScript holds.

use std::sync::Arc;

use crate::io::Stream;

/// The low bits of a number name a slot, the others count how often the slot was used.
const SLOT_BITS: u32 = 20;
const SLOTS: usize = 1 << SLOT_BITS;
const SLOT_MASK: u32 = (1 << SLOT_BITS) - 1;

/// Streams in slots. A number that was released never names another stream until its slot has been
/// used 4096 times more.
#[derive(Default)]
pub struct Registry {
    slots: Vec<Slot>,
    free: Vec<u32>,
}

#[derive(Default)]
struct Slot {
    uses: u32,
    stream: Option<Arc<Stream>>,
}

impl Registry {
    /// Registers the stream that `make` builds around its number. Returns the number, or nothing if
    /// there are a million streams already.
    pub fn insert(&mut self, make: impl FnOnce(u32) -> Arc<Stream>) -> Option<u32> {
        let index = match self.free.pop() {
            Some(index) => index,
            None if self.slots.len() < SLOTS => {
                self.slots.push(Slot::default());
                u32::try_from(self.slots.len() - 1).expect("slots are fewer than 2^20")
            }
            None => return None,
        };
        let slot = &mut self.slots[index as usize];
        let id = index | slot.uses << SLOT_BITS;
        slot.stream = Some(make(id));
        Some(id)
    }

    /// A number as JavaScript holds it. Node-API would make a zero of what is not finite, and cut the
    /// rest to size.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "compared with what it was"
    )]
    pub fn id_of(number: f64) -> Option<u32> {
        let id = number as u32;
        (f64::from(id).to_bits() == number.to_bits()).then_some(id)
    }

    /// The stream of this number, unless it was released.
    pub fn get(&self, id: u32) -> Option<&Arc<Stream>> {
        let slot = self.slots.get((id & SLOT_MASK) as usize)?;
        slot.stream
            .as_ref()
            .filter(|_| slot.uses << SLOT_BITS == id & !SLOT_MASK)
    }

    /// Forgets a stream. Its driver, if there is one, goes on until it has nothing to do.
    pub fn remove(&mut self, id: u32) -> Option<Arc<Stream>> {
        self.get(id)?;
        let index = id & SLOT_MASK;
        let slot = &mut self.slots[index as usize];
        slot.uses = slot.uses.wrapping_add(1);
        self.free.push(index);
        slot.stream.take()
    }

    /// All streams.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Stream>> {
        self.slots.iter().filter_map(|slot| slot.stream.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::{FileOptions, Target, open_file};
    use crate::stream::{Event, Listener};

    struct Deaf;

    impl Listener for Deaf {
        fn notify(&self, _: u32, _: Event) {}
    }

    fn insert(registry: &mut Registry) -> u32 {
        let options = FileOptions {
            target: Target::Descriptor(0),
            start: None,
            flush: false,
            keep_open: false,
            borrowed: false,
        };
        registry
            .insert(|id| open_file(id, options, Arc::new(Deaf)))
            .unwrap()
    }

    #[test]
    fn a_released_number_names_nothing_although_its_slot_is_used_again() {
        let mut registry = Registry::default();
        let first = insert(&mut registry);
        assert!(registry.get(first).is_some());
        assert!(registry.remove(first).is_some());
        let second = insert(&mut registry);
        assert_eq!(first & SLOT_MASK, second & SLOT_MASK);
        assert!(registry.get(first).is_none());
        assert!(registry.remove(first).is_none());
        assert!(registry.get(second).is_some());
    }

    #[test]
    fn a_number_never_given_out_names_nothing() {
        let mut registry = Registry::default();
        insert(&mut registry);
        assert!(registry.get(1).is_none());
        assert!(registry.get(u32::MAX).is_none());
    }
}
