//! A query made ready: its terms with their rarity on this desk, its character n-grams.

use std::collections::HashSet;

use crate::analyse::{self, MAX_CHARS, TermKind};
use crate::fold::{Class, class, fold};
use crate::grams;
use crate::index::{Index, TermEntry};
use crate::lexicon;
use crate::num::{Numbers, float, wide};
use crate::synonyms::Synonyms;

/// One different term of the query.
#[derive(Clone, Debug)]
pub(crate) struct QueryTerm {
    pub(crate) text: String,
    /// Its entry in the index, if any FAQ has it.
    pub(crate) id: Option<u32>,
    /// Weight times rarity in the questions, and in the answers.
    pub(crate) asked: f64,
    pub(crate) answered: f64,
    /// Words of the query that stand for this one, which the query does not have; empty for a word of the query.
    pub(crate) instead: Vec<Instead>,
    pub(crate) key: u64,
}

/// A word that stands for another.
#[derive(Clone, Debug)]
pub(crate) struct Instead {
    pub(crate) text: String,
    /// Its own entry in the index, if any FAQ has it.
    pub(crate) id: Option<u32>,
    /// The weight that it lends.
    pub(crate) mass: f64,
}

impl QueryTerm {
    /// What it weighs in questions that have it. A word that stands for it lends nothing where `has` says that it stands
    /// there itself: it has matched already.
    pub(crate) fn mass_beside(&self, has: impl Fn(u32) -> bool) -> f64 {
        if self.instead.is_empty() {
            return self.asked;
        }
        self.instead.iter().filter(|word| !word.id.is_some_and(&has)).map(|word| word.mass).sum()
    }
}

/// A query against one index.
pub(crate) struct Query {
    /// The folded text.
    pub(crate) folded: String,
    /// Terms any FAQ has, rarest first.
    pub(crate) known: Vec<QueryTerm>,
    /// Terms no FAQ has.
    pub(crate) strange: Vec<QueryTerm>,
    /// Entries of first and last letters of words no FAQ has: a typo's way to its word.
    pub(crate) affixes: Vec<u32>,
    /// Entry of the texts equal to the query.
    pub(crate) exact: Option<u32>,
    /// Sum of `asked` over all terms, known or not; above 0 unless there are no terms.
    pub(crate) mass: f64,
    /// Sum of `answered` likewise.
    pub(crate) answer_mass: f64,
    /// Share of `mass` in terms that no question has, 0..=1.
    pub(crate) unknown: f64,
    /// Number of different terms.
    pub(crate) size: usize,
    pub(crate) grams: GramSet,
    /// Whether it is mainly in a script without spaces.
    pub(crate) run: bool,
}

/// Whether a folded text is mainly in a script without spaces, such as Chinese: two of its characters are as much as a word
/// of four letters.
pub(crate) fn is_run(folded: &str) -> bool {
    let count = |kind| folded.chars().filter(|c| class(*c) == kind).count();
    2 * count(Class::Run) > count(Class::Word)
}

/// Rarity of something that `found` of `all` texts have. The added 20 stands for texts a desk
/// does not have yet, so that on a desk of three FAQs a shared word still says something.
pub(crate) fn rarity(all: usize, found: u32) -> f64 {
    ((float(all) + 20.0) / (f64::from(found) + 1.0)).ln().max(0.0)
}

impl Query {
    pub(crate) fn new(index: &Index, text: &str, synonyms: Option<&Synonyms>) -> Self {
        let (folded, _) = fold(text, MAX_CHARS);
        let mut query = Self {
            known: Vec::new(),
            strange: Vec::new(),
            affixes: Vec::new(),
            exact: analyse::exact_key(&folded).and_then(|key| index.term_id(key)),
            mass: 0.0,
            answer_mass: 0.0,
            unknown: 0.0,
            size: 0,
            grams: GramSet::new(index, &folded),
            run: is_run(&folded),
            folded,
        };
        let mut terms = analyse::terms(&query.folded);
        let spoken = lexicon::spoken(&terms);
        terms.sort_by_key(|t| t.key);
        terms.dedup_by_key(|t| t.key);
        let mut unknown = 0.0;
        for term in terms {
            let id = index.term_id(term.key);
            let entry = id.map(|id| &index.terms[wide(id)]);
            if entry.is_none() {
                query
                    .affixes
                    .extend(analyse::affix_keys(&term.text).into_iter().flatten().filter_map(|k| index.term_id(k)));
            }
            // A spelling nobody used says nothing new when its stem was already looked up.
            if entry.is_none() && term.kind == TermKind::Written {
                continue;
            }
            let weigh = |n: fn(&TermEntry) -> u32| f64::from(term.weight) * rarity(index.len(), entry.map_or(0, n));
            let found = QueryTerm {
                id,
                asked: weigh(|e| e.asked),
                answered: weigh(TermEntry::answered),
                text: term.text,
                instead: Vec::new(),
                key: term.key,
            };
            query.mass += found.asked;
            query.answer_mass += found.answered;
            query.size += 1;
            if entry.is_none_or(|e| e.asked == 0) {
                unknown += found.asked;
            }
            if id.is_some() { &mut query.known } else { &mut query.strange }.push(found);
        }
        unknown = (unknown - query.add_meant(index, synonyms, &spoken)).max(0.0);
        query.unknown = crate::num::ratio(unknown, query.mass);
        query.rarest_first(index);
        query
    }

