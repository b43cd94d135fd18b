//! The model of this machine: a question's vector, and vectors of FAQ texts by the batch. One thread.

use std::time::Instant;

use anyhow::Result;
use embed::Model;

use crate::report::{Row, percentile, progress};
use crate::{Bench, number, repository};

/// Ten words of one token each, with the two special ones 12.
const QUESTION: &str = "how do i change the address of my last order";
const BATCH: usize = 64;

/// Figures of the model that `scripts/model` fetches; a line that says so if it is not there.
pub fn measure(bench: &Bench) -> Result<Vec<Row>> {
    let folder = repository()?.join(".models/all-MiniLM-L6-v2");
    if !folder.join("model.safetensors").exists() {
        return Ok(vec![Row::value("embedder", "SKIPPED: no model; scripts/model fetches it")]);
    }
    let began = Instant::now();
    let model = Model::load(folder)?;
    let load = began.elapsed();
    model.embed(&[QUESTION])?;
    let mut times = Vec::new();
    for _ in 0..bench.size(2_000, 100) {
        let began = Instant::now();
        std::hint::black_box(model.embed(&[QUESTION])?);
        times.push(began.elapsed());
    }
    times.sort_unstable();
    let mut one = Row::value("embedder: a question of 12 tokens", format!("loaded in {} ms", load.as_millis()));
    (one.p50, one.p99) = (percentile(&times, 0.5), percentile(&times, 0.99));
    let met = one.p99.is_some_and(|micros| micros <= 12_000.0);
    let rounds = bench.size(10, 1);
    let began = Instant::now();
    for _ in 0..rounds {
        std::hint::black_box(model.embed(&[QUESTION; BATCH])?);
    }
    let texts = number(rounds * u64::try_from(BATCH)?);
    let mut many = Row::value(format!("embedder: texts of 12 tokens in batches of {BATCH}"), "");
    many.rate = Some(texts / began.elapsed().as_secs_f64());
    progress("embedder measured");
    Ok(vec![one.target("p99 <= 12 ms", met), many])
}
