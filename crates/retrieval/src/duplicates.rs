//! FAQs that ask nearly the same.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::alike::{CHARS, Counts, Parts, Shelf, Weighed};
use crate::index::{FaqId, FaqText};
use crate::num::{Numbers, wide};

/// From this likeness of two of their texts on, two FAQs are a pair.
const PAIRS: f64 = 0.75;
/// How many pairs are told, the most alike first.
pub const DUPLICATES_MAX: usize = 500;
/// How many texts of FAQs are compared: all questions first, then similar questions as far as there is room.
pub const COMPARED_MAX: usize = 20_000;
/// How many of the texts that make a pair are told.
const TOLD: usize = 3;

/// Two FAQs that ask nearly the same.
#[derive(Clone, Debug, PartialEq)]
pub struct Duplicate {
    /// The FAQ with the smaller id.
    pub one: FaqId,
    /// The other one.
    pub other: FaqId,
    /// The likeness of the two texts that are most alike, 0..=1; 1 if they are equal but for punctuation.
    pub similarity: f64,
    /// The texts that make it so, one of each FAQ, the most alike first; at most three pairs.
    pub texts: Vec<(String, String)>,
}

/// Pairs of FAQs whose questions or similar questions are nearly the same, the most alike first, equals by id; at most
/// [`DUPLICATES_MAX`]. Of FAQs that have one text in common, each is paired with the first by id. The order of `faqs` does
/// not matter.
///
/// Takes time in proportion to the number and length of the texts.
pub fn duplicates(faqs: &[(FaqId, FaqText<'_>)]) -> Vec<Duplicate> {
    found(faqs, &mut 0)
}

/// FAQs by id, each with its spelling of a text.
type Holders<'a> = Vec<(FaqId, &'a str)>;

/// A text with the FAQs that have it.
struct Held<'a> {
    holders: Holders<'a>,
    weighed: Weighed,
}

/// What makes a pair: likeness and the two texts.
type Reason<'a> = (f64, &'a str, &'a str);

