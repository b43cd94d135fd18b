//! What a file would do to a help desk's FAQs, row by row. Nothing is written.

use std::collections::{HashMap, HashSet};

use db::Tx;
use serde_json::Value;

use super::super::answer::{Answer, judged};
use super::super::{Content, Faq, Filter, Picture, RichItem, Said};
use super::super::{fault, member, scan, tidy_similar, version};
use super::{Column, Fault, FaultCode, Line, Sheet, armed, cells, is_plain};
use crate::category;
use crate::directory::Helpdesk;
use crate::{Refusal, ids};

/// FAQs that are read at once.
const READ_AT_ONCE: usize = 500;

/// How a file is read.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Categories that are not there are made.
    pub create_categories: bool,
}

/// What somebody may want to know of a row that can be imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Note {
    /// The plain answer changes and the rich one does not: it is made from the plain one, without links and pictures.
    RichAnswerAnew,
    /// Another FAQ has this question.
    AskedBy(i64),
    /// Another FAQ has this question as a similar one.
    SimilarOf(i64),
}

/// A change of a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Which.
    pub column: Column,
    /// What stood there.
    pub before: String,
    /// What stands there then.
    pub after: String,
}

/// What becomes of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// A FAQ is made.
    New,
    /// A FAQ is changed.
    Changed(Vec<Change>),
    /// The FAQ says all of this already.
    Same,
    /// The row cannot be imported.
    Faulty(Vec<Fault>),
}

/// A row, and what becomes of it.
#[derive(Debug, Clone)]
pub struct Planned {
    /// Its number in the file.
    pub row: usize,
    /// What becomes of it.
    pub outcome: Outcome,
    /// The FAQ that it is about, if there is one.
    pub faq_id: Option<i64>,
    /// The question.
    pub question: String,
    /// What somebody may want to know.
    pub notes: Vec<Note>,
    /// What the FAQ says then; its category is told by `category`.
    pub(super) said: Option<(Said, Vec<Picture>)>,
    /// The path of a category that has to be made first.
    pub(super) category: Option<String>,
}

/// What a file would do.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Each row.
    pub rows: Vec<Planned>,
    /// The paths of categories that are made.
    pub categories: Vec<String>,
    /// The version of the help desk's FAQs that this rests on.
    pub version: i64,
    /// The categories that are there.
    pub(super) by_path: HashMap<String, i64>,
}

impl Plan {
    /// How many rows can not be imported.
    pub fn faulty(&self) -> usize {
        self.rows.iter().filter(|row| matches!(row.outcome, Outcome::Faulty(_))).count()
    }
}

/// Works it out.
pub fn plan(tx: &mut Tx<'_>, desk: &Helpdesk, sheet: &Sheet, options: Options) -> Result<Plan, Refusal> {
    let all = category::list(tx, desk)?;
    let paths = category::paths(&all);
    // A name may hold a slash: of two categories with the same path the older one is meant.
    let by_path = all.iter().rev().filter_map(|of| Some((paths.get(&of.id)?.clone(), of.id))).collect();
    let known = Known::read(tx, desk, sheet)?;
    let mut work = Work { sheet, options, known, paths, by_path, ids: HashMap::new(), asked: HashMap::new() };
    let rows: Vec<Planned> = sheet.lines.iter().map(|line| work.row(line)).collect();
    let mut made = HashSet::new();
    let new = rows.iter().filter_map(|row| row.category.clone());
    let categories = new.filter(|path| made.insert(path.clone())).collect();
    Ok(Plan { rows, categories, version: version(tx, desk)?, by_path: work.by_path })
}

fn key(question: &str) -> String {
    question.trim().to_lowercase()
}

/// What the file needs to know of the help desk's FAQs online.
struct Known {
    /// Those that rows are about.
    faqs: HashMap<i64, Faq>,
    /// Who asks a question of the file, the oldest first.
    asked: HashMap<String, Vec<i64>>,
    /// Who has a question of the file as a similar one.
    similar: HashMap<String, i64>,
}

