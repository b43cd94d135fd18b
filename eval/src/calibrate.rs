//! What a desk's own feedback does for its scores: the calibration error after so many labels.

use std::collections::HashMap;

use retrieval::calibration::{Label, fit};
use retrieval::{Basis, Calibration};

use crate::fit::Weights;
use crate::rows::{Candidate, Judged};
use crate::{Res, fitted, ranked};

/// Labels that a desk has.
const LABELS: [usize; 5] = [0, 25, 50, 100, 200];
const DRAWS: u64 = 20;
/// After how many labels a server fits.
const FEW: usize = 5;
/// Bands of the error, as in `score.py`.
const BANDS: usize = 10;

/// What came of a query: log-odds of the first hit, whether it was an exact match, and whether it was right.
#[derive(Clone, Copy)]
struct Answer {
    log_odds: f64,
    exact: bool,
    right: bool,
}

/// Prints the error with so many labels, by set: labels are drawn from one half of the queries, the error is that of the
/// other half, and both are drawn anew each time.
pub fn print(judged: &[Judged]) -> Res<()> {
    let head = LABELS.map(|labels| format!("{labels:>9}")).concat();
    println!("Calibration error with so many labels of the desk itself, mean of {DRAWS} draws");
    println!("{:<16}{:<20}{head}", "set", "engine");
    for own in judged.iter().filter(|judged| !judged.copy) {
        let fitted = fitted(judged, own);
        for basis in [Basis::Learned, Basis::MeaningLearned] {
            let Some(queries) = own.queries.get(&basis) else { continue };
            let answers: Vec<Answer> = queries.iter().filter_map(|candidates| answer(candidates, &fitted)).collect();
            let cells = LABELS.map(|labels| match mean_error(&answers, labels) {
                Some(error) => format!("{error:>9.3}"),
                None => format!("{:>9}", "-"),
            });
            println!("{:<16}{:<20}{}", own.set, format!("{basis:?}"), cells.concat());
        }
    }
    Ok(())
}

fn answer(candidates: &[Candidate], fitted: &HashMap<Basis, Weights>) -> Option<Answer> {
    let (first, _) = *ranked(candidates, fitted).first()?;
    let log_odds = fitted[&first.basis].log_odds(&first.row.features);
    Some(Answer { log_odds, exact: first.exact, right: first.row.right })
}

/// None if half of the answers are fewer than the labels.
fn mean_error(answers: &[Answer], labels: usize) -> Option<f64> {
    if answers.len() / 2 < labels {
        return None;
    }
    let errors = (0..DRAWS).map(|draw| {
        let mut order: Vec<(u64, usize)> = (0..answers.len()).map(|n| (mixed(draw << 32 | n as u64), n)).collect();
        order.sort_unstable();
        let (said, asked) = order.split_at(answers.len() / 2);
        // Each of a guest of its own.
        let said: Vec<(String, Answer)> = said.iter().take(labels).map(|(_, n)| (n.to_string(), answers[*n])).collect();
        let calibration = over_time(&said);
        let asked: Vec<Answer> = asked.iter().map(|(_, n)| answers[*n]).collect();
        error(&asked, calibration)
    });
    Some(errors.sum::<f64>() / DRAWS as f64)
}

/// As on a server that fits after every few words.
fn over_time(said: &[(String, Answer)]) -> Calibration {
    let mut calibration = Calibration::default();
    for until in (FEW..=said.len()).step_by(FEW) {
        let mut all = Vec::new();
        for (n, (guest, answer)) in said[..until].iter().enumerate().filter(|(_, (_, answer))| !answer.exact) {
            let Answer { log_odds, right, .. } = *answer;
            all.push(Label { log_odds, right, weight: 1.0, guest, new: n + FEW >= until });
        }
        calibration = fit(&all, calibration).calibration;
    }
    calibration
}

fn error(answers: &[Answer], calibration: Calibration) -> f64 {
    let mut bands = [(0.0, 0.0); BANDS];
    for answer in answers {
        let score = calibration.score(answer.log_odds, answer.exact);
        let at = (1..BANDS).rev().find(|at| score >= *at as f64 / BANDS as f64).unwrap_or(0);
        bands[at].0 += score;
        bands[at].1 += f64::from(u8::from(answer.right));
    }
    bands.iter().map(|(scores, right)| (scores - right).abs()).sum::<f64>() / answers.len() as f64
}

/// A number that looks random.
fn mixed(n: u64) -> u64 {
    let n = (n ^ (n >> 30)).wrapping_add(0x9e37_79b9_7f4a_7c15).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}
