//! Fits the model's weights on evaluation sets and writes leave-one-set-out results.
//!
//! `fit FOLDER OUT SET [SET ..]`: each set is `FOLDER/SET/{faqs,queries}.jsonl`. Prints the weights
//! fitted on all sets; writes `OUT/SET.jsonl` scored with weights fitted on the other sets.
//! Every set weighs the same. Sets with many similar questions take part once more with two of
//! them, because real desks have few.

use std::io::Write;

use retrieval::{FaqText, Index};
use serde::Deserialize;

type Res<T> = Result<T, Box<dyn std::error::Error>>;

/// Candidates of a query that take part.
const DEPTH: usize = 20;
/// Ridge on standardised weights, relative to one set's total weight of 1.
const RIDGE: f64 = 1e-3;

#[derive(Deserialize)]
struct Faq {
    id: String,
    question: String,
    #[serde(default)]
    similar: Vec<String>,
    #[serde(default)]
    answer: String,
}

#[derive(Deserialize)]
struct Question {
    text: String,
    relevant: Vec<String>,
}

/// One candidate: constant and features, whether it is right.
struct Row {
    x: Vec<f64>,
    id: String,
    exact: bool,
    right: bool,
}

struct Set {
    name: String,
    /// Candidates by query.
    queries: Vec<Vec<Row>>,
    /// A thinner copy of a set, for fitting only.
    copy: bool,
}

fn read<T: for<'a> Deserialize<'a>>(path: &str) -> Res<Vec<T>> {
    let text = std::fs::read_to_string(path)?;
    text.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
}

fn load(folder: &str, name: &str, most_similar: usize) -> Res<Set> {
    let faqs: Vec<Faq> = read(&format!("{folder}/{name}/faqs.jsonl"))?;
    let questions: Vec<Question> = read(&format!("{folder}/{name}/queries.jsonl"))?;
    let mut index = Index::default();
    for (id, faq) in (0..).zip(&faqs) {
        let similar = &faq.similar[..faq.similar.len().min(most_similar)];
        index.upsert(id, &FaqText { question: &faq.question, similar, answer: &faq.answer });
    }
    let name_of = |id: i64| usize::try_from(id).map(|i| faqs[i].id.clone());
    let mut queries = Vec::new();
    for q in &questions {
        let mut rows = Vec::new();
        for e in index.explain_all(&q.text, DEPTH) {
            let id = name_of(e.id)?;
            let right = q.relevant.contains(&id);
            let x = e.features.iter().map(|f| f.value).collect();
            rows.push(Row { x, id, exact: e.best_text.exact, right });
        }
        queries.push(rows);
    }
    Ok(Set { name: name.to_owned(), queries, copy: most_similar < usize::MAX })
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

/// Solves `a x = b` for a symmetric positive definite `a` by elimination.
fn solve(mut a: Vec<Vec<f64>>, mut b: Vec<f64>) -> Vec<f64> {
    let n = b.len();
    for i in 0..n {
        for j in i + 1..n {
            let factor = a[j][i] / a[i][i];
            let pivot = a[i].clone();
            for (x, p) in a[j].iter_mut().zip(&pivot).skip(i) {
                *x -= factor * p;
            }
            b[j] -= factor * b[i];
        }
    }
    for i in (0..n).rev() {
        b[i] = (b[i] - dot(&a[i][i + 1..], &b[i + 1..])) / a[i][i];
    }
    b
}

/// Logistic regression by Newton's method; weights for the values as they are.
fn fit(sets: &[&Set]) -> Vec<f64> {
    let rows: Vec<(&Row, f64)> = sets
        .iter()
        .flat_map(|s| {
            let count = u32::try_from(s.queries.len()).unwrap_or(u32::MAX);
            let weight = 1.0 / f64::from(count);
            s.queries.iter().flatten().map(move |r| (r, weight))
        })
        .collect();
    let n = rows[0].0.x.len();
    let scale: Vec<f64> = (0..n)
        .map(|i| {
            let square: f64 = rows.iter().map(|(r, w)| w * r.x[i] * r.x[i]).sum();
            (square / rows.iter().map(|r| r.1).sum::<f64>()).sqrt().max(1e-9)
        })
        .collect();
    let mut weights = vec![0.0; n];
    for _ in 0..12 {
        let mut slope = vec![0.0; n];
        let mut curve = vec![vec![0.0; n]; n];
        for (row, weight) in &rows {
            let x: Vec<f64> = row.x.iter().zip(&scale).map(|(v, s)| v / s).collect();
            let p = 1.0 / (1.0 + (-dot(&x, &weights)).exp());
            let (miss, bend) = (weight * (f64::from(u8::from(row.right)) - p), weight * p * (1.0 - p));
            for i in 0..n {
                slope[i] += miss * x[i];
                for j in 0..n {
                    curve[i][j] += bend * x[i] * x[j];
                }
            }
        }
        for i in 0..n {
            slope[i] -= RIDGE * weights[i];
            curve[i][i] += RIDGE;
        }
        for (w, step) in weights.iter_mut().zip(solve(curve, slope)) {
            *w += step;
        }
    }
    weights.iter().zip(&scale).map(|(w, s)| w / s).collect()
}

fn write_results(path: &str, set: &Set, weights: &[f64]) -> Res<()> {
    let mut out = std::io::BufWriter::new(std::fs::File::create(path)?);
    for (i, rows) in set.queries.iter().enumerate() {
        let score = |r: &Row| {
            let p = 1.0 / (1.0 + (-dot(&r.x, weights)).exp());
            if r.exact { 0.98 + 0.02 * p } else { 0.98 * p }
        };
        let mut hits: Vec<(f64, &str)> = rows.iter().map(|r| (score(r), r.id.as_str())).collect();
        hits.sort_by(|a, b| b.0.total_cmp(&a.0));
        let hits: Vec<_> = hits.iter().map(|(s, id)| serde_json::json!({"id": id, "score": s})).collect();
        writeln!(out, "{}", serde_json::json!({"query_index": i, "hits": hits}))?;
    }
    Ok(out.flush()?)
}

fn main() -> Res<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [folder, target, names @ ..] = args.as_slice() else {
        return Err("usage: fit FOLDER OUT SET [SET ..]".into());
    };
    let mut sets = Vec::new();
    for name in names {
        sets.push(load(folder, name, usize::MAX)?);
        let many = sets.last().is_some_and(|s| s.queries.iter().flatten().any(|r| r.x[22] > 0.6));
        if many {
            sets.push(load(folder, name, 2)?);
        }
    }
    for set in sets.iter().filter(|s| !s.copy) {
        let others: Vec<&Set> = sets.iter().filter(|s| s.name != set.name).collect();
        if !others.is_empty() {
            write_results(&format!("{target}/{}.jsonl", set.name), set, &fit(&others))?;
        }
    }
    let weights = fit(&sets.iter().collect::<Vec<_>>());
    let mut out = std::io::stdout().lock();
    for w in weights {
        writeln!(out, "    {w:.4},")?;
    }
    Ok(())
}