    fn rarest_first(&mut self, index: &Index) {
        let found = |t: &QueryTerm| t.id.map_or(0, |id| index.terms[wide(id)].asked + index.terms[wide(id)].answered());
        self.known.sort_by_cached_key(|t| (found(t), t.key));
        self.affixes.sort_by_cached_key(|id| index.rareness(*id));
        self.affixes.dedup();
    }
}

/// The query's n-grams with their squared weights, for many fast look-ups.
pub(crate) struct GramSet {
    /// Open addressing, a power of two of places, at least half of them empty.
    places: Vec<(u32, f64, u32)>,
    /// Squared length of the query's vector, unknown n-grams included.
    pub(crate) square: f64,
    /// Number of the text being compared, so that a repeated n-gram counts once.
    round: u32,
    squares: Squares,
}

impl GramSet {
    fn new(index: &Index, folded: &str) -> Self {
        let found = grams::distinct(folded);
        let mut set = Self {
            places: vec![(0, 0.0, 0); (2 * found.len() + 1).next_power_of_two()],
            square: 0.0,
            round: 0,
            squares: Squares::new(index),
        };
        for gram in found {
            let weight = set.squares.of(index.gram_count(gram));
            set.square += weight;
            let at = set.place(gram);
            set.places[at] = (gram, weight, 0);
        }
        set
    }

    /// Where the n-gram is or would be. Squared weights are above 0 where taken.
    fn place(&self, gram: u32) -> usize {
        let mask = self.places.len() - 1;
        let mut at = wide(gram) & mask;
        while self.places[at].1 > 0.0 && self.places[at].0 != gram {
            at = (at + 1) & mask;
        }
        at
    }

    /// TF-IDF cosine of the query and a folded text, 0..=1. Adds the n-grams looked at to `steps`.
    pub(crate) fn cosine(&mut self, index: &Index, folded: &str, steps: &mut usize) -> f64 {
        self.round += 1;
        let (mut dot, mut square) = (0.0, 0.0);
        grams::each_gram(folded, |gram| {
            *steps += 1;
            let at = self.place(gram);
            let (_, weight, round) = &mut self.places[at];
            if *weight == 0.0 {
                square += self.squares.of(index.gram_count(gram));
            } else if *round != self.round {
                *round = self.round;
                dot += *weight;
                square += *weight;
            }
        });
        let length = (square * self.square).sqrt();
        if length > 0.0 { (dot / length).min(1.0) } else { 0.0 }
    }

    /// The different n-grams that the query shares with a folded text, in the order of the text.
    pub(crate) fn shared(&self, index: &Index, folded: &str) -> Vec<SharedGram> {
        let mut seen = HashSet::with_hasher(Numbers::default());
        let (mut shared, mut square) = (Vec::new(), 0.0);
        grams::spell(folded, |gram, letters| {
            let weight = self.places[self.place(gram)].1;
            if weight == 0.0 {
                square += self.squares.of(index.gram_count(gram));
            } else if seen.insert(gram) {
                square += weight;
                shared.push(SharedGram { text: grams::shown(letters), weight });
            }
        });
        let length = (square * self.square).sqrt();
        for gram in &mut shared {
            gram.weight /= length;
        }
        shared
    }
}

/// What an n-gram that query and text share adds to their cosine.
pub(crate) struct SharedGram {
    /// As people read it.
    pub(crate) text: String,
    /// Above 0; all together are the cosine.
    pub(crate) weight: f64,
}

/// Squared weights by count: most n-grams are in few texts, and logarithms are slow.
struct Squares {
    texts: usize,
    few: Vec<f64>,
}

impl Squares {
    fn new(index: &Index) -> Self {
        let texts = index.totals.texts;
        Self { texts, few: (0..256).map(|count| square(texts, count)).collect() }
    }

    fn of(&self, count: u32) -> f64 {
        self.few.get(wide(count)).copied().unwrap_or_else(|| square(self.texts, count))
    }
}

fn square(texts: usize, count: u32) -> f64 {
    let weight = rarity(texts, count);
    // Never 0, which marks an empty place.
    (weight * weight).max(1e-6)
}
