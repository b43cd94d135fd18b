//! Properties that hold for any texts.

use proptest::collection::vec;
use proptest::prelude::*;
use retrieval::{Aids, Batch, FaqText, Hit, Index, Synonym, Synonyms, Utterance, analyse, duplicates, group, text_key};

/// Texts that often share words, with some arbitrary Unicode between them.
fn text() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        8 => prop::sample::select(vec!["password", "reset", "how", "vpn", "X1-200", "忘记", "密码", "怎么", "退货", "i", "运费", "printer"]).prop_map(str::to_owned),
        1 => any::<String>(),
    ];
    vec(word, 0..6).prop_map(|words| words.join(" "))
}

/// On a desk of 40 other FAQs, those whose scores are this far apart keep their order when one comes that shares nothing
/// with query and FAQs. On a desk of two or three it can change more: what is rare there gets much rarer.
const APART: f64 = 0.1;

fn word() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["password", "reset", "vpn", "忘记", "密码", "退货", "printer"]).prop_map(str::to_owned)
}

type Faq = (String, Vec<String>, String);

fn faq() -> impl Strategy<Value = Faq> {
    (text(), vec(text(), 0..4), text())
}

fn text_of(faq: &Faq) -> FaqText<'_> {
    FaqText { question: &faq.0, similar: &faq.1, answer: &faq.2 }
}

fn put(index: &mut Index, id: i64, faq: &Faq) {
    index.upsert(id, &text_of(faq));
}

fn index_of(faqs: &[Faq]) -> Index {
    let mut index = Index::default();
    for (id, faq) in (0..).zip(faqs) {
        put(&mut index, id, faq);
    }
    index
}

