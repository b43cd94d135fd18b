//! The answer engine as an app of a help desk: it gets the guests' questions as events, ranks the desk's FAQs and
//! calls `answer_user_query`. It works with any server of the Helpdesk v1 API: Deskwire, Feishu or Lark.
//!
//! *The way of a question.* [`connection`] or [`webhook`] hands an event to [`intake`], which puts the question into
//! the [`ledger`]; only then is the event acknowledged. [`answer`] takes what is due from the ledger, ranks it with
//! [`faqs`], notes the call it is about to make and makes it with [`client`].
//!
//! *What is guaranteed.* An acknowledged question is answered, also after a crash. What is sent again is the same call,
//! which the desk takes as one. Several instances may run, each with a folder of its own: an event that reaches two of
//! them is answered once, because the desk refuses a second answer.

mod answer;
mod client;
mod clock;
mod connection;
mod faqs;
mod intake;
mod ledger;
mod report;
mod shadow;
mod webhook;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

use answer::Answering;
use client::{CallError, Client};
pub use clock::{Clock, SystemClock};
use faqs::Faqs;
use intake::Intake;
use ledger::Ledger;
pub use report::{Band, Outcomes, Report, ReportSettings, report};
use shadow::Shadow;
pub use webhook::Webhook;

/// Who the app is, and at which help desk. Never logged.
#[derive(Clone)]
pub struct Credentials {
    /// `cli_…`
    pub app_id: String,
    /// The app's secret.
    pub app_secret: String,
    /// Decimal id of the help desk.
    pub helpdesk_id: String,
    /// The help desk's token, `ht-…`.
    pub helpdesk_token: String,
}

/// When the engine answers how.
#[derive(Debug, Clone, Copy)]
pub struct Thresholds {
    /// From this score on, 0 to 1, the best FAQ is the answer.
    pub direct_score: f64,
    /// From this score on, 0 to 1, the best FAQs are offered.
    pub list_score: f64,
    /// How many FAQs are offered at most, 1 to 49.
    pub list_size: usize,
    /// Sends further candidates along with a sure answer.
    pub related: bool,
    /// Sends nothing at all below `list_score`, instead of an answer without FAQs.
    pub silent_below: bool,
}

/// How the app runs.
#[derive(Clone)]
pub struct Settings {
    /// The server, such as `https://open.feishu.cn`, without a path.
    pub base_url: String,
    /// Who the app is.
    pub credentials: Credentials,
    /// The folder with the ledger; one for each instance.
    pub data_dir: PathBuf,
    /// When it answers how.
    pub thresholds: Thresholds,
    /// Questions older than this are left alone.
    pub max_age: Duration,
    /// Time between two readings of all FAQs.
    pub sync_every: Duration,
    /// Where events (with `webhook`) and health checks come in.
    pub listen: Option<SocketAddr>,
    /// Events by webhook; `None` for the long connection.
    pub webhook: Option<Webhook>,
    /// Subscribes to message events at the start.
    pub subscribe: bool,
    /// Notes answers in this file instead of giving them.
    pub shadow: Option<PathBuf>,
    /// The time; [`SystemClock`] outside tests.
    pub clock: Arc<dyn Clock>,
}

/// Why it cannot run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StartError {
    /// A setting or a credential is wrong.
    #[error("{0}")]
    Config(String),
    /// Anything else.
    #[error("{0}")]
    Other(String),
}

/// What became of questions since the start.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    answered: AtomicU64,
    nothing_found: AtomicU64,
    left: AtomicU64,
    retried: AtomicU64,
}

