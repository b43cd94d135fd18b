//! The notifications of a help desk, by the rules of the open API's push centre.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use db::Tx;
use desk::directory::Helpdesk;
use desk::message::card::Card;
use desk::notification::{self, Decision, Notification, Status, Step};
use desk::person::IdKind;
use desk::{Cx, Kind, Refusal};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wire::notification::{CancelBody, Notification as Shape, NotificationInput, SubmitBody};

use super::desks::of_path;
use super::{Asked, Visitor};
use crate::api::error::ApiError;
use crate::api::notification::{draft, shape};
use crate::api::{before, known, page_size};
use crate::app::App;
use crate::approval;
use crate::guest::{Body, Segment};

/// The path of a notification.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "AdminNotificationPath")]
pub struct NotificationPath {
    /// Decimal id of the help desk.
    helpdesk_id: String,
    /// Decimal id of the notification.
    notification_id: String,
}

/// Which notifications.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(rename = "AdminListNotifications")]
#[serde(default)]
pub struct ListNotifications {
    /// How many at most; 20 if left out.
    #[schemars(range(min = 1, max = 100))]
    page_size: Option<i64>,
    /// The `page_token` of the page before.
    page_token: Option<String>,
}

/// Notifications, newest first.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminNotificationList")]
pub struct NotificationList {
    /// One page.
    notifications: Vec<NotificationEntry>,
    /// Whether there are more.
    has_more: bool,
    /// For the next page; left out after the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    page_token: Option<String>,
}

/// A notification in a list. Times are Unix milliseconds.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminNotificationEntry")]
struct NotificationEntry {
    /// Decimal id.
    id: String,
    /// What people call it.
    job_name: String,
    /// Where it stands.
    #[schemars(extend("enum" = ["draft", "under_review", "approved", "waiting", "sending", "sent", "stopped", "recalled"]))]
    state: &'static str,
    /// 0 timed push, 1 push for new staff.
    push_type: i64,
    /// 0 everyone, 1 nobody (chats only), 2 some members, 3 new staff.
    push_scope_type: i64,
    /// Who made it.
    created_by: String,
    /// When somebody last changed it or moved it on.
    updated_at: i64,
    /// When it is or was to go out; left out before that is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    send_at: Option<i64>,
    /// Addressees found so far.
    target_user_count: i64,
    /// Addressees who got it.
    sent_user_count: i64,
}

/// A notification with what may be done with it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminNotificationData")]
pub struct NotificationData {
    /// As `notification.get` shows it, with people by open id.
    notification: Shape,
    /// Where it stands.
    #[schemars(extend("enum" = ["draft", "under_review", "approved", "waiting", "sending", "sent", "stopped", "recalled"]))]
    state: &'static str,
    /// What whoever asks may do now: the calls `patch`, `preview`, `submit`, `withdraw`, `send`; `approve` and `reject` of
    /// `decide`; `stop` and `recall` (with `is_recall`) of `cancel`.
    allowed: Vec<&'static str>,
    /// What the card says, line by line, in English where it is in several languages.
    text: String,
    /// Why it should be approved; left out if nobody has asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// What the owner said of the last request; left out if they have not, or nobody asks any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<DecisionOut>,
    /// The page on which the owner decides without being signed in.
    approval_link: String,
}

/// What the owner said of a notification.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminNotificationDecided")]
struct DecisionOut {
    /// `false`: rejected, it is a draft again.
    approved: bool,
    /// Who it was: a name.
    by: String,
    /// When, in Unix milliseconds.
    at: i64,
    /// Why; left out if they did not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

fn state_word(status: Status) -> &'static str {
    match status {
        Status::Draft => "draft",
        Status::UnderReview => "under_review",
        Status::Approved => "approved",
        Status::Waiting => "waiting",
        Status::Sending => "sending",
        Status::Sent => "sent",
        Status::Stopped => "stopped",
        Status::Recalled => "recalled",
    }
}

/// The word of a step that people take; none of those that servers take.
fn step_word(step: Step) -> Option<&'static str> {
    match step {
        Step::Patch => Some("patch"),
        Step::Preview => Some("preview"),
        Step::Submit { .. } => Some("submit"),
        Step::Withdraw => Some("withdraw"),
        Step::Approve => Some("approve"),
        Step::Reject => Some("reject"),
        Step::Execute => Some("send"),
        Step::Cancel { recall: false } => Some("stop"),
        Step::Cancel { recall: true } => Some("recall"),
        Step::Start | Step::Finish => None,
    }
}