impl Known {
    /// Reads all FAQs once, and keeps what the file names.
    fn read(tx: &mut Tx<'_>, desk: &Helpdesk, sheet: &Sheet) -> Result<Self, Refusal> {
        let of = |column| sheet.lines.iter().filter_map(move |line| sheet.cell(line, column));
        let ids: HashSet<i64> = of(Column::Id).filter_map(|cell| ids::parse(armed(cell))).collect();
        let questions: HashSet<String> = of(Column::Question).map(|cell| key(armed(cell))).collect();
        let mut known = Self { faqs: HashMap::new(), asked: HashMap::new(), similar: HashMap::new() };
        let mut next = Some(0);
        while let Some(after) = next {
            let (faqs, further) = scan(tx, desk, &Filter::default(), after, READ_AT_ONCE)?;
            for faq in faqs {
                known.similar.extend(
                    faq.similar
                        .iter()
                        .map(|text| key(text))
                        .filter(|text| questions.contains(text))
                        .map(|text| (text, faq.id)),
                );
                let asks = key(&faq.question);
                let is_asked = questions.contains(&asks);
                if is_asked {
                    known.asked.entry(asks).or_default().push(faq.id);
                }
                if is_asked || ids.contains(&faq.id) {
                    known.faqs.insert(faq.id, faq);
                }
            }
            next = further;
        }
        Ok(known)
    }
}

struct Work<'s> {
    sheet: &'s Sheet,
    options: Options,
    known: Known,
    paths: HashMap<i64, String>,
    by_path: HashMap<String, i64>,
    /// In which row a FAQ was before.
    ids: HashMap<i64, usize>,
    /// In which row a question was before.
    asked: HashMap<String, usize>,
}

/// What was read of a row so far.
#[derive(Default)]
struct Found {
    faults: Vec<Fault>,
    changes: Vec<Change>,
    notes: Vec<Note>,
    category: Option<String>,
}

impl Found {
    fn fault(&mut self, fault: Fault) {
        self.faults.push(fault);
    }
}

