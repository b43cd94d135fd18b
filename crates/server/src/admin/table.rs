//! Tables as CSV that spreadsheets open as it is meant: UTF-8 with a mark that says so, and no cell that is a formula.

use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use wire::Code;

use crate::api::error::ApiError;

/// A table on its way into a file.
pub(in crate::admin) struct Table {
    name: String,
    rows: csv::Writer<Vec<u8>>,
}

impl Table {
    /// A table with these columns; `name` is the file's, without its ending.
    pub(in crate::admin) fn new<'a>(
        name: String,
        columns: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, ApiError> {
        // Without this mark Excel takes UTF-8 for the machine's old encoding.
        let mut rows = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer("\u{feff}".into());
        rows.write_record(columns).map_err(broken)?;
        Ok(Self { name, rows })
    }

    /// Adds a row.
    pub(in crate::admin) fn row(&mut self, cells: impl IntoIterator<Item = String>) -> Result<(), ApiError> {
        self.rows.write_record(cells.into_iter().map(defused)).map_err(broken)
    }

    /// The file.
    pub(in crate::admin) fn file(self) -> Result<Response, ApiError> {
        let bytes = self.rows.into_inner().map_err(|error| broken(error.into_error()))?;
        let disposition = format!("attachment; filename=\"{}.csv\"", self.name);
        let headers = [(CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (CONTENT_DISPOSITION, disposition)];
        Ok((headers, bytes).into_response())
    }
}

fn broken(error: impl std::fmt::Display) -> ApiError {
    ApiError::new(Code::INTERNAL, format!("the table could not be written: {error}"))
}

/// A cell that no spreadsheet runs: what begins like a formula gets an apostrophe before it.
fn defused(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(cells: &[&str]) -> String {
        let mut table = Table::new("t".to_owned(), ["a", "b"]).unwrap();
        table.row(cells.iter().map(|cell| (*cell).to_owned())).unwrap();
        String::from_utf8(table.rows.into_inner().unwrap()).unwrap()
    }

    #[test]
    fn a_cell_is_quoted_where_needed_and_never_a_formula() {
        assert_eq!(written(&["plain", "18"]), "\u{feff}a,b\r\nplain,18\r\n");
        assert_eq!(written(&["a,b", "say \"hi\"\nnow"]), "\u{feff}a,b\r\n\"a,b\",\"say \"\"hi\"\"\nnow\"\r\n");
        for evil in ["=1+1", "+1", "-1", "@SUM(A1)", "\tx"] {
            let text = written(&[evil, "打印机"]);
            assert!(text.contains(&format!("'{evil},打印机")), "{text}");
        }
        assert!(written(&["=a,b", ""]).contains("\"'=a,b\","), "quoted as well");
    }
}
