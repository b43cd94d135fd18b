//! FAQs as rows of a file: which columns there are, what stands in a FAQ's cells, and what a file would change.

mod import;
mod plan;

pub use import::{Counts, import};
pub use plan::{Change, Note, Options, Outcome, Plan, Planned, plan};

pub use super::fault::{Fault, FaultCode};
use super::{Faq, member, to_json};

/// Most rows of a file that is imported.
pub const ROWS_MAX: usize = 5_000;
/// Most columns of a file that is imported.
pub const COLUMNS_MAX: usize = 64;

/// A column of FAQs in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Column {
    /// The FAQ's decimal id.
    Id,
    /// The question.
    Question,
    /// Similar questions, one a line.
    Similar,
    /// The plain answer.
    Answer,
    /// The rich answer as JSON; empty where it is the plain answer.
    Rich,
    /// The category's path, such as `Accounts/Passwords`.
    Category,
}

impl Column {
    /// All of them, in the order of an exported file.
    pub const ALL: [Self; 6] = [Self::Id, Self::Question, Self::Similar, Self::Answer, Self::Rich, Self::Category];

    /// The word in the API.
    pub fn word(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Question => "question",
            Self::Similar => "similar",
            Self::Answer => "answer",
            Self::Rich => "answer_richtext",
            Self::Category => "category",
        }
    }

    /// The heading of an exported file.
    pub fn heading(self, chinese: bool) -> &'static str {
        match (self, chinese) {
            (Self::Id, _) => "ID",
            (Self::Question, false) => "Question",
            (Self::Question, true) => "问题",
            (Self::Similar, false) => "Similar questions",
            (Self::Similar, true) => "相似问题",
            (Self::Answer, false) => "Answer",
            (Self::Answer, true) => "答案",
            (Self::Rich, false) => "Rich answer (JSON)",
            (Self::Rich, true) => "富文本答案 (JSON)",
            (Self::Category, false) => "Category",
            (Self::Category, true) => "分类",
        }
    }

    /// The column that a heading names: case, spaces and what stands in brackets are ignored.
    pub fn named(heading: &str) -> Option<Self> {
        let bare = heading.split(['(', '（', '[']).next().unwrap_or_default().to_lowercase();
        let name: String = bare.chars().filter(|c| !c.is_whitespace() && !matches!(c, '_' | '-' | '*')).collect();
        Some(match name.as_str() {
            "id" | "faqid" | "编号" | "faq编号" | "问题编号" => Self::Id,
            "question" | "title" | "问题" | "标准问题" | "标准问" | "問題" => Self::Question,
            "similarquestions" | "similarquestion" | "similar" | "tags" | "相似问题" | "相似问法" | "相似问"
            | "相似問題" => Self::Similar,
            "answer" | "plainanswer" | "答案" | "回答" | "纯文本答案" => Self::Answer,
            "richanswer" | "answerrichtext" | "富文本答案" | "富文本" => Self::Rich,
            "category" | "categorypath" | "分类" | "类别" | "目录" | "分類" => Self::Category,
            _ => return None,
        })
    }
}

/// A row of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its number, as spreadsheets count: the first row of the file is 1.
    pub row: usize,
    /// Its cells from the first column on; ends that are empty may be missing.
    pub cells: Vec<String>,
}

/// A file of FAQs with its columns recognised.
#[derive(Debug, Clone)]
pub struct Sheet {
    /// What stands over each column, and what it is taken for.
    pub columns: Vec<(String, Option<Column>)>,
    lines: Vec<Line>,
}

