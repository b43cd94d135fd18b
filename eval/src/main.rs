//! Fits the weights of the ranking and measures it, leave-one-set-out.
//!
//! `eval fit FOLDER MODEL` prints `crates/retrieval/src/weights.rs`, fitted on all development sets of the folder.
//! `eval table FOLDER MODEL` prints one table: BM25 of tantivy, and our engine by what it may use, each set scored with
//! weights fitted on the other sets. FOLDER also has `score.py`, which says what the columns mean. MODEL may be `-`.
//! `eval calibrate FOLDER MODEL` prints the calibration error with so many labels of a desk's own, by the same weights.
//! `eval errors FOLDER MODEL` prints the worst errors of every set, without vectors, by the same weights.
//! `eval speed FAQS .. [DESKSx100] [alone]` prints how fast and how big the engine is with so many FAQs in one desk, beside
//! tantivy unless `alone`, and with so many desks of 100 FAQs.

mod bm25;
mod calibrate;
mod errors;
mod exact;
mod fit;
mod rows;
mod sets;
mod speed;
mod table;

use std::collections::{HashMap, HashSet};
use std::path::Path;

use embed::Model;
use retrieval::{Basis, Calibration};

use fit::{Row, Weights};
use rows::{BASES, Candidate, Judged, judge};
use sets::{NAMES, Set};

pub type Res<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> Res<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [what, sizes @ ..] = arguments.as_slice()
        && what == "speed"
    {
        let (alone, sizes): (Vec<_>, Vec<_>) = sizes.iter().partition(|size| *size == "alone");
        let (desks, sizes): (Vec<_>, Vec<_>) = sizes.into_iter().partition(|size| size.ends_with("x100"));
        let desks = desks.first().map_or(Ok(0), |desks| desks.trim_end_matches("x100").parse())?;
        let sizes: Vec<usize> = sizes.iter().map(|size| size.parse()).collect::<Result<_, _>>()?;
        return speed::print(&sizes, desks, !alone.is_empty());
    }
    let [what, folder, model] = arguments.as_slice() else {
        return Err(
            "usage: eval fit|table|calibrate|errors FOLDER MODEL, or eval speed FAQS .. [DESKSx100] [alone]".into()
        );
    };
    let folder = Path::new(folder);
    // Without one all is there but what needs vectors.
    let model = if model == "-" { None } else { Some(Model::load(model)?) };
    let sets: Vec<Set> = NAMES.iter().map(|name| Set::read(folder, name)).collect::<Res<_>>()?;
    let mut judged = Vec::new();
    for set in &sets {
        judged.extend(judge(set, model.as_ref())?);
        eprintln!("{}: candidates judged", set.name);
    }
    match what.as_str() {
        "fit" => print_weights(&judged),
        "table" => table::print(folder, &sets, &judged),
        "calibrate" => calibrate::print(&judged),
        "errors" => errors::print(&sets, &judged),
        _ => Err("usage: eval fit|table|calibrate|errors FOLDER MODEL".into()),
    }
}

/// The weights of one basis, fitted on all sets but one; near those of a basis that knows less and has more to learn from.
/// What a single set alone could tell about stays what it is there: it would be learnt from that set's peculiarities.
pub fn weights(judged: &[Judged], basis: Basis, without: Option<&str>) -> Weights {
    let sets: Vec<&Judged> = judged.iter().filter(|judged| Some(judged.set.as_str()) != without).collect();
    let rows: Vec<&Row> = sets.iter().flat_map(|judged| judged.rows(basis)).collect();
    let simpler = match basis {
        Basis::Words => return Weights::fit(&rows, None, &[]),
        Basis::Learned | Basis::Meaning => Basis::Words,
        Basis::MeaningLearned => Basis::Learned,
    };
    let mut before = weights(judged, simpler, without);
    let features = rows.first().map_or(0, |row| row.features.len());
    let witnesses = |feature: usize| {
        let tells = |judged: &&&Judged| judged.rows(basis).any(|row| row.features[feature] != 0.0);
        sets.iter().filter(tells).map(|judged| judged.set.as_str()).collect::<HashSet<_>>().len()
    };
    let kept: Vec<usize> = (0..features).filter(|feature| witnesses(*feature) < 2).collect();
    if basis == Basis::MeaningLearned {
        // Vectors say much of what answers do, so theirs is the simpler case for answers.
        let meaning = weights(judged, Basis::Meaning, without);
        for feature in &kept {
            before.features[*feature] = meaning.features[*feature];
        }
    }
    Weights::fit(&rows, Some(&before), &kept)
}

/// The weights for all that is known about a set's candidates, fitted on the other sets.
pub fn fitted(judged: &[Judged], own: &Judged) -> HashMap<Basis, Weights> {
    let used: HashSet<Basis> = own.queries.values().flatten().flatten().map(|candidate| candidate.basis).collect();
    used.into_iter().map(|basis| (basis, weights(judged, basis, Some(&own.set)))).collect()
}

/// Candidates of a query with their scores, best first.
pub fn ranked<'a>(candidates: &'a [Candidate], fitted: &HashMap<Basis, Weights>) -> Vec<(&'a Candidate, f64)> {
    let score = |candidate: &'a Candidate| {
        let log_odds = fitted[&candidate.basis].log_odds(&candidate.row.features);
        (candidate, Calibration::default().score(log_odds, candidate.exact))
    };
    let mut ranked: Vec<_> = candidates.iter().map(score).collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
    ranked
}

fn print_weights(judged: &[Judged]) -> Res<()> {
    println!("//! The weights of the model. Made by `make fit`; not to be changed by hand.");
    println!();
    println!("use crate::features::COUNT;\n");
    println!(
        "/// A constant, the log-odds where every feature is 0, and a weight for each feature, in the order of their names."
    );
    println!(
        "#[derive(Debug)]\npub(crate) struct Weights {{\n    pub(crate) constant: f64,\n    pub(crate) features: [f64; COUNT],\n}}"
    );
    for basis in BASES {
        let name = match basis {
            Basis::Words => "WORDS",
            Basis::Learned => "LEARNED",
            Basis::Meaning => "MEANING",
            Basis::MeaningLearned => "MEANING_LEARNED",
        };
        let fitted = weights(judged, basis, None);
        let numbers: Vec<String> = fitted.features.iter().map(|weight| format!("{weight:.5}")).collect();
        println!("\npub(crate) static {name}: Weights = Weights {{");
        println!("    constant: {:.4},\n    features: [{}],\n}};", fitted.constant, numbers.join(", "));
    }
    Ok(())
}
