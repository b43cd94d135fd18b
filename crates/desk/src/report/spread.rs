//! How long things took, of however many things, in little memory: exact to the second up to 255 s, beyond that to half a
//! percent.

use std::collections::BTreeMap;

/// Below this many seconds each second counts by itself.
const EXACT: u64 = 256;

/// How long things took. It holds at most some thousand numbers, however much is added.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spread {
    /// How many took how long, in seconds.
    counts: BTreeMap<u64, u64>,
    count: u64,
}

impl Spread {
    /// Adds a time in ms; a negative one, which clocks of two servers can make, counts as none.
    pub fn add(&mut self, ms: i64) {
        *self.counts.entry(rounded(u64::try_from(ms).unwrap_or(0) / 1000)).or_default() += 1;
        self.count += 1;
    }

    /// The time in seconds within which this share of things was done, `percent` 1 to 100; of 50 the median. None of
    /// nothing.
    pub fn percentile_s(&self, percent: u64) -> Option<u64> {
        let nearest_rank = (self.count * percent).div_ceil(100).max(1);
        let mut seen = 0;
        self.counts.iter().find_map(|(seconds, count)| {
            seen += count;
            (seen >= nearest_rank).then_some(*seconds)
        })
    }
}

/// The middle of the step that a number of seconds lies in; there are 128 steps from each power of two to the next.
fn rounded(seconds: u64) -> u64 {
    if seconds < EXACT {
        return seconds;
    }
    let step = seconds.ilog2() - 7;
    ((seconds >> step) << step) + (1 << (step - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spread(seconds: impl IntoIterator<Item = i64>) -> Spread {
        let mut spread = Spread::default();
        seconds.into_iter().for_each(|s| spread.add(s * 1000));
        spread
    }

    #[test]
    fn percentiles_are_those_of_the_nearest_rank() {
        assert_eq!(Spread::default().percentile_s(50), None);
        assert_eq!(spread([7]).percentile_s(50), Some(7));
        assert_eq!(spread([7]).percentile_s(90), Some(7));
        assert_eq!(spread([10, 40, 20, 30]).percentile_s(50), Some(20));
        assert_eq!(spread(1..=10).percentile_s(90), Some(9));
        assert_eq!(spread([-5]).percentile_s(50), Some(0));
    }

    #[test]
    fn long_times_are_kept_to_half_a_percent_in_few_numbers() {
        for seconds in [256_u64, 1_000, 86_399, 31_622_400] {
            let off = rounded(seconds).abs_diff(seconds);
            assert!(off * 200 <= seconds, "{seconds}: {off} off");
        }
        assert!(spread((0..400_000).map(|i| i * 79)).counts.len() < 3_000);
    }
}
