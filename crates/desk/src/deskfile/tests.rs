//! Whole files against a database.

mod agents;
mod categories;

use std::sync::Arc;

use db::{Db, params};

use super::*;
use crate::ids::Ids;
use crate::vault::Vault;
use crate::{Refusal, directory, secret, test_db};

mod fields;

const NOW: i64 = 1_760_000_000_000;

const FILE: &str = r#"
version: 1
tenants:
  - key: demo
    name: Demo Ltd
    users:
      - {id: u_ada, name: Ada, email: ada@demo.test, password: ada-demo, open_id: ou_ada, city: Berlin, departments: [od_it], role: admin}
      - {id: u_bob, name: Bob, open_id: ou_bob, language: zh-CN}
    apps:
      - app_id: cli_a000000000000001
        app_secret: demo-secret
        name: Answers
        scopes: ["helpdesk:all"]
        redirect_urls: ["https://app.test/callback"]
        events:
          url: http://127.0.0.1:9000/events
          verification_token: v-token
          encrypt_key: e-key
          types: [helpdesk.ticket.created_v1, helpdesk.ticket_message.created_v1]
    helpdesks:
      - id: "6900000000000000001"
        token: ht-demo
        name: IT help
        owner: u_ada
        away: We are back tomorrow.
        accent: '#7A3FF2'
        widget_secret: w-secret
        agents: [{user: u_bob, role: admin, status: offline}]
        visibility: {users: [u_bob], departments: [od_it]}
        answering: {by: builtin, direct_score: 0.7}
        subscriptions: [{app: cli_a000000000000001, type: helpdesk.ticket_message, subtype: ticket_message.created_v1}]
        categories: [{name: Accounts, language: en_us, children: [{name: Passwords}]}, {name: Wi-Fi / LAN}]
        faqs:
          - {id: "6900000000000001001", question: Reset my password?, similar: [forgot password, 忘记密码怎么办], answer: "Open Settings.", category: Accounts/Passwords}
          - {id: "6900000000000001002", question: No network?, answer_richtext: [{type: text, content: See }, {type: hyperlink, text: here, url: "https://x.test"}], category: Wi-Fi / LAN}
"#;

struct Bench {
    db: Db,
    vault: Vault,
    ids: Arc<Ids>,
    _folder: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        let (db, folder) = test_db::open();
        Self { db, vault: Vault::new([7; 32]), ids: Arc::new(Ids::new(1, [3; 32])), _folder: folder }
    }

    fn try_put(&self, yaml: &str, dry_run: bool) -> Result<Report, Vec<String>> {
        let lines = |faults: &[Fault]| faults.iter().map(ToString::to_string).collect::<Vec<_>>();
        let file = parse(yaml, Format::Yaml, &|_| None).map_err(|faults| lines(&faults))?;
        put(&self.db, (&self.vault, &self.ids), NOW, file, dry_run).map_err(|stop| match stop {
            Stop::Faults(faults) => lines(&faults),
            other => vec![other.to_string()],
        })
    }

    fn put(&self, yaml: &str) -> Report {
        self.try_put(yaml, false).unwrap()
    }

    fn changes(&self, yaml: &str) -> Vec<String> {
        self.put(yaml).changes.iter().map(ToString::to_string).collect()
    }

    fn export(&self) -> DeskFile {
        let vault = self.vault.clone();
        self.db.read_blocking(move |tx| export(tx, &vault, true)).unwrap()
    }

    fn count(&self, sql: &'static str) -> i64 {
        self.db.read_blocking(move |tx| tx.query_one(sql, &[], |row| row.int(0))).unwrap()
    }

    fn run(&self, sql: &'static str) {
        self.db.write_blocking(move |tx| tx.execute(sql, &[])).unwrap();
    }
}

#[test]
fn a_second_apply_changes_and_writes_nothing() {
    let bench = Bench::new();
    let first = bench.put(FILE);
    assert!(first.made.is_empty(), "{:?}", first.made);
    assert_eq!(first.counts, [13, 0, 0], "{:?}", first.changes);
    let versions = "SELECT (SELECT version FROM directory) * 1000 + (SELECT faq_version FROM helpdesk)";
    let before = bench.count(versions);
    let second = bench.put(FILE);
    assert_eq!(second, Report::default());
    assert_eq!(second.summary(), "nothing changed");
    assert_eq!(bench.count(versions), before);
}

