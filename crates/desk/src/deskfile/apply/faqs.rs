//! FAQs of a help desk.

use std::collections::{HashMap, HashSet};

use db::{DbError, params};

use super::desks::Place;
use super::pictures::Kept;
use super::{Diff, Work};
use crate::deskfile::check::content;
use crate::deskfile::pictures::pictures;
use crate::deskfile::report::{Action, FAQS_TOLD};
use crate::deskfile::types::Faq;
use crate::directory::json;
use crate::faq::{self, Answer, At, Picture, RichItem, Said, VersionKind, status};
use crate::{Refusal, ids};

/// A stored FAQ.
struct Row {
    id: i64,
    status: i64,
    said: Said,
    managed: bool,
}

fn at<'a>(place: &'a Place<'_>, faq_id: i64) -> At<'a> {
    At { tenant: place.tenant, helpdesk_id: place.id, faq_id, user_id: None }
}

/// The stored FAQs, and which the file names.
struct Stored {
    rows: HashMap<i64, Row>,
    by_question: HashMap<String, i64>,
    named: HashSet<i64>,
}

impl Stored {
    fn new(rows: Vec<Row>, faqs: &[Faq]) -> Self {
        let named: HashSet<i64> = faqs.iter().filter_map(|faq| ids::parse(faq.id.as_deref()?)).collect();
        let mut by_question: HashMap<String, i64> = HashMap::new();
        // The online ones come first and the older ones before the younger, so that they win.
        let mut found: Vec<&Row> = rows.iter().filter(|row| !named.contains(&row.id)).collect();
        found.retain(|row| row.status == status::ONLINE || (row.status == status::DELETED && row.managed));
        found.sort_by_key(|row| (row.status != status::ONLINE, row.id));
        for row in found {
            by_question.entry(row.said.question.clone()).or_insert(row.id);
        }
        Self { by_question, named, rows: rows.into_iter().map(|row| (row.id, row)).collect() }
    }

    /// The id of the FAQ: the one given, or that of the stored FAQ with this question.
    fn id_of(&self, faq: &Faq) -> Option<i64> {
        faq.id.as_deref().and_then(ids::parse).or_else(|| self.by_question.get(faq.question.trim()).copied())
    }
}

impl Work<'_, '_> {
    pub(super) fn faqs(&mut self, place: &Place<'_>, categories: &HashMap<String, i64>) -> Result<(), Refusal> {
        let Some(faqs) = &place.desk.faqs else { return Ok(()) };
        let mut stored = Stored::new(self.stored_faqs(place)?, faqs);
        let kept = self.stored_pictures(place, faqs)?;
        let mut told = Told::default();
        for faq in faqs {
            let wanted = wanted(faq, categories)?;
            let id = stored.id_of(faq).unwrap_or_else(|| self.cx.ids.decimal(self.cx.now));
            stored.named.insert(id);
            match stored.rows.remove(&id) {
                None => self.insert_faq(place, id, wanted, &mut told)?,
                Some(row) => self.update_faq(place, row, (wanted, &kept), &mut told)?,
            }
        }
        let mut leaving: Vec<Row> = stored.rows.into_values().collect();
        leaving.retain(|row| row.managed && row.status == status::ONLINE);
        leaving.sort_by_key(|row| row.id);
        for row in leaving {
            faq::to_bin(self.tx, self.cx, &at(place, row.id))?;
            self.tell(Action::Removed, row.id, &row.said.question, "recycle bin", &mut told);
        }
        for (action, rows) in told.beyond() {
            let what = format!("{rows} more FAQs of {}", place.label);
            self.report.changes.push(crate::deskfile::Change { action, what });
        }
        Ok(())
    }

    fn stored_faqs(&mut self, place: &Place<'_>) -> Result<Vec<Row>, DbError> {
        self.tx.query(
            "SELECT faq_id, status, category_id, question, similar_questions, answer, answer_richtext, managed
             FROM faq WHERE tenant = $1 AND helpdesk_id = $2",
            &params![place.tenant, place.id],
            |row| {
                Ok(Row {
                    id: row.int(0)?,
                    status: row.int(1)?,
                    said: Said {
                        category_id: row.opt_int(2)?,
                        question: row.string(3)?,
                        similar: json(row.text(4)?)?,
                        answer: row.string(5)?,
                        richtext: json(row.text(6)?)?,
                    },
                    managed: row.flag(7)?,
                })
            },
        )
    }

