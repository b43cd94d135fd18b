//! XLSX: a ZIP archive of XML, read by calamine once its parts were counted, and written row by row.

use std::io::{Cursor, Read as _};

use calamine::{DataRef, Reader as _, Xlsx};
use desk::faq::sheet::{COLUMNS_MAX, Fault, FaultCode, Line, ROWS_MAX, defused};
use rust_xlsxwriter::{Format, FormatAlign};
use zip::ZipArchive;

use super::{Rows, fault};

/// Most bytes of all parts of a workbook, unpacked.
const UNPACKED_MAX: usize = 32 * 1024 * 1024;
/// Most parts of a workbook.
const PARTS_MAX: usize = 1_000;
/// Most texts that a workbook may say it has: room is made for them before they are read.
const TEXTS_MAX: usize = 2_000_000;
/// Longest cell that Excel can hold, in UTF-16 units.
const CELL_MAX: usize = 32_767;

/// The rows of the first sheet.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<Line>, Fault> {
    look_at_parts(bytes)?;
    let broken = |error: calamine::XlsxError| unreadable(&error);
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(broken)?;
    let first = workbook.sheet_names().into_iter().next().ok_or_else(|| fault(FaultCode::FileEmpty))?;
    // Cell by cell: a sheet may say that it is a billion cells wide, or have two that are that far apart.
    let mut reader = workbook.worksheet_cells_reader(&first).map_err(broken)?;
    let mut rows = Rows::default();
    let mut row = (0, Vec::new());
    while let Some(cell) = reader.next_cell().map_err(broken)? {
        let (number, column) = cell.get_position();
        if number < row.0 {
            return Err(fault(FaultCode::FileOutOfOrder).row(number as usize + 1).found(row.0 + 1));
        }
        if number > row.0 {
            push(&mut rows, std::mem::replace(&mut row, (number, Vec::new())))?;
        }
        let text = text(cell.get_value());
        let place = column as usize;
        if text.is_empty() {
            continue;
        }
        if place >= COLUMNS_MAX {
            return Err(fault(FaultCode::FileTooWide).limit(COLUMNS_MAX).found(place + 1).row(number as usize + 1));
        }
        if row.1.len() <= place {
            row.1.resize(place + 1, String::new());
        }
        row.1[place] = text;
    }
    push(&mut rows, row)?;
    Ok(rows.0)
}

/// Why the workbook cannot be read, in the words of what reads it.
fn unreadable(error: &dyn std::fmt::Display) -> Fault {
    fault(FaultCode::FileNoWorkbook).found(error)
}

fn push(rows: &mut Rows, (number, cells): (u32, Vec<String>)) -> Result<(), Fault> {
    rows.push(number as usize + 1, cells)
}

fn text(value: &DataRef<'_>) -> String {
    let text = match value {
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::Bool(is) => (if *is { "TRUE" } else { "FALSE" }).to_owned(),
        DataRef::DateTime(time) => {
            let (year, month, day, ..) = time.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        DataRef::Error(error) => error.to_string(),
        DataRef::Empty => String::new(),
    };
    text.replace("\r\n", "\n").replace('\r', "\n")
}

/// Unpacks each part without keeping it, so that what unpacks to too much is refused before anything holds it.
fn look_at_parts(bytes: &[u8]) -> Result<(), Fault> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| unreadable(&error))?;
    if archive.len() > PARTS_MAX {
        return Err(fault(FaultCode::FileTooManyParts).limit(PARTS_MAX).found(archive.len()));
    }
    let mut left = UNPACKED_MAX as u64;
    for place in 0..archive.len() {
        let mut part = archive.by_index(place).map_err(|error| unreadable(&error))?;
        let is_xml = [".xml", ".rels"].iter().any(|end| part.name_raw().to_ascii_lowercase().ends_with(end.as_bytes()));
        let mut unpacked = Vec::new();
        (&mut part).take(left + 1).read_to_end(&mut unpacked).map_err(|error| unreadable(&error))?;
        let length = unpacked.len() as u64;
        if length > left {
            return Err(fault(FaultCode::FileUnpacksTooLarge).limit(UNPACKED_MAX / 1024 / 1024));
        }
        left -= length;
        if is_xml {
            look_at_xml(&unpacked)?;
        }
    }
    Ok(())
}

