//! `deskwire answer` beside a running `deskwire serve`: each question is answered once and none is lost, whatever
//! happens to the answering app.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::apply::{APP_ID, DESK, DESK_ID};
use crate::bench::{Bench, Server};
use crate::chat::Chat;

const GUESTS: usize = 20;
/// Questions of each guest.
const EACH: usize = 50;
const PATIENCE: Duration = Duration::from_mins(1);

/// A running `deskwire answer`; killed when it is dropped.
struct Instance(Child);

impl Instance {
    fn start(bench: &Bench, url: &str, folder: &str, more: &[&str]) -> Self {
        let fixed = ["answer", "--base-url", url, "--app-id", APP_ID, "--helpdesk-id", DESK_ID, "--data-dir", folder];
        let mut command: Command = bench.command(&[&fixed[..], &["--log", "warn"], more].concat());
        command.env("DESKWIRE_APP_SECRET", "s").env("DESKWIRE_HELPDESK_TOKEN", "ht-demo");
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the binary starts");
        let stdout = child.stdout.take().expect("standard output is piped");
        let mut line = String::new();
        std::io::BufRead::read_line(&mut std::io::BufReader::new(stdout), &mut line).expect("a line");
        assert_eq!(line, format!("answering {DESK_ID} at {url}\n"));
        Self(child)
    }

