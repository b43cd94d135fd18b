//! No statement of the domain reads a whole table that grows: SQLite's own plan of each says so. What lists and claims
//! deliveries is looked at closer, on both databases: it sorts nothing, and reads few rows of many.

use std::path::Path;

use db::{Db, DbError, Param, Tx, params};
use desk::Refusal;
use testkit::server::{APP, DESK};
use testkit::{Database, TestServer, on_both};

/// Tables that grow with use.
const GROWING: &[&str] = &[
    "admin_session",
    "attempt",
    "audit",
    "canned_reply",
    "chat",
    "delivery",
    "draft",
    "faq",
    "faq_change",
    "faq_image",
    "faq_vector",
    "faq_version",
    "field_value",
    "gap_decision",
    "image",
    "kept_case",
    "message",
    "note",
    "notification",
    "notification_member",
    "notification_target",
    "oauth_code",
    "oauth_family",
    "person",
    "person_part",
    "question",
    "resend",
    "saved_view",
    "search_term",
    "step",
    "tag",
    "ticket",
    "ticket_agent",
    "ticket_news",
    "ticket_tag",
    "q",
    // Kept cases with who made them.
    "kept",
    // Notifications and their addressees and lists in joins.
    "listed",
    "n",
    "target",
];

/// The SQL texts written down in a source file.
fn statements(source: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = source;
    while let Some((_, after)) = rest.split_once('"') {
        let end = after.match_indices('"').map(|(i, _)| i).find(|&i| i == 0 || after.as_bytes()[i - 1] != b'\\');
        let Some(end) = end else { break };
        let text = &after[..end];
        if ["SELECT ", "UPDATE ", "DELETE ", "WITH "].iter().any(|verb| text.trim_start().starts_with(verb)) {
            found.push(text);
        }
        rest = &after[end + 1..];
    }
    found
}

