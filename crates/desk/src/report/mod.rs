//! Reports: what became of the tickets that were opened on some days, as numbers each of which lists its tickets.
//!
//! Each ticket is read once, as a [`Fact`], and [`Figure::counts`] alone says what counts it; a list asks the same
//! question, so no number can disagree with its list. Tickets are read a page at a time, each page in a look of its own
//! at the database, and what is kept grows with days, agents and FAQs and not with tickets.

mod fact;
mod figure;
mod find;
mod period;
mod sheet;
mod spread;

pub use fact::{Fact, PAGE, Position, page};
pub use figure::{Figure, Figures};
pub use find::{Filter, LIST_MAX};
pub use period::{DAYS_MAX, OFFSET_MAX_MIN, Period, Wall, Wanted};
pub use sheet::{Categories, Names, Sheet, categories, names};
pub use spread::Spread;
