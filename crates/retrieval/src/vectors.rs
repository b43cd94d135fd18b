//! Sentence vectors of a desk's FAQs, made elsewhere, and what they say about a question.
//!
//! Only cosines matter, so a vector is kept as one byte a number, scaled to its largest, without the scale. A vector
//! belongs to a text, named by a hash of the caller's; it counts as long as the FAQ has that text.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use pulp::Arch;

use crate::index::FaqId;
use crate::num::{Numbers, float, narrow};

/// Most vectors that [`Vectors::nearest`] looks through; a desk with more gets no candidates by meaning.
pub const NEAREST_MAX: usize = 200_000;

/// Number of features of [`Vectors::embedding_features`].
pub const EMBEDDING_FEATURES: usize = 3;

/// Numbers of -127..=127 that stand for a vector of any length above 0 in the same direction.
#[derive(Clone, Debug, PartialEq)]
struct Direction {
    numbers: Box<[i8]>,
    /// 1 / length of `numbers`.
    factor: f64,
}

/// A question's vector.
#[derive(Clone, Debug, PartialEq)]
pub struct QueryVector {
    /// The model that made it.
    pub model: Arc<str>,
    /// The share of the question's characters that the model's vocabulary knows, 0..=1.
    pub known: f64,
    direction: Direction,
}

impl QueryVector {
    /// The numbers, of length 1.
    pub(crate) fn unit(&self) -> impl Iterator<Item = f32> {
        unit(&self.direction.numbers, self.direction.factor)
    }

    /// None if the vector has no direction: no numbers, all 0, or some that are no numbers.
    pub fn new(model: Arc<str>, vector: &[f32], known: f64) -> Option<Self> {
        Some(Self { model, known: known.clamp(0.0, 1.0), direction: Direction::of(&quantise(vector)?)? })
    }

    /// Stands for a question of which the model knows less than [`KNOWN_LEAST`](crate::KNOWN_LEAST): it is as good as
    /// none, and need not be made again.
    pub fn unknown(model: Arc<str>, known: f64) -> Self {
        Self { model, known: known.clamp(0.0, 1.0), direction: Direction { numbers: Box::default(), factor: 0.0 } }
    }
}

/// The vectors of one FAQ's texts.
pub(crate) struct VectorTexts {
    pub(crate) faq: FaqId,
    /// A hash of which texts these are.
    pub(crate) print: u64,
    /// Numbers, and 1 / their length.
    pub(crate) vectors: Vec<(Box<[i8]>, f64)>,
}

impl VectorTexts {
    pub(crate) fn print(&self) -> (FaqId, u64) {
        (self.faq, self.print)
    }

    /// The vectors, of length 1.
    pub(crate) fn unit_vectors(&self) -> impl Iterator<Item = impl Iterator<Item = f32>> {
        self.vectors.iter().map(|(numbers, factor)| unit(numbers, *factor))
    }
}

fn unit(numbers: &[i8], factor: f64) -> impl Iterator<Item = f32> {
    numbers.iter().map(move |x| narrow(f64::from(*x) * factor))
}

/// The vectors of one help desk's FAQs, all of one model.
#[derive(Debug, Default)]
pub struct Vectors {
    model: Arc<str>,
    faqs: HashMap<FaqId, Known, Numbers>,
    /// Bytes of `faqs`.
    bytes: usize,
    rows: Rows,
}

/// All vectors, behind each other, because looking through all of them has to be fast.
#[derive(Debug, Default)]
struct Rows {
    /// Numbers of a vector, as the first one has.
    width: usize,
    numbers: Vec<i8>,
    of: Vec<Row>,
    free: Vec<usize>,
    /// Sum of the vectors that count, each of length [`UNIT`]: whole numbers, so that it does not depend on the order.
    sum: Vec<i64>,
    counting: usize,
}

/// Length of a vector in the sum of all.
const UNIT: f64 = 1_048_576.0;
/// Vectors that a desk is taken to have more than it has, all without likeness, when the likeness of any two is
/// estimated: few vectors say little about a model.
const UNSEEN: f64 = 20.0;

/// Whose vector a row is.
#[derive(Debug, Clone, Copy)]
struct Row {
    faq: FaqId,
    /// 1 / length of its numbers; 0 for a row that is free or whose FAQ does not have the text.
    factor: f64,
}

