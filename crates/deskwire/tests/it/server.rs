//! `deskwire serve` and `deskwire dev`: start, ready line, stop, and what keeps them from starting.

use std::net::TcpListener;

use crate::apply::DESK;
use crate::bench::{Bench, entries};

#[test]
fn serve_says_one_line_and_stops_on_a_signal() {
    let bench = Bench::new();
    bench.write("desk.yaml", DESK);
    for signal in ["-TERM", "-INT"] {
        let server = bench.start(&["serve", "--listen", "127.0.0.1:0", "--apply", "desk.yaml", "--data-dir", "data"]);
        assert_eq!(server.lines, [format!("ready {}", server.url)]);
        assert!(server.url.starts_with("http://127.0.0.1:") && !server.url.ends_with(":0"), "{}", server.url);
        assert_eq!(server.stop(signal), (Some(0), String::new()));
    }
    assert_eq!(bench.entries(), ["data", "desk.yaml"]);
}

#[test]
fn dev_tells_its_credentials_and_forgets_its_data() {
    let bench = Bench::new();
    let server = bench.start(&["dev", "--listen", "127.0.0.1:0"]);
    assert_eq!(server.value("DESKWIRE_URL"), server.url);
    assert_eq!(server.lines.iter().filter(|line| line.starts_with("ready ")).count(), 1);
    assert!(server.lines.iter().all(|line| line.contains('=') || line.starts_with("ready ")), "{:?}", server.lines);
    for name in [
        "HELPDESK_ID",
        "HELPDESK_TOKEN",
        "APP_ID",
        "APP_SECRET",
        "APP2_ID",
        "APP2_SECRET",
        "OWNER_LOGIN",
        "OWNER_PASSWORD",
        "AGENT_LOGIN",
        "GUEST_OPEN_ID",
    ] {
        assert!(!server.value(&format!("DESKWIRE_{name}")).is_empty());
    }
    let second = bench.run(&["dev", "--listen", "127.0.0.1:0"]);
    let line = second.fault(1);
    assert!(line.contains("is in use by another deskwire dev"), "{line}");
    assert_eq!(server.stop("-TERM").0, Some(0));
    assert_eq!(bench.entries(), ["deskwire-data"]);
    assert_eq!(entries(&bench.path("deskwire-data")), ["dev", "dev.lock"]);
    bench.write("deskwire-data/dev/left-over", "");
    bench.start(&["dev", "--listen", "127.0.0.1:0"]).stop("-TERM");
    assert!(!bench.path("deskwire-data/dev/left-over").exists());
    bench.write("deskwire-data/dev/left-over", "");
    bench.start(&["dev", "--listen", "127.0.0.1:0", "--database", "sqlite:mine.db"]).stop("-TERM");
    assert!(bench.path("deskwire-data/dev/left-over").exists());
    assert!(bench.path("deskwire-data/dev/mine.db").exists());
}

#[test]
fn a_busy_port_is_one_line_and_nothing_is_written_or_wiped() {
    let bench = Bench::new();
    std::fs::create_dir_all(bench.path("deskwire-data/dev")).unwrap();
    bench.write("deskwire-data/dev/mine", "");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for command in ["serve", "dev"] {
        let run = bench.run(&[command, "--listen", &address]);
        let expected =
            format!("deskwire: listen: {address} is in use by another program, allowed is a free port or 0 for any");
        assert_eq!(run.fault(1), expected);
    }
    assert_eq!(entries(&bench.path("deskwire-data")), ["dev"]);
    assert_eq!(entries(&bench.path("deskwire-data/dev")), ["mine"]);
}

#[test]
fn a_data_folder_that_cannot_be_made_is_one_line() {
    let bench = Bench::new();
    bench.write("file", "");
    bench.write("desk.yaml", DESK);
    for args in
        [&["serve", "--listen", "127.0.0.1:0"][..], &["dev", "--listen", "127.0.0.1:0"], &["apply", "desk.yaml"]]
    {
        let run = bench.run(&[args, &["--data-dir", "file/below"]].concat());
        let line = run.fault(1);
        assert!(line.starts_with("deskwire: data_dir: file/below cannot be made: "), "{line}");
    }
    assert_eq!(bench.entries(), ["desk.yaml", "file"]);
}

#[test]
fn a_postgresql_server_that_is_not_there_is_one_line_without_the_password() {
    let bench = Bench::new();
    bench.write("desk.yaml", DESK);
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("postgres://u:s3cret@127.0.0.1:{closed}/d");
    for args in [&["serve", "--listen", "127.0.0.1:0"][..], &["apply", "desk.yaml"], &["export"]] {
        let run = bench.run(&[args, &["--database", &url]].concat());
        let line = run.fault(1);
        assert!(line.starts_with("deskwire: database: postgres://"), "{line}");
        assert!(!line.contains("s3cret"), "{line}");
    }
}
