//! CSV: UTF-8, UTF-16 or GB18030; comma, semicolon or tab.

use bytes::Bytes;
use desk::faq::sheet::{Fault, FaultCode, Line, defused};
use encoding_rs::{Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};

use super::{Rows, fault};

/// The rows of a file.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<Line>, Fault> {
    // Spreadsheets write CRLF between rows and LF in cells, or the other way round.
    let text = decoded(bytes)?.replace("\r\n", "\n").replace('\r', "\n");
    // The first line of a file of Excel may say what separates.
    let (text, said) = match text.split_once('\n') {
        Some((first, rest)) if first.len() == 5 && first.starts_with("sep=") => (rest, first.bytes().last()),
        _ => (text.as_str(), None),
    };
    let above = usize::from(said.is_some());
    // Without an end the last row would not be counted.
    let text = format!("{}\n", text.trim_end_matches('\n'));
    let delimiter = said.unwrap_or_else(|| separator(&text));
    let mut reader =
        csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut rows = Rows::default();
    let mut inside = 0;
    let mut record = csv::StringRecord::new();
    loop {
        let more = reader.read_record(&mut record).map_err(|error| fault(FaultCode::FileNoCsv).found(error))?;
        if !more {
            return Ok(rows.0);
        }
        inside += record.iter().map(|cell| cell.matches('\n').count()).sum::<usize>();
        // Lines until here, less those that broke inside of cells.
        let line = usize::try_from(reader.position().line()).unwrap_or(usize::MAX);
        let row = line.saturating_sub(1 + inside) + above;
        rows.push(row, record.iter().map(str::to_owned).collect())?;
    }
}

/// The text, in the encoding that its mark says or that it is valid in.
fn decoded(bytes: &[u8]) -> Result<String, Fault> {
    let unreadable = || fault(FaultCode::FileEncoding);
    let (encoding, mark) = Encoding::for_bom(bytes).unwrap_or_else(|| (guessed(bytes), 0));
    let text = encoding.decode_without_bom_handling_and_without_replacement(&bytes[mark..]).ok_or_else(unreadable)?;
    if text.contains('\0') {
        return Err(unreadable());
    }
    Ok(text.into_owned())
}

/// The encoding of a text without a mark.
fn guessed(bytes: &[u8]) -> &'static Encoding {
    if std::str::from_utf8(bytes).is_ok_and(|text| !text.contains('\0')) {
        return UTF_8;
    }
    // Separators and line ends have a zero beside them in UTF-16.
    let head = &bytes[..bytes.len().min(4_096)];
    let zeros = |from: usize| head.iter().skip(from).step_by(2).filter(|byte| **byte == 0).count();
    match (zeros(0), zeros(1)) {
        (0, 0) => GB18030,
        (first, second) if first > second => UTF_16BE,
        _ => UTF_16LE,
    }
}

/// What stands most often in the first row, outside of quotation marks.
fn separator(text: &str) -> u8 {
    let mut quoted = false;
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0)];
    for byte in text.trim_start_matches('\n').bytes() {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => break,
            _ if quoted => {}
            _ => counts.iter_mut().filter(|(separator, _)| *separator == byte).for_each(|(_, count)| *count += 1),
        }
    }
    // The first of several with the same count.
    counts.iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(separator, _)| *separator)
}

/// A CSV file that is written piece by piece: UTF-8 with a mark, without which Excel takes it for the machine's old
/// encoding.
#[derive(Debug)]
pub(crate) struct Separated(csv::Writer<Vec<u8>>);

impl Default for Separated {
    fn default() -> Self {
        let rows = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer("\u{feff}".into());
        Self(rows)
    }
}

