//! Kept cases: questions with the answer they have to get, tried on every change of FAQs and scores.

use db::{DbError, Row, Tx, params};
use schemars::JsonSchema;
use serde::Serialize;

use super::{Evidence, Verdict, View};
use crate::answer::Mode;
use crate::audit::Told;
use crate::directory::Helpdesk;
use crate::faq::vector::text_hash;
use crate::faq::{QUESTION_MAX, questions};
use crate::replay::Witness;
use crate::{Cx, Kind, Refusal, ids, question};

/// Most kept cases of a help desk.
pub const CASES_MAX: i64 = 2_000;
/// Longest question of a case, in characters.
pub const TEXT_MAX: usize = QUESTION_MAX;
/// Longest note, in characters.
pub const NOTE_MAX: usize = 1_000;
/// The word for a case to which nothing may be shown.
pub const NOTHING: &str = "nothing";

/// The answer that a case has to get.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// This FAQ, directly or in the list.
    Faq(i64),
    /// Neither a direct answer nor a list.
    Nothing,
}

impl Wanted {
    fn faq(self) -> Option<i64> {
        match self {
            Self::Faq(id) => Some(id),
            Self::Nothing => None,
        }
    }

    /// Why a view is not what is wanted; `None` if it is. `there`: whether the wanted FAQ is online.
    pub fn fault(self, view: &View, there: bool) -> Option<Fault> {
        match (self, view.mode) {
            (Self::Nothing, Mode::None) => None,
            (Self::Nothing, _) => Some(Fault::Shown),
            (Self::Faq(_), _) if !there => Some(Fault::Gone),
            (Self::Faq(id), mode) => {
                let evidence = Evidence { right: Some((id, Witness::Agent)), wrong: None };
                match (view.verdict(evidence), mode) {
                    (Verdict::Solved, _) => None,
                    (_, Mode::Direct) => Some(Fault::OtherAnswer),
                    (_, Mode::List) => Some(Fault::NotInList),
                    (_, Mode::None) => Some(Fault::NothingShown),
                }
            }
        }
    }
}

/// Why a case fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "CaseFault")]
pub enum Fault {
    /// Something is shown where nothing may be.
    Shown,
    /// The wanted FAQ is not online.
    Gone,
    /// The direct answer is another FAQ's.
    OtherAnswer,
    /// A list without the wanted FAQ.
    NotInList,
    /// Nothing is shown.
    NothingShown,
}

impl Fault {
    /// For people.
    pub fn why(self) -> &'static str {
        match self {
            Self::Shown => "something is shown, and nothing may be",
            Self::Gone => "the wanted FAQ is not online",
            Self::OtherAnswer => "the direct answer is another FAQ's",
            Self::NotInList => "the list is without the wanted FAQ",
            Self::NothingShown => "nothing is shown",
        }
    }
}

/// A kept case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// 19 digits.
    pub id: i64,
    /// The question as a guest would ask it.
    pub text: String,
    /// The answer that it has to get.
    pub wanted: Wanted,
    /// Why it is kept, for people.
    pub note: String,
    /// The body's event id of the guest's question that it was made from.
    pub event_id: Option<String>,
    /// Whether a desk file made it.
    pub managed: bool,
    /// Open id and name of who made it; nobody if a desk file did.
    pub created_by: Option<(String, String)>,
    /// Unix ms.
    pub created_at: i64,
    /// Unix ms.
    pub updated_at: i64,
}

/// What a new case is made from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct New {
    /// The question; that of the event if left out.
    pub text: Option<String>,
    /// A FAQ's id or [`NOTHING`]; what became known of the event's question if left out.
    pub wanted: Option<String>,
    /// Why it is kept.
    pub note: Option<String>,
    /// The event of a guest's question: the body's id, or the header's.
    pub event_id: Option<String>,
}

/// What is to change of a case; `None` stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// The question.
    pub text: Option<String>,
    /// A FAQ's id or [`NOTHING`].
    pub wanted: Option<String>,
    /// Why it is kept.
    pub note: Option<String>,
}

/// Reads the columns that these statements name, in their order.
fn read(row: &Row<'_>) -> Result<Case, DbError> {
    Ok(Case {
        id: row.int(0)?,
        text: row.string(1)?,
        wanted: row.opt_int(2)?.map_or(Wanted::Nothing, Wanted::Faq),
        note: row.string(3)?,
        event_id: row.opt_string(4)?,
        managed: row.flag(5)?,
        created_at: row.int(6)?,
        updated_at: row.int(7)?,
        created_by: row.opt_string(8)?.zip(row.opt_string(9)?),
    })
}

