//! The encoder: embeddings, then layers of attention and feed-forward.
//!
//! Texts of a round stand behind each other without padding: the matrix products see all their tokens at once, the
//! attention each text alone.

#![expect(clippy::inline_always, reason = "must become part of the code that pulp compiles for the processor at hand")]

use std::ops::Range;

use pulp::Arch;

use crate::EmbedError;
use crate::config::{self, Activation, Pooling};
use crate::kernel::Linear;
use crate::math;
use crate::weights::Weights;

/// Scale and shift of a normalisation.
type Norm = (Vec<f32>, Vec<f32>);

pub(crate) struct Encoder {
    arch: Arch,
    words: Vec<f32>,
    /// Position vectors with the first token type's added, from the first position on.
    positions: Vec<f32>,
    norm: Norm,
    layers: Vec<Layer>,
    heads: usize,
    width: usize,
    epsilon: f32,
    activation: Activation,
}

struct Layer {
    /// Query, key and value, behind each other.
    attention: Linear,
    attended: Linear,
    attention_norm: Norm,
    wide: Linear,
    narrow: Linear,
    norm: Norm,
}

/// What a round needs besides its result; reused from layer to layer.
#[derive(Default)]
struct Scratch {
    three: Vec<f32>,
    mixed: Vec<f32>,
    wide: Vec<f32>,
    change: Vec<f32>,
    scores: Vec<f32>,
}

impl Encoder {
    pub(crate) fn build(config: &config::Encoder, weights: &dyn Weights) -> Result<Self, EmbedError> {
        let width = config.hidden_size;
        let words = weights.get("embeddings.word_embeddings.weight", &[config.vocab_size, width])?;
        let shape = [config.max_position_embeddings, width];
        let mut positions = weights.get("embeddings.position_embeddings.weight", &shape)?;
        positions.drain(..config.first_position() * width);
        let types = weights.get("embeddings.token_type_embeddings.weight", &[config.type_vocab_size, width])?;
        for row in positions.chunks_exact_mut(width) {
            for (x, y) in row.iter_mut().zip(&types[..width]) {
                *x += y;
            }
        }
        let layers = (0..config.num_hidden_layers).map(|i| Layer::build(config, weights, i));
        Ok(Self {
            arch: Arch::new(),
            words,
            positions,
            norm: norm(weights, "embeddings.LayerNorm", width)?,
            layers: layers.collect::<Result<_, _>>()?,
            heads: config.num_attention_heads,
            width,
            epsilon: config.layer_norm_eps,
            activation: config.hidden_act,
        })
    }

    pub(crate) fn dimensions(&self) -> usize {
        self.width
    }

    /// Appends the vector of each text. Ids are inside of the vocabulary, texts inside of the positions.
    pub(crate) fn run(&self, texts: &[Vec<u32>], pooling: Pooling, vectors: &mut Vec<Vec<f32>>) {
        let mut spans: Vec<Range<usize>> = Vec::with_capacity(texts.len());
        let mut rows = Vec::new();
        for text in texts {
            let from = rows.len();
            for (id, position) in text.iter().zip(self.positions.chunks_exact(self.width)) {
                let id = usize::try_from(*id).unwrap_or_default();
                rows.extend(self.words[id * self.width..][..self.width].iter().zip(position).map(|(x, y)| x + y));
            }
            spans.push(from / self.width..rows.len() / self.width);
        }
        for row in rows.chunks_exact_mut(self.width) {
            math::normalise(row, &self.norm.0, &self.norm.1, self.epsilon);
        }
        let mut scratch = Scratch::default();
        for layer in &self.layers {
            self.layer(layer, &spans, &mut rows, &mut scratch);
        }
        vectors.extend(
            spans.into_iter().map(|span| self.pool(&rows[span.start * self.width..span.end * self.width], pooling)),
        );
    }

