//! Prints how long a question of 12 tokens takes on one thread, and how many texts a second a batch makes:
//! `cargo run --release -p embed --example speed -- MODEL_DIR`.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "prints its figures")]

use std::process::ExitCode;
use std::time::{Duration, Instant};

use embed::{EmbedError, Model};

/// Ten words of one token each, with the two special ones 12.
const QUESTION: &str = "how do i change the address of my last order";
const ROUNDS: usize = 500;
const BATCH: usize = 64;

fn main() -> ExitCode {
    let Some(directory) = std::env::args_os().nth(1) else {
        eprintln!("usage: speed MODEL_DIR");
        return ExitCode::from(2);
    };
    match measure(directory.as_ref()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn measure(directory: &std::path::Path) -> Result<(), EmbedError> {
    let begun = Instant::now();
    let model = Model::load(directory)?;
    let load = begun.elapsed();
    model.embed(&[QUESTION])?;
    let mut times = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        std::hint::black_box(model.embed(&[QUESTION])?);
        times.push(begun.elapsed());
    }
    times.sort_unstable();
    let begun = Instant::now();
    std::hint::black_box(model.embed(&[QUESTION; BATCH])?);
    let each = begun.elapsed() / u32::try_from(BATCH).unwrap_or(1);
    let rank = |share: usize| ms(times[(ROUNDS - 1) * share / 100]);
    println!(
        "embedder, 12 tokens, one thread: p50 {:.2} ms, p99 {:.2} ms; in batches of {BATCH}: {:.2} ms a text; load {:.0} ms",
        rank(50),
        rank(99),
        ms(each),
        ms(load)
    );
    Ok(())
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
