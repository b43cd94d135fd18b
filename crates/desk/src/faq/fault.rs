//! What is wrong with the texts of a FAQ, or with a whole file of them: a code with its values, which a page says in its
//! reader's language, and the same as an English sentence.

use schemars::JsonSchema;
use serde::Serialize;

use super::sheet::Column;
use super::{ANSWER_MAX, PICTURES_MAX, QUESTION_MAX, RICH_MAX, RICH_TYPES, SIMILAR_MAX};
use crate::Refusal;
use crate::category::{DEPTH_MAX, NAME_MAX};
use crate::message::SCHEMES_TOLD;

/// Which fault it is; what its sentence is filled with is beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "FaqFileFaultCode")]
pub enum FaultCode {
    /// A cell of the row holds a NUL character.
    NulCharacter,
    /// `found` is the id of no FAQ online in this help desk.
    IdUnknown,
    /// The same, and `found` looks as if a spreadsheet had rounded it.
    IdRounded,
    /// The row has neither an id nor a question.
    QuestionMissing,
    /// The question is empty.
    QuestionEmpty,
    /// The question has `found` characters, more than `limit`.
    QuestionTooLong,
    /// The FAQs `faq_ids` both have this question, and the row has no id.
    QuestionAmbiguous,
    /// Row `row` has the same question.
    QuestionInRow,
    /// Row `row` is about the same FAQ, `faq_ids`.
    FaqInRow,
    /// There are `found` similar questions, more than `limit`.
    SimilarTooMany,
    /// Similar question `item` has `found` characters, more than `limit`.
    SimilarTooLong,
    /// A new FAQ needs an answer, and the file has no column for it.
    AnswerMissing,
    /// The answer is empty.
    AnswerEmpty,
    /// The answer has `found` characters, more than `limit`; a quotation mark before it may not be closed.
    AnswerTooLong,
    /// The rich answer is no JSON list; `found` is where it goes wrong, as `line:column`.
    RichNoList,
    /// The rich answer has `found` characters of JSON, more than `limit`.
    RichTooLong,
    /// The type of item `item`, `found`, is none of a rich answer.
    RichType,
    /// Item `item` links to `found`, whose scheme is not allowed.
    RichLink,
    /// `found` is the key of a picture that this FAQ does not have.
    PictureForeign,
    /// The picture of item `item` is not in base64.
    PictureEncoding,
    /// The picture of item `item` has `found` bytes, more than `limit`.
    PictureTooLarge,
    /// The picture of item `item` is none of PNG, JPEG, GIF and WebP.
    PictureKind,
    /// There are more than `limit` pictures; `item` is the first too many.
    PicturesTooMany,
    /// There is no category `found`, and none is to be made.
    CategoryUnknown,
    /// The path has `found` names, more than `limit`.
    CategoryTooDeep,
    /// A name of the path, `found`, is empty or has more than `limit` characters.
    CategoryName,
    /// The file has more than `limit` MiB.
    FileTooLarge,
    /// The file is an old workbook of Excel, or has a password.
    FileOldExcel,
    /// The file is no workbook that can be read; `found` is why, in English.
    FileNoWorkbook,
    /// The file is neither UTF-8, UTF-16 nor GB18030 text.
    FileEncoding,
    /// The file is no CSV; `found` is why, in English.
    FileNoCsv,
    /// The file cannot be taken apart.
    FileDamaged,
    /// Row `row` of the file has `found` columns, more than `limit`.
    FileTooWide,
    /// The file has more than `limit` rows.
    FileTooLong,
    /// The workbook has `found` parts, more than `limit`.
    FileTooManyParts,
    /// The workbook unpacks to more than `limit` MiB.
    FileUnpacksTooLarge,
    /// The workbook says that it holds `found` texts, more than `limit`.
    FileTooManyTexts,
    /// Row `row` of the workbook stands behind row `found`.
    FileOutOfOrder,
    /// There is nothing in the file.
    FileEmpty,
    /// Neither a column of questions nor one of ids.
    FileNoQuestions,
    /// The column stands in the file twice.
    FileColumnTwice,
    /// `found` rows have faults, the first is `row`, and they are not to be left out.
    FileRowsFaulty,
    /// The FAQs have changed since the preview that the import goes by.
    FileOutdated,
}

/// A fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where; the row as a whole if none.
    pub column: Option<Column>,
    /// Which one it is.
    pub code: FaultCode,
    /// What is allowed.
    pub limit: Option<usize>,
    /// What was there instead.
    pub found: Option<String>,
    /// Which of the column's items, counted from 1.
    pub item: Option<usize>,
    /// Another row of the file.
    pub row: Option<usize>,
    /// FAQs that it is about.
    pub faq_ids: Vec<i64>,
    /// A member of the item, for the name of the field in a call.
    member: &'static str,
}

/// How much of what was found is told, in characters.
const FOUND_MAX: usize = 80;

