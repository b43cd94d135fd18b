//! What people decided, and how long that stands.

use std::collections::HashMap;

use db::{DbError, Row, Tx, params};
use serde::Serialize;

use super::TEXTS_KEPT;
use crate::directory::{Helpdesk, json};
use crate::faq::to_json;
use crate::{Cx, Refusal};

/// How many guests have to ask in vain before a rejected group comes back, at least.
const GUESTS_BACK: usize = 3;

/// What was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Similar questions were added to a FAQ.
    Similar,
    /// A FAQ was made.
    Draft,
    /// Nothing is to be done about a group.
    Rejected,
    /// Two FAQs that ask nearly the same stay two.
    Apart,
}

impl Kind {
    /// Its word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Similar => "similar",
            Self::Draft => "draft",
            Self::Rejected => "rejected",
            Self::Apart => "apart",
        }
    }

    fn stored(word: &str) -> Result<Self, DbError> {
        let all = [Self::Similar, Self::Draft, Self::Rejected, Self::Apart];
        let found = all.into_iter().find(|kind| kind.as_str() == word);
        found.ok_or_else(|| DbError::Corrupt(format!("unknown kind of decision {word:?}")))
    }
}

/// A decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// 19 digits; they grow with time.
    pub id: i64,
    /// What was decided.
    pub kind: Kind,
    /// When, Unix ms.
    pub at: i64,
    /// Who decided, as open id and name; none if they are gone.
    pub by: Option<(String, String)>,
    /// The text that stood for the group; for two FAQs, one of the texts that made them alike.
    pub question: String,
    /// The group's different texts, at most [`TEXTS_KEPT`]; for two FAQs, those that made them alike.
    pub texts: Vec<String>,
    /// How many guests had asked in vain.
    pub guests: usize,
    /// What was proposed: see [`super::Proposal::word`].
    pub proposed: String,
    /// The FAQ that was changed or made, or the first of two.
    pub faq_id: Option<i64>,
    /// The second of two FAQs.
    pub other_faq: Option<i64>,
    /// The similar questions that were added.
    pub added: Vec<String>,
    /// Why, in the words of who decided.
    pub reason: Option<String>,
}

impl Decision {
    /// Whether this is about a group, and something was done.
    pub fn is_approval(&self) -> bool {
        matches!(self.kind, Kind::Similar | Kind::Draft)
    }

    /// Whether a group that was rejected by this is to be seen again: as many guests have asked in vain since as had
    /// before, and three at least, or there is a proposal that was not there then.
    pub(super) fn is_outdated(&self, guests_since: usize, proposed: &str) -> bool {
        guests_since >= self.guests.max(GUESTS_BACK) || (proposed != self.proposed && proposed != super::propose::NONE)
    }

    /// Whether it keeps these two FAQs apart. It does as long as texts that were known then make them alike.
    pub fn keeps_apart(&self, (one, other): (i64, i64), texts: &[(String, String)]) -> bool {
        let of_them = self.kind == Kind::Apart && (self.faq_id, self.other_faq) == (Some(one), Some(other));
        of_them && texts.iter().all(|(one, other)| self.texts.contains(one) && self.texts.contains(other))
    }
}

/// What a decision is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// The text that stands for the group.
    pub question: String,
    /// The group's different texts.
    pub texts: Vec<String>,
    /// How many guests asked in vain.
    pub guests: usize,
    /// What is proposed: see [`super::Proposal::word`].
    pub proposed: String,
    /// The last decision that was known when this was proposed.
    pub seen: i64,
}

/// The FAQs of a decision and what became of them.
#[derive(Debug, Clone, Default)]
pub(super) struct Done {
    pub faq_id: Option<i64>,
    pub other_faq: Option<i64>,
    pub added: Vec<String>,
    pub reason: Option<String>,
}

