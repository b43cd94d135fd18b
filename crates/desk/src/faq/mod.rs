//! FAQs of a help desk: questions with similar questions and an answer.
//!
//! Every change of what the answer engine reads is noted by [`changed`], so that each server's index catches up by
//! version. FAQs themselves are written by `store` alone, which keeps their history.

mod answer;
mod bin;
mod difference;
mod fault;
mod history;
mod list;
mod picture;
pub mod sheet;
mod store;
pub mod usage;
pub mod vector;

use db::{DbError, Row, Tx, params};
use serde::{Deserialize, Serialize};

pub(crate) use answer::{Answer, answer, encoded_picture, post};
use answer::{RICH_TYPES, member};
pub use bin::{RESTORABLE_MS, desks_with, next_purge, purge, restore, restore_for};
pub use difference::{Difference, Piece, Side, difference};

pub use history::{By, Kind as VersionKind, VERSIONS_KEPT, Version, Way, revert, version_of, versions};
pub use list::{Filter, Page, list, scan};
pub use picture::{PICTURES_MAX, picture};
pub(crate) use picture::{Picture, desk_has_picture, digest, keep, picture_key, picture_of_desk};
pub(crate) use store::{At, Said};
pub(crate) use store::{bin as to_bin, insert, update};

use crate::audit::Told;
use crate::directory::{Helpdesk, Role, json};
use crate::ticket::{Contact, contact};
use crate::{Cx, Kind, Refusal, category};

/// Longest question, in characters.
pub const QUESTION_MAX: usize = 1_000;
/// Longest answer, in characters, plain or rich.
pub const ANSWER_MAX: usize = 20_000;
/// Longest rich answer, in characters of JSON.
const RICH_MAX: usize = 4 * ANSWER_MAX;
/// Most similar questions of one FAQ.
pub const SIMILAR_MAX: usize = 200;

/// How many changes of a help desk are kept; a server further behind reads all its FAQs again.
pub const CHANGES_KEPT: i64 = 10_000;

/// States of a FAQ (reference: `faq_status`).
pub mod status {
    /// Online.
    pub const ONLINE: i64 = 1;
    /// Deleted, restorable for 30 days.
    pub const DELETED: i64 = 0;
    /// Deleted for good.
    pub const GONE: i64 = 2;
}

/// An item of a rich answer, kept as the caller gave it: `{type: text|hyperlink|img|line break, …}`.
pub type RichItem = serde_json::Map<String, serde_json::Value>;

/// A FAQ.
#[derive(Debug, Clone)]
pub struct Faq {
    /// 19 digits.
    pub id: i64,
    /// See [`status`].
    pub status: i64,
    /// Its category, if it has one.
    pub category_id: Option<i64>,
    /// The question.
    pub question: String,
    /// Similar questions (the open API's `tags`).
    pub similar: Vec<String>,
    /// The plain answer.
    pub answer: String,
    /// The rich answer.
    pub richtext: Vec<RichItem>,
    /// When it was made, Unix ms.
    pub created_at: i64,
    /// When it was last changed, Unix ms.
    pub updated_at: i64,
    /// When it was deleted, Unix ms.
    pub deleted_at: Option<i64>,
    /// Who made it; nobody if a desk file did.
    pub created_by: Option<Contact>,
    /// Who changed it last; nobody if a desk file did.
    pub updated_by: Option<Contact>,
}

impl Faq {
    /// What the audit log says about it.
    fn told(&self) -> String {
        format!("{}\n{}", self.question, self.answer)
    }
}

/// What a FAQ is to hold; the result of checking a create or patch.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Content {
    /// The question, required.
    pub question: String,
    /// Similar questions; `None` leaves them as they are.
    pub similar: Option<Vec<String>>,
    /// The plain answer.
    pub answer: Option<String>,
    /// The rich answer.
    pub richtext: Option<Vec<RichItem>>,
    /// The category; `None` leaves it as it is.
    pub category_id: Option<i64>,
}

pub(crate) fn read(row: &Row<'_>) -> Result<Faq, DbError> {
    Ok(Faq {
        id: row.int(0)?,
        status: row.int(1)?,
        category_id: row.opt_int(2)?,
        question: row.string(3)?,
        similar: json(row.text(4)?)?,
        answer: row.string(5)?,
        richtext: json(row.text(6)?)?,
        created_at: row.int(7)?,
        updated_at: row.int(8)?,
        deleted_at: row.opt_int(9)?,
        created_by: contact(row, 10)?,
        updated_by: contact(row, 17)?,
    })
}

