//! One table of everything, by the columns of `score.py`.

use std::collections::HashMap;
use std::path::Path;
use std::process::Command;

use retrieval::Basis;
use serde_json::{Value, json};

use crate::bm25::{self, Encoding};
use crate::rows::{BASES, Candidate, Judged};
use crate::sets::{Set, TRANSLATED};
use crate::{Res, fitted, ranked};

const COLUMNS: [&str; 19] = [
    "top1",
    "r@3",
    "r@10",
    "mrr@10",
    "auroc",
    "far@95",
    "ece",
    "ece_in",
    "brier",
    "p@cov50",
    "p@cov70",
    "p@cov90",
    "pin@cov50",
    "pin@cov70",
    "pin@cov90",
    "cov@p95",
    "cov@p90",
    "n_in",
    "n_oos",
];

type Ranking = Vec<(String, f64)>;

/// Prints the table; results stand in a folder of their own while it is made.
pub fn print(folder: &Path, sets: &[Set], judged: &[Judged]) -> Res<()> {
    let work = std::env::temp_dir().join(format!("deskwire-eval-{}", std::process::id()));
    std::fs::create_dir_all(&work)?;
    println!("{:<16}{:<26}{}{:>12}", "set", "engine", COLUMNS.map(|c| format!("{c:>11}")).concat(), "error/BM25");
    let mut ratios: HashMap<Basis, Vec<f64>> = HashMap::new();
    for set in sets {
        let mut best: Option<(Value, Encoding)> = None;
        for encoding in [Encoding::Pairs, Encoding::Terms] {
            let named = |(faq, sum): &(usize, f64)| (set.faqs[*faq].id.clone(), *sum);
            let rankings = bm25::rank(set, encoding)?.iter().map(|hits| hits.iter().map(named).collect()).collect();
            let scored = score(folder, &work, &set.name, rankings)?;
            if best.as_ref().is_none_or(|(best, _)| number(&scored, "top1") > number(best, "top1")) {
                best = Some((scored, encoding));
            }
        }
        let (bm25, encoding) = best.ok_or("no encoding")?;
        line(&set.name, &format!("BM25 ({encoding:?})"), &bm25, "1.000");
        let Some(own) = judged.iter().find(|judged| judged.set == set.name && !judged.copy) else { continue };
        let fitted = fitted(judged, own);
        for basis in BASES {
            let Some(queries) = own.queries.get(&basis) else { continue };
            let named = |(candidate, score): (&Candidate, f64)| (own.faq_ids[candidate.faq].clone(), score);
            let rankings =
                queries.iter().map(|candidates| ranked(candidates, &fitted).into_iter().take(10).map(named).collect());
            let scored = score(folder, &work, &set.name, rankings.collect())?;
            let ratio = (1.0 - number(&scored, "top1")) / (1.0 - number(&bm25, "top1"));
            if set.name != TRANSLATED {
                ratios.entry(basis).or_default().push(ratio);
            }
            line(&set.name, &format!("Deskwire, {basis:?}"), &scored, &format!("{ratio:.3}"));
        }
    }
    for basis in BASES {
        if let Some(all) = ratios.get(&basis) {
            let mean = all.iter().sum::<f64>() / f64::from(u32::try_from(all.len())?);
            println!("mean error ratio without {TRANSLATED}, {basis:?}: {mean:.3}");
        }
    }
    std::fs::remove_dir_all(&work)?;
    Ok(())
}

fn score(folder: &Path, work: &Path, set: &str, rankings: Vec<Ranking>) -> Res<Value> {
    let results = work.join("results.jsonl");
    let line = |(number, hits): (usize, Ranking)| {
        let hits: Vec<Value> = hits.iter().map(|(id, score)| json!({"id": id, "score": score})).collect();
        json!({"query_index": number, "hits": hits}).to_string() + "\n"
    };
    std::fs::write(&results, rankings.into_iter().enumerate().map(line).collect::<String>())?;
    let queries = folder.join(set).join("queries.jsonl");
    let scored =
        Command::new("python3").arg(folder.join("score.py")).arg("--json").args([&queries, &results]).output()?;
    if !scored.status.success() {
        return Err(String::from_utf8_lossy(&scored.stderr).into_owned().into());
    }
    Ok(serde_json::from_slice(&scored.stdout)?)
}

fn number(scored: &Value, column: &str) -> f64 {
    scored[column].as_f64().unwrap_or(f64::NAN)
}

fn line(set: &str, engine: &str, scored: &Value, ratio: &str) {
    let cell = |column: &str| match &scored[column] {
        Value::Number(n) if n.is_u64() => format!("{:>11}", n.to_string()),
        Value::Number(n) => format!("{:>11.3}", n.as_f64().unwrap_or_default()),
        _ => format!("{:>11}", "-"),
    };
    println!("{set:<16}{engine:<26}{}{ratio:>12}", COLUMNS.map(cell).concat());
}
