//! The one place that writes FAQs: each change goes to the change log of the index and to the FAQ's history, in the same
//! transaction.

use db::{DbError, Tx, params};

use super::history::{self, Kind};
use super::{Faq, Picture, RichItem, changed, keep, status, to_json};
use crate::Cx;

/// Which FAQ, and in whose name it is changed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct At<'a> {
    pub tenant: &'a str,
    pub helpdesk_id: i64,
    pub faq_id: i64,
    /// Nobody if a desk file does it.
    pub user_id: Option<&'a str>,
}

/// What a FAQ says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Said {
    pub category_id: Option<i64>,
    pub question: String,
    pub similar: Vec<String>,
    pub answer: String,
    pub richtext: Vec<RichItem>,
}

impl From<&Faq> for Said {
    fn from(faq: &Faq) -> Self {
        Self {
            category_id: faq.category_id,
            question: faq.question.clone(),
            similar: faq.similar.clone(),
            answer: faq.answer.clone(),
            richtext: faq.richtext.clone(),
        }
    }
}

/// Writes a new FAQ. `managed`: a desk file looks after it.
pub(crate) fn insert(
    tx: &mut Tx<'_>,
    cx: &Cx,
    at: &At<'_>,
    (said, pictures): (&Said, &[Picture]),
    managed: bool,
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO faq (tenant, helpdesk_id, faq_id, status, category_id, question, similar_questions, answer,
                          answer_richtext, managed, created_by, updated_by, created_at, updated_at)
         VALUES ($1, $2, $3, 1, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        &params![
            at.tenant,
            at.helpdesk_id,
            at.faq_id,
            said.category_id,
            &said.question,
            &to_json(&said.similar),
            &said.answer,
            &to_json(&said.richtext),
            i64::from(managed),
            at.user_id,
            at.user_id,
            cx.now,
            cx.now
        ],
    )?;
    keep(tx, cx, (at.tenant, at.helpdesk_id, at.faq_id), pictures)?;
    changed(tx, cx, at.tenant, at.helpdesk_id, at.faq_id)?;
    history::first(tx, cx, at, said)
}

/// Writes what a FAQ says from now on; one in the recycle bin is online then.
pub(crate) fn update(
    tx: &mut Tx<'_>,
    cx: &Cx,
    at: &At<'_>,
    (said, pictures): (&Said, &[Picture]),
    kind: Kind,
) -> Result<(), DbError> {
    // First, so that the help desk's row keeps two changes of one FAQ apart.
    changed(tx, cx, at.tenant, at.helpdesk_id, at.faq_id)?;
    let before = history::before(tx, at)?;
    tx.execute(
        "UPDATE faq SET status = 1, category_id = $1, question = $2, similar_questions = $3, answer = $4,
                        answer_richtext = $5, updated_by = $6, updated_at = $7, deleted_at = NULL
         WHERE tenant = $8 AND helpdesk_id = $9 AND faq_id = $10",
        &params![
            said.category_id,
            &said.question,
            &to_json(&said.similar),
            &said.answer,
            &to_json(&said.richtext),
            at.user_id,
            cx.now,
            at.tenant,
            at.helpdesk_id,
            at.faq_id
        ],
    )?;
    keep(tx, cx, (at.tenant, at.helpdesk_id, at.faq_id), pictures)?;
    history::add(tx, cx, at, (&before, said), kind)
}

/// Puts a FAQ that is online into the recycle bin.
pub(crate) fn bin(tx: &mut Tx<'_>, cx: &Cx, at: &At<'_>) -> Result<(), DbError> {
    shelve(tx, cx, at, (status::DELETED, Some(cx.now)), Kind::Deleted)
}

/// Takes a FAQ out of the recycle bin as it is.
pub(super) fn unbin(tx: &mut Tx<'_>, cx: &Cx, at: &At<'_>) -> Result<(), DbError> {
    shelve(tx, cx, at, (status::ONLINE, None), Kind::Restored)
}

fn shelve(
    tx: &mut Tx<'_>,
    cx: &Cx,
    at: &At<'_>,
    (status, deleted_at): (i64, Option<i64>),
    kind: Kind,
) -> Result<(), DbError> {
    changed(tx, cx, at.tenant, at.helpdesk_id, at.faq_id)?;
    let before = history::before(tx, at)?;
    tx.execute(
        "UPDATE faq SET status = $1, deleted_at = $2, updated_at = $3, updated_by = $4
         WHERE tenant = $5 AND helpdesk_id = $6 AND faq_id = $7",
        &params![status, deleted_at, cx.now, at.user_id, at.tenant, at.helpdesk_id, at.faq_id],
    )?;
    history::add(tx, cx, at, (&before, &before.said), kind)
}
