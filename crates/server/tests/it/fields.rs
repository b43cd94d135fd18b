//! Customized fields: their definitions, and values in tickets.

use std::sync::Arc;

use desk::Refusal;
use desk::deskfile::{self, Format};
use desk::directory::Helpdesk;
use desk::field::{self, NewValue, Value as FieldValue};
use reqwest::Method;
use serde_json::{Value, json};
use testkit::rows::assert_unchanged;
use testkit::server::{AGENT, APP, APP_READER, DESK, OTHER_DESK, OTHER_TOKEN, OWNER, USER, desk_header};
use testkit::{Answer, TestServer, on_both};

const PATH: &str = "/ticket_customized_fields";

/// A text field as `ticket_customized_field.create` takes it.
fn text(key: &str) -> Value {
    json!({"key_name": key, "display_name": format!("The {key}"), "position": "7", "field_type": "string",
           "description": "What it is", "visible": true, "required": false})
}

fn with(mut body: Value, changes: &Value) -> Value {
    for (member, value) in changes.as_object().unwrap() {
        body[member] = value.clone();
    }
    body
}

fn options(names: &[&str]) -> Value {
    let option = |name: &&str| json!({"tag": format!("tag-{name}"), "display_name": name});
    json!({"children": names.iter().map(option).collect::<Vec<_>>()})
}

/// Three levels: Network/Wi-Fi/Slow, Network/Wi-Fi/Off, Network/VPN, Other.
fn tree() -> Value {
    json!({"children": [
        {"tag": "net", "display_name": "Network", "children": [
            {"tag": "wifi", "display_name": "Wi-Fi", "children": [
                {"tag": "slow", "display_name": "Slow"}, {"tag": "off", "display_name": "Off"}]},
            {"tag": "vpn", "display_name": "VPN"}]},
        {"tag": "other", "display_name": "Other"}]})
}

fn dropdown(key: &str, names: &[&str]) -> Value {
    with(text(key), &json!({"field_type": "dropdown", "dropdown_options": options(names)}))
}

async fn create(server: &TestServer, token: &str, body: &Value) -> Answer {
    server.open_api_as(token, Method::POST, PATH).json(body).send().await
}

/// All fields by key, as the list shows them.
async fn listed(server: &TestServer) -> Vec<Value> {
    server.open_api(Method::GET, PATH).send().await.ok()["items"].as_array().unwrap().clone()
}

/// The id of the field with this key.
async fn id_of(server: &TestServer, key: &str) -> String {
    let field = listed(server).await.into_iter().find(|field| field["key_name"] == key);
    field.unwrap()["ticket_customized_field_id"].as_str().unwrap().to_owned()
}

fn desk_of(server: &TestServer) -> Arc<Helpdesk> {
    Arc::clone(&server.running.app().directory().helpdesks[&DESK.parse::<i64>().unwrap()])
}

/// Sets values of a ticket's fields.
async fn set(server: &TestServer, ticket_id: i64, values: Vec<NewValue>) -> Result<(), Refusal> {
    let desk = desk_of(server);
    server.running.app().write(move |tx, cx| field::set(tx, cx, &desk, ticket_id, &values)).await
}

/// The values of these tickets.
async fn values(server: &TestServer, ticket_ids: Vec<i64>) -> Vec<(i64, Vec<FieldValue>)> {
    let desk = desk_of(server);
    let found = server.running.app().read(move |tx, _| Ok(field::of_tickets(tx, &desk, &ticket_ids)?)).await.unwrap();
    let mut found: Vec<_> = found.into_iter().collect();
    found.sort_by_key(|(id, _)| *id);
    found
}

async fn shown(server: &TestServer, ticket_id: i64) -> Vec<(String, String)> {
    let found = values(server, vec![ticket_id]).await;
    found.into_iter().flat_map(|(_, values)| values).map(|v| (v.key_name, v.value)).collect()
}