#[test]
fn what_a_file_says_is_what_the_directory_shows() {
    let bench = Bench::new();
    bench.put(FILE);
    let vault = bench.vault.clone();
    let directory = bench.db.read_blocking(move |tx| directory::load(tx, &vault)).unwrap();
    let desk = &directory.helpdesks[&6_900_000_000_000_000_001];
    assert_eq!(desk.token_hash, secret::token_hash("ht-demo"));
    assert_eq!(desk.role("u_ada"), Some(directory::Role::Owner));
    assert_eq!(desk.role("u_bob"), Some(directory::Role::Admin));
    assert_eq!(desk.subscribers("helpdesk.ticket_message.created_v1"), ["cli_a000000000000001"]);
    assert!(!desk.visibility.all);
    assert_eq!((desk.widget_secret.as_str(), desk.answering.list_size), ("w-secret", 3));
    assert_eq!((desk.away.as_str(), desk.accent.as_deref()), ("We are back tomorrow.", Some("#7a3ff2")));
    let app = &directory.apps["cli_a000000000000001"];
    assert_eq!(app.verification_token.as_deref(), Some("v-token"));
    assert_eq!((app.secret_version, app.encrypt_key.as_deref()), (NOW / 1000, Some("e-key")));
}

#[test]
fn a_colour_is_checked_and_an_empty_text_removes_it() {
    let bench = Bench::new();
    bench.put(FILE);
    let faults = bench.try_put(&FILE.replace("#7A3FF2", "purple"), false).unwrap_err();
    assert!(faults[0].contains("helpdesks[0].accent") && faults[0].contains("#7a3ff2"), "{faults:?}");
    let without = FILE.replace("#7A3FF2", "").replace("We are back tomorrow.", "\"\"");
    assert_eq!(bench.changes(&without), ["updated help desk 6900000000000000001 (IT help): away, accent"]);
    let desk = bench.export().tenants[0].helpdesks.as_ref().unwrap()[0].clone();
    assert_eq!((desk.away, desk.accent), (None, None));
}

#[test]
fn a_description_and_a_picture_come_with_the_file_and_are_exported() {
    let bench = Bench::new();
    let url = |end: &str| {
        use base64::Engine as _;
        let bytes = [crate::image::tests::PNG, end.as_bytes()].concat();
        format!("data:image/png;base64,{}", base64::engine::general_purpose::STANDARD.encode(bytes))
    };
    let with = |avatar: &str| {
        FILE.replace(
            "        owner: u_ada\n",
            &format!("        owner: u_ada\n        description: Laptops\n        avatar: {avatar:?}\n"),
        )
    };
    bench.put(&with(&url("a")));
    let desk = |bench: &Bench| bench.export().tenants[0].helpdesks.as_ref().unwrap()[0].clone();
    assert_eq!((desk(&bench).description.as_deref(), desk(&bench).avatar), (Some("Laptops"), Some(url("a"))));
    assert_eq!(bench.put(&with(&url("a"))), Report::default());
    assert_eq!(bench.changes(&with(&url("b"))), ["updated help desk 6900000000000000001 (IT help): avatar"]);
    assert_eq!(desk(&bench).avatar, Some(url("b")));
    // Left out, they stay.
    assert_eq!(bench.put(FILE), Report::default());
    assert_eq!(desk(&bench).avatar, Some(url("b")));
    let faults = bench.try_put(&with("https://demo.test/a.png"), false).unwrap_err();
    assert!(faults[0].contains("helpdesks[0].avatar") && faults[0].contains("data:image"), "{faults:?}");
    bench.put(&with(""));
    assert_eq!((desk(&bench).avatar, bench.count("SELECT COUNT(*) FROM helpdesk_avatar")), (None, 0));
}

