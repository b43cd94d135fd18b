//! Logistic regression by Newton's method.

/// Ridge on standardised weights, relative to one set's total weight of 1.
const RIDGE: f64 = 1e-3;
const ROUNDS: usize = 12;

/// One candidate of a query: its features, and whether it is right.
#[derive(Clone)]
pub struct Row {
    pub features: Vec<f64>,
    pub right: bool,
    /// How much it counts.
    pub weight: f64,
}

/// A constant and a weight for each feature.
#[derive(Clone, Default)]
pub struct Weights {
    pub constant: f64,
    pub features: Vec<f64>,
}

impl Weights {
    pub fn log_odds(&self, features: &[f64]) -> f64 {
        self.constant + dot(&self.features, features)
    }

    /// Fits the rows, each with its weight. Where they say little the weights stay near `before`, those of `kept`
    /// features are the ones of it.
    pub fn fit(rows: &[&Row], before: Option<&Self>, kept: &[usize]) -> Self {
        let Some(first) = rows.first() else { return Self::default() };
        let n = first.features.len() + 1;
        let whole: f64 = rows.iter().map(|row| row.weight).sum();
        let scale = |i: usize| {
            let square: f64 = rows.iter().map(|row| row.weight * row.features[i].powi(2)).sum();
            (square / whole).sqrt().max(1e-9)
        };
        let scales: Vec<f64> = (0..n - 1).map(scale).collect();
        let mut prior = vec![0.0; n];
        if let Some(before) = before {
            for ((prior, weight), scale) in prior.iter_mut().zip(&before.features).zip(&scales) {
                *prior = weight * scale;
            }
            prior[n - 1] = before.constant;
        }
        let mut weights = prior.clone();
        let mut x = vec![1.0; n];
        for _ in 0..ROUNDS {
            let mut slope = vec![0.0; n];
            let mut curve = vec![vec![0.0; n]; n];
            for row in rows {
                for ((x, value), scale) in x.iter_mut().zip(&row.features).zip(&scales) {
                    *x = value / scale;
                }
                let p = 1.0 / (1.0 + (-dot(&x, &weights)).exp());
                let (miss, bend) = (row.weight * (f64::from(u8::from(row.right)) - p), row.weight * p * (1.0 - p));
                for i in (0..n).filter(|i| x[*i] != 0.0) {
                    slope[i] += miss * x[i];
                    let factor = bend * x[i];
                    for (sum, x) in curve[i].iter_mut().zip(&x).take(i + 1) {
                        *sum += factor * x;
                    }
                }
            }
            for &i in kept {
                slope[i] = 0.0;
                curve[i].fill(0.0);
                for row in &mut curve {
                    row[i] = 0.0;
                }
            }
            for i in 0..n {
                slope[i] -= RIDGE * (weights[i] - prior[i]);
                curve[i][i] += RIDGE;
                let (before, row) = curve.split_at_mut(i);
                for (other, value) in before.iter_mut().zip(&row[0]) {
                    other[i] = *value;
                }
            }
            for (weight, step) in weights.iter_mut().zip(solve(curve, slope)) {
                *weight += step;
            }
        }
        let constant = weights.pop().unwrap_or_default();
        Self { constant, features: weights.iter().zip(&scales).map(|(weight, scale)| weight / scale).collect() }
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

/// Solves `a x = b` for a symmetric positive definite `a` by elimination.
fn solve(mut a: Vec<Vec<f64>>, mut b: Vec<f64>) -> Vec<f64> {
    let n = b.len();
    for i in 0..n {
        let pivot = a[i].clone();
        for j in i + 1..n {
            let factor = a[j][i] / pivot[i];
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
