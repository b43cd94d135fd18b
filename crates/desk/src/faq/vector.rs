//! Sentence vectors of FAQs' texts: which are missing, and how they are stored. The vectors themselves are made outside
//! of any transaction.
//!
//! Each help desk and model has a state: a first pass over all FAQs in the order of their ids, after it the changes by
//! version. One server at a time holds it, so that several share the work of many help desks. Everything is found by
//! looking at what is missing, so a lost step is done again and nothing is done twice for good.

use std::collections::{BTreeMap, HashSet};

use db::{DbError, Tx, params};
use sha2::{Digest as _, Sha256};

use super::{CHANGES_KEPT, Indexed, online_after, read_indexed, version};
use crate::directory::Helpdesk;

/// How long a server holds a help desk's vectors without a sign of life, in ms.
pub const HOLD_MS: i64 = 60_000;
/// Vectors of another model are deleted once no server has worked with it for this long, in ms: a day, so that servers
/// with different models can take over from each other.
pub const OLD_MODEL_MS: i64 = 86_400_000;
/// How often the holder of a finished help desk says that its model is in use, in ms.
const TOUCH_MS: i64 = OLD_MODEL_MS / 4;
/// FAQs looked at in one step.
const PAGE: i64 = 64;
/// Vectors deleted in one transaction.
const SLICE: i64 = 500;

/// The number by which a text stands in the database: the first 8 bytes of its SHA-256.
pub fn text_hash(text: &str) -> i64 {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().take(8).fold(0_i64, |hash, byte| (hash << 8) | i64::from(*byte))
}

/// The hashes of all texts of a FAQ that have vectors: the question and the similar questions.
pub fn text_hashes(question: &str, similar: &[String]) -> Vec<i64> {
    std::iter::once(question).chain(similar.iter().map(String::as_str)).map(text_hash).collect()
}

/// A text without a vector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The FAQ.
    pub faq_id: i64,
    /// See [`text_hash`].
    pub hash: i64,
    /// The text.
    pub text: String,
}

/// What to do next for a help desk.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Step {
    /// Texts to make vectors of.
    pub missing: Vec<Missing>,
    /// FAQs whose other texts are gone: delete the vectors of all hashes but these.
    keep: BTreeMap<i64, Vec<i64>>,
    /// The state after all this; the same as before if there is more of the same FAQs.
    next: Position,
}

/// Where the work is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Position {
    pass_after: Option<i64>,
    version: i64,
    total: i64,
    done: i64,
}

/// A stored vector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The FAQ.
    pub faq_id: i64,
    /// See [`text_hash`].
    pub hash: i64,
    /// Signed bytes.
    pub vector: Vec<i8>,
}

/// How far the first passes of all help desks are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// FAQs that are looked at.
    pub total: i64,
    /// FAQs whose vectors are there.
    pub done: i64,
}

/// Ids of help desks with something to do for `model` that no other server holds, at most `limit`.
pub fn waiting(tx: &mut Tx<'_>, model: &str, holder: &str, now_ms: i64, limit: i64) -> Result<Vec<i64>, DbError> {
    tx.query(
        "SELECT h.helpdesk_id FROM helpdesk h
         LEFT JOIN faq_vector_state s ON s.tenant = h.tenant AND s.helpdesk_id = h.helpdesk_id AND s.model = $1
         WHERE s.model IS NULL
            OR ((s.pass_after IS NOT NULL OR s.version < h.faq_version OR s.held_until < $2)
                AND (s.holder = $3 OR s.held_until < $4))
         ORDER BY h.helpdesk_id LIMIT $5",
        &params![model, now_ms - TOUCH_MS, holder, now_ms, limit],
        |row| row.int(0),
    )
}

