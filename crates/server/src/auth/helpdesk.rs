//! The help desk header: base64 of `id:token` (reference: platform-protocol 3.3 and 8).

use std::sync::Arc;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use desk::directory::{Directory, Helpdesk};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Lower-case name of the header.
pub const HEADER: &str = "x-lark-helpdesk-authorization";

const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);
const MAX_BYTES: usize = 512;

/// The help desk that the header names and has the token of. `Bearer ` in front is accepted, because the Node SDK sends it.
///
/// # Errors
/// Which part is wrong, in a sentence that never repeats the token.
pub fn helpdesk_of<'d>(
    header: Option<&[u8]>,
    tenant: &str,
    directory: &'d Directory,
) -> Result<&'d Arc<Helpdesk>, &'static str> {
    const FORM: &str =
        "the X-Lark-Helpdesk-Authorization header must be base64 of help desk id, a colon and help desk token";
    let header = header.ok_or(
        "the X-Lark-Helpdesk-Authorization header is missing; send base64 of <help desk id>:<help desk token>",
    )?;
    let text = header.strip_prefix(b"Bearer ").unwrap_or(header);
    let mut buffer = [0; MAX_BYTES];
    let length = LENIENT.decode_slice(text, &mut buffer).map_err(|_| FORM)?;
    let pair = std::str::from_utf8(&buffer[..length]).map_err(|_| FORM)?;
    let (id, token) = pair.split_once(':').ok_or(FORM)?;
    let id = desk::ids::parse(id).ok_or("the help desk id in X-Lark-Helpdesk-Authorization is not a decimal number")?;
    let helpdesk =
        directory.helpdesks.get(&id).ok_or("the help desk in X-Lark-Helpdesk-Authorization does not exist")?;
    if !same_token(token, &helpdesk.token_hash) {
        return Err("the help desk token in X-Lark-Helpdesk-Authorization is wrong or was reset");
    }
    // Only who holds the token learns that the help desk is another tenant's.
    if helpdesk.tenant != tenant {
        return Err("the help desk in X-Lark-Helpdesk-Authorization belongs to another tenant than the app");
    }
    if helpdesk.closed_at.is_some() {
        return Err(
            "the help desk in X-Lark-Helpdesk-Authorization is closed; an administrator of its tenant can open it",
        );
    }
    Ok(helpdesk)
}

fn same_token(token: &str, stored_hash: &str) -> bool {
    let mut hash = [0; 64];
    hex::encode_to_slice(Sha256::digest(token.as_bytes()), &mut hash).expect("a SHA-256 value is 64 hex digits");
    bool::from(hash.ct_eq(stored_hash.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::fixtures;
    use base64::engine::general_purpose::{STANDARD as PADDED, STANDARD_NO_PAD};

    const ID: &str = "6900000000000000001";

    fn open(header: Option<&str>, tenant: &str) -> Result<i64, &'static str> {
        let directory = fixtures::directory();
        helpdesk_of(header.map(str::as_bytes), tenant, &directory).map(|desk| desk.id)
    }

    #[test]
    fn the_header_is_taken_in_every_form_that_clients_send() {
        let pair = format!("{ID}:ht-demo");
        for form in [PADDED.encode(&pair), STANDARD_NO_PAD.encode(&pair), format!("Bearer {}", PADDED.encode(&pair))] {
            assert_eq!(open(Some(&form), "demo"), Ok(6_900_000_000_000_000_001), "{form}");
        }
    }

    #[test]
    fn a_closed_help_desk_is_refused_and_says_why_only_to_who_has_its_token() {
        let mut directory = fixtures::directory();
        for desk in directory.helpdesks.values_mut() {
            Arc::make_mut(desk).closed_at = Some(7);
        }
        let told = |token: &str, tenant| {
            let header = PADDED.encode(format!("{ID}:{token}"));
            helpdesk_of(Some(header.as_bytes()), tenant, &directory).unwrap_err()
        };
        assert!(told("ht-demo", "demo").contains("is closed"));
        assert!(told("ht-other", "demo").contains("wrong or was reset"));
        assert!(told("ht-demo", "other").contains("another tenant"));
    }

    #[test]
    fn each_fault_is_named_and_the_token_is_not() {
        let encoded = |pair: &str| PADDED.encode(pair);
        let cases = [
            (None, "demo", "missing"),
            (Some("%%%".to_owned()), "demo", "must be base64"),
            (Some(encoded("no colon")), "demo", "must be base64"),
            (Some(encoded("abc:ht-demo")), "demo", "not a decimal number"),
            (Some(encoded("6900000000000000009:ht-demo")), "demo", "does not exist"),
            (Some(encoded(&format!("{ID}:ht-other"))), "demo", "wrong or was reset"),
            (Some(encoded(&format!("{ID}:"))), "demo", "wrong or was reset"),
            (Some(encoded(&format!("{ID}:ht-demo"))), "other", "another tenant"),
            (Some(encoded(&"x".repeat(2_000))), "demo", "must be base64"),
        ];
        for (header, tenant, expected) in cases {
            let message = open(header.as_deref(), tenant).unwrap_err();
            assert!(message.contains(expected), "{message}");
            assert!(!message.contains("ht-"), "{message}");
        }
    }
}
