//! Tensors of `model.safetensors` as 32-bit floats.

use std::path::{Path, PathBuf};

use safetensors::{Dtype, SafeTensors};

use crate::EmbedError;

/// The tensors of a file.
pub(crate) struct Weights<'a> {
    path: PathBuf,
    tensors: SafeTensors<'a>,
    /// What stands before every name: nothing, or the name of the encoder inside a larger model.
    prefix: &'static str,
}

impl<'a> Weights<'a> {
    pub(crate) fn read(path: &Path, bytes: &'a [u8]) -> Result<Self, EmbedError> {
        let tensors = SafeTensors::deserialize(bytes).map_err(|error| EmbedError::model(path, error))?;
        let mark = "embeddings.word_embeddings.weight";
        let prefixes = ["", "bert.", "roberta.", "model."];
        let prefix = prefixes.into_iter().find(|prefix| tensors.tensor(&format!("{prefix}{mark}")).is_ok());
        let prefix = prefix.ok_or_else(|| EmbedError::model(path, format!("there is no tensor {mark}")))?;
        Ok(Self { path: path.to_path_buf(), tensors, prefix })
    }

    /// The tensor `name`, which has to have this shape.
    pub(crate) fn get(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, EmbedError> {
        let name = format!("{}{name}", self.prefix);
        let wrong = |why: String| EmbedError::model(&self.path, format!("tensor {name}: {why}"));
        let tensor = self.tensors.tensor(&name).map_err(|error| wrong(error.to_string()))?;
        if tensor.shape() != shape {
            return Err(wrong(format!("its shape is {:?}, allowed is {shape:?}", tensor.shape())));
        }
        let values: Vec<f32> = match tensor.dtype() {
            Dtype::F32 => words(tensor.data()).map(f32::from_le_bytes).collect(),
            Dtype::F16 => words(tensor.data()).map(|b| half(u16::from_le_bytes(b))).collect(),
            Dtype::BF16 => {
                words(tensor.data()).map(|b| f32::from_bits(u32::from(u16::from_le_bytes(b)) << 16)).collect()
            }
            other => return Err(wrong(format!("its type is {other:?}, allowed are F32, F16, BF16"))),
        };
        if let Some(value) = values.iter().find(|value| !value.is_finite()) {
            return Err(wrong(format!("it holds {value}")));
        }
        Ok(values)
    }
}

fn words<const N: usize>(data: &[u8]) -> impl Iterator<Item = [u8; N]> {
    data.as_chunks::<N>().0.iter().copied()
}

/// An IEEE half as a float: shift the fraction and exponent into place and correct the exponent's bias by a product,
/// which also gets the subnormal ones right.
fn half(bits: u16) -> f32 {
    let sign = u32::from(bits & 0x8000) << 16;
    let rest = u32::from(bits & 0x7fff) << 13;
    if bits & 0x7c00 == 0x7c00 {
        return f32::from_bits(sign | 0x7f80_0000 | rest);
    }
    let scaled = f32::from_bits(rest) * f32::from_bits((127 + 112) << 23);
    f32::from_bits(sign | scaled.to_bits())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_become_the_same_numbers() {
        let cases =
            [(0x3c00, 1.0), (0xc000, -2.0), (0x3555, 0.333_251_95), (0x0001, 5.960_464_5e-8), (0x7bff, 65_504.0)];
        for (bits, value) in cases {
            assert_eq!(half(bits).to_bits(), f32::to_bits(value), "{bits:04x}");
        }
        assert!(half(0xfc00) < f32::MIN);
        assert!(half(0x7e00).is_nan());
    }
}