fn score_of(hits: &[Hit], id: i64) -> f64 {
    hits.iter().find(|h| h.id == id).map_or(0.0, |h| h.score)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn scores_are_probabilities_in_order(faqs in vec(faq(), 0..12), query in text()) {
        let hits = index_of(&faqs).rank(&query, 64);
        prop_assert!(hits.iter().all(|h| (0.0..=1.0).contains(&h.score)));
        prop_assert!(hits.is_sorted_by(|a, b| b.score.total_cmp(&a.score).then(a.id.cmp(&b.id)).is_lt()));
    }

    #[test]
    fn history_does_not_matter(faqs in vec(faq(), 1..10), extra in faq(), query in text()) {
        let index = index_of(&faqs);
        let want = index.rank(&query, 64);
        let mut edited = index.clone();
        put(&mut edited, 99, &extra);
        put(&mut edited, 0, &extra);
        put(&mut edited, 0, &faqs[0]);
        prop_assert!(edited.remove(99));
        prop_assert_eq!(&edited.rank(&query, 64), &want);
        let mut backwards = Index::default();
        for (id, faq) in (0..).zip(&faqs).collect::<Vec<_>>().into_iter().rev() {
            put(&mut backwards, id, faq);
        }
        prop_assert_eq!(&backwards.rank(&query, 64), &want);
    }

    #[test]
    fn batches_rank_like_edits(faqs in vec((0..12_i64, faq()), 0..24), each in 1..9_usize, query in text()) {
        let (mut edited, mut loaded) = (Index::default(), Index::default());
        for faqs in faqs.chunks(each) {
            for (id, faq) in faqs {
                put(&mut edited, *id, faq);
            }
            let batch = Batch::of(faqs.iter().map(|(id, faq)| (*id, text_of(faq))));
            prop_assert_eq!(batch.len(), faqs.len());
            prop_assert!(loaded.append(batch));
            prop_assert_eq!(loaded.len(), edited.len());
            prop_assert_eq!(loaded.rank(&query, 64), edited.rank(&query, 64));
        }
        let extra = ("reset 密码".to_owned(), vec![query.clone()], "vpn".to_owned());
        for index in [&mut edited, &mut loaded] {
            put(index, 3, &extra);
            index.remove(5);
        }
        prop_assert_eq!(loaded.rank(&query, 64), edited.rank(&query, 64));
        for id in 0..12 {
            prop_assert_eq!(loaded.remove(id), edited.remove(id));
        }
        prop_assert!(loaded.is_empty() && loaded.rank(&query, 64).is_empty());
    }

    #[test]
    fn removing_all_leaves_nothing(faqs in vec(faq(), 1..8), query in text()) {
        let mut index = index_of(&faqs);
        for (id, _) in (0..).zip(&faqs) {
            prop_assert!(index.remove(id));
        }
        prop_assert!(index.is_empty() && index.rank(&query, 9).is_empty());
    }

    #[test]
    fn an_equal_similar_question_never_hurts(faqs in vec(faq(), 1..10), query in text()) {
        prop_assume!(!query.trim().is_empty());
        let mut index = index_of(&faqs);
        let before = score_of(&index.rank(&query, 64), 0);
        let mut more = faqs[0].clone();
        more.1.push(query.clone());
        put(&mut index, 0, &more);
        let after = score_of(&index.rank(&query, 64), 0);
        prop_assert!(after >= before, "{before} -> {after}");
        // A text the FAQ already has changes nothing at all.
        let want = index.rank("reset 密码", 64);
        more.1.push(more.0.clone());
        put(&mut index, 0, &more);
        prop_assert_eq!(index.rank("reset 密码", 64), want);
    }

    #[test]
    fn an_unrelated_faq_keeps_the_order_of_others(faqs in vec(faq(), 1..10), query in text()) {
        let mut index = index_of(&faqs);
        for id in 0..40 {
            index.upsert(200 + id, &FaqText { question: &format!("machine {id} rattles"), similar: &[], answer: "" });
        }
        let before = index.rank(&query, 64);
        index.upsert(99, &FaqText { question: "ζζζζ ωωωω", similar: &["ξξξξ".to_owned()], answer: "" });
        let after = index.rank(&query, 64);
        for (at, ahead) in before.iter().enumerate() {
            for behind in before[at..].iter().filter(|behind| ahead.score - behind.score > APART) {
                let now = (score_of(&after, ahead.id), score_of(&after, behind.id));
                prop_assert!(now.0 > now.1, "{} {} -> {now:?}", ahead.score, behind.score);
            }
        }
    }

    #[test]
    fn pairs_that_say_nothing_change_no_bit(faqs in vec(faq(), 1..10), query in text(), pairs in vec((word(), word()), 0..4)) {
        let index = index_of(&faqs);
        let bits = |aids: &Aids<'_>| {
            let hits = index.rank_with(&query, aids, 64);
            hits.iter().map(|hit| (hit.id, hit.score.to_bits())).collect::<Vec<_>>()
        };
        let want = bits(&Aids::default());
        prop_assert_eq!(&bits(&Aids { synonyms: Some(&Synonyms::default()), ..Aids::default() }), &want);
        // Words that the query does not have, and words that no FAQ has.
        let asked: Vec<String> = analyse(&query).terms.into_iter().map(|term| term.text).collect();
        let mute = pairs.iter().flat_map(|(word, means)| {
            let other = (!asked.contains(word)).then(|| (word.clone(), means.clone()));
            other.into_iter().chain([(word.clone(), "ζζζζ".to_owned())])
        });
        let mute = Synonyms::new(mute.map(|(word, means)| Synonym { word, means, weight: 1.0 }));
        prop_assert_eq!(&bits(&Aids { synonyms: Some(&mute), ..Aids::default() }), &want);
    }

    #[test]
    fn pairs_keep_scores_probabilities(faqs in vec(faq(), 1..10), query in text(), pairs in vec((word(), word()), 0..6)) {
        let index = index_of(&faqs);
        let all = Synonyms::new(pairs.into_iter().map(|(word, means)| Synonym { word, means, weight: 0.7 }));
        let hits = index.rank_with(&query, &Aids { synonyms: Some(&all), ..Aids::default() }, 64);
        prop_assert!(hits.iter().all(|h| (0.0..=1.0).contains(&h.score)));
        prop_assert!(hits.is_sorted_by(|a, b| b.score.total_cmp(&a.score).then(a.id.cmp(&b.id)).is_lt()));
    }

    #[test]
    fn own_question_scores_high(faqs in vec(faq(), 1..10)) {
        let index = index_of(&faqs);
        for (id, faq) in (0..).zip(&faqs).filter(|(_, f)| !analyse(&f.0).folded.is_empty()) {
            prop_assert!(score_of(&index.rank(&faq.0, 64), id) > 0.9, "{:?}", faq.0);
        }
    }

    #[test]
    fn any_unicode_is_analysed(any in any::<String>()) {
        let found = analyse(&any);
        prop_assert!(found.terms.iter().all(|t| t.weight > 0.0 && t.weight <= 1.0 && !t.text.is_empty()));
        prop_assert!(found.grams.is_sorted());
        prop_assert_eq!(&analyse(&found.folded).folded, &found.folded);
    }

    #[test]
    fn groups_hold_each_text_once_in_whatever_order_they_came(texts in vec((text(), 0..4_i64), 0..20), turn in 0..20_usize) {
        let utterances: Vec<_> = texts.iter().map(|(text, at)| Utterance { text, at: *at }).collect();
        let groups = group(&utterances);
        let mut places: Vec<usize> = groups.iter().flat_map(|group| group.members.clone()).collect();
        places.sort_unstable();
        let telling = (0..texts.len()).filter(|place| text_key(&texts[*place].0).is_some());
        prop_assert_eq!(places, telling.collect::<Vec<_>>());
        for group in &groups {
            let keys: Vec<_> = group.members.iter().map(|place| text_key(&texts[*place].0)).collect();
            prop_assert!(keys.contains(&Some(group.id)));
            let mut different = keys.clone();
            different.sort_unstable();
            different.dedup();
            prop_assert_eq!(different.len(), group.texts.len());
            prop_assert!(group.texts.iter().all(|place| group.members.contains(place)));
        }
        let told = |utterances: &[Utterance<'_>]| {
            let groups = group(utterances).into_iter();
            let words = |places: &[usize]| places.iter().map(|p| utterances[*p].text.to_owned()).collect::<Vec<_>>();
            groups.map(|group| (group.id, words(&group.members), words(&group.texts))).collect::<Vec<_>>()
        };
        let mut others = utterances.clone();
        others.rotate_left(turn.min(texts.len()));
        prop_assert_eq!(told(&utterances), told(&others));
        others.reverse();
        prop_assert_eq!(told(&utterances), told(&others));
    }

    #[test]
    fn duplicates_do_not_depend_on_the_order_of_faqs(faqs in vec(faq(), 0..10)) {
        let listed: Vec<_> = (0..)
            .zip(&faqs)
            .map(|(id, (question, similar, answer))| (id, FaqText { question, similar, answer }))
            .collect();
        let found = duplicates(&listed);
        prop_assert!(found.iter().all(|pair| pair.one < pair.other && pair.similarity > 0.7 && !pair.texts.is_empty()));
        let backwards: Vec<_> = listed.into_iter().rev().collect();
        prop_assert_eq!(duplicates(&backwards), found);
    }
}