    fn layer(&self, layer: &Layer, spans: &[Range<usize>], rows: &mut [f32], scratch: &mut Scratch) {
        let Scratch { three, mixed, wide, change, scores } = scratch;
        layer.attention.apply(self.arch, rows, three);
        mixed.clear();
        mixed.resize(rows.len(), 0.0);
        self.arch.dispatch(|| {
            for span in spans {
                self.attend(
                    &three[span.start * 3 * self.width..span.end * 3 * self.width],
                    &mut mixed[span.start * self.width..span.end * self.width],
                    scores,
                );
            }
        });
        layer.attended.apply(self.arch, mixed, change);
        let (scale, shift) = &layer.attention_norm;
        self.arch.dispatch(|| math::add_and_normalise(rows, change, (scale, shift), self.epsilon));
        layer.wide.apply(self.arch, rows, wide);
        match self.activation {
            Activation::Gelu => self.arch.dispatch(|| math::gelu(wide)),
            Activation::GeluNew => math::gelu_by_tanh(wide),
            Activation::Relu => wide.iter_mut().for_each(|x| *x = x.max(0.0)),
        }
        layer.narrow.apply(self.arch, wide, change);
        let (scale, shift) = &layer.norm;
        self.arch.dispatch(|| math::add_and_normalise(rows, change, (scale, shift), self.epsilon));
    }

    /// Each token's sum of the values of one text's tokens, weighted by how its query fits their keys; head by head.
    #[inline(always)]
    fn attend(&self, three: &[f32], mixed: &mut [f32], scores: &mut Vec<f32>) {
        let size = self.width / self.heads;
        let factor = math::float(size).sqrt().recip();
        for head in 0..self.heads {
            let part = |row: usize, which: usize| &three[(row * 3 + which) * self.width + head * size..][..size];
            for (row, out) in mixed.chunks_exact_mut(self.width).enumerate() {
                let query = part(row, 0);
                scores.clear();
                scores
                    .extend((0..three.len() / (3 * self.width)).map(|other| math::dot(query, part(other, 1)) * factor));
                math::softmax(scores);
                let out = &mut out[head * size..][..size];
                for (other, weight) in scores.iter().enumerate() {
                    for (x, y) in out.iter_mut().zip(part(other, 2)) {
                        *x += weight * y;
                    }
                }
            }
        }
    }

    fn pool(&self, rows: &[f32], pooling: Pooling) -> Vec<f32> {
        let count = match pooling {
            Pooling::Mean => rows.len() / self.width,
            Pooling::Cls => 1,
        };
        let mut vector = vec![0.0; self.width];
        for row in rows.chunks_exact(self.width).take(count) {
            for (x, y) in vector.iter_mut().zip(row) {
                *x += y;
            }
        }
        // The length does not matter, so the sum does for the mean.
        math::to_length_one(&mut vector);
        vector
    }
}

impl Layer {
    fn build(config: &config::Encoder, weights: &dyn Weights, number: usize) -> Result<Self, EmbedError> {
        let (width, wide) = (config.hidden_size, config.intermediate_size);
        let at = |name: &str| format!("encoder.layer.{number}.{name}");
        let linear = |name: &str, inputs: usize, outputs: usize| {
            let (matrix, bias) = weights.linear(&at(name), inputs, outputs)?;
            Ok::<_, EmbedError>(Linear::pack(&matrix, bias, inputs))
        };
        let (mut matrix, mut bias) = (Vec::new(), Vec::new());
        for part in ["query", "key", "value"] {
            let (part, shift) = weights.linear(&at(&format!("attention.self.{part}")), width, width)?;
            matrix.extend(part);
            bias.extend(shift);
        }
        Ok(Self {
            attention: Linear::pack(&matrix, bias, width),
            attended: linear("attention.output.dense", width, width)?,
            attention_norm: norm(weights, &at("attention.output.LayerNorm"), width)?,
            wide: linear("intermediate.dense", width, wide)?,
            narrow: linear("output.dense", wide, width)?,
            norm: norm(weights, &at("output.LayerNorm"), width)?,
        })
    }
}

fn norm(weights: &dyn Weights, name: &str, width: usize) -> Result<Norm, EmbedError> {
    let part = |part: &str| weights.get(&format!("{name}.{part}"), &[width]);
    Ok((part("weight")?, part("bias")?))
}