/// Cases after the case `after` (0 for the first page), oldest first, at most `limit`.
pub fn list(tx: &mut Tx<'_>, desk: &Helpdesk, after: i64, limit: i64) -> Result<Vec<Case>, DbError> {
    tx.query(
        "SELECT kept.case_id, kept.text, kept.faq_id, kept.note, kept.event_id, kept.managed, kept.created_at,
                kept.updated_at, p.open_id, p.name
         FROM kept_case kept LEFT JOIN person p ON p.tenant = kept.tenant AND p.user_id = kept.created_by
         WHERE kept.tenant = $1 AND kept.helpdesk_id = $2 AND kept.case_id > $3 ORDER BY kept.case_id LIMIT $4",
        &params![&desk.tenant, desk.id, after, limit],
        read,
    )
}

/// How many cases a help desk has.
pub fn count(tx: &mut Tx<'_>, desk: &Helpdesk) -> Result<i64, DbError> {
    tx.query_one(
        "SELECT COUNT(*) FROM kept_case WHERE tenant = $1 AND helpdesk_id = $2",
        &params![&desk.tenant, desk.id],
        |row| row.int(0),
    )
}

/// One case.
pub fn get(tx: &mut Tx<'_>, desk: &Helpdesk, case_id: i64) -> Result<Case, Refusal> {
    let found = tx.query_opt(
        "SELECT kept.case_id, kept.text, kept.faq_id, kept.note, kept.event_id, kept.managed, kept.created_at,
                kept.updated_at, p.open_id, p.name
         FROM kept_case kept LEFT JOIN person p ON p.tenant = kept.tenant AND p.user_id = kept.created_by
         WHERE kept.tenant = $1 AND kept.helpdesk_id = $2 AND kept.case_id = $3",
        &params![&desk.tenant, desk.id, case_id],
        read,
    )?;
    found.ok_or_else(|| Refusal::not_found(Kind::Case, case_id))
}

/// Keeps a case, made by this user.
pub fn create(tx: &mut Tx<'_>, cx: &mut Cx, desk: &Helpdesk, user_id: &str, new: &New) -> Result<Case, Refusal> {
    let event_id = new.event_id.as_deref();
    let asked = match event_id.map(|id| (id, ids::body_event_id(id))) {
        None => None,
        Some((given, body_id)) => {
            let asked = match body_id {
                Some(body_id) => question::of_event(tx, desk, &body_id)?,
                None => None,
            };
            Some(asked.ok_or_else(|| Refusal::not_found(Kind::Question, given))?)
        }
    };
    let text = checked_text(new.text.as_deref().or(asked.as_ref().map(|asked| asked.text.as_str())))?;
    let wanted = match (new.wanted.as_deref(), &asked) {
        (Some(word), _) => wanted(tx, desk, word)?,
        (None, asked) => known(tx, desk, asked.as_ref().map(Evidence::of))?,
    };
    let note = checked_note(new.note.as_deref().unwrap_or_default())?;
    if count(tx, desk)? >= CASES_MAX {
        return Err(Refusal::invalid("text", format!("the help desk keeps {CASES_MAX} cases, the most allowed")));
    }
    unique(tx, desk, &text, None)?;
    let case_id = cx.ids.decimal(cx.now);
    let event_id = asked.map(|asked| asked.event_id);
    tx.execute(
        "INSERT INTO kept_case (tenant, helpdesk_id, case_id, text_hash, text, faq_id, note, event_id, managed,
                                created_by, updated_by, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, $10, $11, $12)",
        &params![
            &desk.tenant,
            desk.id,
            case_id,
            text_hash(&text),
            &text,
            wanted.faq(),
            &note,
            &event_id,
            user_id,
            user_id,
            cx.now,
            cx.now
        ],
    )?;
    cx.told = Some(Told::change(case_id, None, Some(text)));
    get(tx, desk, case_id)
}

/// Changes a case.
pub fn patch(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    desk: &Helpdesk,
    (user_id, case_id): (&str, i64),
    change: &Change,
) -> Result<Case, Refusal> {
    let old = get(tx, desk, case_id)?;
    let text = checked_text(change.text.as_deref().or(Some(&old.text)))?;
    let wanted = match change.wanted.as_deref() {
        Some(word) => wanted(tx, desk, word)?,
        None => old.wanted,
    };
    let note = checked_note(change.note.as_deref().unwrap_or(&old.note))?;
    unique(tx, desk, &text, Some(case_id))?;
    if (&text, wanted, &note) != (&old.text, old.wanted, &old.note) {
        tx.execute(
            "UPDATE kept_case SET text_hash = $1, text = $2, faq_id = $3, note = $4, updated_by = $5, updated_at = $6
             WHERE tenant = $7 AND helpdesk_id = $8 AND case_id = $9",
            &params![text_hash(&text), &text, wanted.faq(), &note, user_id, cx.now, &desk.tenant, desk.id, case_id],
        )?;
    }
    cx.told = Some(Told::change(case_id, Some(old.text), Some(text)));
    get(tx, desk, case_id)
}

