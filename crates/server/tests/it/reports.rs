//! Reports: what each figure counts, on which clock, for whom; and that each number lists its tickets.

use db::{DbError, params};
use reqwest::Method;
use serde_json::{Value, json};
use testkit::server::{DESK, FAQS, OTHER_DESK, OWNER};
use testkit::{Answer, Database, Options, TestServer, on_both};

use crate::admin::{by, file, start, token};

/// 2026-01-05 00:00 UTC, a Monday.
const MONDAY: i64 = 1_767_571_200;
const ALL: [&str; 18] = [
    "opened",
    "open",
    "closed",
    "intercepted",
    "handed_over",
    "answered",
    "unanswered",
    "solved",
    "not_solved",
    "queued",
    "taken",
    "abandoned",
    "waiting",
    "resolved",
    "rated",
    "dissatisfied",
    "neutral",
    "satisfied",
];

/// A ticket that is written as it is; times are seconds after `MONDAY`.
#[derive(Clone, Copy, Default)]
struct Row {
    id: i64,
    opened: i64,
    state: (i64, i64),
    owner: Option<&'static str>,
    score: Option<i64>,
    closed: Option<i64>,
    queued: Option<i64>,
    entry: Option<i64>,
    reply: Option<i64>,
}

fn store(server: &TestServer, rows: &[Row]) {
    let rows = rows.to_vec();
    let ms = |seconds: Option<i64>| seconds.map(|s| (MONDAY + s) * 1000);
    let stored: Result<(), DbError> = server.running.app().db().write_blocking(move |tx| {
        for row in &rows {
            tx.execute(
                "INSERT INTO ticket (tenant, ticket_id, helpdesk_id, chat_id, guest, guest_name, stage, status, channel,
                                     owner, score, created_at, closed_at, queued_at, agent_entry_at,
                                     agent_first_response_at)
                 VALUES ('demo', $1, $2, 'oc_x', 'g', 'Gina', $3, $4, 0, $5, $6, $7, $8, $9, $10, $11)",
                &params![
                    row.id, DESK.parse::<i64>().unwrap(), row.state.0, row.state.1, row.owner, row.score,
                    ms(Some(row.opened)), ms(row.closed), ms(row.queued), ms(row.entry), ms(row.reply)
                ],
            )?;
        }
        Ok(())
    });
    stored.unwrap();
}

/// What became of a ticket's question: its place, how it was shown, whether it helped, the FAQs.
type Outcome = (i64, i64, &'static str, Option<i64>, Option<&'static str>, Option<&'static str>, Option<&'static str>);

fn store_outcomes(server: &TestServer, outcomes: &'static [Outcome]) {
    let stored: Result<(), DbError> = server.running.app().db().write_blocking(move |tx| {
        for (ticket, position, mode, solved, found, chosen, by_agent) in outcomes {
            let id = |faq: Option<&str>| faq.map(|id| id.parse::<i64>().unwrap());
            let found = found.map_or("[]".to_owned(), |id| json!([{"id": id, "score": 0.9}]).to_string());
            tx.execute(
                "INSERT INTO question (tenant, ticket_id, event_id, chat_id, position, text, state, asked_at, app_shown,
                                       helpdesk_id, mode, solved, found, chosen_faq, agent_faq)
                 VALUES ('demo', $1, $2, 'oc_x', $3, 'q', 1, 1, 0, $4, $5, $6, $7, $8, $9)",
                &params![
                    *ticket, &format!("e{ticket}-{position}"), *position, DESK.parse::<i64>().unwrap(), *mode, *solved,
                    &found, id(*chosen), id(*by_agent)
                ],
            )?;
        }
        Ok(())
    });
    stored.unwrap();
}

