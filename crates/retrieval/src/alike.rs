//! How alike two short texts are: what they share of words and of character n-grams, of all they have. What is rare
//! among the texts at hand counts more, so that one word that everybody uses makes no two texts alike.

use std::collections::HashMap;
use std::hash::Hash;

use crate::analyse;
use crate::fold::fold;
use crate::grams;
use crate::num::{Numbers, float, narrow, ratio, small};
use crate::query::rarity;

/// How much of a text is looked at, in characters: as much as for n-grams.
pub(crate) const CHARS: usize = grams::GRAM_CHARS;

/// The key of a text that is compared by its first 240 characters: the same for texts that are equal but for case, width,
/// accents, spacing and punctuation. None for a text without a letter or digit.
pub fn text_key(text: &str) -> Option<u64> {
    key_of(&fold(text, CHARS).0)
}

fn key_of(folded: &str) -> Option<u64> {
    let says_something = folded.chars().any(|c| crate::fold::class(c) != crate::fold::Class::Other);
    analyse::exact_key(folded).filter(|_| says_something)
}

/// A text taken apart.
pub(crate) struct Parts {
    pub(crate) key: u64,
    /// Different terms with their own weights, by key.
    terms: Vec<(u64, f32)>,
    /// First and last letters of long words, which one typo leaves whole; only a way to find the text.
    affixes: Vec<u64>,
    grams: Vec<u32>,
}

impl Parts {
    /// Of the first `chars` characters; none for a text without a letter or digit.
    pub(crate) fn of(text: &str, chars: usize) -> Option<Self> {
        let (folded, _) = fold(text, chars);
        let key = key_of(&folded)?;
        let found = analyse::terms(&folded);
        let mut affixes: Vec<u64> = found.iter().filter_map(|t| analyse::affix_keys(&t.text)).flatten().collect();
        affixes.sort_unstable();
        affixes.dedup();
        let mut terms: Vec<(u64, f32)> = found.iter().map(|t| (t.key, t.weight)).collect();
        terms.sort_unstable_by_key(|t| t.0);
        terms.dedup_by_key(|t| t.0);
        Some(Self { key, terms, affixes, grams: grams::distinct(&folded) })
    }

    /// How many parts it has.
    pub(crate) fn size(&self) -> usize {
        self.terms.len() + self.affixes.len() + self.grams.len()
    }
}

/// In how many of some texts each term and n-gram is.
#[derive(Default)]
pub(crate) struct Counts {
    texts: usize,
    terms: HashMap<u64, u32, Numbers>,
    grams: HashMap<u32, u32, Numbers>,
}

impl Counts {
    pub(crate) fn of<'p>(texts: impl IntoIterator<Item = &'p Parts>) -> Self {
        let mut counts = Self::default();
        for text in texts {
            counts.texts += 1;
            text.terms.iter().for_each(|(key, _)| *counts.terms.entry(*key).or_default() += 1);
            text.affixes.iter().for_each(|key| *counts.terms.entry(*key).or_default() += 1);
            text.grams.iter().for_each(|gram| *counts.grams.entry(*gram).or_default() += 1);
        }
        counts
    }

    fn term(&self, key: u64) -> u32 {
        self.terms.get(&key).copied().unwrap_or(0)
    }

    /// The text with the weights that its parts have among these texts.
    pub(crate) fn weigh(&self, parts: Parts) -> Weighed {
        let square = |own: f32, count: u32| {
            let weight = f64::from(own) * rarity(self.texts, count);
            narrow(weight * weight)
        };
        let mut keys: Vec<(u32, u64)> = parts.terms.iter().map(|(key, _)| (self.term(*key), *key)).collect();
        keys.extend(parts.affixes.iter().map(|key| (self.term(*key), *key)));
        keys.sort_unstable();
        let terms = parts.terms.into_iter().map(|(key, own)| (key, square(own, self.term(key))));
        let grams = parts.grams.into_iter();
        let grams = grams.map(|gram| (gram, square(1.0, self.grams.get(&gram).copied().unwrap_or(0))));
        Weighed {
            terms: Bag::of(terms.collect()),
            grams: Bag::of(grams.collect()),
            keys: keys.into_iter().map(|(_, key)| key).collect(),
        }
    }
}

/// A text ready to be compared.
pub(crate) struct Weighed {
    pub(crate) terms: Bag<u64>,
    pub(crate) grams: Bag<u32>,
    /// What the text can be found by, the rarest first.
    pub(crate) keys: Vec<u64>,
}

impl Weighed {
    /// How alike two texts are, 0..=1: the mean of the cosines of their words and of their n-grams. Adds the parts looked
    /// at to `steps`.
    pub(crate) fn likeness(&self, other: &Self, steps: &mut usize) -> f64 {
        f64::midpoint(self.terms.cosine(&other.terms, steps), self.grams.cosine(&other.grams, steps))
    }
}

