//! Sentence vectors of a desk's FAQs, made elsewhere, and what they say about a question.
//!
//! Only cosines matter, so a vector is kept as one byte a number, scaled to its largest, without the scale. A vector
//! belongs to a text, named by a hash of the caller's; it counts as long as the FAQ has that text.

use std::collections::HashMap;
use std::sync::Arc;

use pulp::Arch;

use crate::index::FaqId;
use crate::num::Numbers;

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
    /// None if the vector has no direction: no numbers, all 0, or some that are no numbers.
    pub fn new(model: Arc<str>, vector: &[f32], known: f64) -> Option<Self> {
        Some(Self { model, known: known.clamp(0.0, 1.0), direction: Direction::of(&quantise(vector)?)? })
    }
}

/// The vectors of one help desk's FAQs, all of one model.
#[derive(Debug, Default)]
pub struct Vectors {
    model: Arc<str>,
    faqs: HashMap<FaqId, Known, Numbers>,
    count: usize,
    bytes: usize,
}

/// What is known of one FAQ.
#[derive(Debug, Default)]
struct Known {
    /// Hashes of the texts that the FAQ has now.
    texts: Box<[i64]>,
    /// Vectors by hash. One whose text is not among `texts` came before its text and waits for it.
    vectors: Vec<(i64, Direction)>,
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
        let squared = numbers.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>();
        (squared > 0.0).then(|| Self { numbers: numbers.into(), factor: squared.sqrt().recip() })
    }

    /// -1..=1; 0 for vectors of different models, which have different numbers of dimensions.
    fn cosine(&self, arch: Arch, other: &Self) -> f64 {
        if self.numbers.len() != other.numbers.len() {
            return 0.0;
        }
        let dot = arch.dispatch(
            #[inline(always)]
            || dot(&self.numbers, &other.numbers),
        );
        (f64::from(dot) * self.factor * other.factor).clamp(-1.0, 1.0)
    }
}

/// Scalar product; exact up to 130,000 dimensions.
#[inline(always)]
#[expect(clippy::inline_always, reason = "must become part of the code that pulp compiles for the processor at hand")]
fn dot(a: &[i8], b: &[i8]) -> i32 {
    a.iter().zip(b).map(|(x, y)| i32::from(i16::from(*x) * i16::from(*y))).sum()
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
        self.change(faq, |known| {
            known.texts = texts.into();
            known.vectors.retain(|(hash, _)| texts.contains(hash));
        });
    }

    /// Adds or replaces the vector of one text, in the form of [`quantise`]. It counts once the FAQ has that text.
    pub fn insert(&mut self, faq: FaqId, text: i64, vector: &[i8]) {
        let Some(direction) = Direction::of(vector) else { return };
        self.change(faq, |known| {
            known.vectors.retain(|(hash, _)| *hash != text);
            known.vectors.push((text, direction));
        });
    }

    /// Forgets a FAQ.
    pub fn remove(&mut self, faq: FaqId) {
        if let Some(old) = self.faqs.remove(&faq) {
            self.count -= old.vectors.len();
            self.bytes -= old.bytes();
        }
    }

    fn change(&mut self, faq: FaqId, change: impl FnOnce(&mut Known)) {
        let (count, bytes) = self.faqs.get(&faq).map_or((0, 0), |known| (known.vectors.len(), known.bytes()));
        let known = self.faqs.entry(faq).or_default();
        change(known);
        known.centroid = known.mean();
        self.count = self.count - count + known.vectors.len();
        self.bytes = self.bytes - bytes + known.bytes();
    }

    /// How many vectors there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Bytes in memory, without the table's own.
    pub fn memory_bytes(&self) -> usize {
        self.bytes
    }

    /// What the vectors say about a FAQ and a question: the cosine of the closest text, the cosine of the mean of the
    /// texts (both -1..=1), and the share of the question that the model knows (0..=1). None, which is "absent", if
    /// the FAQ has no vector yet or the question's is another model's.
    pub fn embedding_features(&self, faq: FaqId, query: &QueryVector) -> Option<[f64; EMBEDDING_FEATURES]> {
        let known = self.faqs.get(&faq).filter(|_| query.model == self.model)?;
        let arch = Arch::new();
        let closest = known.closest(arch, query)?;
        let mean = known.centroid.as_ref().map_or(closest, |mean| query.direction.cosine(arch, mean));
        Some([closest, mean, query.known])
    }

    /// The FAQs with the closest texts and their cosines, the closest first, equals by id; at most `limit`. None of them
    /// if the question's vector is another model's, or if there are more than [`NEAREST_MAX`] vectors.
    pub fn nearest(&self, query: &QueryVector, limit: usize) -> Vec<(FaqId, f64)> {
        if query.model != self.model || self.count > NEAREST_MAX {
            return Vec::new();
        }
        let arch = Arch::new();
        let mut found: Vec<(FaqId, f64)> =
            self.faqs.iter().filter_map(|(id, known)| Some((*id, known.closest(arch, query)?))).collect();
        let closer = |a: &(FaqId, f64), b: &(FaqId, f64)| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0));
        if limit < found.len() {
            found.select_nth_unstable_by(limit, closer);
            found.truncate(limit);
        }
        found.sort_unstable_by(closer);
        found
    }
}

impl Known {
    fn counting(&self) -> impl Iterator<Item = &Direction> {
        self.vectors.iter().filter(|(hash, _)| self.texts.contains(hash)).map(|(_, direction)| direction)
    }

    fn closest(&self, arch: Arch, query: &QueryVector) -> Option<f64> {
        self.counting().map(|direction| query.direction.cosine(arch, direction)).reduce(f64::max)
    }

