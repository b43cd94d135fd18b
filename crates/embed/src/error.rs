//! The one error.

use std::path::{Path, PathBuf};

/// Why a model cannot be used. One line that names the file, what is wrong and what is allowed.
#[derive(Debug, thiserror::Error)]
pub enum EmbedError {
    /// A file is missing or cannot be read.
    #[error("{}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file says something that does not fit or is not supported.
    #[error("{}: {why}", path.display())]
    Model {
        /// The file.
        path: PathBuf,
        /// What is wrong, and what is allowed.
        why: String,
    },
    /// A text could not be turned into tokens.
    #[error("the text cannot be tokenized: {0}")]
    Text(String),
}

impl EmbedError {
    pub(crate) fn model(path: impl AsRef<Path>, why: impl std::fmt::Display) -> Self {
        Self::Model { path: path.as_ref().to_path_buf(), why: why.to_string() }
    }
}
