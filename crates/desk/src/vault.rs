//! Secrets that have to be read again (encrypt keys, webhook tokens, widget secrets) are kept sealed with AES-256-GCM
//! under keys derived from one master key, which never lies in the database.

use aes_gcm::aead::{Aead, KeyInit};
use aes_gcm::{Aes256Gcm, Nonce};
use hmac::{Hmac, Mac};
use sha2::Sha256;

const NONCE: usize = 12;

/// Keys derived from the master key.
#[derive(Clone)]
pub struct Vault {
    cipher: Aes256Gcm,
    master: [u8; 32],
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault(…)")
    }
}

impl Vault {
    /// A vault under `master`, 32 random bytes.
    pub fn new(master: [u8; 32]) -> Self {
        Self { cipher: Aes256Gcm::new(&derive(&master, "seal").into()), master }
    }

    /// A key of its own for `purpose`, such as signing access tokens.
    pub fn key(&self, purpose: &str) -> [u8; 32] {
        derive(&self.master, purpose)
    }

    /// Seals `text` with a fresh random nonce.
    pub fn seal(&self, text: &str, nonce: [u8; NONCE]) -> Vec<u8> {
        let sealed = self.cipher.encrypt(&Nonce::from(nonce), text.as_bytes());
        // GCM refuses only texts of many gigabytes; an empty box then fails to open, loudly.
        [&nonce[..], &sealed.unwrap_or_default()].concat()
    }

    /// Opens what [`Self::seal`] made; `None` if it was made under another master key or changed.
    pub fn open(&self, sealed: &[u8]) -> Option<String> {
        let (nonce, text) = sealed.split_at_checked(NONCE)?;
        let nonce: [u8; NONCE] = nonce.try_into().ok()?;
        String::from_utf8(self.cipher.decrypt(&Nonce::from(nonce), text).ok()?).ok()
    }
}

fn derive(master: &[u8; 32], purpose: &str) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(master).expect("HMAC takes keys of any length");
    mac.update(b"deskwire/");
    mac.update(purpose.as_bytes());
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_master_key_opens_a_seal() {
        let vault = Vault::new([1; 32]);
        let mut sealed = vault.seal("e-key", [9; 12]);
        assert_eq!(vault.open(&sealed).as_deref(), Some("e-key"));
        assert_eq!(Vault::new([2; 32]).open(&sealed), None);
        sealed[14] ^= 1;
        assert_eq!(vault.open(&sealed), None);
        assert_eq!(vault.open(&[]), None);
    }

    #[test]
    fn each_purpose_has_its_own_key() {
        let vault = Vault::new([1; 32]);
        assert_ne!(vault.key("token"), vault.key("seal"));
    }
}
