//! What is told about a file of FAQs.

use desk::faq::sheet::{Change, Column, Counts, Fault, FaultCode, Note, Outcome, Plan, Planned, Sheet};
use schemars::JsonSchema;
use serde::Serialize;

/// How many characters of a cell a preview shows.
const SHOWN_MAX: usize = 200;

/// What a file would do. Nothing was written.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "FaqFilePreview")]
pub struct PreviewOut {
    /// What stands over each column, and what it is taken for.
    columns: Vec<ColumnOut>,
    /// For the import: the state of the FAQs that this rests on.
    seen: String,
    /// How many rows there are.
    total: usize,
    /// How many FAQs are made.
    made: usize,
    /// How many are changed.
    changed: usize,
    /// How many say all of it already.
    same: usize,
    /// How many rows have faults.
    faulty: usize,
    /// The paths of the categories that are made.
    categories: Vec<String>,
    /// Each row.
    rows: Vec<RowOut>,
}

/// A column of a file.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "FaqFileColumn")]
struct ColumnOut {
    /// What stands over it.
    heading: String,
    /// What it is; left out if it is not known and not read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = ["id", "question", "similar", "answer", "answer_richtext", "category"]))]
    column: Option<&'static str>,
}

/// A row of a file, and what becomes of it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "FaqFileRow")]
struct RowOut {
    /// Its number, as spreadsheets count.
    row: usize,
    /// What becomes of it.
    #[schemars(extend("enum" = ["new", "changed", "same", "faulty"]))]
    outcome: &'static str,
    /// Decimal id of the FAQ that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    faq_id: Option<String>,
    /// The question, at most 200 characters.
    question: String,
    /// What is changed.
    changes: Vec<ChangeOut>,
    /// What is wrong.
    faults: Vec<FaultOut>,
    /// What else is worth knowing.
    notes: Vec<NoteOut>,
}

/// A change of a cell, at most 200 characters of each text.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "FaqFileChange")]
struct ChangeOut {
    /// Which.
    #[schemars(extend("enum" = ["id", "question", "similar", "answer", "answer_richtext", "category"]))]
    column: &'static str,
    /// What stands there now.
    before: String,
    /// What stands there then.
    after: String,
}

/// A fault of a row. That of a whole file is the `reason` of the failure, with the same codes.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "FaqFileFault")]
struct FaultOut {
    /// Where; left out if it is about the whole row.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = ["id", "question", "similar", "answer", "answer_richtext", "category"]))]
    column: Option<&'static str>,
    /// Which fault it is.
    code: FaultCode,
    /// What is wrong, and what is allowed, in English.
    why: String,
    /// What is allowed, if the code says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<usize>,
    /// What was there instead, at most 80 characters, if the code says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    found: Option<String>,
    /// Which similar question, or which item of the rich answer, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    item: Option<usize>,
    /// Another row of the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    row: Option<usize>,
    /// Decimal ids of FAQs that it is about.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    faq_ids: Vec<String>,
}

/// Something worth knowing of a row.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "FaqFileNote")]
struct NoteOut {
    /// `rich_answer_anew`: the rich answer is made from the plain one, without its links and pictures; `asked_by`: another
    /// FAQ has this question; `similar_of`: another FAQ has it as a similar question.
    #[schemars(extend("enum" = ["rich_answer_anew", "asked_by", "similar_of"]))]
    note: &'static str,
    /// Decimal id of the other FAQ.
    #[serde(skip_serializing_if = "Option::is_none")]
    faq_id: Option<String>,
}

/// What an import did.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "FaqFileImport")]
pub struct ImportOut {
    /// FAQs that were made.
    made: usize,
    /// FAQs that were changed.
    changed: usize,
    /// Rows whose FAQs said all of it already.
    same: usize,
    /// Rows with faults, which were left out.
    skipped: usize,
    /// Categories that were made.
    categories: usize,
}

impl From<Counts> for ImportOut {
    fn from(counts: Counts) -> Self {
        let Counts { made, changed, same, skipped, categories } = counts;
        Self { made, changed, same, skipped, categories }
    }
}

fn shown(text: &str) -> String {
    match text.char_indices().nth(SHOWN_MAX) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

impl From<Fault> for FaultOut {
    fn from(fault: Fault) -> Self {
        let why = fault.why();
        let Fault { column, code, limit, found, item, row, faq_ids, .. } = fault;
        let faq_ids = faq_ids.iter().map(i64::to_string).collect();
        Self { column: column.map(Column::word), code, why, limit, found, item, row, faq_ids }
    }
}

impl From<Planned> for RowOut {
    fn from(planned: Planned) -> Self {
        let (outcome, changes, faults) = match planned.outcome {
            Outcome::New => ("new", Vec::new(), Vec::new()),
            Outcome::Changed(changes) => ("changed", changes, Vec::new()),
            Outcome::Same => ("same", Vec::new(), Vec::new()),
            Outcome::Faulty(faults) => ("faulty", Vec::new(), faults),
        };
        let change = |Change { column, before, after }: Change| ChangeOut {
            column: column.word(),
            before: shown(&before),
            after: shown(&after),
        };
        let note = |note: Note| match note {
            Note::RichAnswerAnew => NoteOut { note: "rich_answer_anew", faq_id: None },
            Note::AskedBy(id) => NoteOut { note: "asked_by", faq_id: Some(id.to_string()) },
            Note::SimilarOf(id) => NoteOut { note: "similar_of", faq_id: Some(id.to_string()) },
        };
        Self {
            row: planned.row,
            outcome,
            faq_id: planned.faq_id.map(|id| id.to_string()),
            question: shown(&planned.question),
            changes: changes.into_iter().map(change).collect(),
            faults: faults.into_iter().map(FaultOut::from).collect(),
            notes: planned.notes.into_iter().map(note).collect(),
        }
    }
}

pub(super) fn preview_of(sheet: &Sheet, plan: Plan) -> PreviewOut {
    let count = |wanted: fn(&Outcome) -> bool| plan.rows.iter().filter(|row| wanted(&row.outcome)).count();
    let column = |(heading, column): &(String, Option<Column>)| ColumnOut {
        heading: shown(heading),
        column: column.map(Column::word),
    };
    PreviewOut {
        columns: sheet.columns.iter().map(column).collect(),
        seen: plan.version.to_string(),
        total: plan.rows.len(),
        made: count(|outcome| *outcome == Outcome::New),
        changed: count(|outcome| matches!(outcome, Outcome::Changed(_))),
        same: count(|outcome| *outcome == Outcome::Same),
        faulty: plan.faulty(),
        categories: plan.categories,
        rows: plan.rows.into_iter().map(RowOut::from).collect(),
    }
}
