//! Skills: their rules, who has them, and which tickets they are for.

use desk::{Refusal, skill, ticket};
use reqwest::Method;
use serde_json::{Value, json};
use testkit::rows::assert_only_on_record;
use testkit::server::{AGENT, DESK, FAQS, OWNER, USER};
use testkit::{Answer, TestServer, on_both};

use crate::agents::{desk_of, reapply};

async fn call(server: &TestServer, method: Method, path: &str, body: &Value) -> Answer {
    let token = server.user_token(OWNER).await;
    server.open_api_as(&token, method, path).json(body).send().await
}

async fn get(server: &TestServer, path: &str) -> Value {
    server.open_api(Method::GET, path).send().await.ok()
}

async fn create(server: &TestServer, body: &Value) -> String {
    let data = call(server, Method::POST, "/agent_skills", body).await.ok();
    data["agent_skill_id"].as_str().unwrap().to_owned()
}

fn rule(id: &str, operator: i64, operand: &Value) -> Value {
    json!({"id": id, "selected_operator": operator, "operand": operand})
}

/// User ids of the agents whom a ticket is for; `None` if every agent will do.
async fn agents_for(server: &TestServer, ticket_id: &str) -> Option<String> {
    let (desk, id) = (desk_of(server), ticket_id.parse().unwrap());
    let read = server.running.app().read(move |tx, _| {
        let ticket = ticket::get(tx, &desk, id)?;
        Ok::<_, Refusal>(skill::agents_for(tx, &desk, &ticket)?)
    });
    read.await.unwrap().map(|users| users.join(" "))
}

