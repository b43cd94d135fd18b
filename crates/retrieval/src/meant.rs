//! Words that words of a query stand for: by what this desk's feedback taught, and by the general lexicon.

use std::collections::{HashMap, HashSet};

use crate::analyse::{Term, TermKind};
use crate::index::Index;
use crate::lexicon;
use crate::num::{Numbers, ratio, wide};
use crate::query::{Instead, Query, QueryTerm, rarity};
use crate::synonyms::Synonyms;

/// Most words that are added to a query because its own stand for them.
const MEANT_MAX: usize = 32;
/// A match through the lexicon has at most this share of the word's own weight, in the same language.
const SHARE: f64 = 0.4;
/// The same in the other language, where the word itself could not stand.
const SHARE_TRANSLATED: f64 = 0.8;

/// What is being added to a query.
struct Meant<'a> {
    index: &'a Index,
    /// What the query says itself, by key: it needs nothing that stands for it.
    own: HashMap<u64, &'a QueryTerm, Numbers>,
    terms: HashMap<u64, QueryTerm, Numbers>,
    /// Words that no question has and that already lent their weight.
    eased: HashSet<u64, Numbers>,
    /// The weight lent by such words.
    known: f64,
}

impl Query {
    /// Adds the words that words of the query stand for, and answers the weight lent by words that no question has. The
    /// query's own weight stays: what matches by another word matches less. `spoken` is the query's, in its order.
    pub(crate) fn add_meant(&mut self, index: &Index, synonyms: Option<&Synonyms>, spoken: &[u64]) -> f64 {
        let all = || self.known.iter().chain(&self.strange);
        let own = all().map(|term| (term.key, term)).collect();
        let mut meant = Meant { index, own, terms: HashMap::default(), eased: HashSet::default(), known: 0.0 };
        for term in all() {
            for other in synonyms.map_or(&[][..], |synonyms| synonyms.of(term.key)) {
                meant.lend(&[term], other.key, &other.text, other.share, 1.0);
            }
        }
        for found in lexicon::find(spoken) {
            let mut keys = found.of(spoken).to_vec();
            keys.sort_unstable();
            keys.dedup();
            let words: Vec<&QueryTerm> = keys.iter().filter_map(|key| meant.own.get(key).copied()).collect();
            for entry in found.others() {
                // A phrase means nothing where one of its words is nowhere.
                if entry.iter().all(|term| meant.asked(term.key).is_some()) {
                    let whole: f32 = entry.iter().map(|term| term.weight).sum();
                    let share = if is_run(entry) == is_run(found.entry()) { SHARE } else { SHARE_TRANSLATED };
                    for term in entry {
                        meant.lend(&words, term.key, &term.text, share, f64::from(term.weight / whole));
                    }
                }
            }
        }
        let Meant { terms, known, .. } = meant;
        let mut terms: Vec<QueryTerm> = terms.into_values().collect();
        terms.sort_by(|a, b| b.asked.total_cmp(&a.asked).then(a.key.cmp(&b.key)));
        terms.truncate(MEANT_MAX);
        self.known.extend(terms);
        known
    }
}

/// Whether an entry is Chinese.
fn is_run(entry: &[Term]) -> bool {
    entry.iter().any(|term| term.kind == TermKind::Pair)
}

impl Meant<'_> {
    /// The entry of a term that a question has.
    fn asked(&self, key: u64) -> Option<u32> {
        self.index.term_id(key).filter(|id| self.index.terms[wide(*id)].asked > 0)
    }

    /// Lets words of the query find another one, with `share` of their weight, of which it gets `part`.
    fn lend(&mut self, words: &[&QueryTerm], key: u64, text: &str, share: f64, part: f64) {
        let Some(id) = self.asked(key).filter(|_| !self.own.contains_key(&key)) else { return };
        let index = self.index;
        let entry = &index.terms[wide(id)];
        let whole = f64::from(index.weight(id)) * rarity(index.len(), entry.asked);
        let together: f64 = words.iter().map(|word| word.asked).sum();
        let lent = share * (part * together).min(whole);
        for word in words {
            let mass = lent * ratio(word.asked, together);
            let strange = word.id.is_none_or(|id| index.terms[wide(id)].asked == 0);
            if strange && self.eased.insert(word.key) {
                self.known += mass;
            }
            let instead = Instead { text: word.text.clone(), id: word.id, mass };
            let new = || QueryTerm {
                text: text.to_owned(),
                id: Some(id),
                asked: 0.0,
                answered: 0.0,
                instead: Vec::new(),
                key,
            };
            let there = self.terms.entry(key).or_insert_with(new);
            there.asked += mass;
            there.instead.push(instead);
        }
    }
}