/// Refuses to decide twice: what has been decided since `seen` may have changed what is proposed.
pub(super) fn require_open(tx: &mut Tx<'_>, desk: &Helpdesk, decided: &Decided) -> Result<(), Refusal> {
    let since = tx.query(
        "SELECT texts FROM gap_decision WHERE tenant = $1 AND helpdesk_id = $2 AND decision_id > $3",
        &params![&desk.tenant, desk.id, decided.seen],
        |row| json::<Vec<String>>(row.text(0)?),
    )?;
    if since.iter().flatten().any(|text| decided.texts.contains(text)) {
        return Err(Refusal::invalid("gap_id", "somebody has just decided about this; read the list again"));
    }
    Ok(())
}

/// Puts a decision on record.
pub(super) fn note(
    tx: &mut Tx<'_>,
    cx: &Cx,
    desk: &Helpdesk,
    user_id: &str,
    (kind, decided, done): (Kind, &Decided, Done),
) -> Result<Decision, Refusal> {
    let id = cx.ids.decimal(cx.now);
    let texts = &decided.texts[..decided.texts.len().min(TEXTS_KEPT)];
    tx.execute(
        "INSERT INTO gap_decision (tenant, helpdesk_id, decision_id, kind, decided_at, decided_by, question, texts,
                                   guests, proposed, faq_id, other_faq, added, reason)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        &params![
            &desk.tenant,
            desk.id,
            id,
            kind.as_str(),
            cx.now,
            user_id,
            &decided.question,
            &to_json(texts),
            i64::try_from(decided.guests).unwrap_or(i64::MAX),
            &decided.proposed,
            done.faq_id,
            done.other_faq,
            &to_json(&done.added),
            &done.reason
        ],
    )?;
    let made = decisions(tx, desk, id.saturating_add(1), 1)?.pop();
    made.ok_or_else(|| DbError::NoRow.into())
}

macro_rules! select {
    ($condition:literal) => {
        concat!(
            "SELECT decision_id, kind, decided_at, question, texts, guests, proposed, faq_id, other_faq, added, reason,
                    person.open_id, person.name
             FROM gap_decision
             LEFT JOIN person ON person.tenant = gap_decision.tenant AND person.user_id = gap_decision.decided_by
             WHERE gap_decision.tenant = $1 AND helpdesk_id = $2 AND decision_id < $3",
            $condition,
            " ORDER BY decision_id DESC LIMIT $4"
        )
    };
}

/// Decisions before the decision `before`, the newest first.
pub fn decisions(tx: &mut Tx<'_>, desk: &Helpdesk, before: i64, limit: i64) -> Result<Vec<Decision>, DbError> {
    tx.query(select!(""), &params![&desk.tenant, desk.id, before, limit], read)
}

/// The same, of decisions that keep two FAQs apart.
pub fn apart(tx: &mut Tx<'_>, desk: &Helpdesk, before: i64, limit: i64) -> Result<Vec<Decision>, DbError> {
    tx.query(select!(" AND kind = 'apart'"), &params![&desk.tenant, desk.id, before, limit], read)
}

/// The same, of decisions about groups.
pub fn about_groups(tx: &mut Tx<'_>, desk: &Helpdesk, before: i64, limit: i64) -> Result<Vec<Decision>, DbError> {
    tx.query(select!(" AND kind <> 'apart'"), &params![&desk.tenant, desk.id, before, limit], read)
}

fn read(row: &Row<'_>) -> Result<Decision, DbError> {
    let by = match row.opt_string(11)? {
        Some(open_id) => Some((open_id, row.string(12)?)),
        None => None,
    };
    Ok(Decision {
        id: row.int(0)?,
        kind: Kind::stored(row.text(1)?)?,
        at: row.int(2)?,
        by,
        question: row.string(3)?,
        texts: json(row.text(4)?)?,
        guests: usize::try_from(row.int(5)?).unwrap_or(0),
        proposed: row.string(6)?,
        faq_id: row.opt_int(7)?,
        other_faq: row.opt_int(8)?,
        added: json(row.text(9)?)?,
        reason: row.opt_string(10)?,
    })
}

