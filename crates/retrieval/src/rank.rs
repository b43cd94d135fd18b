//! Ranking.

use crate::calibration::Calibration;
use crate::candidates::{self, Candidate};
use crate::features::{self, COUNT, Lookup, Measures, Said};
use crate::index::{FaqId, Index};
use crate::learned::Learned;
use crate::model::{self, Basis};
use crate::postings::at;
use crate::query::Query;
use crate::synonyms::Synonyms;
use crate::vectors::{QueryVector, Vectors};

/// Which of a FAQ's texts a query matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MatchedText {
    /// The question.
    Question,
    /// A similar question, by its place in [`FaqText::similar`](crate::FaqText::similar).
    Similar(usize),
    /// The answer: the questions share less with the query.
    Answer,
}

/// Where and how a query matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Matched {
    /// The text that fits best.
    pub text: MatchedText,
    /// Whether a question or similar question equals the query but for case, width, accents,
    /// spacing and punctuation.
    pub exact: bool,
}

/// One FAQ of a ranking.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    /// The FAQ.
    pub id: FaqId,
    /// Estimated probability, 0..=1, that this FAQ answers the query. At least 0.98 for an
    /// exact match, at most 0.98 for any other.
    pub score: f64,
    /// The log-odds behind the score, before [`Aids::calibration`]: what a calibration is fitted to.
    pub log_odds: f64,
    /// What matched.
    pub matched: Matched,
    /// Cosine, -1..=1, of the query's vector and the closest of the FAQ's texts; none if either has no vector.
    pub similarity: Option<f64>,
}

/// Share of the best score below which a hit is not worth a place beside the best.
const WORTH_SHOWING: f64 = 0.1;

/// Of a ranking, best first, the hits that guests should see.
pub fn worth_showing(hits: Vec<Hit>) -> impl Iterator<Item = Hit> {
    let least = hits.first().map_or(0.0, |best| best.score * WORTH_SHOWING);
    hits.into_iter().filter(move |hit| hit.score >= least)
}

/// What helps beside the index itself, as far as there is any.
#[derive(Clone, Copy, Debug, Default)]
pub struct Aids<'a> {
    /// What the desk's own similar questions taught.
    pub learned: Option<&'a Learned>,
    /// Sentence vectors of the desk and of the query; of different models they are as good as none.
    pub meaning: Option<(&'a Vectors, &'a QueryVector)>,
    /// How log-odds become scores here. It moves scores, never the order.
    pub calibration: Calibration,
    /// Words that mean the same on this desk.
    pub synonyms: Option<&'a Synonyms>,
}

/// Share of a text's characters that a model of sentence vectors has to know for its vector to count, 0..=1: the vector
/// of a text that it reads as unknown words says nothing, and says it loudly.
pub const KNOWN_LEAST: f64 = 0.9;
/// FAQs that are looked at because of their vectors alone.
const NEAREST: usize = 10;

/// A candidate with everything known about it.
pub(crate) struct Judged {
    pub(crate) hit: Hit,
    pub(crate) slot: u32,
    pub(crate) features: [f64; COUNT],
    pub(crate) basis: Basis,
    pub(crate) said: Said,
    /// Number of the question that fits best, also where the answer fits better.
    pub(crate) best_text: usize,
}

/// How much a ranking had to read; bounded whatever the query.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Steps {
    pub(crate) postings: usize,
    pub(crate) comparing: usize,
}

impl Index {
    /// The FAQs that may answer the query, best first, at most `limit` and at most
    /// [`MAX_HITS`](crate::MAX_HITS). Equal scores are ordered by id. Empty if no FAQ shares
    /// a term with the query.
    pub fn rank(&self, query: &str, limit: usize) -> Vec<Hit> {
        self.rank_with(query, &Aids::default(), limit)
    }

    /// [`Self::rank`] with what helps; sentence vectors may find FAQs that share no term with the query.
    pub fn rank_with(&self, query: &str, aids: &Aids<'_>, limit: usize) -> Vec<Hit> {
        let mut query = Query::new(self, query, aids.synonyms);
        let judged = self.judge(&mut query, aids, None, &mut Steps::default());
        judged.into_iter().take(limit.min(candidates::MAX_HITS)).map(|j| j.hit).collect()
    }

    /// The FAQs that [`Self::rank`] takes a closer look at, best first by the sum they are chosen by, before anything is
    /// compared: the part of a ranking that grows with the desk, for measuring it.
    pub fn candidates(&self, query: &str) -> Vec<FaqId> {
        let query = Query::new(self, query, None);
        let found = candidates::find(self, &query, &[], &mut 0);
        found.iter().map(|candidate| self.docs[at(candidate.slot)].id).collect()
    }

