//! `deskwire faq`, and pictures of desk files.

use db::{Db, Options, params};

use crate::apply::{DESK, DESK_ID};
use crate::bench::Bench;

const FAQ_ID: &str = "6900000000000001001";

#[test]
fn a_faq_goes_into_the_bin_with_its_file_and_is_restored_by_hand() {
    let bench = Bench::new();
    bench.write("desk.yaml", DESK);
    bench.run(&["apply", "desk.yaml"]).ok();
    let online = format!("{FAQ_ID}\t{DESK_ID}\tHow do I reset my password?\n");
    assert_eq!(bench.run(&["faq", "list"]).ok(), online);
    assert_eq!(bench.run(&["faq", "list", "--deleted"]).ok(), "");
    let empty = DESK.split("        faqs:").next().unwrap().to_owned() + "        faqs: []\n";
    bench.write("empty.yaml", &empty);
    bench.run(&["apply", "empty.yaml"]).ok();
    let deleted = bench.run(&["faq", "list", "--deleted", "--desk", DESK_ID]).ok().to_owned();
    assert_eq!(deleted, format!("{FAQ_ID}\t{DESK_ID}\t29 days left\tHow do I reset my password?\n"));
    let told = bench.run(&["faq", "restore", FAQ_ID, "--open-id", "ou_ada"]);
    assert_eq!(told.ok(), format!("restored FAQ {FAQ_ID} of help desk {DESK_ID} (IT help)\n"));
    assert_eq!(bench.run(&["faq", "list"]).ok(), online);
    let told = |kind: &str, way: &str, author: Option<&str>| {
        (kind.to_owned(), way.to_owned(), author.map(str::to_owned), Some("Accounts".to_owned()))
    };
    let wanted = [
        told("made", "desk_file", None),
        told("deleted", "desk_file", None),
        told("restored", "command_line", Some("Ada")),
    ];
    assert_eq!(versions(&bench), wanted, "whoever restores it by hand is in its history");
}

/// Kind, way, author's name and category of each version of the FAQ.
fn versions(bench: &Bench) -> Vec<(String, String, Option<String>, Option<String>)> {
    let database = format!("sqlite:{}", bench.path("deskwire-data/deskwire.db").display()).parse().expect("an address");
    let db = Db::open(&database, &Options { readers: 1, ..Options::default() }).expect("the database opens");
    let found = db.read_blocking(|tx| {
        tx.query(
            "SELECT kind, way, author_name, category FROM faq_version WHERE faq_id = $1 ORDER BY number",
            &params![FAQ_ID.parse::<i64>().expect("a number")],
            |row| Ok((row.string(0)?, row.string(1)?, row.opt_string(2)?, row.opt_string(3)?)),
        )
    });
    found.expect("the versions are read")
}

#[test]
fn what_cannot_be_restored_is_told_in_one_line() {
    let bench = Bench::new();
    let run = bench.run(&["faq", "list"]);
    assert!(run.fault(1).contains("is not there"), "{}", run.stderr);
    assert!(bench.entries().is_empty());
    bench.write("desk.yaml", DESK);
    bench.run(&["apply", "desk.yaml"]).ok();
    for (args, line) in [
        (
            &["faq", "restore", FAQ_ID][..],
            "deskwire: faq_id: FAQ 6900000000000001001 is online, not in the recycle bin",
        ),
        (&["faq", "restore", "7"], "deskwire: no FAQ 7 that can be restored"),
        (&["faq", "restore", "x"], "deskwire: no FAQ x that can be restored"),
        (&["faq", "restore", FAQ_ID, "--desk", "1"], "deskwire: no FAQ 6900000000000001001 that can be restored"),
        (&["faq", "restore", FAQ_ID, "--open-id", "ou_eve"], "deskwire: no user ou_eve in this help desk"),
        (&["faq", "list", "--desk", "1"], "deskwire: desk: no help desk \"1\"; known are 6900000000000000001"),
    ] {
        assert_eq!(bench.run(args).fault(1), line);
    }
}

#[test]
fn pictures_lie_beside_their_desk_file() {
    let bench = Bench::new();
    let pictured = DESK.replace(
        "answer: \"Open Settings > Security.\"",
        "answer_richtext: [{type: img, key: img_settings}], images: [{key: img_settings, file: pictures/settings.png}]",
    );
    std::fs::create_dir_all(bench.path("desk/pictures")).unwrap();
    bench.write("desk/desk.yaml", &pictured);
    let run = bench.run(&["apply", "desk/desk.yaml"]);
    let line = run.fault(2);
    let expected = "deskwire: desk/desk.yaml: tenants[0].helpdesks[0].faqs[0].images[0].file: pictures/settings.png cannot be read";
    assert!(line.starts_with(expected), "{line}");
    std::fs::write(bench.path("desk/pictures/settings.png"), b"\x89PNG\r\n\x1a\n").unwrap();
    bench.run(&["apply", "desk/desk.yaml"]).ok();
    assert_eq!(bench.run(&["apply", "desk/desk.yaml"]).ok(), "desk/desk.yaml: nothing changed\n");
    let exported = bench.run(&["export"]).ok().to_owned();
    assert!(exported.contains("img_settings") && exported.contains("iVBORw0KGgo="), "{exported}");
}