fn by_key(key: &str, value: &str) -> NewValue {
    NewValue { id: None, key_name: Some(key.into()), value: Some(value.into()) }
}

/// Tickets of new guests.
async fn tickets(server: &TestServer, count: usize) -> Vec<i64> {
    let mut ids = Vec::new();
    for _ in 0..count {
        let said = server.guest().await.say("hello").await;
        ids.push(said["ticket_id"].as_str().unwrap().parse().unwrap());
    }
    ids
}

/// Applies a desk file that gives the desk these lists of fields.
async fn apply(server: &TestServer, lists: &Value) -> Result<Vec<String>, String> {
    let desk = with(json!({"id": DESK, "name": "IT help", "owner": "u_ada"}), lists);
    let file = json!({"version": 1, "tenants": [{"key": "demo", "name": "Demo Ltd", "helpdesks": [desk]}]});
    let app = server.running.app().clone();
    let work = move || {
        let file = deskfile::parse(&file.to_string(), Format::Json, &|_| None).map_err(|f| format!("{f:?}"))?;
        let report = deskfile::put(app.db(), (app.vault(), app.ids()), app.now_ms(), file, false);
        report.map(|r| r.changes.iter().map(ToString::to_string).collect()).map_err(|stop| stop.to_string())
    };
    tokio::task::spawn_blocking(work).await.unwrap()
}

