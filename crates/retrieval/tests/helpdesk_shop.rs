//! Floors on the project's own web shop set: Chinese FAQs, questions in Chinese, English and both.
//!
//! The weights were fitted on this set among others, so this guards against regressions; it is
//! no measurement.

use retrieval::{FaqText, Index};
use serde::Deserialize;

#[derive(Deserialize)]
struct Faq {
    id: String,
    question: String,
    similar: Vec<String>,
    answer: String,
}

#[derive(Deserialize)]
struct Query {
    text: String,
    relevant: Vec<String>,
    kind: String,
}

fn lines<T: for<'a> Deserialize<'a>>(text: &str) -> Vec<T> {
    text.lines().map(|line| serde_json::from_str(line).expect("a line of the test set")).collect()
}

#[test]
fn answers_and_refuses() {
    let faqs: Vec<Faq> = lines(include_str!("../testdata/helpdesk-shop/faqs.jsonl"));
    let queries: Vec<Query> = lines(include_str!("../testdata/helpdesk-shop/queries.jsonl"));
    let mut index = Index::default();
    for (id, faq) in (0..).zip(&faqs) {
        index.upsert(id, &FaqText { question: &faq.question, similar: &faq.similar, answer: &faq.answer });
    }
    let (mut right, mut inside, mut sure, mut sure_right) = (0, 0, 0, 0);
    let (mut far, mut far_refused) = (0, 0);
    for query in &queries {
        let top = index.rank(&query.text, 1).first().map(|h| (&faqs[usize::try_from(h.id).unwrap()].id, h.score));
        let hit = top.is_some_and(|(id, _)| query.relevant.contains(id));
        let score = top.map_or(0.0, |t| t.1);
        inside += u32::from(!query.relevant.is_empty());
        right += u32::from(hit);
        sure += u32::from(score >= 0.8);
        sure_right += u32::from(score >= 0.8 && hit);
        far += u32::from(query.kind == "far");
        far_refused += u32::from(query.kind == "far" && score < 0.25);
    }
    assert!(100 * right >= 56 * inside, "top-1 {right} of {inside}");
    assert!(100 * sure_right >= 75 * sure && sure >= 5, "sure: {sure_right} of {sure}");
    assert!(100 * far_refused >= 80 * far, "chit-chat refused: {far_refused} of {far}");
}
