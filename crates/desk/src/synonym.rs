//! Words of a help desk's guests that stand for words of its FAQs, as found in answers that people confirmed. Each can be
//! switched off, and stays off then.

use std::collections::HashMap;

use db::{DbError, Row, Tx, params};

use crate::answer::Mode;
use crate::audit::Told;
use crate::directory::Helpdesk;
use crate::faq::{self, NO_FAQ};
use crate::question;
use crate::replay::{Evidence, Outcome};
use crate::{Cx, Kind, Refusal};

/// A pair of words.
#[derive(Debug, Clone, PartialEq)]
pub struct Synonym {
    /// Its decimal id.
    pub id: i64,
    /// What guests say, folded and stemmed.
    pub word: String,
    /// What FAQs say.
    pub means: String,
    /// How many different guests are behind it.
    pub guests: i64,
    /// How sure it is, in percent: 1 to 100.
    pub percent: i64,
    /// Whether somebody switched it off.
    pub off: bool,
    /// When it was found, Unix ms.
    pub found_at: i64,
}

/// A pair that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct New {
    /// See [`Synonym::word`].
    pub word: String,
    /// See [`Synonym::means`].
    pub means: String,
    /// See [`Synonym::guests`].
    pub guests: i64,
    /// See [`Synonym::percent`].
    pub percent: i64,
}

/// A question with what confirms an answer to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Confirmed {
    /// The guest's chat, of which each has one.
    pub chat_id: String,
    /// The guest's words.
    pub text: String,
    /// The FAQ that was right.
    pub faq_id: i64,
}

/// Confirmed answers to questions asked from `from` on (Unix ms), among the `limit` latest questions before `before`; and
/// where to go on.
pub fn confirmed(
    tx: &mut Tx<'_>,
    desk: &Helpdesk,
    from: i64,
    before: Option<&question::Position>,
    limit: i64,
) -> Result<(Vec<Confirmed>, Option<question::Position>), DbError> {
    let last = (i64::MAX, String::new());
    let (at, event_id) = before.unwrap_or(&last);
    let rows = tx.query(
        "SELECT chat_id, text, app_answer, app_shown, found, mode, solved, chosen_faq, agent_faq, asked_at, event_id
         FROM question
         WHERE tenant = $1 AND helpdesk_id = $2 AND (asked_at, event_id) < ($3, $4) AND asked_at >= $5
         ORDER BY asked_at DESC, event_id DESC LIMIT $6",
        &params![&desk.tenant, desk.id, *at, event_id, from, limit],
        |row| Ok((read_confirmed(row)?, (row.int(9)?, row.string(10)?))),
    )?;
    let full = i64::try_from(rows.len()) == Ok(limit);
    let next = rows.last().map(|row| row.1.clone()).filter(|_| full);
    Ok((rows.into_iter().filter_map(|row| row.0).collect(), next))
}

fn read_confirmed(row: &Row<'_>) -> Result<Option<Confirmed>, DbError> {
    let solved = row.opt_int(6)?.map(|solved| solved == 1);
    let found = if row.flag(3)? { row.opt_text(2)? } else { row.opt_text(4)? };
    // Only what was shown is of interest, and only if it helped.
    let found = if solved == Some(true) { question::matches(found.unwrap_or("[]"))? } else { Vec::new() };
    let (mode, chosen) = (row.opt_text(5)?.and_then(Mode::of), row.opt_int(7)?);
    let seen = question::seen_last(&found, mode, chosen);
    let evidence = Evidence::from(Outcome { seen, solved, chosen, by_agent: row.opt_int(8)? });
    let text = row.text(1)?;
    let Some((faq_id, _)) = evidence.right.filter(|_| !text.is_empty()) else { return Ok(None) };
    Ok(Some(Confirmed { chat_id: row.string(0)?, text: text.to_owned(), faq_id }))
}

