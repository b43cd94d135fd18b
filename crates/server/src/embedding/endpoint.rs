//! Vectors from an OpenAI-compatible `/v1/embeddings`.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, HeaderValue, RETRY_AFTER};
use reqwest::{Client, StatusCode, Url, redirect};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{Failed, PATIENCE, worker};
use crate::clock::{Moment, TimedOut, Timers};
use crate::http_client::{self, ConnectWithin};
use crate::run::StartError;
use crate::settings::Secret;

/// How long connecting may take.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);
/// How long a batch of FAQ texts may take.
const BATCH_LIMIT: Duration = Duration::from_secs(30);
/// Largest answer, in bytes: 64 vectors of 4,096 numbers.
const ANSWER_MAX: usize = 16 * 1024 * 1024;
/// Largest vector.
const DIMENSIONS_MAX: usize = 8_192;
/// After so many failures of questions in a row the endpoint is left alone for [`REST`].
const FAILURES: u32 = 3;
const REST: Duration = Duration::from_secs(10);
/// Longest wait that an endpoint may ask for.
const WAIT_MAX: Duration = Duration::from_mins(10);

/// Where vectors come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointSettings {
    /// The whole address, such as `https://api.example.com/v1/embeddings`.
    pub url: Url,
    /// The key, sent as a bearer token.
    pub key: Option<Secret>,
    /// The model's name there.
    pub model: String,
}

#[derive(Debug)]
pub(super) struct Endpoint {
    client: Client,
    settings: EndpointSettings,
    authorization: Option<HeaderValue>,
    circuit: Mutex<Circuit>,
    timers: Timers,
}

/// Keeps questions from waiting for an endpoint that is away.
#[derive(Debug, Default)]
struct Circuit {
    failures: u32,
    closed_until: Option<Moment>,
}

#[derive(Serialize)]
struct Request<'a> {
    model: &'a str,
    input: &'a [&'a str],
    encoding_format: &'static str,
}

#[derive(Deserialize)]
struct Answer {
    data: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    index: usize,
    embedding: Vec<f32>,
}

impl Endpoint {
    pub(super) async fn new(settings: EndpointSettings, timers: Timers) -> Result<Self, StartError> {
        let authorization = settings.key.as_ref().map(|key| {
            let mut value = HeaderValue::from_str(&format!("Bearer {}", key.reveal()))
                .map_err(|_| StartError("embeddings_key: only visible ASCII characters are allowed".to_owned()))?;
            value.set_sensitive(true);
            Ok::<_, StartError>(value)
        });
        // Reads the system's certificates, which takes a while.
        let connecting = ConnectWithin { limit: CONNECT_LIMIT, timers: timers.clone() };
        let building = tokio::task::spawn_blocking(move || {
            let builder = || Client::builder().redirect(redirect::Policy::none()).connector_layer(connecting.clone());
            http_client::build(builder, "an https embeddings_url")
        });
        let failed = |error: &dyn std::fmt::Display| StartError(format!("embeddings_url: {error}"));
        let client = building.await.map_err(|error| failed(&error))?.map_err(|error| failed(&error))?;
        Ok(Self { client, settings, authorization: authorization.transpose()?, circuit: Mutex::default(), timers })
    }

    /// Names the model in the database: the address without what may hold a secret, and the model's name.
    pub(super) fn model(&self) -> String {
        let url = &self.settings.url;
        let (host, port) = (url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or_default());
        let name = format!("{host}:{port}{} {}", url.path(), self.settings.model);
        format!("endpoint:{}", hex::encode(&Sha256::digest(name)[..16]))
    }

    /// The vector of a question, if the endpoint is well. Its failures are counted and logged here, once until it is
    /// well again.
    pub(super) async fn question(&self, text: &str) -> Option<Vec<Vec<f32>>> {
        let now = self.timers.now();
        if self.circuit().closed_until.is_some_and(|until| now < until) {
            return None;
        }
        // The caller stops waiting at its own limit; this one ends a little before it, so that it is counted.
        let asked = self.ask(&[text], PATIENCE.mul_f64(0.95)).await;
        let mut circuit = self.circuit();
        match asked {
            Ok(vectors) => {
                if circuit.failures >= FAILURES {
                    tracing::info!("the embeddings endpoint answers again");
                }
                *circuit = Circuit::default();
                Some(vectors)
            }
            // What somebody asks must not keep others from being understood.
            Err(failed) if failed.of_text => None,
            Err(failed) => {
                circuit.failures = circuit.failures.saturating_add(1);
                if circuit.failures == FAILURES {
                    tracing::warn!(why = %failed.why, "the embeddings endpoint fails; questions are ranked by words");
                }
                if circuit.failures >= FAILURES {
                    circuit.closed_until = Some(self.timers.now() + REST.max(failed.again));
                }
                None
            }
        }
    }

