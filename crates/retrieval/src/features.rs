//! What the model knows about a candidate.

use crate::candidates::Candidate;
use crate::doc::Numbers;
use crate::index::Index;
use crate::num::{float, ratio, wide};
use crate::postings::at;
use crate::query::{Query, QueryTerm, is_run, rarity};

/// Number of features.
pub(crate) const COUNT: usize = 46;

/// How far an answer puts a FAQ before or behind the others. Answers that say again what their question says put it before
/// one with a better question otherwise.
const ANSWER_GAP: f64 = 0.045;

/// How much an answer says for its FAQ. A question of one word stands whole in many an answer, and is about none of them
/// for that.
const ANSWER_MOST: f64 = 0.2;

/// Texts of a FAQ that are compared by their characters: the closest by words.
const CLOSE: usize = 3;

/// Names, in the order of the weights.
pub(crate) const NAMES: [&str; COUNT] = [
    "characters",
    "characters_mean",
    "words",
    "query_in_text",
    "text_in_query",
    "query_in_faq",
    "bm25_faq",
    "bm25_text",
    "answer",
    "characters_gap",
    "characters_mean_gap",
    "words_gap",
    "query_in_faq_gap",
    "bm25_faq_gap",
    "bm25_text_gap",
    "answer_gap",
    "characters_share",
    "bm25_share",
    "unknown",
    "length",
    "short",
    "texts",
    "faqs",
    "characters_squared",
    "characters_words",
    "characters_unknown",
    "words_gap_squared",
    "characters_share_unknown",
    "texts_share",
    "words_all",
    "words_all_gap",
    "other_script",
    "other_script_words",
    "other_script_words_gap",
    "learned",
    "learned_chance",
    "learned_gap",
    "learned_chance_gap",
    "meaning",
    "meaning_mean",
    "meaning_gap",
    "meaning_mean_gap",
    "meaning_learned",
    "meaning_learned_chance",
    "meaning_learned_gap",
    "meaning_learned_chance_gap",
];

/// What the desk's classifiers and the sentence vectors say about a candidate, as far as there are any.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Said {
    /// Log-probability from the words.
    pub(crate) learned: Option<f64>,
    /// Cosines of the closest text's vector and of the mean, as far as they are above those of any two texts.
    pub(crate) meaning: Option<[f64; 2]>,
    /// The cosine of the closest text's vector.
    pub(crate) similarity: Option<f64>,
    /// Log-probability from the vectors.
    pub(crate) meaning_learned: Option<f64>,
}

/// A log-probability on the scale of the other features, -2..=0.
fn scaled(log_chance: f64) -> f64 {
    (log_chance / 5.0).max(-2.0)
}

/// One candidate's own measures, each 0..=1.
#[derive(Clone, Debug, Default)]
pub(crate) struct Measures {
    /// Cosine of character n-grams: the best text, and the mean of the closest.
    pub(crate) characters: f64,
    characters_mean: f64,
    /// Harmonic mean of the two coverages, of the text where it is highest.
    pub(crate) words: f64,
    query_in_text: f64,
    text_in_query: f64,
    bm25_text: f64,
    texts: usize,
    /// Sums over all texts of how close they are by words, plain and squared.
    pub(crate) all: (f64, f64),
    /// Number of the text that fits best, 0 = the question.
    pub(crate) best_text: usize,
    /// Whether no text is in the query's script.
    other_script: bool,
}

/// The terms of a query by entry, behind a filter that turns most others away in one step.
pub(crate) struct Lookup<'a> {
    filter: [u64; 16],
    terms: Vec<(u32, &'a QueryTerm)>,
}

impl<'a> Lookup<'a> {
    pub(crate) fn new(query: &'a Query) -> Self {
        let mut terms: Vec<_> = query.known.iter().filter_map(|t| Some((t.id?, t))).collect();
        terms.sort_unstable_by_key(|t| t.0);
        let mut filter = [0; 16];
        for (id, _) in &terms {
            filter[wide(id >> 6) & 15] |= 1_u64 << (id & 63);
        }
        Self { filter, terms }
    }

