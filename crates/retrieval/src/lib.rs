//! The built-in answer engine: an index of a desk's FAQs and a score that means something.
//!
//! [`Index`] keeps the FAQs of one help desk in memory. [`Index::rank`] finds candidates with
//! BM25 over words and Chinese character pairs, compares them with the query word by word and
//! by character n-grams, and turns all that into a probability with a logistic regression
//! whose few weights are constants. [`Index::explain`] tells the parts.
//!
//! Pure: no I/O, no clock, no randomness, no threads; the same FAQs and query give the same
//! ranking on every server, in whatever order the FAQs came.

mod alike;
mod analyse;
mod answers;
mod batch;
mod block;
pub mod calibration;
mod candidates;
mod classifier;
mod counts;
mod dictionary;
mod doc;
mod duplicates;
mod explain;
mod features;
mod fold;
mod grams;
mod groups;
mod han;
mod head;
mod index;
mod learned;
mod lexicon;
mod linear;
mod meant;
mod mine;
mod model;
mod num;
mod pool;
mod postings;
mod prepared;
mod query;
mod rank;
mod span;
mod stop;
mod synonyms;
mod vectors;
mod weights;

pub use alike::text_key;
pub use analyse::{Analysis, MAX_CHARS, Term, TermKind, analyse};
pub use answers::Answers;
pub use batch::Batch;
pub use calibration::Calibration;
pub use candidates::MAX_HITS;
pub use duplicates::{COMPARED_MAX, DUPLICATES_MAX, Duplicate, duplicates};
pub use explain::{AskedTerm, Explained, Explanation, Feature, GRAMS_TOLD, MatchedGram, MatchedTerm};
pub use groups::{Group, Utterance, group};
pub use index::{FaqId, FaqText, Index};
pub use learned::{Learned, Lesson};
pub use mine::{CONFIRMED_MAX, Confirmed, GUESTS_LEAST, Mined, PAIRS_MAX, mine};
pub use model::Basis;
pub use prepared::Prepared;
pub use rank::{Aids, Hit, KNOWN_LEAST, Matched, MatchedText, worth_showing};
pub use synonyms::{Synonym, Synonyms};
pub use vectors::{EMBEDDING_FEATURES, NEAREST_MAX, QueryVector, Vectors, quantise};
