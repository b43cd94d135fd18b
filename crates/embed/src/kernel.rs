//! Products of a few rows of activations with a large matrix of weights.
//!
//! Weights are packed once into panels of [`PANEL`] columns, so that the inner loop reads them in order. Rows go through
//! in blocks whose sums stay in registers; how many fit depends on the processor, which `pulp` finds out at run time.

#![expect(clippy::inline_always, reason = "must become part of the code that pulp compiles for the processor at hand")]

use pulp::{Arch, Simd, WithSimd};

/// Columns of a panel: two vectors of the widest instructions.
const PANEL: usize = 32;

/// A layer `y = W x + b`, packed.
pub(crate) struct Linear {
    /// For each panel, for each input, [`PANEL`] weights.
    panels: Vec<f32>,
    bias: Vec<f32>,
    inputs: usize,
}

impl Linear {
    /// From `weights` of `bias.len()` rows and `inputs` columns.
    pub(crate) fn pack(weights: &[f32], bias: Vec<f32>, inputs: usize) -> Self {
        let outputs = bias.len();
        let mut panels = vec![0.0; outputs.div_ceil(PANEL) * inputs * PANEL];
        for (panel, packed) in panels.chunks_exact_mut(inputs * PANEL).enumerate() {
            for (lane, row) in weights.chunks_exact(inputs).skip(panel * PANEL).take(PANEL).enumerate() {
                for (to, weight) in packed.chunks_exact_mut(PANEL).zip(row) {
                    to[lane] = *weight;
                }
            }
        }
        Self { panels, bias, inputs }
    }

    /// How many numbers a row of the result has.
    pub(crate) fn outputs(&self) -> usize {
        self.bias.len()
    }

    /// Applies the layer to every row of `input`.
    pub(crate) fn apply(&self, arch: Arch, input: &[f32], output: &mut Vec<f32>) {
        output.clear();
        output.resize(input.len() / self.inputs * self.outputs(), 0.0);
        arch.dispatch(Product { layer: self, input, output });
    }
}

struct Product<'a> {
    layer: &'a Linear,
    input: &'a [f32],
    output: &'a mut [f32],
}

impl WithSimd for Product<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        // 32 registers hold 14 rows of two sums with the two weights; 16 registers hold 6.
        let most = if S::F32_LANES == 16 { 14 } else { 6 };
        let (inputs, outputs) = (self.layer.inputs, self.layer.outputs());
        let rows = self.input.len() / inputs;
        if rows == 0 {
            return;
        }
        let height = rows.div_ceil(rows.div_ceil(most));
        let mut packed = Vec::with_capacity(height * inputs);
        let blocks = self.input.chunks(height * inputs).zip(self.output.chunks_mut(height * outputs));
        for (input, output) in blocks {
            let height = input.len() / inputs;
            pack_rows(input, height, &mut packed);
            block(simd, self.layer, &packed, height, output);
        }
    }
}

/// Puts the rows' first inputs beside each other, then the second, and so on.
#[inline(always)]
fn pack_rows(rows: &[f32], height: usize, packed: &mut Vec<f32>) {
    let inputs = rows.len() / height;
    packed.clear();
    packed.resize(rows.len(), 0.0);
    for (r, row) in rows.chunks_exact(inputs).enumerate() {
        for (to, x) in packed.chunks_exact_mut(height).zip(row) {
            to[r] = *x;
        }
    }
}

macro_rules! by_height {
    ($height:expr, $arguments:tt, $($n:literal)*) => {
        match $height {
            $($n => rows::<S, $n>$arguments,)*
            other => unreachable!("blocks have 1 to 14 rows, not {other}"),
        }
    };
}

#[inline(always)]
fn block<S: Simd>(simd: S, layer: &Linear, packed: &[f32], height: usize, out: &mut [f32]) {
    by_height!(height, (simd, layer, packed, out), 1 2 3 4 5 6 7 8 9 10 11 12 13 14);
}

#[inline(always)]
fn rows<S: Simd, const N: usize>(simd: S, layer: &Linear, packed: &[f32], out: &mut [f32]) {
    let width = layer.outputs();
    let vectors = PANEL / S::F32_LANES;
    for (panel, weights) in layer.panels.chunks_exact(layer.inputs * PANEL).enumerate() {
        let columns = panel * PANEL..width.min((panel + 1) * PANEL);
        let (weights, _) = S::as_simd_f32s(weights);
        for pair in 0..vectors / 2 {
            let mut sums = [[simd.splat_f32s(0.0); 2]; N];
            for (x, w) in packed.as_chunks::<N>().0.iter().zip(weights.chunks_exact(vectors)) {
                let w = [w[2 * pair], w[2 * pair + 1]];
                for (sum, x) in sums.iter_mut().zip(x) {
                    let x = simd.splat_f32s(*x);
                    sum[0] = simd.mul_add_e_f32s(x, w[0], sum[0]);
                    sum[1] = simd.mul_add_e_f32s(x, w[1], sum[1]);
                }
            }
            let from = columns.start + pair * 2 * S::F32_LANES;
            let to = columns.end.min(from + 2 * S::F32_LANES);
            if from >= to {
                continue;
            }
            let bias = &layer.bias[from..to];
            for (sum, row) in sums.iter().zip(out.chunks_exact_mut(width)) {
                let sum: &[f32] = pulp::bytemuck::cast_slice(sum);
                for ((y, x), b) in row[from..to].iter_mut().zip(sum).zip(bias) {
                    *y = x + b;
                }
            }
        }
    }
}