/// What is known of one FAQ.
#[derive(Debug, Default)]
struct Known {
    /// Hashes of the texts that the FAQ has now.
    texts: Box<[i64]>,
    /// Rows by hash. One whose text is not among `texts` came before its text and waits for it.
    rows: Vec<(i64, usize)>,
    /// Mean of the vectors that count, if there is more than one.
    centroid: Option<Direction>,
}

/// A vector as bytes: each number -127..=127, the largest at the end of that range. None if it has no direction.
pub fn quantise(vector: &[f32]) -> Option<Vec<i8>> {
    let most = vector.iter().fold(0.0_f32, |most, x| most.max(x.abs()));
    if !vector.iter().all(|x| x.is_finite()) || most < f32::MIN_POSITIVE {
        return None;
    }
    Some(vector.iter().map(|x| rounded(x / most * 127.0)).collect())
}

/// The nearest whole number; the argument is within ±127.
#[expect(clippy::cast_possible_truncation, reason = "a cast of floats saturates, and this one is in range")]
fn rounded(x: f32) -> i8 {
    x.round() as i8
}

impl Direction {
    fn of(numbers: &[i8]) -> Option<Self> {
        let factor = factor(numbers);
        (factor > 0.0).then(|| Self { numbers: numbers.into(), factor })
    }

    /// -1..=1; 0 if the other one is not of the same model, which shows in its width.
    fn cosine(&self, arch: Arch, numbers: &[i8], factor: f64) -> f64 {
        if self.numbers.len() != numbers.len() {
            return 0.0;
        }
        let dot = arch.dispatch(
            #[inline(always)]
            || dot(&self.numbers, numbers),
        );
        (f64::from(dot) * self.factor * factor).clamp(-1.0, 1.0)
    }
}

impl Rows {
    fn numbers(&self, row: usize) -> &[i8] {
        &self.numbers[row * self.width..][..self.width]
    }

    /// None for a vector of another width than the first one.
    fn add(&mut self, faq: FaqId, vector: &[i8]) -> Option<usize> {
        if self.of.is_empty() {
            self.width = vector.len();
        }
        if vector.len() != self.width {
            return None;
        }
        let row = self.free.pop().unwrap_or(self.of.len());
        if row == self.of.len() {
            self.of.push(Row { faq, factor: 0.0 });
            self.numbers.extend_from_slice(vector);
        } else {
            self.of[row].faq = faq;
            self.numbers[row * self.width..][..self.width].copy_from_slice(vector);
        }
        Some(row)
    }

    fn remove(&mut self, row: usize) {
        self.count(row, false);
        self.free.push(row);
    }

    /// Says whether a row counts.
    fn count(&mut self, row: usize, counts: bool) {
        if counts == (self.of[row].factor > 0.0) {
            return;
        }
        let factor = factor(self.numbers(row));
        self.of[row].factor = if counts { factor } else { 0.0 };
        self.counting = if counts { self.counting + 1 } else { self.counting - 1 };
        self.sum.resize(self.width, 0);
        for (sum, x) in self.sum.iter_mut().zip(&self.numbers[row * self.width..]) {
            let part = whole(f64::from(*x) * factor * UNIT);
            *sum += if counts { part } else { -part };
        }
    }

