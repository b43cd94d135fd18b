//! What helps to write: drafts and canned replies.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use desk::console::canned::{self, CannedReply, Content};
use desk::console::{draft, find, seat};
use desk::{Kind, Refusal};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wire::Nothing;

use super::shape::DraftOut;
use super::{Asking, ticket_id};
use crate::admin::{Asked, Visitor};
use crate::api::error::ApiError;
use crate::api::{known, number};
use crate::app::App;
use crate::guest::{Body, Segment};

/// An unsent text to be kept.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "ConsoleKeepDraft")]
pub struct KeepDraft {
    /// The text; at most 30000 characters.
    #[schemars(length(max = 30000))]
    text: String,
    /// Whether it is meant for a private note.
    private: Option<bool>,
}

/// `GET /console/v1/tickets/:ticket_id/draft`
pub async fn draft(State(app): State<App>, who: Visitor, Segment(id): Segment) -> Result<Json<DraftOut>, ApiError> {
    let id = ticket_id(&id)?;
    let at = Asking::of(&app, who);
    let draft = app
        .read(move |tx, _| {
            find(tx, &at.staff, &at.directory, id)?;
            draft::get(tx, &at.staff, id)?.ok_or_else(|| Refusal::not_found(Kind::Draft, id))
        })
        .await?;
    Ok(Json(draft.into()))
}

/// `PUT /console/v1/tickets/:ticket_id/draft`
pub async fn keep_draft(
    State(app): State<App>,
    who: Visitor,
    Segment(id): Segment,
    Body(ask): Body<KeepDraft>,
) -> Result<Json<DraftOut>, ApiError> {
    let id = ticket_id(&id)?;
    let at = Asking::of(&app, who);
    let draft = app
        .write(move |tx, cx| {
            find(tx, &at.staff, &at.directory, id)?;
            draft::put(tx, cx, &at.staff, id, &ask.text, ask.private == Some(true))
        })
        .await?;
    Ok(Json(draft.into()))
}

/// `DELETE /console/v1/tickets/:ticket_id/draft`
pub async fn drop_draft(State(app): State<App>, who: Visitor, Segment(id): Segment) -> Result<Json<Nothing>, ApiError> {
    let id = ticket_id(&id)?;
    let at = Asking::of(&app, who);
    app.write(move |tx, _| {
        find(tx, &at.staff, &at.directory, id)?;
        Ok(draft::delete(tx, &at.staff, id)?)
    })
    .await?;
    Ok(Json(Nothing {}))
}

/// Canned replies of which help desk.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "ConsoleAskCannedReplies")]
pub struct AskCannedReplies {
    /// Decimal id.
    helpdesk_id: String,
}

/// Canned replies.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CannedReplyList")]
pub struct CannedReplyList {
    /// Those of the help desk and the reader's own, by name.
    canned_replies: Vec<CannedReplyOut>,
}

/// A canned reply.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CannedReply")]
struct CannedReplyOut {
    /// Decimal id.
    id: String,
    /// Decimal id of its help desk.
    helpdesk_id: String,
    /// What is typed to get it, in lower case.
    name: String,
    /// What is sent.
    text: String,
    /// Such as `zh-CN`.
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<String>,
    /// Whether it is the reader's own; otherwise it is the help desk's.
    mine: bool,
}

/// A canned reply as it stands now.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CannedReplyData")]
pub struct CannedReplyData {
    /// The canned reply.
    canned_reply: CannedReplyOut,
}

fn out(helpdesk_id: i64, reply: CannedReply) -> CannedReplyOut {
    CannedReplyOut {
        id: reply.id.to_string(),
        helpdesk_id: helpdesk_id.to_string(),
        name: reply.name,
        text: reply.text,
        language: reply.language,
        mine: reply.own,
    }
}

/// `GET /console/v1/canned-replies`
pub async fn canned_replies(
    State(app): State<App>,
    who: Visitor,
    Asked(ask): Asked<AskCannedReplies>,
) -> Result<Json<CannedReplyList>, ApiError> {
    let id = number("helpdesk_id", &ask.helpdesk_id)?;
    let at = Asking::of(&app, who);
    let desk = seat(&at.staff, &at.directory, id)?.desk;
    let found = app.read(move |tx, _| Ok(canned::list(tx, &at.staff, &desk)?)).await?;
    Ok(Json(CannedReplyList { canned_replies: found.into_iter().map(|reply| out(id, reply)).collect() }))
}