    /// Everything about each candidate, best first.
    pub(crate) fn judge(
        &self,
        query: &mut Query,
        aids: &Aids<'_>,
        extra: Option<u32>,
        steps: &mut Steps,
    ) -> Vec<Judged> {
        let meaning = aids.meaning.filter(|(_, query)| query.known >= KNOWN_LEAST);
        let mut extra: Vec<u32> = extra.into_iter().collect();
        if let Some((vectors, vector)) = meaning {
            let near = vectors.nearest(vector, NEAREST);
            extra.extend(near.iter().filter_map(|(id, _)| self.slot(*id)));
        }
        let found = candidates::find(self, query, &extra, &mut steps.postings);
        let said = self.said(query, &Aids { meaning, ..*aids }, &found);
        let closest: Vec<_> = {
            let query = &*query;
            let lookup = Lookup::new(query);
            let close = |c: &Candidate| features::close_texts(self, query, &lookup, c.slot, &mut steps.comparing);
            found.iter().map(close).collect()
        };
        let measures: Vec<Measures> = closest
            .into_iter()
            .map(|(all, close)| features::measure(self, query, &close, all, &mut steps.comparing))
            .collect();
        let rows = features::features(self, query, &found, &measures, &said);
        let mut judged: Vec<Judged> = (found.iter().zip(&measures).zip(&said))
            .zip(rows)
            .map(|(((c, m), said), features)| {
                let basis = Basis::of(said);
                let log_odds = model::log_odds(basis.weights(), &features);
                let (id, score) = (self.docs[at(c.slot)].id, model::score(log_odds, c.exact));
                let hit = Hit { id, score, log_odds, matched: matched(c, m), similarity: said.similarity };
                Judged { hit, slot: c.slot, features, basis, said: *said, best_text: m.best_text }
            })
            .collect();
        judged.sort_by(|a, b| b.hit.score.total_cmp(&a.hit.score).then(a.hit.id.cmp(&b.hit.id)));
        for Judged { hit, .. } in &mut judged {
            hit.score = aids.calibration.score(hit.log_odds, hit.matched.exact);
        }
        judged
    }

    /// What classifiers and vectors say about the candidates.
    fn said(&self, query: &Query, aids: &Aids<'_>, found: &[Candidate]) -> Vec<Said> {
        let opinion = aids.learned.and_then(|learned| learned.opinion(query));
        let judgement = aids.learned.zip(aids.meaning).and_then(|(learned, (_, query))| learned.judgement(query));
        let vectors = aids.meaning.map(|(vectors, _)| vectors);
        let likeness = vectors.map_or(0.0, Vectors::likeness);
        let one = |c: &Candidate| {
            let id = self.docs[at(c.slot)].id;
            let cosines = aids.meaning.and_then(|(vectors, query)| vectors.embedding_features(id, query));
            Said {
                learned: opinion.as_ref().and_then(|opinion| opinion.of(self, c.slot)),
                meaning: cosines.map(|c| [(c[0] - likeness) / (1.0 - likeness), (c[1] - likeness) / (1.0 - likeness)]),
                similarity: cosines.map(|cosines| cosines[0]),
                meaning_learned: judgement.as_ref().zip(vectors).and_then(|(said, vectors)| said.of(vectors, id)),
            }
        };
        found.iter().map(one).collect()
    }
}

fn matched(found: &Candidate, measures: &Measures) -> Matched {
    let text = if !found.exact && found.answered > found.asked && measures.words < 0.2 {
        MatchedText::Answer
    } else if measures.best_text == 0 {
        MatchedText::Question
    } else {
        MatchedText::Similar(measures.best_text - 1)
    };
    Matched { text, exact: found.exact }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FaqText;

    /// Work for the query on `faqs` FAQs that all share many words.
    fn steps(faqs: i64, query: &str) -> Steps {
        let mut index = Index::default();
        for id in 0..faqs {
            let question = format!("how do i reset the password of machine {id} 忘记密码怎么办");
            index.upsert(id, &FaqText { question: &question, similar: &[], answer: "see the handbook" });
        }
        let mut steps = Steps::default();
        let mut query = Query::new(&index, query, None);
        index.judge(&mut query, &Aids::default(), None, &mut steps);
        steps
    }

    #[test]
    fn work_is_bounded_on_hostile_queries() {
        let hostile = "how do i reset the password of machine 忘记密码怎么办 ".repeat(60);
        let few = steps(200, &hostile);
        let many = steps(20_000, &hostile);
        // The budget, one list over it, and the late terms for the best FAQs.
        assert!(many.postings <= 100_000 + 20_000 + 512 * 40, "{many:?}");
        // Candidates are as many on both desks, and so is the work of comparing them.
        assert!(many.comparing <= 2 * few.comparing, "{few:?} {many:?}");
        assert!(few.comparing <= 32 * 1000, "{few:?}");
    }

    #[test]
    fn long_texts_are_compared_in_bounded_time() {
        let mut index = Index::default();
        let text: Vec<String> = (0..50).map(|n| format!("退货{n} ").repeat(400)).collect();
        index.upsert(1, &FaqText { question: "退货", similar: &text, answer: "" });
        let mut steps = Steps::default();
        let mut query = Query::new(&index, &"退货 ".repeat(5000), None);
        index.judge(&mut query, &Aids::default(), None, &mut steps);
        assert!(steps.comparing < 50 * 4000 + 3 * 1300, "{steps:?}");
    }
}
