//! The pictures of a ticket's messages.

use db::Tx;
use serde_json::Value;

use super::{Message, Sender, by_id, read};
use crate::directory::Helpdesk;
use crate::image::{self, Image};
use crate::{Kind, Refusal, ids, ticket};

/// A picture of a ticket's message with its key. `msg_id` is either id of the message as the list shows them; `index`
/// counts a post's pictures from 0 and does not matter for an image message.
pub fn picture(
    tx: &mut Tx<'_>,
    desk: &Helpdesk,
    ticket_id: i64,
    msg_id: &str,
    index: Option<i64>,
) -> Result<(String, Image), Refusal> {
    let ticket = ticket::get(tx, desk, ticket_id)?;
    let unknown = || Refusal::not_found(Kind::Message, msg_id);
    let message = if msg_id.starts_with("om_") {
        by_id(tx, desk, &ticket.chat_id, msg_id)?
    } else {
        let why = format!("{msg_id:?} is no id; ids are decimal digits, or om_ and 32 hex digits");
        let id = ids::parse(msg_id).ok_or_else(|| Refusal::invalid("msg_id", why))?;
        read::in_ticket(tx, desk, ticket_id, id)?.ok_or_else(unknown)?
    };
    if message.ticket_id != ticket_id || message.sender == Sender::System {
        return Err(unknown());
    }
    let key = key(&message, index)?;
    match image::find(tx, desk, &ticket.chat_id, &key)? {
        Some(image) => Ok((key, image)),
        None => Err(Refusal::ImageDeleted(key)),
    }
}

fn key(message: &Message, index: Option<i64>) -> Result<String, Refusal> {
    match message.msg_type() {
        "image" => {
            let key = message.content.get("image_key").and_then(Value::as_str);
            key.map(str::to_owned).ok_or_else(|| Refusal::invalid("msg_id", "the message names no picture"))
        }
        "post" => {
            let keys = image::keys_of_post(&message.content);
            let index = index.ok_or_else(|| Refusal::invalid("index", "is needed for a picture of a post"))?;
            let key = usize::try_from(index).ok().and_then(|index| keys.get(index));
            let why = || match keys.len() {
                0 => "the post has no pictures".to_owned(),
                n => format!("the post has {n} pictures; 0 to {} is allowed", n - 1),
            };
            key.map(|key| (*key).to_owned()).ok_or_else(|| Refusal::invalid("index", why()))
        }
        _ => Err(Refusal::invalid("msg_id", "the message is a text; only images and posts have pictures")),
    }
}
