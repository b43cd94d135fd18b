//! `deskwire eval`: the engine over an evaluation set, as on a fresh desk.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use retrieval::{FaqText, Index};
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
    let cannot =
        |error: std::io::Error| Failure::other(format!("out: {} cannot be written: {error}", args.out.display()));
    let mut target = BufWriter::new(File::create(&args.out).map_err(cannot)?);
    for (number, query) in queries.iter().enumerate() {
        let hits: Vec<_> = index
            .rank(&query.text, HITS)
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
