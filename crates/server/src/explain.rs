//! Why a question is answered as it is: what the admin API and `deskwire explain` tell.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use db::{DbError, Tx};
use desk::answer::why::MatchedText;
use desk::answer::{self, Match, Mode};
use desk::directory::Helpdesk;
use desk::faq;
use desk::{Kind, Refusal};
use retrieval::{Basis, Explanation, FaqId, worth_showing};
use schemars::JsonSchema;
use serde::Serialize;

use crate::app::App;
use crate::engine::{matched, matched_text};

/// Longest question, in characters: the engine reads no more.
pub const TEXT_MAX: usize = retrieval::MAX_CHARS;
/// Most FAQs that are explained.
pub const LIMIT_MAX: usize = 20;
/// How many are if nothing is said.
pub const LIMIT_DEFAULT: usize = 5;

/// What is to be explained.
#[derive(Debug, Clone)]
pub struct Ask {
    /// The question.
    pub text: String,
    /// A FAQ to explain in any case.
    pub faq_id: Option<FaqId>,
    /// How many FAQs to explain, the best first: 1 to [`LIMIT_MAX`].
    pub limit: usize,
}

impl Ask {
    /// Checks what is asked.
    ///
    /// # Errors
    /// The text is empty or longer than [`TEXT_MAX`], or the limit is out of range.
    pub fn checked(self) -> Result<Self, Refusal> {
        if self.text.trim().is_empty() {
            return Err(Refusal::invalid("text", "must not be empty"));
        }
        if self.text.chars().count() > TEXT_MAX {
            return Err(Refusal::invalid("text", format!("at most {TEXT_MAX} characters are allowed")));
        }
        if !(1..=LIMIT_MAX).contains(&self.limit) {
            return Err(Refusal::invalid("limit", format!("{} is not in 1..={LIMIT_MAX}", self.limit)));
        }
        Ok(self)
    }
}

/// How the built-in engine sees a question, and why it answers it so.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct ExplainedQuestion {
    /// What a guest would be shown now.
    pub answer: WouldAnswer,
    /// The question's words, heaviest first: stems of words, single characters and pairs of characters where there are
    /// no spaces.
    pub words: Vec<AskedWord>,
    /// Share of the words' weight in words that no question of the help desk has, 0 to 1.
    pub unknown: f64,
    /// FAQs, best first; at the end the one that was named, if it has no earlier place.
    pub faqs: Vec<ExplainedFaq>,
}

/// What the built-in engine would answer.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct WouldAnswer {
    /// `direct` if the best score is at least `direct_score`, `list` if it is at least `list_score`, otherwise `none`.
    pub mode: Mode,
    /// From this score on the best FAQ's answer is shown.
    pub direct_score: f64,
    /// From this score on a list of questions is shown.
    pub list_score: f64,
    /// The FAQ category that says something about these thresholds: the best FAQ's or one above it; left out if they are
    /// the help desk's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category_id: Option<String>,
    /// Decimal ids of the FAQs that would be shown, best first.
    pub faq_ids: Vec<String>,
}

/// A word of the question.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct AskedWord {
    /// Folded and stemmed.
    pub word: String,
    /// 0 or above; a rare word weighs more.
    pub weight: f64,
    /// How many FAQs have it in the question or a similar question.
    pub in_questions: u32,
    /// How many FAQs have it among the first words of the answer.
    pub in_answers: u32,
    /// Whether any FAQ has it.
    pub known: bool,
    /// Words of FAQs that it stands for in this help desk; left out if there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub means: Vec<String>,
}

/// Why a FAQ has its score.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct ExplainedFaq {
    /// Decimal id.
    pub faq_id: String,
    /// The question.
    pub question: String,
    /// 0 to 1: how likely the FAQ answers the question.
    pub score: f64,
    /// The text that fits best.
    pub matched: MatchedBy,
    /// Words that the question and the FAQ share, heaviest first.
    pub words: Vec<SharedWord>,
    /// The strongest runs of characters that the question and the FAQ's best question share, at most 8.
    pub grams: Vec<SharedGram>,
    /// Cosine of the sentence vectors of the question and the FAQ's closest text, -1 to 1; left out without vectors.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub similarity: Option<f64>,
    /// What the score rests on: `words`; `learned`, also what similar questions taught; `meaning`, words and sentence
    /// vectors; `meaning_learned`, all of it.
    #[schemars(extend("enum" = ["words", "learned", "meaning", "meaning_learned"]))]
    pub basis: &'static str,
    /// How likely the FAQ is by what the help desk's similar questions taught about words, 0 to 1; left out if nothing
    /// was learnt of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub learned: Option<f64>,
    /// The same about sentence vectors.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meaning_learned: Option<f64>,
    /// The best other FAQ; left out if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runner_up: Option<OtherFaq>,
    /// Score less the other's; negative if the other is ahead.
    pub margin: f64,
    /// What the score is made of. It grows with the sum of all contributions; the first is the same for all questions.
    pub features: Vec<ScorePart>,
}

/// Which text of a FAQ fits best.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct MatchedBy {
    /// `question`, `similar_question` or `answer`.
    #[schemars(extend("enum" = ["question", "similar_question", "answer"]))]
    pub by: &'static str,
    /// Which similar question, the first being 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<usize>,
    /// The text; left out for an answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Whether it equals the question but for case, width, accents, spacing and punctuation.
    pub exact: bool,
}

/// A word that the question and a FAQ share.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct SharedWord {
    /// Folded and stemmed.
    pub word: String,
    /// Above 0; a rare word weighs more.
    pub weight: f64,
    /// Whether the FAQ's question or a similar question has it; otherwise only the answer has.
    pub in_question: bool,
    /// The question's words that stand for it, if the question has these instead; left out otherwise.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub said_as: Vec<String>,
}