impl Work<'_> {
    fn row(&mut self, line: &Line) -> Planned {
        let mut found = Found::default();
        let cell = |column: Column| self.sheet.cell(line, column).map(armed).map(str::to_owned);
        if line.cells.iter().any(|cell| cell.contains('\0')) {
            found.fault(Fault::new(None, FaultCode::NulCharacter));
        }
        let question = cell(Column::Question);
        let old = self.about(cell(Column::Id).as_deref(), question.as_deref(), &mut found).cloned();
        let said = self.said(line, old.as_ref(), &mut found);
        let asks = said.as_ref().map_or_else(|| question.unwrap_or_default(), |(said, _)| said.question.clone());
        self.twice(line.row, old.as_ref(), &asks, &mut found);
        self.elsewhere(old.as_ref(), &asks, &mut found);
        let Found { faults, changes, notes, category } = found;
        let outcome = match (&old, said.is_some() && faults.is_empty()) {
            (_, false) => Outcome::Faulty(faults),
            (None, true) => Outcome::New,
            (Some(_), true) if changes.is_empty() => Outcome::Same,
            (Some(_), true) => Outcome::Changed(changes),
        };
        let is_faulty = matches!(outcome, Outcome::Faulty(_));
        Planned {
            row: line.row,
            faq_id: old.map(|old| old.id),
            question: asks,
            notes: if is_faulty { Vec::new() } else { notes },
            said: said.filter(|_| !is_faulty),
            category: category.filter(|_| !is_faulty),
            outcome,
        }
    }

    /// The FAQ that a row is about: by its id, else by its question.
    fn about(&self, id: Option<&str>, question: Option<&str>, found: &mut Found) -> Option<&Faq> {
        if let Some(id) = id.filter(|id| !id.is_empty()) {
            let faq = ids::parse(id).and_then(|id| self.known.faqs.get(&id));
            if faq.is_none() {
                let rounded = id.contains(['E', 'e', '.']) || id.ends_with("0000");
                let code = if rounded { FaultCode::IdRounded } else { FaultCode::IdUnknown };
                found.fault(Fault::new(Column::Id, code).found(id));
            }
            return faq;
        }
        match self.known.asked.get(&key(question?)).map(Vec::as_slice) {
            None | Some([]) => None,
            Some([one]) => self.known.faqs.get(one),
            Some([one, other, ..]) => {
                found.fault(Fault::new(Column::Question, FaultCode::QuestionAmbiguous).faqs([*one, *other]));
                None
            }
        }
    }

    /// What the FAQ says then; what the file has no column for stays as it is.
    fn said(&self, line: &Line, old: Option<&Faq>, found: &mut Found) -> Option<(Said, Vec<Picture>)> {
        let before = old.map(|old| cells(old, old.category_id.and_then(|id| self.paths.get(&id)).map(String::as_str)));
        // A cell that says what an export of the FAQ says changes nothing, whatever became of its line breaks.
        let given: HashMap<Column, String> = Column::ALL
            .into_iter()
            .enumerate()
            .filter_map(|(place, column)| {
                let after = armed(self.sheet.cell(line, column)?).trim().to_owned();
                let stood =
                    before.as_ref().map(|before| before[place].trim().replace("\r\n", "\n").replace('\r', "\n"));
                if stood.as_ref() == Some(&after) || column == Column::Id {
                    return None;
                }
                found.changes.push(Change { column, before: stood.unwrap_or_default(), after: after.clone() });
                Some((column, after))
            })
            .collect();
        if let Some(old) = old.filter(|_| found.changes.is_empty()) {
            return Some((Said::from(old), Vec::new()));
        }
        let category_id = self.category(given.get(&Column::Category), old.and_then(|old| old.category_id), found);
        let content = content(&given, old, found)?;
        if let Err(fault) = fault::texts(&content.question, content.similar.as_deref().unwrap_or_default()) {
            found.fault(fault);
        }
        let (plain, rich, pictures) = match judged(&content) {
            Ok(Answer { plain, rich, pictures }) => (plain, rich, pictures),
            Err(mut fault) => {
                // There is a cell for it, with nothing in it.
                if fault.code == FaultCode::AnswerMissing && given.contains_key(&Column::Answer) {
                    fault.code = FaultCode::AnswerEmpty;
                }
                found.fault(fault);
                return None;
            }
        };
        let similar = content.similar.as_deref().map(tidy_similar).or_else(|| old.map(|old| old.similar.clone()));
        let question = content.question.trim().to_owned();
        let said = Said { category_id, question, similar: similar.unwrap_or_default(), answer: plain, richtext: rich };
        Some((said, pictures))
    }

    fn category(&self, path: Option<&String>, old: Option<i64>, found: &mut Found) -> Option<i64> {
        let Some(path) = path else { return old };
        if path.is_empty() || self.by_path.contains_key(path) {
            return self.by_path.get(path).copied();
        }
        let names: Vec<&str> = path.split('/').map(str::trim).collect();
        let tidy = names.join("/");
        if let Some(id) = self.by_path.get(&tidy) {
            return Some(*id);
        }
        match fault::path(&names) {
            Err(fault) => found.fault(fault),
            Ok(()) if self.options.create_categories => found.category = Some(tidy),
            Ok(()) => found.fault(Fault::new(Column::Category, FaultCode::CategoryUnknown).found(tidy)),
        }
        None
    }

    /// A FAQ or a question that is in the file for the second time.
    fn twice(&mut self, row: usize, old: Option<&Faq>, asks: &str, found: &mut Found) {
        if let Some(old) = old
            && let Some(first) = self.ids.insert(old.id, row)
        {
            found.fault(Fault::new(None, FaultCode::FaqInRow).row(first).faqs([old.id]));
            return;
        }
        let asks = key(asks);
        if asks.is_empty() {
            return;
        }
        let is_new = old.is_none_or(|old| key(&old.question) != asks);
        // Two FAQs that have the same question already are exported and imported as they are.
        if let Some(first) = self.asked.insert(asks, row).filter(|_| is_new) {
            found.fault(Fault::new(Column::Question, FaultCode::QuestionInRow).row(first));
        }
    }

    /// Other FAQs with this question.
    fn elsewhere(&self, old: Option<&Faq>, asks: &str, found: &mut Found) {
        let is_new = old.is_none_or(|old| key(&old.question) != key(asks));
        if !is_new {
            return;
        }
        let own = old.map(|old| old.id);
        let other = |ids: &Vec<i64>| ids.iter().copied().find(|id| Some(*id) != own);
        if let Some(id) = self.known.asked.get(&key(asks)).and_then(other) {
            found.notes.push(Note::AskedBy(id));
        } else if let Some(id) = self.known.similar.get(&key(asks)).copied().filter(|id| Some(*id) != own) {
            found.notes.push(Note::SimilarOf(id));
        }
    }
}

