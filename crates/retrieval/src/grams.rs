//! Character n-grams, hashed: the signal that survives typos, inflection and compounds.

use crate::fold::{Class, class};
use crate::num::{small, wide};

/// Only so many characters of a text take part: questions are short, and the cost of
/// comparing a candidate stays bounded.
pub(crate) const GRAM_CHARS: usize = 240;

/// Stands for both ends of a word.
const MARK: char = '\u{1}';
/// What people see of [`MARK`]; no letter, so that it is never part of a word.
const SHOWN_MARK: char = '·';
const LATIN: (usize, usize) = (2, 5);
const RUN: (usize, usize) = (1, 3);

/// Calls `each` with the hash of every n-gram of a folded text, in order, repeats included:
/// 2 to 5 characters inside word marks, 1 to 3 characters in runs. At most 5 for a character.
pub(crate) fn each_gram(folded: &str, mut each: impl FnMut(u32)) {
    spell(folded, |gram, _| each(gram));
}

/// [`each_gram`] with the characters of each n-gram, for [`shown`].
pub(crate) fn spell(folded: &str, mut each: impl FnMut(u32, &[char])) {
    let mut span: Vec<char> = Vec::with_capacity(64);
    let mut kind = Class::Other;
    for c in folded.chars().take(GRAM_CHARS) {
        let next = class(c);
        if next != kind {
            flush(&mut span, kind, &mut each);
            kind = next;
            if kind == Class::Word {
                span.push(MARK);
            }
        }
        if next != Class::Other {
            span.push(c);
        }
    }
    flush(&mut span, kind, &mut each);
}

/// An n-gram as people read it, with `·` at the ends of words.
pub(crate) fn shown(gram: &[char]) -> String {
    gram.iter().map(|c| if *c == MARK { SHOWN_MARK } else { *c }).collect()
}

fn flush(span: &mut Vec<char>, kind: Class, each: &mut impl FnMut(u32, &[char])) {
    if span.is_empty() {
        return;
    }
    if kind == Class::Word {
        span.push(MARK);
    }
    let (least, most) = if kind == Class::Word { LATIN } else { RUN };
    for from in 0..span.len() {
        let mut h = 0x811c_9dc5_u32;
        for (n, c) in span[from..].iter().take(most).enumerate() {
            h = (h ^ u32::from(*c)).wrapping_mul(0x0100_0193).rotate_left(5);
            if n + 1 >= least {
                each(finish(h ^ small(n + 1)), &span[from..=from + n]);
            }
        }
    }
    span.clear();
}

fn finish(mut h: u32) -> u32 {
    h = (h ^ (h >> 16)).wrapping_mul(0x85eb_ca6b);
    h = (h ^ (h >> 13)).wrapping_mul(0xc2b2_ae35);
    h ^ (h >> 16)
}

/// Places for a text's n-grams, a power of two and more than there can be.
const PLACES: usize = 1 << 11;

/// Tells the different n-grams of one text after the other without sorting them.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// Number of the text and n-gram.
    places: Vec<(u32, u32)>,
    text: u32,
}

impl Seen {
    /// Calls `each` with every different n-gram of a folded text.
    pub(crate) fn each(&mut self, folded: &str, mut each: impl FnMut(u32)) {
        self.text = self.text.wrapping_add(1);
        if self.text == 0 || self.places.is_empty() {
            self.places = vec![(0, 0); PLACES];
            self.text = 1;
        }
        each_gram(folded, |gram| {
            let mut at = wide(gram) % PLACES;
            while self.places[at].0 == self.text && self.places[at].1 != gram {
                at = (at + 1) % PLACES;
            }
            if self.places[at].0 != self.text {
                self.places[at] = (self.text, gram);
                each(gram);
            }
        });
    }
}

/// The different n-grams of a folded text, sorted.
pub(crate) fn distinct(folded: &str) -> Vec<u32> {
    let mut grams = Vec::with_capacity(4 * folded.len().min(GRAM_CHARS));
    each_gram(folded, |g| grams.push(g));
    grams.sort_unstable();
    grams.dedup();
    grams
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_linear() {
        // "<ab>": <a <ab <ab> ab ab> b>
        assert_eq!(distinct("ab").len(), 6);
        assert_eq!(distinct("退货").len(), 3);
        for text in ["x".repeat(5000), "退".repeat(5000), "a退".repeat(2500)] {
            let mut steps = 0;
            each_gram(&text, |_| steps += 1);
            assert!(steps <= 5 * (GRAM_CHARS + 2) && 5 * (GRAM_CHARS + 2) < PLACES);
        }
    }

    #[test]
    fn seen_once_are_the_different_ones() {
        let mut seen = Seen::default();
        for text in ["", "ab", "abab ab 退货退货", &"a1退".repeat(500), "ab", &"qwertyuiop asdfghjkl ".repeat(20)]
        {
            let mut grams = Vec::new();
            seen.each(text, |gram| grams.push(gram));
            grams.sort_unstable();
            assert_eq!(grams, distinct(text));
        }
    }

    #[test]
    fn typo_keeps_most_grams() {
        let (a, b) = (distinct("password"), distinct("pasword"));
        let same = a.iter().filter(|g| b.contains(g)).count();
        assert!(2 * same > a.len());
    }
}
