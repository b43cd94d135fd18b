//! Finding words that mean the same in answers that people confirmed.
//!
//! A guest says "money back", the FAQ that helped says "refund": one such guest is chance, several are a pattern. A pair is
//! a word of questions that the FAQ lacks and a word of the FAQ that the question lacks. It counts if enough different
//! guests stand behind it, if most who said the one were helped by the other, and if that is not what had to be expected
//! because the FAQ is asked for so often.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::analyse::{self, MAX_CHARS, TermKind};
use crate::fold::{Class, class, fold};
use crate::index::FaqId;
use crate::num::float;

/// Different guests behind a pair, at least.
pub const GUESTS_LEAST: usize = 3;
/// Most pairs that are found.
pub const PAIRS_MAX: usize = 500;
/// Most confirmed answers that are looked at; further ones are ignored.
pub const CONFIRMED_MAX: usize = 5_000;

/// Share of those who said a word and were helped by a FAQ with the other, at least.
const SHARE_LEAST: f64 = 0.5;
/// How likely the same share would come about by chance, at most: several hundred pairs are tried.
const CHANCE_MOST: f64 = 0.01;
/// Most pairs of one word.
const MEANS_MAX: usize = 2;
/// Most telling words of a question and of a FAQ that are looked at.
const QUESTION_WORDS: usize = 24;
const FAQ_WORDS: usize = 96;

/// An answer that somebody confirmed.
#[derive(Clone, Debug)]
pub struct Confirmed {
    /// Which guest asked; any number, the same for the same guest.
    pub guest: u64,
    /// The guest's words.
    pub question: String,
    /// The FAQ that was right.
    pub faq: FaqId,
}

/// Two words that mean the same.
#[derive(Clone, Debug, PartialEq)]
pub struct Mined {
    /// What guests say.
    pub word: String,
    /// What FAQs say.
    pub means: String,
    /// How many different guests said the one and were helped by the other.
    pub guests: usize,
    /// The share of those who said the word whom a FAQ with the other one helped, 0.5..=1.
    pub weight: f64,
}

/// What one guest asked that one FAQ answered.
struct Case<'a> {
    guest: u64,
    asked: BTreeSet<String>,
    faq: &'a BTreeSet<String>,
}

/// The pairs, those of most guests first; at most [`PAIRS_MAX`]. `faqs` are the texts of the FAQs, questions and similar
/// questions; confirmed answers with other FAQs are ignored. The order in which things are given makes no difference.
pub fn mine(faqs: &[(FaqId, Vec<String>)], confirmed: &[Confirmed]) -> Vec<Mined> {
    let words: HashMap<FaqId, BTreeSet<String>> = faqs
        .iter()
        .map(|(id, texts)| (*id, texts.iter().flat_map(|text| telling(text, FAQ_WORDS)).take(FAQ_WORDS).collect()))
        .collect();
    let mut merged: BTreeMap<(u64, FaqId), BTreeSet<String>> = BTreeMap::new();
    for one in confirmed.iter().take(CONFIRMED_MAX).filter(|one| words.contains_key(&one.faq)) {
        merged.entry((one.guest, one.faq)).or_default().extend(telling(&one.question, QUESTION_WORDS));
    }
    let cases: Vec<Case<'_>> = merged
        .into_iter()
        .filter_map(|((guest, faq), asked)| Some(Case { guest, asked, faq: words.get(&faq)? }))
        .collect();
    let chances = Chances::new(cases.len());
    let said = count(cases.iter().map(|case| &case.asked));
    let held = count(cases.iter().map(|case| case.faq));
    let mut found: Vec<(Mined, f64)> = Vec::new();
    for (word, of) in said.iter().filter(|(_, of)| of.len() >= GUESTS_LEAST) {
        let mut means = meanings(word, of, &cases, (&held, &chances));
        // The words of one FAQ often tie: then those that look more like the word are the likelier ones.
        let last = |mined: &Mined| (distance(word, &mined.means), mined.means.clone());
        means
            .sort_by(|(a, p), (b, q)| p.total_cmp(q).then(b.guests.cmp(&a.guests)).then_with(|| last(a).cmp(&last(b))));
        means.truncate(MEANS_MAX);
        found.extend(means);
    }
    found.sort_by(|(a, p), (b, q)| {
        b.guests.cmp(&a.guests).then(p.total_cmp(q)).then_with(|| (&a.word, &a.means).cmp(&(&b.word, &b.means)))
    });
    found.truncate(PAIRS_MAX);
    found.into_iter().map(|(mined, _)| mined).collect()
}

