//! Words that mean the same at any help desk, in English and Chinese: what a new desk knows before its own feedback
//! teaches it anything.
//!
//! The groups are data, `lexicon.txt`: a line is a group, its entries stand between bars, each a word or a short phrase.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::analyse::{self, MAX_CHARS, Term, TermKind};
use crate::fold::fold;
use crate::num::{Numbers, spread};

/// The groups, read once.
static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| Lexicon::read(include_str!("lexicon.txt")));

/// Keeps the keys of groups apart from those of terms.
const SENSE: u64 = 11 << 56;

/// One entry: its terms in their order, as [`analyse`](crate::analyse) gives them.
type Entry = Box<[Term]>;

struct Lexicon {
    groups: Vec<Vec<Entry>>,
    /// The first term's key, to the groups and entries that begin with it.
    starts: HashMap<u64, Vec<(usize, usize)>, Numbers>,
}

/// A place of a text where an entry stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found {
    group: usize,
    entry: usize,
    /// Where its terms stand among the text's spoken terms.
    from: usize,
    to: usize,
}

impl Found {
    /// Its terms among the spoken terms of the text.
    pub(crate) fn of<'t>(&self, spoken: &'t [u64]) -> &'t [u64] {
        &spoken[self.from..self.to]
    }

    /// A key of its group, which is no key of a term.
    pub(crate) fn sense(&self) -> u64 {
        spread(SENSE ^ u64::try_from(self.group).unwrap_or(u64::MAX))
    }

    /// The entry.
    pub(crate) fn entry(&self) -> &'static [Term] {
        &LEXICON.groups[self.group][self.entry]
    }

    /// The other entries of its group.
    pub(crate) fn others(&self) -> impl Iterator<Item = &'static [Term]> + use<> {
        let own = self.entry;
        let entries = LEXICON.groups[self.group].iter().enumerate();
        entries.filter(move |(entry, _)| *entry != own).map(|(_, entry)| &**entry)
    }
}

/// Keys of the terms that follow each other in a text and overlap least: words, codes as one and in parts, pairs of
/// neighbouring characters. Entries and texts are compared by these.
pub(crate) fn spoken(terms: &[Term]) -> Vec<u64> {
    terms.iter().filter(|term| speaks(term)).map(|term| term.key).collect()
}

fn speaks(term: &Term) -> bool {
    !matches!(term.kind, TermKind::Written | TermKind::Single)
}

/// The entries in a text's spoken terms, each once however often it is said; of two of which one is part of the other,
/// only the longer. In the order of groups.
pub(crate) fn find(spoken: &[u64]) -> Vec<Found> {
    let lexicon = &*LEXICON;
    let mut found: Vec<Found> = Vec::new();
    // Where the entries that began before end at the latest: what ends no later is part of one of them.
    let mut covered = 0;
    for (from, key) in spoken.iter().enumerate() {
        let begun = lexicon.starts.get(key).into_iter().flatten().filter_map(|&(group, entry)| {
            let terms = &lexicon.groups[group][entry];
            let to = from + terms.len();
            let stands = spoken.get(from..to)?.iter().zip(terms).all(|(key, term)| *key == term.key);
            (stands && to > covered).then_some(Found { group, entry, from, to })
        });
        let begun: Vec<Found> = begun.collect();
        let furthest = begun.iter().map(|one| one.to).max();
        found.extend(begun.into_iter().filter(|one| Some(one.to) == furthest));
        covered = furthest.unwrap_or(covered);
    }
    found.sort_unstable_by_key(|one| (one.group, one.entry));
    found.dedup_by_key(|one| (one.group, one.entry));
    found
}

impl Lexicon {
    fn read(text: &str) -> Self {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let entry = |text: &str| -> Entry {
            let (folded, _) = fold(text.trim(), MAX_CHARS);
            analyse::terms(&folded).into_iter().filter(speaks).collect()
        };
        let groups: Vec<Vec<Entry>> =
            lines.map(|line| line.split('|').map(entry).filter(|entry| !entry.is_empty()).collect()).collect();
        let mut starts: HashMap<u64, Vec<(usize, usize)>, Numbers> = HashMap::default();
        for (group, entries) in groups.iter().enumerate() {
            for (entry, terms) in entries.iter().enumerate() {
                starts.entry(terms[0].key).or_default().push((group, entry));
            }
        }
        Self { groups, starts }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn spoken_of(text: &str) -> Vec<u64> {
        spoken(&analyse::terms(&fold(text, MAX_CHARS).0))
    }

    #[test]
    fn the_list_is_well_formed() {
        let mut groups_of: HashMap<&str, usize> = HashMap::new();
        let text = include_str!("lexicon.txt");
        for line in text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
            let entries: Vec<&str> = line.split('|').map(str::trim).collect();
            assert!(entries.len() >= 2, "{line}");
            assert_eq!(entries.iter().collect::<HashSet<_>>().len(), entries.len(), "{line}");
            for entry in entries {
                assert!(!spoken_of(entry).is_empty(), "{entry}: nothing to find it by");
                let groups = groups_of.entry(entry).or_default();
                *groups += 1;
                assert!(*groups <= 3, "{entry} is in too many groups to say anything");
            }
        }
        assert!(LEXICON.groups.len() > 2_000);
    }

    #[test]
    fn of_two_entries_the_longer_counts_wherever_it_stands() {
        let texts = |text: &str| {
            let spoken = spoken_of(text);
            let found = find(&spoken);
            let words = |found: &Found| found.entry().iter().map(|term| term.text.clone()).collect::<Vec<_>>();
            found.iter().map(words).collect::<Vec<_>>()
        };
        let account = vec!["account".to_owned()];
        assert!(texts("now close account please").contains(&vec!["close".to_owned(), "account".to_owned()]));
        assert!(!texts("now close account please").contains(&account));
        assert!(texts("Accounts!").contains(&account));
        assert!(texts("这个密码吗").contains(&vec!["密码".to_owned()]));
        assert!(texts("").is_empty() && texts("zzyzx").is_empty());
        let often = "close account, account; 密码 password ".repeat(50);
        let mut once: Vec<(usize, usize)> = find(&spoken_of(&often)).iter().map(|one| (one.group, one.entry)).collect();
        assert!(once.len() >= 4, "{once:?}");
        let all = once.len();
        once.dedup();
        assert_eq!(once.len(), all);
    }
}
