//! Agents: status by hand, schedules in the help desk's time zone, coming and going.

use std::sync::Arc;

use desk::deskfile::{self, Format};
use desk::directory::Helpdesk;
use desk::{Refusal, agent};
use reqwest::Method;
use serde_json::{Value, json};
use testkit::rows::assert_unchanged;
use testkit::server::{AGENT, DESK, OWNER, USER, desk_file};
use testkit::{Answer, Options, TestServer, on_both};

const HOUR_MS: i64 = 3_600_000;

/// Applies the desk file of the tests as `change` makes it.
pub async fn reapply(server: &TestServer, change: impl FnOnce(&mut Value)) {
    let mut file = desk_file(&Options::default());
    change(&mut file["tenants"][0]);
    let app = server.running.app().clone();
    let put = move || {
        let file = deskfile::parse(&file.to_string(), Format::Json, &|_| None).unwrap();
        deskfile::put(app.db(), (app.vault(), app.ids()), app.now_ms(), file, false).unwrap();
        app
    };
    tokio::task::spawn_blocking(put).await.unwrap().reload_directory().await.unwrap();
}

/// The help desk as the server knows it.
pub fn desk_of(server: &TestServer) -> Arc<Helpdesk> {
    Arc::clone(&server.running.app().directory().helpdesks[&DESK.parse().unwrap()])
}

async fn call(server: &TestServer, open_id: &str, method: Method, path: &str, body: &Value) -> Answer {
    let token = server.user_token(open_id).await;
    server.open_api_as(&token, method, path).json(body).send().await
}

async fn get(server: &TestServer, path: &str) -> Value {
    server.open_api(Method::GET, path).send().await.ok()
}

/// Names of the agents of these status, in the order of the list.
async fn listed(server: &TestServer, query: &str) -> Vec<String> {
    let data = get(server, &format!("/agent_schedules?{query}")).await;
    let agents = data["agent_schedules"].as_array().unwrap().iter();
    agents.map(|entry| format!("{} {}", entry["agent"]["name"].as_str().unwrap(), entry["status"])).collect()
}

/// Who is on duty and when that next changes, in hours from the start of the tests.
async fn duty(server: &TestServer) -> (Vec<String>, Option<i64>) {
    let desk = desk_of(server);
    let read = server.running.app().read(move |tx, cx| {
        let users = agent::on_duty(tx, &desk, cx.now)?.into_iter().map(|duty| duty.user_id).collect::<Vec<_>>();
        let next = agent::next_change(tx, &desk, cx.now)?;
        Ok::<_, Refusal>((users, next.map(|at| (at - testkit::server::START_MS) / HOUR_MS)))
    });
    read.await.unwrap()
}

fn slot(start: &str, end: &str, weekday: i64) -> Value {
    json!({"start_time": start, "end_time": end, "weekday": weekday})
}

