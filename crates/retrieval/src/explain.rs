//! Why FAQs got their scores.

use crate::candidates::MAX_HITS;
use crate::features::NAMES;
use crate::index::{FaqId, Index};
use crate::model::Basis;
use crate::num::wide;
use crate::postings::at;
use crate::query::{Query, QueryTerm};
use crate::rank::{Aids, Hit, Judged, Matched, MatchedText, Steps};

/// Most n-grams that an explanation names.
pub const GRAMS_TOLD: usize = 8;

/// One input of the model.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Feature {
    /// Stable name.
    pub name: &'static str,
    /// Value; measures are within 0..=1, gaps within -1..=1.
    pub value: f64,
    /// Value times weight: what it adds to the score's log-odds.
    pub contribution: f64,
}

/// A term that the query and a FAQ share.
#[derive(Clone, Debug, PartialEq)]
pub struct MatchedTerm {
    /// The term, folded and stemmed.
    pub term: String,
    /// Its weight on this desk, above 0; a rare term weighs more.
    pub weight: f64,
    /// Whether the question or a similar question has it; the answer alone has it otherwise.
    pub in_question: bool,
    /// The query's words that stand for it, if the query has them instead of it; empty otherwise.
    pub said_as: Vec<String>,
}

/// A character n-gram that the query and a FAQ's best text share.
#[derive(Clone, Debug, PartialEq)]
pub struct MatchedGram {
    /// Its characters, folded; `·` stands for the beginning or end of a word.
    pub gram: String,
    /// What it adds to the cosine of the two texts, above 0 and at most 1.
    pub weight: f64,
}

/// A term of the query.
#[derive(Clone, Debug, PartialEq)]
pub struct AskedTerm {
    /// The term, folded and stemmed.
    pub term: String,
    /// Its weight on this desk, 0 or above; a rare term weighs more.
    pub weight: f64,
    /// FAQs that have it in the question or a similar question.
    pub in_questions: u32,
    /// FAQs that have it in the answer, as far as answers are looked at.
    pub in_answers: u32,
    /// Terms of FAQs that it stands for on this desk.
    pub means: Vec<String>,
}

/// Why a FAQ got its score.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// The FAQ.
    pub id: FaqId,
    /// The same score that [`Index::rank`] gives.
    pub score: f64,
    /// The sum of all contributions: what the score is made of, before [`Aids::calibration`](crate::Aids).
    pub log_odds: f64,
    /// What the score rests on.
    pub basis: Basis,
    /// The model's inputs, in the model's order; the first one is the constant.
    pub features: Vec<Feature>,
    /// Shared terms, heaviest first.
    pub matched_terms: Vec<MatchedTerm>,
    /// The strongest shared n-grams of the best question, heaviest first, at most [`GRAMS_TOLD`]; of two of which one is
    /// part of the other, only the heavier.
    pub matched_grams: Vec<MatchedGram>,
    /// The text that fits best.
    pub best_text: Matched,
    /// That text as it was compared: folded, its first 240 characters; empty if it is the answer.
    pub text: String,
    /// See [`Hit::similarity`].
    pub similarity: Option<f64>,
    /// How likely the FAQ is, 0..=1, by what the desk's similar questions taught about words.
    pub learned: Option<f64>,
    /// The same about sentence vectors.
    pub meaning_learned: Option<f64>,
    /// The best other FAQ with its score.
    pub runner_up: Option<(FaqId, f64)>,
    /// Score less the runner-up's; negative if the other one is ahead.
    pub margin: f64,
}

/// A query and why FAQs match it.
#[derive(Clone, Debug, PartialEq)]
pub struct Explained {
    /// The query's different terms, heaviest first.
    pub terms: Vec<AskedTerm>,
    /// Share of their weight in terms that no question of the desk has, 0..=1.
    pub unknown: f64,
    /// The ranking.
    pub ranking: Vec<Hit>,
    /// Why its first FAQs, and perhaps one more, have their scores.
    pub faqs: Vec<Explanation>,
}

impl Index {
    /// Why the FAQ has the score it has for this query, or would have if it shared something
    /// with it. None if there is no FAQ with this id.
    pub fn explain(&self, query: &str, aids: &Aids<'_>, id: FaqId) -> Option<Explanation> {
        let slot = self.slot(id)?;
        let mut query = Query::new(self, query, aids.synonyms);
        let judged = self.judge(&mut query, aids, Some(slot), &mut Steps::default());
        let one = judged.iter().find(|j| j.slot == slot)?;
        Some(self.explanation(&query, one, &judged))
    }

    /// The explanations of the whole ranking, in its order: what the model is fitted on.
    pub fn explain_all(&self, query: &str, aids: &Aids<'_>, limit: usize) -> Vec<Explanation> {
        let mut query = Query::new(self, query, aids.synonyms);
        let judged = self.judge(&mut query, aids, None, &mut Steps::default());
        judged.iter().take(limit).map(|one| self.explanation(&query, one, &judged)).collect()
    }

    /// [`Self::rank_with`], and why the first FAQ is the first; looked at once for both.
    pub fn rank_explained(&self, query: &str, aids: &Aids<'_>, limit: usize) -> (Vec<Hit>, Option<Explanation>) {
        let mut query = Query::new(self, query, aids.synonyms);
        let judged = self.judge(&mut query, aids, None, &mut Steps::default());
        let why = judged.first().map(|best| self.explanation(&query, best, &judged));
        (judged.into_iter().take(limit.min(MAX_HITS)).map(|j| j.hit).collect(), why)
    }