    /// Ends it with SIGTERM.
    fn stop(mut self) -> Option<i32> {
        let sent = Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status().expect("kill runs");
        assert!(sent.success());
        self.0.wait().expect("a status").code()
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        // SIGKILL.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// [`DESK`] with Chinese, and its app alone answering.
fn desk(events: &str) -> String {
    let listed = format!(
        "        subscriptions: [{{app: {APP_ID}, type: helpdesk.ticket_message, subtype: ticket_message.created_v1}}]\n\
         \x20       categories:"
    );
    DESK.replace("scopes: [\"helpdesk:all\"]", "scopes: [\"helpdesk:all\", \"helpdesk:all:readonly\"]")
        .replace("{by: builtin}", "{by: app}")
        .replace("[forgot password]", "[forgot password, 忘记密码怎么办]")
        .replace("events: {", &format!("events: {{{events}, types: [helpdesk.ticket_message.created_v1], "))
        .replace("        categories:", &listed)
}

fn serve(bench: &Bench, events: &str) -> Server {
    bench.write("desk.yaml", &desk(events));
    let args = ["serve", "--listen", "127.0.0.1:0", "--apply", "desk.yaml", "--allow-private-webhooks"];
    bench.start(&[&args[..], &["--rate-limits", "off", "--log", "warn"]].concat())
}

/// All guests ask; answers the chats once everything has been said.
async fn ask(url: &str) -> Vec<tokio::task::JoinHandle<Chat>> {
    let mut asking = Vec::new();
    for guest in 0..GUESTS {
        let chat = Chat::open(url).await;
        let url = url.to_owned();
        asking.push(tokio::spawn(async move {
            for number in 0..EACH {
                let text = if number % 2 == 0 { "forgot password" } else { "忘记密码怎么办" };
                let said = chat.say(&url, &format!("{guest}-{number}"), text).await.expect("an answer");
                assert_eq!(said.0, 201, "{}", said.1);
            }
            chat
        }));
    }
    asking
}

/// Waits until every question has an answer, then makes sure that none has two.
async fn settled(url: &str, chats: &[Chat]) {
    let until = Instant::now() + PATIENCE;
    for chat in chats {
        loop {
            let answers = answers(url, chat).await;
            if answers.len() == EACH {
                break;
            }
            assert!(Instant::now() < until, "{} of {EACH} questions are answered", answers.len());
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
    // Long enough for an event that was not acknowledged to be claimed and sent again.
    tokio::time::sleep(Duration::from_secs(4)).await;
    for chat in chats {
        let answers = answers(url, chat).await;
        assert!(answers.len() == EACH && answers.values().all(|times| *times == 1), "{answers:?}");
    }
}

/// How often each question is answered, by its event's id; every answer is the app's and right.
async fn answers(url: &str, chat: &Chat) -> BTreeMap<String, u32> {
    let mut answers = BTreeMap::new();
    for message in chat.all(url).await.iter().filter(|message| message["kind"] == "answer") {
        assert_eq!((&message["answered_by"], &message["mode"]), (&"app".into(), &"direct".into()), "{message}");
        assert_eq!(message["faqs"][0]["id"], "6900000000000001001");
        *answers.entry(message["event_id"].as_str().expect("an event id").to_owned()).or_default() += 1;
    }
    answers
}

/// Questions answered so far.
async fn count(url: &str, chat: &Chat) -> usize {
    answers(url, chat).await.len()
}

async fn killed_in_the_middle(events: &str, first: &[&str], second: &[&str]) {
    let bench = Bench::new();
    let server = serve(&bench, events);
    let url = server.url.clone();
    let one = Instance::start(&bench, &url, "one", first);
    let two = second.first().map(|_| Instance::start(&bench, &url, "two", second));
    let probe = Chat::open(&url).await;
    let asking = ask(&url).await;
    assert_eq!(probe.say(&url, "probe", "forgot password").await.expect("an answer").0, 201);
    let until = Instant::now() + PATIENCE;
    while count(&url, &probe).await == 0 {
        assert!(Instant::now() < until, "nothing is answered");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    drop(one);
    tokio::time::sleep(Duration::from_millis(300)).await;
    let one = Instance::start(&bench, &url, "one", first);
    let mut chats = Vec::new();
    for guest in asking {
        chats.push(guest.await.expect("a guest"));
    }
    settled(&url, &chats).await;
    assert_eq!(one.stop(), Some(0));
    if let Some(two) = two {
        assert_eq!(two.stop(), Some(0));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_questions_by_long_connection_through_a_kill_beside_another_instance() {
    killed_in_the_middle("delivery: long_connection", &["--subscribe"], &["--subscribe"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_questions_by_encrypted_webhook_through_a_kill() {
    // The port is the desk file's and has to be the same after the restart.
    let port = TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("an address").port();
    let listen = format!("127.0.0.1:{port}");
    let events = format!("delivery: webhook, url: \"http://{listen}/events\", encrypt_key: key");
    let args = ["--webhook", "--listen", &listen, "--verification-token", "v", "--encrypt-key", "key"];
    killed_in_the_middle(&events, &args, &[]).await;
}

#[test]
fn mistakes_are_a_line_and_exit_status_2() {
    let bench = Bench::new();
    let fixed = ["answer", "--app-id", APP_ID, "--helpdesk-id", DESK_ID, "--data-dir", "one"];
    let env = [("DESKWIRE_APP_SECRET", "s"), ("DESKWIRE_HELPDESK_TOKEN", "t")];
    let cases: [(&[&str], &str); 5] = [
        (&["--base-url", "ftp://x"], "base_url: value is"),
        (&["--base-url", "http://h/path"], "base_url: value is"),
        (&["--direct-score", "2"], "direct_score: value is 2"),
        (&["--list-score", "0.9"], "list_score: value is 0.9"),
        (&["--list-size", "50"], "list_size: value is 50"),
    ];
    for (more, told) in cases {
        let run = bench.run_with(&[&fixed[..], more].concat(), &env);
        assert!(run.fault(2).contains(told), "{}", run.stderr);
    }
    assert!(bench.entries().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_credentials_end_it_with_status_2() {
    let bench = Bench::new();
    let server = serve(&bench, "delivery: long_connection");
    let fixed = ["answer", "--base-url", &server.url, "--app-id", APP_ID, "--helpdesk-id", DESK_ID, "--log", "error"];
    for (secret, token) in [("wrong", "ht-demo"), ("s", "ht-wrong")] {
        let env = [("DESKWIRE_APP_SECRET", secret), ("DESKWIRE_HELPDESK_TOKEN", token)];
        let run = bench.run_with(&fixed, &env);
        let line = run.fault(2);
        assert!(line.contains("helpdesk_token") && !line.contains("ht-wrong"), "{line}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shadow_notes_and_says_nothing() {
    let bench = Bench::new();
    let server = serve(&bench, "delivery: long_connection");
    let shadow = Instance::start(&bench, &server.url, "one", &["--shadow", "shadow.jsonl"]);
    let chat = Chat::open(&server.url).await;
    for text in ["忘记密码怎么办", "Wetterbericht Mars"] {
        assert_eq!(chat.say(&server.url, text, text).await.expect("an answer").0, 201);
    }
    let until = Instant::now() + PATIENCE;
    let lines = loop {
        let text = std::fs::read_to_string(bench.path("shadow.jsonl")).expect("the shadow's file");
        let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        if lines.len() == 2 {
            break lines;
        }
        assert!(Instant::now() < until, "{lines:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    let of = |text: &str| lines.iter().find(|line| line["text"] == text).expect("a line").clone();
    assert_eq!(of("忘记密码怎么办")["faqs"][0]["id"], "6900000000000001001");
    assert_eq!(of("Wetterbericht Mars")["faqs"].as_array().map(Vec::len), Some(0));
    assert_eq!(shadow.stop(), Some(0));
    assert!(answers(&server.url, &chat).await.is_empty());

    let report = |more: &[&str]| {
        let fixed =
            ["answer", "--base-url", &server.url, "--app-id", APP_ID, "--helpdesk-id", DESK_ID, "--log", "error"];
        let env = [("DESKWIRE_APP_SECRET", "s"), ("DESKWIRE_HELPDESK_TOKEN", "ht-demo")];
        bench.run_with(&[&fixed[..], &["--shadow-report"], more].concat(), &env)
    };
    let run = report(&["--data-dir", "one", "--json"]);
    let told: Value = serde_json::from_str(run.ok()).expect("JSON");
    assert_eq!((&told["questions"], &told["direct"], &told["nothing"]), (&2.into(), &1.into(), &1.into()), "{told}");
    assert_eq!((&told["outcomes"]["open"], &told["precision"]), (&2.into(), &Value::Null), "{told}");
    let run = report(&["--data-dir", "one"]);
    assert!(run.ok().starts_with("2 questions seen\n  1 would have been answered directly\n"), "{}", run.stdout);
    let run = report(&["--data-dir", "other"]);
    assert!(run.fault(2).contains("data_dir: other has no ledger, run with --shadow first"), "{}", run.stderr);
}