/// The texts that the FAQ is to hold.
fn content(given: &HashMap<Column, String>, old: Option<&Faq>, found: &mut Found) -> Option<Content> {
    let rich = match given.get(&Column::Rich).filter(|text| !text.is_empty()) {
        None => None,
        Some(text) => match serde_json::from_str::<Vec<RichItem>>(text) {
            Ok(items) => Some(items),
            Err(error) => {
                let place = format!("{}:{}", error.line(), error.column());
                found.fault(Fault::new(Column::Rich, FaultCode::RichNoList).found(place));
                return None;
            }
        },
    };
    // Written as \u0000 it is in no cell, but in the text that the JSON stands for.
    if rich.iter().flatten().flat_map(RichItem::values).any(holds_nul) {
        found.fault(Fault::new(Column::Rich, FaultCode::NulCharacter));
    }
    if let Some(key) = rich.iter().flatten().find_map(|item| foreign_picture(item, old)) {
        found.fault(Fault::new(Column::Rich, FaultCode::PictureForeign).found(key));
    }
    let was_rich = old.is_some_and(|old| !is_plain(old));
    let plain = given.get(&Column::Answer).cloned();
    let (plain, rich) = match (plain, rich, old) {
        (Some(plain), None, _) => {
            if was_rich && !given.contains_key(&Column::Rich) {
                found.notes.push(Note::RichAnswerAnew);
            }
            (Some(plain), None)
        }
        // The rich answer's cell was emptied: the plain one is all there is.
        (None, None, Some(old)) if given.contains_key(&Column::Rich) => (Some(old.answer.clone()), None),
        (None, None, Some(old)) => (Some(old.answer.clone()), Some(old.richtext.clone())),
        (plain, rich, _) => (plain, rich),
    };
    let question = given.get(&Column::Question).cloned().or_else(|| old.map(|old| old.question.clone()));
    let Some(question) = question else {
        found.fault(Fault::new(None, FaultCode::QuestionMissing));
        return None;
    };
    let similar = given.get(&Column::Similar).map(|text| text.lines().map(str::to_owned).collect());
    Some(Content { question, similar, answer: plain, richtext: rich, category_id: None })
}

fn holds_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(holds_nul),
        Value::Object(members) => members.iter().any(|(name, value)| name.contains('\0') || holds_nul(value)),
        _ => false,
    }
}

/// The key of a picture that the FAQ does not have.
fn foreign_picture<'i>(item: &'i RichItem, old: Option<&Faq>) -> Option<&'i str> {
    let key = member(item, "key");
    if member(item, "type") != "img" || key.is_empty() {
        return None;
    }
    let is_own = old.is_some_and(|old| old.richtext.iter().any(|item| member(item, "key") == key));
    (!is_own).then_some(key)
}
