//! What is found against reading everything.

use proptest::prelude::*;

use super::*;
use crate::synonyms::{Synonym, Synonyms};
use crate::{Batch, FaqText};

/// The candidates by a look at every list for every FAQ.
fn reading_all(index: &Index, query: &Query, extra: &[u32], (budget, finished): (usize, usize)) -> Vec<Candidate> {
    let plan = Plan::new(index, query, budget);
    let add = |slot: u32, sums: &mut Sums, source: &Source<'_>| {
        let Some(posting) = source.entry.list.get(slot) else { return };
        match source.add {
            Add::Bonus(bonus) => {
                let mut read = Vec::new();
                source.entry.list.read().below(u32::MAX, source.length, |posting| read.push(posting.slot()));
                sums[3] += if read.contains(&slot) { bonus } else { 0.0 };
            }
            Add::Term(term, weights) => {
                if let Some(weights) = weights.at(index, term, posting) {
                    weights.add(sums, index, posting);
                }
            }
        }
    };
    let sums = |slot: u32| {
        let mut sums = Sums::default();
        plan.sources.iter().for_each(|source| add(slot, &mut sums, source));
        (slot, sums)
    };
    let late = |(slot, sums): &mut (u32, Sums)| plan.late.iter().for_each(|(source, _)| add(*slot, sums, source));
    let order = |found: &mut Vec<(u32, Sums)>| {
        found.sort_by(|a, b| {
            rough(&b.1).total_cmp(&rough(&a.1)).then(index.docs[at(a.0)].id.cmp(&index.docs[at(b.0)].id))
        });
    };
    let mut found: Vec<_> = index.faqs().map(|(_, slot)| sums(slot)).filter(|found| rough(&found.1) > 0.0).collect();
    order(&mut found);
    if !plan.late.is_empty() {
        found.truncate(finished);
    }
    found.iter_mut().for_each(late);
    order(&mut found);
    found.truncate(MAX_HITS);
    for slot in extra {
        if found.iter().all(|found| found.0 != *slot) {
            let mut one = sums(*slot);
            late(&mut one);
            found.push(one);
        }
    }
    found.iter().map(|(slot, sums)| candidate(query, *slot, sums)).collect()
}

/// Numbers that follow from a seed.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % n
    }

    /// Some words are in nearly every text, some in few; with `skew` 0 all are as common as each other.
    fn word(&mut self, skew: usize) -> usize {
        (0..skew).fold(self.below(200), |most, _| self.below(most + 1))
    }

    fn text(&mut self, words: usize, skew: usize) -> String {
        let word = |word: usize| match word % 4 {
            0 => format!("machine{word}"),
            1 => format!("w{}", char::from(b'a' + u8::try_from(word % 26).unwrap_or(0))),
            2 => char::from_u32(0x5000 + u32::try_from(word).unwrap_or(0)).into_iter().collect(),
            _ => ["refund", "money back", "password", "reset", "忘记密码", "退款"][word % 6].to_owned(),
        };
        (0..words).map(|_| word(self.word(skew))).collect::<Vec<_>>().join(" ")
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn finds_what_reading_all_finds(
        seed in any::<u64>(),
        faqs in prop::sample::select(vec![5_usize, 60, 700, 5_000]),
        skew in 0..5_usize,
        longest in prop::sample::select(vec![1_usize, 6, 30]),
        budget in prop::sample::select(vec![1_usize, 40, 900, 20_000, POSTING_BUDGET]),
        finished in prop::sample::select(vec![MAX_HITS, 90, FINISHED]),
    ) {
        let mut numbers = Numbers(seed);
        let mut texts = Vec::new();
        for id in 0..faqs {
            // Some are equal to each other, and many have one score.
            let question = if id % 9 == 8 { "machine4 reset".to_owned() } else {
                let words = 1 + numbers.below(longest);
                numbers.text(words, skew)
            };
            let similar: Vec<String> = (0..numbers.below(20) / 17).map(|_| numbers.text(3, skew)).collect();
            let answer = if numbers.below(3) == 0 { numbers.text(2 * longest, skew) } else { String::new() };
            texts.push((i64::try_from(id * 7 % faqs).unwrap_or(0), question, similar, answer));
        }
        let mut index = Index::default();
        let all = texts.iter().map(|(id, question, similar, answer)| (*id, FaqText { question, similar, answer }));
        let filled = index.append(Batch::of(all));
        prop_assert!(filled);
        for _ in 0..faqs / 10 {
            let text = &texts[numbers.below(texts.len())];
            index.remove(text.0);
            if numbers.below(2) == 0 {
                index.upsert(text.0, &FaqText { question: &text.3, similar: &text.2, answer: &text.1 });
            }
        }
        let pairs = [("machine0", "machine4"), ("machine8", "reset"), ("refund", "password"), ("wb", "machine12")];
        let synonyms = Synonyms::new(pairs.map(|(word, means)| {
            Synonym { word: word.to_owned(), means: means.to_owned(), weight: 0.9 }
        }));
        let slots = index.docs.len();
        for round in 0..8 {
            let text = match round {
                0 => "machine4 reset".to_owned(),
                1 => "machinf machine0 wb refund passwort".to_owned(),
                _ => { let words = 1 + numbers.below(12); numbers.text(words, skew / 2) }
            };
            let query = Query::new(&index, &text, (round % 2 == 0).then_some(&synonyms));
            let live: Vec<u32> = index.faqs().map(|(_, slot)| slot).collect();
            let extra: Vec<u32> = (0..round % 4).filter(|_| !live.is_empty()).map(|_| live[numbers.below(live.len())]).collect();
            let found = find_within(&index, &query, &extra, (budget, finished), &mut 0);
            let wanted = reading_all(&index, &query, &extra, (budget, finished));
            let bits = |all: &[Candidate]| all.iter().map(|c| {
                (c.slot, c.asked.to_bits(), c.answered.to_bits(), c.covered.to_bits(), c.exact)
            }).collect::<Vec<_>>();
            prop_assert_eq!(bits(&found), bits(&wanted), "{} of {}", text, slots);
        }
    }
}