impl Counts {
    fn count(&self, outcome: &str) {
        let counter = match outcome {
            "answered" => &self.answered,
            "nothing_found" => &self.nothing_found,
            _ => &self.left,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    fn text(&self) -> String {
        let value = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        format!(
            "# TYPE deskwire_answer_questions counter\n\
             deskwire_answer_questions_total{{outcome=\"answered\"}} {}\n\
             deskwire_answer_questions_total{{outcome=\"nothing_found\"}} {}\n\
             deskwire_answer_questions_total{{outcome=\"left\"}} {}\n\
             # TYPE deskwire_answer_retries counter\n\
             deskwire_answer_retries_total {}\n",
            value(&self.answered),
            value(&self.nothing_found),
            value(&self.left),
            value(&self.retried)
        )
    }
}

/// An app that answers.
pub struct Answerer {
    stop: watch::Sender<bool>,
    receiving: Vec<JoinHandle<Result<(), StartError>>>,
    answering: JoinHandle<()>,
    ledger: Ledger,
    address: Option<SocketAddr>,
}

impl std::fmt::Debug for Answerer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answerer").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Answerer {
    /// Reads all FAQs, then begins to receive and to answer. With the long connection it answers once there is one.
    ///
    /// # Errors
    /// [`StartError::Config`] if the server refuses the credentials, or a setting cannot be used.
    pub async fn start(settings: Settings) -> Result<Self, StartError> {
        let client =
            Arc::new(Client::new(&settings.base_url, settings.credentials.clone(), Arc::clone(&settings.clock))?);
        let (folder, desk) = (settings.data_dir.clone(), settings.credentials.helpdesk_id.clone());
        let opened = tokio::task::spawn_blocking(move || Ledger::open(&folder, &desk)).await;
        let opened = opened.map_err(|error| StartError::Other(error.to_string()))?;
        let ledger = opened.map_err(|why| StartError::Config(format!("data_dir: {why}")))?;
        let shadow = match &settings.shadow {
            Some(path) => {
                let opened = Shadow::open(path, ledger.clone(), settings.thresholds.direct_score).await;
                Some(opened.map_err(|why| StartError::Config(format!("shadow: {why}")))?)
            }
            None => None,
        };
        let listener = listen(settings.listen).await?;
        let faqs = Arc::new(Faqs::default());
        let round = first(&client, &faqs).await?;
        tracing::info!(faqs = round.total, "the FAQs are read");
        if settings.subscribe {
            subscribe(&client).await?;
        }
        let (stop, stopped) = watch::channel(false);
        let (live, is_live) = watch::channel(false);
        let (came, counts) = (Arc::new(Notify::new()), Arc::new(Counts::default()));
        let intake = Intake {
            ledger: ledger.clone(),
            came: Arc::clone(&came),
            app_id: settings.credentials.app_id.clone(),
            clock: Arc::clone(&settings.clock),
        };
        let mut receiving = Vec::new();
        let address = listener.as_ref().and_then(|listener| listener.local_addr().ok());
        if let Some(listener) = listener {
            let webhook = settings.webhook.clone().map(|webhook| (Arc::new(webhook), intake.clone()));
            let state = webhook::Listener { webhook, live: is_live.clone(), counts: Arc::clone(&counts) };
            let stopped = stopped.clone();
            receiving.push(tokio::spawn(async move {
                webhook::run(listener, state, stopped).await;
                Ok(())
            }));
        }
        if settings.webhook.is_none() {
            receiving.push(tokio::spawn(connection::run(Arc::clone(&client), intake, live, stopped.clone())));
        }
        tokio::spawn(keep_up(
            Arc::clone(&client),
            Arc::clone(&faqs),
            ledger.clone(),
            settings.sync_every,
            stopped.clone(),
        ));
        let answering = Arc::new(Answering {
            client,
            faqs,
            ledger: ledger.clone(),
            came,
            thresholds: settings.thresholds,
            max_age_ms: i64::try_from(settings.max_age.as_millis()).unwrap_or(i64::MAX),
            counts,
            shadow,
            clock: settings.clock,
        });
        let mut started = Self { stop, receiving, answering: tokio::spawn(answering.run(stopped)), ledger, address };
        if settings.webhook.is_none() {
            started.connected(is_live).await?;
        }
        Ok(started)
    }

    /// Where it listens.
    pub fn address(&self) -> Option<SocketAddr> {
        self.address
    }

    async fn connected(&mut self, mut live: watch::Receiver<bool>) -> Result<(), StartError> {
        tokio::select! {
            _ = live.wait_for(|live| *live) => Ok(()),
            error = self.failed() => Err(error),
        }
    }

    /// Waits until it can go on no longer, and says why.
    pub async fn failed(&mut self) -> StartError {
        // The connection is the last that was begun, and the only one that fails.
        match self.receiving.last_mut() {
            Some(task) => match task.await {
                Ok(Err(error)) => error,
                Ok(Ok(())) => StartError::Other("receiving ended".to_owned()),
                Err(error) => StartError::Other(format!("receiving ended: {error}")),
            },
            None => std::future::pending().await,
        }
    }

    /// Receives no more, finishes what is under way for up to `patience`, and ends. What is left is answered after the
    /// next start.
    pub async fn shutdown(mut self, patience: Duration) {
        self.stop.send_replace(true);
        let ending = async {
            let _ = (&mut self.answering).await;
            for task in self.receiving.iter_mut().filter(|task| !task.is_finished()) {
                let _ = task.await;
            }
        };
        if tokio::time::timeout(patience, ending).await.is_err() {
            tracing::warn!("not all could be finished in time; the rest is answered after the next start");
            self.answering.abort();
            self.receiving.iter().for_each(JoinHandle::abort);
        }
        self.ledger.close();
    }
}

async fn listen(address: Option<SocketAddr>) -> Result<Option<TcpListener>, StartError> {
    let Some(address) = address else { return Ok(None) };
    let bound = TcpListener::bind(address).await.map_err(|error| {
        StartError::Config(format!("listen: {address} cannot be used: {error}; allowed is a free address"))
    });
    bound.map(Some)
}

/// The first reading of all FAQs, tried until the server can be reached; a refusal ends it.
async fn first(client: &Client, faqs: &Faqs) -> Result<faqs::Round, StartError> {
    loop {
        match faqs.synchronise(client).await {
            Ok(round) => return Ok(round),
            Err(error @ CallError::Refused { .. }) => {
                return Err(StartError::Config(format!(
                    "the server refused to list the FAQs: {error}; check app_id, app_secret, helpdesk_id, \
                     helpdesk_token and the app's scopes"
                )));
            }
            Err(error) => tracing::warn!(%error, "the FAQs cannot be read; trying again"),
        }
    }
}

/// Subscribes, tried until the server can be reached; a refusal ends it.
async fn subscribe(client: &Client) -> Result<(), StartError> {
    let pair = json!({"type": "helpdesk.ticket_message", "subtype": "ticket_message.created_v1"});
    let body = json!({"events": [pair]}).to_string();
    loop {
        match client.call(Method::POST, "/events/subscribe", Some(&body)).await {
            Ok(_) => return Ok(()),
            Err(error @ CallError::Refused { .. }) => return Err(StartError::Config(format!("subscribe: {error}"))),
            Err(error) => tracing::warn!(%error, "the events cannot be subscribed to; trying again"),
        }
    }
}

/// Reads the FAQs again and again, and forgets old questions.
async fn keep_up(
    client: Arc<Client>,
    faqs: Arc<Faqs>,
    ledger: Ledger,
    every: Duration,
    mut stop: watch::Receiver<bool>,
) {
    while !*stop.borrow() {
        tokio::select! {
            _ = stop.changed() => return,
            () = client.clock().sleep(every) => {}
        }
        match faqs.synchronise(&client).await {
            Ok(round) if round.changed + round.removed > 0 => {
                tracing::info!(round.total, round.changed, round.removed, "FAQs changed");
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "the FAQs cannot be read; answering with those that are known"),
        }
        if let Err(error) = ledger.prune(client.clock().unix_ms()).await {
            tracing::warn!(%error, "old questions cannot be forgotten");
        }
    }
}

/// A number below `limit`, for waits only.
#[expect(clippy::disallowed_methods, reason = "the one place where this app takes randomness")]
pub(crate) fn random_below(limit: u64) -> u64 {
    use rand::RngExt as _;
    rand::rng().random_range(0..limit.max(1))
}

/// How long to wait after so many failures: 0.2 s doubled up to about a minute, a random half of it left out.
pub(crate) fn backoff(failures: u32) -> Duration {
    let whole = (200_u64 << failures.min(8)).min(60_000);
    Duration::from_millis(whole / 2 + random_below(whole / 2))
}
