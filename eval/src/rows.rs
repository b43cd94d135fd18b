//! The candidates of every query of a set, with their features.

use std::collections::HashMap;

use embed::Model;
use retrieval::{Basis, QueryVector};

use crate::Res;
use crate::fit::Row;
use crate::sets::{Desk, Set, query_vector};

/// Candidates of a query that take part.
const DEPTH: usize = 20;

/// What an engine may use beside words, from nothing to all.
pub const BASES: [Basis; 4] = [Basis::Words, Basis::Learned, Basis::Meaning, Basis::MeaningLearned];

/// One candidate.
pub struct Candidate {
    /// The FAQ's place in the set.
    pub faq: usize,
    pub exact: bool,
    pub basis: Basis,
    pub row: Row,
}

/// All queries of a set, each with its candidates, by what the engine may use.
pub struct Judged {
    pub set: String,
    /// A thinner copy of a set: for fitting only.
    pub copy: bool,
    pub faq_ids: Vec<String>,
    pub queries: HashMap<Basis, Vec<Vec<Candidate>>>,
}

impl Judged {
    /// Those candidates, over all queries, about which exactly that much is known.
    pub fn rows(&self, basis: Basis) -> impl Iterator<Item = &Row> {
        let candidates = self.queries.get(&basis).into_iter().flatten().flatten();
        candidates.filter(move |candidate| candidate.basis == basis).map(|candidate| &candidate.row)
    }
}

/// A set, and a thinner copy of one with many similar questions, because real desks have few.
pub fn judge(set: &Set, model: Option<&Model>) -> Res<Vec<Judged>> {
    let vectors: Vec<Option<QueryVector>> = match model {
        Some(model) => set.queries.iter().map(|query| query_vector(model, &query.text)).collect::<Res<_>>()?,
        None => set.queries.iter().map(|_| None).collect(),
    };
    let mut judged = vec![one(set, false, model, &vectors)?];
    if set.is_rich() {
        judged.push(one(&set.thinned(2), true, model, &vectors)?);
    }
    Ok(judged)
}

fn one(set: &Set, copy: bool, model: Option<&Model>, vectors: &[Option<QueryVector>]) -> Res<Judged> {
    let desk = Desk::new(set, model)?;
    let usable = BASES.iter().filter(|basis| model.is_some() || matches!(basis, Basis::Words | Basis::Learned));
    let queries = usable.map(|basis| (*basis, candidates(set, &desk, *basis, vectors))).collect();
    Ok(Judged { set: set.name.clone(), copy, faq_ids: set.faqs.iter().map(|faq| faq.id.clone()).collect(), queries })
}

fn candidates(set: &Set, desk: &Desk, allowed: Basis, vectors: &[Option<QueryVector>]) -> Vec<Vec<Candidate>> {
    let places: HashMap<&str, usize> = set.faqs.iter().zip(0..).map(|(faq, place)| (faq.id.as_str(), place)).collect();
    // Every set weighs the same.
    let weight = 1.0 / f64::from(u32::try_from(set.queries.len()).unwrap_or(u32::MAX));
    let of = |(query, vector): (&crate::sets::Query, &Option<QueryVector>)| {
        let relevant: Vec<usize> = query.relevant.iter().filter_map(|id| places.get(id.as_str()).copied()).collect();
        let all = desk.index.explain_all(&query.text, &desk.aids(allowed, vector.as_ref()), DEPTH);
        let candidate = |found: &retrieval::Explanation| {
            let faq = usize::try_from(found.id).unwrap_or(usize::MAX);
            // The first one is the constant.
            let features = found.features[1..].iter().map(|feature| feature.value).collect();
            let row = Row { features, right: relevant.contains(&faq), weight };
            Candidate { faq, exact: found.best_text.exact, basis: found.basis, row }
        };
        all.iter().map(candidate).collect()
    };
    set.queries.iter().zip(vectors).map(of).collect()
}