    fn get(&self, id: u32) -> Option<&'a QueryTerm> {
        if self.filter[wide(id >> 6) & 15] & (1_u64 << (id & 63)) == 0 {
            return None;
        }
        let at = self.terms.binary_search_by_key(&id, |t| t.0).ok()?;
        Some(self.terms[at].1)
    }

    fn mass(&self, ids: Numbers<'_>) -> f64 {
        let mass = |term: &QueryTerm| term.mass_beside(|id| ids.iter().any(|own| own == id));
        ids.iter().filter_map(|id| self.get(id)).map(mass).sum()
    }
}

/// Compares the query with a candidate's texts.
pub(crate) fn measure(
    index: &Index,
    query: &mut Query,
    close: &[Close<'_>],
    mut out: Measures,
    steps: &mut usize,
) -> Measures {
    let (_, mean, _) = index.totals.means(index.len());
    let mut best = -1.0;
    for Close { number, text, ids, shared, .. } in close {
        *steps += ids.len();
        let characters = query.grams.cosine(index, text, steps);
        let weigh = |id: u32| f64::from(index.weight(id)) * rarity(index.len(), index.terms[wide(id)].asked);
        let whole: f64 = ids.iter().map(weigh).sum();
        let forth = ratio(*shared, query.mass).min(1.0);
        let back = ratio(*shared, whole).min(1.0);
        let words = ratio(2.0 * forth * back, forth + back);
        // BM25 with every term once: the length norm is the same for all of them.
        let norm = 1.0 + 1.2 * (0.25 + 0.75 * float(ids.len()) / mean);
        out.characters = out.characters.max(characters);
        out.characters_mean += characters / float(close.len());
        out.bm25_text = out.bm25_text.max(forth / norm);
        if words > out.words {
            (out.words, out.query_in_text, out.text_in_query) = (words, forth, back);
        }
        if characters + words > best {
            (best, out.best_text) = (characters + words, *number);
        }
    }
    out
}

/// A text of a candidate beside the query.
pub(crate) struct Close<'i> {
    number: usize,
    text: &'i str,
    ids: Numbers<'i>,
    /// Mass shared with the query.
    shared: f64,
    /// Closeness by words, 0..=1: shared mass against the query's and the text's length.
    rough: f64,
}

/// A candidate's texts closest to the query by words, and what is known about all of them.
pub(crate) fn close_texts<'i>(
    index: &'i Index,
    query: &Query,
    lookup: &Lookup<'_>,
    slot: u32,
    steps: &mut usize,
) -> (Measures, Vec<Close<'i>>) {
    let mut out = Measures::default();
    let mut close: Vec<Close<'_>> = Vec::new();
    let mut same_script = false;
    for (number, (text, ids)) in index.docs[at(slot)].texts().enumerate() {
        if text.is_empty() {
            continue;
        }
        *steps += ids.len();
        same_script = same_script || is_run(text) == query.run;
        let shared = lookup.mass(ids);
        // A long text shares much by chance.
        let longer = (float(query.size + 1) / float(ids.len() + 1)).min(1.0);
        let rough = (ratio(shared, query.mass) * longer.sqrt()).min(1.0);
        out.texts += 1;
        out.all.0 += rough;
        out.all.1 += rough.powi(4);
        close.push(Close { number, text, ids, shared, rough });
    }
    out.other_script = !same_script;
    close.sort_by(|a, b| b.rough.total_cmp(&a.rough));
    close.truncate(CLOSE);
    (out, close)
}

/// Each value less the best of the others (0 if there is no other).
fn gaps(values: &[f64]) -> Vec<f64> {
    let (mut first, mut second) = (None, None);
    let mut leader = usize::MAX;
    for (i, v) in values.iter().enumerate() {
        if first.is_none_or(|first| *v > first) {
            (second, first, leader) = (first, Some(*v), i);
        } else if second.is_none_or(|second| *v > second) {
            second = Some(*v);
        }
    }
    let other = |i| if i == leader { second } else { first }.unwrap_or(0.0);
    values.iter().enumerate().map(|(i, v)| v - other(i)).collect()
}

/// Each value's fourth power as a share of all of them.
fn shares(values: &[f64]) -> Vec<f64> {
    let all: f64 = values.iter().map(|v| v.powi(4)).sum();
    values.iter().map(|v| ratio(v.powi(4), all)).collect()
}

/// Features that come from the words of query and FAQ alone; they come first.
const WORDS: usize = 34;