/// A new canned reply.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "ConsoleNewCannedReply")]
pub struct NewCannedReply {
    /// Decimal id of the help desk.
    helpdesk_id: String,
    /// What is typed to get it: 1 to 40 letters, digits, `-` and `_`.
    #[schemars(length(min = 1, max = 40))]
    name: String,
    /// What is sent: 1 to 5000 characters.
    #[schemars(length(min = 1, max = 5000))]
    text: String,
    /// Such as `zh-CN`.
    language: Option<String>,
    /// `true`: for the maker alone. Otherwise for all agents of the help desk, which its owner and admins may.
    mine: Option<bool>,
}

/// `POST /console/v1/canned-replies`
pub async fn new_canned_reply(
    State(app): State<App>,
    who: Visitor,
    Body(ask): Body<NewCannedReply>,
) -> Result<(StatusCode, Json<CannedReplyData>), ApiError> {
    let id = number("helpdesk_id", &ask.helpdesk_id)?;
    let at = Asking::of(&app, who);
    let seat = seat(&at.staff, &at.directory, id)?;
    let content = Content { name: Some(ask.name), text: Some(ask.text), language: ask.language };
    let own = ask.mine == Some(true);
    let made = app.write(move |tx, cx| canned::create(tx, cx, &at.staff, &seat, &content, own)).await?;
    Ok((StatusCode::CREATED, Json(CannedReplyData { canned_reply: out(id, made) })))
}

/// What is to change of a canned reply; what is left out stays.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(rename = "ConsoleChangeCannedReply")]
pub struct ChangeCannedReply {
    /// What is typed to get it: 1 to 40 letters, digits, `-` and `_`.
    #[schemars(length(min = 1, max = 40))]
    name: Option<String>,
    /// What is sent: 1 to 5000 characters.
    #[schemars(length(min = 1, max = 5000))]
    text: Option<String>,
    /// Such as `zh-CN`; an empty one is none.
    language: Option<String>,
}

/// The path of a canned reply.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "ConsoleCannedReplyPath")]
#[expect(dead_code, reason = "the document reads its schema, the handler its one segment")]
pub struct CannedReplyPath {
    /// Decimal id of the canned reply.
    canned_reply_id: String,
}

/// The ids of the help desks that somebody has to do with.
fn theirs(at: &Asking) -> Arc<[i64]> {
    at.staff.places(&at.directory).iter().map(|place| place.desk.id).collect()
}

/// `PATCH /console/v1/canned-replies/:canned_reply_id`
pub async fn change_canned_reply(
    State(app): State<App>,
    who: Visitor,
    Segment(id): Segment,
    Body(ask): Body<ChangeCannedReply>,
) -> Result<Json<CannedReplyData>, ApiError> {
    let id = known(Kind::CannedReply, &id)?;
    let at = Asking::of(&app, who);
    let content = Content { name: ask.name, text: ask.text, language: ask.language };
    let (helpdesk_id, reply) = app
        .write(move |tx, cx| {
            let helpdesk_id = canned::helpdesk_of(tx, &at.staff, &theirs(&at), id)?;
            let seat = seat(&at.staff, &at.directory, helpdesk_id)?;
            Ok((helpdesk_id, canned::patch(tx, cx, &at.staff, &seat, id, &content)?))
        })
        .await?;
    Ok(Json(CannedReplyData { canned_reply: out(helpdesk_id, reply) }))
}

/// `DELETE /console/v1/canned-replies/:canned_reply_id`
pub async fn drop_canned_reply(
    State(app): State<App>,
    who: Visitor,
    Segment(id): Segment,
) -> Result<Json<Nothing>, ApiError> {
    let id = known(Kind::CannedReply, &id)?;
    let at = Asking::of(&app, who);
    app.write(move |tx, _| {
        let helpdesk_id = canned::helpdesk_of(tx, &at.staff, &theirs(&at), id)?;
        canned::delete(tx, &at.staff, &seat(&at.staff, &at.directory, helpdesk_id)?, id)
    })
    .await?;
    Ok(Json(Nothing {}))
}