    pub(super) async fn texts(&self, texts: &[String]) -> Result<Vec<Vec<f32>>, Failed> {
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        match self.ask(&texts, BATCH_LIMIT).await {
            Err(failed) if failed.of_text && texts.len() > 1 => self.one_by_one(&texts, failed).await,
            asked => asked,
        }
    }

    /// Finds the texts that the endpoint does not take; they get an empty vector. If it takes none of them, it is not the
    /// texts' fault.
    async fn one_by_one(&self, texts: &[&str], failed: Failed) -> Result<Vec<Vec<f32>>, Failed> {
        let mut vectors = Vec::with_capacity(texts.len());
        for text in texts {
            match self.ask(&[text], BATCH_LIMIT).await {
                Ok(mut made) => vectors.append(&mut made),
                Err(failed) if failed.of_text => vectors.push(Vec::new()),
                Err(failed) => return Err(failed),
            }
        }
        if vectors.iter().all(Vec::is_empty) { Err(failed) } else { Ok(vectors) }
    }

    fn circuit(&self) -> std::sync::MutexGuard<'_, Circuit> {
        self.circuit.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn ask(&self, texts: &[&str], limit: Duration) -> Result<Vec<Vec<f32>>, Failed> {
        let asked = self.timers.timeout(limit, self.ask_without_limit(texts)).await;
        asked.unwrap_or_else(|TimedOut| {
            let why = format!("no answer within {} ms", limit.as_millis());
            Err(Failed { why, again: worker::AGAIN, of_text: false })
        })
    }

    async fn ask_without_limit(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, Failed> {
        let failed = |why: String| Failed { why, again: worker::AGAIN, of_text: false };
        // The address may hold a secret in its query.
        let network = |error: reqwest::Error| failed(format!("no answer: {}", error.without_url()));
        let body = Request { model: &self.settings.model, input: texts, encoding_format: "float" };
        let mut request = self.client.post(self.settings.url.clone()).json(&body);
        if let Some(value) = &self.authorization {
            request = request.header(AUTHORIZATION, value.clone());
        }
        let mut response = request.send().await.map_err(network)?;
        if !response.status().is_success() {
            let told = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
            let again = told.map_or(worker::AGAIN, Duration::from_secs).clamp(Duration::from_secs(1), WAIT_MAX);
            let refused = [StatusCode::BAD_REQUEST, StatusCode::PAYLOAD_TOO_LARGE, StatusCode::UNPROCESSABLE_ENTITY];
            let of_text = refused.contains(&response.status());
            return Err(Failed { why: format!("it answered {}", response.status()), again, of_text });
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(network)? {
            if bytes.len() + chunk.len() > ANSWER_MAX {
                return Err(failed(format!("its answer is longer than {ANSWER_MAX} bytes")));
            }
            bytes.extend_from_slice(&chunk);
        }
        let answer: Answer =
            serde_json::from_slice(&bytes).map_err(|error| failed(format!("its answer cannot be read: {error}")))?;
        in_order(answer, texts.len()).map_err(failed)
    }
}

/// The vectors in the order of the texts: the answer may have another, and says the places.
fn in_order(answer: Answer, count: usize) -> Result<Vec<Vec<f32>>, String> {
    let mut vectors = vec![Vec::new(); count];
    for item in answer.data {
        match vectors.get_mut(item.index) {
            Some(place) if place.is_empty() => *place = item.embedding,
            _ => return Err(format!("its answer has a vector {} that was not asked for", item.index)),
        }
    }
    let dimensions = vectors.first().map_or(0, Vec::len);
    if dimensions == 0 || dimensions > DIMENSIONS_MAX || vectors.iter().any(|vector| vector.len() != dimensions) {
        return Err(format!("its answer must have {count} vectors of the same length, 1 to {DIMENSIONS_MAX}"));
    }
    Ok(vectors)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, count: usize) -> Result<Vec<Vec<f32>>, String> {
        in_order(serde_json::from_str(text).unwrap(), count)
    }

    #[test]
    fn vectors_come_into_the_order_of_the_texts() {
        let answer = r#"{"data":[{"index":1,"embedding":[3,4]},{"index":0,"embedding":[1,2]}],"model":"m"}"#;
        assert_eq!(read(answer, 2).unwrap(), [[1.0, 2.0], [3.0, 4.0]]);
    }

    #[test]
    fn answers_that_do_not_fit_are_refused() {
        let one = |index| format!(r#"{{"index":{index},"embedding":[1]}}"#);
        let many = |items: &[String]| format!(r#"{{"data":[{}]}}"#, items.join(","));
        assert!(read(&many(&[]), 1).is_err());
        assert!(read(&many(&[one(0)]), 2).is_err());
        assert!(read(&many(&[one(0), one(0)]), 2).is_err());
        assert!(read(&many(&[one(0), one(5)]), 2).is_err());
        assert!(read(r#"{"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":[1,2]}]}"#, 2).is_err());
    }
}