fn found(faqs: &[(FaqId, FaqText<'_>)], steps: &mut usize) -> Vec<Duplicate> {
    let held = held(faqs, steps);
    let mut pairs: BTreeMap<(FaqId, FaqId), Vec<Reason<'_>>> = BTreeMap::new();
    let mut shelf = Shelf::default();
    for (number, text) in held.iter().enumerate() {
        let Some(((first, spelled), rest)) = text.holders.split_first() else { continue };
        for (other, other_spelled) in rest {
            pair(&mut pairs, (1.0, *first, *other), (*spelled, *other_spelled));
        }
        let others = |found: u32| held[wide(found)].holders.first().is_some_and(|(id, _)| id != first);
        for near in shelf.find(&text.weighed, others, steps).into_iter().map(wide) {
            let likeness = text.weighed.likeness(&held[near].weighed, steps);
            if likeness >= PAIRS
                && let Some((id, near_spelled)) = held[near].holders.first()
            {
                pair(&mut pairs, (likeness, *first, *id), (*spelled, *near_spelled));
            }
        }
        shelf.put(number, &text.weighed);
    }
    let mut found: Vec<Duplicate> =
        pairs.into_iter().map(|((one, other), reasons)| told(one, other, reasons)).collect();
    found.sort_by(|a, b| b.similarity.total_cmp(&a.similarity).then((a.one, a.other).cmp(&(b.one, b.other))));
    found.truncate(DUPLICATES_MAX);
    found
}

/// Notes why two FAQs are a pair; the best reasons are kept, in order.
fn pair<'a>(
    pairs: &mut BTreeMap<(FaqId, FaqId), Vec<Reason<'a>>>,
    (likeness, one, other): (f64, FaqId, FaqId),
    (text, other_text): (&'a str, &'a str),
) {
    let (key, reason) = if one < other {
        ((one, other), (likeness, text, other_text))
    } else {
        ((other, one), (likeness, other_text, text))
    };
    let reasons = pairs.entry(key).or_default();
    let better = |a: &Reason<'_>| a.0 > reason.0 || (a.0 >= reason.0 && (a.1, a.2) <= (reason.1, reason.2));
    let at = reasons.iter().take_while(|known| better(known)).count();
    reasons.insert(at, reason);
    reasons.truncate(TOLD);
}

fn told(one: FaqId, other: FaqId, reasons: Vec<Reason<'_>>) -> Duplicate {
    let similarity = reasons.first().map_or(0.0, |reason| reason.0);
    let texts = reasons.into_iter().map(|(_, text, other)| (text.to_owned(), other.to_owned())).collect();
    Duplicate { one, other, similarity, texts }
}

/// The different texts by the first FAQ that has them; questions before similar questions.
fn held<'a>(faqs: &[(FaqId, FaqText<'a>)], steps: &mut usize) -> Vec<Held<'a>> {
    let mut by_id: Vec<&(FaqId, FaqText<'a>)> = faqs.iter().collect();
    by_id.sort_by_key(|(id, _)| *id);
    let questions = by_id.iter().map(|(id, faq)| (*id, faq.question));
    let similar = by_id.iter().flat_map(|(id, faq)| faq.similar.iter().map(|text| (*id, text.as_str())));
    let mut numbers: HashMap<u64, usize, Numbers> = HashMap::default();
    let (mut parts, mut holders): (Vec<Parts>, Vec<Holders<'_>>) = (Vec::new(), Vec::new());
    let mut seen: HashSet<(usize, FaqId)> = HashSet::new();
    for (id, text) in questions.chain(similar).take(COMPARED_MAX) {
        let Some(found) = Parts::of(text, CHARS) else { continue };
        *steps += found.size();
        let number = *numbers.entry(found.key).or_insert(parts.len());
        if number == parts.len() {
            parts.push(found);
            holders.push(Vec::new());
        }
        if seen.insert((number, id)) {
            holders[number].push((id, text));
        }
    }
    let counts = Counts::of(&parts);
    let weighed = parts.into_iter().map(|parts| counts.weigh(parts));
    let held = weighed.zip(holders).map(|(weighed, mut holders)| {
        holders.sort_unstable_by_key(|(id, _)| *id);
        Held { holders, weighed }
    });
    held.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn similar(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    fn faq<'a>(question: &'a str, similar: &'a [String]) -> FaqText<'a> {
        FaqText { question, similar, answer: "" }
    }

    #[test]
    fn pairs_are_told_with_the_texts_that_make_them() {
        let (none, reset) = (Vec::new(), similar(&["forgot password", "忘记密码怎么办"]));
        let (unlock, laptop) =
            (similar(&["My password is forgotten", "忘记密码了怎么办"]), similar(&["order a notebook"]));
        let faqs = [
            (7, faq("How do I reset my password?", &reset)),
            (3, faq("how do i RESET my password", &none)),
            (9, faq("How do I unlock my account?", &unlock)),
            (5, faq("How do I get a new laptop?", &laptop)),
        ];
        let found = duplicates(&faqs);
        let pairs: Vec<(FaqId, FaqId)> = found.iter().map(|pair| (pair.one, pair.other)).collect();
        assert_eq!(pairs, [(3, 7), (7, 9)], "{found:?}");
        assert!((found[0].similarity - 1.0).abs() < 1e-9 && found[1].similarity < 1.0, "{found:?}");
        assert_eq!(found[0].texts, [("how do i RESET my password".into(), "How do I reset my password?".into())]);
        assert_eq!(found[1].texts[0], ("忘记密码怎么办".into(), "忘记密码了怎么办".into()));
        let backwards: Vec<_> = faqs.into_iter().rev().collect();
        assert_eq!(duplicates(&backwards), found);
    }

    #[test]
    fn texts_of_one_faq_hide_no_other() {
        let many: Vec<String> = (0..200).map(|n| format!("reset my password please {n}")).collect();
        let none = Vec::new();
        let faqs = [(1, faq("reset my password", &many)), (2, faq("please reset my password", &none))];
        assert_eq!(duplicates(&faqs).len(), 1);
    }

    /// Steps for `n` FAQs with the question that `text` makes of the number.
    fn steps(n: i64, text: impl Fn(i64) -> String) -> (usize, usize) {
        let (none, texts): (Vec<String>, Vec<String>) = (Vec::new(), (0..n).map(text).collect());
        let faqs: Vec<_> = (0..).zip(&texts).map(|(id, text)| (id, faq(text, &none))).collect();
        let mut steps = 0;
        let pairs = found(&faqs, &mut steps).len();
        (pairs, steps)
    }

    #[test]
    fn work_grows_with_the_texts_and_not_with_their_pairs() {
        let texts: [fn(i64) -> String; 3] = [
            |_| "How do I reset my password?".to_owned(),
            |n| format!("order x{n}"),
            |n| format!("how do i reset the password of machine {n}"),
        ];
        for text in texts {
            let (few, many) = (steps(1_000, text), steps(10_000, text));
            assert!(many.0 <= DUPLICATES_MAX);
            assert!(many.1 <= 15 * few.1 && many.1 <= 10_000 * 12_000, "{few:?} {many:?}");
        }
    }
}