/// The columns that [`read`] reads, with their joins.
macro_rules! select {
    ($tail:literal) => {
        concat!(
            "SELECT f.faq_id, f.status, f.category_id, f.question, f.similar_questions, f.answer, f.answer_richtext,
                    f.created_at, f.updated_at, f.deleted_at,
                    c.open_id, c.union_id, c.user_id, c.name, c.email, c.city, c.country,
                    u.open_id, u.union_id, u.user_id, u.name, u.email, u.city, u.country
             FROM faq f
             LEFT JOIN person c ON c.tenant = f.tenant AND c.user_id = f.created_by
             LEFT JOIN person u ON u.tenant = f.tenant AND u.user_id = f.updated_by ",
            $tail
        )
    };
}
pub(crate) use select;

/// A FAQ of this help desk that is not gone for good.
pub fn get(tx: &mut Tx<'_>, desk: &Helpdesk, faq_id: i64) -> Result<Faq, Refusal> {
    tx.query_opt(
        select!("WHERE f.tenant = $1 AND f.helpdesk_id = $2 AND f.faq_id = $3 AND f.status < 2"),
        &params![&desk.tenant, desk.id, faq_id],
        read,
    )?
    .ok_or_else(|| Refusal::not_found(Kind::Faq, faq_id))
}

/// Makes a FAQ. `user_id` has to be an agent of the help desk.
pub fn create(tx: &mut Tx<'_>, cx: &mut Cx, desk: &Helpdesk, user_id: &str, content: &Content) -> Result<Faq, Refusal> {
    require_role(desk, user_id, Role::Agent)?;
    let Answer { plain, rich, pictures } = answer(content, "faq")?;
    check(tx, desk, content, "faq")?;
    let faq_id = cx.ids.decimal(cx.now);
    let said = Said {
        category_id: content.category_id,
        question: content.question.trim().to_owned(),
        similar: tidy_similar(content.similar.as_deref().unwrap_or_default()),
        answer: plain,
        richtext: rich,
    };
    insert(tx, cx, &at(desk, user_id, faq_id), (&said, &pictures), false)?;
    let new = get(tx, desk, faq_id)?;
    cx.told = Some(Told::change(faq_id, None, Some(new.told())));
    Ok(new)
}

/// Changes a FAQ that is online. The question and an answer are always given anew; the rest only if named.
pub fn patch(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    desk: &Helpdesk,
    user_id: &str,
    faq_id: i64,
    content: &Content,
) -> Result<(), Refusal> {
    require_role(desk, user_id, Role::Agent)?;
    let old = get(tx, desk, faq_id)?;
    if old.status != status::ONLINE {
        return Err(Refusal::not_found(Kind::Faq, faq_id));
    }
    let before = old.told();
    let Answer { plain, rich, pictures } = answer(content, "faq")?;
    check(tx, desk, content, "faq")?;
    let said = Said {
        category_id: content.category_id.or(old.category_id),
        question: content.question.trim().to_owned(),
        similar: content.similar.as_deref().map_or(old.similar, tidy_similar),
        answer: plain,
        richtext: rich,
    };
    update(tx, cx, &at(desk, user_id, faq_id), (&said, &pictures), VersionKind::Edited)?;
    cx.told = Some(Told::change(faq_id, Some(before), Some(get(tx, desk, faq_id)?.told())));
    Ok(())
}

/// Deletes a FAQ: it goes to the recycle bin, from where it can be restored for 30 days.
pub fn delete(tx: &mut Tx<'_>, cx: &mut Cx, desk: &Helpdesk, user_id: &str, faq_id: i64) -> Result<(), Refusal> {
    require_role(desk, user_id, Role::Agent)?;
    let old = get(tx, desk, faq_id)?;
    if old.status != status::ONLINE {
        return Err(Refusal::not_found(Kind::Faq, faq_id));
    }
    cx.told = Some(Told::change(faq_id, Some(old.told()), None));
    to_bin(tx, cx, &at(desk, user_id, faq_id)).map_err(Refusal::from)
}

fn at<'a>(desk: &'a Helpdesk, user_id: &'a str, faq_id: i64) -> At<'a> {
    At { tenant: &desk.tenant, helpdesk_id: desk.id, faq_id, user_id: Some(user_id) }
}

/// Stands in the change log for no FAQ: something else that ranking reads changed.
pub(crate) const NO_FAQ: i64 = 0;

/// Notes that what the answer engine reads of a FAQ changed.
pub fn changed(tx: &mut Tx<'_>, cx: &Cx, tenant: &str, helpdesk_id: i64, faq_id: i64) -> Result<(), DbError> {
    let version = tx.query_one(
        "UPDATE helpdesk SET faq_version = faq_version + 1 WHERE tenant = $1 AND helpdesk_id = $2
         RETURNING faq_version",
        &params![tenant, helpdesk_id],
        |row| row.int(0),
    )?;
    tx.execute(
        "INSERT INTO faq_change (tenant, helpdesk_id, version, faq_id, changed_at) VALUES ($1, $2, $3, $4, $5)",
        &params![tenant, helpdesk_id, version, faq_id, cx.now],
    )?;
    tx.execute(
        "DELETE FROM faq_change WHERE tenant = $1 AND helpdesk_id = $2 AND version <= $3",
        &params![tenant, helpdesk_id, version - CHANGES_KEPT],
    )?;
    Ok(())
}