on_both! {
    async fn skills_are_made_read_changed_and_deleted(database) {
        let server = TestServer::start(database).await;
        let operand = json!({"selected_departments": [{"id": "od_it", "name": "IT"}]});
        let body = json!({"name": " Network ", "agent_ids": [AGENT, AGENT], "rules": [
            {"id": "12", "selected_operator": 8, "operand": operand.to_string(), "category": 3, "display_name": "ignored"},
            rule("17", 2, &json!({"level": 3})),
        ]});
        let id = create(&server, &body).await;
        let path = format!("/agent_skills/{id}");
        let found = get(&server, &path).await["agent_skill"].clone();
        let expected = json!({
            "id": id, "agent_skill_id": id, "helpdesk_id": DESK, "name": "Network", "is_default": false,
            "agent_ids": [AGENT], "agents": [{"id": AGENT, "name": "Bob"}],
            "rules": [
                {"id": "12", "selected_operator": 8, "operator_options": [7, 8], "operand": operand, "category": 3,
                 "display_name": "Department"},
                {"id": "17", "selected_operator": 2, "operator_options": [2, 3], "operand": {"level": 3}, "category": 3,
                 "display_name": "User level"},
            ],
        });
        assert_eq!(found, expected);
        let listed = get(&server, "/agent_skills").await["agent_skills"].clone();
        let expected = json!([
            {"id": DESK, "agent_skill_id": DESK, "helpdesk_id": DESK, "name": "Default skill", "is_default": true,
             "agent_ids": [OWNER]},
            {"id": id, "agent_skill_id": id, "helpdesk_id": DESK, "name": "Network", "is_default": false,
             "agent_ids": [AGENT]},
        ]);
        assert_eq!(listed, expected);
        // Only what is named changes, and an agent may have several skills.
        let patch = async |path: &str, change: Value| {
            call(&server, Method::PATCH, path, &json!({"agent_skill": change})).await.ok();
        };
        patch(&path, json!({"name": "VPN"})).await;
        patch(&format!("/agent_skills/{DESK}"), json!({"name": "The rest", "agent_ids": [AGENT], "rules": []})).await;
        let found = get(&server, &path).await["agent_skill"].clone();
        assert_eq!((&found["name"], found["rules"].as_array().unwrap().len()), (&json!("VPN"), 2));
        let default = get(&server, &format!("/agent_skills/{DESK}")).await["agent_skill"].clone();
        assert_eq!((&default["name"], &default["agent_ids"]), (&json!("The rest"), &json!([OWNER, AGENT])));
        patch(&path, json!({"rules": [], "agent_ids": [], "is_default": true})).await;
        let found = get(&server, &path).await["agent_skill"].clone();
        assert_eq!((&found["rules"], &found["agent_ids"], &found["is_default"]), (&json!([]), &json!([]), &json!(false)));
        call(&server, Method::DELETE, &path, &json!({})).await.ok();
        server.open_api(Method::GET, &path).send().await.refused(400, 154_000);
        assert_eq!(get(&server, "/agent_skills").await["agent_skills"].as_array().unwrap().len(), 1);
    }

    async fn a_help_desk_of_an_older_database_gets_its_default_skill(database) {
        let db = database.open();
        db.migrate(&desk::MIGRATIONS[..1]).unwrap();
        let insert = "INSERT INTO helpdesk (tenant, helpdesk_id, name, welcome, token_hash, widget_secret, owner,
                                            visibility, answering, faq_version, managed, created_at)
                      VALUES ('demo', 69, 'IT', '', '', $1, 'u_ada', '{}', '{}', 0, 0, 7)";
        db.write_blocking(move |tx| tx.execute(insert, &db::params![&b"sealed"[..]])).unwrap();
        db.migrate(desk::MIGRATIONS).unwrap();
        let select = "SELECT skill_id, name, is_default, created_at FROM skill WHERE tenant = 'demo' AND helpdesk_id = 69";
        let read = db.read_blocking(move |tx| {
            tx.query(select, &[], |row| Ok((row.int(0)?, row.string(1)?, row.flag(2)?, row.int(3)?)))
        });
        assert_eq!(read.unwrap(), [(69, "Default skill".to_owned(), true, 7)]);
        db.close();
    }

    async fn the_rules_a_skill_may_have_are_listed_with_operators_and_examples(database) {
        let server = TestServer::start(database).await;
        let rules = get(&server, "/agent_skill_rules").await["rules"].clone();
        let rules = rules.as_array().unwrap();
        let ids: Vec<&str> = rules.iter().map(|rule| rule["id"].as_str().unwrap()).collect();
        assert_eq!(ids, ["3", "9", "10", "11", "12", "14", "15", "16", "17"]);
        for rule in rules {
            assert!(rule["operand"].is_object() && rule.get("selected_operator").is_none(), "{rule}");
            assert!(!rule["operator_options"].as_array().unwrap().is_empty() && rule["display_name"].is_string(), "{rule}");
        }
        let categories: Vec<i64> = rules.iter().map(|rule| rule["category"].as_i64().unwrap()).collect();
        assert_eq!(categories, [3, 2, 2, 3, 3, 1, 1, 1, 3]);
    }

    async fn a_wrong_skill_is_refused_and_nothing_is_written(database) {
        let server = TestServer::start(database).await;
        let id = create(&server, &json!({"name": "Network"})).await;
        let before = server.rows();
        let with = |rule: Value| json!({"name": "x", "rules": [rule]});
        for (body, field) in [
            (json!({"name": " "}), "name"),
            (json!({"name": "x".repeat(101)}), "name"),
            (json!({"name": "Network"}), "name"),
            (json!({"name": "Default skill"}), "name"),
            (json!({"name": "x", "agent_ids": [AGENT, USER]}), "agent_ids[1]"),
            (json!({"name": "x", "rules": vec![rule("17", 2, &json!({"level": 1})); 21]}), "rules"),
            (with(rule("13", 8, &json!({}))), "rules[0].id"),
            (with(rule("12", 5, &json!({"department_ids": ["od"]}))), "rules[0].selected_operator"),
            (with(rule("12", 8, &json!({}))), "rules[0].operand"),
            (with(rule("12", 8, &json!("od_it"))), "rules[0].operand"),
            (with(rule("15", 8, &json!({"category_ids": ["6900000000000009999"]}))), "rules[0].operand"),
            (with(json!({"id": "3", "selected_operator": 5, "operand": {"city": "B"}, "category": 2})), "rules[0].category"),
        ] {
            let refused = call(&server, Method::POST, "/agent_skills", &body).await;
            refused.refused(400, 154_000);
            assert_eq!(refused.json["error"]["field_violations"][0]["field"], field, "{body}");
            let patched = call(&server, Method::PATCH, &format!("/agent_skills/{id}"), &json!({"agent_skill": body})).await;
            // Its own name a skill may keep.
            if body["name"] != "Network" {
                patched.refused(400, 154_000);
                let expected = format!("agent_skill.{field}");
                assert_eq!(patched.json["error"]["field_violations"][0]["field"], expected.as_str(), "{body}");
            }
        }
        for (body, field) in [
            (json!({}), "name"),
            (with(json!({"selected_operator": 8, "operand": {}})), "rules[0].id"),
            (with(json!({"id": "12", "operand": {}})), "rules[0].selected_operator"),
            (with(json!({"id": "12", "selected_operator": 8})), "rules[0].operand"),
        ] {
            let refused = call(&server, Method::POST, "/agent_skills", &body).await;
            refused.refused(400, 99_992_402);
            assert_eq!(refused.json["error"]["field_violations"][0]["field"], field, "{body}");
        }
        call(&server, Method::POST, "/agent_skills", &with(rule("12", 8, &json!(7)))).await.refused(400, 9_499);
        let default = format!("/agent_skills/{DESK}");
        let ruled = json!({"agent_skill": {"rules": [rule("17", 2, &json!({"level": 1}))]}});
        call(&server, Method::PATCH, &default, &ruled).await.refused(400, 154_000);
        assert!(call(&server, Method::DELETE, &default, &json!({})).await.refused(400, 154_000).contains("default skill"));
        for bad in ["abc", "6900000000000009999"] {
            let path = format!("/agent_skills/{bad}");
            server.open_api(Method::GET, &path).send().await.refused(400, 154_000);
            call(&server, Method::PATCH, &path, &json!({"agent_skill": {}})).await.refused(400, 154_000);
            call(&server, Method::DELETE, &path, &json!({})).await.refused(400, 154_000);
        }
        call(&server, Method::PATCH, &default, &json!({})).await.refused(400, 99_992_402);
        let agent = server.user_token(AGENT).await;
        for (method, path) in [(Method::POST, "/agent_skills"), (Method::PATCH, &default), (Method::DELETE, &default)] {
            let body = json!({"name": "x", "agent_skill": {}});
            let said = server.open_api_as(&agent, method, path).json(&body).send().await.refused(403, 154_003);
            assert!(said.contains("must be admin or higher"), "{said}");
        }
        // The one skill that kept its name was written again; all else is as it was.
        let mut after = server.rows();
        after.insert("skill".into(), before["skill"].clone());
        assert_only_on_record(&before, &after);
        assert_eq!(server.rows()["skill"].len(), before["skill"].len());
    }

    async fn a_ticket_is_for_the_agents_whose_skills_it_asks_for(database) {
        let server = TestServer::start(database).await;
        reapply(&server, |tenant| {
            tenant["users"][2]["departments"] = json!(["od_sales"]);
            tenant["users"][2]["level"] = json!(5);
            tenant["users"][2]["language"] = json!("ja-JP");
            tenant["users"][2]["city"] = json!("Osaka");
        })
        .await;
        let guest = server.guest_with(json!({"open_id": USER})).await;
        let id = guest.say("Hello").await["ticket_id"].as_str().unwrap().to_owned();
        assert_eq!(agents_for(&server, &id).await, None);
        let skill = create(&server, &json!({"name": "S", "agent_ids": [AGENT]})).await;
        let path = format!("/agent_skills/{skill}");
        let with = async |rules: Value| {
            call(&server, Method::PATCH, &path, &json!({"agent_skill": {"rules": rules}})).await.ok();
            agents_for(&server, &id).await.unwrap()
        };
        // A skill without rules is for no ticket.
        assert_eq!(with(json!([])).await, "u_ada");
        for (holds, rule) in [
            (true, rule("3", 5, &json!({"city": "osaka"}))),
            (false, rule("3", 6, &json!({"city": "osaka"}))),
            (true, rule("9", 8, &json!({"source": 0}))),
            (true, rule("9", 7, &json!({"source": 1}))),
            (true, rule("10", 8, &json!({"language": "ja_jp"}))),
            (false, rule("10", 5, &json!({"languages": ["zh_cn", "en_us"]}))),
            (true, rule("11", 8, &json!({"selected_users": [{"id": "u_eve", "name": "Eve"}]}))),
            (true, rule("11", 8, &json!({"users": [USER]}))),
            (true, rule("12", 8, &json!({"department_ids": ["od_it", "od_sales"]}))),
            (false, rule("12", 7, &json!({"department_ids": ["od_it", "od_sales"]}))),
            (true, rule("17", 2, &json!({"level": 5}))),
            (false, rule("17", 3, &json!({"level": 4}))),
        ] {
            let expected = if holds { "u_bob" } else { "u_ada" };
            assert_eq!(with(json!([rule.clone()])).await, expected, "{rule}");
        }
        let two = [rule("17", 2, &json!({"level": 5})), rule("3", 5, &json!({"city": "Berlin"}))];
        assert_eq!(with(json!(two)).await, "u_ada", "all rules have to hold");
        // Several skills are for it: the agents of all of them.
        with(json!([two[0]])).await;
        let other = create(&server, &json!({"name": "T", "agent_ids": [OWNER], "rules": [two[0]]})).await;
        assert_eq!(agents_for(&server, &id).await.unwrap(), "u_ada u_bob");
        // With both agents in other skills nobody has the default one, so all will do.
        let never = json!({"agent_skill": {"rules": [rule("17", 3, &json!({"level": 0}))]}});
        for path in [&path, &format!("/agent_skills/{other}")] {
            call(&server, Method::PATCH, path, &never).await.ok();
        }
        assert_eq!(agents_for(&server, &id).await, None);
    }

    async fn categories_of_the_faqs_that_the_bot_showed_count_with_those_above_them(database) {
        let server = TestServer::start(database).await;
        reapply(&server, |tenant| {
            tenant["helpdesks"][0]["categories"] = json!([
                {"name": "Accounts", "language": "en_us", "children": [{"name": "Passwords"}]},
                {"name": "Hardware", "language": "zh_cn"},
            ]);
        })
        .await;
        let categories = get(&server, "/categories").await["categories"].clone();
        let id_of = |category: &Value| category["id"].as_str().unwrap().to_owned();
        let (accounts, passwords) = (id_of(&categories[0]), id_of(&categories[0]["children"][0]));
        let hardware = id_of(&categories[1]);
        let skill = create(&server, &json!({"name": "S", "agent_ids": [AGENT]})).await;
        let guest = server.guest().await;
        let asked = guest.ask("I cannot get in").await;
        let with = async |kind: &str, operator: i64, category: &str| {
            let rules = json!([rule(kind, operator, &json!({"selected_categories": [{"id": category, "name": "x"}]}))]);
            let path = format!("/agent_skills/{skill}");
            call(&server, Method::PATCH, &path, &json!({"agent_skill": {"rules": rules}})).await.ok();
            agents_for(&server, &asked.ticket_id).await.unwrap() == "u_bob"
        };
        assert!(!with("15", 8, &passwords).await && with("15", 7, &passwords).await, "nothing was shown yet");
        server.answer(&asked, &json!([{"id": FAQS[0], "score": 0.9}])).await.ok();
        // A category without a language belongs to all.
        for kind in ["14", "15", "16"] {
            assert!(with(kind, 8, &passwords).await && !with(kind, 7, &passwords).await, "{kind}");
        }
        assert!(with("15", 8, &accounts).await, "the category above");
        assert!(!with("14", 8, &accounts).await && with("16", 7, &accounts).await, "of another language");
        assert!(!with("14", 8, &hardware).await, "never shown");
        let again = guest.ask("And a laptop").await;
        server.answer(&again, &json!([{"id": FAQS[1], "score": 0.5}])).await.ok();
        assert!(with("14", 8, &hardware).await && with("15", 8, &accounts).await);
    }
}
