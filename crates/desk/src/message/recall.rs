//! Taking a message back: it stays in its place, but what it said is gone, and a notice at the end of the chat tells
//! clients that have it on screen already.

use db::{DbError, Tx, params};
use serde_json::json;

use super::{New, Place, Sender, append};
use crate::Cx;
use crate::directory::Helpdesk;

/// A message that went out.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    /// Its chat.
    pub chat_id: String,
    /// Its position there.
    pub position: i64,
    /// Its id.
    pub message_id: String,
    /// Whether the guest reads Chinese.
    pub chinese: bool,
}

/// Takes a message outside of tickets back.
pub(crate) fn recall(tx: &mut Tx<'_>, cx: &mut Cx, desk: &Helpdesk, sent: &Sent) -> Result<(), DbError> {
    let (mark, told) = if sent.chinese {
        ("此消息已被撤回。", "服务台撤回了一条消息。")
    } else {
        ("This message was recalled.", "The help desk recalled a message.")
    };
    let content = json!({"content": mark, "msg_type": "text", "notice": "recalled"});
    tx.execute(
        "UPDATE message SET kind = 'notice', text = $1, content = $2
         WHERE tenant = $3 AND chat_id = $4 AND position = $5",
        &params![mark, &content.to_string(), &desk.tenant, &sent.chat_id, sent.position],
    )?;
    let content = json!({"content": told, "msg_type": "text", "notice": "recall",
                         "recalled_message_id": sent.message_id});
    let new = New {
        sender: Sender::System,
        person: None,
        kind: "notice",
        text: told.to_owned(),
        content,
        answer: None,
        client_id: None,
    };
    append(tx, cx, desk, Place::outside(&sent.chat_id), new)?;
    Ok(())
}
