//! FAQs as they would be after a change, as a difference to those that are online.

use std::collections::{HashMap, HashSet};

use db::{DbError, Tx, params};

use crate::deskfile::types;
use crate::directory::{Helpdesk, json};
use crate::faq::{self, ANSWER_MAX, Content, QUESTION_MAX, SIMILAR_MAX, tidy_similar};
use crate::{Kind, Refusal, ids};

/// Most FAQs that are edited, and most that are deleted, in one change.
pub const EDITS_MAX: usize = 1_000;
/// FAQs read in one go.
const PAGE: i64 = 2_000;

/// What a FAQ says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text {
    /// The question.
    pub question: String,
    /// Other ways to ask it.
    pub similar: Vec<String>,
    /// The answer in plain text.
    pub answer: String,
}

/// A FAQ as it would be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Put {
    /// Of a FAQ that would be new, a number below 0: see [`word`].
    pub id: i64,
    /// What it would say.
    pub text: Text,
}

/// What would be other than it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Difference {
    /// FAQs that would be new or say something else.
    pub put: Vec<Put>,
    /// FAQs that would be online no more.
    pub remove: Vec<i64>,
}

impl Difference {
    /// Whether everything stays as it is.
    pub fn is_empty(&self) -> bool {
        self.put.is_empty() && self.remove.is_empty()
    }
}

/// The number of a FAQ that would be new, by its place in the list that names it.
fn new_at(place: usize) -> i64 {
    -1 - i64::try_from(place).unwrap_or(i64::MAX - 1)
}

/// How people name a FAQ: its id, or for one that would be new its place in the list, such as `faqs[0]`.
pub fn word(faq_id: i64) -> String {
    if faq_id < 0 { format!("faqs[{}]", -1 - faq_id) } else { faq_id.to_string() }
}

/// A FAQ to be changed, or to be made. What is `None` stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edit {
    /// Which FAQ; none for a new one.
    pub id: Option<String>,
    /// The question.
    pub question: Option<String>,
    /// Other ways to ask it.
    pub similar: Option<Vec<String>>,
    /// The answer in plain text.
    pub answer: Option<String>,
}

/// The difference that some edits and deletions make.
///
/// # Errors
/// Names the first edit that is wrong, as `faqs[0].question` or `deleted[0]`.
pub fn edited(tx: &mut Tx<'_>, desk: &Helpdesk, edits: &[Edit], deleted: &[String]) -> Result<Difference, Refusal> {
    for (field, count) in [("faqs", edits.len()), ("deleted", deleted.len())] {
        if count > EDITS_MAX {
            return Err(Refusal::invalid(field, format!("{count} are given, at most {EDITS_MAX} are allowed")));
        }
    }
    let mut seen = HashSet::new();
    let mut difference = Difference::default();
    for (place, edit) in edits.iter().enumerate() {
        let at = format!("faqs[{place}]");
        let (id, old) = match &edit.id {
            None => (new_at(place), Text::default()),
            Some(id) => online(tx, desk, id)?,
        };
        if !seen.insert(id) {
            return Err(Refusal::invalid(format!("{at}.id"), format!("FAQ {id} is named twice")));
        }
        let text = Text {
            question: edit.question.as_deref().map_or(old.question, |text| text.trim().to_owned()),
            similar: edit.similar.as_deref().map_or(old.similar, tidy_similar),
            answer: edit.answer.as_deref().map_or(old.answer, |text| text.trim().to_owned()),
        };
        check(&text, &at)?;
        difference.put.push(Put { id, text });
    }
    for (place, id) in deleted.iter().enumerate() {
        let (id, _) = online(tx, desk, id)?;
        if !seen.insert(id) {
            return Err(Refusal::invalid(format!("deleted[{place}]"), format!("FAQ {id} is named twice")));
        }
        difference.remove.push(id);
    }
    Ok(difference)
}

fn online(tx: &mut Tx<'_>, desk: &Helpdesk, id: &str) -> Result<(i64, Text), Refusal> {
    let gone = || Refusal::not_found(Kind::Faq, id);
    let faq = faq::get(tx, desk, ids::parse(id).ok_or_else(gone)?)?;
    if faq.status != faq::status::ONLINE {
        return Err(gone());
    }
    Ok((faq.id, Text { question: faq.question, similar: faq.similar, answer: faq.answer }))
}