/// Different things with their squared weights, in order.
pub(crate) struct Bag<T> {
    items: Vec<(T, f32)>,
    square: f64,
}

impl<T: Ord + Copy + Hash> Bag<T> {
    fn of(items: Vec<(T, f32)>) -> Self {
        let square = items.iter().map(|(_, square)| f64::from(*square)).sum();
        Self { items, square }
    }

    pub(crate) fn items(&self) -> &[(T, f32)] {
        &self.items
    }

    pub(crate) fn len(&self) -> usize {
        self.items.len()
    }

    fn cosine(&self, other: &Self, steps: &mut usize) -> f64 {
        ratio(self.shared(other, steps), (self.square * other.square).sqrt()).min(1.0)
    }

    /// Which share of this one is in the other too, 0..=1.
    pub(crate) fn share_in(&self, other: &Self, steps: &mut usize) -> f64 {
        ratio(self.shared(other, steps), self.square).min(1.0)
    }

    fn shared(&self, other: &Self, steps: &mut usize) -> f64 {
        *steps += self.items.len() + other.items.len();
        let (mut one, mut two) = (self.items.iter().peekable(), other.items.iter().peekable());
        let mut shared = 0.0;
        while let (Some((a, square)), Some((b, _))) = (one.peek(), two.peek()) {
            match a.cmp(b) {
                std::cmp::Ordering::Less => one.next(),
                std::cmp::Ordering::Greater => two.next(),
                std::cmp::Ordering::Equal => {
                    shared += f64::from(*square);
                    one.next();
                    two.next()
                }
            };
        }
        shared
    }
}

/// Texts that can be found by what they share with another. A look reads a bounded part of it.
#[derive(Default)]
pub(crate) struct Shelf {
    lists: HashMap<u64, Vec<u32>, Numbers>,
}

/// Entries that a look reads. The rarest keys are read first, so what it may leave out shares only common words.
const READ_MAX: usize = 1_024;
/// Texts that a look finds.
pub(crate) const FOUND_MAX: usize = 16;

impl Shelf {
    pub(crate) fn put(&mut self, number: usize, text: &Weighed) {
        for key in &text.keys {
            self.lists.entry(*key).or_default().push(small(number));
        }
    }

    /// The numbers of the texts that share the most keys with this one and pass `wanted`, rare keys counting more; at most
    /// [`FOUND_MAX`], equals by number.
    pub(crate) fn find(&self, text: &Weighed, wanted: impl Fn(u32) -> bool, steps: &mut usize) -> Vec<u32> {
        let mut sums: HashMap<u32, f64, Numbers> = HashMap::default();
        let mut left = READ_MAX;
        for (place, key) in text.keys.iter().enumerate() {
            let Some(list) = self.lists.get(key) else { continue };
            for number in list.iter().take(left).filter(|number| wanted(**number)) {
                *sums.entry(*number).or_default() += 1.0 / (1.0 + float(place));
            }
            *steps += list.len().min(left);
            left -= list.len().min(left);
            if left == 0 {
                break;
            }
        }
        let mut found: Vec<(u32, f64)> = sums.into_iter().collect();
        let better = |a: &(u32, f64), b: &(u32, f64)| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0));
        if found.len() > FOUND_MAX {
            found.select_nth_unstable_by(FOUND_MAX, better);
            found.truncate(FOUND_MAX);
        }
        found.sort_unstable_by(better);
        found.into_iter().map(|(number, _)| number).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_equal_but_for_punctuation_have_one_key() {
        assert_eq!(text_key("Reset my PASSWORD?"), text_key("reset my password"));
        assert_eq!(text_key("重置密碼"), text_key("重置 密码！"));
        assert_ne!(text_key("reset my password"), text_key("reset your password"));
        assert_eq!((text_key("?!"), text_key("  "), text_key("😀")), (None, None, None));
    }

    fn likeness(one: &str, other: &str, among: &[&str]) -> f64 {
        let parts = |text: &str| Parts::of(text, CHARS).unwrap();
        let all: Vec<Parts> = among.iter().chain([&one, &other]).map(|text| parts(text)).collect();
        let counts = Counts::of(&all);
        counts.weigh(parts(one)).likeness(&counts.weigh(parts(other)), &mut 0)
    }

    #[test]
    fn a_word_of_every_text_makes_no_two_alike() {
        let among: Vec<String> = (0..40).map(|n| format!("order number{n}")).collect();
        let among: Vec<&str> = among.iter().map(String::as_str).collect();
        let common = likeness("order status", "order invoice", &among);
        let rare = likeness("order status", "status of an order", &among);
        assert!(common < 0.3 && rare > 0.7, "{common} {rare}");
        assert!((likeness("order", "Order!", &among) - 1.0).abs() < 1e-6);
    }
}