/// What a word may mean, each with how likely that is by chance. `of` are the cases in which it was said.
fn meanings(
    word: &str,
    of: &[usize],
    cases: &[Case<'_>],
    (held, chances): (&BTreeMap<&str, Vec<usize>>, &Chances),
) -> Vec<(Mined, f64)> {
    let mut behind: BTreeMap<&str, HashSet<u64>> = BTreeMap::new();
    let mut together: BTreeMap<&str, usize> = BTreeMap::new();
    for case in of.iter().map(|place| &cases[*place]) {
        let matched = case.faq.contains(word);
        for other in case.faq {
            *together.entry(other).or_default() += 1;
            // A word that the question has itself needs nobody to stand for it.
            if !matched && !case.asked.contains(other) {
                behind.entry(other).or_default().insert(case.guest);
            }
        }
    }
    let judged = |(other, guests): (&str, HashSet<u64>)| {
        let share = float(guests.len()) / float(of.len());
        let all = held.get(other).map_or(0, Vec::len);
        let chance = chances.at_least(together[other], of.len(), all);
        let counts = guests.len() >= GUESTS_LEAST && share >= SHARE_LEAST && chance <= CHANCE_MOST;
        let mined =
            || Mined { word: word.to_owned(), means: other.to_owned(), guests: guests.len(), weight: share.min(1.0) };
        counts.then(|| (mined(), chance))
    };
    behind.into_iter().filter_map(judged).collect()
}

/// How far two words are from each other by sight: 0 for runs of characters that share one, 1 for one kind of script, 2
/// for two.
fn distance(a: &str, b: &str) -> u8 {
    let run = |text: &str| text.chars().next().is_some_and(|c| class(c) == Class::Run);
    match (run(a), run(b)) {
        (true, true) if a.chars().any(|c| b.contains(c)) => 0,
        (true, true) | (false, false) => 1,
        _ => 2,
    }
}

/// The places at which each word stands.
fn count<'a>(sets: impl Iterator<Item = &'a BTreeSet<String>>) -> BTreeMap<&'a str, Vec<usize>> {
    let mut places: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (place, set) in sets.enumerate() {
        for word in set {
            places.entry(word).or_default().push(place);
        }
    }
    places
}

/// Words and pairs of characters that say what a text is about: no common words, no numbers.
fn telling(text: &str, most: usize) -> impl Iterator<Item = String> {
    let (folded, _) = fold(text, MAX_CHARS);
    let tells = |kind: TermKind, weight: f32, text: &str| {
        matches!(kind, TermKind::Word | TermKind::Whole | TermKind::Pair)
            && weight >= 1.0
            && !text.chars().all(|c| c.is_ascii_digit())
            && text.chars().nth(1).is_some()
    };
    let terms = analyse::terms(&folded).into_iter();
    terms.filter(move |term| tells(term.kind, term.weight, &term.text)).take(most).map(|term| term.text)
}

/// Chances of drawing without putting back: Fisher's exact test, one side.
struct Chances {
    /// Logarithms of factorials.
    factorials: Vec<f64>,
}

impl Chances {
    fn new(most: usize) -> Self {
        let mut factorials = vec![0.0; most + 1];
        for n in 1..=most {
            factorials[n] = factorials[n - 1] + float(n).ln();
        }
        Self { factorials }
    }

    fn choose(&self, n: usize, k: usize) -> f64 {
        self.factorials[n] - self.factorials[k] - self.factorials[n - k]
    }

