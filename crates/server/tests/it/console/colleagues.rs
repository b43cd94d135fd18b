//! Agents of a help desk, found where one is picked.

use reqwest::Method;
use serde_json::{Value, json};
use testkit::server::DESK;
use testkit::{Options, TestServer, on_both};

use super::{by, get};
use crate::admin::{file, token};

/// The usual desk with forty agents more, all on duty, and a few who are not called so or can something.
fn many() -> Value {
    let mut file = file(&Options::default());
    let tenant = &mut file["tenants"][0];
    let numbered = (0..40).map(|i| (format!("u_n{i:02}"), format!("Agent {i:02}"), json!({})));
    let others = [
        ("u_xm", "王小明", json!({"status": "offline"})),
        ("u_xl", "李小明", json!({})),
        ("u_zo", "Zora", json!({"status": "offline", "skills": ["Printers"]})),
        ("u_pr", "Printa", json!({"status": "offline"})),
        ("u_bu", "Busy Bee", json!({"skills": ["Printers"], "capacity": 1})),
    ];
    let others = others.into_iter().map(|(id, name, more)| (id.to_owned(), name.to_owned(), more));
    for (id, name, more) in numbered.chain(others) {
        tenant["users"]
            .as_array_mut()
            .unwrap()
            .push(json!({"id": id, "name": name, "email": format!("{id}@work.test")}));
        let mut agent = more;
        agent["user"] = json!(id);
        tenant["helpdesks"][0]["agents"].as_array_mut().unwrap().push(agent);
    }
    tenant["helpdesks"][0]["skills"] = json!([{"name": "Printers", "rules": []}]);
    file
}

fn names(page: &Value) -> Vec<&str> {
    page["agents"].as_array().unwrap().iter().map(|agent| agent["name"].as_str().unwrap()).collect()
}

on_both! {
    async fn an_agent_is_found_by_name_address_and_skill_whoever_is_on_duty_first(database) {
        let server = TestServer::with_file(database, &Options::default(), &many()).await;
        let ada = token(&server, "ada").await;
        let path = format!("/desks/{DESK}/agents");
        let all = get(&server, &ada, &path).await;
        assert_eq!((names(&all).len(), &all["has_more"]), (20, &json!(true)));
        assert!(all["agents"].as_array().unwrap().iter().all(|agent| agent["on_duty"] == json!(true)), "{all}");
        for (key, found) in [
            ("小明", vec!["李小明", "王小明"]),
            ("王", vec!["王小明"]),
            ("ZORA", vec!["Zora"]),
            ("u_zo@work", vec!["Zora"]),
            // On duty before off duty, however they are found; then by name before by skill.
            ("print", vec!["Busy Bee", "Printa", "Zora"]),
            ("printers zo", vec!["Zora"]),
            ("agent 39", vec!["Agent 39"]),
            ("default", vec![]),
            ("xyz", vec![]),
            ("%25", vec![]),
        ] {
            let page = get(&server, &ada, &format!("{path}?key={key}")).await;
            assert_eq!((names(&page), &page["has_more"]), (found, &json!(false)), "{key}");
        }
        let zora = get(&server, &ada, &format!("{path}?key=zora")).await["agents"][0].take();
        let told = (&zora["email"], &zora["skills"], &zora["status"], &zora["role"]);
        assert_eq!(told, (&json!("u_zo@work.test"), &json!(["Printers"]), &json!("offline"), &json!("agent")));
        by(&server, &token(&server, "hal").await, Method::GET, &path).send().await.refused(404, 154_004);
    }

    async fn who_has_room_is_offered_before_who_has_none(database) {
        let server = TestServer::with_file(database, &Options::default(), &many()).await;
        let ada = token(&server, "ada").await;
        let page = get(&server, &ada, &format!("/desks/{DESK}/agents?key=e")).await;
        let busy = |page: &Value| names(page).iter().position(|name| *name == "Busy Bee");
        assert_eq!(busy(&page), None, "one ticket at a time is less room than ten: {page}");
    }
}