#[test]
fn a_closed_help_desk_stays_closed_until_the_file_opens_it() {
    let bench = Bench::new();
    bench.put(FILE);
    let is_closed = || bench.count("SELECT COUNT(*) FROM helpdesk WHERE closed_at IS NOT NULL") == 1;
    bench.run("UPDATE helpdesk SET closed_at = 7 WHERE name = 'IT help'");
    let report = bench.put(&FILE.replace("We are back tomorrow.", "We are back."));
    assert_eq!(report.counts, [0, 1, 0], "{:?}", report.changes);
    let told = "help desk 6900000000000000001 (IT help) is closed and stays so";
    assert!(
        report.kept.iter().any(|line| line.starts_with(told) && line.contains("closed: false")),
        "{:?}",
        report.kept
    );
    assert!(is_closed());
    let export = bench.export();
    assert_eq!(export.tenants[0].helpdesks.as_ref().unwrap()[0].closed, Some(true));
    let says = |closed: &str| FILE.replace("name: IT help\n", &format!("name: IT help\n        closed: {closed}\n"));
    assert_eq!(bench.changes(&says("false")).len(), 1);
    assert!(!is_closed() && bench.export().tenants[0].helpdesks.as_ref().unwrap()[0].closed.is_none());
    let report = bench.put(&says("true"));
    assert!(is_closed() && report.kept.is_empty(), "what the file says needs no word: {:?}", report.kept);
    assert!(bench.put(&says("true")).is_empty());
}

#[test]
fn a_role_goes_when_the_file_no_longer_gives_it() {
    let bench = Bench::new();
    bench.put(FILE);
    let role = || bench.export().tenants[0].users.as_ref().unwrap()[0].role;
    assert_eq!(role(), Some(crate::person::UserRole::Admin));
    let without = FILE.replace(", role: admin}", "}");
    assert_eq!(bench.changes(&without), ["updated user u_ada of demo: role"]);
    assert_eq!(role(), None);
    let faults = bench.try_put(&FILE.replace("role: admin}", "role: owner}"), false).unwrap_err();
    assert!(faults[0].contains("users[0].role"), "{faults:?}");
}

#[test]
fn an_export_applied_elsewhere_exports_the_same() {
    let first = Bench::new();
    first.put(FILE);
    let exported = first.export();
    let desk = &exported.tenants[0].helpdesks.as_ref().unwrap()[0];
    assert_eq!(desk.widget_secret.as_ref().unwrap().text(), "w-secret");
    assert!(desk.token.is_none());
    let second = Bench::new();
    for text in [serde_saphyr::to_string(&exported).unwrap(), serde_json::to_string_pretty(&exported).unwrap()] {
        let report = second.put(&text);
        let made: Vec<&str> = report.made.iter().map(|made| made.name.as_str()).collect();
        assert!(made.iter().all(|n| n.ends_with("APP_SECRET") || n.ends_with("_TOKEN")), "{made:?}");
        assert_eq!(second.export(), exported);
    }
    assert!(first.put(&serde_saphyr::to_string(&exported).unwrap()).is_empty());
}

#[test]
fn a_rehearsal_tells_everything_and_writes_nothing() {
    let bench = Bench::new();
    assert_eq!(bench.try_put(FILE, true).unwrap().counts, [13, 0, 0]);
    assert_eq!(bench.count("SELECT COUNT(*) FROM tenant"), 0);
}

#[test]
fn what_is_left_out_is_made_once_and_kept() {
    let bench = Bench::new();
    let small = "
version: 1
tenants:
  - {key: d, name: D, users: [{id: u_a, name: A}], apps: [{app_id: cli_00000000000000aa}],
     helpdesks: [{name: 服务台, owner: u_a, faqs: [{question: Q, answer: A}]}]}
";
    let made: Vec<String> = bench.put(small).made.into_iter().map(|made| made.name).collect();
    let expected = [
        "D_U_A_OPEN_ID",
        "D_CLI_00000000000000AA_APP_SECRET",
        "D_CLI_00000000000000AA_VERIFICATION_TOKEN",
        "D_HELPDESK_1_ID",
        "D_HELPDESK_1_TOKEN",
        "D_HELPDESK_1_WIDGET_SECRET",
    ];
    assert_eq!(made, expected);
    assert_eq!(bench.put(small), Report::default());
    assert_eq!(bench.changes(&small.replace("answer: A", "answer: B")).len(), 1);
    assert_eq!(bench.count("SELECT COUNT(*) FROM faq"), 1);
}

