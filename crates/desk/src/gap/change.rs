//! Decisions: what is approved becomes a change of the FAQs, by the rules of editing them.

use std::collections::HashSet;

use db::Tx;

use super::decision::{Done, note, require_open};
use super::{Decided, Decision, Kind};
use crate::directory::{Helpdesk, Role};
use crate::faq::{self, Content, QUESTION_MAX, SIMILAR_MAX, Way, status};
use crate::{Cx, Refusal};

/// Longest reason, in characters.
const REASON_MAX: usize = 500;

/// What is to be done about a group.
#[derive(Debug, Clone)]
pub enum Change {
    /// Similar questions are added to a FAQ.
    Similar {
        /// The FAQ.
        faq_id: i64,
        /// The texts.
        add: Vec<String>,
    },
    /// A FAQ is made.
    Draft(Box<Content>),
}

/// An approval.
#[derive(Debug, Clone)]
pub struct Approval {
    /// What it is about.
    pub decided: Decided,
    /// What is done.
    pub change: Change,
}

/// Approves: changes or makes the FAQ and puts the decision on record. `user_id` has to be an agent of the help desk.
pub fn approve(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    desk: &Helpdesk,
    user_id: &str,
    approval: &Approval,
) -> Result<Decision, Refusal> {
    faq::require_role(desk, user_id, Role::Agent)?;
    require_open(tx, desk, &approval.decided)?;
    cx.by.way = Way::Gap;
    let (kind, faq_id, added) = match &approval.change {
        Change::Similar { faq_id, add } => {
            (Kind::Similar, *faq_id, add_similar(tx, cx, desk, user_id, (*faq_id, add))?)
        }
        Change::Draft(content) => {
            let made = faq::create(tx, cx, desk, user_id, content)?;
            (Kind::Draft, made.id, made.similar)
        }
    };
    let done = Done { faq_id: Some(faq_id), added, ..Done::default() };
    note(tx, cx, desk, user_id, (kind, &approval.decided, done))
}

/// Adds the texts that the FAQ does not have yet, and answers which those are.
fn add_similar(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    desk: &Helpdesk,
    user_id: &str,
    (faq_id, add): (i64, &[String]),
) -> Result<Vec<String>, Refusal> {
    if let Some(i) = add.iter().position(|text| text.trim().is_empty() || text.chars().count() > QUESTION_MAX) {
        return Err(Refusal::invalid(format!("add[{i}]"), format!("1 to {QUESTION_MAX} characters are allowed")));
    }
    let old = faq::get(tx, desk, faq_id)?;
    if old.status != status::ONLINE {
        return Err(Refusal::invalid("faq_id", format!("FAQ {faq_id} is in the recycle bin; restore it first")));
    }
    let known = old.similar.iter().chain([&old.question]).map(|text| text.trim().to_lowercase());
    let mut known: HashSet<String> = known.collect();
    let new = add.iter().map(|text| text.trim()).filter(|text| known.insert(text.to_lowercase()));
    let new: Vec<String> = new.map(str::to_owned).collect();
    if new.is_empty() {
        let why = format!("names no text that FAQ {faq_id} does not have already");
        return Err(Refusal::invalid("add", why));
    }
    let room = SIMILAR_MAX.saturating_sub(old.similar.len());
    if new.len() > room {
        let why = format!("FAQ {faq_id} has room for {room} more similar questions, {SIMILAR_MAX} are allowed");
        return Err(Refusal::invalid("add", why));
    }
    let content = Content {
        question: old.question,
        similar: Some(old.similar.into_iter().chain(new.iter().cloned()).collect()),
        answer: Some(old.answer),
        richtext: Some(old.richtext),
        category_id: None,
    };
    faq::patch(tx, cx, desk, user_id, faq_id, &content)?;
    Ok(new)
}

/// Rejects: the group is not shown again until there is new evidence (see [`super::Group::is_open`]).
pub fn reject(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    desk: &Helpdesk,
    user_id: &str,
    decided: &Decided,
    reason: Option<String>,
) -> Result<Decision, Refusal> {
    faq::require_role(desk, user_id, Role::Agent)?;
    let done = Done { reason: checked(reason)?, ..Done::default() };
    require_open(tx, desk, decided)?;
    note(tx, cx, desk, user_id, (Kind::Rejected, decided, done))
}

/// Says that two FAQs are to stay two, although these texts make them alike.
pub fn keep_apart(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    desk: &Helpdesk,
    user_id: &str,
    ((one, other), texts): ((i64, i64), &[(String, String)]),
    reason: Option<String>,
) -> Result<Decision, Refusal> {
    faq::require_role(desk, user_id, Role::Agent)?;
    let done = Done { faq_id: Some(one), other_faq: Some(other), reason: checked(reason)?, ..Done::default() };
    let texts: Vec<String> = texts.iter().flat_map(|(one, other)| [one.clone(), other.clone()]).collect();
    let question = texts.first().cloned().unwrap_or_default();
    let decided = Decided { question, texts, guests: 0, proposed: String::new(), seen: 0 };
    note(tx, cx, desk, user_id, (Kind::Apart, &decided, done))
}

fn checked(reason: Option<String>) -> Result<Option<String>, Refusal> {
    let reason = reason.map(|reason| reason.trim().to_owned()).filter(|reason| !reason.is_empty());
    if reason.as_ref().is_some_and(|reason| reason.chars().count() > REASON_MAX) {
        return Err(Refusal::invalid("reason", format!("at most {REASON_MAX} characters are allowed")));
    }
    Ok(reason)
}
