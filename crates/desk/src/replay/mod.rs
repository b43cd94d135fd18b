//! Past questions under other FAQs or other scores: what is known to be right about them, and how a new answer does.
//!
//! Nothing here ranks. Whoever does hands in what was found for a question, and this compares it with what the guest
//! saw then and with what is known since. [`case`] are questions whose right answer somebody wrote down.

pub mod case;
mod compare;
mod difference;
mod evidence;
mod sweep;
mod view;

pub use compare::{Compared, Counts, Summary};
pub use difference::{Difference, EDITS_MAX, Edit, Put, Rest, Text, edited, of_file, whole, word};
pub(crate) use evidence::Outcome;
pub use evidence::{Evidence, Witness};
pub use sweep::{Band, OfCategories, Share, Step, Sweep};
pub use view::{Verdict, View};
