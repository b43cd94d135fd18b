//! The worst errors of every set: questions with an answer whose first FAQ is a wrong one, the most certain first.

use retrieval::Basis;

use crate::rows::{Candidate, Judged};
use crate::sets::Set;
use crate::{Res, fitted, ranked};

/// Errors of each set.
const MOST: usize = 50;

/// A wrong answer: the query's place, its candidates best first with their scores.
struct Wrong<'a> {
    query: usize,
    ranking: Vec<(&'a Candidate, f64)>,
}

/// Prints them, each set with weights fitted on the others, by what an engine without a model knows.
pub fn print(sets: &[Set], judged: &[Judged]) -> Res<()> {
    for set in sets {
        let own = judged.iter().find(|judged| judged.set == set.name && !judged.copy).ok_or("a set is not judged")?;
        let fitted = fitted(judged, own);
        let mut wrong: Vec<Wrong<'_>> = Vec::new();
        for (query, candidates) in own.queries[&Basis::Learned].iter().enumerate() {
            let ranking = ranked(candidates, &fitted);
            let answered = !set.queries[query].relevant.is_empty();
            if answered && ranking.first().is_none_or(|(first, _)| !first.row.right) {
                wrong.push(Wrong { query, ranking });
            }
        }
        wrong.sort_by(|a, b| certainty(b).total_cmp(&certainty(a)));
        println!("\n# {}: {} of {} questions that have an answer\n", set.name, wrong.len(), answerable(set));
        for error in wrong.iter().take(MOST) {
            line(set, error);
        }
    }
    Ok(())
}

fn certainty(error: &Wrong<'_>) -> f64 {
    error.ranking.first().map_or(0.0, |(_, score)| *score)
}

fn answerable(set: &Set) -> usize {
    set.queries.iter().filter(|query| !query.relevant.is_empty()).count()
}

fn line(set: &Set, error: &Wrong<'_>) {
    let query = &set.queries[error.query];
    println!("- {}", query.text);
    if let Some((first, score)) = error.ranking.first() {
        println!("  {score:.2} wrong: {}", set.faqs[first.faq].question);
    }
    match error.ranking.iter().position(|(candidate, _)| candidate.row.right) {
        Some(place) => {
            let (candidate, score) = &error.ranking[place];
            println!("  {score:.2} right, in place {}: {}", place + 1, set.faqs[candidate.faq].question);
        }
        None => {
            let right = set.faqs.iter().filter(|faq| query.relevant.contains(&faq.id));
            let questions: Vec<&str> = right.map(|faq| faq.question.as_str()).collect();
            println!("  right, not among the candidates: {}", questions.join(" / "));
        }
    }
}
