//! FAQ categories and customized fields of tickets, for those who run a help desk.

use reqwest::Method;
use serde_json::{Value, json};
use testkit::rows::assert_unchanged;
use testkit::server::{DESK, OTHER_DESK};
use testkit::{Answer, Options, TestServer, on_both};

use super::{by, start, token};

async fn send(server: &TestServer, token: &str, method: Method, rest: &str, body: Value) -> Answer {
    by(server, token, method, &format!("/desks/{DESK}/{rest}")).json(&body).send().await
}

/// The tree as names with those below them.
fn names(categories: &Value) -> Vec<String> {
    let name = |category: &Value| {
        format!("{}({})", category["name"].as_str().unwrap(), names(&category["children"]).join(" "))
    };
    categories.as_array().unwrap().iter().map(name).collect()
}

fn field_body(key: &str, kind: &str) -> Value {
    json!({"key_name": key, "display_name": key.to_uppercase(), "position": "9", "field_type": kind, "description": "",
           "visible": true, "required": false})
}

fn violated(refused: &Answer) -> &str {
    refused.json["error"]["field_violations"][0]["field"].as_str().unwrap()
}

on_both! {
    async fn categories_are_made_renamed_moved_and_deleted(database) {
        let server = start(database, &Options::default()).await;
        let (ada, root) = (token(&server, "ada").await, token(&server, "root").await);
        let tree = async || names(&send(&server, &ada, Method::GET, "categories", json!({})).await.json["categories"]);
        assert_eq!(tree().await, ["Accounts(Passwords())", "Hardware()"]);
        let made = send(&server, &root, Method::POST, "categories", json!({"name": " Network ", "language": "en_us"})).await;
        assert_eq!((made.status, &made.json["category"]["name"]), (201, &json!("Network")), "{}", made.json);
        assert_eq!(made.json["category"]["language"], "en_us");
        let network = made.json["category"]["id"].as_str().unwrap().to_owned();
        let below = send(&server, &ada, Method::POST, "categories", json!({"name": "VPN", "parent_id": network})).await.json;
        let vpn = below["category"]["id"].as_str().unwrap().to_owned();
        let list = send(&server, &ada, Method::GET, "categories", json!({})).await.json;
        let accounts = list["categories"][0]["id"].as_str().unwrap().to_owned();
        let passwords = list["categories"][0]["children"][0]["id"].as_str().unwrap().to_owned();
        let change = async |id: &str, body: Value| send(&server, &ada, Method::PATCH, &format!("categories/{id}"), body).await;
        let moved = change(&network, json!({"name": "Nets", "parent_id": accounts, "direct_score": 0.9})).await;
        assert_eq!((moved.status, &moved.json["category"]["direct_score"]), (200, &json!(0.9)), "{}", moved.json);
        assert_eq!(tree().await, ["Accounts(Passwords() Nets(VPN()))", "Hardware()"]);
        assert_eq!(change(&vpn, json!({"parent_id": "0", "list_score": 0.7})).await.status, 200);
        assert_eq!(tree().await, ["Accounts(Passwords() Nets())", "Hardware()", "VPN()"]);
        assert_eq!(change(&passwords, json!({"direct_score": 0.3, "list_score": 0.1})).await.status, 200);
        let before = server.rows();
        for (id, body, at) in [
            (&network, json!({"name": " "}), "name"),
            (&network, json!({"name": "Passwords"}), "name"),
            (&network, json!({"parent_id": "6900000000000009999"}), "parent_id"),
            (&network, json!({"parent_id": "x"}), "parent_id"),
            (&accounts, json!({"parent_id": network}), "parent_id"),
            // What it says itself has to go with what it would inherit there.
            (&vpn, json!({"name": "V", "parent_id": passwords}), "list_score"),
        ] {
            let refused = change(id, body.clone()).await;
            refused.refused(400, 154_000);
            assert_eq!(violated(&refused), at, "{body}");
        }
        for (body, at) in [(json!({}), "name"), (json!({"name": "VPN"}), "name"), (json!({"name": "x", "parent_id": "7"}), "parent_id")] {
            let refused = send(&server, &ada, Method::POST, "categories", body.clone()).await;
            refused.refused(400, 154_000);
            assert_eq!(violated(&refused), at, "{body}");
        }
        for full in [&accounts, &passwords] {
            let refused = send(&server, &ada, Method::DELETE, &format!("categories/{full}"), json!({})).await;
            assert!(refused.refused(400, 154_000).contains("move or delete it first"));
        }
        assert_unchanged(&before, &server.rows());
        for id in [&vpn, &network] {
            assert_eq!(send(&server, &ada, Method::DELETE, &format!("categories/{id}"), json!({})).await.status, 200);
            send(&server, &ada, Method::DELETE, &format!("categories/{id}"), json!({})).await.refused(404, 154_004);
        }
        assert_eq!(tree().await, ["Accounts(Passwords())", "Hardware()"]);
    }

    async fn fields_of_all_kinds_are_made_changed_arranged_and_deleted(database) {
        let server = start(database, &Options::default()).await;
        let (ada, root) = (token(&server, "ada").await, token(&server, "root").await);
        let options = json!({"children": [{"tag": "a", "display_name": "A"}, {"tag": "b", "display_name": "B"}]});
        let nested = json!({"children": [{"tag": "a", "display_name": "A", "children": [{"tag": "b", "display_name": "B"}]}]});
        let mut ids = Vec::new();
        for (who, key, kind, extra) in [
            (&ada, "room", "string", json!({})),
            (&root, "story", "multiline", json!({})),
            (&ada, "device", "dropdown", json!({"dropdown_options": options, "dropdown_allow_multiple": true})),
            (&ada, "place", "dropdown_nested", json!({"dropdown_options": nested})),
        ] {
            let mut body = field_body(key, kind);
            body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
            let made = send(&server, who, Method::POST, "fields", body).await;
            assert_eq!((made.status, &made.json["field"]["field_type"]), (201, &json!(kind)), "{}", made.json);
            ids.push(made.json["field"]["ticket_customized_field_id"].as_str().unwrap().to_owned());
        }
        let keys = |answer: &Value| {
            let fields = answer["fields"].as_array().unwrap().iter();
            fields.map(|field| field["key_name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let list = async || send(&server, &ada, Method::GET, "fields", json!({})).await.json;
        assert_eq!(keys(&list().await), ["room", "story", "device", "place"]);
        let order = json!({"ids": [ids[3], ids[0], ids[2], ids[1]]});
        let arranged = send(&server, &ada, Method::PUT, "field-order", order).await;
        assert_eq!((arranged.status, keys(&arranged.json)), (200, ["place", "room", "device", "story"].map(str::to_owned).to_vec()));
        assert_eq!(keys(&list().await), ["place", "room", "device", "story"]);
        let one = format!("fields/{}", ids[2]);
        let fewer = json!({"display_name": "Device", "required": true, "dropdown_options": {"children": [{"tag": "b", "display_name": "Bee"}]}});
        let changed = send(&server, &root, Method::PATCH, &one, fewer).await.json["field"].clone();
        assert_eq!((&changed["display_name"], &changed["required"], &changed["position"]), (&json!("Device"), &json!(true), &json!("2")));
        assert_eq!(changed["dropdown_options"], json!({"children": [{"tag": "b", "display_name": "Bee"}]}));
        assert_eq!(changed["updated_by"]["name"], "Root");
        let before = server.rows();
        for (body, at) in [
            (field_body("room", "string"), "key_name"),
            (field_body("x", "number"), "field_type"),
            (field_body("x", "dropdown"), "dropdown_options.children"),
            (json!({"helpdesk_id": OTHER_DESK, "key_name": "x", "display_name": "x", "position": "0", "field_type": "string",
                    "description": "", "visible": true, "required": false}), "helpdesk_id"),
        ] {
            let refused = send(&server, &ada, Method::POST, "fields", body.clone()).await;
            refused.refused(400, 154_000);
            assert_eq!(violated(&refused), at, "{body}");
        }
        for ids in [json!([]), json!([ids[0], ids[1], ids[2]]), json!([ids[0], ids[1], ids[2], ids[2]]), json!([ids[0], ids[1], ids[2], ids[3], "6900000000000009999"])] {
            let refused = send(&server, &ada, Method::PUT, "field-order", json!({"ids": ids})).await;
            refused.refused(400, 154_000);
            assert_eq!(violated(&refused), "ids");
        }
        send(&server, &ada, Method::PATCH, &one, json!({"display_name": ""})).await.refused(400, 154_000);
        assert_unchanged(&before, &server.rows());
        assert_eq!(send(&server, &ada, Method::DELETE, &one, json!({})).await.status, 200);
        send(&server, &ada, Method::DELETE, &one, json!({})).await.refused(404, 154_004);
        send(&server, &ada, Method::PATCH, &one, json!({})).await.refused(404, 154_004);
        assert_eq!(keys(&list().await), ["place", "room", "story"]);
    }

    async fn only_those_who_run_a_help_desk_change_its_categories_and_fields(database) {
        let server = start(database, &Options::default()).await;
        let [ada, bob, root] = [token(&server, "ada").await, token(&server, "bob").await, token(&server, "root").await];
        let before = server.rows();
        let mut body = field_body("x", "string");
        body.as_object_mut().unwrap().extend(json!({"name": "x", "ids": []}).as_object().unwrap().clone());
        for (rest, methods) in [
            ("categories", &[Method::GET, Method::POST][..]),
            ("categories/6900000000000009999", &[Method::GET, Method::PATCH, Method::DELETE]),
            ("fields", &[Method::GET, Method::POST]),
            ("fields/6900000000000009999", &[Method::PATCH, Method::DELETE]),
            ("field-order", &[Method::PUT]),
        ] {
            for method in methods {
                let call = |who: &str, desk: &str| {
                    by(&server, who, method.clone(), &format!("/desks/{desk}/{rest}")).json(&body)
                };
                call(&ada, OTHER_DESK).send().await.refused(404, 154_004);
                call(&root, "6900000000000000003").send().await.refused(404, 154_004);
                call(&bob, DESK).send().await.refused(403, 154_003);
            }
        }
        assert_unchanged(&before, &server.rows());
    }
}