/// The attribute that calamine makes room by.
const NAME: &[u8] = b"uniqueCount";

/// Refuses what calamine would make room for without having read it.
fn look_at_xml(part: &[u8]) -> Result<(), Fault> {
    if part.contains(&0) {
        return Err(fault(FaultCode::FileDamaged));
    }
    let mut rest = part;
    while let Some(place) = rest.iter().position(|byte| *byte == NAME[0]) {
        rest = &rest[place + 1..];
        let Some(after) = rest.strip_prefix(&NAME[1..]) else { continue };
        let skipped = |byte: &&u8| matches!(**byte, b' ' | b'\t' | b'\n' | b'\r' | b'=' | b'"' | b'\'' | b'+' | b'0');
        let digits = after.iter().skip_while(skipped).take_while(|byte| byte.is_ascii_digit());
        let count = digits.fold(0_u64, |sum, digit| sum.saturating_mul(10).saturating_add(u64::from(digit - b'0')));
        if count > TEXTS_MAX as u64 {
            return Err(fault(FaultCode::FileTooManyTexts).limit(TEXTS_MAX).found(count));
        }
    }
    Ok(())
}

/// A workbook that is written row by row, on disk rather than in memory.
pub(crate) struct Workbook {
    book: rust_xlsxwriter::Workbook,
    row: u32,
}

impl Workbook {
    /// A workbook with a sheet of these columns and their widths, in characters.
    pub(crate) fn new(headings: &[(&str, f64)]) -> Result<Self, String> {
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet_with_constant_memory().map_err(told)?;
        let bold = Format::new().set_bold();
        let mut write = || {
            sheet.set_name("FAQ")?.set_freeze_panes(1, 0)?;
            for (place, (_, width)) in (0..).zip(headings) {
                sheet.set_column_width(place, *width)?;
            }
            for (place, (heading, _)) in (0..).zip(headings) {
                sheet.write_string_with_format(0, place, *heading, &bold)?;
            }
            Ok(())
        };
        write().map_err(told)?;
        Ok(Self { book, row: 1 })
    }