fn sources(folder: &Path, into: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("deskfile") {
            sources(&path, into);
        } else if path.extension().is_some_and(|e| e == "rs") && !path.to_string_lossy().ends_with("tests.rs") {
            into.push((path.display().to_string(), std::fs::read_to_string(&path).unwrap()));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_statement_scans_a_table_that_grows() {
    let server = TestServer::start(Database::sqlite()).await;
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../desk/src"), &mut files);
    let mut looked_at = 0;
    for (file, source) in &files {
        for sql in statements(source) {
            // Pieces of a statement that a macro puts together do not stand alone.
            if sql.matches('(').count() != sql.matches(')').count() || sql.trim_end().ends_with("SELECT 1") {
                continue;
            }
            let count = (1..40).rev().find(|n| sql.contains(&format!("${n}"))).unwrap_or(0);
            let explain: &'static str = Box::leak(format!("EXPLAIN QUERY PLAN {sql}").into_boxed_str());
            let plan = server.running.app().db().read_blocking(move |tx| {
                let nothing: Vec<Param<'_>> = (0..count).map(|_| Param::Null).collect();
                tx.query(explain, &nothing, |row| row.string(3))
            });
            let plan = plan.unwrap_or_else(|error| panic!("{file}: {error}\n{sql}"));
            looked_at += 1;
            for step in plan {
                let scanned = step.strip_prefix("SCAN ").and_then(|rest| rest.split(' ').next());
                let whole = scanned.is_some_and(|table| GROWING.contains(&table) && !step.contains("USING"));
                assert!(!whole, "{file}: {step}\n{sql}");
            }
        }
    }
    assert!(looked_at > 50, "only {looked_at} statements were found");
}

/// Deliveries that are there, and the most rows that a look at them may read.
const MANY: i64 = 40_000;
const FEW: f64 = 5_000.0;

/// Fills tables, and counts their rows as PostgreSQL does by itself before long; on SQLite nobody does.
fn filled(db: &Db, fill: impl Fn(&mut Tx<'_>) -> Result<(), DbError> + Send + 'static) {
    db.write_blocking(move |tx| {
        fill(tx)?;
        if tx.kind() == db::Kind::Postgres {
            tx.execute("ANALYZE", &[])?;
        }
        Ok::<_, DbError>(())
    })
    .unwrap();
}

/// Fills the outbox of three apps with deliveries of 100 tickets: first those that were delivered, each with an attempt,
/// then those that wait; one of 1,000 is dead. Most of ticket 7 that wait are aside, as when a claim has seen them.
fn fill(db: &Db) {
    filled(db, |tx| {
        tx.execute(
            "WITH RECURSIVE n (i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < $1)
             INSERT INTO delivery (tenant, app_id, delivery_id, event_id, event_type, helpdesk_id, ticket_id, body, state,
                                   attempts, resent_after, next_at, created_at, aside)
             SELECT 'demo', 'cli_a00000000000000' || (1 + i % 3), 7700000000000000000 + i, 'event ' || i,
                    CASE i % 7 WHEN 0 THEN 'helpdesk.ticket.created_v1' ELSE 'helpdesk.ticket_message.created_v1' END, 1,
                    i % 100, '{}', CASE WHEN i % 1000 = 0 THEN 2 WHEN i < 10000 THEN 1 ELSE 0 END,
                    CASE WHEN i % 1000 = 0 OR i < 10000 THEN 1 ELSE 0 END, 0, i, i,
                    CASE WHEN i >= 10000 AND i % 1000 <> 0 AND i % 100 = 7 AND i > 10300 THEN 1 ELSE 0 END
             FROM n",
            &params![MANY],
        )?;
        tx.execute(
            "INSERT INTO attempt (tenant, delivery_id, attempt, at, duration_ms, http_status, outcome, recorded, ended)
             SELECT tenant, delivery_id, 1, created_at, 1, 200, 'well', delivery_id, state FROM delivery
             WHERE attempts = 1",
            &[],
        )?;
        tx.execute(
            "INSERT INTO resend (tenant, delivery_id, resend_id, at, by_way)
             SELECT tenant, delivery_id, delivery_id, created_at, 'command line' FROM delivery WHERE attempts = 1",
            &[],
        )?;
        Ok(())
    });
}

/// Fills a help desk with questions, every fourth of which somebody judged.
fn ask_much(db: &Db) {
    filled(db, |tx| {
        tx.execute(
            "WITH RECURSIVE n (i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < $1)
             INSERT INTO question (tenant, ticket_id, event_id, chat_id, position, text, state, asked_at, app_shown,
                                   helpdesk_id, found, solved, label_id)
             SELECT 'demo', i, 'event ' || i, 'oc_' || i % 100, i, 'a question', 1, i, 0, CAST($2 AS BIGINT), '[]',
                    CASE i % 4 WHEN 0 THEN 1 END, CASE i % 4 WHEN 0 THEN i END
             FROM n",
            &params![MANY, DESK.parse::<i64>().unwrap()],
        )?;
        Ok(())
    });
}

/// Fills a help desk with tickets of one question each, and with decisions.
fn fill_questions(db: &Db) {
    filled(db, |tx| {
        tx.execute(
            "WITH RECURSIVE n (i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < $1)
             INSERT INTO ticket (tenant, ticket_id, helpdesk_id, chat_id, guest, guest_name, stage, status, channel,
                                 created_at, updated_at)
             SELECT 'demo', i, 6900000000000000001, 'oc_' || i, 'g' || i, 'G', 1 + i % 2, 50, 1, i, i FROM n",
            &params![MANY],
        )?;
        tx.execute(
            "INSERT INTO question (tenant, ticket_id, event_id, chat_id, position, text, state, asked_at, app_shown,
                                   helpdesk_id, mode)
             SELECT tenant, ticket_id, 'event ' || ticket_id, chat_id, 1, 'question', 1, created_at, 0, helpdesk_id,
                    CASE ticket_id % 3 WHEN 0 THEN 'none' ELSE 'direct' END
             FROM ticket",
            &[],
        )?;
        tx.execute(
            "INSERT INTO gap_decision (tenant, helpdesk_id, decision_id, kind, decided_at, decided_by, question, texts,
                                       guests, proposed, added)
             SELECT tenant, helpdesk_id, ticket_id, 'rejected', created_at, 'u_ada', 'question', '[]', 1, 'none', '[]'
             FROM ticket",
            &[],
        )?;
        Ok(())
    });
}

/// Tickets of a help desk: of each five one is closed, one queued, the others are in the hands of 100 agents. Each has news,
/// and each the terms 1 and 2, 2 only every other.
fn fill_console(db: &Db) {
    filled(db, |tx| {
        tx.execute(
            "WITH RECURSIVE n (i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < $1)
             INSERT INTO ticket (tenant, ticket_id, helpdesk_id, chat_id, guest, guest_name, stage, status, channel, owner,
                                 created_at, closed_at, waits_from)
             SELECT 'demo', i, 6900000000000000001, 'oc_' || i, 'g_' || i, 'Gina', 2,
                    CASE i % 5 WHEN 0 THEN 51 WHEN 1 THEN 3 ELSE 2 END, 0,
                    CASE WHEN i % 5 = 1 THEN NULL ELSE 'u_' || (i % 100) END, i, CASE WHEN i % 5 = 0 THEN i END, i
             FROM n",
            &params![MANY],
        )?;
        tx.execute(
            "INSERT INTO ticket_news (tenant, ticket_id, helpdesk_id, changed)
             SELECT tenant, ticket_id, helpdesk_id, ticket_id FROM ticket WHERE tenant = 'demo'",
            &[],
        )?;
        tx.execute(
            "INSERT INTO message (tenant, chat_id, position, message_id, ticket_message_id, ticket_id, sender, kind, text,
                                  content, event_id, created_at)
             SELECT tenant, 'oc_7', ticket_id, 'om_' || ticket_id, ticket_id, 7, 2, 'text', 'Hello', '{}', '', ticket_id
             FROM ticket WHERE tenant = 'demo'",
            &[],
        )?;
        tx.execute(
            "INSERT INTO search_term (tenant, helpdesk_id, term, ticket_id, position, note_id)
             SELECT tenant, helpdesk_id, 1, ticket_id, 1, 0 FROM ticket WHERE tenant = 'demo'
             UNION ALL SELECT tenant, helpdesk_id, 2, ticket_id, 1, 0 FROM ticket WHERE tenant = 'demo' AND ticket_id % 2 = 0",
            &[],
        )?;
        Ok(())
    });
}