on_both! {
    async fn fields_are_kept_by_admins_and_read_by_apps(database) {
        let server = TestServer::start(database).await;
        let owner = server.user_token(OWNER).await;
        let extra = json!({"helpdesk_id": DESK, "created_by": {"id": 7}, "ticket_customized_field_id": [], "editable": false});
        let made = create(&server, &owner, &with(text("asset"), &extra)).await.ok();
        assert_eq!(made, json!({}), "the id is not told");
        let id = id_of(&server, "asset").await;
        let path = format!("{PATH}/{id}");
        let got = server.open_api(Method::GET, &path).send().await.ok();
        let now = server.clock.now_ms().to_string();
        let expected = json!({
            "ticket_customized_field_id": id, "helpdesk_id": DESK, "key_name": "asset", "display_name": "The asset",
            "position": "7", "field_type": "string", "description": "What it is", "visible": true, "editable": false,
            "required": false, "created_at": now, "updated_at": now,
            "created_by": {"id": OWNER, "name": "Ada", "email": "ada@demo.test", "city": "Berlin", "country": "DE"},
            "updated_by": {"id": OWNER, "name": "Ada", "email": "ada@demo.test", "city": "Berlin", "country": "DE"}});
        assert_eq!(got, expected);
        server.clock.advance(1_000);
        let patch = json!({"display_name": "Asset tag", "position": "0", "required": true, "visible": false,
                           "description": "", "key_name": "other", "field_type": "dropdown", "editable": true});
        let patched = server.open_api_as(&owner, Method::PATCH, &path).json(&patch).send().await.ok();
        assert_eq!(patched, json!({}));
        let changed = json!({"display_name": "Asset tag", "position": "0", "required": true, "visible": false,
                             "description": "", "updated_at": server.clock.now_ms().to_string()});
        let got = server.open_api(Method::GET, &path).send().await.ok();
        assert_eq!(got, with(expected, &changed), "what cannot be changed is ignored");
        server.open_api_as(&owner, Method::PATCH, &path).json(&json!({})).send().await.ok();
        assert_eq!(server.open_api_as(&owner, Method::DELETE, &path).send().await.ok(), json!({}));
        server.open_api(Method::GET, &path).send().await.refused(400, 154_000);
        server.open_api_as(&owner, Method::DELETE, &path).send().await.refused(400, 154_000);
        // Its key is free again.
        create(&server, &owner, &text("asset")).await.ok();
    }

    async fn drop_downs_have_a_tree_of_options(database) {
        let server = TestServer::start(database).await;
        let owner = server.user_token(OWNER).await;
        let colours = with(dropdown("colour", &["Red", "Blue"]), &json!({"dropdown_allow_multiple": true}));
        create(&server, &owner, &colours).await.ok();
        let nested = json!({"field_type": "dropdown_nested", "dropdown_options": tree(), "dropdown_allow_multiple": false});
        create(&server, &owner, &with(text("place"), &nested)).await.ok();
        create(&server, &owner, &with(text("words"), &json!({"field_type": "multiline"}))).await.ok();
        let fields = listed(&server).await;
        let part = |i: usize| (fields[i].get("dropdown_options"), fields[i].get("dropdown_allow_multiple"));
        assert_eq!(part(0), (Some(&options(&["Red", "Blue"])), Some(&json!(true))));
        assert_eq!(part(1), (Some(&tree()), None));
        assert_eq!(part(2), (None, None));
        let path = format!("{PATH}/{}", id_of(&server, "colour").await);
        let patch = json!({"dropdown_options": options(&["Green"])});
        server.open_api_as(&owner, Method::PATCH, &path).json(&patch).send().await.ok();
        let got = server.open_api(Method::GET, &path).send().await.ok();
        assert_eq!(got["dropdown_options"], options(&["Green"]), "all anew");
    }

    async fn a_field_that_is_wrong_is_refused_and_nothing_is_written(database) {
        let server = TestServer::start(database).await;
        let owner = server.user_token(OWNER).await;
        create(&server, &owner, &dropdown("colour", &["Red"])).await.ok();
        let path = format!("{PATH}/{}", id_of(&server, "colour").await);
        let deep = json!({"children": [{"tag": "a", "display_name": "A", "children": [
            {"tag": "b", "display_name": "B", "children": [{"tag": "c", "display_name": "C",
             "children": [{"tag": "d", "display_name": "D"}]}]}]}]});
        let nested = |options: &Value| json!({"field_type": "dropdown_nested", "dropdown_options": options});
        let before = server.rows();
        for (changes, member) in [
            (json!({"helpdesk_id": OTHER_DESK}), "helpdesk_id"),
            (json!({"key_name": "colour"}), "key_name"),
            (json!({"key_name": " "}), "key_name"),
            (json!({"key_name": "x".repeat(101)}), "key_name"),
            (json!({"display_name": ""}), "display_name"),
            (json!({"description": "x".repeat(1001)}), "description"),
            (json!({"position": "first"}), "position"),
            (json!({"position": "-1"}), "position"),
            (json!({"position": "1000000"}), "position"),
            (json!({"field_type": "number"}), "field_type"),
            (json!({"dropdown_options": options(&["a"])}), "dropdown_options"),
            (json!({"dropdown_allow_multiple": true}), "dropdown_allow_multiple"),
            (json!({"field_type": "dropdown"}), "dropdown_options.children"),
            (json!({"field_type": "dropdown", "dropdown_options": {"children": []}}), "dropdown_options.children"),
            (json!({"field_type": "dropdown", "dropdown_options": options(&["a", "a"])}), "dropdown_options.children[1].tag"),
            (json!({"field_type": "dropdown", "dropdown_options": tree()}), "dropdown_options.children[0].children"),
            (nested(&deep), "dropdown_options.children[0].children[0].children[0].children"),
            (with(nested(&tree()), &json!({"dropdown_allow_multiple": true})), "dropdown_allow_multiple"),
        ] {
            let answer = create(&server, &owner, &with(text("new"), &changes)).await;
            answer.refused(400, 154_000);
            assert_eq!(answer.json["error"]["field_violations"][0]["field"], member, "{changes}");
        }
        for member in ["key_name", "display_name", "position", "field_type", "description", "visible", "required"] {
            let mut body = text("new");
            body.as_object_mut().unwrap().remove(member);
            let answer = create(&server, &owner, &body).await;
            answer.refused(400, 99_992_402);
            assert_eq!(answer.json["error"]["field_violations"][0]["field"], member);
        }
        let untagged = json!({"field_type": "dropdown", "dropdown_options": {"children": [{"display_name": "A"}]}});
        let answer = create(&server, &owner, &with(text("new"), &untagged)).await;
        assert!(answer.refused(400, 99_992_402).contains("dropdown_options.children[0].tag"), "{}", answer.json);
        create(&server, &owner, &with(text("new"), &json!({"position": 7}))).await.refused(400, 9499);
        create(&server, &owner, &with(text("new"), &json!({"dropdown_options": []}))).await.refused(400, 9499);
        for changes in [json!({"display_name": ""}), json!({"position": ""}), json!({"dropdown_options": {}})] {
            server.open_api_as(&owner, Method::PATCH, &path).json(&changes).send().await.refused(400, 154_000);
        }
        // Unknown and malformed ids; the pages have no 404 row.
        for id in ["6900000000000009999", "x"] {
            let path = format!("{PATH}/{id}");
            server.open_api(Method::GET, &path).send().await.refused(400, 154_000);
            server.open_api_as(&owner, Method::PATCH, &path).json(&json!({})).send().await.refused(400, 154_000);
            server.open_api_as(&owner, Method::DELETE, &path).send().await.refused(400, 154_000);
        }
        // An agent is no admin.
        for open_id in [AGENT, USER] {
            let token = server.user_token(open_id).await;
            create(&server, &token, &text("new")).await.refused(403, 154_003);
            server.open_api_as(&token, Method::PATCH, &path).json(&json!({})).send().await.refused(403, 154_003);
            server.open_api_as(&token, Method::DELETE, &path).send().await.refused(403, 154_003);
        }
        create(&server, &server.tenant_token(APP), &text("new")).await.refused(400, 99_991_663);
        let elsewhere = server.call(Method::GET, &format!("/open-apis/helpdesk/v1{path}"));
        let elsewhere = elsewhere.bearer(&server.tenant_token(APP));
        let elsewhere = elsewhere.header("x-lark-helpdesk-authorization", &desk_header(OTHER_DESK, OTHER_TOKEN));
        elsewhere.send().await.refused(400, 154_000);
        assert_unchanged(&before, &server.rows());
    }

    async fn fields_are_listed_by_cursor_with_a_filter_in_the_body(database) {
        let server = TestServer::start(database).await;
        let owner = server.user_token(OWNER).await;
        for i in 0..5 {
            // The list goes by age, not by place.
            let body = with(text(&format!("k{i}")), &json!({"position": (9 - i).to_string(), "visible": i != 2}));
            create(&server, &owner, &body).await.ok();
        }
        let reader = server.tenant_token(APP_READER);
        let page = async |query: &str, body: Option<&str>| {
            let call = server.open_api_as(&reader, Method::GET, &format!("{PATH}{query}"));
            match body {
                Some(body) => call.raw(body.to_owned()).send().await,
                None => call.send().await,
            }
        };
        let keys = |data: &Value| -> Vec<String> {
            data["items"].as_array().unwrap().iter().map(|f| f["key_name"].as_str().unwrap().to_owned()).collect()
        };
        let (mut seen, mut query) = (Vec::new(), "?page_size=2".to_owned());
        loop {
            let data = page(&query, Some("{}")).await.ok();
            seen.extend(keys(&data));
            assert!(data.get("page_token").is_none());
            if data["has_more"] == false {
                assert!(data.get("next_page_token").is_none(), "the last page has no token");
                break;
            }
            query = format!("?page_size=2&page_token={}", data["next_page_token"].as_str().unwrap());
        }
        assert_eq!(seen, ["k0", "k1", "k2", "k3", "k4"]);
        assert_eq!(keys(&page("", Some(r#"{"visible":false}"#)).await.ok()), ["k2"]);
        assert_eq!(keys(&page("?page_size=3", Some(r#"{"visible":true}"#)).await.ok()), ["k0", "k1", "k3"]);
        // Without a body, and with a parameter that somebody adds.
        assert_eq!(keys(&page(&format!("?helpdesk_id={DESK}"), None).await.ok()).len(), 5);
        page("?page_size=101", None).await.refused(400, 99_992_402);
        page("?page_size=0", None).await.refused(400, 99_992_402);
        page("?page_token=x", None).await.refused(400, 154_000);
        page("", Some(r#"{"visible":"yes"}"#)).await.refused(400, 9499);
    }

    async fn both_families_are_listed_by_position(database) {
        let server = TestServer::start(database).await;
        let owner = server.user_token(OWNER).await;
        let lists = json!({
            "user_fields": [
                {"key_name": "floor", "display_name": "Floor", "position": 2},
                {"id": "6900000000000005001", "key_name": "level", "display_name": "Level", "position": 1, "visible": false,
                 "editable": false, "required": true, "description": "VIP or not", "field_type": "dropdown",
                 "dropdown_options": options(&["VIP", "Other"])}],
            "ticket_fields": [{"key_name": "asset", "display_name": "Asset", "position": 5}]});
        let changes = apply(&server, &lists).await.unwrap();
        assert_eq!(changes.len(), 3, "{changes:?}");
        assert_eq!(apply(&server, &lists).await.unwrap(), [""; 0], "a second time changes nothing");
        create(&server, &owner, &with(text("colour"), &json!({"position": "1"}))).await.ok();
        let all = server.open_api(Method::GET, "/customized_fields").send().await.ok();
        let now = server.clock.now_ms().to_string();
        let level = json!({
            "user_customized_field_id": "6900000000000005001", "id": "6900000000000005001", "helpdesk_id": DESK,
            "key_name": "level", "display_name": "Level", "position": "1", "field_type": "dropdown",
            "description": "VIP or not", "visible": false, "editable": false, "required": true,
            "created_at": now, "updated_at": now});
        assert_eq!(all["user_customized_fields"][0], level);
        assert_eq!(all["user_customized_fields"][1]["key_name"], "floor");
        let keys = |family: &str, all: &Value| -> Vec<String> {
            all[family].as_array().unwrap().iter().map(|f| f["key_name"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(keys("ticket_customized_fields", &all), ["colour", "asset"]);
        assert!(all["ticket_customized_fields"][1].get("created_by").is_none(), "nobody but a file made it");
        // Python writes booleans with a capital.
        let visible = server.open_api(Method::GET, "/customized_fields?visible_only=True").send().await.ok();
        assert_eq!(keys("user_customized_fields", &visible), ["floor"]);
        server.open_api(Method::GET, "/customized_fields?visible_only=x").send().await.refused(400, 99_992_402);
        // A user's field is no ticket's.
        server.open_api(Method::GET, &format!("{PATH}/6900000000000005001")).send().await.refused(400, 154_000);
        // What the file made goes with its entry, what the API made stays.
        let changes = apply(&server, &json!({"ticket_fields": [], "user_fields": []})).await.unwrap();
        assert_eq!(changes.len(), 3, "{changes:?}");
        let left = server.open_api(Method::GET, "/customized_fields").send().await.ok();
        assert_eq!(keys("ticket_customized_fields", &left), ["colour"]);
        assert_eq!(left["user_customized_fields"], json!([]));
        let taken = apply(&server, &json!({"ticket_fields": [
            {"id": "6900000000000005002", "key_name": "colour", "display_name": "Colour"}]})).await.unwrap_err();
        assert!(taken.contains("colour is the key of field"), "{taken}");
    }

    async fn values_are_set_by_id_or_key_and_shown_by_position(database) {
        let server = TestServer::start(database).await;
        let owner = server.user_token(OWNER).await;
        create(&server, &owner, &with(text("asset"), &json!({"position": "9", "required": true}))).await.ok();
        create(&server, &owner, &with(text("story"), &json!({"field_type": "multiline", "position": "8"}))).await.ok();
        create(&server, &owner, &dropdown("colour", &["Red", "Blue"])).await.ok();
        let many = json!({"dropdown_allow_multiple": true, "position": "6"});
        create(&server, &owner, &with(dropdown("sizes", &["S", "M", "L"]), &many)).await.ok();
        let nested = json!({"field_type": "dropdown_nested", "dropdown_options": tree(), "position": "1"});
        create(&server, &owner, &with(text("place"), &nested)).await.ok();
        let found = tickets(&server, 3).await;
        let (first, second) = (found[0], found[1]);
        let by_id = NewValue { id: Some(id_of(&server, "asset").await), value: Some(" A-17 ".into()), key_name: None };
        let place = by_key("place", "Network/Wi-Fi/Slow");
        set(&server, first, vec![by_id, place, by_key("colour", "tag-Blue"), by_key("sizes", "L, S")]).await.unwrap();
        set(&server, second, vec![by_key("place", "vpn"), by_key("story", "one\ntwo")]).await.unwrap();
        let all = values(&server, vec![found[2], second, first, 1]).await;
        let texts = |i: usize| -> Vec<(&str, &str)> {
            all[i].1.iter().map(|v| (v.key_name.as_str(), v.value.as_str())).collect()
        };
        assert_eq!(all.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [first, second], "the third has none");
        assert_eq!(texts(0), [("place", "Network/Wi-Fi/Slow"), ("sizes", "S,L"), ("colour", "Blue"), ("asset", "A-17")]);
        assert_eq!(texts(1), [("place", "Network/VPN"), ("story", "one\ntwo")]);
        let asset = &all[0].1[3];
        assert_eq!((asset.display_name.as_str(), asset.position, asset.required, asset.editable), ("The asset", 9, true, true));
        // Others stay; an empty text removes, required or not.
        set(&server, first, vec![by_key("asset", ""), by_key("colour", "Red")]).await.unwrap();
        let now = [("place", "Network/Wi-Fi/Slow"), ("sizes", "S,L"), ("colour", "Red")];
        assert_eq!(shown(&server, first).await, now.map(|(k, v)| (k.to_owned(), v.to_owned())));
        set(&server, first, vec![]).await.unwrap();
    }

    async fn a_value_that_does_not_fit_is_refused_and_nothing_is_written(database) {
        let server = TestServer::start(database).await;
        let owner = server.user_token(OWNER).await;
        create(&server, &owner, &text("asset")).await.ok();
        create(&server, &owner, &with(text("fixed"), &json!({"editable": false}))).await.ok();
        create(&server, &owner, &dropdown("colour", &["Red", "Blue"])).await.ok();
        let nested = json!({"field_type": "dropdown_nested", "dropdown_options": tree()});
        create(&server, &owner, &with(text("place"), &nested)).await.ok();
        let lists = json!({"user_fields": [{"key_name": "level", "display_name": "Level"}]});
        apply(&server, &lists).await.unwrap();
        let ticket = tickets(&server, 1).await[0];
        let asset = id_of(&server, "asset").await;
        let named = |id: Option<&str>, key: Option<&str>, value: Option<&str>| NewValue {
            id: id.map(str::to_owned), key_name: key.map(str::to_owned), value: value.map(str::to_owned),
        };
        let before = server.rows();
        for (bad, member) in [
            (by_key("none", "x"), ".key_name"),
            (by_key("level", "x"), ".key_name"),
            (named(Some("6900000000000009999"), None, Some("x")), ".id"),
            (named(Some("x"), None, Some("x")), ".id"),
            (named(None, None, Some("x")), ".id"),
            (named(Some(&asset), Some("colour"), Some("x")), ".key_name"),
            (named(Some(&asset), None, None), ".value"),
            (by_key("fixed", "x"), ""),
            (by_key("asset", &"x".repeat(1_001)), ".value"),
            (by_key("colour", "Green"), ".value"),
            (by_key("colour", "Red,Blue"), ".value"),
            (by_key("place", "Network"), ".value"),
            (by_key("place", "Slow"), ".value"),
        ] {
            // A good one before it is not written either.
            let good = by_key(if bad.key_name.as_deref() == Some("colour") { "place" } else { "colour" }, "other");
            let good = if good.key_name.as_deref() == Some("colour") { by_key("colour", "Red") } else { good };
            let refusal = set(&server, ticket, vec![good, bad.clone()]).await.unwrap_err();
            let Refusal::Invalid { field, .. } = &refusal else { panic!("{bad:?}: {refusal}") };
            assert_eq!(*field, format!("customized_fields[1]{member}"), "{bad:?}");
        }
        let twice = set(&server, ticket, vec![by_key("asset", "1"), named(Some(&asset), None, Some("2"))]).await;
        assert!(twice.unwrap_err().to_string().contains("named twice"));
        assert_unchanged(&before, &server.rows());
    }

    async fn a_value_follows_its_option_and_outlives_it(database) {
        let server = TestServer::start(database).await;
        let owner = server.user_token(OWNER).await;
        create(&server, &owner, &dropdown("colour", &["Red", "Blue"])).await.ok();
        let id = id_of(&server, "colour").await;
        let path = format!("{PATH}/{id}");
        let ticket = tickets(&server, 1).await[0];
        set(&server, ticket, vec![by_key("colour", "Red")]).await.unwrap();
        let patch = async |options: Value| {
            let body = json!({"dropdown_options": options});
            server.open_api_as(&owner, Method::PATCH, &path).json(&body).send().await.ok()
        };
        let value = |text: &str| vec![("colour".to_owned(), text.to_owned())];
        patch(json!({"children": [{"tag": "tag-Red", "display_name": "Crimson"}]})).await;
        assert_eq!(shown(&server, ticket).await, value("Crimson"), "renamed");
        patch(options(&["Green"])).await;
        assert_eq!(shown(&server, ticket).await, value("Red"), "as it was set, once its option is gone");
        server.open_api_as(&owner, Method::DELETE, &path).send().await.ok();
        assert_eq!(shown(&server, ticket).await, []);
        let again = json!({"ticket_fields": [{"id": id, "key_name": "colour", "display_name": "Colour",
                           "field_type": "dropdown", "dropdown_options": options(&["Red"])}]});
        apply(&server, &again).await.unwrap();
        assert_eq!(shown(&server, ticket).await, value("Red"), "back with the same id");
    }

    async fn a_help_desk_has_a_bounded_number_of_fields(database) {
        let server = TestServer::start(database).await;
        let owner = server.user_token(OWNER).await;
        let many: Vec<Value> =
            (0..200).map(|i| json!({"key_name": format!("k{i}"), "display_name": format!("K{i}")})).collect();
        apply(&server, &json!({"ticket_fields": many})).await.unwrap();
        let before = server.rows();
        assert!(create(&server, &owner, &text("one-more")).await.refused(400, 154_000).contains("200"));
        assert_unchanged(&before, &server.rows());
        let all = server.open_api(Method::GET, "/customized_fields").send().await.ok();
        assert_eq!(all["ticket_customized_fields"].as_array().unwrap().len(), 200);
        let page = server.open_api(Method::GET, &format!("{PATH}?page_size=100")).send().await.ok();
        assert_eq!((page["items"].as_array().unwrap().len(), &page["has_more"]), (100, &json!(true)));
        let ids = tickets(&server, 2).await;
        let values: Vec<NewValue> = (0..200).map(|i| by_key(&format!("k{i}"), "x")).collect();
        set(&server, ids[0], values).await.unwrap();
        assert_eq!(shown(&server, ids[0]).await.len(), 200);
    }
}