/// Seven tickets of Monday and one of Sunday.
async fn world(database: Database) -> (TestServer, String) {
    let server = start(database, &Options { by: "builtin", subscribed: false, ..Options::default() }).await;
    store(
        &server,
        &[
            Row { id: 1, opened: 0, state: (1, 50), closed: Some(3600), ..Row::default() },
            Row { id: 2, opened: 60, state: (1, 1), ..Row::default() },
            Row {
                id: 3,
                opened: 100,
                state: (2, 51),
                owner: Some("u_bob"),
                score: Some(3),
                closed: Some(350),
                queued: Some(200),
                entry: Some(260),
                reply: Some(300),
            },
            Row {
                id: 4,
                opened: 200,
                state: (2, 51),
                owner: Some("u_bob"),
                score: Some(1),
                closed: Some(300),
                entry: Some(220),
                reply: Some(240),
                ..Row::default()
            },
            Row { id: 5, opened: 300, state: (2, 52), closed: Some(500), queued: Some(310), ..Row::default() },
            Row { id: 6, opened: 400, state: (2, 3), queued: Some(410), ..Row::default() },
            Row {
                id: 7,
                opened: 500,
                state: (2, 5),
                owner: Some("u_ada"),
                queued: Some(500),
                entry: Some(620),
                reply: Some(740),
                ..Row::default()
            },
            Row { id: 8, opened: -3600, state: (1, 52), score: Some(2), closed: Some(-1800), ..Row::default() },
        ],
    );
    store_outcomes(
        &server,
        &[
            // First not, then solved: the last word counts.
            (1, 1, "direct", Some(0), Some(FAQS[1]), None, None),
            (1, 2, "list", Some(1), Some(FAQS[1]), Some(FAQS[0]), None),
            (2, 1, "direct", Some(0), Some(FAQS[1]), None, None),
            // A list of which nothing was picked answers nothing; here an agent did, with a FAQ without a category.
            (3, 1, "list", None, Some(FAQS[1]), None, Some(FAQS[2])),
            (4, 1, "list", None, Some(FAQS[1]), None, None),
        ],
    );
    let ada = token(&server, "ada").await;
    (server, ada)
}

async fn ask(server: &TestServer, token: &str, path: &str) -> Answer {
    by(server, token, Method::GET, &format!("/desks/{DESK}/reports/{path}")).send().await
}

async fn get(server: &TestServer, token: &str, path: &str) -> Value {
    let answer = ask(server, token, path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.json);
    answer.json
}

/// Ids of the tickets of a page.
fn ids(list: &Value) -> Vec<&str> {
    list["tickets"].as_array().unwrap().iter().map(|ticket| ticket["ticket_id"].as_str().unwrap()).collect()
}

/// Key and number of tickets of each row.
fn opened(rows: &Value) -> Vec<(&str, i64)> {
    let row = |row: &'_ Value| row["figures"]["opened"].as_i64().unwrap();
    rows.as_array().unwrap().iter().map(|r| (r["key"].as_str().unwrap(), row(r))).collect()
}

