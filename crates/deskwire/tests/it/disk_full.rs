//! A disk that runs full: what was acknowledged stays, what was refused is not there, the server lives on, and room
//! alone is what it needs to work again.
//!
//! Each test runs once more in a mount namespace of its own, where its data folder is a small disk.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::apply::DESK;
use crate::bench::Bench;
use crate::chat::Chat;

/// Where a test finds its small disk when it runs in its namespace.
const DISK: &str = "DESKWIRE_TEST_DISK";
/// Large enough for an empty database with its log and some messages.
const SIZE: &str = "size=6m";

/// Ways into a mount namespace, as root and as anybody.
const NAMESPACES: [&[&str]; 2] = [&["--mount"], &["--user", "--map-root-user", "--mount"]];

/// The small disk. Outside of the namespace this runs the test inside of it and answers `None`.
fn small_disk(test: &str) -> Option<PathBuf> {
    if let Some(disk) = std::env::var_os(DISK) {
        return Some(disk.into());
    }
    let disk = tempfile::tempdir().expect("a folder");
    let mount = |options: &[&str], then: &str| {
        let script = format!("mount -t tmpfs -o {SIZE} tmpfs \"${DISK}\" && {then}");
        let mut command = Command::new("unshare");
        command.args(options).args(["--", "sh", "-c", &script]).env(DISK, disk.path());
        command
    };
    let works = |options: &&&[&str]| {
        let tried = mount(options, "true").stdout(Stdio::null()).stderr(Stdio::null()).status();
        tried.is_ok_and(|status| status.success())
    };
    let options = NAMESPACES.iter().find(works).expect(
        "a small disk needs `unshare --mount` as root or `unshare --user --map-root-user --mount`; neither works here",
    );
    let mut command = mount(options, "exec \"$0\" --exact \"$1\" --nocapture");
    let this = std::env::current_exe().expect("this program's path");
    let output = command.arg(this).arg(format!("disk_full::{test}")).output().expect("the test runs");
    let told = [output.stdout, output.stderr].map(|told| String::from_utf8_lossy(&told).into_owned()).concat();
    assert!(output.status.success() && told.contains("1 passed"), "{told}");
    None
}

/// Takes all room but `left` bytes.
fn fill(disk: &Path, left: usize) {
    let reserve = disk.join("reserve");
    std::fs::write(&reserve, vec![1; left]).expect("room for the reserve");
    // Ends with an error when nothing is left, which is the point.
    let filled = std::fs::write(disk.join("filler"), vec![1; 64 << 20]);
    assert!(filled.is_err(), "the disk is larger than it should be");
    std::fs::remove_file(reserve).expect("the reserve");
}

fn free(disk: &Path) {
    std::fs::remove_file(disk.join("filler")).expect("the filler");
}

async fn get(url: &str, path: &str) -> (u16, String) {
    let answer = testkit::api::client().get(format!("{url}{path}")).send().await.expect("an answer");
    (answer.status().as_u16(), answer.text().await.expect("text"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_refuses_loses_nothing_and_needs_no_restart() {
    let Some(disk) = small_disk("a_full_disk_refuses_loses_nothing_and_needs_no_restart") else { return };
    let bench = Bench::new();
    bench.write("desk.yaml", DESK);
    let data_dir = disk.join("data");
    let args = ["serve", "--listen", "127.0.0.1:0", "--apply", "desk.yaml", "--data-dir", data_dir.to_str().unwrap()];
    let server = bench.start(&args);
    let url = server.url.clone();
    let chat = Chat::open(&url).await;
    fill(&disk, 300_000);

    let (mut kept, mut refused) = (Vec::new(), Vec::new());
    let mut number = 0;
    while refused.len() < 20 {
        let text = format!("{number} {}", "long ".repeat(900).trim_end());
        number += 1;
        let (status, body) = chat.say(&url, &number.to_string(), &text).await.expect("an answer");
        if status == 201 {
            kept.push(text);
        } else {
            refused.push(text);
            assert_eq!((status, &body["code"]), (500, &155_000.into()), "{body}");
            let hint = body["error"]["message"].as_str().expect("a hint");
            assert_eq!(hint, "the server's disk is full and nothing was stored; the operator has to free space");
        }
    }
    assert!(kept.len() > 2, "{} messages before the disk was full", kept.len());
    assert_eq!(get(&url, "/healthz").await, (200, "ok\n".to_owned()));
    // What is there can still be read, so the server stays in service.
    assert_eq!(get(&url, "/readyz").await, (200, "ready\n".to_owned()));
    let log = server.log();
    let told = log.lines().filter(|line| line.contains("has no room")).count();
    // A line for each refusal, and one of each worker that could not write.
    assert!((refused.len()..=refused.len() + 2).contains(&told), "{log}");
    assert!(!log.contains("panicked"), "{log}");

    free(&disk);
    let (status, body) = chat.say(&url, "last", "room again").await.expect("an answer");
    assert_eq!(status, 201, "{body}");
    kept.push("room again".to_owned());
    let said = |messages: &[serde_json::Value]| -> Vec<String> {
        let guests = messages.iter().filter(|m| m["from"] == "guest");
        guests.map(|m| m["text"].as_str().expect("a text").to_owned()).collect()
    };
    assert_eq!(said(&chat.all(&url).await), kept);
    assert_eq!(server.stop("-TERM").0, Some(0));
    let server = bench.start(&args);
    assert_eq!(said(&chat.all(&server.url).await), kept);
}

#[test]
fn apply_without_room_is_one_line_and_changes_nothing() {
    let Some(disk) = small_disk("apply_without_room_is_one_line_and_changes_nothing") else { return };
    let bench = Bench::new();
    let data_dir = disk.join("data");
    let run = |args: &[&str]| bench.run(&[args, &["--data-dir", data_dir.to_str().unwrap()]].concat());
    bench.write("desk.yaml", DESK);
    run(&["apply", "desk.yaml"]).ok();
    let before = run(&["export", "--with-secrets"]).ok().to_owned();
    let faq = |n: i32| format!("          - {{question: \"{n} {}\", answer: yes}}\n", "long ".repeat(80));
    bench.write("large.yaml", &(DESK.to_owned() + &(0..1000).map(faq).collect::<String>()));
    for left in [200_000, 0] {
        fill(&disk, left);
        let refused = run(&["apply", "large.yaml"]);
        let line = refused.fault(1);
        assert!(
            line.contains("the database has no room: ") && line.ends_with("; free some space and try again"),
            "{left}: {line}"
        );
        free(&disk);
        assert_eq!(run(&["export", "--with-secrets"]).ok(), before, "{left}");
    }
    run(&["apply", "large.yaml"]).ok();
}

#[test]
fn a_new_desk_without_room_is_one_line() {
    let Some(disk) = small_disk("a_new_desk_without_room_is_one_line") else { return };
    let bench = Bench::new();
    bench.write("desk.yaml", DESK);
    let data_dir = disk.join("data");
    let data_dir = data_dir.to_str().unwrap();
    fill(&disk, 0);
    let serve = ["serve", "--listen", "127.0.0.1:0", "--apply", "desk.yaml", "--data-dir", data_dir];
    let apply = ["apply", "desk.yaml", "--data-dir", data_dir];
    for args in [&serve[..], &apply] {
        let refused = bench.run(args);
        let line = refused.fault(1);
        assert!(line.contains("No space left on device"), "{line}");
    }
    free(&disk);
    bench.run(&apply).ok();
}
