//! About how many different things were seen.

/// Registers; two to the power of [`BITS`].
const REGISTERS: usize = 64;
const BITS: u32 = 6;
/// Corrects the estimate for 64 registers.
const ALPHA: f64 = 0.709;

/// About how many different numbers were seen, in 64 bytes: `HyperLogLog` with linear counting where
/// there are few (Flajolet and others, "`HyperLogLog`: the analysis of a near-optimal cardinality
/// estimation algorithm", 2007). Two of them add up exactly to that of both.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Distinct {
    registers: Option<Box<[u8; REGISTERS]>>,
}

impl Distinct {
    /// The estimate's standard error, as a share of itself: 1.04 by the root of the registers.
    pub const RELATIVE_ERROR: f64 = 0.13;

    /// Sees a number.
    pub fn add(&mut self, number: u64) {
        let hash = mixed(number);
        let at = usize::try_from(hash >> (u64::BITS - BITS)).unwrap_or(0);
        let rest = hash << BITS;
        let rank = u8::try_from(rest.leading_zeros().min(u64::BITS - BITS) + 1).unwrap_or(u8::MAX);
        let registers = self
            .registers
            .get_or_insert_with(|| Box::new([0; REGISTERS]));
        if let Some(register) = registers.get_mut(at) {
            *register = rank.max(*register);
        }
    }

    /// Adds what another saw.
    pub fn merge(&mut self, other: &Self) {
        let Some(theirs) = &other.registers else {
            return;
        };
        match &mut self.registers {
            None => self.registers = Some(theirs.clone()),
            Some(ours) => {
                for (ours, theirs) in ours.iter_mut().zip(theirs.iter()) {
                    *ours = (*ours).max(*theirs);
                }
            }
        }
    }

    /// About how many different numbers that were.
    pub fn count(&self) -> f64 {
        let Some(registers) = &self.registers else {
            return 0.0;
        };
        let all = REGISTERS as f64;
        let sum: f64 = registers
            .iter()
            .map(|register| f64::from(*register))
            .map(|rank| (-rank).exp2())
            .sum();
        let estimate = ALPHA * all * all / sum;
        let empty: f64 = registers
            .iter()
            .map(|register| f64::from(u8::from(*register == 0)))
            .sum();
        if estimate <= 2.5 * all && empty > 0.0 {
            all * (all / empty).ln()
        } else {
            estimate
        }
    }
}

/// Spreads numbers over all 64 bits (`SplitMix64`, Steele and others, "Fast splittable pseudorandom
/// number generators", 2014).
fn mixed(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(numbers: impl IntoIterator<Item = u64>) -> Distinct {
        let mut distinct = Distinct::default();
        for number in numbers {
            distinct.add(number);
        }
        distinct
    }

    #[test]
    fn the_estimate_is_within_three_standard_errors() {
        for many in [1_u64, 5, 20, 100, 1_000, 50_000] {
            let numbers = (0..many).map(|number| number * 7_919);
            let found = of(numbers).count();
            let off = (found - many as f64).abs() / many as f64;
            assert!(off <= 3.0 * Distinct::RELATIVE_ERROR, "{found} for {many}");
        }
        assert!(of([]).count().abs() < f64::EPSILON);
    }

    proptest! {
        #[test]
        fn parts_add_up_to_the_whole(numbers in proptest::collection::vec(any::<u64>(), 0..300), cut in 0_usize..300) {
            let cut = cut.min(numbers.len());
            let mut merged = of(numbers[..cut].iter().copied());
            merged.merge(&of(numbers[cut..].iter().copied()));
            prop_assert_eq!(merged, of(numbers));
        }
    }
}
