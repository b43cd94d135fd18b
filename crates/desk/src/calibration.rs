//! How the built-in engine's log-odds become scores on a help desk, and what that is fitted to: what guests and agents
//! said about its answers. The fitting itself is the engine's.

use db::{DbError, Row, Tx, params};

use crate::answer::{Match, Mode};
use crate::directory::Helpdesk;
use crate::{Cx, question};

/// Questions that a fit looks at: the newest with a word on them.
pub const LABELS_MOST: i64 = 2_000;

/// A line through log-odds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Curve {
    /// What they are multiplied by; kept to six digits.
    pub slope: f64,
    /// What is added; kept to six digits.
    pub offset: f64,
}

/// The model as it is.
impl Default for Curve {
    fn default() -> Self {
        Self { slope: 1.0, offset: 0.0 }
    }
}

impl Curve {
    fn read(row: &Row<'_>, at: usize) -> Result<Self, DbError> {
        let curve = row.opt_int(at)?.zip(row.opt_int(at + 1)?);
        Ok(curve
            .map_or_else(Self::default, |(slope, shift)| Self { slope: millionth(slope), offset: millionth(shift) }))
    }
}

#[expect(clippy::cast_precision_loss, reason = "slopes and offsets in millionths are far below 2^52")]
fn millionth(number: i64) -> f64 {
    number as f64 / 1e6
}

#[expect(clippy::cast_possible_truncation, reason = "a cast saturates, and slopes and offsets are small")]
fn millionths(number: f64) -> i64 {
    (number * 1e6).round() as i64
}

/// Why a curve is as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The labels make the scores better.
    Better,
    /// There are too few.
    TooFew,
    /// A fit did no better than the model as it is.
    NoBetter,
}

impl Verdict {
    const ALL: [Self; 3] = [Self::Better, Self::TooFew, Self::NoBetter];

    /// The word in rows, in JSON and in metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Better => "better",
            Self::TooFew => "too_few",
            Self::NoBetter => "no_better",
        }
    }
}

/// What is stored of a help desk's calibration.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Kept {
    /// Grows with each change; 0 if nothing is stored.
    pub version: i64,
    /// In use.
    pub curve: Curve,
    /// Why; none if nothing has been fitted since the last reset.
    pub verdict: Option<Verdict>,
    /// Questions that the last fit looked at.
    pub labels: i64,
    /// The newest of them.
    pub seen: i64,
    /// Labels up to this one were forgotten by a reset; 0 if there was none.
    pub forgotten: i64,
    /// Unix ms of the last fit or reset; 0 if there was none.
    pub fitted_at: i64,
}

/// What somebody said about an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The guest: the best FAQ's answer solved it.
    Solved,
    /// The guest: it did not.
    NotSolved,
    /// The guest picked the best FAQ from a list.
    ChosenFirst,
    /// The guest picked another one.
    ChosenOther,
    /// An agent answered with the best FAQ.
    AgentFirst,
    /// An agent answered with another one.
    AgentOther,
}

/// A question with what somebody said about the engine's answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Label {
    /// Later ones are greater.
    pub id: i64,
    /// The chat: each guest of a help desk has one.
    pub guest: String,
    /// Who said what.
    pub kind: Kind,
    /// Raw log-odds of the best FAQ that the engine found.
    pub log_odds: f64,
    /// Whether it was the right one.
    pub right: bool,
}

/// The help desk's FAQ version, and how scores are made: what a question needs to know first, in one look.
pub fn current(tx: &mut Tx<'_>, desk: &Helpdesk) -> Result<(i64, Curve), DbError> {
    tx.query_one(
        "SELECT h.faq_version, c.slope, c.shift FROM helpdesk h
         LEFT JOIN calibration c ON c.tenant = h.tenant AND c.helpdesk_id = h.helpdesk_id
         WHERE h.tenant = $1 AND h.helpdesk_id = $2",
        &params![&desk.tenant, desk.id],
        |row| Ok((row.int(0)?, Curve::read(row, 1)?)),
    )
}

