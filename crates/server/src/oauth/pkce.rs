//! Proof key for code exchange (RFC 7636): who asks for a code and who uses it are the same.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

const SHA256_BYTES: usize = 32;

/// The hash that a verifier has to have, from the challenge and its method: `plain` if none is named.
///
/// # Errors
/// The method is unknown, or the challenge has not the form of one.
pub(super) fn expected(challenge: &str, method: Option<&str>) -> Result<String, &'static str> {
    match method.unwrap_or("plain") {
        "S256" => {
            let bytes = URL_SAFE_NO_PAD.decode(challenge).unwrap_or_default();
            let well_formed = bytes.len() == SHA256_BYTES;
            // Written anew, so that one hash has one form.
            if well_formed { Ok(URL_SAFE_NO_PAD.encode(bytes)) } else { Err("code_challenge") }
        }
        // A plain challenge is the verifier itself, which is not to be stored.
        "plain" if is_verifier(challenge) => Ok(hash(challenge)),
        "plain" => Err("code_challenge"),
        _ => Err("code_challenge_method"),
    }
}

/// BASE64URL(SHA-256(verifier)).
pub(super) fn hash(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
}

/// 43 to 128 letters, digits, `-`, `.`, `_` and `~`.
fn is_verifier(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~');
    (43..=128).contains(&text.len()) && text.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    // The example of RFC 7636, appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn both_methods_expect_the_verifiers_hash() {
        assert_eq!(hash(VERIFIER), CHALLENGE);
        assert_eq!(expected(CHALLENGE, Some("S256")), Ok(CHALLENGE.to_owned()));
        assert_eq!(expected(VERIFIER, Some("plain")), Ok(CHALLENGE.to_owned()));
        assert_eq!(expected(VERIFIER, None), Ok(CHALLENGE.to_owned()));
    }

    #[test]
    fn what_is_no_challenge_is_refused() {
        assert_eq!(expected(CHALLENGE, Some("s256")), Err("code_challenge_method"));
        for (challenge, method) in [
            ("", Some("S256")),
            (&CHALLENGE[1..], Some("S256")),
            (&format!("{CHALLENGE}A"), Some("S256")),
            (&format!("{CHALLENGE}="), Some("S256")),
            (&VERIFIER[1..], Some("plain")),
            (&"a".repeat(129), None),
            (&format!("{VERIFIER} "), None),
        ] {
            assert_eq!(expected(challenge, method), Err("code_challenge"), "{challenge}");
        }
    }
}
