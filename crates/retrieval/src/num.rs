//! Lossless number conversions and the hash used for every table.

use std::hash::{BuildHasherDefault, Hasher};

/// A count as a float; counts above `u32::MAX` saturate.
pub(crate) fn float(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::from(u32::MAX), f64::from)
}

/// `top / bottom`, or 0 when there is nothing to divide by.
pub(crate) fn ratio(top: f64, bottom: f64) -> f64 {
    if bottom > 0.0 { top / bottom } else { 0.0 }
}

/// A count as a stored 32-bit number; saturates.
pub(crate) fn small(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// A stored 32-bit number as an index.
pub(crate) fn wide(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// FNV-1a over bytes, spread over all 64 bits. `seed` keeps kinds of key apart.
pub(crate) fn hash64(seed: u64, text: &str) -> u64 {
    let mut h = 0xcbf2_9ce4_8422_2325 ^ seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    for byte in text.bytes() {
        h = (h ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    spread(h)
}

/// The finaliser of `MurmurHash3`: every input bit reaches every output bit.
pub(crate) fn spread(mut h: u64) -> u64 {
    h = (h ^ (h >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    h = (h ^ (h >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    h ^ (h >> 33)
}

/// Hasher for keys that are numbers: one multiplication instead of `SipHash`.
#[derive(Default, Clone, Copy)]
pub(crate) struct NumberHasher(u64);

impl Hasher for NumberHasher {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }
    fn write_u32(&mut self, key: u32) {
        self.write_u64(u64::from(key));
    }
    fn write_i64(&mut self, key: i64) {
        self.write_u64(key.cast_unsigned());
    }
    fn write_u64(&mut self, key: u64) {
        self.0 = spread(self.0 ^ key);
    }
}

pub(crate) type Numbers = BuildHasherDefault<NumberHasher>;

/// Sums and weights need no more than an `f32`'s precision.
#[expect(clippy::cast_possible_truncation, reason = "the nearest is meant")]
pub(crate) fn narrow(value: f64) -> f32 {
    value as f32
}