/// Takes the help desk's vectors for this server, or says that another one holds them.
pub fn claim(tx: &mut Tx<'_>, desk: &Helpdesk, model: &str, holder: &str, now_ms: i64) -> Result<bool, DbError> {
    let claimed = tx.execute(
        "UPDATE faq_vector_state SET holder = $1, held_until = $2
         WHERE tenant = $3 AND helpdesk_id = $4 AND model = $5 AND (holder = $6 OR held_until < $7)",
        &params![holder, now_ms + HOLD_MS, &desk.tenant, desk.id, model, holder, now_ms],
    )?;
    if claimed > 0 {
        return Ok(true);
    }
    let begin = begin(tx, desk)?;
    let inserted = tx.execute(
        "INSERT INTO faq_vector_state (tenant, helpdesk_id, model, batch, pass_after, version, total, done, holder, held_until)
         VALUES ($1, $2, $3, 0, 0, $4, $5, 0, $6, $7) ON CONFLICT (tenant, helpdesk_id, model) DO NOTHING",
        &params![&desk.tenant, desk.id, model, begin.version, begin.total, holder, now_ms + HOLD_MS],
    )?;
    Ok(inserted > 0)
}

/// The beginning of a pass.
fn begin(tx: &mut Tx<'_>, desk: &Helpdesk) -> Result<Position, DbError> {
    let total = tx.query_one(
        "SELECT COUNT(*) FROM faq WHERE tenant = $1 AND helpdesk_id = $2 AND status = 1",
        &params![&desk.tenant, desk.id],
        |row| row.int(0),
    )?;
    Ok(Position { pass_after: Some(0), version: version(tx, desk)?, total, done: 0 })
}

/// The next step for a help desk, with at most `texts` texts of together at most `chars` characters (or one longer
/// one); none if everything is done.
pub fn next(
    tx: &mut Tx<'_>,
    desk: &Helpdesk,
    model: &str,
    (texts, chars): (usize, usize),
) -> Result<Option<Step>, DbError> {
    let at = tx.query_one(
        "SELECT pass_after, version, total, done FROM faq_vector_state
         WHERE tenant = $1 AND helpdesk_id = $2 AND model = $3",
        &params![&desk.tenant, desk.id, model],
        |row| Ok(Position { pass_after: row.opt_int(0)?, version: row.int(1)?, total: row.int(2)?, done: row.int(3)? }),
    )?;
    let now = version(tx, desk)?;
    let (faqs, next) = match at.pass_after {
        Some(after) => pass(tx, desk, at, after)?,
        None if now == at.version => return Ok(None),
        None if now - at.version >= CHANGES_KEPT => (Vec::new(), begin(tx, desk)?),
        None => changes(tx, desk, at)?,
    };
    let mut step = Step { next, ..Step::default() };
    let mut room = chars;
    for faq in faqs {
        let stored = hashes(tx, desk, model, faq.faq_id)?;
        let (question, similar) = faq.text.map(|(question, similar, _)| (question, similar)).unzip();
        let all: Vec<String> = question.into_iter().chain(similar.unwrap_or_default()).collect();
        let now: Vec<(i64, String)> = all.into_iter().map(|text| (text_hash(&text), text)).collect();
        if stored.iter().any(|hash| now.iter().all(|(wanted, _)| wanted != hash)) {
            step.keep.insert(faq.faq_id, now.iter().map(|(hash, _)| *hash).collect());
        }
        let mut seen = stored;
        for (hash, text) in now {
            if !seen.insert(hash) {
                continue;
            }
            let length = text.chars().count();
            if step.missing.len() >= texts || (length > room && !step.missing.is_empty()) {
                step.next = at;
                return Ok(Some(step));
            }
            room = room.saturating_sub(length);
            step.missing.push(Missing { faq_id: faq.faq_id, hash, text });
        }
    }
    Ok(Some(step))
}

/// The next FAQs of a pass, and where it is after them.
fn pass(tx: &mut Tx<'_>, desk: &Helpdesk, at: Position, after: i64) -> Result<(Vec<Indexed>, Position), DbError> {
    let faqs = online_after(tx, desk, after, PAGE)?;
    let next = match faqs.last() {
        Some(last) => {
            let done = (at.done + i64::try_from(faqs.len()).unwrap_or(PAGE)).min(at.total);
            Position { pass_after: Some(last.faq_id), done, ..at }
        }
        None => Position { pass_after: None, done: at.total, ..at },
    };
    Ok((faqs, next))
}

