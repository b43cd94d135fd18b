//! Files of FAQs as spreadsheets have them: CSV in the encodings and with the separators that they use, and XLSX.
//! What is read is hostile until it was looked at: each step is bounded before it takes memory.

mod separated;
mod workbook;

use std::sync::Arc;

use desk::faq::sheet::{COLUMNS_MAX, Fault, FaultCode, Line, ROWS_MAX};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

pub(crate) use separated::Separated;
pub(crate) use workbook::{WORKBOOK_ROWS_MAX, Workbook};

/// Longest file that is read, in bytes.
pub(crate) const BYTES_MAX: usize = 10 * 1024 * 1024;
/// Files that are read or written at the same time.
const SIDE_BY_SIDE: usize = 2;

/// Who may read or write a file now: each takes some memory.
#[derive(Debug)]
pub(crate) struct Places(Arc<Semaphore>);

/// A place; it ends with the work, also if nobody waits for that any more.
#[derive(Debug)]
pub(crate) struct Place(#[expect(dead_code, reason = "holds the place until it is dropped")] OwnedSemaphorePermit);

impl Default for Places {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(SIDE_BY_SIDE)))
    }
}

impl Places {
    /// A place, if there is one.
    pub(crate) fn take(&self) -> Option<Place> {
        Arc::clone(&self.0).try_acquire_owned().ok().map(Place)
    }
}

/// The rows of a file, whichever kind it is.
///
/// # Errors
/// Why it cannot be read.
pub(crate) fn read(bytes: &[u8]) -> Result<Vec<Line>, Fault> {
    if bytes.len() > BYTES_MAX {
        return Err(too_large());
    }
    if bytes.starts_with(b"PK") {
        return workbook::read(bytes);
    }
    if bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
        return Err(fault(FaultCode::FileOldExcel));
    }
    separated::read(bytes)
}

/// A fault of the whole file.
fn fault(code: FaultCode) -> Fault {
    Fault::new(None, code)
}

/// The fault of a file of more than [`BYTES_MAX`].
pub(crate) fn too_large() -> Fault {
    fault(FaultCode::FileTooLarge).limit(BYTES_MAX / 1024 / 1024)
}

/// Rows on their way in, at most as many as are allowed.
#[derive(Debug, Default)]
struct Rows(Vec<Line>);

impl Rows {
    fn push(&mut self, row: usize, cells: Vec<String>) -> Result<(), Fault> {
        if cells.len() > COLUMNS_MAX {
            return Err(fault(FaultCode::FileTooWide).limit(COLUMNS_MAX).found(cells.len()).row(row));
        }
        // One for the headings.
        if self.0.len() > ROWS_MAX {
            return Err(fault(FaultCode::FileTooLong).limit(ROWS_MAX));
        }
        if cells.iter().any(|cell| !cell.trim().is_empty()) {
            self.0.push(Line { row, cells });
        }
        Ok(())
    }
}
