//! Text to token ids.

use std::path::{Path, PathBuf};

use tokenizers::models::wordpiece::WordPiece;
use tokenizers::normalizers::BertNormalizer;
use tokenizers::pre_tokenizers::bert::BertPreTokenizer;
use tokenizers::processors::bert::BertProcessing;
use tokenizers::{ModelWrapper, Tokenizer, TruncationParams};

use crate::EmbedError;
use crate::config::Config;

/// A model's tokenizer.
pub(crate) struct Tokens {
    tokenizer: Tokenizer,
    unknown: Option<u32>,
}

/// The file that holds the vocabulary of a model directory.
pub(crate) fn file(dir: &Path) -> PathBuf {
    let whole = dir.join("tokenizer.json");
    if whole.exists() { whole } else { dir.join("vocab.txt") }
}

impl Tokens {
    /// Reads `tokenizer.json`, or a BERT vocabulary of one word piece a line.
    pub(crate) fn read(path: &Path, bytes: &[u8], config: &Config) -> Result<Self, EmbedError> {
        let wrong = |error: tokenizers::Error| EmbedError::model(path, error);
        let mut tokenizer = if path.extension().is_some_and(|kind| kind == "txt") {
            word_pieces(path, bytes, config.lower_case)?
        } else {
            Tokenizer::from_bytes(bytes).map_err(wrong)?
        };
        // Whatever the file says: texts of a batch stand behind each other, so nothing is padded.
        tokenizer.with_padding(None);
        let truncation = TruncationParams { max_length: config.max_tokens, ..TruncationParams::default() };
        tokenizer.with_truncation(Some(truncation)).map_err(wrong)?;
        let most = tokenizer.get_vocab(true).into_values().max().unwrap_or_default();
        if usize::try_from(most).map_or(true, |most| most >= config.encoder.vocab_size) {
            let why = format!("token {most} is outside of the encoder's {} tokens", config.encoder.vocab_size);
            return Err(EmbedError::model(path, why));
        }
        let unknown = unknown(&tokenizer);
        Ok(Self { tokenizer, unknown })
    }

    /// The ids of a text's tokens with the special ones, at most the model's limit.
    pub(crate) fn ids(&self, text: &str) -> Result<Vec<u32>, EmbedError> {
        let encoded = self.tokenizer.encode_fast(text, true).map_err(|error| EmbedError::Text(error.to_string()))?;
        Ok(encoded.get_ids().to_vec())
    }

    /// The share of a text's characters, 0..=1, that known tokens cover; 0 if there is none to know.
    pub(crate) fn known_share(&self, text: &str) -> Result<f32, EmbedError> {
        let encoded =
            self.tokenizer.encode_char_offsets(text, false).map_err(|error| EmbedError::Text(error.to_string()))?;
        // Tokens in order may name a character again (a letter apart from its accent): it counts once.
        let (mut known, mut all, mut done) = (0_u16, 0_u16, 0);
        for (id, (from, to)) in encoded.get_ids().iter().zip(encoded.get_offsets()) {
            let fresh = u16::try_from(to.saturating_sub(done.max(*from))).unwrap_or(u16::MAX);
            done = done.max(*to);
            all = all.saturating_add(fresh);
            if Some(*id) != self.unknown {
                known = known.saturating_add(fresh);
            }
        }
        Ok(if all == 0 { 0.0 } else { f32::from(known) / f32::from(all) })
    }
}

/// The id that stands for what the vocabulary lacks; none if there is no such id.
fn unknown(tokenizer: &Tokenizer) -> Option<u32> {
    let name = match tokenizer.get_model() {
        ModelWrapper::WordPiece(model) => Some(model.unk_token.clone()),
        ModelWrapper::WordLevel(model) => Some(model.unk_token.clone()),
        ModelWrapper::BPE(model) => model.unk_token.clone(),
        ModelWrapper::Unigram(_) => None,
    };
    let usual = ["<unk>", "[UNK]"].map(str::to_owned);
    name.into_iter().chain(usual).find_map(|name| tokenizer.token_to_id(&name))
}

fn word_pieces(path: &Path, bytes: &[u8], lower_case: bool) -> Result<Tokenizer, EmbedError> {
    let wrong = |error: tokenizers::Error| EmbedError::model(path, error);
    let vocabulary = WordPiece::read_bytes(bytes).map_err(wrong)?;
    let mut tokenizer = Tokenizer::new(WordPiece::builder().vocab(vocabulary).build().map_err(wrong)?);
    tokenizer.with_normalizer(Some(BertNormalizer::new(true, true, None, lower_case))).map_err(wrong)?;
    tokenizer.with_pre_tokenizer(Some(BertPreTokenizer));
    let special = |name: &str| {
        let id = tokenizer.token_to_id(name);
        id.map(|id| (name.to_owned(), id)).ok_or_else(|| EmbedError::model(path, format!("there is no line {name}")))
    };
    let around = BertProcessing::new(special("[SEP]")?, special("[CLS]")?);
    tokenizer.with_post_processor(Some(around));
    Ok(tokenizer)
}
