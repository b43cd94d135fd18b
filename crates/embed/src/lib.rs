//! Sentence embeddings on this machine: text in, vectors out.
//!
//! [`Model::load`] reads a directory in the layout of sentence-transformers (`config.json`, `tokenizer.json` or
//! `vocab.txt`, `model.safetensors` or `model.onnx`, `1_Pooling/config.json`, …) with an encoder of the BERT kind: BERT,
//! `MiniLM`, BGE, E5, `RoBERTa`, XLM-R. [`Model::embed`] turns texts into vectors of length 1, [`Model::known_share`] says how much of a
//! text its vocabulary knows.
//!
//! Pure but for reading that directory: no network, no threads, no clock. The same text gives the same vector alone or
//! among others, up to rounding.

mod config;
mod encoder;
mod error;
mod kernel;
mod math;
mod model;
mod onnx;
mod tokens;
mod weights;

pub use error::EmbedError;
pub use model::{Embedded, Model};