    fn insert_faq(&mut self, place: &Place<'_>, id: i64, wanted: Wanted, told: &mut Told) -> Result<(), DbError> {
        let said = Said {
            category_id: wanted.category_id.flatten(),
            question: wanted.question,
            similar: wanted.similar.unwrap_or_default(),
            answer: wanted.answer,
            richtext: wanted.richtext,
        };
        faq::insert(self.tx, self.cx, &at(place, id), (&said, &wanted.pictures), true)?;
        self.tell(Action::Created, id, &said.question, "", told);
        Ok(())
    }

    fn update_faq(
        &mut self,
        place: &Place<'_>,
        mut row: Row,
        (wanted, kept): (Wanted, &Kept),
        told: &mut Told,
    ) -> Result<(), DbError> {
        let mut diff = Diff::default();
        let new = kept.missing(row.id, wanted.pictures);
        if !new.is_empty() {
            diff.note("images");
        }
        let is_back = diff.set("back online", &mut row.status, status::ONLINE);
        let said = &mut row.said;
        diff.set("question", &mut said.question, wanted.question);
        diff.set_if("similar", &mut said.similar, wanted.similar);
        diff.set("answer", &mut said.answer, wanted.answer);
        diff.set("answer_richtext", &mut said.richtext, wanted.richtext);
        diff.set_if("category", &mut said.category_id, wanted.category_id);
        if diff.is_empty() {
            return Ok(());
        }
        let kind = if is_back { VersionKind::Restored } else { VersionKind::Edited };
        faq::update(self.tx, self.cx, &at(place, row.id), (&row.said, &new), kind)?;
        self.tell(Action::Updated, row.id, &row.said.question, &diff.columns(), told);
        Ok(())
    }

    /// Notes a change; the first few of a help desk one by one.
    fn tell(&mut self, action: Action, id: i64, question: &str, columns: &str, told: &mut Told) {
        if told.one_more(action) {
            let colon = if columns.is_empty() { "" } else { ": " };
            self.report.changed(action, format!("FAQ {id} ({question}){colon}{columns}"));
        } else {
            self.report.counted(action, 1);
        }
    }
}

/// What a FAQ is to hold; `None` leaves a column as it is.
struct Wanted {
    question: String,
    similar: Option<Vec<String>>,
    answer: String,
    richtext: Vec<RichItem>,
    pictures: Vec<Picture>,
    #[expect(clippy::option_option, reason = "leave alone, remove and set are three things")]
    category_id: Option<Option<i64>>,
}

fn wanted(faq: &Faq, categories: &HashMap<String, i64>) -> Result<Wanted, Refusal> {
    let Answer { plain, rich, pictures: mut inline } = faq::answer(&content(faq), "faq")?;
    inline.extend(pictures(faq, "faq")?);
    let category_id = match faq.category.as_deref() {
        None => None,
        Some("") => Some(None),
        Some(path) => {
            // The check has seen this path; it is missing only if somebody removed the category in between.
            let gone = || Refusal::invalid("category", format!("no category {path:?} any more; apply again"));
            Some(Some(categories.get(path).copied().ok_or_else(gone)?))
        }
    };
    let similar = faq.similar.as_deref().map(faq::tidy_similar);
    let question = faq.question.trim().to_owned();
    Ok(Wanted { question, similar, answer: plain, richtext: rich, pictures: inline, category_id })
}

/// How many changes of FAQs there were.
#[derive(Default)]
struct Told([usize; 3]);

const ACTIONS: [Action; 3] = [Action::Created, Action::Updated, Action::Removed];

impl Told {
    /// Counts a change; `true` while it gets a line of its own.
    fn one_more(&mut self, action: Action) -> bool {
        for (count, of) in self.0.iter_mut().zip(ACTIONS) {
            if of == action {
                *count += 1;
                return *count <= FAQS_TOLD;
            }
        }
        false
    }

    fn beyond(&self) -> impl Iterator<Item = (Action, usize)> {
        let counts = self.0.map(|count| count.saturating_sub(FAQS_TOLD));
        ACTIONS.into_iter().zip(counts).filter(|(_, rows)| *rows > 0)
    }
}