/// The features that come from classifiers and vectors; 0 where there is none, and gaps among those that have one.
fn aided(said: &[Said]) -> Vec<[f64; COUNT - WORDS]> {
    let mut rows = vec![[0.0; COUNT - WORDS]; said.len()];
    let mut fill = |first: usize, gap: usize, value: &dyn Fn(&Said) -> Option<f64>| {
        let there: Vec<usize> = (0..said.len()).filter(|i| value(&said[*i]).is_some()).collect();
        let values: Vec<f64> = there.iter().filter_map(|i| value(&said[*i])).collect();
        for ((i, value), gap_value) in there.iter().zip(&values).zip(gaps(&values)) {
            (rows[*i][first], rows[*i][gap]) = (*value, gap_value);
        }
    };
    fill(0, 2, &|said| said.learned.map(scaled));
    fill(1, 3, &|said| said.learned.map(f64::exp));
    fill(4, 6, &|said| said.meaning.map(|cosines| cosines[0]));
    fill(5, 7, &|said| said.meaning.map(|cosines| cosines[1]));
    fill(8, 10, &|said| said.meaning_learned.map(scaled));
    fill(9, 11, &|said| said.meaning_learned.map(f64::exp));
    rows
}

/// The features of all candidates, which the gaps need together.
pub(crate) fn features(
    index: &Index,
    query: &Query,
    found: &[Candidate],
    measures: &[Measures],
    said: &[Said],
) -> Vec<[f64; COUNT]> {
    let aids = aided(said);
    let column = |value: fn(&Measures) -> f64| measures.iter().map(value).collect::<Vec<_>>();
    let of = |value: fn(&Candidate) -> f64| found.iter().map(value).collect::<Vec<_>>();
    let characters = column(|m| m.characters);
    let bm25 = of(|c| c.asked);
    let (character_gap, character_share) = (gaps(&characters), shares(&characters));
    let (mean_gap, words_gap) = (gaps(&column(|m| m.characters_mean)), gaps(&column(|m| m.words)));
    let (covered_gap, bm25_gap) = (gaps(&of(|c| c.covered)), gaps(&bm25));
    let (text_gap, answer_gap) = (gaps(&column(|m| m.bm25_text)), gaps(&of(|c| c.answered)));
    let bm25_share = shares(&bm25);
    let text_share = shares(&column(|m| m.all.1.sqrt()));
    let all_gap = gaps(&column(|m| ratio(m.all.0, float(m.texts))));
    let size = float(query.size);
    let row = |i: usize| {
        let (c, m) = (&found[i], &measures[i]);
        let other_script = f64::from(u8::from(m.other_script));
        let mut row = [0.0; COUNT];
        row[WORDS..].copy_from_slice(&aids[i]);
        let own = [
            m.characters,
            m.characters_mean,
            m.words,
            m.query_in_text,
            m.text_in_query,
            c.covered,
            c.asked,
            m.bm25_text,
            c.answered.min(ANSWER_MOST),
            character_gap[i],
            mean_gap[i],
            words_gap[i],
            covered_gap[i],
            bm25_gap[i],
            text_gap[i],
            answer_gap[i].clamp(-ANSWER_GAP, ANSWER_GAP),
            character_share[i],
            bm25_share[i],
            query.unknown,
            (1.0 + size).ln() / 4.0,
            1.0 / size.max(1.0),
            (1.0 + float(m.texts)).ln() / 3.0,
            (1.0 + float(index.len())).ln() / 8.0,
            m.characters * m.characters,
            m.characters * m.words,
            m.characters * query.unknown,
            words_gap[i] * words_gap[i].abs(),
            character_share[i] * query.unknown,
            text_share[i],
            ratio(m.all.0, float(m.texts)),
            all_gap[i],
            other_script,
            other_script * m.words,
            other_script * words_gap[i],
        ];
        row[..WORDS].copy_from_slice(&own);
        row
    };
    (0..found.len()).map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gap_is_to_the_best_other() {
        assert_eq!(gaps(&[0.5, 0.75, 0.25]), [-0.25, 0.25, -0.5]);
        assert_eq!(gaps(&[0.5]), [0.5]);
        assert_eq!(gaps(&[0.5, 0.5]), [0.0, 0.0]);
        assert_eq!(gaps(&[-2.0, -1.5]), [-0.5, 0.5]);
        assert!(gaps(&[]).is_empty());
    }
}