/// All pairs of a help desk, those of most guests first.
pub fn all(tx: &mut Tx<'_>, desk: &Helpdesk) -> Result<Vec<Synonym>, DbError> {
    let mut all = tx.query(
        "SELECT synonym_id, word, means, guests, percent, off, found_at FROM synonym
         WHERE tenant = $1 AND helpdesk_id = $2",
        &params![&desk.tenant, desk.id],
        |row| {
            Ok(Synonym {
                id: row.int(0)?,
                word: row.string(1)?,
                means: row.string(2)?,
                guests: row.int(3)?,
                percent: row.int(4)?,
                off: row.flag(5)?,
                found_at: row.int(6)?,
            })
        },
    )?;
    all.sort_by(|a, b| b.guests.cmp(&a.guests).then_with(|| (&a.word, &a.means).cmp(&(&b.word, &b.means))));
    Ok(all)
}

/// Whether [`replace`] would change nothing of these pairs.
pub fn is_current(known: &[Synonym], found: &[New]) -> bool {
    let is = |there: &Synonym, new: &New| (&there.word, &there.means) == (&new.word, &new.means);
    let same = |new: &New| {
        known.iter().any(|there| is(there, new) && (there.guests, there.percent) == (new.guests, new.percent))
    };
    found.iter().all(same) && known.iter().all(|there| there.off || found.iter().any(|new| is(there, new)))
}

/// Makes the pairs those that were found; what is switched off stays so, found again or not. Indexes catch up if that
/// changes what they read. Answers whether it does.
pub fn replace(tx: &mut Tx<'_>, cx: &mut Cx, desk: &Helpdesk, found: &[New]) -> Result<bool, DbError> {
    let mut old: HashMap<(String, String), Synonym> =
        all(tx, desk)?.into_iter().map(|pair| ((pair.word.clone(), pair.means.clone()), pair)).collect();
    let mut changed = false;
    for new in found {
        match old.remove(&(new.word.clone(), new.means.clone())) {
            Some(there) if (there.guests, there.percent) == (new.guests, new.percent) => {}
            Some(there) => {
                tx.execute(
                    "UPDATE synonym SET guests = $1, percent = $2
                     WHERE tenant = $3 AND helpdesk_id = $4 AND synonym_id = $5",
                    &params![new.guests, new.percent, &desk.tenant, desk.id, there.id],
                )?;
                changed |= there.percent != new.percent && !there.off;
            }
            None => {
                tx.execute(
                    "INSERT INTO synonym (tenant, helpdesk_id, synonym_id, word, means, guests, percent, off, found_at)
                     VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8)",
                    &params![
                        &desk.tenant,
                        desk.id,
                        cx.ids.decimal(cx.now),
                        &new.word,
                        &new.means,
                        new.guests,
                        new.percent,
                        cx.now
                    ],
                )?;
                changed = true;
            }
        }
    }
    for gone in old.values().filter(|pair| !pair.off) {
        tx.execute(
            "DELETE FROM synonym WHERE tenant = $1 AND helpdesk_id = $2 AND synonym_id = $3",
            &params![&desk.tenant, desk.id, gone.id],
        )?;
        changed = true;
    }
    if changed {
        faq::changed(tx, cx, &desk.tenant, desk.id, NO_FAQ)?;
    }
    Ok(changed)
}

/// Switches a pair off or on again; it counts from the next question on.
pub fn switch(tx: &mut Tx<'_>, cx: &mut Cx, desk: &Helpdesk, id: i64, off: bool) -> Result<Synonym, Refusal> {
    let found = all(tx, desk)?.into_iter().find(|pair| pair.id == id);
    let mut pair = found.ok_or_else(|| Refusal::not_found(Kind::Synonym, id))?;
    let told = |off: bool| Some(if off { "off" } else { "on" }.to_owned());
    cx.told = Some(Told::change(id, told(pair.off), told(off)));
    if pair.off != off {
        tx.execute(
            "UPDATE synonym SET off = $1 WHERE tenant = $2 AND helpdesk_id = $3 AND synonym_id = $4",
            &params![off, &desk.tenant, desk.id, id],
        )?;
        faq::changed(tx, cx, &desk.tenant, desk.id, NO_FAQ)?;
        pair.off = off;
    }
    Ok(pair)
}