#[test]
fn what_a_list_no_longer_names_goes_and_what_was_made_by_hand_stays() {
    let bench = Bench::new();
    bench.put(FILE);
    bench.run("INSERT INTO faq SELECT tenant, helpdesk_id, 6900000000000009999, 1, NULL, 'By hand?', '[]', 'Yes.', '[]', 0, NULL, NULL, 1, 1, NULL FROM helpdesk");
    let start = FILE.find("agents:").unwrap();
    let stripped = "agents: []\n        subscriptions: []\n        categories: [{name: Accounts}]\n        faqs: []\n";
    let changes = bench.changes(&format!("{}{stripped}", &FILE[..start]));
    let expected = [
        "removed agent u_bob of help desk 6900000000000000001 (IT help)",
        "removed subscription of cli_a000000000000001 to helpdesk.ticket_message.created_v1 of help desk 6900000000000000001 (IT help)",
        "removed FAQ 6900000000000001001 (Reset my password?): recycle bin",
        "removed FAQ 6900000000000001002 (No network?): recycle bin",
        "removed category Accounts/Passwords of help desk 6900000000000000001 (IT help)",
        "removed category Wi-Fi / LAN of help desk 6900000000000000001 (IT help)",
    ];
    assert_eq!(changes, expected);
    assert_eq!(bench.count("SELECT COUNT(*) FROM faq WHERE status = 1"), 1);
    assert_eq!(bench.count("SELECT COUNT(*) FROM faq WHERE status = 0 AND deleted_at IS NOT NULL"), 2);
    // The whole file again brings back the same FAQs.
    assert_eq!(bench.put(FILE).counts, [4, 2, 0]);
    assert_eq!(bench.count("SELECT COUNT(*) FROM faq WHERE status = 1"), 3);
    assert_eq!(bench.put(FILE), Report::default());
}

#[test]
fn a_list_that_is_not_there_is_left_alone() {
    let bench = Bench::new();
    bench.put(FILE);
    let only = "version: 1\ntenants: [{key: demo, name: Demo Ltd, helpdesks: [{id: 6900000000000000001, name: IT help, owner: u_ada, faqs: [{id: 6900000000000001001, question: Reset?, answer: Open Settings., category: Wi-Fi / LAN}, {id: 6900000000000001002, question: No network?, answer: Wait., category: ''}]}]}]";
    let expected = [
        "updated FAQ 6900000000000001001 (Reset?): question, category",
        "updated FAQ 6900000000000001002 (No network?): answer, answer_richtext, category",
    ];
    assert_eq!(bench.changes(only), expected);
    assert_eq!(bench.count("SELECT COUNT(*) FROM agent"), 2);
    assert_eq!(bench.count("SELECT COUNT(*) FROM faq_change WHERE version > 3"), 2);
}

#[test]
fn users_and_apps_that_leave_lose_their_way_in() {
    let bench = Bench::new();
    bench.put(FILE);
    let report = bench.put(
        "
version: 1
tenants:
  - {key: demo, name: Demo Ltd, apps: [], users: [{id: u_bob, name: Bob}], helpdesks: []}
",
    );
    let changes: Vec<String> = report.changes.iter().map(ToString::to_string).collect();
    assert_eq!(
        changes,
        ["removed app cli_a000000000000001 of demo", "updated user u_ada of demo: password and role taken away"]
    );
    assert_eq!(report.kept.len(), 2, "{:?}", report.kept);
    assert_eq!(bench.count("SELECT COUNT(*) FROM subscription"), 0);
    assert_eq!(bench.count("SELECT COUNT(*) FROM person"), 2);
}

