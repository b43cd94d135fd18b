//! The agent's side without a console: a developer control that plays an agent.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use desk::directory::Helpdesk;
use desk::ticket::act::{self, Act};
use desk::{Refusal, ids, person};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{helpdesk_of, no};
use crate::api::error::ApiError;
use crate::api::ticket::shapes;
use crate::app::App;
use crate::guest::{Body, MessageOut};

#[derive(Debug, Deserialize)]
pub struct Play {
    /// The agent who acts.
    open_id: String,
    /// One of [`ACTIONS`].
    action: String,
    /// What a reply says.
    text: Option<String>,
    /// The other agent's open id.
    to: Option<String>,
    /// With `close`: whether the question is solved.
    solved: Option<bool>,
}

const ACTIONS: &str = "take, reply, hold, resume, transfer, collaborate, close";

/// `POST /dev/v1/tickets/:ticket_id/agent`: does what an agent does in a console. Answers the ticket as `ticket.get`
/// would, and the message of a reply.
pub async fn play(
    State(app): State<App>,
    Path(ticket_id): Path<String>,
    Body(ask): Body<Play>,
) -> Result<Json<Value>, ApiError> {
    let id = ids::parse(&ticket_id).ok_or_else(|| no(&ticket_id, "ticket"))?;
    let desk = helpdesk_of(&app, id).await?.ok_or_else(|| no(&ticket_id, "ticket"))?;
    let act = act_of(&ask)?;
    let (message, mut tickets) = app.write(move |tx, cx| played(tx, cx, &desk, &ask.open_id, id, &act)).await?;
    let mut answer = json!({"ticket": tickets.pop()});
    if let Some(message) = message {
        answer["message"] = json!(message);
    }
    Ok(Json(answer))
}

fn played(
    tx: &mut db::Tx<'_>,
    cx: &mut desk::Cx,
    desk: &Arc<Helpdesk>,
    open_id: &str,
    ticket_id: i64,
    act: &Act,
) -> Result<(Option<MessageOut>, Vec<wire::ticket::Ticket>), Refusal> {
    let agent = person::require(tx, &desk.tenant, open_id)?;
    let acted = act::act(tx, cx, desk, &agent.user_id, ticket_id, act)?;
    Ok((acted.message.map(Into::into), shapes(tx, desk, &[acted.ticket])?))
}

fn act_of(ask: &Play) -> Result<Act, ApiError> {
    let given = |name: &str, value: &Option<String>| {
        value.clone().ok_or_else(|| ApiError::invalid(name, format!("{name} is needed with {}", ask.action)))
    };
    Ok(match ask.action.as_str() {
        "take" => Act::Take,
        "reply" => Act::Reply { text: given("text", &ask.text)?, client_id: None },
        "hold" => Act::Hold,
        "resume" => Act::Resume,
        "transfer" => Act::Transfer { to: given("to", &ask.to)? },
        "collaborate" => Act::Collaborate { to: given("to", &ask.to)? },
        "close" => Act::Close { solved: ask.solved },
        other => return Err(ApiError::invalid("action", format!("{other:?} is none of {ACTIONS}"))),
    })
}
