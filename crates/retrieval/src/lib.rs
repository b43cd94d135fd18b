//! The built-in answer engine: an index of a desk's FAQs and a score that means something.
//!
//! [`Index`] keeps the FAQs of one help desk in memory. [`Index::rank`] finds candidates with
//! BM25 over words and Chinese character pairs, compares them with the query word by word and
//! by character n-grams, and turns all that into a probability with a logistic regression
//! whose few weights are constants. [`Index::explain`] tells the parts.
//!
//! Pure: no I/O, no clock, no randomness, no threads; the same FAQs and query give the same
//! ranking on every server, in whatever order the FAQs came.

mod analyse;
mod candidates;
mod classifier;
mod counts;
mod dictionary;
mod doc;
mod features;
mod fold;
mod grams;
mod han;
mod head;
mod index;
mod learned;
mod linear;
mod model;
mod num;
mod postings;
mod prepared;
mod query;
mod rank;
mod stop;
mod vectors;
mod weights;

pub use analyse::{Analysis, MAX_CHARS, Term, TermKind, analyse};
pub use candidates::MAX_HITS;
pub use index::{FaqId, FaqText, Index};
pub use learned::{Learned, Lesson};
pub use model::Basis;
pub use prepared::Prepared;
pub use rank::{Aids, Explanation, Feature, Hit, KNOWN_LEAST, Matched, MatchedTerm, MatchedText, worth_showing};
pub use vectors::{EMBEDDING_FEATURES, NEAREST_MAX, QueryVector, Vectors, quantise};