/// Fills a tenant with people of whom all are found by one letter.
fn fill_people(db: &Db) {
    filled(db, |tx| {
        tx.execute(
            "WITH RECURSIVE n (i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < $1)
             INSERT INTO person (tenant, user_id, union_id, open_id, name, departments, guest_only, managed, has_parts,
                                 created_at)
             SELECT 'demo', 'u_' || i, 'on_' || i, 'ou_' || i, 'Zoe ' || i, '[]', 0, 0, i % 1000, i FROM n",
            &params![MANY],
        )?;
        for inside in [0, 1] {
            tx.execute(
                "INSERT INTO person_part (tenant, inside, part, user_id)
                 SELECT tenant, $1, $2, user_id FROM person WHERE name LIKE 'Zoe%'",
                &params![inside, &b"zoe"[..]],
            )?;
        }
        Ok(())
    });
}

/// The one statement in `file` of the domain that holds all of `marks`.
fn statement(file: &str, marks: &[&str]) -> &'static str {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../desk/src").join(file);
    let source: &'static str = Box::leak(std::fs::read_to_string(path).unwrap().into_boxed_str());
    let found: Vec<_> = statements(source).into_iter().filter(|sql| marks.iter().all(|m| sql.contains(m))).collect();
    assert_eq!(found.len(), 1, "{marks:?} in {file}: {found:?}");
    found[0]
}

/// Runs it for its plan, with how many rows each step read on PostgreSQL, and takes back what it changed.
fn plan(db: &Db, sql: &str, values: &'static [Value]) -> Vec<String> {
    let postgres = db.kind() == db::Kind::Postgres;
    let explain = if postgres { "EXPLAIN (ANALYZE, TIMING OFF, SUMMARY OFF)" } else { "EXPLAIN QUERY PLAN" };
    let explain: &'static str = Box::leak(format!("{explain} {sql}").into_boxed_str());
    let (tell, told) = std::sync::mpsc::channel();
    let outcome: Result<(), Refusal> = db.write_blocking(move |tx| {
        let values: Vec<Param<'_>> = values.iter().map(Value::param).collect();
        let steps = tx.query(explain, &values, |row| row.string(if postgres { 0 } else { 3 }))?;
        tell.send(steps).unwrap();
        Err(Refusal::invalid("plan", "only the plan is wanted"))
    });
    let steps = told.try_iter().last();
    steps.unwrap_or_else(|| panic!("{outcome:?}\n{sql}"))
}

