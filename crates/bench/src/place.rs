//! Where a server's data lies, and how it is filled while no server runs on it.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context, Result, anyhow, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use db::params;
use desk::Refusal;
use desk::deskfile::{self, Format};
use desk::directory::{App as DeskApp, Helpdesk};
use desk::guest::{self, Arrival};
use desk::message::{self, Draft};
use desk::person::NewGuest;
use serde_json::{Value, json};
use server::clock::Clock;
use server::settings::{Mode, PartialSettings};
use server::{App, Server};
use tempfile::TempDir;

use crate::process::Process;

/// The help desk.
pub const DESK: &str = "6900000000000000001";
/// Its token.
const DESK_TOKEN: &str = "ht-bench";
/// The app that answers.
const APP: &str = "cli_a000000000000001";
/// Who owns it and works in its console.
pub const EMAIL: &str = "ada@bench.test";
/// Their password.
pub const PASSWORD: &str = "ada-bench";
/// The FAQ that answers name.
pub const FAQ: &str = "6900000000000001001";
/// Questions in one transaction.
const BATCH: usize = 100;

/// A throw-away PostgreSQL server of the repository's own script.
#[derive(Debug)]
pub struct Cluster {
    child: Child,
    admin: String,
}

static MADE: AtomicU32 = AtomicU32::new(0);

