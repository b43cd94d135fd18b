//! Why the built-in engine put a FAQ first, in short: what a ticket's timeline tells.

use serde::{Deserialize, Serialize};

/// Most words that are kept.
pub const WORDS_MAX: usize = 5;

/// Why a FAQ came first, as it was when it was answered with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Why {
    /// The FAQ: 19 digits.
    pub faq_id: String,
    /// Its score, 0 to 1.
    pub score: f64,
    /// The best other FAQ.
    pub runner_up: Option<RunnerUp>,
    /// Score less the runner-up's.
    pub margin: f64,
    /// Which of its texts fits best.
    pub matched: MatchedText,
    /// Which similar question, the first being 1.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub similar: Option<usize>,
    /// Whether the text equals the question but for case, width, accents, spacing and punctuation.
    pub exact: bool,
    /// The text as the engine compares it; left out for an answer.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub text: Option<String>,
    /// The words it shares with the question, heaviest first, at most [`WORDS_MAX`].
    pub words: Vec<Word>,
    /// Cosine, -1 to 1, of the sentence vectors of question and closest text.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub similarity: Option<f64>,
}

/// The FAQ behind the first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunnerUp {
    /// 19 digits.
    pub faq_id: String,
    /// 0 to 1.
    pub score: f64,
}

/// Which of a FAQ's texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MatchedText {
    /// The question.
    Question,
    /// A similar question.
    SimilarQuestion,
    /// The answer.
    Answer,
}

/// A word that question and FAQ share.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Word {
    /// Folded and stemmed.
    pub word: String,
    /// Above 0; a rare word weighs more.
    pub weight: f64,
}