#[derive(Debug, Clone, Copy)]
enum Value {
    Int(i64),
    Text(&'static str),
    Bytes(&'static [u8]),
}

impl Value {
    fn param(&self) -> Param<'_> {
        match self {
            Self::Int(value) => Param::Int(*value),
            Self::Text(text) => Param::Text(text),
            Self::Bytes(bytes) => Param::Bytes(bytes),
        }
    }
}

/// Asserts that the plan sorts no more than a window and reads few rows.
#[track_caller]
fn assert_bounded(db: &Db, sql: &str, values: &'static [Value], may_sort: bool) {
    assert_bounded_by(db, sql, values, may_sort, FEW);
}

/// The same with another number of rows.
#[track_caller]
fn assert_bounded_by(db: &Db, sql: &str, values: &'static [Value], may_sort: bool, few: f64) {
    let steps = plan(db, sql, values);
    let told = steps.join("\n");
    if db.kind() == db::Kind::Sqlite {
        for step in &steps {
            let begins = |scans: [&str; 2]| scans.iter().any(|scan| step.starts_with(scan));
            let whole =
                begins(["SCAN d ", "SCAN q "]) || begins(["SCAN delivery", "SCAN question"]) && !step.contains("USING");
            assert!(!whole, "{told}\n{sql}");
            assert!(may_sort || !step.contains("TEMP B-TREE"), "{told}\n{sql}");
        }
        return;
    }
    let number = |step: &str, mark: &str| {
        let (_, rest) = step.rsplit_once(mark)?;
        rest.split(|c: char| c != '.' && !c.is_ascii_digit()).next()?.parse::<f64>().ok()
    };
    let read = |step: &String| {
        let rows = number(step, "(actual rows=").unwrap_or(0.0) * number(step, "loops=").unwrap_or(1.0);
        rows + number(step, "Rows Removed by Filter: ").unwrap_or(0.0)
    };
    let rows: f64 = steps.iter().map(read).sum();
    assert!(steps.iter().any(|step| step.contains("actual rows=")), "{told}");
    assert!(rows < few, "{rows} rows\n{told}\n{sql}");
    assert!(may_sort || !steps.iter().any(|step| step.contains("Sort Key")), "{told}\n{sql}");
    assert!(!steps.iter().any(|step| step.contains("Seq Scan on delivery")), "{told}\n{sql}");
}

on_both! {
    async fn people_are_found_with_few_rows_read(database) {
        use Value::{Bytes, Int, Text};
        let server = TestServer::start(database).await;
        let db = server.running.app().db();
        fill_people(db);
        let find = "person/find.rs";
        let page: &'static [Value] =
            Box::leak(Box::new([Text("demo"), Int(0), Bytes(b"z"), Text(""), Bytes(b"z\xff"), Int(200)]));
        assert_bounded(db, statement(find, &["f.inside = $2"]), page, false);
        assert_bounded(db, statement(find, &["has_parts = 0"]), &[Int(100)], false);
        let own: &'static [Value] = Box::leak(Box::new([Text("demo"), Text("u_7")]));
        assert_bounded(db, statement(find, &["DELETE FROM person_part"]), own, false);
    }

    async fn a_page_of_deliveries_reads_few_rows_by_whatever_filter(database) {
        use Value::{Int, Text};
        let server = TestServer::start(database).await;
        let db = server.running.app().db();
        fill(db);
        let (top, find) = (Int(i64::MAX), "delivery/find.rs");
        let newest: &'static [Value] = Box::leak(Box::new([top, Int(50)]));
        assert_bounded(db, statement(find, &["WHERE d.delivery_id < $1"]), newest, false);
        assert_bounded(db, statement(find, &["d.event_id = $1"]), &[Text("event 77")], true);
        let ticket: &'static [Value] = Box::leak(Box::new([Text("demo"), Int(7), top, Int(500)]));
        assert_bounded(db, statement(find, &["d.ticket_id = $2"]), ticket, false);
        let page: &'static [Value] = Box::leak(Box::new([Text("demo"), Int(7), top, Int(51)]));
        assert_bounded(db, statement("console/deliveries.rs", &["d.ticket_id = $2"]), page, false);
        let of_kind = statement(find, &["d.event_type = $3"]);
        for state in 0..3 {
            let kind = [Text("demo"), Text(APP), Text("helpdesk.ticket.created_v1"), Int(state), Int(0), top, Int(50)];
            assert_bounded(db, of_kind, Box::leak(Box::new(kind)), false);
        }
        assert_bounded(db, statement(find, &["WITH RECURSIVE kind"]), &[], false);
        // As filters come together.
        for query in ["", "state=dead", "state=delivered", "state=pending", "type=helpdesk.ticket_message.created_v1&state=dead"] {
            let answer = server.call(reqwest::Method::GET, &format!("/dev/v1/deliveries?limit=3&{query}")).send().await;
            assert_eq!(answer.json["deliveries"].as_array().map(Vec::len), Some(3), "{query}: {}", answer.json);
        }
    }

    async fn a_page_of_a_console_reads_few_rows_of_many(database) {
        use Value::{Int, Text};
        let server = TestServer::start(database).await;
        let db = server.running.app().db();
        fill_console(db);
        let (demo, desk, start, inbox) = (Text("demo"), Int(6_900_000_000_000_000_001), Int(i64::MIN), "console/inbox.rs");
        let of = |third: Value| -> &'static [Value] {
            Box::leak(Box::new([Text("demo"), Int(6_900_000_000_000_000_001), third, Int(i64::MIN), Int(i64::MIN), Int(51)]))
        };
        assert_bounded(db, statement(inbox, &["owner = $3 AND owner IS NOT NULL", "LIMIT $6"]), of(Text("u_7")), false);
        assert_bounded(db, statement(inbox, &["status = $3 AND stage", "LIMIT $6"]), of(Int(3)), false);
        let nobodys: &'static [Value] = Box::leak(Box::new([demo, desk, start, start, Int(51)]));
        assert_bounded(db, statement(inbox, &["owner IS NULL AND stage", "LIMIT $5"]), nobodys, false);
        for (marks, third) in [
            (["COUNT(*)", "owner = $3 AND owner IS NOT NULL"], Some(Text("u_7"))),
            (["COUNT(*)", "owner IS NULL AND stage"], None),
            (["COUNT(*)", "status = $3 AND stage"], Some(Int(2))),
        ] {
            let values: Vec<Value> = [demo, desk].into_iter().chain(third).chain([Int(1_001)]).collect();
            assert_bounded(db, statement(inbox, &marks), values.leak(), false);
        }
        // The one of many messages in a ticket.
        let (read, by_id) = (statement("message/read.rs", &["FROM message m LEFT JOIN"]), "WHERE m.ticket_message_id = $1");
        let source = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../desk/src/message/read.rs"));
        assert!(source.unwrap().contains(by_id));
        assert_bounded(db, Box::leak(format!("{read}{by_id}").into_boxed_str()), &[Int(MANY / 2)], false);
        let closed: &'static [Value] = Box::leak(Box::new([demo, desk, Int(i64::MAX), Int(i64::MAX), Int(51)]));
        assert_bounded(db, statement(inbox, &["-closed_at"]), closed, false);
        let news: &'static [Value] = Box::leak(Box::new([demo, desk, Int(MANY - 50), Int(0), Int(500)]));
        assert_bounded(db, statement("console/news.rs", &["FROM ticket_news"]), news, false);
        let mut search = vec![demo, desk, Int(1), Int(i64::MAX), Int(2_000)];
        search.extend([Int(2); 7]);
        search.push(Int(21));
        let find = statement("console/search.rs", &["b.term = $12"]);
        // Each of the rows that are looked through is looked up by one other word.
        assert_bounded_by(db, find, search.leak(), true, 4.0 * FEW);
    }

