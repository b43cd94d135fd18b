//! Encryption and signature of pushed events (reference: platform-protocol 5.3, 5.4).

use aes::Aes256;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeEncrypt, KeyIvInit};
use sha2::{Digest, Sha256};

/// Length of the initialisation vector that stands before the ciphertext, in bytes.
pub const IV: usize = 16;

/// Base64 of `iv` and the AES-256-CBC ciphertext of `text` under the SHA-256 of the app's Encrypt Key.
pub fn encrypt(encrypt_key: &str, iv: [u8; IV], text: &str) -> String {
    let key: [u8; 32] = Sha256::digest(encrypt_key.as_bytes()).into();
    let cipher = cbc::Encryptor::<Aes256>::new(&key.into(), &iv.into());
    STANDARD.encode([&iv[..], &cipher.encrypt_padded_vec::<Pkcs7>(text.as_bytes())].concat())
}

/// The body of an encrypted push. Base64 needs no escaping in JSON.
pub fn encrypted_body(encrypt_key: &str, iv: [u8; IV], text: &str) -> String {
    format!("{{\"encrypt\":\"{}\"}}", encrypt(encrypt_key, iv, text))
}

/// The value of `X-Lark-Signature`: lower-case hex SHA-256 over the four parts; a plain digest, not an HMAC. `body` is
/// the request's body as it is sent, which means encrypted.
pub fn signature(timestamp: &str, nonce: &str, encrypt_key: &str, body: &[u8]) -> String {
    let hash = Sha256::new().chain_update(timestamp).chain_update(nonce).chain_update(encrypt_key).chain_update(body);
    hex::encode(hash.finalize())
}

/// Opens what [`encrypt`] made, as a receiver would.
#[cfg(test)]
pub(super) fn decrypt(encrypt_key: &str, sealed: &str) -> Option<String> {
    use cbc::cipher::BlockModeDecrypt;

    let sealed = STANDARD.decode(sealed).ok()?;
    let (iv, text) = sealed.split_first_chunk::<IV>()?;
    let key: [u8; 32] = Sha256::digest(encrypt_key.as_bytes()).into();
    let cipher = cbc::Decryptor::<Aes256>::new(&key.into(), &(*iv).into());
    String::from_utf8(cipher.decrypt_padded_vec::<Pkcs7>(text).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    const ENCRYPTION: &str = include_str!("../../testdata/vectors/webhook-encryption.json");
    const SIGNATURE: &str = include_str!("../../testdata/vectors/webhook-signature.json");
    const REQUESTS: &str = include_str!("../../testdata/vectors/webhook-requests.json");

    fn list(text: &str, name: &str) -> Vec<Value> {
        let mut file: Value = serde_json::from_str(text).unwrap();
        serde_json::from_value(file[name].take()).unwrap()
    }

    fn text<'a>(case: &'a Value, name: &str) -> &'a str {
        case[name].as_str().unwrap()
    }

    fn wrapped(body: &str) -> Option<String> {
        serde_json::from_str::<Value>(body).unwrap()["encrypt"].as_str().map(str::to_owned)
    }

    #[test]
    fn encryption_agrees_with_the_sdks_in_both_directions() {
        for case in list(ENCRYPTION, "cases") {
            let (key, plain, sealed) =
                (text(&case, "encrypt_key"), text(&case, "plaintext"), text(&case, "ciphertext_base64"));
            let iv = hex::decode(text(&case, "iv_hex")).unwrap().try_into().unwrap();
            assert_eq!(encrypt(key, iv, plain), sealed, "{}", case["description"]);
            assert_eq!(decrypt(key, sealed).as_deref(), Some(plain), "{}", case["description"]);
        }
    }

    #[test]
    fn what_the_sdks_refuse_does_not_decrypt() {
        for case in list(ENCRYPTION, "invalid") {
            assert_eq!(decrypt(text(&case, "encrypt_key"), text(&case, "ciphertext_base64")), None, "{case}");
        }
    }

    #[test]
    fn signatures_agree_with_the_sdks() {
        for case in list(SIGNATURE, "cases") {
            let made = signature(
                text(&case, "timestamp"),
                text(&case, "nonce"),
                text(&case, "encrypt_key"),
                text(&case, "body").as_bytes(),
            );
            assert_eq!(made, text(&case, "signature_sha256_hex"), "{}", case["description"]);
        }
    }

    #[test]
    fn whole_requests_are_made_byte_for_byte() {
        let mut signed = 0;
        for case in list(REQUESTS, "cases") {
            let (key, body, headers) =
                (text(&case, "client_encrypt_key"), text(&case, "request_body"), &case["request_headers"]);
            if let Some(sealed) = wrapped(body) {
                let plain = decrypt(key, &sealed).unwrap();
                let iv = STANDARD.decode(&sealed).unwrap()[..IV].try_into().unwrap();
                assert_eq!(encrypted_body(key, iv, &plain), body);
            }
            let rightly_signed = case["description"] != "event, encrypted, signature wrong";
            if let (Some(signature_sent), true) = (headers["X-Lark-Signature"].as_str(), rightly_signed) {
                let (at, nonce) = (text(headers, "X-Lark-Request-Timestamp"), text(headers, "X-Lark-Request-Nonce"));
                assert_eq!(signature(at, nonce, key, body.as_bytes()), signature_sent);
                signed += 1;
            }
        }
        assert_eq!(signed, 2);
    }
}
