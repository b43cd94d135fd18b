//! What agents do with a ticket.

use axum::Json;
use axum::extract::State;
use axum::extract::multipart::{Multipart, MultipartRejection};
use axum::http::StatusCode;
use desk::message::Message;
use desk::ticket::act::Act;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::shape::{ConversationEntry, WholeOut};
use super::{Asking, ticket_id, whole};
use crate::admin::Visitor;
use crate::api::error::ApiError;
use crate::api::number;
use crate::app::App;
use crate::guest::image::{self, PictureForm};
use crate::guest::{Body, Segment};

const ACTIONS: &str = "take, hold, resume, transfer, add_collaborator, remove_collaborator, close";

/// What an agent does.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "ConsoleAction")]
pub struct Perform {
    /// What to do.
    #[schemars(extend("enum" = ["take", "hold", "resume", "transfer", "add_collaborator", "remove_collaborator", "close"]))]
    action: String,
    /// With `transfer`, `add_collaborator` and `remove_collaborator`: the other agent's open id.
    to: Option<String>,
    /// With `transfer` instead of `to`: decimal id of a skill whose agents it is for.
    skill_id: Option<String>,
    /// With `close`: whether the question is solved; as it was if left out.
    solved: Option<bool>,
}

fn act_of(ask: Perform) -> Result<Act, ApiError> {
    let whom = |to: Option<String>| {
        to.filter(|to| !to.is_empty()).ok_or_else(|| ApiError::invalid("to", "is needed: the other agent's open id"))
    };
    Ok(match (ask.action.as_str(), ask.skill_id) {
        ("take", _) => Act::Take,
        ("hold", _) => Act::Hold,
        ("resume", _) => Act::Resume,
        ("transfer", Some(_)) if ask.to.is_some() => {
            return Err(ApiError::invalid("skill_id", "give to or skill_id, not both"));
        }
        ("transfer", Some(skill)) => Act::TransferToSkill { skill_id: number("skill_id", &skill)? },
        ("transfer", None) => Act::Transfer { to: whom(ask.to)? },
        ("add_collaborator", _) => Act::Collaborate { to: whom(ask.to)? },
        ("remove_collaborator", _) => Act::Leave { who: whom(ask.to)? },
        ("close", _) => Act::Close { solved: ask.solved },
        (other, _) => return Err(ApiError::invalid("action", format!("{other:?} is none of {ACTIONS}"))),
    })
}

/// Has the visitor act; answers the message that was sent, if one was, and the ticket as it stands then.
pub(super) async fn perform(
    app: &App,
    who: Visitor,
    id: &str,
    act: Act,
) -> Result<(Option<Message>, WholeOut), ApiError> {
    let id = ticket_id(id)?;
    let at = Asking::of(app, who);
    let by = at.clone();
    let acted = app.write(move |tx, cx| desk::console::act(tx, cx, &by.staff, &by.directory, id, &act)).await?;
    Ok((acted.message, whole(app, at, id).await?))
}

/// `POST /console/v1/tickets/:ticket_id/actions`
pub async fn act(
    State(app): State<App>,
    who: Visitor,
    Segment(id): Segment,
    Body(ask): Body<Perform>,
) -> Result<Json<WholeOut>, ApiError> {
    let (_, ticket) = perform(&app, who, &id, act_of(ask)?).await?;
    Ok(Json(ticket))
}

/// A reply to the guest.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "ConsoleReply")]
pub struct Reply {
    /// 1 to 30000 characters.
    #[schemars(length(min = 1, max = 30000))]
    text: String,
    /// The client's own id of the reply, 1 to 100 bytes: sent twice with the same one, it is one message.
    client_id: Option<String>,
}

/// What was sent to the guest.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ConsoleSent")]
pub struct Sent {
    /// The message.
    entry: ConversationEntry,
    #[serde(flatten)]
    ticket: WholeOut,
}

/// `POST /console/v1/tickets/:ticket_id/messages`
pub async fn reply(
    State(app): State<App>,
    who: Visitor,
    Segment(id): Segment,
    Body(ask): Body<Reply>,
) -> Result<(StatusCode, Json<Sent>), ApiError> {
    send(&app, who, &id, Act::Reply { text: ask.text, client_id: ask.client_id }).await
}

/// The form of [`picture`].
pub fn picture_form() -> Value {
    let mut form = image::form();
    let what = "The client's own id of the picture, 1 to 100 bytes: sent twice with the same one, it is one message.";
    form["properties"]["client_id"] = json!({"type": "string", "description": what});
    form
}

/// `POST /console/v1/tickets/:ticket_id/images`, multipart fields `image` and `client_id`.
pub async fn picture(
    State(app): State<App>,
    who: Visitor,
    Segment(id): Segment,
    form: Result<Multipart, MultipartRejection>,
) -> Result<(StatusCode, Json<Sent>), ApiError> {
    let PictureForm { image, client_id } = image::read_form(form).await?;
    send(&app, who, &id, Act::SendPicture { image, client_id }).await
}

/// Has the visitor do what sends a message.
pub(super) async fn send(app: &App, who: Visitor, id: &str, act: Act) -> Result<(StatusCode, Json<Sent>), ApiError> {
    let (message, ticket) = perform(app, who, id, act).await?;
    let message = message.ok_or_else(|| db::DbError::Corrupt("a reply sent no message".into()))?;
    Ok((StatusCode::CREATED, Json(Sent { entry: message.into(), ticket })))
}
