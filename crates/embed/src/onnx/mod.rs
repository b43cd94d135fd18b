//! The weights of an encoder out of an ONNX file.
//!
//! The file's graph is not run: it is walked to find which tensor is which weight, and [`crate::encoder`] does the rest.
//! So the graph has to be one as `torch.onnx` makes it, by itself, by optimum or by sentence-transformers.

mod graph;
mod kind;
mod proto;
mod tensor;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use bytes::Bytes;
use sha2::Sha256;

use crate::EmbedError;
use crate::weights::{MARK, Weights};
use graph::{Constant, Index, Linear};
use tensor::SideFiles;

/// What to do about a graph in which a layer is not found.
const INSTEAD: &str = "take an export by optimum, sentence-transformers or torch.onnx, or model.safetensors";

/// The weights of an ONNX file.
pub(crate) struct Onnx {
    path: PathBuf,
    index: Index,
    linears: Vec<Linear>,
    files: SideFiles,
    /// What stands before every name.
    prefix: String,
}

/// The ONNX file of a model directory, if there is one: `model.onnx` or `onnx/model.onnx`.
pub(crate) fn file(dir: &Path) -> Option<PathBuf> {
    ["model.onnx", "onnx/model.onnx"].into_iter().map(|name| dir.join(name)).find(|path| path.exists())
}

impl Onnx {
    /// Reads the file `path`, whose content is `bytes`, and the files beside it that it keeps numbers in.
    pub(crate) fn read(path: &Path, bytes: Vec<u8>) -> Result<Self, EmbedError> {
        let wrong = |why: String| EmbedError::model(path, why);
        let index = Index::new(proto::decode(Bytes::from(bytes)).map_err(wrong)?).map_err(wrong)?;
        kind::check(&index).map_err(wrong)?;
        let prefix = prefix(&index).map_err(wrong)?;
        kind::check_modules(&prefix, index.names()).map_err(wrong)?;
        let files = SideFiles::read(path, index.tensors())?;
        let linears = index.linears();
        Ok(Self { path: path.to_path_buf(), index, linears, files, prefix })
    }

    /// Adds what stands in files beside the ONNX file to a model's hash.
    pub(crate) fn add_to(&self, hash: &mut Sha256) {
        self.files.add_to(hash);
    }

    /// Whether the graph goes on to a text's vector in another way than by the mean of its tokens' vectors.
    pub(crate) fn pools_otherwise(&self) -> bool {
        let sums = self.index.nodes().iter().any(|node| node.operator == "ReduceSum");
        self.index.has_output("sentence_embedding") && !sums
    }

    /// Refuses a file that has more layers than `config.json` says: without them it would be another model.
    pub(crate) fn check_layers(&self, layers: usize) -> Result<(), EmbedError> {
        let next = format!("{}encoder.layer.{layers}.", self.prefix);
        let more = self.index.names().find(|name| name.starts_with(&next));
        more.map_or(Ok(()), |name| {
            Err(self.wrong(name, format!("config.json says that the number of layers is {layers}")))
        })
    }

    fn wrong(&self, name: &str, why: impl std::fmt::Display) -> EmbedError {
        EmbedError::model(&self.path, format!("tensor {name}: {why}"))
    }

    /// The numbers of a constant, row by row if it is a matrix.
    fn floats(&self, constant: Constant<'_>, shape: &[usize]) -> Result<Vec<f32>, String> {
        match (constant.transposed, shape) {
            (true, &[rows, columns]) => Ok(transposed(&self.files.floats(constant.tensor, &[columns, rows])?, rows)),
            _ => self.files.floats(constant.tensor, shape),
        }
    }
}

impl Weights for Onnx {
    fn get(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, EmbedError> {
        let name = format!("{}{name}", self.prefix);
        let found = self.index.constant(&name).or_else(|| self.index.constant(self.index.noted(&name)?));
        let constant = found.ok_or_else(|| self.wrong(&name, format!("it is not in the file; {INSTEAD}")))?;
        self.floats(constant, shape).map_err(|why| self.wrong(&name, why))
    }

    fn linear(&self, name: &str, inputs: usize, outputs: usize) -> Result<(Vec<f32>, Vec<f32>), EmbedError> {
        let name = format!("{}{name}", self.prefix);
        let missing =
            || self.wrong(&format!("{name}.bias"), format!("no product with constant weights leads to it; {INSTEAD}"));
        let linear = self.index.find(&self.linears, &name).ok_or_else(missing)?;
        let part = |value: &str, kind: &str, shape: &[usize]| {
            let constant = self.index.constant(value).ok_or_else(missing)?;
            let called = if value == format!("{name}.{kind}") { String::new() } else { format!("{value} as ") };
            self.floats(constant, shape).map_err(|why| self.wrong(&format!("{called}{name}.{kind}"), why))
        };
        let bias = part(&linear.bias, "bias", &[outputs])?;
        let matrix = if linear.rows_are_outputs {
            part(&linear.matrix, "weight", &[outputs, inputs])?
        } else {
            transposed(&part(&linear.matrix, "weight", &[inputs, outputs])?, outputs)
        };
        Ok((matrix, bias))
    }
}

/// What stands before the names of the one encoder in the file.
fn prefix(index: &Index) -> Result<String, String> {
    let mut found: Vec<&str> = index
        .names()
        .filter_map(|name| name.strip_suffix(MARK))
        .filter(|prefix| prefix.is_empty() || prefix.ends_with('.'))
        .collect();
    found.sort_unstable();
    match found.as_slice() {
        [] => Err(format!("there is no tensor {MARK}; {INSTEAD}")),
        [one] => Ok((*one).to_owned()),
        [one, other, ..] => Err(format!("it holds two encoders, {one}{MARK} and {other}{MARK}, allowed is one")),
    }
}

/// A matrix of `columns` columns with rows and columns exchanged.
fn transposed(matrix: &[f32], columns: usize) -> Vec<f32> {
    (0..columns).flat_map(|column| matrix.iter().skip(column).step_by(columns)).copied().collect()
}