on_both! {
    async fn figures_are_those_that_are_counted_by_hand(database) {
        let (server, ada) = world(database).await;
        let report = get(&server, &ada, "overview?from=2026-01-05&to=2026-01-05").await;
        let expected = json!({
            "opened": 7, "open": 3, "closed": 4, "intercepted": 1, "intercepted_share": 0.25, "handed_over": 5,
            "answered": 3, "unanswered": 2, "first_response_median_s": 100, "first_response_p90_s": 240, "resolved": 3,
            "resolution_median_s": 200, "resolution_p90_s": 250, "queued": 4, "taken": 2, "abandoned": 1, "waiting": 1,
            "queue_median_s": 60, "queue_p90_s": 120, "solved": 1, "not_solved": 1, "solved_share": 0.5, "rated": 2,
            "rated_share": 0.5, "satisfaction": 2.0, "dissatisfied": 1, "neutral": 0, "satisfied": 1});
        assert_eq!(report["total"], expected);
        let before = &report["before"];
        assert_eq!((&before["period"]["from"], &before["period"]["to"]), (&json!("2026-01-04"), &json!("2026-01-04")));
        assert_eq!((&before["figures"]["opened"], &before["figures"]["neutral"]), (&json!(1), &json!(1)));
        assert_eq!(before["figures"]["intercepted"], 1);
        assert_eq!(report["period"], json!({"from": "2026-01-05", "to": "2026-01-05", "starts_at": MONDAY * 1000,
                                            "ends_at": (MONDAY + 86_400) * 1000, "clock": "UTC"}));
        assert_eq!(opened(&report["days"]), [("2026-01-05", 7)]);
        assert_eq!(opened(&report["agents"]), [("u_bob", 2), ("u_ada", 1), ("none", 4)]);
        assert_eq!(report["agents"][0]["name"], "Bob");
        let bob = &report["agents"][0]["figures"];
        assert_eq!((&bob["first_response_median_s"], &bob["resolution_p90_s"]), (&json!(20), &json!(250)));
        let names: Vec<&Value> = report["categories"].as_array().unwrap().iter().map(|row| &row["name"]).collect();
        assert_eq!(names, [&json!("Accounts / Passwords"), &json!("Hardware"), &Value::Null]);
        assert_eq!(report["categories"][2]["figures"]["opened"], 5);
        assert_eq!(opened(&report["hours"]), [("1-00", 7)]);
        for (dimension, rows) in [("day", "days"), ("agent", "agents"), ("category", "categories"), ("hour", "hours")] {
            let table = get(&server, &ada, &format!("by/{dimension}?from=2026-01-05&to=2026-01-05")).await;
            assert_eq!((&table["rows"], &table["period"]), (&report[rows], &report["period"]));
        }
    }

    async fn every_number_lists_its_tickets(database) {
        let (server, ada) = world(database).await;
        let report = get(&server, &ada, "overview?from=2026-01-04&to=2026-01-05").await;
        for figure in ALL {
            let list = get(&server, &ada, &format!("tickets?from=2026-01-04&to=2026-01-05&figure={figure}")).await;
            assert_eq!(report["total"][figure], ids(&list).len(), "{figure}: {list}");
            assert_eq!(list["has_more"], false);
            for (rows, filter) in [("agents", "agent"), ("categories", "category")] {
                for row in report[rows].as_array().unwrap() {
                    let key = row["key"].as_str().unwrap();
                    let path = format!("tickets?from=2026-01-04&to=2026-01-05&figure={figure}&{filter}={key}");
                    assert_eq!(row["figures"][figure], ids(&get(&server, &ada, &path).await).len(), "{path}");
                }
            }
        }
        let list = |query: &'static str| get(&server, &ada, query);
        assert_eq!(ids(&list("tickets?days=2&to=2026-01-05").await), ["7", "6", "5", "4", "3", "2", "1", "8"]);
        assert_eq!(ids(&list("tickets?days=2&weekday=7&hour=23").await), ["8"]);
        assert_eq!(ids(&list("tickets?days=2&weekday=1&hour=23").await), [""; 0]);
        assert_eq!(ids(&list("tickets?days=2&agent=u_bob&figure=dissatisfied").await), ["4"]);
        let one = list("tickets?days=1&figure=satisfied").await["tickets"][0].clone();
        assert_eq!(one, json!({"ticket_id": "3", "guest": "Gina", "agent": "Bob", "stage": 2, "status": 51,
            "created_at": (MONDAY + 100) * 1000, "closed_at": (MONDAY + 350) * 1000, "first_response_s": 100,
            "resolution_s": 250, "queue_s": 60, "score": 3}));
        // Page by page, each ticket once.
        let (mut seen, mut at) = (Vec::new(), String::new());
        loop {
            let page = get(&server, &ada, &format!("tickets?days=2&page_size=3&page_token={at}")).await;
            seen.extend(ids(&page).into_iter().map(str::to_owned));
            let Some(next) = page["page_token"].as_str() else { break };
            next.clone_into(&mut at);
        }
        assert_eq!(seen, ["7", "6", "5", "4", "3", "2", "1", "8"]);
    }

    async fn days_and_hours_are_those_of_the_clock_that_is_asked_for(database) {
        let options = Options { by: "builtin", subscribed: false, ..Options::default() };
        let mut desks = file(&options);
        desks["tenants"][0]["helpdesks"][0]["timezone"] = json!("Europe/Berlin");
        let server = TestServer::with_file(database, &options, &desks).await;
        let ada = token(&server, "ada").await;
        // The clock of Berlin goes from 2:00 to 3:00 on 2026-03-29 at 1:00 UTC: that day has 23 hours.
        let spring = 1_774_738_800 - MONDAY;
        let closed = |id, opened| Row { id, opened, state: (1, 50), closed: Some(opened), ..Row::default() };
        store(&server, &[
            closed(1, spring - 1), closed(2, spring), closed(3, spring + 2 * 3600), closed(4, spring + 23 * 3600 - 1),
            closed(5, spring + 23 * 3600),
        ]);
        let report = get(&server, &ada, "overview?from=2026-03-28&to=2026-03-30").await;
        assert_eq!(opened(&report["days"]), [("2026-03-28", 1), ("2026-03-29", 3), ("2026-03-30", 1)]);
        assert_eq!(opened(&report["hours"]), [("1-00", 1), ("6-23", 1), ("7-00", 1), ("7-03", 1), ("7-23", 1)]);
        assert_eq!(report["period"]["clock"], "Europe/Berlin");
        // An offset of its own knows no summer.
        let report = get(&server, &ada, "overview?from=2026-03-28&to=2026-03-30&utc_offset_min=330").await;
        assert_eq!(opened(&report["hours"]), [("1-03", 2), ("7-04", 2), ("7-06", 1)]);
        assert_eq!((&report["period"]["clock"], &report["period"]["starts_at"]), (&json!("+05:30"), &json!(1_774_636_200_000_i64)));
        // Today is the clock's own: it is 08:00 UTC on Monday.
        let today = get(&server, &ada, "overview?days=1&utc_offset_min=-540").await;
        assert_eq!(today["period"]["from"], "2026-01-04");
        let week = get(&server, &ada, "overview").await;
        assert_eq!((&week["period"]["from"], &week["period"]["to"]), (&json!("2025-12-30"), &json!("2026-01-05")));
        assert_eq!((&week["before"]["period"]["from"], &week["before"]["period"]["to"]), (&json!("2025-12-23"), &json!("2025-12-29")));
    }

    async fn an_empty_period_has_zeros_and_no_rates(database) {
        let (server, ada) = world(database).await;
        let report = get(&server, &ada, "overview?from=2025-01-01&to=2025-12-31").await;
        assert_eq!(report["days"].as_array().unwrap().len(), 365);
        assert_eq!((&report["total"]["opened"], report["total"].get("intercepted_share")), (&json!(0), None));
        assert_eq!(report["total"].as_object().unwrap().len(), ALL.len(), "{}", report["total"]);
        for rows in ["agents", "categories", "hours"] {
            assert_eq!(report[rows], json!([]));
        }
        let list = get(&server, &ada, "tickets?from=2025-01-01&to=2025-12-31").await;
        assert_eq!((ids(&list), &list["has_more"], list.get("page_token")), (vec![], &json!(false), None));
    }

    async fn what_people_do_is_what_the_report_says(database) {
        let server = start(database, &Options { by: "builtin", subscribed: false, ..Options::default() }).await;
        let ada = token(&server, "ada").await;
        let guest = server.guest().await;
        guest.say("i forgot my password").await;
        let answer = guest.wait(0, |m| m["kind"] == "answer").await;
        let path = format!("/messages/{}/feedback", answer["message_id"].as_str().unwrap());
        guest.call(Method::POST, &path).json(&json!({"solved": false})).send().await;
        server.clock.advance(10_000);
        let told = guest.call(Method::POST, "/human").send().await.json;
        let ticket_id = told["ticket_id"].as_str().unwrap().to_owned();
        server.clock.advance(30_000);
        server.act(OWNER, &ticket_id, json!({"action": "reply", "text": "Hello"})).await;
        server.clock.advance(60_000);
        server.act(OWNER, &ticket_id, json!({"action": "close"})).await;
        guest.call(Method::POST, "/rating").json(&json!({"score": 3})).send().await;
        let report = get(&server, &ada, "overview?days=1").await;
        let total = &report["total"];
        for (figure, value) in [
            ("opened", 1), ("closed", 1), ("intercepted", 0), ("handed_over", 1), ("answered", 1), ("resolved", 1),
            ("not_solved", 1), ("satisfied", 1), ("first_response_median_s", 30), ("resolution_median_s", 100), ("queued", 0),
        ] {
            assert_eq!(total[figure], value, "{figure}: {total}");
        }
        assert_eq!((&report["agents"][0]["key"], &report["categories"][0]["name"]), (&json!("u_ada"), &json!("Accounts / Passwords")));
        assert_eq!(opened(&report["hours"]), [("1-08", 1)]);
        assert_eq!(ids(&get(&server, &ada, "tickets?days=1&figure=not_solved").await), [ticket_id.as_str()]);
    }

    async fn tables_are_files_that_spreadsheets_open(database) {
        let (server, ada) = world(database).await;
        let named: Result<u64, DbError> = server.running.app().db().write_blocking(|tx| {
            tx.execute("UPDATE ticket SET guest_name = $1 WHERE ticket_id = 3", &params!["=HYPERLINK(\"http://x\"), 王"])
        });
        named.unwrap();
        let path = format!("/desks/{DESK}/reports/by/agent?from=2026-01-05&to=2026-01-05");
        let file = by(&server, &ada, Method::GET, &path).header("accept", "text/csv").send().await;
        assert_eq!(file.headers["content-type"], "text/csv; charset=utf-8");
        assert_eq!(file.headers["content-disposition"], "attachment; filename=\"agent-2026-01-05-2026-01-05.csv\"");
        let text = String::from_utf8(file.body).unwrap();
        let lines: Vec<&str> = text.split("\r\n").collect();
        assert!(lines[0].starts_with("\u{feff}agent,name,opened,open,closed,intercepted,intercepted_share,"), "{text}");
        assert!(lines[1].starts_with("u_bob,Bob,2,0,2,0,0,2,2,0,20,100,"), "{text}");
        assert_eq!((lines.len(), lines[4]), (5, ""), "{text}");
        let file = ask(&server, &ada, "tickets?days=1&format=csv&page_size=1").await;
        let text = String::from_utf8(file.body).unwrap();
        assert_eq!(text.lines().count(), 8, "a file is no page: {text}");
        assert!(text.contains("\r\n3,\"'=HYPERLINK(\"\"http://x\"\"), 王\",Bob,,2,51,2026-01-05 00:01:40,2026-01-05 00:05:50,100,250,60,,3\r\n"), "{text}");
        let json = by(&server, &ada, Method::GET, &format!("{path}&format=json")).header("accept", "text/csv").send().await;
        assert_eq!(json.json["rows"][0]["key"], "u_bob");
    }

    async fn owners_read_their_own_desk_and_agents_none(database) {
        let (server, ada) = world(database).await;
        let (bob, root, hal) = (token(&server, "bob").await, token(&server, "root").await, token(&server, "hal").await);
        for path in ["overview", "by/day", "tickets"] {
            assert_eq!(ask(&server, &root, path).await.status, 200);
            ask(&server, &bob, path).await.refused(403, 154_003);
            ask(&server, &hal, path).await.refused(404, 154_004);
            let other = format!("/desks/{OTHER_DESK}/reports/{path}");
            assert_eq!(by(&server, &hal, Method::GET, &other).send().await.status, 200);
            by(&server, &ada, Method::GET, &other).send().await.refused(404, 154_004);
            let nobody = server.call(Method::GET, &format!("/admin/v1/desks/{DESK}/reports/{path}")).send().await;
            nobody.refused(401, 154_001);
        }
        let other = by(&server, &hal, Method::GET, &format!("/desks/{OTHER_DESK}/reports/overview")).send().await.json;
        assert_eq!(other["total"]["opened"], 0, "tickets of another help desk");
    }

    async fn what_cannot_be_meant_is_refused_with_the_field(database) {
        let (server, ada) = world(database).await;
        for (query, field) in [
            ("from=2026-01-06&to=2026-01-05", "from"), ("from=2024-01-01&to=2025-01-01", "from"), ("to=yesterday", "to"),
            ("to=2026-02-30", "to"), ("from=0001-01-01", "from"), ("to=9999-12-31", "to"), ("days=0", "days"),
            ("days=367", "days"), ("from=2026-01-05&days=1", "days"), ("utc_offset_min=841", "utc_offset_min"),
            ("utc_offset_min=-841", "utc_offset_min"),
        ] {
            for path in ["overview", "by/hour", "tickets"] {
                let why = ask(&server, &ada, &format!("{path}?{query}")).await.refused(400, 154_000);
                assert!(why.contains(field), "{query}: {why}");
            }
        }
        for (query, field) in [("weekday=0", "weekday"), ("hour=24", "hour"), ("category=x", "category"), ("page_token=x", "page_token")] {
            let why = ask(&server, &ada, &format!("tickets?{query}")).await.refused(400, 154_000);
            assert!(why.contains(field), "{query}: {why}");
        }
        ask(&server, &ada, "tickets?page_size=201").await.refused(400, 99_992_402);
        assert_eq!(ask(&server, &ada, "tickets?figure=guessed").await.status, 400);
        ask(&server, &ada, "by/moon").await.refused(400, 154_000);
        assert_eq!(get(&server, &ada, "overview?from=2024-02-29&to=2025-02-28").await["days"].as_array().unwrap().len(), 366);
    }
}
