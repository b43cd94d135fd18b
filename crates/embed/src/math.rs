//! The small steps between matrix products. Loops over plain slices that the compiler turns into vector instructions.

#![expect(clippy::inline_always, reason = "must become part of the code that pulp compiles for the processor at hand")]

/// Adds `other`, then brings each row of `width` to mean 0 and variance 1, scaled and shifted.
#[inline(always)]
pub(crate) fn add_and_normalise(rows: &mut [f32], other: &[f32], (scale, shift): (&[f32], &[f32]), epsilon: f32) {
    let width = scale.len();
    for (row, other) in rows.chunks_exact_mut(width).zip(other.chunks_exact(width)) {
        for (x, y) in row.iter_mut().zip(other) {
            *x += y;
        }
        normalise(row, scale, shift, epsilon);
    }
}

/// Brings one row to mean 0 and variance 1, scaled and shifted.
#[inline(always)]
pub(crate) fn normalise(row: &mut [f32], scale: &[f32], shift: &[f32], epsilon: f32) {
    let count = float(row.len());
    let mean = sum(row) / count;
    for x in row.iter_mut() {
        *x -= mean;
    }
    let factor = (dot(row, row) / count + epsilon).sqrt().recip();
    for ((x, scale), shift) in row.iter_mut().zip(scale).zip(shift) {
        *x = *x * factor * scale + shift;
    }
}

/// Sum, in 16 lanes.
#[inline(always)]
fn sum(row: &[f32]) -> f32 {
    let mut lanes = [0.0_f32; 16];
    let (whole, rest) = row.as_chunks::<16>();
    for chunk in whole {
        for (lane, x) in lanes.iter_mut().zip(chunk) {
            *lane += x;
        }
    }
    lanes.iter().sum::<f32>() + rest.iter().sum::<f32>()
}

/// Scalar product, in 16 lanes.
#[inline(always)]
pub(crate) fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = [0.0_f32; 16];
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<16>(), b.as_chunks::<16>());
    for (x, y) in a.iter().zip(b) {
        for ((lane, x), y) in lanes.iter_mut().zip(x).zip(y) {
            *lane += x * y;
        }
    }
    lanes.iter().sum::<f32>() + a_rest.iter().zip(b_rest).map(|(x, y)| x * y).sum::<f32>()
}

/// Gaussian error linear units: `x Φ(x)`.
#[inline(always)]
pub(crate) fn gelu(values: &mut [f32]) {
    for x in values {
        *x *= 0.5 + 0.5 * erf(*x * std::f32::consts::FRAC_1_SQRT_2);
    }
}

/// The approximation of [`gelu`] by a hyperbolic tangent that some models were trained with.
pub(crate) fn gelu_by_tanh(values: &mut [f32]) {
    for x in values {
        let inner = 0.797_884_6 * (*x + 0.044_715 * *x * *x * *x);
        *x *= 0.5 + 0.5 * inner.tanh();
    }
}

/// Error function: a quotient of two polynomials, right to 4e-7. Beyond ±4 it is ±1 to that precision.
#[inline(always)]
fn erf(x: f32) -> f32 {
    let x = x.clamp(-4.0, 4.0);
    let s = x * x;
    let mut top = -2.726_142_3e-10_f32;
    for c in [2.770_681_4e-8, -2.101_024e-6, -5.692_506_5e-5, -7.349_906e-4, -2.954_6e-3, -1.609_603_3e-2] {
        top = top * s + c;
    }
    let mut bottom = -1.456_607_2e-5_f32;
    for c in [-2.133_740_6e-4, -1.682_827e-3, -7.373_329e-3, -1.426_474e-2] {
        bottom = bottom * s + c;
    }
    x * top / bottom
}

/// Makes the values positive with sum 1, by their exponentials.
#[inline(always)]
pub(crate) fn softmax(values: &mut [f32]) {
    let most = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut all = 0.0;
    for x in values.iter_mut() {
        *x = (*x - most).exp();
        all += *x;
    }
    for x in values.iter_mut() {
        *x /= all;
    }
}

/// Brings a vector to length 1; one without a direction becomes all zeros.
pub(crate) fn to_length_one(vector: &mut [f32]) {
    let length = dot(vector, vector).sqrt();
    let factor = if length > 1e-12 { length.recip() } else { 0.0 };
    for x in vector {
        *x *= factor;
    }
}

/// A count of tokens or columns, which is far below 65,536 at every use.
#[inline(always)]
pub(crate) fn float(count: usize) -> f32 {
    u16::try_from(count).map_or(f32::from(u16::MAX), f32::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn erf_agrees_with_its_series() {
        for step in -60..=60_i8 {
            let x = f64::from(step) / 20.0;
            // erf x = 2/√π Σ (-1)^n x^(2n+1) / (n! (2n+1))
            let (mut term, mut sum) = (x, x);
            for n in 1..80_i32 {
                term *= -x * x / f64::from(n);
                sum += term / f64::from(2 * n + 1);
            }
            let truth = sum * std::f64::consts::FRAC_2_SQRT_PI;
            let ours = f64::from(erf(f32::from(step) / 20.0));
            assert!((ours - truth).abs() < 1e-6, "{x}: {ours} {truth}");
        }
        assert!((erf(9.0) - 1.0).abs() < 1e-6 && (erf(-9.0) + 1.0).abs() < 1e-6);
    }

    #[test]
    fn both_gelus_are_close_and_softmax_sums_to_one() {
        let mut exact = [-3.0, -1.0, -0.1, 0.0, 0.5, 1.0, 4.0];
        let mut tanh = exact;
        gelu(&mut exact);
        gelu_by_tanh(&mut tanh);
        for (a, b) in exact.iter().zip(tanh) {
            assert!((a - b).abs() < 1e-3, "{a} {b}");
        }
        assert!((exact[5] - 0.841_344_7).abs() < 1e-6);
        let mut values = [1000.0, 1001.0, 999.0];
        softmax(&mut values);
        assert!((values.iter().sum::<f32>() - 1.0).abs() < 1e-6);
        assert!(values[1] > values[0] && values[0] > values[2]);
    }

    #[test]
    fn a_normalised_row_has_mean_zero_and_variance_one() {
        let mut row: Vec<f32> = (0..37_u16).map(f32::from).collect();
        normalise(&mut row, &[2.0; 37], &[1.0; 37], 0.0);
        let mean = row.iter().sum::<f32>() / 37.0;
        let variance = row.iter().map(|x| (x - mean).powi(2)).sum::<f32>() / 37.0;
        assert!((mean - 1.0).abs() < 1e-5 && (variance - 4.0).abs() < 1e-4, "{mean} {variance}");
        let mut nothing = [0.0; 3];
        to_length_one(&mut nothing);
        assert!(nothing.iter().all(|x| x.to_bits() == 0));
    }
}