impl Fault {
    /// A fault without values.
    pub fn new(column: impl Into<Option<Column>>, code: FaultCode) -> Self {
        let (limit, found, item, row) = (None, None, None, None);
        Self { column: column.into(), code, limit, found, item, row, faq_ids: Vec::new(), member: "" }
    }

    /// With what is allowed.
    #[must_use]
    pub fn limit(self, limit: usize) -> Self {
        Self { limit: Some(limit), ..self }
    }

    /// With what was there instead, cut where it is long.
    #[must_use]
    pub fn found(self, found: impl std::fmt::Display) -> Self {
        let found = found.to_string();
        let cut = found.char_indices().nth(FOUND_MAX).map(|(end, _)| format!("{}…", &found[..end]));
        Self { found: Some(cut.unwrap_or(found)), ..self }
    }

    /// `place` counts from 0.
    pub(super) fn item(self, place: usize) -> Self {
        Self { item: Some(place + 1), ..self }
    }

    pub(super) fn member(self, member: &'static str) -> Self {
        Self { member, ..self }
    }

    /// With a row of the file.
    #[must_use]
    pub fn row(self, row: usize) -> Self {
        Self { row: Some(row), ..self }
    }

    pub(super) fn faqs(self, faq_ids: impl Into<Vec<i64>>) -> Self {
        Self { faq_ids: faq_ids.into(), ..self }
    }

    /// What is wrong and what is allowed, as what follows the name of the column.
    pub fn why(&self) -> String {
        let sentence = self.sentence();
        match self.item {
            Some(item) => format!("item {item}: {sentence}"),
            None => sentence,
        }
    }

    /// The refusal of a call that has the FAQ at `at`.
    pub(super) fn refusal(&self, at: &str) -> Refusal {
        let name = self.column.map_or("", |column| if column == Column::Similar { "tags" } else { column.word() });
        let item = self.item.map(|item| format!("[{}]", item - 1)).unwrap_or_default();
        let parts = [at, &format!("{name}{item}"), self.member];
        let field: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        Refusal::invalid(field.join("."), self.sentence())
    }

    fn sentence(&self) -> String {
        let found = self.found.as_deref().unwrap_or_default();
        let limit = self.limit.unwrap_or_default();
        let row = self.row.unwrap_or_default();
        let ids: Vec<String> = self.faq_ids.iter().map(i64::to_string).collect();
        match self.code {
            FaultCode::NulCharacter => "holds a NUL character; leave it out".to_owned(),
            FaultCode::IdUnknown => format!(
                "{found} is no FAQ online in this help desk; leave the id empty to find it by its question or to make a new one"
            ),
            FaultCode::IdRounded => format!(
                "{found} is no FAQ online; a spreadsheet seems to have rounded the number: export again, or leave the id empty"
            ),
            FaultCode::QuestionMissing => "has neither an id nor a question".to_owned(),
            FaultCode::QuestionEmpty | FaultCode::AnswerEmpty => "must not be empty".to_owned(),
            FaultCode::QuestionTooLong | FaultCode::SimilarTooLong => {
                format!("at most {limit} characters are allowed; it has {found}")
            }
            FaultCode::QuestionAmbiguous => {
                format!("more than one FAQ has this question: {}; say which with its id", ids.join(", "))
            }
            FaultCode::QuestionInRow => format!("row {row} has the same question"),
            FaultCode::FaqInRow => format!("row {row} is about the same FAQ, {}", ids.join(", ")),
            FaultCode::SimilarTooMany => format!("at most {limit} are allowed; there are {found}"),
            FaultCode::AnswerMissing => "answer or answer_richtext must be given".to_owned(),
            FaultCode::AnswerTooLong => format!(
                "at most {limit} characters are allowed, it has {found}; perhaps a quotation mark before it is not closed"
            ),
            FaultCode::RichNoList => {
                format!("is no JSON list of items as an export has it: it goes wrong at {found} (line:column)")
            }
            FaultCode::RichTooLong => format!("at most {limit} characters of JSON are allowed; it has {found}"),
            FaultCode::RichType => format!("options: {RICH_TYPES:?}, not {found:?}"),
            FaultCode::RichLink => format!("only {SCHEMES_TOLD} links are allowed, not {found}"),
            FaultCode::PictureForeign => {
                format!("picture {found} is none of this FAQ's; add pictures on the FAQ's page")
            }
            FaultCode::PictureEncoding => "holds no base64 after the comma".to_owned(),
            FaultCode::PictureTooLarge => format!("{found} bytes, at most {limit} are allowed"),
            FaultCode::PictureKind => "only PNG, JPEG, GIF and WebP pictures are allowed".to_owned(),
            FaultCode::PicturesTooMany => format!("at most {limit} pictures are allowed"),
            FaultCode::CategoryUnknown => {
                format!("there is no category {found}; let the import make it, or correct the path")
            }
            FaultCode::CategoryTooDeep => {
                format!("at most {limit} names with / between them are allowed; the path has {found}")
            }
            FaultCode::CategoryName => format!("each name has 1 to {limit} characters, not {found:?}"),
            _ => self.of_file(),
        }
    }

