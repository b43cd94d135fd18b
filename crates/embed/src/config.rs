//! What the JSON files of a model directory say.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::EmbedError;

/// `config.json` of an encoder.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Encoder {
    pub(crate) model_type: String,
    pub(crate) hidden_size: usize,
    pub(crate) intermediate_size: usize,
    pub(crate) num_hidden_layers: usize,
    pub(crate) num_attention_heads: usize,
    pub(crate) max_position_embeddings: usize,
    pub(crate) vocab_size: usize,
    #[serde(default = "two")]
    pub(crate) type_vocab_size: usize,
    #[serde(default = "small")]
    pub(crate) layer_norm_eps: f32,
    #[serde(default)]
    pub(crate) hidden_act: Activation,
    #[serde(default)]
    pub(crate) pad_token_id: usize,
    #[serde(default)]
    position_embedding_type: Option<String>,
}

fn two() -> usize {
    2
}

fn small() -> f32 {
    1e-12
}

/// What stands between the two halves of a feed-forward layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Activation {
    #[default]
    Gelu,
    #[serde(alias = "gelu_pytorch_tanh")]
    GeluNew,
    Relu,
}

/// How the vectors of a text's tokens become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pooling {
    Mean,
    Cls,
}

/// Everything that the JSON files say.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    pub(crate) encoder: Encoder,
    pub(crate) pooling: Pooling,
    /// Most tokens of a text, with the special ones.
    pub(crate) max_tokens: usize,
    /// Whether `vocab.txt`, if that is all there is, holds lower-case words.
    pub(crate) lower_case: bool,
}

#[derive(Deserialize)]
struct Module {
    path: String,
    r#type: String,
}

#[derive(Deserialize)]
struct PoolingFile {
    #[serde(default, rename = "pooling_mode_cls_token")]
    cls: bool,
    #[serde(default, rename = "pooling_mode_mean_tokens")]
    mean: bool,
    #[serde(default, rename = "pooling_mode")]
    mode: Option<String>,
}

#[derive(Default, Deserialize)]
struct SentenceFile {
    max_seq_length: Option<usize>,
}

#[derive(Default, Deserialize)]
struct TokenizerFile {
    do_lower_case: Option<bool>,
    /// Some files give 1e30 here for "no limit".
    model_max_length: Option<f64>,
}

/// Reads and checks the JSON files of `dir`. Also tells whether one of them says how a text is pooled.
pub(crate) fn read(dir: &Path) -> Result<(Config, bool), EmbedError> {
    let path = dir.join("config.json");
    let encoder: Encoder = required(&path)?;
    encoder.check(&path)?;
    let told = pooling(dir)?;
    let (pooling, pooling_told) = (told.unwrap_or(Pooling::Mean), told.is_some());
    let sentence: SentenceFile = optional(&dir.join("sentence_bert_config.json"))?.unwrap_or_default();
    let tokenizer: TokenizerFile = optional(&dir.join("tokenizer_config.json"))?.unwrap_or_default();
    let positions = encoder.max_position_embeddings - encoder.first_position();
    let told = sentence.max_seq_length.or_else(|| whole(tokenizer.model_max_length?)).unwrap_or(positions);
    let max_tokens = told.min(positions);
    if max_tokens < 3 {
        return Err(EmbedError::model(
            &path,
            format!("texts of {max_tokens} tokens are too short, allowed are 3 or more"),
        ));
    }
    let lower_case = tokenizer.do_lower_case.unwrap_or(true);
    Ok((Config { encoder, pooling, max_tokens, lower_case }, pooling_told))
}

/// A count that a file gives as a float; `None` above what any encoder has.
fn whole(value: f64) -> Option<usize> {
    (1.0..1e6).contains(&value).then(|| format!("{value:.0}").parse().ok())?
}