    /// The query's terms, the whole ranking, and the explanations of its first `limit` FAQs; that of the FAQ `also` in
    /// any case, at the end if it has no earlier place. What a console shows beside a test question.
    pub fn explain_query(&self, query: &str, aids: &Aids<'_>, limit: usize, also: Option<FaqId>) -> Explained {
        let mut asked = Query::new(self, query, aids.synonyms);
        let judged = self.judge(&mut asked, aids, None, &mut Steps::default());
        let listed = |(place, one): &(usize, &Judged)| *place < limit || Some(one.hit.id) == also;
        let told = judged.iter().enumerate().filter(listed);
        let mut faqs: Vec<Explanation> = told.map(|(_, one)| self.explanation(&asked, one, &judged)).collect();
        // One that is no candidate is looked at by itself, so that it changes nothing about the others.
        let missing = also.filter(|id| faqs.iter().all(|faq| faq.id != *id));
        faqs.extend(missing.and_then(|id| self.explain(query, aids, id)));
        let ranking = judged.into_iter().take(MAX_HITS).map(|j| j.hit).collect();
        Explained { terms: self.asked_terms(&asked), unknown: asked.unknown, ranking, faqs }
    }

    fn asked_terms(&self, query: &Query) -> Vec<AskedTerm> {
        let term = |t: &QueryTerm| {
            let entry = t.id.map(|id| &self.terms[wide(id)]);
            let (in_questions, in_answers) = entry.map_or((0, 0), |entry| (entry.asked, entry.answered()));
            let stands = |other: &&QueryTerm| other.instead.iter().any(|word| word.text == t.text);
            let means = query.known.iter().filter(stands).map(|other| other.text.clone()).collect();
            AskedTerm { term: t.text.clone(), weight: t.asked, in_questions, in_answers, means }
        };
        let said = query.known.iter().filter(|term| term.instead.is_empty());
        let mut terms: Vec<AskedTerm> = said.chain(&query.strange).map(term).collect();
        terms.sort_by(|a, b| b.weight.total_cmp(&a.weight).then_with(|| a.term.cmp(&b.term)));
        terms
    }

    fn explanation(&self, query: &Query, one: &Judged, all: &[Judged]) -> Explanation {
        let weights = one.basis.weights();
        let constant = Feature { name: "constant", value: 1.0, contribution: weights.constant };
        let rest = (NAMES.iter().zip(&one.features).zip(&weights.features)).map(|((name, value), weight)| Feature {
            name,
            value: *value,
            contribution: value * weight,
        });
        let text = self.docs[at(one.slot)].texts().nth(one.best_text).map_or("", |(text, _)| text);
        let by_answer = one.hit.matched.text == MatchedText::Answer;
        let runner_up = all.iter().find(|j| j.slot != one.slot).map(|j| (j.hit.id, j.hit.score));
        Explanation {
            id: one.hit.id,
            score: one.hit.score,
            log_odds: one.hit.log_odds,
            basis: one.basis,
            features: std::iter::once(constant).chain(rest).collect(),
            matched_terms: self.matched_terms(query, one.slot),
            matched_grams: self.matched_grams(query, text),
            best_text: one.hit.matched,
            text: if by_answer { String::new() } else { text.to_owned() },
            similarity: one.hit.similarity,
            learned: one.said.learned.map(f64::exp),
            meaning_learned: one.said.meaning_learned.map(f64::exp),
            runner_up,
            margin: one.hit.score - runner_up.map_or(0.0, |r| r.1),
        }
    }

    fn matched_terms(&self, query: &Query, slot: u32) -> Vec<MatchedTerm> {
        let shared = |t: &QueryTerm| {
            let posting = self.terms[wide(t.id?)].list.get(slot)?;
            let in_question = posting.asked() > 0;
            let weight = if in_question { t.mass_beside(|id| self.asks(id, slot)) } else { t.answered };
            let said_as = t.instead.iter().map(|word| word.text.clone()).collect();
            // A word that stands for another says nothing where it stands itself, nor about answers.
            (weight > 0.0 || t.instead.is_empty()).then(|| MatchedTerm {
                term: t.text.clone(),
                weight,
                in_question,
                said_as,
            })
        };
        let mut terms: Vec<MatchedTerm> = query.known.iter().filter_map(shared).collect();
        terms.sort_by(|a, b| b.weight.total_cmp(&a.weight).then_with(|| a.term.cmp(&b.term)));
        terms
    }

    fn matched_grams(&self, query: &Query, text: &str) -> Vec<MatchedGram> {
        let mut shared = query.grams.shared(self, text);
        let longer = |a: &str, b: &str| b.len().cmp(&a.len()).then_with(|| a.cmp(b));
        shared.sort_by(|a, b| b.weight.total_cmp(&a.weight).then_with(|| longer(&a.text, &b.text)));
        let mut told: Vec<MatchedGram> = Vec::with_capacity(GRAMS_TOLD);
        for gram in shared {
            if told.len() == GRAMS_TOLD {
                break;
            }
            let overlaps = |other: &MatchedGram| other.gram.contains(&gram.text) || gram.text.contains(&other.gram);
            if !told.iter().any(overlaps) {
                told.push(MatchedGram { gram: gram.text, weight: gram.weight });
            }
        }
        told
    }
}
