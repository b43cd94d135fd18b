//! `deskwire eval`: the engine over an evaluation set, as on a fresh desk.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use embed::{Embedded, Model};
use retrieval::{Aids, FaqText, Index, KNOWN_LEAST, Lesson, QueryVector, Vectors, quantise};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::cli::EvalArgs;
use crate::fail::Failure;
use crate::out;

/// Hits written for each query.
const HITS: usize = 10;

#[derive(Deserialize)]
struct Faq {
    id: String,
    question: String,
    #[serde(default)]
    similar: Vec<String>,
    #[serde(default)]
    answer: Option<String>,
}

/// Only the text: nothing is learnt from what is right.
#[derive(Deserialize)]
struct Query {
    text: String,
}

/// Runs it.
pub fn run(args: &EvalArgs) -> Result<(), Failure> {
    let faqs: Vec<Faq> = read("faqs", &args.faqs)?;
    let queries: Vec<Query> = read("queries", &args.queries)?;
    let mut index = Index::default();
    for (number, faq) in (0..).zip(&faqs) {
        let answer = faq.answer.as_deref().unwrap_or_default();
        index.upsert(number, &FaqText { question: &faq.question, similar: &faq.similar, answer });
    }
    let model = args
        .model
        .as_ref()
        .map(|folder| Model::load(folder).map_err(|error| Failure::config(format!("model: {error}"))));
    let model = model.transpose()?;
    let vectors = model.as_ref().map(|model| vectors(model, &faqs)).transpose()?;
    let learned = Lesson::of(&index, vectors.as_ref()).learn();
    let cannot =
        |error: std::io::Error| Failure::other(format!("out: {} cannot be written: {error}", args.out.display()));
    let mut target = BufWriter::new(File::create(&args.out).map_err(cannot)?);
    for (number, query) in queries.iter().enumerate() {
        let vector = model.as_ref().map(|model| vector(model, &query.text)).transpose()?.flatten();
        let aids = Aids { learned: Some(&learned), meaning: vectors.as_ref().zip(vector.as_ref()), ..Aids::default() };
        let hits: Vec<_> = index
            .rank_with(&query.text, &aids, HITS)
            .iter()
            .filter_map(|hit| {
                let faq = faqs.get(usize::try_from(hit.id).ok()?)?;
                Some(json!({"id": faq.id, "score": hit.score}))
            })
            .collect();
        writeln!(target, "{}", json!({"query_index": number, "hits": hits})).map_err(cannot)?;
    }
    target.flush().map_err(cannot)?;
    Ok(out::line(&format!("{} queries over {} FAQs: {}", queries.len(), faqs.len(), args.out.display()))?)
}

/// The vectors of all FAQs, as a server makes them in the background.
fn vectors(model: &Model, faqs: &[Faq]) -> Result<Vectors, Failure> {
    let mut vectors = Vectors::new(model.version().into());
    for (number, faq) in (0..).zip(faqs) {
        let texts: Vec<&str> = std::iter::once(&faq.question).chain(&faq.similar).map(String::as_str).collect();
        vectors.set_texts(number, &(0..).take(texts.len()).collect::<Vec<i64>>());
        for (made, place) in embedded(model, &texts)?.into_iter().zip(0..) {
            if let Some(numbers) = made.vector.and_then(|vector| quantise(&vector)) {
                vectors.insert(number, place, &numbers);
            }
        }
    }
    Ok(vectors)
}

/// A question's vector; none if the model does not know enough of it.
fn vector(model: &Model, text: &str) -> Result<Option<QueryVector>, Failure> {
    let made = embedded(model, &[text])?.pop().and_then(|made| Some((made.known, made.vector?)));
    Ok(made.and_then(|(known, vector)| QueryVector::new(model.version().into(), &vector, known)))
}

fn embedded(model: &Model, texts: &[&str]) -> Result<Vec<Embedded>, Failure> {
    model.embed_known(texts, KNOWN_LEAST).map_err(|error| Failure::other(format!("model: {error}")))
}

/// The lines of a JSONL file.
fn read<T: DeserializeOwned>(key: &str, path: &Path) -> Result<Vec<T>, Failure> {
    let shown = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::config(format!("{key}: {shown} cannot be read: {error}")))?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(number, line)| {
            serde_json::from_str(line)
                .map_err(|error| Failure::config(format!("{key}: {shown}:{}: {error}", number + 1)))
        })
        .collect()
}
