//! A ticket's conversation: reading it, and private notes.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use desk::console::conversation::{self, Part};
use desk::console::{find, note};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::shape::ConversationEntry;
use super::{Asking, ticket_id};
use crate::admin::{Asked, Visitor};
use crate::api::error::ApiError;
use crate::api::sized;
use crate::app::App;
use crate::guest::{Body, Segment};

const LIMIT: i64 = 50;
const LIMIT_MAX: i64 = 200;

/// Which part of a conversation.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(rename = "ConsoleAskConversation")]
pub struct AskConversation {
    /// The last messages before this position; before the end if left out.
    before: Option<i64>,
    /// The first messages after this position; not together with `before`. Notes at this position come too, because they
    /// may be new.
    after: Option<i64>,
    /// How many messages at most; 50 if left out. The notes between them come with them.
    #[schemars(range(min = 1, max = 200))]
    limit: Option<i64>,
}

/// A part of a conversation.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ConsoleConversation")]
pub struct Conversation {
    /// Oldest first.
    entries: Vec<ConversationEntry>,
    /// Whether there is more in the direction that was asked for.
    has_more: bool,
}

/// `GET /console/v1/tickets/:ticket_id/messages`
pub async fn read(
    State(app): State<App>,
    who: Visitor,
    Segment(id): Segment,
    Asked(ask): Asked<AskConversation>,
) -> Result<Json<Conversation>, ApiError> {
    let id = ticket_id(&id)?;
    let limit = sized("limit", ask.limit, LIMIT, LIMIT_MAX)?;
    let part = match (ask.before, ask.after) {
        (Some(_), Some(_)) => return Err(ApiError::invalid("after", "give before or after, not both")),
        (_, Some(after)) => Part::After(after),
        (before, None) => Part::Before(before.unwrap_or(i64::MAX)),
    };
    let at = Asking::of(&app, who);
    let page = app
        .read(move |tx, _| {
            let (seat, ticket) = find(tx, &at.staff, &at.directory, id)?;
            Ok(conversation::page(tx, &seat.desk, &ticket, part, limit)?)
        })
        .await?;
    let entries = page.entries.into_iter().map(Into::into).collect();
    Ok(Json(Conversation { entries, has_more: page.has_more }))
}

/// A private note to be written.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "ConsoleWriteNote")]
pub struct WriteNote {
    /// 1 to 5000 characters.
    #[schemars(length(min = 1, max = 5000))]
    text: String,
    /// The client's own id of the note, 1 to 100 bytes: sent twice with the same one, it is one note.
    client_id: Option<String>,
}

/// What was written.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ConsoleNoted")]
pub struct Noted {
    /// The note.
    entry: ConversationEntry,
}

/// `POST /console/v1/tickets/:ticket_id/notes`
pub async fn write_note(
    State(app): State<App>,
    who: Visitor,
    Segment(id): Segment,
    Body(ask): Body<WriteNote>,
) -> Result<(StatusCode, Json<Noted>), ApiError> {
    let id = ticket_id(&id)?;
    let at = Asking::of(&app, who);
    let note = app
        .write(move |tx, cx| {
            let (seat, ticket) = find(tx, &at.staff, &at.directory, id)?;
            note::write(tx, cx, &at.staff, (&seat.desk, &ticket), &ask.text, ask.client_id.as_deref())
        })
        .await?;
    Ok((StatusCode::CREATED, Json(Noted { entry: note.into() })))
}
