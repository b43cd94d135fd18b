//! What survives when the process or the file system gives up.
//!
//! The tests start this test binary again to run one ignored test, which is the victim.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::thread;

use db::{DatabaseUrl, Db, DbError, Options, params};

use crate::support::{ITEMS, ids};

/// Where the victim finds its database file.
const FILE: &str = "DESKWIRE_TEST_FILE";

fn victim(test: &str, file: &Path, before: &str) -> Command {
    let mut command = Command::new("bash");
    command
        .arg("-c")
        .arg(format!("{before}exec \"$0\" --exact {test} --ignored --nocapture"))
        .arg(std::env::current_exe().unwrap())
        .env(FILE, file)
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

fn open(file: &Path) -> Db {
    let db = Db::open(&DatabaseUrl::Sqlite(file.to_owned()), &Options::default()).unwrap();
    db.migrate(ITEMS).unwrap();
    db
}

fn numbers(text: &str, word: &str) -> Vec<i64> {
    text.lines().filter_map(|line| line.split_once(word)).filter_map(|(_, number)| number.trim().parse().ok()).collect()
}

#[expect(clippy::print_stdout, reason = "the parent reads it")]
#[test]
#[ignore = "the victim of another test"]
fn writes_until_killed() {
    let db = Arc::new(open(Path::new(&std::env::var(FILE).unwrap())));
    let writers: Vec<_> = (0..8_i64)
        .map(|writer| {
            let db = Arc::clone(&db);
            thread::spawn(move || {
                for number in 0.. {
                    let id = number * 8 + writer;
                    db.write_blocking::<_, DbError>(move |tx| {
                        tx.execute("INSERT INTO item (id) VALUES ($1)", &params![id])
                    })
                    .unwrap();
                    println!("kept {id}");
                }
            })
        })
        .collect();
    for writer in writers {
        writer.join().unwrap();
    }
}

#[test]
fn what_was_acknowledged_survives_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("test.db");
    let mut child = victim("process::writes_until_killed", &file, "").spawn().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut text = String::new();
    while text.lines().count() < 2_000 {
        assert!(output.read_line(&mut text).unwrap() > 0, "the victim ended by itself: {text}");
    }
    child.kill().unwrap();
    std::io::Read::read_to_string(&mut output, &mut text).unwrap();
    child.wait().unwrap();
    // The last line may be cut, which could make another number of it.
    let whole = &text[..text.rfind('\n').unwrap()];
    let stored = ids(&open(&file));
    for id in numbers(whole, "kept ") {
        assert!(stored.binary_search(&id).is_ok(), "{id} was acknowledged and is gone");
    }
}

#[expect(clippy::print_stdout, reason = "the parent reads it")]
#[test]
#[ignore = "the victim of another test"]
fn writes_until_the_file_is_too_long() {
    let db = open(Path::new(&std::env::var(FILE).unwrap()));
    let mut failures = 0;
    for id in 0..10_000 {
        let answer = db.write_blocking::<_, DbError>(move |tx| {
            let data = vec![1_u8; 20_000];
            tx.execute("INSERT INTO item (id, data) VALUES ($1, $2)", &params![id, &data])
        });
        match answer {
            Ok(_) => println!("kept {id}"),
            Err(DbError::Io(_)) => {
                println!("lost {id}");
                failures += 1;
                if failures == 3 {
                    return;
                }
            }
            Err(other) => println!("unexpected: {other:?}"),
        }
    }
}

#[test]
fn a_failing_disk_loses_nothing_that_was_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("test.db");
    // No file may grow beyond 2 MiB; the kernel then fails the write, like a broken disk.
    let limit = "trap '' XFSZ; ulimit -f 2048; ";
    let output = victim("process::writes_until_the_file_is_too_long", &file, limit).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let (kept, lost) = (numbers(&text, "kept "), numbers(&text, "lost "));
    assert!(!text.contains("unexpected"), "{text}");
    assert!(kept.len() > 20 && lost.len() == 3, "{text}");
    assert_eq!(ids(&open(&file)), kept, "exactly what was acknowledged is there");
}