/// A run of characters that the question and a FAQ's best question share.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct SharedGram {
    /// The characters, folded; `·` is the beginning or end of a word.
    pub gram: String,
    /// What it adds to the likeness of the two texts, 0 to 1.
    pub weight: f64,
}

/// Another FAQ.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct OtherFaq {
    /// Decimal id.
    pub faq_id: String,
    /// The question.
    pub question: String,
    /// 0 to 1.
    pub score: f64,
}

/// What one measure adds to a score.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct ScorePart {
    /// Which measure.
    pub name: &'static str,
    /// Its value: 0 to 1, -1 to 1 for how far it is ahead of the best other FAQ, -2 to 0 for what was learnt.
    pub value: f64,
    /// What it adds to the log-odds of the score.
    pub contribution: f64,
}

/// Explains a question, with all the engine knows now.
pub async fn explain(app: &App, desk: &Arc<Helpdesk>, ask: Ask) -> Result<ExplainedQuestion, Refusal> {
    let found = app.engines().explain(app, desk, &ask.text, ask.limit, ask.faq_id).await?;
    if let Some(id) = ask.faq_id.filter(|id| found.faqs.iter().all(|faq| faq.id != *id)) {
        return Err(Refusal::not_found(Kind::Faq, id));
    }
    let best = found.ranking.into_iter().take(desk.answering.list_size + 1).collect();
    let matches: Vec<Match> = worth_showing(best).map(matched).collect();
    let (desk, explained) = (Arc::clone(desk), found.faqs);
    let read = move |tx: &mut Tx<'_>| Ok((would_answer(tx, &desk, &matches)?, faqs(tx, &desk, &explained)?));
    let (answer, faqs) = app.read(move |tx, _| read(tx)).await?;
    let word = |term: retrieval::AskedTerm| AskedWord {
        known: term.in_questions + term.in_answers > 0,
        word: term.term,
        weight: term.weight,
        in_questions: term.in_questions,
        in_answers: term.in_answers,
        means: term.means,
    };
    Ok(ExplainedQuestion { answer, words: found.terms.into_iter().map(word).collect(), unknown: found.unknown, faqs })
}

fn would_answer(tx: &mut Tx<'_>, desk: &Helpdesk, matches: &[Match]) -> Result<WouldAnswer, DbError> {
    let preview = answer::preview(tx, desk, matches)?;
    Ok(WouldAnswer {
        mode: preview.mode,
        direct_score: preview.by.thresholds.direct_score,
        list_score: preview.by.thresholds.list_score,
        category_id: preview.by.category_id.map(|id| id.to_string()),
        faq_ids: preview.faq_ids.iter().map(FaqId::to_string).collect(),
    })
}

/// The explanations with the FAQs' texts as they are now; one that was deleted a moment ago is left out.
fn faqs(tx: &mut Tx<'_>, desk: &Helpdesk, explained: &[Explanation]) -> Result<Vec<ExplainedFaq>, DbError> {
    let mut wordings = HashMap::new();
    for id in explained.iter().flat_map(|one| std::iter::once(one.id).chain(one.runner_up.map(|other| other.0))) {
        if let Entry::Vacant(place) = wordings.entry(id) {
            place.insert(faq::wording(tx, desk, id)?);
        }
    }
    let wording = |id: FaqId| wordings.get(&id).and_then(Option::as_ref);
    let one = |why: &Explanation| {
        let (question, similar) = wording(why.id)?;
        let runner_up = why
            .runner_up
            .and_then(|(id, score)| Some(OtherFaq { faq_id: id.to_string(), question: wording(id)?.0.clone(), score }));
        Some(explained_faq(why, question, similar, runner_up))
    };
    Ok(explained.iter().filter_map(one).collect())
}

fn explained_faq(why: &Explanation, question: &str, similar: &[String], runner_up: Option<OtherFaq>) -> ExplainedFaq {
    let shared = |term: &retrieval::MatchedTerm| SharedWord {
        word: term.term.clone(),
        weight: term.weight,
        in_question: term.in_question,
        said_as: term.said_as.clone(),
    };
    let gram = |gram: &retrieval::MatchedGram| SharedGram { gram: gram.gram.clone(), weight: gram.weight };
    let part = |f: &retrieval::Feature| ScorePart { name: f.name, value: f.value, contribution: f.contribution };
    ExplainedFaq {
        faq_id: why.id.to_string(),
        question: question.to_owned(),
        score: why.score,
        matched: matched_by(why, question, similar),
        words: why.matched_terms.iter().map(shared).collect(),
        grams: why.matched_grams.iter().map(gram).collect(),
        similarity: why.similarity,
        basis: basis_word(why.basis),
        learned: why.learned,
        meaning_learned: why.meaning_learned,
        runner_up,
        margin: why.margin,
        features: why.features.iter().map(part).collect(),
    }
}

fn matched_by(why: &Explanation, question: &str, similar: &[String]) -> MatchedBy {
    let (text, number) = matched_text(why.best_text.text);
    let (by, text) = match text {
        MatchedText::Question => ("question", Some(question.to_owned())),
        MatchedText::SimilarQuestion => {
            ("similar_question", number.and_then(|number| similar.get(number - 1)).cloned())
        }
        MatchedText::Answer => ("answer", None),
    };
    MatchedBy { by, number, text, exact: why.best_text.exact }
}

fn basis_word(basis: Basis) -> &'static str {
    match basis {
        Basis::Words => "words",
        Basis::Learned => "learned",
        Basis::Meaning => "meaning",
        Basis::MeaningLearned => "meaning_learned",
    }
}
