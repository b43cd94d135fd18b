//! Short texts that ask the same, put together.
//!
//! The first text of a group leads it. Every further one is compared with the first texts of the few groups that share its
//! rarest words, and joins the one that has the text most like it, or leads a new one. It has to be like the others of
//! that group as well, so that groups do not grow into chains. Texts are taken in the order of their times, so those that
//! come later change little of what was there before.

use std::collections::{HashMap, HashSet};

use crate::alike::{CHARS, Counts, Parts, Shelf, Weighed};
use crate::num::{Numbers, float, ratio, wide};

/// From this likeness to one of a group's texts on, a text may join.
const JOINS: f64 = 0.5;
/// From this mean likeness to those it is compared with on, it does.
const FITS: f64 = 0.4;
/// With how many of a group's texts a further one is compared; the first ones.
const COMPARED: usize = 4;

/// A text that somebody wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Utterance<'a> {
    /// The text; its first 240 characters count.
    pub text: &'a str,
    /// When, in any unit.
    pub at: i64,
}

/// Texts that ask the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The [key](crate::text_key) of its first text. It stays while that text is there and no earlier one joins.
    pub id: u64,
    /// The places of its texts among those given, by time.
    pub members: Vec<usize>,
    /// The places of its different texts, one each: the text that stands for the group first, then the most frequent
    /// ones, the earliest of equals.
    pub texts: Vec<usize>,
}

/// Groups the texts, by the time of their first. A text without a letter or digit is in no group. The order of
/// `utterances` does not matter.
///
/// Takes time in proportion to their number and length: each text is compared with 64 others at most, found by reading a
/// bounded number of entries.
pub fn group(utterances: &[Utterance<'_>]) -> Vec<Group> {
    grouped(utterances, &mut 0)
}

/// A text as often as it was written.
struct Distinct {
    /// Places, by time.
    members: Vec<usize>,
    weighed: Weighed,
}

/// A group in the making.
struct Making {
    /// Of the first text.
    id: u64,
    /// Numbers of its different texts.
    texts: Vec<usize>,
}

fn grouped(utterances: &[Utterance<'_>], steps: &mut usize) -> Vec<Group> {
    let (keys, distinct) = distinct(utterances, steps);
    let mut shelf = Shelf::default();
    let mut making: Vec<Making> = Vec::new();
    // The group of each different text so far.
    let mut group_of: Vec<usize> = Vec::with_capacity(distinct.len());
    for (number, text) in distinct.iter().enumerate() {
        let found = shelf.find(&text.weighed, |_| true, steps).into_iter();
        let mut near: Vec<usize> = found.map(|number| group_of[wide(number)]).collect();
        near.sort_unstable();
        near.dedup();
        let mut best: Option<(f64, usize)> = None;
        for group in near {
            let compared = &making[group].texts[..making[group].texts.len().min(COMPARED)];
            let likeness = |number: &usize| text.weighed.likeness(&distinct[*number].weighed, steps);
            let likeness: Vec<f64> = compared.iter().map(likeness).collect();
            let most = likeness.iter().copied().fold(0.0, f64::max);
            let fits = most >= JOINS && ratio(likeness.iter().sum(), float(likeness.len())) >= FITS;
            if fits && best.is_none_or(|(best, _)| most > best) {
                best = Some((most, group));
            }
        }
        let group = best.map_or(making.len(), |(_, group)| group);
        if group == making.len() {
            making.push(Making { id: keys[number], texts: Vec::new() });
        }
        making[group].texts.push(number);
        group_of.push(group);
        if making[group].texts.len() <= COMPARED {
            shelf.put(number, &text.weighed);
        }
    }
    making.into_iter().map(|making| finish(making, &distinct, utterances)).collect()
}

/// The different texts by their first time, with their keys.
fn distinct(utterances: &[Utterance<'_>], steps: &mut usize) -> (Vec<u64>, Vec<Distinct>) {
    let mut order: Vec<usize> = (0..utterances.len()).collect();
    order.sort_by_key(|place| (utterances[*place].at, utterances[*place].text));
    let mut numbers: HashMap<u64, usize, Numbers> = HashMap::default();
    // The same spelling again, which is the usual case, is looked up without being folded.
    let mut spelled: HashMap<&str, usize> = HashMap::new();
    let mut silent: HashSet<&str> = HashSet::new();
    let (mut parts, mut members): (Vec<Parts>, Vec<Vec<usize>>) = (Vec::new(), Vec::new());
    for place in order {
        let text = utterances[place].text;
        *steps += 1;
        if silent.contains(text) {
            continue;
        }
        let number = match spelled.get(text) {
            Some(number) => *number,
            None => match Parts::of(text, CHARS) {
                None => {
                    silent.insert(text);
                    continue;
                }
                Some(found) => {
                    *steps += found.size();
                    let number = *numbers.entry(found.key).or_insert(parts.len());
                    if number == parts.len() {
                        parts.push(found);
                        members.push(Vec::new());
                    }
                    spelled.insert(text, number);
                    number
                }
            },
        };
        members[number].push(place);
    }
    let counts = Counts::of(&parts);
    let keys = parts.iter().map(|parts| parts.key).collect();
    let distinct = parts.into_iter().zip(members);
    let distinct = distinct.map(|(parts, members)| Distinct { members, weighed: counts.weigh(parts) });
    (keys, distinct.collect())
}

fn finish(making: Making, all: &[Distinct], utterances: &[Utterance<'_>]) -> Group {
    let mut texts = making.texts;
    let typical = typical(&texts, all);
    let most = texts.iter().map(|number| all[*number].members.len()).max().unwrap_or(0);
    // Of the most frequent ones, the most typical.
    let mut face: Option<(f64, usize)> = None;
    for (number, typical) in texts.iter().zip(&typical).filter(|(number, _)| all[**number].members.len() == most) {
        if face.is_none_or(|(best, _)| *typical > best) {
            face = Some((*typical, *number));
        }
    }
    let face = face.map(|(_, number)| number);
    texts.sort_by_key(|number| (Some(*number) != face, std::cmp::Reverse(all[*number].members.len()), *number));
    let mut members: Vec<usize> = texts.iter().flat_map(|number| all[*number].members.iter().copied()).collect();
    members.sort_by_key(|place| (utterances[*place].at, utterances[*place].text, *place));
    let texts = texts.iter().filter_map(|number| all[*number].members.first().copied()).collect();
    Group { id: making.id, members, texts }
}

/// How much each of these texts has of what all of them have together: the cosine of its words with their sum.
fn typical(texts: &[usize], all: &[Distinct]) -> Vec<f64> {
    let mut sums: HashMap<u64, u32, Numbers> = HashMap::default();
    for number in texts {
        for (key, _) in all[*number].weighed.terms.items() {
            *sums.entry(*key).or_default() += 1;
        }
    }
    let of = |number: &usize| {
        let terms = all[*number].weighed.terms.items();
        let shared: f64 = terms.iter().map(|(key, square)| f64::from(*square) * f64::from(sums[key])).sum();
        let square: f64 = terms.iter().map(|(_, square)| f64::from(*square)).sum();
        ratio(shared, square.sqrt() * float(texts.len()))
    };
    texts.iter().map(of).collect()
}

#[cfg(test)]
#[path = "groups_tests.rs"]
mod tests;