#[test]
fn a_new_secret_voids_tokens_and_a_new_url_has_to_be_checked_again() {
    let bench = Bench::new();
    bench.put(FILE);
    bench.run("UPDATE app SET url_verified = url");
    bench.put(&FILE.replace("demo-secret", "other-secret"));
    assert_eq!(bench.count("SELECT COUNT(*) FROM app WHERE secret_version = 1760000001 AND url_verified = url"), 1);
    bench.put(&FILE.replace("demo-secret", "other-secret").replace("9000", "9001"));
    assert_eq!(bench.count("SELECT COUNT(*) FROM app WHERE secret_version = 1760000001 AND url_verified IS NULL"), 1);
}

#[test]
fn the_owner_changes_hands() {
    let bench = Bench::new();
    bench.put(FILE);
    let other = FILE
        .replace("owner: u_ada", "owner: u_bob")
        .replace("{user: u_bob, role: admin, status: offline}", "{user: u_ada}");
    bench.put(&other);
    assert_eq!(bench.count("SELECT COUNT(*) FROM agent WHERE role = 'owner' AND user_id = 'u_bob' AND status = 2"), 1);
    assert_eq!(bench.count("SELECT COUNT(*) FROM agent WHERE role = 'agent' AND user_id = 'u_ada'"), 1);
}

#[test]
fn a_changed_password_is_the_only_change() {
    let bench = Bench::new();
    bench.put(FILE);
    let changed = FILE.replace("ada-demo", "ada-other");
    assert_eq!(bench.changes(&changed), ["updated user u_ada of demo: password"]);
    let hash = bench
        .db
        .read_blocking(|tx| {
            tx.query_one(
                "SELECT password_hash FROM person WHERE tenant = $1 AND user_id = $2",
                &params!["demo", "u_ada"],
                |row| row.string(0),
            )
        })
        .unwrap();
    assert!(secret::password_matches("ada-other", &hash));
}

/// Each change of the file is a mistake that is told like this, and nothing is written.
fn check_mistakes(cases: &[(&str, &str, &str)]) {
    let bench = Bench::new();
    for (from, to, expected) in cases {
        assert!(FILE.contains(from), "{from}");
        let faults = bench.try_put(&FILE.replacen(from, to, 1), false).unwrap_err();
        let expected = expected.replace("DESK", "tenants[0].helpdesks[0]");
        assert!(faults.iter().any(|fault| fault.starts_with(&expected)), "{expected}: {faults:?}");
        assert!(faults.iter().all(|fault| !fault.contains('\n')), "{faults:?}");
    }
    assert_eq!(bench.count("SELECT COUNT(*) FROM tenant"), 0);
}

#[test]
fn every_mistake_of_a_tenant_is_one_line() {
    check_mistakes(&[
        ("version: 1", "version: 2", "version: 2 is not known; only 1 is"),
        ("{id: u_bob,", "{id: u_ada,", "tenants[0].users[1].id: u_ada belongs to another user"),
        ("ou_bob", "ou_ada", "tenants[0].users[1].open_id: ou_ada belongs to another user"),
        ("ou_bob", "bob", "tenants[0].users[1].open_id: \"bob\" is not allowed; ou_ and"),
        ("ada@demo.test", "ada", "tenants[0].users[0].email: \"ada\" is not an e-mail address"),
        ("- app_id: cli_a000000000000001", "- app_id: cli_A1", "tenants[0].apps[0].app_id: \"cli_A1\" is not allowed"),
        (
            "https://app.test/callback",
            "https://app.test/#x",
            "tenants[0].apps[0].redirect_urls[0]: \"https://app.test/#x\" is not allowed; an http or https URL",
        ),
        ("url: http:", "url: ftp:", "tenants[0].apps[0].events.url: \"ftp://127.0.0.1:9000/events\" is not allowed"),
        (
            "        events:\n",
            "        type: store\n        events:\n          delivery: long_connection\n",
            "tenants[0].apps[0].events.delivery: long_connection is for custom apps",
        ),
        (
            "[helpdesk.ticket.created_v1",
            "[helpdesk.x",
            "tenants[0].apps[0].events.types[0]: no event type \"helpdesk.x\"; known are helpdesk.ticket.created_v1",
        ),
    ]);
}