    /// See [`Vectors::likeness`].
    fn likeness(&self) -> f64 {
        let count = float(self.counting);
        if count < 2.0 {
            return 0.0;
        }
        let square: f64 = self.sum.iter().map(|sum| (long(*sum) / UNIT).powi(2)).sum();
        let mean = (square - count) / (count * (count - 1.0));
        mean.clamp(0.0, 0.95) * count / (count + UNSEEN)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a cast of floats saturates, and these are far within range")]
fn whole(x: f64) -> i64 {
    x.round() as i64
}

#[expect(clippy::cast_precision_loss, reason = "sums of a million vectors stay below 2^53")]
fn long(x: i64) -> f64 {
    x as f64
}

/// 1 / length; 0 if the vector has no direction.
fn factor(numbers: &[i8]) -> f64 {
    let squared = numbers.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>();
    if squared > 0.0 { squared.sqrt().recip() } else { 0.0 }
}

/// Scalar product; exact up to 130,000 dimensions.
#[inline(always)]
#[expect(clippy::inline_always, reason = "must become part of the code that pulp compiles for the processor at hand")]
fn dot(a: &[i8], b: &[i8]) -> i32 {
    a.iter().zip(b).map(|(x, y)| i32::from(*x) * i32::from(*y)).sum()
}

impl Vectors {
    /// None yet, of this model.
    pub fn new(model: Arc<str>) -> Self {
        Self { model, ..Self::default() }
    }

    /// The model.
    pub fn model(&self) -> &Arc<str> {
        &self.model
    }

    /// Tells which texts a FAQ has now, by their hashes. Vectors of others are dropped.
    pub fn set_texts(&mut self, faq: FaqId, texts: &[i64]) {
        self.change(faq, |known, rows| {
            known.texts = texts.into();
            known.rows.retain(|(hash, row)| {
                let kept = texts.contains(hash);
                if !kept {
                    rows.remove(*row);
                }
                kept
            });
        });
    }

    /// Adds or replaces the vector of one text, in the form of [`quantise`]. It counts once the FAQ has that text. One
    /// without a direction, or with another number of dimensions than the first one, is no vector.
    pub fn insert(&mut self, faq: FaqId, text: i64, vector: &[i8]) {
        self.change(faq, |known, rows| {
            if let Some(at) = known.rows.iter().position(|(hash, _)| *hash == text) {
                rows.remove(known.rows.swap_remove(at).1);
            }
            if factor(vector) > 0.0
                && let Some(row) = rows.add(faq, vector)
            {
                known.rows.push((text, row));
            }
        });
    }

    /// Forgets a FAQ.
    pub fn remove(&mut self, faq: FaqId) {
        if let Some(old) = self.faqs.remove(&faq) {
            self.bytes -= old.bytes();
            for (_, row) in old.rows {
                self.rows.remove(row);
            }
        }
    }

    fn change(&mut self, faq: FaqId, change: impl FnOnce(&mut Known, &mut Rows)) {
        self.bytes -= self.faqs.get(&faq).map_or(0, Known::bytes);
        let known = self.faqs.entry(faq).or_default();
        change(known, &mut self.rows);
        for (hash, row) in &known.rows {
            self.rows.count(*row, known.texts.contains(hash));
        }
        known.centroid = known.mean(&self.rows);
        self.bytes += known.bytes();
    }

    /// How many vectors there are.
    pub fn len(&self) -> usize {
        self.rows.of.len() - self.rows.free.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The cosine of any two texts of the desk, on average: 0..1. For some models hardly above 0, for others 0.8; a
    /// question's cosines say something as far as they are above it.
    pub(crate) fn likeness(&self) -> f64 {
        self.rows.likeness()
    }

    /// Bytes in memory, without the table's own.
    pub fn memory_bytes(&self) -> usize {
        let rows = self.rows.numbers.capacity() + self.rows.of.capacity() * size_of::<Row>();
        self.bytes + rows + self.rows.free.capacity() * size_of::<usize>()
    }

    /// What the vectors say about a FAQ and a question: the cosine of the closest text, the cosine of the mean of the
    /// texts (both -1..=1), and the share of the question that the model knows (0..=1). None, which is "absent", if
    /// the FAQ has no vector yet or the question's is another model's.
    pub fn embedding_features(&self, faq: FaqId, query: &QueryVector) -> Option<[f64; EMBEDDING_FEATURES]> {
        let known = self.faqs.get(&faq).filter(|_| query.model == self.model)?;
        let arch = Arch::new();
        let rows = known.rows.iter().map(|(_, row)| (self.rows.of[*row].factor, self.rows.numbers(*row)));
        let counting = rows.filter(|(factor, _)| *factor > 0.0);
        let closest = counting.map(|(factor, row)| query.direction.cosine(arch, row, factor)).reduce(f64::max)?;
        let mean = known.centroid.as_ref();
        let mean = mean.map_or(closest, |mean| query.direction.cosine(arch, &mean.numbers, mean.factor));
        Some([closest, mean, query.known])
    }

    /// The vectors that count, by FAQ, in the order of the ids.
    pub(crate) fn lines(&self) -> Vec<VectorTexts> {
        let mut lines: Vec<VectorTexts> =
            self.prints().map(|(faq, print)| VectorTexts { faq, print, vectors: Vec::new() }).collect();
        lines.sort_unstable_by_key(|line| line.faq);
        for line in &mut lines {
            let mut rows: Vec<_> =
                self.faqs.get(&line.faq).into_iter().flat_map(|known| known.counting(&self.rows)).collect();
            rows.sort_unstable();
            line.vectors =
                rows.iter().map(|(_, row)| (self.rows.numbers(*row).into(), self.rows.of[*row].factor)).collect();
        }
        lines
    }

    /// The FAQs that have vectors, in any order, each with a hash of which of its texts have one.
    pub(crate) fn prints(&self) -> impl Iterator<Item = (FaqId, u64)> {
        let counts = |known: &Known| known.counting(&self.rows).next().is_some();
        self.faqs.iter().filter(move |(_, known)| counts(known)).map(|(faq, known)| (*faq, known.print(&self.rows)))
    }

    /// A hash of which of a FAQ's texts have a vector.
    pub(crate) fn print(&self, faq: FaqId) -> Option<u64> {
        self.faqs.get(&faq).map(|known| known.print(&self.rows))
    }

    /// The FAQs with the closest texts and their cosines, the closest first, equals by id; at most `limit`. None of them
    /// if the question's vector is another model's, or if there are more than [`NEAREST_MAX`] vectors.
    pub fn nearest(&self, query: &QueryVector, limit: usize) -> Vec<(FaqId, f64)> {
        let direction = &query.direction;
        let fits = query.model == self.model && direction.numbers.len() == self.rows.width;
        if !fits || self.len() > NEAREST_MAX || limit == 0 {
            return Vec::new();
        }
        let mut found: Vec<(FaqId, f64)> = Vec::with_capacity(self.rows.of.len());
        Arch::new().dispatch(
            #[inline(always)]
            || {
                for (row, numbers) in self.rows.of.iter().zip(self.rows.numbers.chunks_exact(self.rows.width)) {
                    if row.factor > 0.0 {
                        let cosine = f64::from(dot(&direction.numbers, numbers)) * direction.factor * row.factor;
                        found.push((row.faq, cosine.clamp(-1.0, 1.0)));
                    }
                }
            },
        );
        // A FAQ with many close texts takes many places: look at more until there are enough FAQs.
        let mut places = limit.saturating_mul(4);
        loop {
            if places < found.len() {
                found.select_nth_unstable_by(places, closer);
            }
            let mut top = found[..places.min(found.len())].to_vec();
            top.sort_unstable_by(closer);
            let mut seen = HashSet::with_hasher(Numbers::default());
            top.retain(|(faq, _)| seen.insert(*faq));
            if top.len() >= limit || places >= found.len() {
                top.truncate(limit);
                return top;
            }
            places = places.saturating_mul(4);
        }
    }
}

/// The closest first, equals by id.
fn closer(a: &(FaqId, f64), b: &(FaqId, f64)) -> Ordering {
    b.1.total_cmp(&a.1).then(a.0.cmp(&b.0))
}

impl Known {
    /// The texts that have a vector, by hash, with their rows.
    fn counting(&self, rows: &Rows) -> impl Iterator<Item = (i64, usize)> {
        self.rows.iter().copied().filter(|(_, row)| rows.of[*row].factor > 0.0)
    }

    /// Does not depend on the order of the texts.
    fn print(&self, rows: &Rows) -> u64 {
        self.counting(rows).fold(0, |all, (hash, _)| all.wrapping_add(hash.cast_unsigned()))
    }

    /// The mean of the vectors that count, each brought to length 1; none for fewer than two.
    fn mean(&self, rows: &Rows) -> Option<Direction> {
        let counting = || self.rows.iter().map(|(_, row)| *row).filter(|row| rows.of[*row].factor > 0.0);
        counting().nth(1)?;
        let mut sum = vec![0.0_f64; rows.width];
        for row in counting() {
            for (x, y) in sum.iter_mut().zip(rows.numbers(row)) {
                *x += f64::from(*y) * rows.of[row].factor;
            }
        }
        let most = sum.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
        if most <= 0.0 {
            return None;
        }
        Direction::of(&sum.iter().map(|x| byte(x / most)).collect::<Vec<_>>())
    }

    fn bytes(&self) -> usize {
        let centroid = self.centroid.as_ref().map_or(0, |mean| mean.numbers.len());
        size_of::<Self>() + centroid + self.texts.len() * size_of::<i64>() + self.rows.len() * size_of::<(i64, usize)>()
    }
}

/// A number of -1..=1 as one of -127..=127.
#[expect(clippy::cast_possible_truncation, reason = "a cast of floats saturates, and this one is in range")]
fn byte(x: f64) -> i8 {
    (x * 127.0).round() as i8
}

#[cfg(test)]
#[path = "vectors_tests.rs"]
mod tests;