    /// The mean of the vectors that count, each brought to length 1; none for fewer than two.
    fn mean(&self) -> Option<Direction> {
        let count = self.counting().count();
        let dimensions = self.counting().next().filter(|_| count > 1)?.numbers.len();
        let mut sum = vec![0.0_f64; dimensions];
        for direction in self.counting() {
            for (x, y) in sum.iter_mut().zip(&direction.numbers) {
                *x += f64::from(*y) * direction.factor;
            }
        }
        let most = sum.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
        if most <= 0.0 {
            return None;
        }
        Direction::of(&sum.iter().map(|x| narrow(x / most)).collect::<Vec<_>>())
    }

    fn bytes(&self) -> usize {
        let directions = self.vectors.iter().map(|(_, d)| d).chain(&self.centroid);
        let numbers: usize = directions.map(|d| d.numbers.len() + size_of::<(i64, Direction)>()).sum();
        numbers + size_of::<Self>() + self.texts.len() * size_of::<i64>()
    }
}

/// A number of -1..=1 as one of -127..=127.
#[expect(clippy::cast_possible_truncation, reason = "a cast of floats saturates, and this one is in range")]
fn narrow(x: f64) -> i8 {
    (x * 127.0).round() as i8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(vector: &[f32]) -> QueryVector {
        QueryVector::new("m".into(), vector, 0.5).unwrap()
    }

    fn close(found: Option<[f64; EMBEDDING_FEATURES]>, wanted: [f64; EMBEDDING_FEATURES]) {
        let found = found.unwrap();
        for (a, b) in found.iter().zip(wanted) {
            assert!((a - b).abs() < 0.01, "{found:?} {wanted:?}");
        }
    }

    fn with(texts: &[(i64, &[f32])]) -> Vectors {
        let mut vectors = Vectors::new("m".into());
        for (hash, vector) in texts {
            vectors.insert(1, *hash, &quantise(vector).unwrap());
        }
        vectors.set_texts(1, &texts.iter().map(|t| t.0).collect::<Vec<_>>());
        vectors
    }

    #[test]
    fn features_are_the_closest_text_the_mean_and_the_known_share() {
        let vectors = with(&[(1, &[1.0, 0.0, 0.0]), (2, &[0.0, 5.0, 0.0])]);
        close(vectors.embedding_features(1, &query(&[2.0, 0.0, 0.0])), [1.0, 0.5_f64.sqrt(), 0.5]);
        close(vectors.embedding_features(1, &query(&[-1.0, 0.0, 0.0])), [0.0, -(0.5_f64.sqrt()), 0.5]);
        // A single text is its own mean.
        close(with(&[(1, &[0.6, 0.8])]).embedding_features(1, &query(&[1.0, 0.0])), [0.6, 0.6, 0.5]);
    }

    #[test]
    fn absent_without_a_vector_and_for_another_model() {
        let mut vectors = with(&[(1, &[1.0, 0.0])]);
        assert_eq!(vectors.embedding_features(2, &query(&[1.0, 0.0])), None);
        let other = QueryVector::new("n".into(), &[1.0, 0.0], 1.0).unwrap();
        assert_eq!(vectors.embedding_features(1, &other), None);
        assert!(vectors.nearest(&other, 5).is_empty());
        vectors.remove(1);
        assert_eq!(vectors.embedding_features(1, &query(&[1.0, 0.0])), None);
        assert_eq!((vectors.len(), vectors.memory_bytes()), (0, 0));
    }

    #[test]
    fn a_vector_counts_only_as_long_as_its_faq_has_the_text() {
        let mut vectors = with(&[(1, &[1.0, 0.0]), (2, &[0.0, 1.0])]);
        vectors.set_texts(1, &[2, 3]);
        close(vectors.embedding_features(1, &query(&[1.0, 0.0])), [0.0, 0.0, 0.5]);
        // One that comes before its text waits for it.
        vectors.insert(1, 4, &quantise(&[1.0, 0.0]).unwrap());
        close(vectors.embedding_features(1, &query(&[1.0, 0.0])), [0.0, 0.0, 0.5]);
        vectors.set_texts(1, &[4]);
        close(vectors.embedding_features(1, &query(&[1.0, 0.0])), [1.0, 1.0, 0.5]);
        assert_eq!(vectors.len(), 1);
    }

    #[test]
    fn the_nearest_come_first_and_equals_by_id() {
        let mut vectors = Vectors::new("m".into());
        for (faq, vector) in [(3, [1.0, 0.0]), (1, [0.0, 1.0]), (2, [1.0, 0.0]), (4, [1.0, 1.0])] {
            vectors.set_texts(faq, &[7]);
            vectors.insert(faq, 7, &quantise(&vector).unwrap());
        }
        let ids = |limit| vectors.nearest(&query(&[1.0, 0.0]), limit).iter().map(|f| f.0).collect::<Vec<_>>();
        assert_eq!(ids(9), [2, 3, 4, 1]);
        assert_eq!(ids(3), [2, 3, 4]);
        assert_eq!(ids(0), [0; 0]);
    }

    #[test]
    fn a_vector_without_direction_is_none() {
        assert_eq!(quantise(&[]), None);
        assert_eq!(quantise(&[0.0, -0.0]), None);
        assert_eq!(quantise(&[1.0, f32::NAN]), None);
        assert_eq!(quantise(&[f32::INFINITY]), None);
        assert_eq!(quantise(&[0.5, -1.0, 0.25]).unwrap(), [64, -127, 32]);
    }
}