/// Forgets a case.
pub fn delete(tx: &mut Tx<'_>, cx: &mut Cx, desk: &Helpdesk, case_id: i64) -> Result<(), Refusal> {
    cx.told = Some(Told::change(case_id, Some(get(tx, desk, case_id)?.text), None));
    let rows = tx.execute(
        "DELETE FROM kept_case WHERE tenant = $1 AND helpdesk_id = $2 AND case_id = $3",
        &params![&desk.tenant, desk.id, case_id],
    )?;
    if rows == 0 { Err(Refusal::not_found(Kind::Case, case_id)) } else { Ok(()) }
}

fn checked_text(text: Option<&str>) -> Result<String, Refusal> {
    let text = text.map(str::trim).filter(|text| !text.is_empty());
    let text = text.ok_or_else(|| Refusal::invalid("text", "must be given, or event_id of a question in words"))?;
    if text.chars().count() > TEXT_MAX {
        return Err(Refusal::invalid("text", format!("at most {TEXT_MAX} characters are allowed")));
    }
    Ok(text.to_owned())
}

fn checked_note(note: &str) -> Result<String, Refusal> {
    let note = note.trim();
    if note.chars().count() > NOTE_MAX {
        return Err(Refusal::invalid("note", format!("at most {NOTE_MAX} characters are allowed")));
    }
    Ok(note.to_owned())
}

/// What a word names: [`NOTHING`], or a FAQ that is online.
fn wanted(tx: &mut Tx<'_>, desk: &Helpdesk, word: &str) -> Result<Wanted, Refusal> {
    if word == NOTHING {
        return Ok(Wanted::Nothing);
    }
    let why = || Refusal::invalid("wanted", format!("{word:?} is neither the id of a FAQ nor {NOTHING:?}"));
    let id = ids::parse(word).ok_or_else(why)?;
    if questions(tx, desk, &[id])?.is_empty() {
        return Err(Refusal::invalid("wanted", format!("no FAQ {id} is online in this help desk")));
    }
    Ok(Wanted::Faq(id))
}

/// The FAQ that is known to be right for a question, if it is still online.
fn known(tx: &mut Tx<'_>, desk: &Helpdesk, evidence: Option<Evidence>) -> Result<Wanted, Refusal> {
    let right = evidence.and_then(|evidence| evidence.right).map(|(id, _)| id);
    if let Some(id) = right
        && !questions(tx, desk, &[id])?.is_empty()
    {
        return Ok(Wanted::Faq(id));
    }
    let why = format!("must be given: the id of a FAQ, or {NOTHING:?}; no right FAQ is known of the question");
    Err(Refusal::invalid("wanted", why))
}

/// Refuses the text of another case.
fn unique(tx: &mut Tx<'_>, desk: &Helpdesk, text: &str, but: Option<i64>) -> Result<(), Refusal> {
    let found = tx.query_opt(
        "SELECT case_id FROM kept_case WHERE tenant = $1 AND helpdesk_id = $2 AND text_hash = $3",
        &params![&desk.tenant, desk.id, text_hash(text)],
        |row| row.int(0),
    )?;
    match found.filter(|id| Some(*id) != but) {
        Some(id) => Err(Refusal::invalid("text", format!("case {id} asks this already"))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::view::tests::found;
    use super::*;

    #[test]
    fn a_case_says_why_it_fails() {
        let view = |mode, ids: &[i64]| View { mode, faqs: found(ids) };
        for (wanted, view, there, fault) in [
            (Wanted::Faq(1), view(Mode::Direct, &[1, 2]), true, None),
            (Wanted::Faq(2), view(Mode::List, &[1, 2]), true, None),
            (Wanted::Faq(2), view(Mode::Direct, &[1, 2]), true, Some(Fault::OtherAnswer)),
            (Wanted::Faq(3), view(Mode::List, &[1, 2]), true, Some(Fault::NotInList)),
            (Wanted::Faq(1), view(Mode::None, &[]), true, Some(Fault::NothingShown)),
            (Wanted::Faq(1), view(Mode::None, &[]), false, Some(Fault::Gone)),
            (Wanted::Nothing, view(Mode::None, &[]), false, None),
            (Wanted::Nothing, view(Mode::List, &[1]), false, Some(Fault::Shown)),
            (Wanted::Nothing, view(Mode::Direct, &[1]), true, Some(Fault::Shown)),
        ] {
            assert_eq!(wanted.fault(&view, there), fault, "{wanted:?} {view:?}");
        }
    }
}