    /// Adds a row.
    ///
    /// # Errors
    /// Why a cell cannot stand in a workbook.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) -> Result<(), String> {
        let wrapped = Format::new().set_text_wrap().set_align(FormatAlign::Top);
        let sheet = self.book.worksheet_from_index(0).map_err(told)?;
        for (place, cell) in (0..).zip(cells) {
            if cell.encode_utf16().count() >= CELL_MAX {
                return Err(format!("has a text of more than {CELL_MAX} characters, which no cell of Excel holds"));
            }
            sheet.write_string_with_format(self.row, place, defused(cell), &wrapped).map_err(told)?;
        }
        self.row += 1;
        Ok(())
    }

    /// The file.
    pub(crate) fn file(mut self) -> Result<Vec<u8>, String> {
        self.book.save_to_buffer().map_err(told)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it stands where errors are mapped")]
fn told(error: rust_xlsxwriter::XlsxError) -> String {
    error.to_string()
}

/// Most FAQs of a workbook, which Excel opens at once; a CSV file has no such bound.
pub(crate) const WORKBOOK_ROWS_MAX: usize = 4 * ROWS_MAX;

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use proptest::prelude::*;
    use zip::write::SimpleFileOptions;

    use super::*;

    fn book(rows: &[&[&str]]) -> Vec<u8> {
        let mut book = Workbook::new(&[("Question", 40.0), ("Answer", 60.0)]).unwrap();
        for row in rows {
            book.row(row.iter().map(|cell| (*cell).to_owned())).unwrap();
        }
        book.file().unwrap()
    }

    /// A workbook with one part replaced.
    fn with(part: &str, content: &[u8]) -> Vec<u8> {
        let mut old = ZipArchive::new(Cursor::new(book(&[&["a", "b"]]))).unwrap();
        let mut new = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for place in 0..old.len() {
            let mut entry = old.by_index(place).unwrap();
            let name = String::from_utf8(entry.name_raw().to_vec()).unwrap();
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            new.start_file(name.as_str(), SimpleFileOptions::default()).unwrap();
            new.write_all(if name == part { content } else { &bytes }).unwrap();
        }
        new.finish().unwrap().into_inner()
    }

    fn sheet(cells: &str) -> Vec<u8> {
        let space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
        let text = format!("<?xml version=\"1.0\"?><worksheet xmlns=\"{space}\">{cells}</worksheet>");
        with("xl/worksheets/sheet1.xml", text.as_bytes())
    }

    #[test]
    fn what_is_written_is_read_again() {
        let lines = read(&book(&[&["忘记密码？", "a\nb"], &["=1+1", "'x"]])).unwrap();
        let cells: Vec<(usize, Vec<&str>)> =
            lines.iter().map(|line| (line.row, line.cells.iter().map(String::as_str).collect())).collect();
        let wanted = [(1, vec!["Question", "Answer"]), (2, vec!["忘记密码？", "a\nb"]), (3, vec!["'=1+1", "''x"])];
        assert_eq!(cells, wanted);
        let long = "x".repeat(40_000);
        assert!(Workbook::new(&[("Question", 9.0)]).unwrap().row([long]).unwrap_err().contains("no cell of Excel"));
    }

    #[test]
    fn numbers_dates_and_gaps_are_read_as_people_see_them() {
        let cells = "<sheetData><row r=\"2\"><c r=\"A2\"><v>12</v></c><c r=\"C2\"><v>1.5</v></c></row>\
                     <row r=\"9\"><c r=\"B9\" t=\"b\"><v>1</v></c></row></sheetData>";
        let lines = read(&sheet(cells)).unwrap();
        assert_eq!(lines[0], Line { row: 2, cells: ["12", "", "1.5"].map(str::to_owned).to_vec() });
        assert_eq!(lines[1], Line { row: 9, cells: ["", "TRUE"].map(str::to_owned).to_vec() });
    }

    #[test]
    fn a_bomb_a_huge_sheet_and_broken_xml_are_refused() {
        let bomb = with("xl/worksheets/sheet1.xml", &vec![b' '; 40 * 1024 * 1024]);
        assert!(bomb.len() < 200_000, "{} bytes", bomb.len());
        assert!(read(&bomb).unwrap_err().why().contains("unpacks to more than 32 MiB"));
        let far = "<dimension ref=\"A1:XFD1048576\"/><sheetData><row r=\"1\"><c r=\"A1\"><v>1</v></c></row>\
                   <row r=\"1048576\"><c r=\"XFD1048576\"><v>1</v></c></row></sheetData>";
        assert!(read(&sheet(far)).unwrap_err().why().contains("16384 columns"));
        let space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
        for count in ["999999999999", "18446744073709551615", "5000000"] {
            let text = format!("<sst xmlns=\"{space}\" uniqueCount = '{count}'><si><t>a</t></si></sst>");
            let why = read(&with("xl/sharedStrings.xml", text.as_bytes()));
            // A workbook without shared texts has no such part to replace.
            assert!(why.is_ok() || why.unwrap_err().code == FaultCode::FileTooManyTexts, "{count}");
        }
        assert!(look_at_xml(b"<sst uniqueCount=\"999999999999\">").is_err());
        assert!(look_at_xml(b"<sst uniqueCount=\"12\">").is_ok());
        assert!(look_at_xml(b"<\0s\0s\0t\0").is_err());
        let broken = read(&sheet("<sheetData><row r=\"1\"><c r=\"A1\"><v>1</row>")).unwrap_err();
        assert_eq!(broken.code, FaultCode::FileNoWorkbook);
        assert!(read(b"PK\x03\x04 and nothing else").is_err());
    }

    #[test]
    fn rows_that_go_back_are_refused() {
        let back = "<sheetData><row r=\"5\"><c r=\"A5\"><v>1</v></c></row><row r=\"2\"><c r=\"A2\"><v>1</v></c></row></sheetData>";
        assert!(read(&sheet(back)).unwrap_err().why().contains("row 2 after row 5"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn a_damaged_workbook_is_refused_or_read(places in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)) {
            let mut bytes = book(&[&["Where?", "There."]]);
            for (place, byte) in places {
                let place = place.index(bytes.len());
                bytes[place] = byte;
            }
            let _ = read(&bytes);
        }
    }
}
