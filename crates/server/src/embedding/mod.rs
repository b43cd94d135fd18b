//! Sentence vectors: made by a model of this machine or behind an endpoint, or not at all.
//!
//! Everything works without them, only less well: a question whose vector is not there in time is ranked by its words.

mod cache;
mod endpoint;
mod worker;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use embed::{Embedded, Model};
use retrieval::{KNOWN_LEAST, QueryVector};
use tokio::sync::Semaphore;

use crate::clock::Timers;
use crate::master_key;
use crate::metrics::Metrics;
use crate::run::StartError;
use crate::settings::Embeddings;

use cache::Cache;
use endpoint::Endpoint;
pub use endpoint::EndpointSettings;
pub use worker::run;

/// How long a question may wait for its vector.
const PATIENCE: Duration = Duration::from_millis(300);
/// Characters of a question that count; the rest adds nothing to what models read.
const QUESTION_CHARS: usize = 2_000;
/// Questions whose vectors are made at the same time on this machine; more wait, and give up in time.
const SIDE_BY_SIDE: usize = 4;

/// Makes vectors.
#[derive(Debug)]
pub struct Embedder {
    source: Source,
    /// Names the model in the database: whatever may change a vector changes it.
    model: Arc<str>,
    cache: Mutex<Cache>,
    room: Semaphore,
    /// This server, beside others that make vectors for the same database.
    holder: String,
    metrics: Metrics,
    timers: Timers,
}

#[derive(Debug)]
enum Source {
    Local(Arc<Model>),
    Endpoint(Box<Endpoint>),
}

impl Embedder {
    /// Loads the model that the settings name, or makes ready for the endpoint, with limits in this network time.
    ///
    /// # Errors
    /// The model cannot be used, or there is no HTTP client.
    pub async fn open(settings: &Embeddings, metrics: Metrics, timers: Timers) -> Result<Self, StartError> {
        let (source, model) = match settings {
            Embeddings::Model(folder) => {
                let folder = folder.clone();
                let loading = tokio::task::spawn_blocking(move || Model::load(folder));
                let failed = |error: &dyn std::fmt::Display| StartError(format!("model: {error}"));
                let model = loading.await.map_err(|error| failed(&error))?.map_err(|error| failed(&error))?;
                tracing::info!(version = model.version(), dimensions = model.dimensions(), "sentence model loaded");
                let name = format!("local:{}", model.version());
                (Source::Local(Arc::new(model)), name)
            }
            Embeddings::Endpoint(settings) => {
                let endpoint = Endpoint::new(settings.clone(), timers.clone()).await?;
                let name = endpoint.model();
                (Source::Endpoint(Box::new(endpoint)), name)
            }
        };
        let (cache, room) = (Mutex::new(Cache::default()), Semaphore::new(SIDE_BY_SIDE));
        let holder = hex::encode(master_key::random::<16>().map_err(StartError)?);
        Ok(Self { source, model: model.into(), cache, room, holder, metrics, timers })
    }

    /// The name of the model in the database.
    pub fn model(&self) -> &Arc<str> {
        &self.model
    }

    /// The vector of a question; none if it cannot be had in time.
    pub async fn question(&self, text: &str) -> Option<Arc<QueryVector>> {
        let text: String = text.chars().take(QUESTION_CHARS).collect();
        if text.trim().is_empty() {
            return None;
        }
        let cached = self.cache.lock().unwrap_or_else(PoisonError::into_inner).get(&text);
        if cached.is_some() {
            self.metrics.embedded("cached");
            return cached;
        }
        let made = self.timers.timeout(PATIENCE, self.make(&text)).await;
        let Ok(Some(vector)) = made else {
            self.metrics.embedded(if made.is_err() { "late" } else { "failed" });
            return None;
        };
        self.metrics.embedded("made");
        let vector = Arc::new(vector);
        self.cache.lock().unwrap_or_else(PoisonError::into_inner).put(text, Arc::clone(&vector));
        Some(vector)
    }

    async fn make(&self, text: &str) -> Option<QueryVector> {
        let name = Arc::clone(&self.model);
        match &self.source {
            Source::Local(model) => {
                let _room = self.room.acquire().await.ok()?;
                let (model, text) = (Arc::clone(model), text.to_owned());
                let made = tokio::task::spawn_blocking(move || model.embed_known(&[&text], KNOWN_LEAST));
                let Embedded { known, vector } = made.await.ok()?.ok()?.pop()?;
                match vector {
                    Some(vector) => QueryVector::new(name, &vector, known),
                    None => Some(QueryVector::unknown(name, known)),
                }
            }
            Source::Endpoint(endpoint) => {
                let vector = endpoint.question(text).await?.pop()?;
                // An endpoint does not tell its vocabulary; whoever names one chooses a model for the desk's languages.
                QueryVector::new(name, &vector, 1.0)
            }
        }
    }

    /// The vectors of many questions, in their order, however long that takes. None for a text without one, and for all
    /// from the first batch on that cannot be made: those are ranked by their words.
    pub async fn questions(&self, texts: &[String]) -> Vec<Option<Arc<QueryVector>>> {
        // What the model does not know enough of has an empty vector, which is none; how much it knows of the others
        // makes no difference.
        let vector = |made: &Vec<f32>| QueryVector::new(Arc::clone(&self.model), made, 1.0).map(Arc::new);
        let mut vectors = Vec::with_capacity(texts.len());
        for batch in texts.chunks(worker::BATCH.0) {
            let batch: Vec<String> = batch.iter().map(|text| text.chars().take(QUESTION_CHARS).collect()).collect();
            match self.texts(batch).await {
                Ok(made) => vectors.extend(made.iter().map(vector)),
                Err(failed) => {
                    tracing::warn!(why = %failed.why, "vectors of past questions could not be made; words rank alone");
                    break;
                }
            }
        }
        vectors.resize(texts.len(), None);
        vectors
    }

    /// The vectors of FAQ texts, one for each, however long that takes; an empty one for a text that the model does not
    /// know enough of.
    ///
    /// # Errors
    /// Why there are none, for the log, and when to try again.
    async fn texts(&self, texts: Vec<String>) -> Result<Vec<Vec<f32>>, Failed> {
        match &self.source {
            Source::Local(model) => {
                let model = Arc::clone(model);
                let made = tokio::task::spawn_blocking(move || {
                    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
                    model.embed_known(&texts, KNOWN_LEAST)
                });
                let failed = |error: &dyn std::fmt::Display| Failed {
                    why: error.to_string(),
                    again: worker::AGAIN,
                    of_text: false,
                };
                let made = made.await.map_err(|error| failed(&error))?.map_err(|error| failed(&error))?;
                Ok(made.into_iter().map(|made| made.vector.unwrap_or_default()).collect())
            }
            Source::Endpoint(endpoint) => endpoint.texts(&texts).await,
        }
    }
}

/// Vectors could not be made.
#[derive(Debug)]
struct Failed {
    why: String,
    again: Duration,
    /// Whether the texts may be the reason, and not whoever makes the vectors.
    of_text: bool,
}
