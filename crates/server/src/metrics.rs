//! Counters and histograms in the `OpenMetrics` text form. One registry per server, nothing global.

use std::sync::Arc;
use std::time::Duration;

use db::Db;
use desk::outbox::Queue;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric, text};
use prometheus_client::metrics::counter::{ConstCounter, Counter};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::{ConstGauge, Gauge};
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use wire::Code;

/// The answer's content type.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Call {
    endpoint: &'static str,
    code: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByEndpoint {
    endpoint: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct AnswerKind {
    by: &'static str,
    mode: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByTransport {
    transport: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct DeliveryKind {
    transport: &'static str,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct EmbeddingOutcome {
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct FitVerdict {
    verdict: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Eviction {
    why: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByApp {
    app_id: String,
}

type Histograms<L> = Family<L, Histogram, fn() -> Histogram>;

#[derive(Debug, Clone)]
struct Outbox {
    waiting: Gauge,
    dead: Gauge,
    overdue_ms: Gauge,
}

impl Outbox {
    fn registered(registry: &mut Registry) -> Self {
        let outbox = Self { waiting: Gauge::default(), dead: Gauge::default(), overdue_ms: Gauge::default() };
        let help = "Deliveries that are not yet acknowledged, counted up to 100000";
        registry.register("outbox_waiting", help, outbox.waiting.clone());
        registry.register("outbox_dead", "Deliveries that were given up, counted up to 100000", outbox.dead.clone());
        let help = "How long the most overdue delivery has been due, in ms";
        registry.register("outbox_overdue_ms", help, outbox.overdue_ms.clone());
        outbox
    }
}

/// FAQ indexes in memory.
#[derive(Debug, Clone, Default)]
pub struct Indexes {
    desks: Gauge,
    faqs: Gauge,
    bytes: Gauge,
    builds: Counter,
    evictions: Family<Eviction, Counter>,
}

impl Indexes {
    fn registered(registry: &mut Registry) -> Self {
        let indexes = Self::default();
        registry.register("faq_index_desks", "Help desks whose FAQ index is in memory", indexes.desks.clone());
        registry.register("faq_index_faqs", "FAQs in the indexes of this server", indexes.faqs.clone());
        registry.register("faq_index_bytes", "Memory of the indexes of this server", indexes.bytes.clone());
        registry.register("faq_index_builds", "Indexes built from the database", indexes.builds.clone());
        let help = "Indexes that left memory: for want of room, or idle for long";
        registry.register("faq_index_evictions", help, indexes.evictions.clone());
        indexes
    }

    /// Notes how many help desks are in memory, with how many FAQs and bytes.
    pub fn holds(&self, desks: usize, faqs: usize, bytes: usize) {
        for (gauge, count) in [(&self.desks, desks), (&self.faqs, faqs), (&self.bytes, bytes)] {
            gauge.set(i64::try_from(count).unwrap_or(i64::MAX));
        }
    }

    /// Counts an index built.
    pub fn built(&self) {
        self.builds.inc();
    }

    /// Counts indexes that left memory; `why` is room or idle.
    pub fn evicted(&self, why: &'static str, count: usize) {
        self.evictions.get_or_create(&Eviction { why }).inc_by(u64::try_from(count).unwrap_or(u64::MAX));
    }
}

/// The server's metrics. Clones share them.
#[derive(Debug, Clone)]
pub struct Metrics {
    registry: Arc<Registry>,
    requests: Family<Call, Counter>,
    latency: Histograms<ByEndpoint>,
    answers: Family<AnswerKind, Counter>,
    deliveries: Family<DeliveryKind, Counter>,
    delivery_latency: Histogram,
    deliveries_in_flight: Gauge,
    long_connections: Family<ByApp, Gauge>,
    attempt_time: Histograms<ByTransport>,
    outbox: Outbox,
    indexes: Indexes,
    embeddings: Family<EmbeddingOutcome, Counter>,
    embedding_faqs: Gauge,
    embedding_faqs_done: Gauge,
    calibrations: Family<FitVerdict, Counter>,
}

/// The meter of one endpoint, looked up once.
#[derive(Debug, Clone)]
pub struct EndpointMeter {
    id: &'static str,
    succeeded: Counter,
    latency: Histogram,
    requests: Family<Call, Counter>,
}

impl EndpointMeter {
    /// Counts an answer.
    pub fn answered(&self, code: Code, took: Duration) {
        if code == Code::SUCCESS {
            self.succeeded.inc();
        } else {
            self.requests.get_or_create(&Call { endpoint: self.id, code: code.number }).inc();
        }
        self.latency.observe(took.as_secs_f64());
    }
}

fn latency() -> Histogram {
    Histogram::new([0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0])
}

impl Metrics {
    /// Metrics of a server on `db`.
    pub fn new(db: &Db) -> Self {
        let mut registry = Registry::with_prefix("deskwire");
        let requests = Family::default();
        let latency_of: Histograms<ByEndpoint> = Family::new_with_constructor(latency as fn() -> Histogram);
        let (answers, deliveries) = (Family::default(), Family::default());
        // Up to the last retry, 7 h 20 min after the event.
        let bounds = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0, 600.0, 7_200.0, 30_000.0];
        let delivery_latency = Histogram::new(bounds);
        registry.register("requests", "Open API calls by endpoint and code", requests.clone());
        registry.register("request_seconds", "Time to answer an open API call", latency_of.clone());
        registry.register(
            "answers",
            "Accepted answers, by who answered and how they were shown; kept ones came too late to be shown",
            answers.clone(),
        );
        registry.register("deliveries", "Attempts to deliver an event, by transport and outcome", deliveries.clone());
        let deliveries_in_flight = Gauge::default();
        let help = "Attempts to deliver an event that are under way";
        registry.register("deliveries_in_flight", help, deliveries_in_flight.clone());
        let long_connections = Family::default();
        registry.register("long_connections", "Live long connections by app", long_connections.clone());
        let help = "Time from an event's being stored to its first acknowledged delivery";
        registry.register("delivery_seconds", help, delivery_latency.clone());
        let attempt_time: Histograms<ByTransport> = Family::new_with_constructor(latency as fn() -> Histogram);
        registry.register("delivery_attempt_seconds", "How long attempts take, good or bad", attempt_time.clone());
        let outbox = Outbox::registered(&mut registry);
        let indexes = Indexes::registered(&mut registry);
        let embeddings = Family::default();
        let help = "Questions by where their vector came from: cached, made, late (over the time limit), failed; and \
                    batch_failed, rounds of FAQ texts that failed";
        registry.register("embeddings", help, embeddings.clone());
        let (embedding_faqs, embedding_faqs_done) = (Gauge::default(), Gauge::default());
        let help = "FAQs that the pass over all FAQs with the current model has to look at";
        registry.register("embedding_faqs", help, embedding_faqs.clone());
        let help = "FAQs of that pass whose vectors are there";
        registry.register("embedding_faqs_done", help, embedding_faqs_done.clone());
        let calibrations = Family::default();
        let help = "Fits of scores to what people say about answers, by what came of it: better, too_few, no_better";
        registry.register("calibrations", help, calibrations.clone());
        registry.register_collector(Box::new(Database(db.clone())));
        Self {
            registry: Arc::new(registry),
            requests,
            latency: latency_of,
            answers,
            deliveries,
            delivery_latency,
            deliveries_in_flight,
            long_connections,
            attempt_time,
            outbox,
            indexes,
            embeddings,
            embedding_faqs,
            embedding_faqs_done,
            calibrations,
        }
    }

    /// The meter of an endpoint.
    pub fn endpoint(&self, id: &'static str) -> EndpointMeter {
        EndpointMeter {
            id,
            succeeded: self.requests.get_or_create_owned(&Call { endpoint: id, code: 0 }),
            latency: self.latency.get_or_create_owned(&ByEndpoint { endpoint: id }),
            requests: self.requests.clone(),
        }
    }

    /// Counts an answer shown to a guest: `by` app or builtin, `mode` direct, list or none.
    pub fn answered(&self, by: &'static str, mode: &'static str) {
        self.answers.get_or_create(&AnswerKind { by, mode }).inc();
    }

    /// Counts an attempt to deliver: `transport` webhook or `long_connection`, `outcome` acknowledged, failed or given
    /// up; late is an acknowledgement of an attempt that was counted as one of the latter.
    pub fn delivered(&self, transport: &'static str, outcome: &'static str) {
        self.deliveries.get_or_create(&DeliveryKind { transport, outcome }).inc();
    }

    /// Time from an event's being stored to its acknowledgement.
    pub fn delivery_took(&self, took: Duration) {
        self.delivery_latency.observe(took.as_secs_f64());
    }

    /// How long an attempt took, by `transport`.
    pub fn attempt_took(&self, transport: &'static str, took: Duration) {
        self.attempt_time.get_or_create(&ByTransport { transport }).observe(took.as_secs_f64());
    }

    /// How many attempts to deliver are under way.
    pub fn deliveries_in_flight(&self) -> &Gauge {
        &self.deliveries_in_flight
    }

    /// How many long connections an app has here.
    pub fn long_connections(&self, app_id: &str) -> Gauge {
        self.long_connections.get_or_create_owned(&ByApp { app_id: app_id.to_owned() })
    }

    /// Counts an attempt to get vectors: `cached`, `made`, `late` or `failed` for a question, `batch_failed` for FAQs.
    pub fn embedded(&self, outcome: &'static str) {
        self.embeddings.get_or_create(&EmbeddingOutcome { outcome }).inc();
    }

    /// Notes how many FAQs have to be looked at for vectors, and how many have theirs.
    pub fn embedding_progress(&self, total: i64, done: i64) {
        self.embedding_faqs.set(total);
        self.embedding_faqs_done.set(done);
    }

    /// Counts a fit of a help desk's scores by its verdict: `better`, `too_few` or `no_better`.
    pub fn calibrated(&self, verdict: &'static str) {
        self.calibrations.get_or_create(&FitVerdict { verdict }).inc();
    }

    /// The help desks' FAQ indexes.
    pub fn indexes(&self) -> &Indexes {
        &self.indexes
    }

    /// Notes what is counted only when somebody looks: the outbox.
    pub fn looked(&self, queue: Option<Queue>) {
        if let Some(queue) = queue {
            self.outbox.waiting.set(queue.waiting);
            self.outbox.dead.set(queue.dead);
            self.outbox.overdue_ms.set(queue.overdue_ms);
        }
    }

    /// The page.
    pub fn text(&self) -> String {
        let mut page = String::with_capacity(8 * 1024);
        if text::encode(&mut page, &self.registry).is_err() {
            // Writing to a String does not fail; a half page would mislead more than none.
            page.clear();
        }
        page
    }
}

/// The database's own counters, read when the page is asked for.
#[derive(Debug)]
struct Database(Db);

impl Collector for Database {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        let stats = self.0.stats();
        let counters = [
            ("db_commits", "Commits that covered at least one write", stats.groups),
            ("db_writes", "Writes committed", stats.jobs),
            ("db_reads", "Reads taken on", stats.reads),
            ("db_retries", "Transactions run again", stats.retries),
            ("db_busy", "Callers answered busy", stats.busy),
        ];
        for (name, help, value) in counters {
            let counter = ConstCounter::new(value);
            counter.encode(encoder.encode_descriptor(name, help, None, counter.metric_type())?)?;
        }
        let gauges = [
            ("db_writes_queued", "Writes that wait", stats.writes_queued.try_into()),
            ("db_reads_queued", "Reads that wait", stats.reads_queued.try_into()),
            ("db_wal_pages", "Pages of 4 KiB in the write-ahead log", stats.wal_pages.try_into()),
        ];
        for (name, help, value) in gauges {
            let gauge = ConstGauge::new(value.unwrap_or(i64::MAX));
            gauge.encode(encoder.encode_descriptor(name, help, None, gauge.metric_type())?)?;
        }
        Ok(())
    }
}
