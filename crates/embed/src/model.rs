//! A model ready for use.

use std::path::Path;

use sha2::{Digest, Sha256};

use crate::EmbedError;
use crate::config::{self, Pooling};
use crate::encoder::Encoder;
use crate::onnx::{self, Onnx};
use crate::tokens::{self, Tokens};
use crate::weights::Safetensors;

/// Most tokens that go through the encoder together; a longer list of texts is cut into several rounds, so that memory
/// stays bounded.
const ROUND: usize = 1_024;

/// A sentence-embedding model in memory. Shared by reference; every method may run on many threads at once.
pub struct Model {
    tokens: Tokens,
    encoder: Encoder,
    pooling: Pooling,
    version: String,
}

/// What a model makes of a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Embedded {
    /// The share of its characters that the vocabulary knows, 0..=1.
    pub known: f64,
    /// Its vector; none if too little of it is known.
    pub vector: Option<Vec<f32>>,
}

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Model").field("version", &self.version).finish_non_exhaustive()
    }
}

impl Model {
    /// Loads the model of a directory, from `model.safetensors`, or without that from `model.onnx` or `onnx/model.onnx`.
    /// Takes as long as reading the file and, once more, its size in memory.
    ///
    /// # Errors
    /// A file is missing or cannot be read, or the model is of a kind that is not supported.
    pub fn load(dir: impl AsRef<Path>) -> Result<Self, EmbedError> {
        let dir = dir.as_ref();
        let (config, pooling_told) = config::read(dir)?;
        let mut hash = Sha256::new();
        hash.update(format!("{config:?}"));
        let path = tokens::file(dir);
        let bytes = bytes(&path)?;
        hash.update(&bytes);
        let tokens = Tokens::read(&path, &bytes, &config)?;
        let path = dir.join("model.safetensors");
        let encoder = if let Some(path) = onnx::file(dir).filter(|_| !path.exists()) {
            from_onnx(&path, &config.encoder, pooling_told, &mut hash)?
        } else {
            let bytes = weights(&path)?;
            hash.update(&bytes);
            Encoder::build(&config.encoder, &Safetensors::read(&path, &bytes)?)?
        };
        let version = hex::encode(&hash.finalize()[..16]);
        Ok(Self { tokens, encoder, pooling: config.pooling, version })
    }

    /// The vectors of `texts`, in their order, each of [`Self::dimensions`] numbers and of length 1. A text longer than
    /// the model's limit counts by its beginning.
    ///
    /// # Errors
    /// A text cannot be tokenized.
    pub fn embed(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, EmbedError> {
        let ids: Vec<Vec<u32>> = texts.iter().map(|text| self.tokens.ids(text)).collect::<Result<_, _>>()?;
        let mut vectors = Vec::with_capacity(ids.len());
        let mut rest = ids.as_slice();
        while !rest.is_empty() {
            let mut tokens = 0;
            let fits = rest.iter().take_while(|text| {
                tokens += text.len();
                tokens <= ROUND
            });
            let (round, later) = rest.split_at(fits.count().max(1));
            self.encoder.run(round, self.pooling, &mut vectors);
            rest = later;
        }
        Ok(vectors)
    }

    /// As [`Self::embed`], but no vector is made for a text of which the vocabulary knows less than `least`, 0..=1.
    ///
    /// # Errors
    /// A text cannot be tokenized.
    pub fn embed_known(&self, texts: &[&str], least: f64) -> Result<Vec<Embedded>, EmbedError> {
        let shares: Vec<f64> =
            texts.iter().map(|text| Ok(f64::from(self.known_share(text)?))).collect::<Result<_, EmbedError>>()?;
        let enough = texts.iter().zip(&shares).filter(|(_, known)| **known >= least);
        let mut vectors = self.embed(&enough.map(|(text, _)| *text).collect::<Vec<_>>())?.into_iter();
        let one = |known| Embedded { known, vector: if known >= least { vectors.next() } else { None } };
        Ok(shares.into_iter().map(one).collect())
    }

    /// The share of a text's characters, 0..=1, that the vocabulary knows. A model of English alone knows little of a
    /// Chinese question, and its vector of that says little.
    ///
    /// # Errors
    /// The text cannot be tokenized.
    pub fn known_share(&self, text: &str) -> Result<f32, EmbedError> {
        self.tokens.known_share(text)
    }

    /// How many numbers a vector has.
    pub fn dimensions(&self) -> usize {
        self.encoder.dimensions()
    }

    /// 32 hexadecimal digits that change with anything that may change a vector: weights, vocabulary, configuration.
    pub fn version(&self) -> &str {
        &self.version
    }
}

fn from_onnx(
    path: &Path,
    config: &config::Encoder,
    pooling_told: bool,
    hash: &mut Sha256,
) -> Result<Encoder, EmbedError> {
    let bytes = bytes(path)?;
    hash.update(&bytes);
    let weights = Onnx::read(path, bytes)?;
    weights.add_to(hash);
    weights.check_layers(config.num_hidden_layers)?;
    if !pooling_told && weights.pools_otherwise() {
        let why = "its graph does not take the mean of a text's tokens; add the model's 1_Pooling/config.json, which says \
                   what to take";
        return Err(EmbedError::model(path, why));
    }
    Encoder::build(config, &weights)
}

/// The content of `model.safetensors`.
fn weights(path: &Path) -> Result<Vec<u8>, EmbedError> {
    if !path.exists() {
        let why = "it is not there; allowed is also an export to ONNX as model.onnx or onnx/model.onnx";
        return Err(EmbedError::model(path, why));
    }
    bytes(path)
}

fn bytes(path: &Path) -> Result<Vec<u8>, EmbedError> {
    std::fs::read(path).map_err(|source| EmbedError::Read { path: path.to_path_buf(), source })
}
