//! Where an encoder's weights come from: the tensors of `model.safetensors`; those of an ONNX file are in
//! [`crate::onnx`].

use std::path::{Path, PathBuf};

use safetensors::{Dtype, SafeTensors};

use crate::EmbedError;

/// The tensor by which an encoder is found in a file; what stands before this name stands before all of its names.
pub(crate) const MARK: &str = "embeddings.word_embeddings.weight";

/// The weights of one encoder, by the names that `transformers` gives them, without what stands before them in the file.
pub(crate) trait Weights {
    /// The tensor `name`, which has to have this shape, as finite 32-bit floats.
    fn get(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, EmbedError>;

    /// The matrix of the linear layer `name`, `outputs` rows of `inputs` numbers, and its bias.
    fn linear(&self, name: &str, inputs: usize, outputs: usize) -> Result<(Vec<f32>, Vec<f32>), EmbedError>;
}

/// The tensors of a safetensors file.
pub(crate) struct Safetensors<'a> {
    path: PathBuf,
    tensors: SafeTensors<'a>,
    /// What stands before every name: nothing, or the name of the encoder inside a larger model.
    prefix: &'static str,
}

impl<'a> Safetensors<'a> {
    pub(crate) fn read(path: &Path, bytes: &'a [u8]) -> Result<Self, EmbedError> {
        let tensors = SafeTensors::deserialize(bytes).map_err(|error| EmbedError::model(path, error))?;
        let prefixes = ["", "bert.", "roberta.", "model."];
        let prefix = prefixes.into_iter().find(|prefix| tensors.tensor(&format!("{prefix}{MARK}")).is_ok());
        let prefix = prefix.ok_or_else(|| EmbedError::model(path, format!("there is no tensor {MARK}")))?;
        Ok(Self { path: path.to_path_buf(), tensors, prefix })
    }
}

impl Weights for Safetensors<'_> {
    fn get(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, EmbedError> {
        let name = format!("{}{name}", self.prefix);
        let wrong = |why: String| EmbedError::model(&self.path, format!("tensor {name}: {why}"));
        let tensor = self.tensors.tensor(&name).map_err(|error| wrong(error.to_string()))?;
        if tensor.shape() != shape {
            return Err(wrong(format!("its shape is {:?}, allowed is {shape:?}", tensor.shape())));
        }
        let kind = match tensor.dtype() {
            Dtype::F32 => Kind::F32,
            Dtype::F16 => Kind::F16,
            Dtype::BF16 => Kind::BF16,
            other => return Err(wrong(format!("its type is {other:?}, allowed are F32, F16, BF16"))),
        };
        finite(kind.floats(tensor.data())).map_err(wrong)
    }

    fn linear(&self, name: &str, inputs: usize, outputs: usize) -> Result<(Vec<f32>, Vec<f32>), EmbedError> {
        let matrix = self.get(&format!("{name}.weight"), &[outputs, inputs])?;
        Ok((matrix, self.get(&format!("{name}.bias"), &[outputs])?))
    }
}

/// How a file stores a number, little end first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    F32,
    F16,
    BF16,
}

impl Kind {
    /// Bytes of a number.
    pub(crate) fn size(self) -> usize {
        match self {
            Self::F32 => 4,
            Self::F16 | Self::BF16 => 2,
        }
    }

    /// The numbers that are stored in `data`; bytes that are too few for another one do not count.
    pub(crate) fn floats(self, data: &[u8]) -> Vec<f32> {
        match self {
            Self::F32 => words(data).map(f32::from_le_bytes).collect(),
            Self::F16 | Self::BF16 => words(data).map(|b| self.short(u16::from_le_bytes(b))).collect(),
        }
    }

    /// The number of 16 bits.
    pub(crate) fn short(self, bits: u16) -> f32 {
        if self == Self::F16 { half(bits) } else { f32::from_bits(u32::from(bits) << 16) }
    }
}

/// `values`, unless one of them is infinite or not a number.
pub(crate) fn finite(values: Vec<f32>) -> Result<Vec<f32>, String> {
    match values.iter().find(|value| !value.is_finite()) {
        Some(value) => Err(format!("it holds {value}")),
        None => Ok(values),
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
