//! Hashes of secrets: SHA-256 for what we make with full entropy, argon2id for what people choose.

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use sha2::{Digest, Sha256};

/// Lower-case hex SHA-256 of a high-entropy token or secret.
pub fn token_hash(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

/// The argon2id hash of a password, with `salt` of 16 random bytes. Slow on purpose: never inside a transaction.
pub fn password_hash(password: &str, salt: [u8; 16]) -> String {
    Argon2::default()
        .hash_password_with_salt(password.as_bytes(), &salt)
        .map(|hash| hash.to_string())
        .unwrap_or_default()
}

/// Whether `password` is the one behind `hash`. Slow on purpose: never inside a transaction.
pub fn password_matches(password: &str, hash: &str) -> bool {
    argon2::password_hash::phc::PasswordHash::new(hash)
        .is_ok_and(|parsed| Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok())
}

/// Whether a text is a hash that a password can be checked against.
pub fn is_password_hash(hash: &str) -> bool {
    argon2::password_hash::phc::PasswordHash::new(hash).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_known_by_its_hash_alone() {
        let hash = password_hash("ada-demo", [3; 16]);
        assert!(hash.starts_with("$argon2id$"), "{hash}");
        assert!(password_matches("ada-demo", &hash));
        assert!(!password_matches("ada-demo ", &hash));
        assert!(!password_matches("ada-demo", "not a hash"));
    }
}