/// The next changed FAQs, each once and as it is now, and where the work is after them.
fn changes(tx: &mut Tx<'_>, desk: &Helpdesk, at: Position) -> Result<(Vec<Indexed>, Position), DbError> {
    let rows = tx.query(
        "SELECT h.faq_id, f.status, f.question, f.similar_questions, f.answer, h.version
         FROM faq_change h
         LEFT JOIN faq f ON f.tenant = h.tenant AND f.helpdesk_id = h.helpdesk_id AND f.faq_id = h.faq_id
         WHERE h.tenant = $1 AND h.helpdesk_id = $2 AND h.version > $3 ORDER BY h.version LIMIT $4",
        &params![&desk.tenant, desk.id, at.version, PAGE],
        |row| Ok((read_indexed(row)?, row.int(5)?)),
    )?;
    // Without a row the version that was read is of changes that are not kept: they begin anew.
    let Some(version) = rows.last().map(|row| row.1) else { return Ok((Vec::new(), begin(tx, desk)?)) };
    let mut seen = HashSet::new();
    let faqs = rows.into_iter().map(|row| row.0).filter(|faq| seen.insert(faq.faq_id)).collect();
    Ok((faqs, Position { version, ..at }))
}

fn hashes(tx: &mut Tx<'_>, desk: &Helpdesk, model: &str, faq_id: i64) -> Result<HashSet<i64>, DbError> {
    let found = tx.query(
        "SELECT text_hash FROM faq_vector WHERE tenant = $1 AND helpdesk_id = $2 AND model = $3 AND faq_id = $4",
        &params![&desk.tenant, desk.id, model, faq_id],
        |row| row.int(0),
    )?;
    Ok(found.into_iter().collect())
}

/// Stores what a step wanted, `vectors` in the order of its missing texts, and moves on. False, and nothing is written,
/// if another server holds the help desk by now.
pub fn store(
    tx: &mut Tx<'_>,
    desk: &Helpdesk,
    model: &str,
    holder: &str,
    (step, vectors): (&Step, &[Vec<i8>]),
) -> Result<bool, DbError> {
    let Position { pass_after, version, total, done } = step.next;
    let stored = i64::from(!step.missing.is_empty());
    let batch = tx.query_opt(
        "UPDATE faq_vector_state SET batch = batch + $1, pass_after = $2, version = $3, total = $4, done = $5
         WHERE tenant = $6 AND helpdesk_id = $7 AND model = $8 AND holder = $9 RETURNING batch",
        &params![stored, pass_after, version, total, done, &desk.tenant, desk.id, model, holder],
        |row| row.int(0),
    )?;
    let Some(batch) = batch else { return Ok(false) };
    for (missing, vector) in step.missing.iter().zip(vectors) {
        let bytes: Vec<u8> = vector.iter().map(|x| x.cast_unsigned()).collect();
        tx.execute(
            "INSERT INTO faq_vector (tenant, helpdesk_id, model, faq_id, text_hash, batch, vector)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (tenant, helpdesk_id, model, faq_id, text_hash)
             DO UPDATE SET batch = excluded.batch, vector = excluded.vector",
            &params![&desk.tenant, desk.id, model, missing.faq_id, missing.hash, batch, &bytes],
        )?;
    }
    for (faq_id, keep) in &step.keep {
        for hash in hashes(tx, desk, model, *faq_id)? {
            if !keep.contains(&hash) {
                tx.execute(
                    "DELETE FROM faq_vector
                     WHERE tenant = $1 AND helpdesk_id = $2 AND model = $3 AND faq_id = $4 AND text_hash = $5",
                    &params![&desk.tenant, desk.id, model, *faq_id, hash],
                )?;
            }
        }
    }
    Ok(true)
}

