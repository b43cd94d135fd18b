//! Tests of [`super`].

use super::*;
use crate::{FaqText, Index, Lesson};

fn query(vector: &[f32]) -> QueryVector {
    QueryVector::new("m".into(), vector, 0.5).unwrap()
}

fn close(found: Option<[f64; EMBEDDING_FEATURES]>, wanted: [f64; EMBEDDING_FEATURES]) {
    let found = found.unwrap();
    for (a, b) in found.iter().zip(wanted) {
        assert!((a - b).abs() < 0.01, "{found:?} {wanted:?}");
    }
}

fn with(texts: &[(i64, &[f32])]) -> Vectors {
    let mut vectors = Vectors::new("m".into());
    for (hash, vector) in texts {
        vectors.insert(1, *hash, &quantise(vector).unwrap());
    }
    vectors.set_texts(1, &texts.iter().map(|t| t.0).collect::<Vec<_>>());
    vectors
}

#[test]
fn features_are_the_closest_text_the_mean_and_the_known_share() {
    let vectors = with(&[(1, &[1.0, 0.0, 0.0]), (2, &[0.0, 5.0, 0.0])]);
    close(vectors.embedding_features(1, &query(&[2.0, 0.0, 0.0])), [1.0, 0.5_f64.sqrt(), 0.5]);
    close(vectors.embedding_features(1, &query(&[-1.0, 0.0, 0.0])), [0.0, -(0.5_f64.sqrt()), 0.5]);
    // A single text is its own mean.
    close(with(&[(1, &[0.6, 0.8])]).embedding_features(1, &query(&[1.0, 0.0])), [0.6, 0.6, 0.5]);
}

#[test]
fn absent_without_a_vector_and_for_another_model() {
    let mut vectors = with(&[(1, &[1.0, 0.0])]);
    assert_eq!(vectors.embedding_features(2, &query(&[1.0, 0.0])), None);
    let other = QueryVector::new("n".into(), &[1.0, 0.0], 1.0).unwrap();
    assert_eq!(vectors.embedding_features(1, &other), None);
    assert!(vectors.nearest(&other, 5).is_empty());
    vectors.remove(1);
    assert_eq!(vectors.embedding_features(1, &query(&[1.0, 0.0])), None);
    assert_eq!((vectors.len(), vectors.bytes), (0, 0));
}

#[test]
fn a_vector_counts_only_as_long_as_its_faq_has_the_text() {
    let mut vectors = with(&[(1, &[1.0, 0.0]), (2, &[0.0, 1.0])]);
    vectors.set_texts(1, &[2, 3]);
    close(vectors.embedding_features(1, &query(&[1.0, 0.0])), [0.0, 0.0, 0.5]);
    // One that comes before its text waits for it.
    vectors.insert(1, 4, &quantise(&[1.0, 0.0]).unwrap());
    close(vectors.embedding_features(1, &query(&[1.0, 0.0])), [0.0, 0.0, 0.5]);
    vectors.set_texts(1, &[4]);
    close(vectors.embedding_features(1, &query(&[1.0, 0.0])), [1.0, 1.0, 0.5]);
    assert_eq!(vectors.len(), 1);
}

#[test]
fn the_nearest_come_first_and_equals_by_id() {
    let mut vectors = Vectors::new("m".into());
    for (faq, vector) in [(3, [1.0, 0.0]), (1, [0.0, 1.0]), (2, [1.0, 0.0]), (4, [1.0, 1.0])] {
        vectors.set_texts(faq, &[7]);
        vectors.insert(faq, 7, &quantise(&vector).unwrap());
    }
    let ids = |limit| vectors.nearest(&query(&[1.0, 0.0]), limit).iter().map(|f| f.0).collect::<Vec<_>>();
    assert_eq!(ids(9), [2, 3, 4, 1]);
    assert_eq!(ids(3), [2, 3, 4]);
    assert_eq!(ids(0), [0; 0]);
    // Many texts of one FAQ leave room for the others, and places are used again.
    let before = vectors.memory_bytes();
    vectors.remove(4);
    vectors.set_texts(9, &(0..50).collect::<Vec<_>>());
    for text in 0..50 {
        vectors.insert(9, text, &quantise(&[5.0, 0.1]).unwrap());
    }
    vectors.insert(9, 50, &quantise(&[1.0]).unwrap());
    assert_eq!(vectors.nearest(&query(&[5.0, 0.1]), 3).iter().map(|f| f.0).collect::<Vec<_>>(), [9, 2, 3]);
    assert_eq!(vectors.len(), 53);
    vectors.remove(9);
    for round in 0..100 {
        vectors.set_texts(4, &[round]);
        vectors.insert(4, round, &quantise(&[1.0, 1.0]).unwrap());
    }
    assert_eq!((vectors.len(), vectors.rows.of.len()), (4, 53));
    assert!(vectors.memory_bytes() < before + 53 * 64, "bounded");
}

#[test]
fn a_vector_without_direction_is_none() {
    assert_eq!(quantise(&[]), None);
    assert_eq!(quantise(&[0.0, -0.0]), None);
    assert_eq!(quantise(&[1.0, f32::NAN]), None);
    assert_eq!(quantise(&[f32::INFINITY]), None);
    assert_eq!(quantise(&[0.5, -1.0, 0.25]).unwrap(), [64, -127, 32]);
}

#[test]
fn likeness_is_that_of_any_two_texts() {
    let mut vectors = Vectors::new("m".into());
    assert!(vectors.likeness() < 1e-12);
    // Every vector leans as far to one side: all cosines are a half.
    let count = 60;
    for faq in 0..count {
        let mut vector = vec![0_i8; 64];
        vector[63] = 100;
        vector[usize::try_from(faq).unwrap()] = 100;
        vectors.set_texts(faq, &[1, 2]);
        vectors.insert(faq, 1, &vector);
        vectors.insert(faq, 3, &vector);
    }
    let shrunk = 0.5 * 60.0 / 80.0;
    assert!((vectors.likeness() - shrunk).abs() < 1e-3, "{}", vectors.likeness());
    // What is gone or waits for its text does not count.
    for faq in 2..count {
        vectors.remove(faq);
    }
    assert!((vectors.likeness() - 0.5 * 2.0 / 22.0).abs() < 1e-3, "{}", vectors.likeness());
    vectors.set_texts(0, &[]);
    vectors.remove(1);
    assert!(vectors.likeness() < 1e-12);
}

#[test]
fn a_lesson_knows_which_vectors_it_had() {
    let mut index = Index::default();
    let mut vectors = Vectors::new("m".into());
    for faq in 0..4_i8 {
        let similar = [format!("other words for {faq}")];
        index.upsert(faq.into(), &FaqText { question: &format!("question {faq}"), similar: &similar, answer: "" });
        vectors.set_texts(faq.into(), &[1, 2]);
        vectors.insert(faq.into(), 1, &[faq + 1, 100, 3]);
    }
    let learned = Lesson::of(&index, Some(&vectors)).learn();
    // One vector a FAQ teaches nothing, and that is known too.
    assert!(learned.is_current(&index, Some(&vectors)));
    assert!(!learned.is_current(&index, None));
    for faq in 0..4_i8 {
        vectors.insert(faq.into(), 2, &[faq + 1, 90, faq]);
    }
    assert!(!learned.is_current(&index, Some(&vectors)));
    let learned = Lesson::of(&index, Some(&vectors)).learn();
    assert!(learned.is_current(&index, Some(&vectors)));
    vectors.remove(3);
    assert!(!learned.is_current(&index, Some(&vectors)));
}
