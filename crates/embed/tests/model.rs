//! Against vectors of the original, made by `scripts/model-vectors`. The model comes from `scripts/model`.
#![expect(clippy::print_stderr, reason = "a test that cannot run says so")]

use std::path::{Path, PathBuf};

use embed::Model;
use serde::Deserialize;

#[derive(Deserialize)]
struct Reference {
    text: String,
    vector: Vec<f32>,
}

fn directory() -> Option<PathBuf> {
    let told = std::env::var_os("DESKWIRE_TEST_MODEL").map(PathBuf::from);
    let usual = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.models/all-MiniLM-L6-v2");
    let directory = told.unwrap_or(usual);
    let there = directory.join("model.safetensors").exists();
    if !there {
        eprintln!("SKIPPED: there is no model in {}; scripts/model fetches it", directory.display());
    }
    there.then_some(directory)
}

fn references() -> Vec<Reference> {
    serde_json::from_str(include_str!("../testdata/all-minilm-l6-v2.json")).expect("the file is a list of references")
}

fn cosine(a: &[f32], b: &[f32]) -> f32 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f32>();
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

#[test]
fn vectors_are_those_of_the_original_alone_and_in_a_batch() {
    let Some(directory) = directory() else { return };
    let model = Model::load(directory).unwrap();
    let references = references();
    assert_eq!(references.len(), 20);
    let texts: Vec<&str> = references.iter().map(|r| r.text.as_str()).collect();
    let together = model.embed(&texts).unwrap();
    for (reference, vector) in references.iter().zip(&together) {
        assert_eq!(vector.len(), model.dimensions());
        let fit = cosine(vector, &reference.vector);
        assert!(fit > 0.99999, "{}: {fit}", reference.text);
        let alone = model.embed(&[&reference.text]).unwrap();
        let same = cosine(vector, &alone[0]);
        assert!(same > 0.999_999, "{}: {same}", reference.text);
    }
    assert!(model.embed(&[]).unwrap().is_empty());
}

#[test]
fn a_vocabulary_alone_gives_the_same_vectors_and_another_version() {
    let Some(directory) = directory() else { return };
    let copy = tempfile::tempdir().unwrap();
    for file in ["config.json", "vocab.txt", "sentence_bert_config.json", "tokenizer_config.json", "model.safetensors"]
    {
        std::fs::copy(directory.join(file), copy.path().join(file)).unwrap();
    }
    let (whole, bare) = (Model::load(&directory).unwrap(), Model::load(copy.path()).unwrap());
    for reference in references() {
        let vector = &bare.embed(&[&reference.text]).unwrap()[0];
        assert!(cosine(vector, &reference.vector) > 0.99999, "{}", reference.text);
    }
    assert_ne!(whole.version(), bare.version());
    assert_eq!(whole.version(), Model::load(&directory).unwrap().version());
    assert_eq!(whole.version().len(), 32);
}

#[test]
fn a_vocabulary_of_english_knows_little_of_chinese() {
    let Some(directory) = directory() else { return };
    let model = Model::load(directory).unwrap();
    let share = |text| model.known_share(text).unwrap();
    assert_eq!(share("How do I reset my password?").to_bits(), 1.0_f32.to_bits());
    assert_eq!(share("").to_bits(), 0.0_f32.to_bits());
    assert_eq!(share("  ").to_bits(), 0.0_f32.to_bits());
    assert!(share("怎么重置密码") < 0.4, "{}", share("怎么重置密码"));
    let mixed = share("VPN 连不上怎么办");
    assert!((0.3..0.9).contains(&mixed), "{mixed}");
    assert!(share(&"饕餮".repeat(500)) < 0.01);
}

#[test]
fn no_vector_is_made_of_what_is_hardly_known() {
    let Some(directory) = directory() else { return };
    let model = Model::load(directory).unwrap();
    let made = model.embed_known(&["reset my password", "怎么重置密码", "a new laptop"], 0.9).unwrap();
    let there: Vec<bool> = made.iter().map(|made| made.vector.is_some()).collect();
    assert_eq!(there, [true, false, true]);
    assert!(made[1].known < 0.4 && made[0].known > 0.99);
    for (made, text) in made.iter().zip(["reset my password", "", "a new laptop"]) {
        let Some(vector) = &made.vector else { continue };
        assert!(cosine(vector, &model.embed(&[text]).unwrap()[0]) > 0.999_999, "{text}");
    }
    assert!(model.embed_known(&["怎么重置密码"], 0.0).unwrap()[0].vector.is_some());
    assert!(model.embed_known(&[], 0.9).unwrap().is_empty());
}
