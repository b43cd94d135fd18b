//! The page on which a help desk's owner approves or rejects a push: plain HTML that works without scripts.
//!
//! The link names the notification and carries a key made from the master key, so that nobody reads an unsent push by
//! guessing numbers. Deciding takes the owner's e-mail address and password as well.

use std::net::IpAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Query, Request, State};
use axum::http::header::X_FRAME_OPTIONS;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use desk::directory::Helpdesk;
use desk::message::card::Card;
use desk::notification::{self, Decision, Notification, Status};
use desk::{Refusal, ids, person};
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use sha2::Sha256;

use crate::api::{ApiError, body, query};
use crate::app::App;
use crate::front::not_found;
use crate::login::{self, LoginFault};
use crate::pages::{escape, page};
use crate::peer;

const PAGE: &str = include_str!("../pages/approval.html");

/// `/approval/{notification_id}`
pub fn routes() -> Router<App> {
    Router::new().route("/approval/{notification_id}", get(show).post(decide))
}

/// The address of a notification's page.
pub fn link(app: &App, notification_id: i64) -> String {
    format!("{}/approval/{notification_id}?key={}", app.base_url(), key(app, notification_id))
}

fn mac(app: &App, notification_id: i64) -> Hmac<Sha256> {
    let key = app.vault().key("approval link");
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("HMAC takes keys of any length");
    mac.update(&notification_id.to_be_bytes());
    mac
}

fn key(app: &App, notification_id: i64) -> String {
    hex::encode(mac(app, notification_id).finalize().into_bytes())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Ask {
    key: String,
}

/// What the owner sends.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Answer {
    key: String,
    email: String,
    password: String,
    reason: String,
    /// When what the owner has seen was changed last.
    seen: i64,
    /// `approve` or `reject`, by the button.
    decision: String,
}

/// What a page is about.
struct Matter {
    desk: Arc<Helpdesk>,
    notification: Notification,
    /// Whether the owner reads Chinese.
    chinese: bool,
}

/// The matter behind a link; `None` if the link is not whole.
async fn matter(app: &App, id: &str, key: &str) -> Result<Option<Matter>, Refusal> {
    let Some(id) = ids::parse(id) else { return Ok(None) };
    let given = hex::decode(key).unwrap_or_default();
    if mac(app, id).verify_slice(&given).is_err() {
        return Ok(None);
    }
    let helpdesk_id = app.read(move |tx, _| Ok(notification::helpdesk_of(tx, id)?)).await?;
    let desk = helpdesk_id.and_then(|helpdesk_id| app.directory().helpdesks.get(&helpdesk_id).cloned());
    let Some(desk) = desk else { return Ok(None) };
    let shown = Arc::clone(&desk);
    let (notification, chinese) = app
        .read(move |tx, _| {
            let owner = person::get(tx, &shown.tenant, &shown.owner)?;
            Ok((notification::for_review(tx, &shown, id)?, owner.is_some_and(|owner| owner.reads_chinese())))
        })
        .await?;
    Ok(Some(Matter { desk, notification, chinese }))
}

async fn show(State(app): State<App>, Path(id): Path<String>, Query(ask): Query<Ask>) -> Response {
    match matter(&app, &id, &ask.key).await {
        Ok(Some(matter)) => respond(StatusCode::OK, &matter, &ask.key, ""),
        Ok(None) => not_found().await,
        Err(refusal) => broken(&refusal),
    }
}

async fn decide(State(app): State<App>, Path(id): Path<String>, request: Request) -> Response {
    let address = peer::address(&app, request.headers(), request.extensions());
    let answer = match read(request).await {
        Ok(answer) => answer,
        Err(error) => return error.into_response(),
    };
    match decided(&app, address, &id, answer).await {
        Ok(response) => response,
        Err(refusal) => broken(&refusal),
    }
}

async fn read(request: Request) -> Result<Answer, ApiError> {
    let (parts, form) = request.into_parts();
    let bytes = body::read(&parts.headers, form).await?;
    query::decode(Some(&String::from_utf8_lossy(&bytes)))
}

async fn decided(app: &App, address: IpAddr, id: &str, answer: Answer) -> Result<Response, Refusal> {
    let Some(matter) = matter(app, id, &answer.key).await? else { return Ok(not_found().await) };
    let t = words(&matter);
    let no = |status, why: &str| Ok(respond(status, &matter, &answer.key, why));
    let approve = match answer.decision.as_str() {
        "approve" => true,
        "reject" => false,
        _ => return no(StatusCode::BAD_REQUEST, t.choose),
    };
    match login::check(app, Some(&matter.desk.tenant), &answer.email, &answer.password, address).await {
        Ok(who) if who.person.user_id == matter.desk.owner => {}
        Ok(_) | Err(LoginFault::Wrong | LoginFault::Several(_)) => return no(StatusCode::FORBIDDEN, t.wrong),
        Err(LoginFault::Throttled { .. }) => return no(StatusCode::TOO_MANY_REQUESTS, t.too_often),
        Err(LoginFault::Busy) => return no(StatusCode::SERVICE_UNAVAILABLE, t.busy),
        Err(LoginFault::Failed(refusal)) => return Err(refusal),
    }
    let (desk, notification_id) = (Arc::clone(&matter.desk), matter.notification.id);
    let decision = Decision { approve, reason: Some(answer.reason.replace('\0', "")), seen: Some(answer.seen) };
    let outcome =
        app.write(move |tx, cx| notification::decide(tx, cx, &desk, &desk.owner, notification_id, &decision)).await;
    match outcome {
        Ok(status) => {
            let mut matter = matter;
            matter.notification.status = status;
            Ok(respond(StatusCode::OK, &matter, &answer.key, if approve { t.approved } else { t.rejected }))
        }
        Err(Refusal::Db(error)) => Err(error.into()),
        Err(refusal) => no(StatusCode::BAD_REQUEST, &refusal.to_string()),
    }
}

