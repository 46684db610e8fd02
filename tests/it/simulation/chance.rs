//! What decides in a schedule: numbers that follow from its seed, and at each step from the step's own number, so that a step that is
//! left out changes no other one's.

use std::cell::Cell;

pub(super) struct Chance {
    seed: u64,
    state: Cell<u64>,
}

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        Chance { seed, state: Cell::new(seed) }
    }

    /// What follows is this step's.
    pub(super) fn begin(&self, step: usize) {
        let start =
            self.seed.wrapping_mul(0xd134_2543_de82_ef95) ^ (step as u64 + 1).wrapping_mul(0x2545_f491_4f6c_dd1d);
        self.state.set(start);
    }

    /// A number below a bound (SplitMix64).
    pub(super) fn below(&self, bound: usize) -> usize {
        let state = self.state.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
        self.state.set(state);
        let mut mixed = state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 16) as usize % bound.max(1)
    }

    /// So many times in a hundred.
    pub(super) fn is(&self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub(super) fn of<T: Copy>(&self, values: &[T]) -> T {
        values[self.below(values.len())]
    }

    /// One of several, each as often as its weight says.
    pub(super) fn weighed<T: Copy>(&self, values: &[(usize, T)]) -> T {
        let mut left = self.below(values.iter().map(|(weight, _)| weight).sum());
        for (weight, value) in values {
            if left < *weight {
                return *value;
            }
            left -= weight;
        }
        values[0].1
    }
}