    async fn a_claim_reads_few_rows_however_many_wait(database) {
        use Value::{Int, Text};
        let server = TestServer::start(database).await;
        let db = server.running.app().db();
        fill(db);
        let claim = "outbox/claim.rs";
        let now = Int(MANY + 1);
        let take: &'static [Value] =
            Box::leak(Box::new([Text("demo"), Text(APP), now, Int(256), Int(16), Int(MANY + 9), Text("here")]));
        assert_bounded(db, statement(claim, &["turn AS MATERIALIZED"]), take, true);
        let window: &'static [Value] = Box::leak(Box::new([Text("demo"), Text(APP), now, Int(256)]));
        assert_bounded(db, statement(claim, &["SET aside = 1"]), window, true);
        assert_bounded(db, statement(claim, &["OFFSET $4"]), window, false);
        assert_bounded(db, statement(claim, &["SET aside = 0", "aside = 1"]), &[Text("demo"), Text(APP), Int(7)], false);
        let overdue: &'static [Value] =
            Box::leak(Box::new([Text("demo"), Text(APP), now, Int(256), Int(MANY + 9), Text("here")]));
        assert_bounded(db, statement(claim, &["UPDATE delivery SET next_at = $5"]), overdue, true);
    }

    async fn labels_are_found_without_reading_what_nobody_judged(database) {
        use Value::{Int, Text};
        let server = TestServer::start(database).await;
        let db = server.running.app().db();
        ask_much(db);
        let newest: &'static [Value] =
            Box::leak(Box::new([Text("demo"), Int(DESK.parse().unwrap()), Int(0), Int(2_000)]));
        assert_bounded(db, statement("calibration.rs", &["ORDER BY label_id DESC"]), newest, false);
        assert_bounded(db, statement("calibration.rs", &["MAX(q.label_id)"]), &[Int(32)], true);
    }

