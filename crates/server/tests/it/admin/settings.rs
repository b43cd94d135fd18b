//! What is set of a help desk itself.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::rows::{assert_only_on_record, assert_unchanged};
use testkit::server::{AGENT, APP, DESK, DESK_TOKEN, OTHER_DESK, OWNER, USER, desk_header};
use testkit::{Options, on_both};

use super::{by, file, start, token};

on_both! {
    async fn settings_are_changed_with_the_checks_of_a_desk_file(database) {
        let server = start(database, &Options::default()).await;
        let (ada, root) = (token(&server, "ada").await, token(&server, "root").await);
        let path = format!("/desks/{DESK}/settings");
        let read = by(&server, &ada, Method::GET, &path).send().await.json;
        let owner = json!({"open_id": OWNER, "name": "Ada", "email": "ada@demo.test"});
        assert_eq!(read, json!({"name": "IT help", "welcome": "Hello! How can we help you?", "away": "", "timezone": "UTC", "description": "",
                                "owner": owner, "visibility": {"all": true, "users": [], "departments": []}}));
        let change = |token: &str, body: Value| by(&server, token, Method::PATCH, &path).json(&body).send();
        let before = server.rows();
        for (body, field) in [
            (json!({"name": " "}), "name"),
            (json!({"name": "n".repeat(201)}), "name"),
            (json!({"welcome": "w".repeat(2_001)}), "welcome"),
            (json!({"name": "New", "away": "a\u{0}"}), "away"),
            (json!({"accent": "red"}), "accent"),
            (json!({"accent": "#7a3"}), "accent"),
            (json!({"description": "d".repeat(201)}), "description"),
            (json!({"description": "two\nlines"}), "description"),
            (json!({"avatar": "https://demo.test/a.png"}), "avatar"),
            (json!({"name": "New", "avatar": "data:image/png;base64,PHN2Zy8+"}), "avatar"),
            (json!({"timezone": "Europe/Atlantis"}), "timezone"),
            (json!({"owner": USER}), "owner"),
            (json!({"visibility": {"users": ["ou_nobody"]}}), "visibility.users[0]"),
            (json!({"visibility": {"departments": ["od_it", "od it"]}}), "visibility.departments[1]"),
            (json!({"visibility": {"all": true, "users": [USER]}}), "visibility.users"),
        ] {
            let why = change(&ada, body).await.refused(400, 154_000);
            assert!(why.contains(field), "{why}");
        }
        assert_unchanged(&before, &server.rows());
        change(&ada, json!({"name": " IT help "})).await;
        assert_only_on_record(&before, &server.rows());
        let body = json!({"name": "IT", "away": "Call 112.", "accent": "#7A3FF2", "timezone": "europe/berlin"});
        let changed = change(&root, body).await;
        assert_eq!((changed.status, &changed.json["name"]), (200, &json!("IT")));
        assert_eq!((&changed.json["accent"], &changed.json["timezone"]), (&json!("#7a3ff2"), &json!("Europe/Berlin")));
        // Guests have it at once.
        let look = server.call(Method::GET, &format!("/guest/v1/desks/{DESK}")).send().await;
        assert_eq!(look.json, json!({"name": "IT", "accent": "#7a3ff2"}));
        let opened = format!("/guest/v1/desks/{DESK}/sessions");
        let desk = server.call(Method::POST, &opened).json(&json!({})).send().await.json["desk"].clone();
        assert_eq!((&desk["away"], &desk["accent"]), (&json!("Call 112."), &json!("#7a3ff2")));
        assert_eq!(change(&ada, json!({"accent": ""})).await.json.get("accent"), None);
        let log = by(&server, &root, Method::GET, "/audit?action=admin_settings.patch").send().await.json;
        let entry = &log["entries"][1];
        assert_eq!(entry["before"], json!("name: IT help\naway: \naccent: \ntimezone: UTC"));
        assert_eq!(entry["after"], json!("name: IT\naway: Call 112.\naccent: #7a3ff2\ntimezone: Europe/Berlin"));
        server.call(Method::GET, "/guest/v1/desks/6900000000000009999").send().await.refused(404, 154_004);
    }

    async fn a_description_and_a_picture_are_set_and_guests_see_them(database) {
        let server = start(database, &Options::default()).await;
        let ada = token(&server, "ada").await;
        let path = format!("/desks/{DESK}/settings");
        let change = |body: Value| by(&server, &ada, Method::PATCH, &path).json(&body).send();
        let picture = |end: &str| [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", end.as_bytes()].concat();
        let url = |bytes: &[u8]| format!("data:image/png;base64,{}", STANDARD.encode(bytes));
        let first = change(json!({"description": " Laptops and accounts ", "avatar": url(&picture("a"))})).await.json;
        assert_eq!(first["description"], "Laptops and accounts");
        let key = first["avatar_key"].as_str().unwrap().to_owned();
        let guest = server.guest().await;
        let opened = format!("/guest/v1/desks/{DESK}/sessions");
        let desk = server.call(Method::POST, &opened).json(&json!({})).send().await.json["desk"].clone();
        assert_eq!((&desk["description"], &desk["avatar_key"]), (&json!("Laptops and accounts"), &json!(key)));
        let seen = guest.call(Method::GET, &format!("/images/{key}")).send().await;
        assert_eq!((seen.status, seen.body), (200, picture("a")));
        let public = |key: &str| server.call(Method::GET, &format!("/guest/v1/desks/{DESK}/avatar/{key}")).send();
        let shown = public(&key).await;
        assert_eq!((shown.status, &shown.body), (200, &picture("a")));
        assert_eq!(shown.headers["cache-control"], "public, max-age=31536000, immutable");
        assert_eq!(shown.headers["content-type"], "image/png");
        let desks = by(&server, &ada, Method::GET, "/desks").send().await.json;
        assert_eq!((&desks["desks"][0]["avatar_key"], &desks["desks"][0]["description"]), (&json!(key), &json!("Laptops and accounts")));
        // The same again changes nothing; what is not named stays.
        let before = server.rows();
        change(json!({"avatar": url(&picture("a"))})).await;
        assert_only_on_record(&before, &server.rows());
        let other = change(json!({"avatar": url(&picture("b"))})).await.json["avatar_key"].clone();
        assert_ne!(other, json!(key));
        public(&key).await.refused(404, 154_004);
        let log = by(&server, &ada, Method::GET, "/audit?action=admin_settings.patch").send().await.json;
        assert_eq!(log["entries"][0]["before"], json!(format!("avatar: {key}")));
        assert_eq!(log["entries"][2]["after"], json!(format!("description: Laptops and accounts\navatar: {key}")));
        let none = change(json!({"avatar": "", "description": ""})).await.json;
        assert_eq!((none.get("avatar_key"), &none["description"]), (None, &json!("")));
        public(other.as_str().unwrap()).await.refused(404, 154_004);
        assert!(server.rows()["helpdesk_avatar"].is_empty(), "no picture stays that nobody sees");
    }

    async fn who_may_ask_is_named_by_people_and_departments(database) {
        let server = start(database, &Options::default()).await;
        let ada = token(&server, "ada").await;
        let path = format!("/desks/{DESK}/settings");
        let found = |key: &str| {
            let call = by(&server, &ada, Method::GET, &format!("/desks/{DESK}/people?key={key}"));
            async { call.send().await.json["people"].clone() }
        };
        let eve = json!([{"open_id": USER, "name": "Eve", "email": "eve@demo.test"}]);
        for key in ["EVE@demo.test", "u_eve", USER] {
            assert_eq!(found(key).await[0]["open_id"], USER, "{key}");
        }
        assert_eq!(found("nobody@demo.test").await, json!([]));
        assert_eq!(found("rita@other.test").await, json!([]));
        server.guest_with(json!({"name": "Stranger", "email": "strange@demo.test"})).await;
        assert_eq!(found("strange@demo.test").await, json!([]));
        by(&server, &ada, Method::GET, &format!("/desks/{DESK}/people?key=")).send().await.refused(400, 154_000);
        let body = json!({"visibility": {"users": [USER, USER], "departments": ["od_it", "od_it"]}});
        let changed = by(&server, &ada, Method::PATCH, &path).json(&body).send().await;
        assert_eq!(changed.json["visibility"], json!({"all": false, "users": eve, "departments": ["od_it"]}));
        // Whoever is not named is not let in any more.
        let arrive = || server.call(Method::POST, &format!("/guest/v1/desks/{DESK}/sessions")).json(&json!({})).send();
        arrive().await.refused(401, 154_402);
        let open = json!({"visibility": {"all": true}});
        by(&server, &ada, Method::PATCH, &path).json(&open).send().await;
        assert_eq!(arrive().await.status, 200);
    }

    async fn a_help_desk_goes_to_an_agent_who_can_sign_in(database) {
        let mut file = file(&Options::default());
        file["tenants"][0]["users"][2].as_object_mut().unwrap().remove("password");
        file["tenants"][0]["helpdesks"][0]["agents"] = json!([{"user": "u_bob"}, {"user": "u_eve"}]);
        let server = testkit::TestServer::with_file(database, &Options::default(), &file).await;
        let (ada, bob) = (token(&server, "ada").await, token(&server, "bob").await);
        let path = format!("/desks/{DESK}/settings");
        let give = |token: &str, to: &str| by(&server, token, Method::PATCH, &path).json(&json!({"owner": to})).send();
        assert!(give(&ada, USER).await.refused(400, 154_000).contains("Eve has no password"));
        give(&bob, AGENT).await.refused(403, 154_003);
        let given = give(&ada, AGENT).await;
        assert_eq!(given.json["owner"]["name"], "Bob", "{}", given.json);
        give(&ada, OWNER).await.refused(403, 154_003);
        let agents = by(&server, &bob, Method::GET, &format!("/desks/{DESK}/agents")).send().await.json;
        let owners: Vec<(&str, bool)> = agents["agents"].as_array().unwrap().iter()
            .map(|agent| (agent["name"].as_str().unwrap(), agent["is_owner"].as_bool().unwrap())).collect();
        assert!(owners.contains(&("Bob", true)) && owners.contains(&("Ada", false)), "{owners:?}");
        assert_eq!(give(&bob, OWNER).await.status, 200);
    }

    async fn secrets_are_renewed_and_the_old_ones_are_void(database) {
        let server = start(database, &Options::default()).await;
        let ada = token(&server, "ada").await;
        let renew = |what: &str| by(&server, &ada, Method::POST, &format!("/desks/{DESK}/{what}")).send();
        let new = renew("token").await.json["token"].as_str().unwrap().to_owned();
        assert!(new.starts_with("ht-"), "{new}");
        let faqs = |token: &str| {
            let call = server.call(Method::GET, "/open-apis/helpdesk/v1/faqs").bearer(&server.tenant_token(APP));
            call.header("X-Lark-Helpdesk-Authorization", &desk_header(DESK, token)).send()
        };
        assert_eq!(faqs(&new).await.json["code"], 0);
        assert_ne!(faqs(DESK_TOKEN).await.json["code"], 0);
        let secret = |server: &testkit::TestServer| {
            server.running.app().directory().helpdesks[&DESK.parse().unwrap()].widget_secret.clone()
        };
        assert_eq!(secret(&server), "widget");
        let new = renew("widget-secret").await.json["widget_secret"].as_str().unwrap().to_owned();
        assert_eq!(secret(&server), new);
        assert!(new.len() >= 20, "{new}");
        let rows = server.rows();
        for table in ["audit", "helpdesk"] {
            assert!(rows[table].iter().all(|row| !row.contains(&new)), "{table} holds the secret");
        }
    }

    async fn settings_are_for_those_who_run_the_help_desk(database) {
        let server = start(database, &Options::default()).await;
        let before = server.rows();
        for (name, desk, status, code) in
            [("bob", DESK, 403, 154_003), ("ada", OTHER_DESK, 404, 154_004), ("root", "6900000000000000003", 404, 154_004)]
        {
            let token = token(&server, name).await;
            let calls = [
                (Method::GET, "settings"),
                (Method::PATCH, "settings"),
                (Method::POST, "token"),
                (Method::POST, "widget-secret"),
                (Method::GET, "people?key=u_ada"),
            ];
            for (method, path) in calls {
                let call = by(&server, &token, method, &format!("/desks/{desk}/{path}")).json(&json!({"name": "Mine"}));
                call.send().await.refused(status, code);
            }
        }
        assert_eq!(before["helpdesk"], server.rows()["helpdesk"]);
    }
}