/// The limits of a FAQ; an answer may be missing, because it is not what is tried.
fn check(text: &Text, at: &str) -> Result<(), Refusal> {
    let long = |text: &str, most: usize| text.chars().count() > most;
    let most = |field: String, most: usize, what: &str| {
        Err(Refusal::invalid(field, format!("at most {most} {what} are allowed")))
    };
    if text.question.is_empty() {
        return Err(Refusal::invalid(format!("{at}.question"), "must not be empty"));
    }
    if long(&text.question, QUESTION_MAX) {
        return most(format!("{at}.question"), QUESTION_MAX, "characters");
    }
    if text.similar.len() > SIMILAR_MAX {
        return most(format!("{at}.similar"), SIMILAR_MAX, "texts");
    }
    if let Some(i) = text.similar.iter().position(|text| long(text, QUESTION_MAX)) {
        return most(format!("{at}.similar[{i}]"), QUESTION_MAX, "characters");
    }
    if long(&text.answer, ANSWER_MAX) {
        return most(format!("{at}.answer"), ANSWER_MAX, "characters");
    }
    Ok(())
}

/// Which of the FAQs that a whole list does not name would stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rest {
    /// None: the list is all there is.
    Goes,
    /// Those that no desk file made, as after an apply.
    MadeByHandStays,
}

/// FAQs of a desk file, each with the id it gives. The limits are those of the file's check.
///
/// # Errors
/// Names the first FAQ whose answer is wrong.
pub fn of_file(faqs: &[types::Faq]) -> Result<Vec<(Option<String>, Text)>, Refusal> {
    let one = |(place, faq): (usize, &types::Faq)| {
        let content = Content {
            question: faq.question.trim().to_owned(),
            answer: faq.answer.clone(),
            richtext: faq.answer_richtext.clone(),
            ..Content::default()
        };
        let at = format!("faqs[{place}]");
        let answer = faq::answer(&content, &at)?.plain;
        let similar = tidy_similar(faq.similar.as_deref().unwrap_or_default());
        let text = Text { question: content.question, similar, answer };
        check(&text, &at)?;
        Ok((faq.id.clone(), text))
    };
    faqs.iter().enumerate().map(one).collect()
}

/// The difference between the FAQs that are online and a whole list of others. One without a decimal id is the FAQ with
/// this question; if there is none, it is new.
pub fn whole(
    tx: &mut Tx<'_>,
    desk: &Helpdesk,
    faqs: Vec<(Option<String>, Text)>,
    rest: Rest,
) -> Result<Difference, DbError> {
    let mut stored = stored(tx, desk)?;
    let named: HashSet<i64> = faqs.iter().filter_map(|(id, _)| ids::parse(id.as_deref()?)).collect();
    let mut by_question: HashMap<String, i64> = HashMap::new();
    for (id, text, _) in stored.values().filter(|(id, ..)| !named.contains(id)) {
        let oldest = by_question.entry(text.question.clone()).or_insert(*id);
        *oldest = (*oldest).min(*id);
    }
    let mut difference = Difference::default();
    for (place, (id, text)) in faqs.into_iter().enumerate() {
        let given = id.as_deref().and_then(ids::parse);
        let id = given.or_else(|| by_question.remove(&text.question)).unwrap_or_else(|| new_at(place));
        let same = stored.remove(&id).is_some_and(|(_, old, _)| old == text);
        if !same {
            difference.put.push(Put { id, text });
        }
    }
    let leaves = |managed: bool| rest == Rest::Goes || managed;
    difference.remove = stored.into_values().filter(|(.., managed)| leaves(*managed)).map(|(id, ..)| id).collect();
    difference.remove.sort_unstable();
    Ok(difference)
}

/// The FAQs online by id, each with whether a desk file made it.
fn stored(tx: &mut Tx<'_>, desk: &Helpdesk) -> Result<HashMap<i64, (i64, Text, bool)>, DbError> {
    let (mut all, mut after) = (HashMap::new(), 0);
    loop {
        let page = tx.query(
            "SELECT faq_id, question, similar_questions, answer, managed FROM faq
             WHERE tenant = $1 AND helpdesk_id = $2 AND status = 1 AND faq_id > $3 ORDER BY faq_id LIMIT $4",
            &params![&desk.tenant, desk.id, after, PAGE],
            |row| {
                let text = Text { question: row.string(1)?, similar: json(row.text(2)?)?, answer: row.string(3)? };
                Ok((row.int(0)?, text, row.flag(4)?))
            },
        )?;
        let Some(last) = page.last() else { return Ok(all) };
        after = last.0;
        all.extend(page.into_iter().map(|faq| (faq.0, faq)));
    }
}
