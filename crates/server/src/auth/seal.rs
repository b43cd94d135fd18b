//! The byte form of tokens: a few fields and a MAC over them, in URL-safe base64.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// Length of the MAC: 128 bits of HMAC-SHA256.
const MAC: usize = 16;
/// Longer tokens are not ours; checking them would only cost.
const MAX_BYTES: usize = 512;

/// Seals and opens tokens under one key.
#[derive(Clone)]
pub struct Seal {
    // Keyed once: cloning it saves hashing the key for every token.
    keyed: Hmac<Sha256>,
}

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seal(…)")
    }
}

/// An opened token's bytes, on the stack.
pub struct Opened {
    bytes: [u8; MAX_BYTES],
    len: usize,
}

impl Opened {
    /// What was sealed.
    pub fn payload(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

impl Seal {
    /// A seal under `key`.
    pub fn new(key: [u8; 32]) -> Self {
        Self { keyed: Hmac::new_from_slice(&key).expect("HMAC takes keys of any length") }
    }

    fn mac(&self, payload: &[u8]) -> [u8; MAC] {
        let mut mac = self.keyed.clone();
        mac.update(payload);
        let full: [u8; 32] = mac.finalize().into_bytes().into();
        *full.first_chunk().expect("a SHA-256 value is longer than the MAC")
    }

    /// `prefix` and the sealed payload (at most 496 bytes).
    pub fn seal(&self, prefix: &str, payload: &[u8]) -> String {
        let mut token = String::with_capacity(prefix.len() + (payload.len() + MAC).div_ceil(3) * 4);
        token.push_str(prefix);
        let sealed = [payload, &self.mac(payload)].concat();
        URL_SAFE_NO_PAD.encode_string(sealed, &mut token);
        token
    }

    /// Opens what stands after the prefix; `None` if it was not sealed with this key. Takes the same time wherever a
    /// forged MAC differs.
    pub fn open(&self, text: &str) -> Option<Opened> {
        let mut opened = Opened { bytes: [0; MAX_BYTES], len: 0 };
        let decoded = URL_SAFE_NO_PAD.decode_slice(text, &mut opened.bytes).ok()?;
        opened.len = decoded.checked_sub(MAC)?;
        let expected = self.mac(opened.payload());
        let given = &opened.bytes[opened.len..decoded];
        bool::from(given.ct_eq(&expected)).then_some(opened)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_changed_bit_voids_a_token() {
        let seal = Seal::new([1; 32]);
        let token = seal.seal("", b"payload");
        assert_eq!(seal.open(&token).unwrap().payload(), b"payload");
        let bytes = URL_SAFE_NO_PAD.decode(&token).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(seal.open(&URL_SAFE_NO_PAD.encode(changed)).is_none());
        }
        for bad in ["", "a", "====", "é", &token[1..], &"A".repeat(5_000)] {
            assert!(seal.open(bad).is_none(), "{bad}");
        }
        assert!(Seal::new([2; 32]).open(&token).is_none());
    }
}