fn entry(n: Notification) -> NotificationEntry {
    NotificationEntry {
        id: n.id.to_string(),
        job_name: n.job_name,
        state: state_word(n.status),
        push_type: n.push_type,
        push_scope_type: n.scope_type,
        created_by: n.created_by.1,
        updated_at: n.updated_at,
        send_at: n.send_at,
        target_user_count: n.target_count,
        sent_user_count: n.sent_count,
    }
}

fn one(tx: &mut Tx<'_>, app: &App, desk: &Helpdesk, user_id: &str, id: i64) -> Result<NotificationData, Refusal> {
    let shown = notification::get(tx, desk, user_id, id)?;
    let status = shown.notification.status;
    let card = Card::parse("push_content", &shown.notification.content);
    let allowed = notification::allowed(desk, user_id, status).into_iter().filter_map(step_word);
    Ok(NotificationData {
        state: state_word(status),
        allowed: allowed.collect(),
        text: card.map(|card| card.text(false).to_owned()).unwrap_or_default(),
        reason: shown.notification.reason.clone(),
        decision: shown.notification.decided.clone().map(|decided| DecisionOut {
            approved: status != Status::Draft,
            by: decided.by,
            at: decided.at,
            reason: decided.reason,
        }),
        approval_link: approval::link(app, id),
        notification: shape(shown, IdKind::Open),
    })
}

/// `GET /admin/v1/desks/:helpdesk_id/notifications`
pub async fn list(
    State(app): State<App>,
    who: Visitor,
    Segment(helpdesk_id): Segment,
    Asked(ask): Asked<ListNotifications>,
) -> Result<Json<NotificationList>, ApiError> {
    let desk = of_path(&app, &who, &helpdesk_id)?;
    let size = page_size(ask.page_size)?;
    let before = before(ask.page_token.as_deref())?;
    // One more tells whether there is more.
    let limit = i64::try_from(size + 1).unwrap_or(i64::MAX);
    let user_id = who.session.staff.user_id;
    let mut found = app.read(move |tx, _| notification::page(tx, &desk, &user_id, before, limit)).await?;
    let has_more = found.len() > size;
    found.truncate(size);
    let page_token = found.last().filter(|_| has_more).map(|last| last.id.to_string());
    Ok(Json(NotificationList { notifications: found.into_iter().map(entry).collect(), has_more, page_token }))
}

/// `POST /admin/v1/desks/:helpdesk_id/notifications`
pub async fn create(
    State(app): State<App>,
    who: Visitor,
    Segment(helpdesk_id): Segment,
    Body(ask): Body<NotificationInput>,
) -> Result<(StatusCode, Json<NotificationData>), ApiError> {
    let desk = of_path(&app, &who, &helpdesk_id)?;
    let (draft, user_id, its) = (draft(ask, IdKind::Open)?, who.session.staff.user_id, app.clone());
    let data = app
        .write(move |tx, cx| {
            let id = notification::create(tx, cx, &desk, &user_id, &draft)?;
            one(tx, &its, &desk, &user_id, id)
        })
        .await?;
    Ok((StatusCode::CREATED, Json(data)))
}

/// `GET /admin/v1/desks/:helpdesk_id/notifications/:notification_id`
pub async fn show(
    State(app): State<App>,
    who: Visitor,
    Segment(path): Segment<NotificationPath>,
) -> Result<Json<NotificationData>, ApiError> {
    let desk = of_path(&app, &who, &path.helpdesk_id)?;
    let id = known(Kind::Notification, &path.notification_id)?;
    let (user_id, its) = (who.session.staff.user_id, app.clone());
    Ok(Json(app.read(move |tx, _| one(tx, &its, &desk, &user_id, id)).await?))
}