    /// How likely `hits` or more of `drawn` cases are among `marked` of all, if nothing draws them there.
    fn at_least(&self, hits: usize, drawn: usize, marked: usize) -> f64 {
        let all = self.factorials.len() - 1;
        let possible = |k: &usize| drawn - k <= all - marked;
        let way = |k: usize| self.choose(marked, k) + self.choose(all - marked, drawn - k) - self.choose(all, drawn);
        (hits..=drawn.min(marked)).filter(possible).map(|k| way(k).exp()).sum::<f64>().min(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faqs() -> Vec<(FaqId, Vec<String>)> {
        [
            (1, ["How do I request a refund?", "退款要多久"]),
            (2, ["Where is my parcel?", "怎么查物流"]),
            (3, ["How do I change my address?", "修改收货地址"]),
        ]
        .map(|(id, texts)| (id, texts.map(str::to_owned).to_vec()))
        .to_vec()
    }

    /// Everyday questions that are answered well, by guests of their own.
    fn others(count: u64) -> Vec<Confirmed> {
        let texts = [("where is my parcel", 2), ("怎么查物流", 2), ("change my address", 3), ("修改收货地址", 3)];
        let one = |n: u64| {
            let (question, faq) = texts[usize::try_from(n).unwrap() % texts.len()];
            Confirmed { guest: 1_000 + n, question: question.to_owned(), faq }
        };
        (0..count).map(one).collect()
    }

    fn said(guests: std::ops::Range<u64>, question: &str, faq: FaqId) -> impl Iterator<Item = Confirmed> {
        guests.map(move |guest| Confirmed { guest, question: question.to_owned(), faq })
    }

    fn pairs(confirmed: &[Confirmed]) -> Vec<(String, String, usize)> {
        mine(&faqs(), confirmed).into_iter().map(|pair| (pair.word, pair.means, pair.guests)).collect()
    }

    #[test]
    fn what_three_guests_call_otherwise_is_a_pair() {
        let mut all = others(24);
        all.extend(said(0..3, "i want my money back", 1));
        all.extend(said(3..7, "可以退钱不", 1));
        let found = pairs(&all);
        for (word, means, guests) in [("money", "refund", 3), ("退钱", "退款", 4)] {
            assert!(found.contains(&(word.to_owned(), means.to_owned(), guests)), "{found:?}");
        }
        assert!(found.iter().all(|(word, ..)| ["money", "back", "退钱"].contains(&word.as_str())), "{found:?}");
        let turned: Vec<Confirmed> = all.iter().rev().cloned().collect();
        assert_eq!(mine(&faqs(), &turned), mine(&faqs(), &all));
    }

    #[test]
    fn guests_count_not_questions() {
        let mut all = others(12);
        all.extend((0..9).flat_map(|_| said(0..2, "i want my money back", 1)));
        assert_eq!(pairs(&all), []);
        all.extend(said(2..3, "money", 1));
        assert!(pairs(&all).iter().any(|(word, ..)| word == "money"));
    }

    #[test]
    fn what_is_asked_most_is_no_pattern() {
        // Nearly everybody asks for a refund, so those who say "today" do, too.
        let mut all = others(2);
        all.extend(said(0..30, "refund", 1));
        all.extend(said(30..33, "refund today", 1));
        assert_eq!(pairs(&all), []);
        // Three who were helped by different FAQs share no meaning.
        let mut all = others(12);
        all.extend(said(0..1, "urgent", 1).chain(said(1..2, "urgent", 2)).chain(said(2..3, "urgent", 3)));
        assert!(pairs(&all).iter().all(|(word, ..)| word != "urgent"));
    }

    #[test]
    fn what_matched_is_no_pair() {
        let mut all = others(12);
        all.extend(said(0..6, "refund request", 1));
        assert_eq!(pairs(&all), []);
    }

    #[test]
    fn chances_are_those_of_an_urn() {
        let chances = Chances::new(10);
        // Three of ten marked, three drawn: one way in 120 to hit all.
        assert!((chances.at_least(3, 3, 3) - 1.0 / 120.0).abs() < 1e-12);
        assert!((chances.at_least(1, 3, 3) - (1.0 - 35.0 / 120.0)).abs() < 1e-12);
        assert!((chances.at_least(0, 3, 3) - 1.0).abs() < 1e-9 && (chances.at_least(3, 3, 10) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn hostile_texts_stay_within_bounds() {
        let long = (0..3_000).map(|n| format!("word{n}x ")).collect::<Vec<_>>().concat();
        let own = |prefix: char, faq: i64| long.replace("word", &format!("{prefix}{faq}w"));
        let faqs: Vec<(FaqId, Vec<String>)> = (0..12).map(|faq| (faq, vec![own('a', faq)])).collect();
        let all: Vec<Confirmed> = (0..240)
            .map(|guest| (guest, i64::try_from(guest % 12).unwrap()))
            .map(|(guest, faq)| Confirmed { guest, question: own('q', faq), faq })
            .collect();
        assert_eq!(mine(&faqs, &all).len(), PAIRS_MAX);
    }
}