/// Number of the last batch stored; 0 before the first.
pub fn batch(tx: &mut Tx<'_>, desk: &Helpdesk, model: &str) -> Result<i64, DbError> {
    let found = tx.query_opt(
        "SELECT batch FROM faq_vector_state WHERE tenant = $1 AND helpdesk_id = $2 AND model = $3",
        &params![&desk.tenant, desk.id, model],
        |row| row.int(0),
    )?;
    Ok(found.unwrap_or(0))
}

/// Vectors of batches after `since`, whole batches of together about `limit` vectors, and the number of the last one.
/// `limit` has to be more than a batch holds. Empty if there are none.
pub fn stored_after(
    tx: &mut Tx<'_>,
    desk: &Helpdesk,
    model: &str,
    since: i64,
    limit: i64,
) -> Result<(Vec<Stored>, i64), DbError> {
    let mut rows = tx.query(
        "SELECT faq_id, text_hash, vector, batch FROM faq_vector
         WHERE tenant = $1 AND helpdesk_id = $2 AND model = $3 AND batch > $4 ORDER BY batch LIMIT $5",
        &params![&desk.tenant, desk.id, model, since, limit],
        |row| {
            let vector = row.bytes(2)?.iter().map(|x| x.cast_signed()).collect();
            Ok((Stored { faq_id: row.int(0)?, hash: row.int(1)?, vector }, row.int(3)?))
        },
    )?;
    let mut last = rows.last().map_or(since, |row| row.1);
    if i64::try_from(rows.len()).unwrap_or(limit) == limit {
        // The last batch may be cut; it comes whole with the next page.
        rows.retain(|row| row.1 < last);
        last = rows.last().map_or(since, |row| row.1);
    }
    Ok((rows.into_iter().map(|row| row.0).collect(), last))
}

/// Deletes some vectors of models that no server has worked with for [`OLD_MODEL_MS`], of a help desk whose first pass
/// with `model` is through; answers whether there is more.
pub fn delete_old(tx: &mut Tx<'_>, model: &str, now_ms: i64) -> Result<bool, DbError> {
    let old = tx.query_opt(
        "SELECT o.tenant, o.helpdesk_id, o.model FROM faq_vector_state o
         JOIN faq_vector_state s ON s.tenant = o.tenant AND s.helpdesk_id = o.helpdesk_id AND s.model = $1
         WHERE s.pass_after IS NULL AND o.model <> $2 AND o.held_until < $3 LIMIT 1",
        &params![model, model, now_ms - OLD_MODEL_MS],
        |row| Ok((row.string(0)?, row.int(1)?, row.string(2)?)),
    )?;
    let Some((tenant, helpdesk_id, old)) = old else { return Ok(false) };
    let cut = tx.query(
        "SELECT faq_id FROM faq_vector WHERE tenant = $1 AND helpdesk_id = $2 AND model = $3
         ORDER BY faq_id LIMIT $4",
        &params![&tenant, helpdesk_id, &old, SLICE],
        |row| row.int(0),
    )?;
    match cut.last() {
        Some(last) => tx.execute(
            "DELETE FROM faq_vector WHERE tenant = $1 AND helpdesk_id = $2 AND model = $3 AND faq_id <= $4",
            &params![&tenant, helpdesk_id, &old, *last],
        )?,
        None => tx.execute(
            "DELETE FROM faq_vector_state WHERE tenant = $1 AND helpdesk_id = $2 AND model = $3",
            &params![&tenant, helpdesk_id, &old],
        )?,
    };
    Ok(true)
}

/// How far the first passes with `model` are, over all help desks that have begun.
pub fn progress(tx: &mut Tx<'_>, model: &str) -> Result<Progress, DbError> {
    let states = tx.query("SELECT total, done FROM faq_vector_state WHERE model = $1", &params![model], |row| {
        Ok((row.int(0)?, row.int(1)?))
    })?;
    Ok(states
        .iter()
        .fold(Progress::default(), |sum, (total, done)| Progress { total: sum.total + total, done: sum.done + done }))
}