/// What the answer engine reads of one FAQ; `None` if it is not online.
#[derive(Debug, Clone)]
pub struct Indexed {
    /// The FAQ.
    pub faq_id: i64,
    /// Question, similar questions, answer.
    pub text: Option<(String, Vec<String>, String)>,
}

/// The help desk's current FAQ version.
pub fn version(tx: &mut Tx<'_>, desk: &Helpdesk) -> Result<i64, DbError> {
    tx.query_one(
        "SELECT faq_version FROM helpdesk WHERE tenant = $1 AND helpdesk_id = $2",
        &params![&desk.tenant, desk.id],
        |row| row.int(0),
    )
}

/// FAQs changed after `since`, in the state they have now.
pub fn changes(tx: &mut Tx<'_>, desk: &Helpdesk, since: i64) -> Result<Vec<Indexed>, DbError> {
    tx.query(
        "SELECT DISTINCT h.faq_id, f.status, f.question, f.similar_questions, f.answer
         FROM faq_change h
         LEFT JOIN faq f ON f.tenant = h.tenant AND f.helpdesk_id = h.helpdesk_id AND f.faq_id = h.faq_id
         WHERE h.tenant = $1 AND h.helpdesk_id = $2 AND h.version > $3",
        &params![&desk.tenant, desk.id, since],
        read_indexed,
    )
}

/// All FAQs online after the FAQ `after` (0 for the first page), at most `limit`.
pub fn online_after(tx: &mut Tx<'_>, desk: &Helpdesk, after: i64, limit: i64) -> Result<Vec<Indexed>, DbError> {
    tx.query(
        "SELECT faq_id, status, question, similar_questions, answer FROM faq
         WHERE tenant = $1 AND helpdesk_id = $2 AND status = 1 AND faq_id > $3 ORDER BY faq_id LIMIT $4",
        &params![&desk.tenant, desk.id, after, limit],
        read_indexed,
    )
}

/// The questions of those of these FAQs that are online, in the order of the ids.
pub fn questions(tx: &mut Tx<'_>, desk: &Helpdesk, ids: &[i64]) -> Result<Vec<(i64, String)>, DbError> {
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        let question = tx.query_opt(
            "SELECT question FROM faq WHERE tenant = $1 AND helpdesk_id = $2 AND faq_id = $3 AND status = 1",
            &params![&desk.tenant, desk.id, *id],
            |row| row.string(0),
        )?;
        found.extend(question.map(|question| (*id, question)));
    }
    Ok(found)
}

/// Question and similar questions of a FAQ that is online.
pub fn wording(tx: &mut Tx<'_>, desk: &Helpdesk, id: i64) -> Result<Option<(String, Vec<String>)>, DbError> {
    tx.query_opt(
        "SELECT question, similar_questions FROM faq
         WHERE tenant = $1 AND helpdesk_id = $2 AND faq_id = $3 AND status = 1",
        &params![&desk.tenant, desk.id, id],
        |row| Ok((row.string(0)?, json(row.text(1)?)?)),
    )
}

fn read_indexed(row: &Row<'_>) -> Result<Indexed, DbError> {
    let text = if row.opt_int(1)? == Some(status::ONLINE) {
        Some((row.string(2)?, json(row.text(3)?)?, row.string(4)?))
    } else {
        None
    };
    Ok(Indexed { faq_id: row.int(0)?, text })
}

/// Refuses users below `role`.
pub(crate) fn require_role(desk: &Helpdesk, user_id: &str, role: Role) -> Result<(), Refusal> {
    if desk.role(user_id).is_some_and(|r| r >= role) {
        return Ok(());
    }
    let text = format!("the user must be {} or higher in help desk {}", role.as_str(), desk.id);
    Err(Refusal::Forbidden(text))
}

fn check(tx: &mut Tx<'_>, desk: &Helpdesk, content: &Content, at: &str) -> Result<(), Refusal> {
    let similar = content.similar.as_deref().unwrap_or_default();
    fault::texts(&content.question, similar).map_err(|fault| fault.refusal(at))?;
    if let Some(id) = content.category_id
        && !category::exists(tx, desk, id)?
    {
        return Err(Refusal::invalid(format!("{at}.category_id"), format!("no category {id} in this help desk")));
    }
    Ok(())
}

pub(crate) fn tidy_similar(similar: &[String]) -> Vec<String> {
    let mut seen = std::collections::HashSet::new();
    let kept = similar.iter().map(|s| s.trim()).filter(|s| !s.is_empty() && seen.insert(s.to_lowercase()));
    kept.map(str::to_owned).collect()
}

/// JSON text of something that always can be written as JSON.
pub(crate) fn to_json<T: Serialize + ?Sized>(value: &T) -> String {
    serde_json::to_string(value).expect("maps with string keys, lists and scalars serialise")
}
