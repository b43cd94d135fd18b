//! The exact BM25 ranking of single-text FAQs, against which what the engine leaves out is measured: all postings of all
//! terms, with the engine's terms, weights and rarity.

use std::collections::HashMap;

use retrieval::analyse;

const K1: f32 = 1.2;
const B: f32 = 0.75;

/// Postings of every term: FAQ and how often it has the term.
pub struct Exact {
    terms: HashMap<String, Vec<(u32, u16)>>,
    lengths: Vec<f32>,
    mean: f32,
}

impl Exact {
    /// The ids of the texts are their places.
    pub fn of(texts: &[String]) -> Self {
        let mut terms: HashMap<String, Vec<(u32, u16)>> = HashMap::new();
        let mut lengths = Vec::with_capacity(texts.len());
        for (id, text) in (0..).zip(texts) {
            let found = analyse(text).terms;
            lengths.push(found.len() as f32);
            for term in found {
                // Written forms have a key space of their own.
                let list = terms.entry(format!("{:?}{}", term.kind == retrieval::TermKind::Written, term.text));
                let list = list.or_default();
                match list.last_mut() {
                    Some((last, times)) if *last == id => *times += 1,
                    _ => list.push((id, 1)),
                }
            }
        }
        let mean = (lengths.iter().map(|length| f64::from(*length)).sum::<f64>() / lengths.len().max(1) as f64) as f32;
        Self { terms, lengths, mean }
    }

    /// The best FAQs, best first, ties by id.
    pub fn top(&self, query: &str, limit: usize) -> Vec<i64> {
        let mut terms = analyse(query).terms;
        terms.sort_by(|a, b| (a.text.as_str(), a.kind).cmp(&(b.text.as_str(), b.kind)));
        let key = |term: &retrieval::Term| format!("{:?}{}", term.kind == retrieval::TermKind::Written, term.text);
        terms.dedup_by_key(|term| key(term));
        let mut sums = vec![0.0_f32; self.lengths.len()];
        for term in &terms {
            let Some(list) = self.terms.get(&key(term)) else { continue };
            let rarity = ((self.lengths.len() as f32 + 20.0) / (list.len() as f32 + 1.0)).ln();
            for (id, times) in list {
                let (times, length) = (f32::from(*times), self.lengths[*id as usize]);
                let part = times * (K1 + 1.0) / (times + K1 * (1.0 - B + B * length / self.mean));
                sums[*id as usize] += term.weight * rarity * part;
            }
        }
        let mut found: Vec<(u32, f32)> = (0..).zip(sums).filter(|(_, sum)| *sum > 0.0).collect();
        let order = |a: &(u32, f32), b: &(u32, f32)| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0));
        if found.len() > limit {
            found.select_nth_unstable_by(limit, order);
            found.truncate(limit);
        }
        found.sort_unstable_by(order);
        found.into_iter().map(|(id, _)| i64::from(id)).collect()
    }
}
