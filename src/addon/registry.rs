//! The streams of one environment, by the number that JavaScript holds.

use std::sync::Arc;

use crate::io::Stream;

/// The low bits of a number name a slot, the others count how often the slot was used.
const SLOT_BITS: u32 = 20;
const SLOTS: usize = 1 << SLOT_BITS;
/// What of a number names its slot. JavaScript keeps its streams by it.
pub(super) const SLOT_MASK: u64 = (1 << SLOT_BITS) - 1;

/// How often a slot is used: numbers stay below 2^53, which a double holds exactly.
const MOST_USES: u64 = 1 << (53 - SLOT_BITS);

/// Streams in slots. A number that was released never names another stream: a slot is given up after
/// 2^33 uses.
#[derive(Default)]
pub(super) struct Registry {
    slots: Vec<Slot>,
    free: Vec<usize>,
}

#[derive(Default)]
struct Slot {
    uses: u64,
    stream: Option<Arc<Stream>>,
}

impl Registry {
    /// Registers the stream that `make` builds around its number. Returns the number, or nothing if
    /// there are a million streams already.
    pub(super) fn insert(&mut self, make: impl FnOnce(u64) -> Arc<Stream>) -> Option<u64> {
        let index = match self.free.pop() {
            Some(index) => index,
            None if self.slots.len() < SLOTS => {
                self.slots.push(Slot::default());
                self.slots.len() - 1
            }
            None => return None,
        };
        let slot = &mut self.slots[index];
        let id = index as u64 | slot.uses << SLOT_BITS;
        slot.stream = Some(make(id));
        Some(id)
    }

    /// A number as JavaScript holds it. Node-API would make a zero of what is not finite, and cut the
    /// rest to size.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "compared with what it was"
    )]
    pub(super) fn id_of(number: f64) -> Option<u64> {
        let id = number as u64;
        ((id as f64).to_bits() == number.to_bits()).then_some(id)
    }

    /// The stream of this number, unless it was released.
    pub(super) fn get(&self, id: u64) -> Option<&Arc<Stream>> {
        let slot = self.slots.get(index_of(id))?;
        let stream = slot.stream.as_ref();
        stream.filter(|_| slot.uses == id >> SLOT_BITS)
    }

    /// Forgets a stream. Its driver, if there is one, goes on until it has nothing to do.
    pub(super) fn remove(&mut self, id: u64) -> Option<Arc<Stream>> {
        self.get(id)?;
        let index = index_of(id);
        let slot = &mut self.slots[index];
        slot.uses += 1;
        if slot.uses < MOST_USES {
            self.free.push(index);
        }
        slot.stream.take()
    }

    /// All streams.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<Stream>> {
        self.slots.iter().filter_map(|slot| slot.stream.as_ref())
    }
}

fn index_of(id: u64) -> usize {
    (id & SLOT_MASK) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::{FileOptions, Target, open_file};
    use crate::writer::{Event, Listener};

    struct Deaf;

    impl Listener for Deaf {
        fn notify(&self, _: u64, _: Event) {}
    }

    fn insert(registry: &mut Registry) -> u64 {
        let options = FileOptions::to(Target::Descriptor(0));
        registry
            .insert(|id| open_file(id, options, None, Arc::new(Deaf)))
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
        assert!(registry.get(u64::MAX).is_none());
    }
}
