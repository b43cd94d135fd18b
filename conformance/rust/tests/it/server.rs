//! The server under test: everything here is plain HTTP, without an SDK.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::LazyLock;
use std::time::Duration;

use reqwest::{Client, Method, StatusCode};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::{sleep, timeout};

const FOLDER: &str = env!("CARGO_MANIFEST_DIR");
const READY_WITHIN: Duration = Duration::from_mins(1);

static TENANT: LazyLock<Value> = LazyLock::new(|| {
    let desk: Value = serde_json::from_str(&desk_file()).unwrap();
    desk["tenants"][0].clone()
});

fn desk_file() -> String {
    fs::read_to_string(Path::new(FOLDER).join("../desk.json")).unwrap()
}

/// A member of an entry of the desk file.
pub fn text(of: &Value, member: &str) -> String {
    of[member].as_str().unwrap().to_owned()
}

/// The app that gets its events by long connection.
pub fn app() -> &'static Value {
    &TENANT["apps"][3]
}

/// The help desk whose questions go to apps.
pub fn desk() -> &'static Value {
    &TENANT["helpdesks"][0]
}

/// The help desk's FAQ of this number, from 0.
pub fn faq(number: usize) -> &'static Value {
    &desk()["faqs"][number]
}

/// `deskwire dev` with the desk of `desk.json`. If a test fails, the server's log is printed.
pub struct Server {
    pub url: String,
    http: Client,
    folder: TempDir,
    process: Child,
    /// Kept open, so that the server can still write.
    output: Lines<BufReader<ChildStdout>>,
}

impl Server {
    pub async fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("deskwire-conformance-").tempdir().unwrap();
        let mut desk: Value = serde_json::from_str(&desk_file()).unwrap();
        for app in desk["tenants"][0]["apps"].as_array_mut().unwrap() {
            // Nobody listens for webhooks here.
            if let Some(events) = app.get_mut("events").and_then(Value::as_object_mut) {
                events.remove("url");
            }
        }
        fs::write(folder.path().join("desk.json"), desk.to_string()).unwrap();
        let (process, output, url) = run(folder.path(), "127.0.0.1:0").await;
        let http = Client::builder().no_proxy().build().unwrap();
        Self { url, http, folder, process, output }
    }

    /// Stops it and starts it again at the same address, with the data it had.
    pub async fn restart(&mut self) {
        let pid = Pid::from_raw(self.process.id().unwrap().cast_signed()).unwrap();
        kill_process(pid, Signal::TERM).unwrap();
        let status = self.process.wait().await.unwrap();
        assert!(status.success(), "the server ended with {status}");
        let listen = self.url.strip_prefix("http://").unwrap().to_owned();
        (self.process, self.output, self.url) = run(self.folder.path(), &listen).await;
    }

    /// One HTTP call; answers status and JSON.
    pub async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        bearer: Option<&str>,
    ) -> (StatusCode, Value) {
        let mut request = self.http.request(method, format!("{}{path}", self.url));
        if let Some(bearer) = bearer {
            request = request.bearer_auth(bearer);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await.unwrap();
        (answer.status(), answer.json().await.unwrap())
    }

    async fn dev(&self, path: &str) -> Value {
        let (status, answer) = self.call(Method::GET, &format!("/dev/v1/{path}"), None, None).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        answer
    }

    /// The long connections that are open.
    pub async fn connections(&self) -> Vec<Value> {
        self.dev("connections").await["connections"].as_array().unwrap().clone()
    }

    async fn deliveries(&self) -> Vec<Value> {
        self.dev("deliveries?limit=200").await["deliveries"].as_array().unwrap().clone()
    }

    /// The deliveries, as soon as they are as `wanted` says, within 10 s.
    async fn deliveries_until(&self, wanted: impl Fn(&[Value]) -> bool) -> Vec<Value> {
        for _ in 0..200 {
            let found = self.deliveries().await;
            if wanted(&found) {
                return found;
            }
            sleep(Duration::from_millis(50)).await;
        }
        panic!("deliveries are not as they should be: {:#?}", self.deliveries().await);
    }

    /// Waits until the app has acknowledged everything; answers its deliveries.
    pub async fn delivered(&self) -> Vec<Value> {
        let found = self.deliveries_until(|all| all.iter().all(|one| one["state"] == "delivered")).await;
        for delivery in &found {
            assert!(delivery["outcome"].as_str().unwrap().starts_with("200 in "), "{delivery}");
        }
        found
    }

    /// The body's id of an event about a message, of whichever comes first.
    pub async fn event_id_of_a_message(&self) -> String {
        let of_message = |one: &&Value| one["event_type"] == "helpdesk.ticket_message.created_v1";
        let found = self.deliveries_until(|all| all.iter().any(|one| of_message(&one))).await;
        text(found.iter().find(of_message).unwrap(), "event_id")
    }

    /// The first delivery that the app refuses.
    pub async fn refused(&self) -> Value {
        let refused = |one: &&Value| one["outcome"].as_str().is_some_and(|outcome| outcome.starts_with("500 in "));
        let found = self.deliveries_until(|all| all.iter().any(|one| refused(&one))).await;
        found.iter().find(refused).unwrap().clone()
    }

    /// A user access token of the help desk's owner, without a browser.
    pub async fn owner_token(&self) -> String {
        let body = json!({"open_id": TENANT["users"][0]["open_id"], "app_id": app()["app_id"]});
        let (status, answer) = self.call(Method::POST, "/dev/v1/user_tokens", Some(&body), None).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        text(&answer, "user_access_token")
    }

    pub async fn advance_clock(&self, ms: u64) {
        let body = json!({"advance_ms": ms});
        let (status, answer) = self.call(Method::POST, "/dev/v1/clock", Some(&body), None).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = fs::read_to_string(self.folder.path().join("server.log")).unwrap_or_default();
            eprintln!("--- server log\n{log}--- end of server log");
        }
    }
}

async fn run(folder: &Path, listen: &str) -> (Child, Lines<BufReader<ChildStdout>>, String) {
    let binary = std::env::var_os("DESKWIRE_BIN")
        .map_or_else(|| Path::new(FOLDER).join("../../target/debug/deskwire"), PathBuf::from);
    let log = File::options().create(true).append(true).open(folder.join("server.log")).unwrap();
    let mut process = Command::new(&binary)
        .args(["dev", "--database", "sqlite:kept.db", "--listen", listen])
        .arg("--data-dir")
        .arg(folder.join("data"))
        .arg("--apply")
        .arg(folder.join("desk.json"))
        .stdout(Stdio::piped())
        .stderr(log)
        .kill_on_drop(true)
        .spawn()
        .unwrap_or_else(|error| panic!("{} does not run: {error}", binary.display()));
    let mut output = BufReader::new(process.stdout.take().unwrap()).lines();
    let ready = async {
        while let Some(line) = output.next_line().await.unwrap() {
            if let Some(rest) = line.strip_prefix("ready ") {
                return rest.split(' ').next().map(str::to_owned);
            }
        }
        None
    };
    let url = timeout(READY_WITHIN, ready).await.ok().flatten();
    let told = || fs::read_to_string(folder.join("server.log")).unwrap();
    let url = url.unwrap_or_else(|| panic!("{} did not become ready:\n{}", binary.display(), told()));
    (process, output, url)
}