impl Separated {
    /// Adds a row. A cell that is a long number gets an apostrophe, because spreadsheets round it.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) -> Result<(), String> {
        let long = |cell: &str| cell.len() > 15 && cell.bytes().all(|byte| byte.is_ascii_digit());
        let cells = cells.into_iter().map(|cell| if long(&cell) { format!("'{cell}") } else { defused(cell) });
        self.0.write_record(cells).map_err(|error| error.to_string())
    }

    /// What was written since the last piece.
    pub(crate) fn piece(&mut self) -> Result<Bytes, String> {
        let next = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
        let full = std::mem::replace(&mut self.0, next);
        full.into_inner().map(Bytes::from).map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use desk::faq::sheet::armed;
    use proptest::prelude::*;

    use super::*;

    fn cells(bytes: &[u8]) -> Vec<Vec<String>> {
        read(bytes).unwrap().into_iter().map(|line| line.cells).collect()
    }

    #[test]
    fn each_encoding_and_separator_is_found() {
        let text = "问题,答案\n密码？,\"重置, 请\"\n";
        let wanted = [["问题", "答案"], ["密码？", "重置, 请"]];
        assert_eq!(cells(text.as_bytes()), wanted);
        assert_eq!(cells(format!("\u{feff}{text}").as_bytes()), wanted);
        assert_eq!(cells(&GB18030.encode(text).0), wanted);
        let sixteen = |end: fn(u16) -> [u8; 2], text: &str| text.encode_utf16().flat_map(end).collect::<Vec<_>>();
        for mark in ["", "\u{feff}"] {
            assert_eq!(cells(&sixteen(u16::to_le_bytes, &format!("{mark}{text}"))), wanted);
            assert_eq!(cells(&sixteen(u16::to_be_bytes, &format!("{mark}{text}"))), wanted);
        }
        assert_eq!(cells("问题;答案\r\n密码？;\"重置, 请\"".as_bytes()), wanted);
        assert_eq!(cells("问题\t答案\r密码？\t重置, 请\r".as_bytes()), wanted);
        assert_eq!(cells("sep=;\n问题;答案\n密码？;\"重置, 请\"".as_bytes()), wanted);
        assert_eq!(read(&[0xff, 0x81, 0x30]).unwrap_err().code, FaultCode::FileEncoding);
        assert!(read(b"a,bc\0").is_err());
    }

    #[test]
    fn rows_are_counted_as_a_spreadsheet_counts() {
        let rows = |text: &str| read(text.as_bytes()).unwrap().iter().map(|line| line.row).collect::<Vec<_>>();
        assert_eq!(rows("Question,Answer\n\n\"a\nb\nc\",d\n,\n\ne,f"), [1, 3, 6]);
        assert_eq!(rows("sep=,\r\nQuestion\r\na\r\n"), [2, 3]);
    }

    #[test]
    fn too_much_is_refused() {
        let wide = vec!["a"; 65].join(",");
        assert!(read(wide.as_bytes()).unwrap_err().why().contains("65 columns in row 1"));
        assert!(read("a\n".repeat(5_002).as_bytes()).unwrap_err().why().contains("more than 5000 rows"));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(
            written in prop::collection::vec(prop::collection::vec("[a\"',;\t\n=+@\\-＝0 问😀]{0,6}", 3), 1..6)
        ) {
            let mut file = Separated::default();
            // What is stored has no space at its ends.
            let tidy: Vec<Vec<String>> =
                written.iter().map(|row| row.iter().map(|cell| cell.trim().to_owned()).collect()).collect();
            file.row(["ID", "Question", "Answer"].map(str::to_owned)).unwrap();
            for row in &tidy {
                file.row(row.clone()).unwrap();
            }
            let there: Vec<Vec<String>> = tidy.into_iter().filter(|row| row.iter().any(|c| !c.is_empty())).collect();
            let again: Vec<Vec<String>> = cells(&file.piece().unwrap())[1..]
                .iter()
                .map(|row| row.iter().map(|cell| armed(cell).to_owned()).collect())
                .collect();
            prop_assert_eq!(again, there);
        }

        #[test]
        fn nothing_that_is_sent_makes_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = super::super::read(&bytes);
        }
    }
}