impl Sheet {
    /// Takes the first row that is not empty for the headings.
    ///
    /// # Errors
    /// No rows, too many, or no headings that are known.
    pub fn new(lines: Vec<Line>) -> Result<Self, Fault> {
        let mut lines = lines.into_iter().filter(|line| line.cells.iter().any(|cell| !cell.trim().is_empty()));
        let head = lines.next().ok_or_else(|| Fault::new(None, FaultCode::FileEmpty))?;
        let columns: Vec<(String, Option<Column>)> =
            head.cells.into_iter().map(|heading| (heading.trim().to_owned(), Column::named(&heading))).collect();
        for column in Column::ALL {
            if columns.iter().filter(|(_, is)| *is == Some(column)).count() > 1 {
                return Err(Fault::new(column, FaultCode::FileColumnTwice));
            }
        }
        let has = |column: Column| columns.iter().any(|(_, is)| *is == Some(column));
        if !has(Column::Question) && !has(Column::Id) {
            return Err(Fault::new(None, FaultCode::FileNoQuestions));
        }
        let lines: Vec<Line> = lines.collect();
        if lines.len() > ROWS_MAX {
            return Err(Fault::new(None, FaultCode::FileTooLong).limit(ROWS_MAX));
        }
        Ok(Self { columns, lines })
    }

    /// How many rows there are under the headings.
    pub fn rows(&self) -> usize {
        self.lines.len()
    }

    fn cell<'s>(&'s self, line: &'s Line, column: Column) -> Option<&'s str> {
        let place = self.columns.iter().position(|(_, is)| *is == Some(column))?;
        Some(line.cells.get(place).map_or("", |cell| cell.trim()))
    }
}

/// Whether a FAQ's rich answer is its plain one.
fn is_plain(faq: &Faq) -> bool {
    let [item] = faq.richtext.as_slice() else { return false };
    let content = item.get("content").and_then(|content| content.as_str());
    member(item, "type") == "text" && content == Some(&faq.answer)
}

/// What stands in a FAQ's cells, in the order of [`Column::ALL`]. `category`: the path of its category.
pub fn cells(faq: &Faq, category: Option<&str>) -> [String; 6] {
    // A line break inside a similar question would make two of it.
    let similar: Vec<String> = faq.similar.iter().map(|text| text.replace(['\r', '\n'], " ")).collect();
    [
        faq.id.to_string(),
        faq.question.clone(),
        similar.join("\n"),
        faq.answer.clone(),
        if is_plain(faq) { String::new() } else { to_json(&faq.richtext) },
        category.unwrap_or_default().to_owned(),
    ]
}

/// What spreadsheets take for the beginning of a formula, also in full width.
const RISKY: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];

/// A cell that no spreadsheet runs: one that begins like a formula gets an apostrophe before it, and one with an
/// apostrophe another, so that [`armed`] gives back what was there.
pub fn defused(cell: String) -> String {
    if cell.starts_with(RISKY) || cell.starts_with('\'') { format!("'{cell}") } else { cell }
}

/// A cell without the apostrophe of [`defused`], also of a number that was kept a text so.
pub fn armed(cell: &str) -> &str {
    let Some(rest) = cell.strip_prefix('\'') else { return cell };
    let is_number = !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit());
    if rest.starts_with(RISKY) || rest.starts_with('\'') || is_number { rest } else { cell }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn headings_are_known_in_both_languages() {
        for column in Column::ALL {
            for chinese in [false, true] {
                assert_eq!(Column::named(column.heading(chinese)), Some(column));
            }
            assert_eq!(Column::named(column.word()), Some(column));
        }
        assert_eq!(Column::named(" SIMILAR  Questions "), Some(Column::Similar));
        assert_eq!(Column::named("相似问题（每行一个）"), Some(Column::Similar));
        assert_eq!(Column::named("Notes"), None);
    }

    proptest! {
        #[test]
        fn what_is_defused_comes_back(cell in "['=+@\\-＝0-9a\t]{0,5}") {
            let file = defused(cell.clone());
            prop_assert!(!file.starts_with(RISKY));
            // A number stays as it is, and loses an apostrophe only if it has one too many.
            prop_assert_eq!(armed(&file), cell.as_str());
        }
    }
}