    async fn a_look_at_what_happens_reads_few_rows(database) {
        use Value::Int;
        let server = TestServer::start(database).await;
        let db = server.running.app().db();
        fill(db);
        let range: &'static [Value] = Box::leak(Box::new([Int(7_700_000_000_000_000_005), Int(7_700_000_000_000_000_008)]));
        for of in ["delivery_id", "recorded", "resend_id"] {
            let order = format!("ORDER BY {of} LIMIT $2");
            let ids: &'static [Value] = Box::leak(Box::new([Int(7_700_000_000_000_000_005), Int(100)]));
            assert_bounded(db, statement("delivery/follow.rs", &[&order]), ids, false);
            let among = format!(".{of} <= $2");
            assert_bounded(db, statement("delivery/follow.rs", &[&among]), range, false);
        }
    }

    async fn a_look_at_gaps_reads_few_rows_of_many_questions(database) {
        use Value::{Int, Text};
        let server = TestServer::start(database).await;
        let db = server.running.app().db();
        fill_questions(db);
        let (desk, past, decision) = (Int(6_900_000_000_000_000_001), "gap/past.rs", "gap/decision.rs");
        let newest: &'static [Value] =
            Box::leak(Box::new([Text("demo"), desk, Int(0), Int(MANY), Text(""), Int(100)]));
        assert_bounded(db, statement(past, &["ORDER BY q.asked_at DESC, q.event_id DESC"]), newest, false);
        let after: &'static [Value] = Box::leak(Box::new([Text("demo"), desk, Int(100), Int(200), Int(100)]));
        assert_bounded(db, statement(past, &["ORDER BY q.asked_at, q.event_id LIMIT"]), after, false);
        let of_desk: &'static [Value] = Box::leak(Box::new([Text("demo"), desk]));
        assert_bounded(db, statement(past, &["SELECT asked_at, event_id"]), of_desk, false);
        assert_bounded(db, statement(past, &["SELECT updated_at, ticket_id"]), of_desk, false);
        assert_bounded(db, statement(decision, &["SELECT decision_id FROM"]), of_desk, false);
        let page: &'static [Value] = Box::leak(Box::new([Text("demo"), desk, Int(MANY), Int(20)]));
        for condition in ["", " AND kind <> 'apart'"] {
            let read = statement(decision, &["LEFT JOIN person"]);
            let sql = format!("{read}{condition} ORDER BY decision_id DESC LIMIT $4");
            assert_bounded(db, Box::leak(sql.into_boxed_str()), page, false);
        }
        let since: &'static [Value] = Box::leak(Box::new([Text("demo"), desk, Int(MANY - 10)]));
        assert_bounded(db, statement(decision, &["SELECT texts"]), since, false);
    }

    async fn a_report_reads_the_tickets_of_its_days_alone(database) {
        use Value::{Int, Text};
        let server = TestServer::start(database).await;
        let db = server.running.app().db();
        fill_questions(db);
        let (demo, desk, fact) = (Text("demo"), Int(6_900_000_000_000_000_001), "report/fact.rs");
        let days: &'static [Value] = Box::leak(Box::new([demo, desk, Int(30_000), Int(0), Int(29_000), Int(1_000)]));
        // Each of the thousand tickets looks three times at its own questions.
        assert_bounded_by(db, statement(fact, &["LIMIT $6"]), days, true, 2.0 * FEW);
    }
}