fn broken(refusal: &Refusal) -> Response {
    tracing::error!(%refusal, "an approval page could not be made");
    (StatusCode::SERVICE_UNAVAILABLE, "The server cannot do this right now. Please try again in a moment.\n")
        .into_response()
}

fn respond(status: StatusCode, matter: &Matter, key: &str, told: &str) -> Response {
    let t = words(matter);
    let Matter { desk, notification, chinese } = matter;
    let card = Card::parse("push_content", &notification.content);
    let content = card.as_ref().map_or(notification.content.as_str(), |card| card.text(*chinese));
    let told = if told.is_empty() { String::new() } else { format!("<p role=\"alert\">{}</p>", escape(told)) };
    let open = notification.status == Status::UnderReview;
    let form = if open { form(t, key, notification.updated_at) } else { format!("<p>{}</p>", t.closed) };
    let reason = notification.reason.as_deref().unwrap_or_default();
    let values = [
        ("lang", t.lang),
        ("title", t.title),
        ("desk", &escape(&desk.name)),
        ("job", &escape(&notification.job_name)),
        ("by_label", t.by),
        ("by", &escape(&notification.created_by.1)),
        ("reason_label", t.reason),
        ("reason", &escape(reason)),
        ("content_label", t.content),
        ("content", &escape(content)),
        ("told", &told),
        ("form", &form),
    ];
    let mut response = page(PAGE, &values);
    *response.status_mut() = status;
    // Nobody puts this page into a frame of theirs.
    response.headers_mut().insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    response
}

fn form(t: &Words, key: &str, seen: i64) -> String {
    let key = escape(key);
    format!(
        "<form method=\"post\"><input type=\"hidden\" name=\"key\" value=\"{key}\">\
         <input type=\"hidden\" name=\"seen\" value=\"{seen}\">\
         <label>{} <input name=\"email\" type=\"email\" autocomplete=\"username\" required></label>\
         <label>{} <input name=\"password\" type=\"password\" autocomplete=\"current-password\" required></label>\
         <label>{} <textarea name=\"reason\" rows=\"3\" maxlength=\"1000\"></textarea></label>\
         <p><button name=\"decision\" value=\"approve\">{}</button> \
         <button name=\"decision\" value=\"reject\">{}</button></p></form>",
        t.email, t.password, t.your_reason, t.approve, t.reject
    )
}

/// The texts of the page.
struct Words {
    lang: &'static str,
    title: &'static str,
    by: &'static str,
    reason: &'static str,
    content: &'static str,
    email: &'static str,
    password: &'static str,
    your_reason: &'static str,
    approve: &'static str,
    reject: &'static str,
    choose: &'static str,
    wrong: &'static str,
    too_often: &'static str,
    busy: &'static str,
    approved: &'static str,
    rejected: &'static str,
    closed: &'static str,
}

fn words(matter: &Matter) -> &'static Words {
    if matter.chinese { &CHINESE } else { &ENGLISH }
}

const ENGLISH: Words = Words {
    lang: "en",
    title: "Approve a push",
    by: "Made by",
    reason: "Reason",
    content: "What it says",
    email: "Your e-mail address",
    password: "Your password",
    your_reason: "Your reason (optional)",
    approve: "Approve",
    reject: "Reject",
    choose: "Please press Approve or Reject.",
    wrong: "That is not the e-mail address and password of this help desk's owner. Nothing was decided.",
    too_often: "Too many attempts. Please wait some minutes.",
    busy: "Too many people are signing in. Please try again in a moment.",
    approved: "Approved. It can be sent now.",
    rejected: "Rejected. It is a draft again.",
    closed: "There is nothing to decide: this push is not under review.",
};

const CHINESE: Words = Words {
    lang: "zh-CN",
    title: "审批推送",
    by: "创建人",
    reason: "申请理由",
    content: "推送内容",
    email: "您的邮箱",
    password: "您的密码",
    your_reason: "审批意见（可不填）",
    approve: "通过",
    reject: "拒绝",
    choose: "请点击“通过”或“拒绝”。",
    wrong: "邮箱或密码不是该服务台所有者的，未作任何审批。",
    too_often: "尝试次数过多，请几分钟后再试。",
    busy: "登录人数过多，请稍后再试。",
    approved: "已通过，可以发送。",
    rejected: "已拒绝，已退回草稿。",
    closed: "此推送不在审批中，无需处理。",
};