#[test]
fn every_mistake_of_a_help_desk_is_one_line() {
    check_mistakes(&[
        ("\"6900000000000000001\"", "69", "DESK.id: \"69\" is not allowed; 19 digits up to"),
        ("token: ht-demo", "token: ''", "DESK.token: must not be empty"),
        ("owner: u_ada", "owner: u_eve", "DESK.owner: no user \"u_eve\" in this tenant; known are u_ada, u_bob"),
        ("{user: u_bob, role", "{user: u_eve, role", "DESK.agents[0].user: no user \"u_eve\""),
        ("{user: u_bob, role", "{user: u_ada, role", "DESK.agents[0].role: u_ada is the owner"),
        ("users: [u_bob]", "users: [u_eve]", "DESK.visibility.users[0]: no user \"u_eve\""),
        ("direct_score: 0.7", "direct_score: 1.7", "DESK.answering.direct_score: 1.7 is not in 0..=1"),
        (
            "[{app: cli_a000000000000001",
            "[{app: cli_b",
            "DESK.subscriptions[0].app: no app \"cli_b\" in this tenant; known are cli_a000000000000001",
        ),
        (
            "type: helpdesk.ticket_message",
            "type: helpdesk.ticket",
            "DESK.subscriptions[0].subtype: no event has type \"helpdesk.ticket\"",
        ),
        (
            "{name: Wi-Fi / LAN}",
            "{name: Accounts}",
            "DESK.categories[1].name: \"Accounts\" is named twice under the same parent",
        ),
        (
            "category: Accounts/Passwords",
            "category: Accounts/Foo",
            "DESK.faqs[0].category: no category \"Accounts/Foo\" in this help desk; known are Accounts, \
             Accounts/Passwords, Wi-Fi / LAN",
        ),
        ("6900000000000001002", "6900000000000001001", "DESK.faqs[1].id: 6900000000000001001 is another FAQ"),
        (
            "question: No network?",
            "question: Reset my password?",
            "DESK.faqs[1].question: \"Reset my password?\" is another FAQ",
        ),
        ("answer: \"Open Settings.\"", "answer: ''", "DESK.faqs[0].answer: answer or answer_richtext must be given"),
        ("https://x.test", "javascript:x", "DESK.faqs[1].answer_richtext[1].url: only http"),
    ]);
}

#[test]
fn what_belongs_to_somebody_else_in_the_database_is_told_before_anything_is_written() {
    let bench = Bench::new();
    bench.put(FILE);
    let other = FILE.replace("key: demo", "key: other").replace("6900000000000000001", "6900000000000000002");
    let faults = bench.try_put(&other, false).unwrap_err();
    assert_eq!(
        faults,
        ["tenants[0].apps[0].app_id: cli_a000000000000001 belongs to tenant demo in the database already"]
    );
    let faults = bench.try_put(&FILE.replace(": u_bob", ": u_new").replace("[u_bob]", "[u_new]"), false).unwrap_err();
    assert_eq!(faults, ["tenants[0].users[1].open_id: ou_bob belongs to user u_bob in the database already"]);
}

#[test]
fn a_use_case_can_apply_within_its_own_transaction() {
    let bench = Bench::new();
    let file = parse(FILE, Format::Yaml, &|_| None).unwrap();
    let prepared = prepare(file, &Known::default(), &bench.ids).unwrap();
    let (vault, ids) = (bench.vault.clone(), Arc::clone(&bench.ids));
    let effects = bench
        .db
        .write_blocking(move |tx| {
            let mut cx = crate::Cx::new(NOW, Arc::clone(&ids));
            apply(tx, &mut cx, &vault, &prepared)?;
            Ok::<_, Refusal>(cx.effects)
        })
        .unwrap();
    assert_eq!(effects, [crate::Effect::Directory], "one reload, however much changed");
}

#[test]
fn the_schema_describes_every_key() {
    let schema = schema();
    let text = schema.to_string();
    for key in ["widget_secret", "app_timeout_ms", "answer_richtext", "dropdown_options", "additionalProperties"] {
        assert!(text.contains(key), "{key}");
    }
    assert_eq!(schema["properties"]["version"]["maximum"], 1);
}