impl Encoder {
    fn check(&self, path: &Path) -> Result<(), EmbedError> {
        let wrong = |why: String| Err(EmbedError::model(path, why));
        if !["bert", "roberta", "xlm-roberta", "camembert"].contains(&self.model_type.as_str()) {
            return wrong(format!(
                "model_type is {:?}, allowed are bert (also MiniLM, BGE, E5), roberta, xlm-roberta, camembert",
                self.model_type
            ));
        }
        if self.position_embedding_type.as_deref().is_some_and(|kind| kind != "absolute") {
            return wrong("position_embedding_type: only absolute is supported".to_owned());
        }
        let sizes = [
            ("hidden_size", self.hidden_size, 8_192),
            ("intermediate_size", self.intermediate_size, 65_536),
            ("num_hidden_layers", self.num_hidden_layers, 100),
            ("num_attention_heads", self.num_attention_heads, 128),
            ("max_position_embeddings", self.max_position_embeddings, 100_000),
            ("vocab_size", self.vocab_size, 10_000_000),
            ("type_vocab_size", self.type_vocab_size, 1_000),
        ];
        if let Some((key, value, most)) = sizes.into_iter().find(|(_, value, most)| !(1..=*most).contains(value)) {
            return wrong(format!("{key} is {value}, allowed is 1 to {most}"));
        }
        if !self.hidden_size.is_multiple_of(self.num_attention_heads) {
            return wrong("hidden_size must be a multiple of num_attention_heads".to_owned());
        }
        if self.max_position_embeddings <= self.first_position() {
            return wrong("max_position_embeddings leaves no room for a text".to_owned());
        }
        Ok(())
    }

    /// Number of a text's first position: the `RoBERTa` family counts from behind its padding.
    pub(crate) fn first_position(&self) -> usize {
        if self.model_type == "bert" { 0 } else { self.pad_token_id + 1 }
    }
}

/// `modules.json` says where the pooling's file is, and which other modules there are. `None` without that file.
fn pooling(dir: &Path) -> Result<Option<Pooling>, EmbedError> {
    let path = dir.join("modules.json");
    let modules: Option<Vec<Module>> = optional(&path)?;
    let mut file = dir.join("1_Pooling/config.json");
    for module in modules.unwrap_or_default() {
        match module.r#type.rsplit('.').next().unwrap_or_default() {
            "Transformer" if module.path.is_empty() => {}
            // Every vector is brought to length 1 in any case: only the cosine is used.
            "Normalize" => {}
            "Pooling" => file = dir.join(inside(&path, &module.path)?).join("config.json"),
            other => {
                let why = format!(
                    "module {other} at {:?} is not supported, allowed are Transformer, Pooling, Normalize",
                    module.path
                );
                return Err(EmbedError::model(&path, why));
            }
        }
    }
    let Some(told) = optional::<PoolingFile>(&file)? else { return Ok(None) };
    match told.mode.as_deref() {
        Some("mean") => return Ok(Some(Pooling::Mean)),
        Some("cls") => return Ok(Some(Pooling::Cls)),
        Some(other) => {
            return Err(EmbedError::model(&file, format!("pooling_mode is {other:?}, allowed are mean and cls")));
        }
        None => {}
    }
    match (told.mean, told.cls) {
        (true, false) => Ok(Some(Pooling::Mean)),
        (false, true) => Ok(Some(Pooling::Cls)),
        _ => Err(EmbedError::model(&file, "allowed is one of pooling_mode_mean_tokens and pooling_mode_cls_token")),
    }
}

/// A folder that a file names, which has to be inside the model's.
fn inside(file: &Path, path: &str) -> Result<PathBuf, EmbedError> {
    let path = PathBuf::from(path);
    if path.components().all(|part| matches!(part, std::path::Component::Normal(_))) {
        return Ok(path);
    }
    Err(EmbedError::model(file, format!("{} is not inside the model's directory", path.display())))
}

fn required<T: DeserializeOwned>(path: &Path) -> Result<T, EmbedError> {
    let missing = || EmbedError::Read { path: path.to_path_buf(), source: std::io::ErrorKind::NotFound.into() };
    optional(path)?.ok_or_else(missing)
}

fn optional<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, EmbedError> {
    let text = match std::fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(EmbedError::Read { path: path.to_path_buf(), source }),
    };
    serde_json::from_slice(&text).map(Some).map_err(|error| EmbedError::model(path, error))
}