    /// The sentence of a fault that is the whole file's, as what follows "the file".
    fn of_file(&self) -> String {
        let found = self.found.as_deref().unwrap_or_default();
        let limit = self.limit.unwrap_or_default();
        let row = self.row.unwrap_or_default();
        let told = match self.code {
            FaultCode::FileTooLarge => return format!("has more than {limit} MiB; divide it"),
            FaultCode::FileOldExcel => "is an old Excel file (.xls) or has a password; save it as .xlsx or CSV",
            FaultCode::FileNoWorkbook => return format!("is no Excel workbook that can be read: {found}"),
            FaultCode::FileEncoding => "is neither UTF-8, UTF-16 nor GB18030 text; save it as \"CSV UTF-8\"",
            FaultCode::FileNoCsv => return format!("cannot be read as CSV: {found}"),
            FaultCode::FileTooWide => {
                return format!("has {found} columns in row {row}; at most {limit} are allowed");
            }
            FaultCode::FileTooLong => return format!("has more than {limit} rows; divide it"),
            FaultCode::FileTooManyParts => return format!("has {found} parts; at most {limit} are allowed"),
            FaultCode::FileUnpacksTooLarge => {
                return format!("unpacks to more than {limit} MiB; take out pictures and empty rows, or divide it");
            }
            FaultCode::FileTooManyTexts => {
                return format!("says that it holds {found} texts; at most {limit} are allowed");
            }
            FaultCode::FileOutOfOrder => return format!("has row {row} after row {found}; save it anew"),
            FaultCode::FileEmpty => "has no rows",
            FaultCode::FileNoQuestions => {
                let known = Column::ALL.map(|column| format!("{} or {}", column.heading(false), column.heading(true)));
                let known = known.join(", ");
                return format!("has no column Question (问题) and no column ID in its first row; known are {known}");
            }
            FaultCode::FileColumnTwice => {
                let name = self.column.map_or("", |column| column.heading(false));
                return format!("has two columns {name}; leave one");
            }
            FaultCode::FileRowsFaulty => {
                return format!("{found} rows have faults, the first is row {row}; correct them, or set skip_faulty");
            }
            FaultCode::FileOutdated => "the FAQs have changed since the preview; look at a new one",
            _ => "is damaged; save it anew",
        };
        told.to_owned()
    }
}

/// Judges question and similar questions.
pub(super) fn texts(question: &str, similar: &[String]) -> Result<(), Fault> {
    let question = question.trim();
    if question.is_empty() {
        return Err(Fault::new(Column::Question, FaultCode::QuestionEmpty));
    }
    let long = |text: &str| Some(text.chars().count()).filter(|length| *length > QUESTION_MAX);
    if let Some(length) = long(question) {
        return Err(Fault::new(Column::Question, FaultCode::QuestionTooLong).limit(QUESTION_MAX).found(length));
    }
    if similar.len() > SIMILAR_MAX {
        return Err(Fault::new(Column::Similar, FaultCode::SimilarTooMany).limit(SIMILAR_MAX).found(similar.len()));
    }
    for (place, text) in similar.iter().enumerate() {
        if let Some(length) = long(text) {
            let fault = Fault::new(Column::Similar, FaultCode::SimilarTooLong);
            return Err(fault.limit(QUESTION_MAX).found(length).item(place));
        }
    }
    Ok(())
}

/// Judges how long both forms of an answer are; `json` is the rich one.
pub(super) fn lengths(plain: &str, json: &str) -> Result<(), Fault> {
    let (plain, rich) = (plain.chars().count(), json.chars().count());
    if plain > ANSWER_MAX {
        return Err(Fault::new(Column::Answer, FaultCode::AnswerTooLong).limit(ANSWER_MAX).found(plain));
    }
    if rich > RICH_MAX {
        return Err(Fault::new(Column::Rich, FaultCode::RichTooLong).limit(RICH_MAX).found(rich));
    }
    Ok(())
}

/// Judges the names of a category's path.
pub(super) fn path(names: &[&str]) -> Result<(), Fault> {
    if names.len() > DEPTH_MAX {
        return Err(Fault::new(Column::Category, FaultCode::CategoryTooDeep).limit(DEPTH_MAX).found(names.len()));
    }
    match names.iter().find(|name| name.is_empty() || name.chars().count() > NAME_MAX) {
        Some(name) => Err(Fault::new(Column::Category, FaultCode::CategoryName).limit(NAME_MAX).found(name)),
        None => Ok(()),
    }
}

/// Judges how many pictures there are once the one of item `place` is there.
pub(super) fn pictures(count: usize, place: usize) -> Result<(), Fault> {
    if count > PICTURES_MAX {
        let fault = Fault::new(Column::Rich, FaultCode::PicturesTooMany);
        return Err(fault.limit(PICTURES_MAX).item(place));
    }
    Ok(())
}