on_both! {
    async fn agents_go_online_and_offline_by_their_own_hand_or_an_admins(database) {
        let server = TestServer::start(database).await;
        let path = format!("/agents/{AGENT}");
        let set = async |who: &str, body: Value| call(&server, who, Method::PATCH, &path, &body).await;
        set(AGENT, json!({"status": 2})).await.ok();
        assert_eq!(listed(&server, "status=2").await, ["Bob 2"]);
        assert_eq!(duty(&server).await, (vec!["u_ada".to_owned()], None));
        set(OWNER, json!({"status": 1})).await.ok();
        set(OWNER, json!({"status": 1})).await.ok();
        assert_eq!(listed(&server, "status=1&status=2").await, ["Ada 1", "Bob 1"]);
        let before = server.rows();
        for bad in [json!({}), json!({"status": 0}), json!({"status": 3}), json!({"status": null})] {
            let refused = set(AGENT, bad).await;
            assert!(refused.refused(400, 150_001).contains("status"));
            assert_eq!(refused.json["msg"], "param is invalis");
            assert_eq!(refused.json["error"]["field_violations"][0]["field"], "status");
        }
        set(AGENT, json!({"status": "1"})).await.refused(400, 9_499);
        set(USER, json!({"status": 2})).await.refused(403, 154_003);
        let other = call(&server, AGENT, Method::PATCH, &format!("/agents/{OWNER}"), &json!({"status": 2})).await;
        assert!(other.refused(403, 154_003).contains("must be admin or higher"));
        for unknown in [USER, "ou_none"] {
            let path = format!("/agents/{unknown}");
            call(&server, OWNER, Method::PATCH, &path, &json!({"status": 2})).await.refused(400, 154_000);
        }
        assert_unchanged(&before, &server.rows());
    }

    async fn schedules_decide_who_is_on_duty_in_the_desks_time_zone(database) {
        let server = TestServer::start(database).await;
        reapply(&server, |tenant| tenant["helpdesks"][0]["timezone"] = json!("Asia/Kolkata")).await;
        // It is Monday 08:00 UTC, which is 13:30 in Kolkata.
        let body = json!({"agent_schedules": [
            {"agent_id": USER, "schedule": [slot("14:30", "18:30", 10)], "agent_skill_ids": [DESK]},
            {"agent_id": AGENT, "schedule": [slot("22:30", "06:30", 1), slot("13:00", "16:30", 1)]},
        ]});
        call(&server, OWNER, Method::POST, "/agent_schedules", &body).await.ok();
        assert_eq!(listed(&server, "status=1").await, ["Ada 1", "Bob 1"]);
        assert_eq!(listed(&server, "status=3").await, ["Eve 3"]);
        assert_eq!(duty(&server).await, (vec!["u_ada".into(), "u_bob".into()], Some(1)));
        let entry = get(&server, &format!("/agents/{USER}/schedules")).await["agent_schedule"].clone();
        let expected = json!({
            "status": 3,
            "agent": {"id": USER, "name": "Eve", "email": "eve@demo.test", "company_name": "Demo Ltd"},
            "schedule": [slot("14:30", "18:30", 10)],
            "agent_skills": [{"id": DESK, "name": "Default skill", "is_default": true}],
        });
        assert_eq!(entry, expected);
        let mut seen = Vec::new();
        for _ in 0..4 {
            let (users, next) = duty(&server).await;
            seen.push((users.join(" "), next.unwrap()));
            let now = (server.clock.now_ms() - testkit::server::START_MS) / HOUR_MS;
            server.clock.advance((next.unwrap() - now) * HOUR_MS);
        }
        // Eve from 09:00 UTC, Bob to 11:00, Eve to 13:00, Bob again from 17:00 through the night.
        let expected = [("u_ada u_bob", 1), ("u_ada u_bob u_eve", 3), ("u_ada u_eve", 5), ("u_ada", 9)];
        assert_eq!(seen, expected.map(|(users, at)| (users.to_owned(), at)));
        assert_eq!(duty(&server).await, (vec!["u_ada".into(), "u_bob".into()], Some(17)));
        // An offline agent's schedule changes nothing.
        call(&server, AGENT, Method::PATCH, &format!("/agents/{AGENT}"), &json!({"status": 2})).await.ok();
        assert_eq!(duty(&server).await, (vec!["u_ada".into()], Some(25)));
        assert_eq!(listed(&server, "status=2").await, ["Bob 2"]);
        // Only what is named changes; an empty schedule is always.
        let path = format!("/agents/{USER}/schedules");
        let patch = json!({"agent_schedule": {"agent_id": "ignored", "agent_skill_ids": []}});
        call(&server, OWNER, Method::PATCH, &path, &patch).await.ok();
        assert_eq!(get(&server, &path).await["agent_schedule"]["schedule"].as_array().unwrap().len(), 1);
        call(&server, OWNER, Method::PATCH, &path, &json!({"agent_schedule": {"schedule": []}})).await.ok();
        assert_eq!(get(&server, &path).await["agent_schedule"]["status"], 1);
        assert_eq!(duty(&server).await, (vec!["u_ada".into(), "u_eve".into()], None));
    }

    async fn several_agents_are_added_all_or_none(database) {
        let server = TestServer::start(database).await;
        let guest = server.guest().await;
        let walk_in = guest.session["guest"]["open_id"].as_str().unwrap();
        let good = json!({"agent_id": AGENT, "schedule": [slot("09:00", "24:00", 9)]});
        let before = server.rows();
        let with = |bad: Value| json!({"agent_schedules": [good, bad]});
        for (bad, field) in [
            (json!({"agent_id": "ou_none"}), "agent_schedules[1].agent_id"),
            (json!({"agent_id": walk_in}), "agent_schedules[1].agent_id"),
            (json!({"agent_id": AGENT}), "agent_schedules[1].agent_id"),
            (json!({"agent_id": USER, "agent_skill_ids": [DESK, "77"]}), "agent_schedules[1].agent_skill_ids[1]"),
            (json!({"agent_id": USER, "agent_skill_ids": ["x"]}), "agent_schedules[1].agent_skill_ids[0]"),
            (json!({"agent_id": USER, "schedule": [slot("9:00", "17:00", 1)]}), "agent_schedules[1].schedule[0].start_time"),
            (json!({"agent_id": USER, "schedule": [slot("09:00", "24:01", 1)]}), "agent_schedules[1].schedule[0].end_time"),
            (json!({"agent_id": USER, "schedule": [slot("09:00", "09:00", 1)]}), "agent_schedules[1].schedule[0].end_time"),
            (json!({"agent_id": USER, "schedule": [slot("09:00", "17:00", 8)]}), "agent_schedules[1].schedule[0].weekday"),
            (json!({"agent_id": USER, "schedule": vec![slot("09:00", "17:00", 1); 51]}), "agent_schedules[1].schedule"),
        ] {
            let refused = call(&server, OWNER, Method::POST, "/agent_schedules", &with(bad)).await;
            refused.refused(400, 154_000);
            assert_eq!(refused.json["error"]["field_violations"][0]["field"], field);
        }
        let post = async |body: Value| call(&server, OWNER, Method::POST, "/agent_schedules", &body).await;
        for (body, field) in [
            (json!({}), "agent_schedules"),
            (with(json!({"schedule": []})), "agent_schedules[1].agent_id"),
            (with(json!({"agent_id": USER, "schedule": [{"start_time": "09:00", "end_time": "17:00"}]})),
             "agent_schedules[1].schedule[0].weekday"),
        ] {
            let refused = post(body).await;
            refused.refused(400, 99_992_402);
            assert_eq!(refused.json["error"]["field_violations"][0]["field"], field);
        }
        post(json!({"agent_schedules": []})).await.refused(400, 154_000);
        post(json!({"agent_schedules": vec![good.clone(); 101]})).await.refused(400, 154_000);
        post(json!({"agent_schedules": {}})).await.refused(400, 9_499);
        assert_unchanged(&before, &server.rows());
    }

    async fn only_admins_and_the_owner_keep_schedules(database) {
        let server = TestServer::start(database).await;
        let path = format!("/agents/{AGENT}/schedules");
        let add = json!({"agent_schedules": [{"agent_id": USER}]});
        let patch = json!({"agent_schedule": {"schedule": []}});
        let before = server.rows();
        for who in [AGENT, USER] {
            for (method, path, body) in [
                (Method::POST, "/agent_schedules", &add),
                (Method::PATCH, path.as_str(), &patch),
                (Method::DELETE, path.as_str(), &json!({})),
            ] {
                let said = call(&server, who, method, path, body).await.refused(403, 154_003);
                assert!(said.contains("must be admin or higher"), "{said}");
            }
        }
        for unknown in [USER, "ou_none"] {
            let path = format!("/agents/{unknown}/schedules");
            server.open_api(Method::GET, &path).send().await.refused(400, 154_000);
            call(&server, OWNER, Method::PATCH, &path, &patch).await.refused(400, 154_000);
            call(&server, OWNER, Method::DELETE, &path, &json!({})).await.refused(400, 154_000);
        }
        call(&server, OWNER, Method::PATCH, &path, &json!({})).await.refused(400, 99_992_402);
        let wrong = json!({"agent_schedule": {"schedule": [slot("09:00", "17:00", 12)]}});
        let refused = call(&server, OWNER, Method::PATCH, &path, &wrong).await;
        refused.refused(400, 154_000);
        assert_eq!(refused.json["error"]["field_violations"][0]["field"], "agent_schedule.schedule[0].weekday");
        for bad in ["", "?status=0", "?status=1&status=5", "?status=x"] {
            let refused = server.open_api(Method::GET, &format!("/agent_schedules{bad}")).send().await;
            refused.refused(400, 99_992_402);
            assert_eq!(refused.json["error"]["field_violations"][0]["field"], "status");
        }
        assert_unchanged(&before, &server.rows());
        reapply(&server, |tenant| tenant["helpdesks"][0]["agents"] = json!([{"user": "u_bob", "role": "admin"}])).await;
        call(&server, AGENT, Method::POST, "/agent_schedules", &add).await.ok();
        assert_eq!(listed(&server, "status=1").await, ["Ada 1", "Bob 1", "Eve 1"]);
    }

    async fn a_removed_agent_loses_the_role_and_can_come_back(database) {
        let server = TestServer::start(database).await;
        let path = format!("/agents/{AGENT}/schedules");
        let skill = json!({"name": "VPN", "agent_ids": [AGENT]});
        let skill = call(&server, OWNER, Method::POST, "/agent_skills", &skill).await.ok();
        let delete = async || call(&server, OWNER, Method::DELETE, &path, &json!({})).await;
        delete().await.ok();
        assert_eq!(listed(&server, "status=1&status=2&status=3").await, ["Ada 1"]);
        assert_eq!(listed(&server, "status=4").await, ["Bob 4"]);
        let entry = get(&server, &path).await["agent_schedule"].clone();
        assert_eq!((&entry["status"], &entry["agent_skills"]), (&json!(4), &json!([])));
        assert_eq!(duty(&server).await, (vec!["u_ada".to_owned()], None));
        assert_eq!(get(&server, "/agent_emails").await["agents"], json!({OWNER: "ada@demo.test"}));
        let before = server.rows();
        let faq = json!({"faq": {"question": "Q?", "answer": "A."}});
        call(&server, AGENT, Method::POST, "/faqs", &faq).await.refused(403, 154_003);
        call(&server, AGENT, Method::PATCH, &format!("/agents/{AGENT}"), &json!({"status": 1})).await.refused(403, 154_003);
        assert!(delete().await.refused(400, 154_000).contains("was removed"));
        let start = json!({"open_id": USER, "human_service": true, "appointed_agents": [AGENT]});
        server.open_api(Method::POST, "/start_service").json(&start).send().await.refused(400, 154_000);
        let owner = format!("/agents/{OWNER}/schedules");
        let said = call(&server, OWNER, Method::DELETE, &owner, &json!({})).await.refused(400, 154_000);
        assert!(said.contains("owns the help desk"), "{said}");
        assert_unchanged(&before, &server.rows());
        let back = json!({"agent_schedules": [{"agent_id": AGENT}]});
        call(&server, OWNER, Method::POST, "/agent_schedules", &back).await.ok();
        assert_eq!(listed(&server, "status=1&status=4").await, ["Ada 1", "Bob 1"]);
        call(&server, AGENT, Method::POST, "/faqs", &faq).await.ok();
        let skill = skill["agent_skill_id"].as_str().unwrap();
        assert_eq!(get(&server, &format!("/agent_skills/{skill}")).await["agent_skill"]["agent_ids"], json!([]));
    }

    async fn agents_are_shown_with_who_they_are(database) {
        let server = TestServer::start(database).await;
        reapply(&server, |tenant| {
            tenant["users"][1]["avatar_url"] = json!("https://demo.test/bob.png");
            tenant["users"][1]["departments"] = json!(["od_it", "od_london"]);
            tenant["users"][0]["email"] = json!("");
        })
        .await;
        let entry = get(&server, &format!("/agents/{AGENT}/schedules")).await["agent_schedule"].clone();
        let expected = json!({
            "id": AGENT, "name": "Bob", "email": "bob@demo.test", "avatar_url": "https://demo.test/bob.png",
            "department": "od_it", "company_name": "Demo Ltd",
        });
        assert_eq!(entry["agent"], expected);
        assert_eq!(get(&server, "/agent_emails").await["agents"], json!({AGENT: "bob@demo.test"}));
    }

    async fn a_guest_is_told_whether_anybody_is_on_duty(database) {
        let server = TestServer::start(database).await;
        reapply(&server, |tenant| {
            let hours = json!([slot("09:00", "17:00", 10)]);
            tenant["helpdesks"][0]["agents"] =
                json!([{"user": "u_ada", "schedule": hours}, {"user": "u_bob", "status": "offline"}]);
        })
        .await;
        let guest = server.guest().await;
        let ask = async || guest.call(Method::POST, "/human").send().await.json["on_duty"].clone();
        assert_eq!(ask().await, json!(false));
        server.clock.advance(HOUR_MS);
        assert_eq!(ask().await, json!(true));
    }
}
