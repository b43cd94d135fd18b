//! An event as a command that sends it by hand.

use desk::directory;
use desk::ids::Ids;
use desk::outbox::Claim;
use serde_json::Value;

use super::render;

/// Why there is no command.
#[derive(Debug, thiserror::Error)]
pub enum NoCommand {
    /// The app gets its events otherwise, or nothing yet.
    #[error("app {0} has no request URL, so curl cannot reach it")]
    NoUrl(String),
    /// The stored event is broken.
    #[error("the stored event cannot be read: {0}")]
    Unreadable(#[from] serde_json::Error),
}

/// The event as its app reads it, decrypted. Its verification token is hidden unless `secrets` says so.
///
/// # Errors
/// The stored event cannot be read.
pub fn event(to: &directory::App, claim: &Claim, secrets: bool) -> Result<Value, serde_json::Error> {
    let mut event: Value = serde_json::from_str(&render::event(to, claim)?)?;
    if !secrets && event["header"]["token"].is_string() {
        event["header"]["token"] = "…".into();
    }
    Ok(event)
}

/// A command for a POSIX shell that sends what an attempt at `now` (Unix ms) would send. Without `secrets` the
/// verification token is hidden; what is encrypted hides it by itself.
///
/// # Errors
/// Why there is none.
pub fn command(to: &directory::App, claim: &Claim, secrets: bool, ids: &Ids, now: i64) -> Result<String, NoCommand> {
    let url = to.url.as_ref().ok_or_else(|| NoCommand::NoUrl(to.app_id.clone()))?;
    let push = render::push(to, claim, ids, now)?;
    let hidden = (!secrets && to.encrypt_key.is_none()).then(|| event(to, claim, false)).transpose()?;
    let body = hidden.map_or(push.body, |hidden| hidden.to_string());
    let mut command = vec![format!("curl -X POST {} -H 'Content-Type: application/json; charset=utf-8'", quoted(url))];
    if let Some(signed) = &push.signed {
        for (name, value) in [
            ("X-Lark-Request-Timestamp", &signed.timestamp),
            ("X-Lark-Request-Nonce", &signed.nonce),
            ("X-Lark-Signature", &signed.signature),
        ] {
            command.push(format!("-H '{name}: {value}'"));
        }
    }
    command.push(format!("--data-raw {}", quoted(&body)));
    Ok(command.join(" "))
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