impl Cluster {
    /// Starts it, with `fsync` on.
    pub fn start(repository: &Path) -> Result<Self> {
        use std::io::BufRead as _;
        let script = repository.join("scripts/with-postgres");
        let mut child = Command::new(&script)
            .args(["sh", "-c", "echo \"url $DESKWIRE_TEST_POSTGRES\"; exec cat >/dev/null"])
            .env("DESKWIRE_TEST_POSTGRES_FSYNC", "on")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("{} cannot be run", script.display()))?;
        let out = child.stdout.take().context("a pipe was asked for")?;
        let mut told = std::io::BufReader::new(out).lines().map_while(Result::ok);
        let admin = told.find_map(|line| line.strip_prefix("url ").map(str::to_owned));
        let admin = admin.context("PostgreSQL did not start")?;
        Ok(Self { child, admin })
    }

    /// Makes an empty database and tells its URL.
    fn database(&self) -> Result<String> {
        let name = format!("bench_{}", MADE.fetch_add(1, Ordering::Relaxed));
        let (server, _) = self.admin.rsplit_once('/').context("a URL that ends in /database")?;
        let url = format!("{server}/{name}");
        let admin = self.admin.clone();
        // A thread of its own, because the client brings its own runtime.
        let made = std::thread::spawn(move || {
            postgres::Client::connect(&admin, postgres::NoTls)
                .and_then(|mut client| client.batch_execute(&format!("CREATE DATABASE {name}")))
        });
        made.join().map_err(|_| anyhow!("the thread that makes the database panicked"))??;
        Ok(url)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // Its input ends, so `cat` ends, so the script stops the server and removes its files.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// Data of one server.
#[derive(Debug)]
pub struct Place {
    folder: TempDir,
    /// For `--database`; `None` is the default SQLite file.
    database: Option<String>,
}

/// The desk file's variable parts.
#[derive(Debug, Default)]
pub struct Desk {
    /// `app` or `builtin`.
    pub by: &'static str,
    /// Where the app gets its events.
    pub url: Option<String>,
    /// How many FAQs there are.
    pub faqs: usize,
    /// Further apps that get the same events: a URL each, or nothing for a long connection.
    pub others: Vec<Option<String>>,
}

/// The id of the app at this place among [`Desk::others`].
pub fn other_app(at: usize) -> String {
    format!("cli_b{at:015}")
}

/// The secret of every app.
pub const APP_SECRET: &str = "secret";

/// A question that waits for an answer.
#[derive(Debug, Clone)]
pub struct Question {
    /// Its ticket.
    pub ticket_id: i64,
    /// The body's id of its message event.
    pub event_id: String,
    /// The guest's session.
    pub session: String,
}

/// Counts of rows.
#[derive(Debug, Clone, Copy)]
pub struct Rows {
    /// Questions that an app answered.
    pub answered: i64,
    /// Messages of guests.
    pub asked: i64,
    /// Deliveries that wait.
    pub pending: i64,
    /// Deliveries that were acknowledged.
    pub delivered: i64,
}

impl Place {
    /// A new SQLite database.
    pub fn sqlite() -> Result<Self> {
        Ok(Self { folder: tempfile::tempdir()?, database: None })
    }

    /// A new database of this cluster.
    pub fn postgres(cluster: &Cluster) -> Result<Self> {
        Ok(Self { folder: tempfile::tempdir()?, database: Some(cluster.database()?) })
    }

    /// The folder, which goes with this value.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The server's data directory.
    pub fn data_dir(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The SQLite file.
    pub fn file(&self) -> PathBuf {
        self.data_dir().join("deskwire.db")
    }

    /// Starts the product on this data.
    pub fn serve(&self, deskwire: &Path) -> Result<Process> {
        self.start(deskwire, "serve")
    }

    /// Starts the product, or its developer server.
    pub fn start(&self, deskwire: &Path, command: &str) -> Result<Process> {
        let mut run = Command::new(deskwire);
        run.arg(command).args(["--listen", "127.0.0.1:0", "--rate-limits", "off", "--allow-private-webhooks"]);
        run.arg("--data-dir").arg(self.data_dir());
        if let Some(url) = &self.database {
            run.args(["--database", url]);
        }
        Process::start(run, &self.folder.path().join("log"))
    }

    /// Opens the data without a server.
    pub async fn open(&self) -> Result<Open> {
        let settings = PartialSettings {
            data_dir: Some(self.data_dir()),
            database: self.database.clone(),
            ..PartialSettings::default()
        };
        let server = Server::open(settings.finish(Mode::Serve)?, Clock::system()).await?;
        let app = server.app().clone();
        Ok(Open { server, app })
    }
}

/// Data that is open in this process, to be filled or counted.
#[derive(Debug)]
pub struct Open {
    server: Server,
    app: App,
}

impl Open {
    /// Closes it; a server may start then.
    pub async fn close(self) {
        self.server.close().await;
    }

    /// Makes the help desk as asked.
    pub async fn apply(&self, desk: &Desk) -> Result<()> {
        let (app, text) = (self.app.clone(), desk_file(desk).to_string());
        let applied = tokio::task::spawn_blocking(move || {
            let file = deskfile::parse(&text, Format::Json, &|_| None).map_err(|faults| anyhow!("{faults:?}"))?;
            deskfile::put(app.db(), (app.vault(), app.ids()), app.now_ms(), file, false)?;
            anyhow::Ok(())
        });
        applied.await??;
        self.app.reload_directory().await?;
        Ok(())
    }

    fn desk(&self) -> Result<Arc<Helpdesk>> {
        self.app.directory().helpdesks.values().next().map(Arc::clone).context("no desk file was applied")
    }

    fn desk_app(&self) -> Result<Arc<DeskApp>> {
        self.app.directory().apps.get(APP).map(Arc::clone).context("no desk file was applied")
    }

    /// The headers of an app's call.
    pub fn app_headers(&self) -> Result<Vec<String>> {
        let made = self.app.tokens().tenant(&*self.desk_app()?, self.app.now_ms());
        let (token, _) = made.context("an app id in the wrong form")?;
        let desk = STANDARD.encode(format!("{DESK}:{DESK_TOKEN}"));
        Ok(vec![format!("Authorization: Bearer {token}"), format!("X-Lark-Helpdesk-Authorization: {desk}")])
    }

    /// Stores questions, each of a guest of its own in a ticket of its own, as the guest API would.
    pub async fn ask(&self, count: usize) -> Result<Vec<Question>> {
        self.ask_in(count, 1).await
    }

    /// The same with `each` questions in every ticket.
    pub async fn ask_in(&self, tickets: usize, each: usize) -> Result<Vec<Question>> {
        let side_by_side = match self.app.db().kind() {
            db::Kind::Sqlite => 2,
            db::Kind::Postgres => 6,
        };
        let left = Arc::new(std::sync::Mutex::new(tickets));
        let most = (BATCH / each.max(1)).max(1);
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..side_by_side {
            let (app, desk, left) = (self.app.clone(), self.desk()?, Arc::clone(&left));
            tasks.spawn(async move {
                let mut all = Vec::new();
                while let Some(batch) = take(&left, most) {
                    all.extend(ask(&app, &desk, (batch, each)).await?);
                }
                Ok::<_, Refusal>(all)
            });
        }
        let count = tickets * each;
        let mut all = Vec::with_capacity(count);
        while let Some(done) = tasks.join_next().await {
            all.extend(done??);
        }
        ensure!(all.len() == count, "{} questions were stored instead of {count}", all.len());
        Ok(all)
    }

    /// Marks all deliveries as done, so that the next server starts with an empty outbox.
    pub async fn settle(&self) -> Result<()> {
        let settled = self.app.write(|tx, cx| {
            Ok(tx.execute("UPDATE delivery SET state = 1, finished_at = $1 WHERE state = 0", &params![cx.now])?)
        });
        settled.await?;
        Ok(())
    }

    /// Counts the tickets.
    pub async fn tickets(&self) -> Result<i64> {
        Ok(self.app.read(|tx, _| Ok(tx.query_one("SELECT COUNT(*) FROM ticket", &[], |row| row.int(0))?)).await?)
    }

    /// Counts.
    pub async fn rows(&self) -> Result<Rows> {
        let counted = self.app.read(|tx, _| {
            let mut count = |sql: &'static str| tx.query_one(sql, &[], |row| row.int(0));
            Ok(Rows {
                answered: count("SELECT COUNT(*) FROM question WHERE app_answered_at IS NOT NULL")?,
                asked: count("SELECT COUNT(*) FROM message WHERE sender = 2")?,
                pending: count("SELECT COUNT(*) FROM delivery WHERE state = 0")?,
                delivered: count("SELECT COUNT(*) FROM delivery WHERE state = 1")?,
            })
        });
        Ok(counted.await?)
    }
}

fn take(left: &std::sync::Mutex<usize>, most: usize) -> Option<usize> {
    let mut left = left.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let batch = most.min(*left);
    *left -= batch;
    (batch > 0).then_some(batch)
}

async fn ask(app: &App, desk: &Arc<Helpdesk>, (tickets, each): (usize, usize)) -> Result<Vec<Question>, Refusal> {
    let (tokens, now) = (app.tokens().clone(), app.now_ms());
    let desk = Arc::clone(desk);
    app.write(move |tx, cx| {
        let mut asked = Vec::with_capacity(tickets * each);
        for _ in 0..tickets {
            let new = NewGuest { name: Some("Gina".into()), language: Some("en".into()), ..NewGuest::default() };
            let mut chat = guest::arrive(tx, cx, &desk, &Arrival::New(new))?;
            let session = tokens.guest(&desk.tenant, desk.id, &chat.guest.user_id, &chat.chat_id, now);
            let draft = Draft { text: Some("How do I reset my password?".into()), ..Draft::default() };
            for _ in 0..each {
                let posted = message::post(tx, cx, &desk, &chat, &draft)?.message;
                chat.open_ticket_id = Some(posted.ticket_id);
                let session = session.clone();
                asked.push(Question { ticket_id: posted.ticket_id, event_id: posted.event_id, session });
            }
        }
        Ok(asked)
    })
    .await
}

fn desk_file(desk: &Desk) -> Value {
    let kind = "helpdesk.ticket_message.created_v1";
    let scopes = ["helpdesk:all", "helpdesk:all:readonly", "helpdesk:helpdesk:access"];
    let app = |app_id: &str, url: Option<&String>, delivery: &str| {
        // An empty text removes what an earlier file said.
        let url = url.map(String::as_str).unwrap_or_default();
        let events = json!({"delivery": delivery, "url": url, "verification_token": "v-token", "types": [kind]});
        json!({"app_id": app_id, "app_secret": APP_SECRET, "type": "custom", "scopes": scopes, "events": events})
    };
    let mut apps = vec![app(APP, desk.url.as_ref(), "webhook")];
    for (at, url) in desk.others.iter().enumerate() {
        let delivery = if url.is_some() { "webhook" } else { "long_connection" };
        apps.push(app(&other_app(at), url.as_ref(), delivery));
    }
    let subscription = |app: &Value| {
        let subtype = "ticket_message.created_v1";
        json!({"app": app["app_id"], "type": "helpdesk.ticket_message", "subtype": subtype})
    };
    let subscriptions: Vec<Value> = apps.iter().map(subscription).collect();
    json!({"version": 1, "tenants": [{
        "key": "bench", "name": "Bench Ltd",
        "users": [{"id": "u_ada", "name": "Ada", "email": EMAIL, "password": PASSWORD}],
        "apps": apps,
        "helpdesks": [{
            "id": DESK, "token": DESK_TOKEN, "name": "IT help", "owner": "u_ada", "visibility": "all",
            "answering": {"by": desk.by}, "subscriptions": subscriptions, "faqs": faqs(desk.faqs)}]}]})
}

/// FAQs of usual length. Words are drawn so that some are frequent and most are rare, as in real texts.
fn faqs(count: usize) -> Vec<Value> {
    let mut random = Random(1);
    let first: i64 = 6_900_000_000_000_001_001;
    (first..)
        .zip(0..count)
        .map(|(id, _)| {
            let similar = [random.words(7), random.words(9)];
            json!({"id": id.to_string(), "question": random.words(9), "similar": similar, "answer": random.words(45)})
        })
        .collect()
}

/// A generator that gives the same texts in every run (`SplitMix64`).
#[derive(Debug)]
pub struct Random(pub u64);

impl Random {
    /// The next number.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Puts items in no order.
    pub fn shuffle<T>(&mut self, items: &mut [T]) -> Result<()> {
        for i in (1..items.len()).rev() {
            let j = usize::try_from(self.next() % u64::try_from(i + 1)?)?;
            items.swap(i, j);
        }
        Ok(())
    }

    fn words(&mut self, count: usize) -> String {
        const HEADS: [&str; 20] = [
            "re", "pass", "net", "print", "lap", "mon", "ac", "inv", "tick", "se", "log", "mail", "dev", "holi", "pay",
            "tra", "con", "up", "sto", "de",
        ];
        const TAILS: [&str; 20] = [
            "set", "word", "work", "er", "top", "itor", "count", "oice", "et", "cure", "in", "box", "ice", "day",
            "roll", "vel", "nect", "date", "rage", "sk",
        ];
        let word = |random: &mut Self| {
            // The product of two even numbers falls off like the frequency of words.
            let rank = (random.next() % 90) * (random.next() % 90);
            let part = |n: u64, of: &[&'static str; 20]| of[usize::try_from(n % 20).unwrap_or(0)];
            format!("{}{}{}", part(rank, &HEADS), part(rank / 20, &TAILS), part(rank / 400, &TAILS))
        };
        (0..count).map(|_| word(self)).collect::<Vec<_>>().join(" ")
    }
}