/// What is stored.
pub fn kept(tx: &mut Tx<'_>, desk: &Helpdesk) -> Result<Kept, DbError> {
    let kept = tx.query_opt(
        "SELECT version, slope, shift, verdict, labels, seen, forgotten, fitted_at FROM calibration
         WHERE tenant = $1 AND helpdesk_id = $2",
        &params![&desk.tenant, desk.id],
        |row| {
            let verdict = row.opt_text(3)?.and_then(|word| Verdict::ALL.into_iter().find(|v| v.as_str() == word));
            Ok(Kept {
                version: row.int(0)?,
                curve: Curve::read(row, 1)?,
                verdict,
                labels: row.int(4)?,
                seen: row.int(5)?,
                forgotten: row.int(6)?,
                fitted_at: row.int(7)?,
            })
        },
    )?;
    Ok(kept.unwrap_or_default())
}

/// Help desks with a label that no fit has seen, at most `limit`.
pub fn waiting(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<i64>, DbError> {
    tx.query(
        "SELECT h.helpdesk_id FROM helpdesk h
         LEFT JOIN calibration c ON c.tenant = h.tenant AND c.helpdesk_id = h.helpdesk_id
         WHERE COALESCE(c.seen, 0) < (
           SELECT MAX(q.label_id) FROM question q
           WHERE q.tenant = h.tenant AND q.helpdesk_id = h.helpdesk_id AND q.label_id IS NOT NULL
         )
         ORDER BY h.helpdesk_id LIMIT $1",
        &params![limit],
        |row| row.int(0),
    )
}

/// A question as the index of labels finds it.
struct Said {
    label_id: i64,
    guest: String,
    found: Vec<Match>,
    direct: bool,
    solved: Option<bool>,
    chosen: Option<i64>,
    agent: Option<i64>,
    by_app: bool,
}

/// What the labels after `forgotten` say, the newest first, out of the newest [`LABELS_MOST`] questions; and the newest
/// label's id, or `forgotten` if there is none.
pub fn labels(tx: &mut Tx<'_>, desk: &Helpdesk, forgotten: i64) -> Result<(Vec<Label>, i64), DbError> {
    let said = tx.query(
        "SELECT label_id, chat_id, found, mode, solved, chosen_faq, agent_faq, app_shown FROM question
         WHERE tenant = $1 AND helpdesk_id = $2 AND label_id > $3 ORDER BY label_id DESC LIMIT $4",
        &params![&desk.tenant, desk.id, forgotten, LABELS_MOST],
        |row| {
            Ok(Said {
                label_id: row.int(0)?,
                guest: row.string(1)?,
                found: question::matches(row.opt_text(2)?.unwrap_or("[]"))?,
                direct: row.opt_text(3)?.and_then(Mode::of) == Some(Mode::Direct),
                solved: row.opt_int(4)?.map(|solved| solved == 1),
                chosen: row.opt_int(5)?,
                agent: row.opt_int(6)?,
                by_app: row.flag(7)?,
            })
        },
    )?;
    let newest = said.first().map_or(forgotten, |said| said.label_id);
    Ok((said.iter().filter_map(label).collect(), newest))
}

/// What was said, as a label. An agent's word goes before the guest's, and "not solved" before a choice. None if it says
/// nothing about the engine: an app's answer was shown as well, or the best FAQ has no log-odds.
fn label(said: &Said) -> Option<Label> {
    let best = said.found.first()?;
    let log_odds = best.log_odds?;
    let picked = |faq_id: i64, first: Kind, other: Kind| {
        if faq_id == best.faq_id { (first, true) } else { (other, false) }
    };
    let (kind, right) = match (said.agent, said.chosen, said.solved) {
        _ if said.by_app => return None,
        (Some(faq_id), _, _) => picked(faq_id, Kind::AgentFirst, Kind::AgentOther),
        (None, Some(_), Some(false)) => (Kind::NotSolved, false),
        (None, Some(faq_id), _) => picked(faq_id, Kind::ChosenFirst, Kind::ChosenOther),
        (None, None, Some(true)) if said.direct => (Kind::Solved, true),
        (None, None, Some(false)) if said.direct => (Kind::NotSolved, false),
        (None, None, _) => return None,
    };
    Some(Label { id: said.label_id, guest: said.guest.clone(), kind, log_odds, right })
}

/// Stores a fit that was made from `before`. Says whether it did: not if another server was faster, or a reset was.
pub fn keep(tx: &mut Tx<'_>, desk: &Helpdesk, before: &Kept, fitted: &Kept) -> Result<bool, DbError> {
    let (slope, shift) = (millionths(fitted.curve.slope), millionths(fitted.curve.offset));
    let verdict = fitted.verdict.map(Verdict::as_str);
    let rows = if before.version == 0 {
        tx.execute(
            "INSERT INTO calibration (tenant, helpdesk_id, version, slope, shift, verdict, labels, seen, forgotten,
                                      fitted_at)
             VALUES ($1, $2, 1, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (tenant, helpdesk_id) DO NOTHING",
            &params![
                &desk.tenant,
                desk.id,
                slope,
                shift,
                verdict,
                fitted.labels,
                fitted.seen,
                fitted.forgotten,
                fitted.fitted_at
            ],
        )?
    } else {
        tx.execute(
            "UPDATE calibration SET version = version + 1, slope = $1, shift = $2, verdict = $3, labels = $4, seen = $5,
                                    forgotten = $6, fitted_at = $7
             WHERE tenant = $8 AND helpdesk_id = $9 AND version = $10",
            &params![
                slope,
                shift,
                verdict,
                fitted.labels,
                fitted.seen,
                fitted.forgotten,
                fitted.fitted_at,
                &desk.tenant,
                desk.id,
                before.version
            ],
        )?
    };
    Ok(rows > 0)
}

/// Goes back to the model's own scores and forgets all labels so far.
pub fn reset(tx: &mut Tx<'_>, cx: &mut Cx, desk: &Helpdesk) -> Result<(), DbError> {
    let before = kept(tx, desk)?;
    let now = cx.ids.decimal(cx.now);
    let none = Kept { seen: now, forgotten: now, fitted_at: cx.now, ..Kept::default() };
    keep(tx, desk, &before, &none)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said() -> Said {
        let found = |faq_id, log_odds| Match { faq_id, score: 0.5, log_odds };
        Said {
            label_id: 1,
            guest: "oc_1".into(),
            found: vec![found(10, Some(1.5)), found(11, Some(0.5)), found(12, None)],
            direct: false,
            solved: None,
            chosen: None,
            agent: None,
            by_app: false,
        }
    }

    #[test]
    fn a_label_is_what_the_last_word_says_about_the_engine() {
        let direct = || Said { direct: true, ..said() };
        for (said, wanted) in [
            (said(), None),
            // A list cannot be solved, only chosen from.
            (Said { solved: Some(true), ..said() }, None),
            (Said { solved: Some(true), ..direct() }, Some((Kind::Solved, true))),
            (Said { solved: Some(false), ..direct() }, Some((Kind::NotSolved, false))),
            (Said { chosen: Some(10), ..said() }, Some((Kind::ChosenFirst, true))),
            (Said { chosen: Some(10), solved: Some(true), ..said() }, Some((Kind::ChosenFirst, true))),
            (Said { chosen: Some(11), ..said() }, Some((Kind::ChosenOther, false))),
            (Said { chosen: Some(10), solved: Some(false), ..said() }, Some((Kind::NotSolved, false))),
            (Said { chosen: Some(11), solved: Some(false), ..said() }, Some((Kind::NotSolved, false))),
            (Said { agent: Some(10), solved: Some(false), ..direct() }, Some((Kind::AgentFirst, true))),
            (Said { agent: Some(11), chosen: Some(10), ..said() }, Some((Kind::AgentOther, false))),
            (Said { agent: Some(99), ..said() }, Some((Kind::AgentOther, false))),
            (Said { by_app: true, agent: Some(10), ..direct() }, None),
            (Said { found: Vec::new(), agent: Some(10), ..said() }, None),
        ] {
            let label = label(&said);
            assert!(label.as_ref().is_none_or(|label| label.log_odds.to_bits() == 1.5_f64.to_bits()));
            assert_eq!(label.map(|label| (label.kind, label.right)), wanted);
        }
        // The best one was an exact match.
        let mut exact = Said { chosen: Some(11), ..said() };
        exact.found[0].log_odds = None;
        assert_eq!(label(&exact), None);
    }

    #[test]
    fn curves_survive_being_stored() {
        for number in [1.0, 0.25, -3.999_999, 0.0, 1.234_567] {
            assert!((millionth(millionths(number)) - number).abs() < 1e-9);
        }
    }
}
