//! Agents and skills, for those who run a help desk.

use reqwest::Method;
use serde_json::{Value, json};
use testkit::rows::assert_unchanged;
use testkit::server::{AGENT, DESK, OTHER_DESK, OWNER, USER};
use testkit::{Options, TestServer, on_both};

use super::{by, field, send, sign_in, start, token};

fn agents(desk: &str) -> String {
    format!("/desks/{desk}/agents")
}

fn skills(desk: &str) -> String {
    format!("/desks/{desk}/skills")
}

async fn listed(server: &TestServer, token: &str) -> Value {
    by(server, token, Method::GET, &agents(DESK)).send().await.json
}

fn slot(start: &str, end: &str, weekday: i64) -> Value {
    json!({"start_time": start, "end_time": end, "weekday": weekday})
}

on_both! {
    async fn agents_are_listed_with_status_hours_skills_and_load(database) {
        let server = start(database, &Options { by: "app", ..Options::default() }).await;
        let ada = token(&server, "ada").await;
        let guest = server.guest().await;
        guest.say("hello").await;
        guest.call(Method::POST, "/human").send().await;
        let list = listed(&server, &ada).await;
        assert_eq!(list["timezone"], "UTC");
        let default = json!([{"id": DESK, "name": "Default skill", "is_default": true}]);
        let agent = |id: &str, name: &str, owner: bool, open: i64| {
            let email = format!("{}@demo.test", name.to_lowercase());
            json!({"agent_id": id, "name": name, "email": email, "is_owner": owner, "status": "online", "capacity": 10,
                   "open_tickets": open, "schedule": [], "skills": default})
        };
        assert_eq!(list["agents"], json!([agent(OWNER, "Ada", true, 1), agent(AGENT, "Bob", false, 0)]));
    }

    async fn an_agent_comes_by_email_address_and_goes_again(database) {
        let server = start(database, &Options { by: "app", ..Options::default() }).await;
        let (ada, root) = (token(&server, "ada").await, token(&server, "root").await);
        // Nobody but Eve is there when a guest wants a human.
        for id in [OWNER, AGENT] {
            let changed = send(&server, &root, Method::PATCH, &format!("{}/{id}", agents(DESK)), json!({"status": "offline"})).await;
            assert_eq!((changed.status, &changed.json["agent"]["status"]), (200, &json!("offline")));
        }
        let guest = server.guest().await;
        guest.say("hello").await;
        guest.call(Method::POST, "/human").send().await;
        let body = json!({"email": " EVE@demo.test ", "capacity": 2, "schedule": [slot("08:00", "09:00", 10)]});
        let made = send(&server, &ada, Method::POST, &agents(DESK), body).await;
        assert_eq!(made.status, 201, "{}", made.json);
        let expected = json!({"agent_id": USER, "name": "Eve", "email": "eve@demo.test", "is_owner": false, "status": "online",
            "capacity": 2, "open_tickets": 1, "schedule": [slot("08:00", "09:00", 10)],
            "skills": [{"id": DESK, "name": "Default skill", "is_default": true}]});
        assert_eq!(made.json["agent"], expected);
        // Her account opens the console from now on.
        assert_eq!(sign_in(&server, "eve").await.status, 200);
        let one = format!("{}/{USER}", agents(DESK));
        server.clock.advance(3_600_000);
        assert_eq!(listed(&server, &ada).await["agents"][2]["status"], "off_duty");
        let changed = send(&server, &ada, Method::PATCH, &one, json!({"schedule": [], "capacity": 1})).await.json;
        assert_eq!((&changed["agent"]["schedule"], &changed["agent"]["status"]), (&json!([]), &json!("online")));
        assert_eq!(changed["agent"]["capacity"], 1);
        assert_eq!(by(&server, &ada, Method::DELETE, &one).send().await.status, 200);
        assert_eq!(listed(&server, &ada).await["agents"].as_array().unwrap().len(), 2);
        assert_eq!(sign_in(&server, "eve").await.status, 403);
        let again = send(&server, &ada, Method::POST, &agents(DESK), json!({"email": "eve@demo.test"})).await;
        assert_eq!((again.status, &again.json["agent"]["capacity"]), (201, &json!(10)), "{}", again.json);
        assert_eq!(again.json["agent"]["open_tickets"], 1);
    }

    async fn wrong_agents_are_refused_and_nothing_is_written(database) {
        let server = start(database, &Options::default()).await;
        let ada = token(&server, "ada").await;
        let before = server.rows();
        for (body, at) in [
            (json!({}), "email"),
            (json!({"email": "nobody@demo.test"}), "email"),
            (json!({"email": "rita@other.test"}), "email"),
            (json!({"email": "bob@demo.test"}), "email"),
            (json!({"email": "eve@demo.test", "capacity": 0}), "capacity"),
            (json!({"email": "eve@demo.test", "capacity": 1_001}), "capacity"),
            (json!({"email": "eve@demo.test", "agent_skill_ids": ["x"]}), "agent_skill_ids[0]"),
            (json!({"email": "eve@demo.test", "agent_skill_ids": [DESK, "6900000000000009999"]}), "agent_skill_ids[1]"),
            (json!({"email": "eve@demo.test", "schedule": [slot("09:00", "09:00", 1)]}), "schedule[0].end_time"),
            (json!({"email": "eve@demo.test", "schedule": [slot("09:00", "12:00", 10), slot("11:59", "13:00", 5)]}), "schedule[1]"),
        ] {
            let refused = send(&server, &ada, Method::POST, &agents(DESK), body.clone()).await;
            refused.refused(400, 154_000);
            assert_eq!(field(&refused), at, "{body}");
        }
        let one = format!("{}/{AGENT}", agents(DESK));
        for (body, at) in [
            (json!({"status": "away"}), "status"),
            (json!({"status": "offline", "capacity": 0}), "capacity"),
            (json!({"status": "offline", "schedule": [slot("22:00", "06:00", 7), slot("05:00", "07:00", 1)]}), "schedule[1]"),
        ] {
            let refused = send(&server, &ada, Method::PATCH, &one, body.clone()).await;
            refused.refused(400, 154_000);
            assert_eq!(field(&refused), at, "{body}");
        }
        let owner = by(&server, &ada, Method::DELETE, &format!("{}/{OWNER}", agents(DESK))).send().await;
        assert!(owner.refused(400, 154_000).contains("owns the help desk"));
        for id in [USER, "ou_none"] {
            let path = format!("{}/{id}", agents(DESK));
            by(&server, &ada, Method::DELETE, &path).send().await.refused(404, 154_004);
            send(&server, &ada, Method::PATCH, &path, json!({})).await.refused(404, 154_004);
        }
        assert_unchanged(&before, &server.rows());
    }

    async fn skills_are_made_given_changed_and_deleted(database) {
        let server = start(database, &Options::default()).await;
        let ada = token(&server, "ada").await;
        let rules = by(&server, &ada, Method::GET, &format!("/desks/{DESK}/skill-rules")).send().await.json;
        assert_eq!(rules["rules"][0]["operator_options"], json!([5, 6]));
        assert_eq!(rules["rules"].as_array().unwrap().len(), 9);
        let city = json!({"id": "3", "selected_operator": 5, "operand": {"selected_cities": ["Berlin"]}});
        let body = json!({"name": " Network ", "rules": [city], "agent_ids": [AGENT]});
        let made = send(&server, &ada, Method::POST, &skills(DESK), body).await;
        assert_eq!(made.status, 201, "{}", made.json);
        let id = made.json["skill"]["id"].as_str().unwrap().to_owned();
        let expected = json!({"id": id, "name": "Network", "rules": [city], "agent_ids": [AGENT], "is_default": false});
        assert_eq!(made.json["skill"], expected);
        let list = by(&server, &ada, Method::GET, &skills(DESK)).send().await.json;
        let default = json!({"id": DESK, "name": "Default skill", "rules": [], "agent_ids": [OWNER], "is_default": true});
        assert_eq!(list["skills"], json!([default, expected]));
        assert_eq!(listed(&server, &ada).await["agents"][1]["skills"][0]["name"], "Network");
        let one = format!("{}/{id}", skills(DESK));
        let changed = send(&server, &ada, Method::PATCH, &one, json!({"agent_ids": [OWNER, AGENT]})).await.json;
        assert_eq!((&changed["skill"]["name"], &changed["skill"]["agent_ids"]), (&json!("Network"), &json!([OWNER, AGENT])));
        // An agent's skills are given from their side as well.
        let ids = json!({"agent_skill_ids": [DESK]});
        send(&server, &ada, Method::PATCH, &format!("{}/{OWNER}", agents(DESK)), ids).await;
        let list = by(&server, &ada, Method::GET, &skills(DESK)).send().await.json;
        assert_eq!(list["skills"][1]["agent_ids"], json!([AGENT]));
        let before = server.rows();
        for (body, at) in [
            (json!({"name": " "}), "name"),
            (json!({"name": "Default skill"}), "name"),
            (json!({"rules": [{"id": "3", "selected_operator": 2, "operand": {}}]}), "rules[0].selected_operator"),
            (json!({"agent_ids": [USER]}), "agent_ids[0]"),
        ] {
            let refused = send(&server, &ada, Method::PATCH, &one, body.clone()).await;
            refused.refused(400, 154_000);
            assert_eq!(field(&refused), at, "{body}");
        }
        send(&server, &ada, Method::POST, &skills(DESK), json!({})).await.refused(400, 154_000);
        let default = format!("{}/{DESK}", skills(DESK));
        by(&server, &ada, Method::DELETE, &default).send().await.refused(400, 154_000);
        assert_unchanged(&before, &server.rows());
        assert_eq!(by(&server, &ada, Method::DELETE, &one).send().await.status, 200);
        by(&server, &ada, Method::DELETE, &one).send().await.refused(404, 154_004);
        send(&server, &ada, Method::PATCH, &one, json!({})).await.refused(404, 154_004);
    }

    async fn only_those_who_run_a_help_desk_change_who_works_there(database) {
        let server = start(database, &Options::default()).await;
        let [ada, bob, root] = [token(&server, "ada").await, token(&server, "bob").await, token(&server, "root").await];
        let before = server.rows();
        let body = json!({"email": "eve@demo.test", "name": "x", "status": "offline"});
        for (rest, methods) in [
            ("agents".to_owned(), &[Method::GET, Method::POST][..]),
            (format!("agents/{AGENT}"), &[Method::PATCH, Method::DELETE]),
            ("skills".to_owned(), &[Method::GET, Method::POST]),
            (format!("skills/{DESK}"), &[Method::PATCH, Method::DELETE]),
            ("skill-rules".to_owned(), &[Method::GET]),
        ] {
            for method in methods {
                let call = |who: &str, desk: &str| {
                    by(&server, who, method.clone(), &format!("/desks/{desk}/{rest}")).json(&body)
                };
                call(&ada, OTHER_DESK).send().await.refused(404, 154_004);
                call(&root, "6900000000000000003").send().await.refused(404, 154_004);
                call(&root, "x").send().await.refused(404, 154_004);
                call(&bob, DESK).send().await.refused(403, 154_003);
            }
        }
        assert_unchanged(&before, &server.rows());
    }
}