/// The id of the last decision; 0 if there is none.
pub fn latest(tx: &mut Tx<'_>, desk: &Helpdesk) -> Result<i64, DbError> {
    let found = tx.query_opt(
        "SELECT decision_id FROM gap_decision WHERE tenant = $1 AND helpdesk_id = $2 ORDER BY decision_id DESC LIMIT 1",
        &params![&desk.tenant, desk.id],
        |row| row.int(0),
    )?;
    Ok(found.unwrap_or(0))
}

/// Decisions about groups, found by the keys of their texts. The newest ones come first.
pub(super) struct ByKey<'d> {
    decisions: &'d [Decision],
    places: HashMap<u64, Vec<usize>>,
}

impl<'d> ByKey<'d> {
    /// `keys` are those of each decision's texts.
    pub fn new(decisions: &'d [Decision], keys: &[Vec<u64>]) -> Self {
        let mut places: HashMap<u64, Vec<usize>> = HashMap::new();
        for (place, (decision, keys)) in decisions.iter().zip(keys).enumerate() {
            if decision.kind != Kind::Apart {
                for key in keys {
                    places.entry(*key).or_default().push(place);
                }
            }
        }
        Self { decisions, places }
    }

    /// The last approval of any of these texts, and the last rejection after it.
    pub fn of(&self, keys: &[u64]) -> (Option<&'d Decision>, Option<&'d Decision>) {
        let mut places: Vec<usize> = keys.iter().filter_map(|key| self.places.get(key)).flatten().copied().collect();
        places.sort_unstable();
        let found = places.iter().map(|place| &self.decisions[*place]);
        let mut rejected = None;
        for decision in found {
            if decision.is_approval() {
                return (Some(decision), rejected);
            }
            rejected = rejected.or(Some(decision));
        }
        (None, rejected)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub fn decision(id: i64, kind: Kind, guests: usize, proposed: &str) -> Decision {
        Decision {
            id,
            kind,
            at: id,
            by: None,
            question: "where is my invoice".into(),
            texts: vec!["where is my invoice".into()],
            guests,
            proposed: proposed.into(),
            faq_id: None,
            other_faq: None,
            added: Vec::new(),
            reason: None,
        }
    }

    #[test]
    fn a_rejection_stands_until_there_is_new_evidence() {
        let rejected = decision(1, Kind::Rejected, 4, "none");
        assert!(!rejected.is_outdated(3, "none") && rejected.is_outdated(4, "none"));
        assert!(rejected.is_outdated(0, "draft") && rejected.is_outdated(0, "similar 7"));
        let once = decision(1, Kind::Rejected, 1, "similar 7");
        assert!(!once.is_outdated(2, "similar 7") && once.is_outdated(3, "similar 7"));
        assert!(once.is_outdated(0, "similar 8") && !once.is_outdated(0, "none"));
    }

    #[test]
    fn the_last_word_on_any_text_of_a_group_counts() {
        let all = [
            decision(9, Kind::Rejected, 1, "none"),
            decision(8, Kind::Draft, 1, "draft"),
            decision(7, Kind::Rejected, 1, "none"),
        ];
        let found = ByKey::new(&all, &[vec![1], vec![1, 2], vec![2]]);
        let ids = |keys: &[u64]| {
            let (approved, rejected) = found.of(keys);
            (approved.map(|d| d.id), rejected.map(|d| d.id))
        };
        assert_eq!(ids(&[1]), (Some(8), Some(9)));
        assert_eq!(ids(&[2]), (Some(8), None));
        assert_eq!(ids(&[3]), (None, None));
    }

    #[test]
    fn a_pair_is_apart_while_known_texts_make_it() {
        let mut apart = decision(1, Kind::Apart, 0, "none");
        (apart.faq_id, apart.other_faq) = (Some(1), Some(2));
        apart.texts = vec!["a".into(), "b".into()];
        let texts = |one: &str, other: &str| vec![(one.to_owned(), other.to_owned())];
        assert!(apart.keeps_apart((1, 2), &texts("a", "b")));
        assert!(!apart.keeps_apart((1, 2), &texts("a", "c")) && !apart.keeps_apart((1, 3), &texts("a", "b")));
    }
}