/// One step with a notification, and what it is then.
async fn step<F>(app: &App, who: Visitor, path: &NotificationPath, act: F) -> Result<Json<NotificationData>, ApiError>
where
    F: Fn(&mut Tx<'_>, &mut Cx, &Arc<Helpdesk>, (&str, i64)) -> Result<(), Refusal> + Send + Sync + 'static,
{
    let desk = of_path(app, &who, &path.helpdesk_id)?;
    let id = known(Kind::Notification, &path.notification_id)?;
    let (user_id, its) = (who.session.staff.user_id, app.clone());
    let data = app
        .write(move |tx, cx| {
            act(tx, cx, &desk, (&user_id, id))?;
            one(tx, &its, &desk, &user_id, id)
        })
        .await?;
    Ok(Json(data))
}

/// `PATCH /admin/v1/desks/:helpdesk_id/notifications/:notification_id`
pub async fn update(
    State(app): State<App>,
    who: Visitor,
    Segment(path): Segment<NotificationPath>,
    Body(ask): Body<NotificationInput>,
) -> Result<Json<NotificationData>, ApiError> {
    let draft = draft(ask, IdKind::Open)?;
    step(&app, who, &path, move |tx, cx, desk, (user_id, id)| notification::patch(tx, cx, desk, user_id, id, &draft))
        .await
}

/// `POST /admin/v1/desks/:helpdesk_id/notifications/:notification_id/preview`
pub async fn preview(
    State(app): State<App>,
    who: Visitor,
    Segment(path): Segment<NotificationPath>,
) -> Result<Json<NotificationData>, ApiError> {
    step(&app, who, &path, |tx, cx, desk, (user_id, id)| {
        notification::preview(tx, cx, desk, user_id, id)?;
        Ok(())
    })
    .await
}

/// `POST /admin/v1/desks/:helpdesk_id/notifications/:notification_id/submit`
pub async fn submit(
    State(app): State<App>,
    who: Visitor,
    Segment(path): Segment<NotificationPath>,
    Body(ask): Body<SubmitBody>,
) -> Result<Json<NotificationData>, ApiError> {
    let link = approval::link(&app, known(Kind::Notification, &path.notification_id)?);
    step(&app, who, &path, move |tx, cx, desk, (user_id, id)| {
        notification::submit(tx, cx, desk, user_id, id, (&ask.reason, &link))?;
        Ok(())
    })
    .await
}

/// `POST /admin/v1/desks/:helpdesk_id/notifications/:notification_id/withdraw`
pub async fn withdraw(
    State(app): State<App>,
    who: Visitor,
    Segment(path): Segment<NotificationPath>,
) -> Result<Json<NotificationData>, ApiError> {
    step(&app, who, &path, |tx, cx, desk, (user_id, id)| notification::withdraw(tx, cx, desk, user_id, id)).await
}

/// What the owner says.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "AdminNotificationDecision")]
pub struct DecisionBody {
    /// Whether it may be sent; otherwise it is a draft again.
    approve: bool,
    /// Why; whoever made it reads it.
    #[serde(default)]
    #[schemars(length(max = 1_000))]
    reason: Option<String>,
    /// `updated_at` of what was seen; what was changed since is not decided.
    #[serde(default)]
    seen: Option<i64>,
}

/// `POST /admin/v1/desks/:helpdesk_id/notifications/:notification_id/decide`
pub async fn decide(
    State(app): State<App>,
    who: Visitor,
    Segment(path): Segment<NotificationPath>,
    Body(ask): Body<DecisionBody>,
) -> Result<Json<NotificationData>, ApiError> {
    let decision = Decision { approve: ask.approve, reason: ask.reason, seen: ask.seen };
    step(&app, who, &path, move |tx, cx, desk, (user_id, id)| {
        notification::decide(tx, cx, desk, user_id, id, &decision)?;
        Ok(())
    })
    .await
}

/// When it goes out.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(rename = "AdminSendNotification")]
#[serde(default)]
pub struct SendBody {
    /// Unix milliseconds, within a year; now if left out.
    send_at: Option<i64>,
}

/// `POST /admin/v1/desks/:helpdesk_id/notifications/:notification_id/send`
pub async fn send(
    State(app): State<App>,
    who: Visitor,
    Segment(path): Segment<NotificationPath>,
    Body(ask): Body<SendBody>,
) -> Result<Json<NotificationData>, ApiError> {
    step(&app, who, &path, move |tx, cx, desk, (user_id, id)| {
        let at = ask.send_at.unwrap_or(cx.now).to_string();
        notification::execute(tx, cx, desk, user_id, id, &at)
    })
    .await
}

/// `POST /admin/v1/desks/:helpdesk_id/notifications/:notification_id/cancel`
pub async fn cancel(
    State(app): State<App>,
    who: Visitor,
    Segment(path): Segment<NotificationPath>,
    Body(ask): Body<CancelBody>,
) -> Result<Json<NotificationData>, ApiError> {
    step(&app, who, &path, move |tx, cx, desk, (user_id, id)| {
        notification::cancel(tx, cx, desk, user_id, id, ask.is_recall)
    })
    .await
}
