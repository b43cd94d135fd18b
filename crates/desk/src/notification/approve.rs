//! Approval of a notification by the help desk's owner.

use db::{DbError, Tx, params};
use serde_json::json;

use super::{Notification, Status, Step, find, moves, require_operator};
use crate::directory::{Helpdesk, Role};
use crate::event::Snapshot;
use crate::message::card::Card;
use crate::message::{card_content, tell, text_content};
use crate::{Cx, Refusal, outbox, person};

/// Longest reason, of either side, in characters.
pub const REASON_MAX: usize = 1_000;

/// What the owner says.
#[derive(Debug, Clone)]
pub struct Decision {
    /// Whether it may be sent.
    pub approve: bool,
    /// Why, if they say so.
    pub reason: Option<String>,
    /// The `updated_at` of what they have seen; what was changed since is not decided.
    pub seen: Option<i64>,
}

/// Whether a user decides on pushes: the owner, or somebody who may do what the owner may.
pub(super) fn owns(desk: &Helpdesk, user_id: &str) -> bool {
    desk.owner == user_id || desk.role(user_id) == Some(Role::Owner)
}

/// Asks for approval; answers whether it passed by itself, as it does if the owner asks, or made the notification and
/// nobody else has changed it. Otherwise the owner is told in their own chat with the help desk, with `link` to where they
/// decide.
pub fn submit(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    desk: &Helpdesk,
    user_id: &str,
    id: i64,
    (reason, link): (&str, &str),
) -> Result<bool, Refusal> {
    require_operator(desk, user_id)?;
    let notification = find(tx, desk, id)?;
    let (maker, changer) = (&notification.created_by.0.user_id, &notification.updated_by.0.user_id);
    let granted = owns(desk, user_id) || (desk.owner == *maker && desk.owner == *changer);
    let status = notification.status.step(Step::Submit { granted })?;
    let reason = reason.trim();
    if !(1..=REASON_MAX).contains(&reason.chars().count()) {
        return Err(Refusal::invalid("reason", format!("1 to {REASON_MAX} characters are allowed")));
    }
    let call = if granted { None } else { Some(call_for_review(tx, desk, user_id, &notification, (reason, link))?) };
    tx.execute(
        "UPDATE notification SET status = $1, reason = $2, decided_by = NULL, decided_at = NULL, decision = NULL,
                                 updated_by = $3, updated_at = $4
         WHERE tenant = $5 AND notification_id = $6",
        &params![status.number(), reason, user_id, cx.now, &desk.tenant, id],
    )?;
    match call {
        None => announce(tx, cx, desk, id, "APPROVED")?,
        Some(call) => {
            tell(tx, cx, desk, &desk.owner, call)?;
        }
    }
    moves(cx, &notification, status);
    Ok(granted)
}

/// The card by which the owner learns of a request: its text and content.
fn call_for_review(
    tx: &mut Tx<'_>,
    desk: &Helpdesk,
    user_id: &str,
    notification: &Notification,
    (reason, link): (&str, &str),
) -> Result<(String, serde_json::Value), Refusal> {
    let chinese = person::get(tx, &desk.tenant, &desk.owner)?.is_some_and(|owner| owner.reads_chinese());
    let asker = person::get(tx, &desk.tenant, user_id)?.map(|asker| asker.name).unwrap_or_default();
    let name = &notification.job_name;
    let (title, text, button) = if chinese {
        (format!("待审批的推送：{name}"), format!("{asker} 申请发送此推送。理由：{reason}"), "查看并审批")
    } else {
        (format!("Push to approve: {name}"), format!("{asker} asks to send it. Reason: {reason}"), "Review")
    };
    let plain = |text: &str| json!({"tag": "plain_text", "content": text});
    let card = json!({
        "header": {"title": plain(&title)},
        "elements": [
            {"tag": "div", "text": plain(&text)},
            {"tag": "action", "actions": [{"tag": "button", "text": plain(button), "url": link}]}]});
    let card = Card::parse("reason", &card.to_string())?;
    let text = card.text(chinese).to_owned();
    let content = card_content(&card, &text, None);
    Ok((text, content))
}

/// Gives an approval up, whether it was only asked for or granted already; what the owner said goes with it.
pub fn withdraw(tx: &mut Tx<'_>, cx: &mut Cx, desk: &Helpdesk, user_id: &str, id: i64) -> Result<(), Refusal> {
    require_operator(desk, user_id)?;
    let notification = find(tx, desk, id)?;
    let status = notification.status.step(Step::Withdraw)?;
    moves(cx, &notification, status);
    tx.execute(
        "UPDATE notification SET status = $1, decided_by = NULL, decided_at = NULL, decision = NULL,
                                 updated_by = $2, updated_at = $3
         WHERE tenant = $4 AND notification_id = $5",
        &params![status.number(), user_id, cx.now, &desk.tenant, id],
    )?;
    announce(tx, cx, desk, id, "CANCELED").map_err(Refusal::from)
}

/// The owner decides. Who made the notification is told in their chat with the help desk.
pub fn decide(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    desk: &Helpdesk,
    user_id: &str,
    id: i64,
    decision: &Decision,
) -> Result<Status, Refusal> {
    if !owns(desk, user_id) {
        return Err(Refusal::Forbidden("only the owner of this help desk decides on its pushes".into()));
    }
    let notification = find(tx, desk, id)?;
    let status = notification.status.step(if decision.approve { Step::Approve } else { Step::Reject })?;
    if decision.seen.is_some_and(|seen| seen != notification.updated_at) {
        return Err(Refusal::invalid("seen", "the notification has been changed since; look at it again"));
    }
    let reason = decision.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty());
    if reason.is_some_and(|reason| reason.chars().count() > REASON_MAX) {
        return Err(Refusal::invalid("reason", format!("at most {REASON_MAX} characters are allowed")));
    }
    tx.execute(
        "UPDATE notification SET status = $1, decided_by = $2, decided_at = $3, decision = $4, updated_at = $5
         WHERE tenant = $6 AND notification_id = $7",
        &params![status.number(), user_id, cx.now, reason, cx.now, &desk.tenant, id],
    )?;
    announce(tx, cx, desk, id, if decision.approve { "APPROVED" } else { "REJECTED" })?;
    let maker = &notification.created_by.0.user_id;
    let chinese = person::get(tx, &desk.tenant, maker)?.is_some_and(|maker| maker.reads_chinese());
    let mut text = match (decision.approve, chinese) {
        (true, false) => format!("Your push \"{}\" was approved and can be sent.", notification.job_name),
        (false, false) => format!("Your push \"{}\" was rejected and is a draft again.", notification.job_name),
        (true, true) => format!("您的推送“{}”已通过审批，可以发送。", notification.job_name),
        (false, true) => format!("您的推送“{}”未通过审批，已退回草稿。", notification.job_name),
    };
    if let Some(reason) = reason {
        text.push('\n');
        text.push_str(reason);
    }
    let content = text_content(&text);
    tell(tx, cx, desk, maker, (text, content))?;
    moves(cx, &notification, status);
    Ok(status)
}

fn announce(tx: &mut Tx<'_>, cx: &mut Cx, desk: &Helpdesk, id: i64, approve_status: &str) -> Result<(), DbError> {
    let event_id = cx.ids.event(cx.now);
    let event = Snapshot::NotificationApprove {
        notification_id: id,
        helpdesk_id: desk.id,
        approve_status: approve_status.to_owned(),
    };
    outbox::append(tx, cx, desk, &event_id, &event)
}
