//! Apps, for administrators: made, changed, renewed, subscribed, checked and removed; and what the audit log and the desk
//! file make of it.

use reqwest::Method;
use serde_json::{Value, json};
use testkit::rows::assert_unchanged;
use testkit::server::{APP, APP_FOREIGN, APP_STORE, DESK, OTHER_DESK};
use testkit::{Answer, Options, Sink, TestServer, on_both};

use super::{by, field, file, get, send, start, token};

/// Whether these open the door to the API.
async fn opens(server: &TestServer, app_id: &str, secret: &str) -> Answer {
    let body = json!({"app_id": app_id, "app_secret": secret});
    server.call(Method::POST, "/open-apis/auth/v3/tenant_access_token/internal").json(&body).send().await
}

on_both! {
    async fn an_app_is_made_works_gets_another_secret_and_goes(database) {
        let server = start(database, &Options::default()).await;
        let root = token(&server, "root").await;
        let body = json!({"name": "Robot", "scopes": ["helpdesk:all", "helpdesk:all:readonly"],
                          "events": {"delivery": "long_connection", "encrypt_key": "a-long-encrypt-key",
                                     "types": ["helpdesk.ticket.created_v1"]}});
        let made = send(&server, &root, Method::POST, "/apps", body).await;
        assert_eq!(made.status, 201, "{}", made.json);
        let (id, secret) = (made.json["app"]["app_id"].as_str().unwrap(), made.json["app_secret"].as_str().unwrap());
        let verification = made.json["verification_token"].as_str().unwrap();
        assert!(id.starts_with("cli_") && id.len() == 20 && secret.len() >= 32, "{}", made.json);
        assert_eq!((made.json["app"]["type"].as_str(), made.json["app"]["encrypt_key"].as_str()), (Some("custom"), Some("…-key")));
        let first = opens(&server, id, secret).await.json["tenant_access_token"].as_str().unwrap().to_owned();
        // Nothing that is read later holds a secret.
        let one = format!("/apps/{id}");
        let shown = get(&server, &root, &one).await;
        let texts = format!("{shown}{}{}", get(&server, &root, "/apps").await, get(&server, &root, "/audit?page_size=200").await);
        for hidden in [secret, verification, "a-long-encrypt-key"] {
            assert!(!texts.contains(hidden), "{texts}");
        }
        assert_eq!((&shown["waiting"], &shown["dead"], &shown["breaker"]), (&json!(0), &json!(0), &json!("closed")));
        let call = |token: String| server.call(Method::GET, "/open-apis/helpdesk/v1/faqs")
            .bearer(&token).header("x-lark-helpdesk-authorization", &testkit::server::desk_header(DESK, "ht-one"));
        assert_eq!(call(first.clone()).send().await.code(), 0);
        let renewed = send(&server, &root, Method::POST, &format!("{one}/secret"), json!({})).await;
        let second = renewed.json["app_secret"].as_str().unwrap();
        assert_ne!(second, secret);
        // The old secret stopped at once, and so did its token.
        assert_ne!(opens(&server, id, secret).await.code(), 0);
        assert_ne!(call(first).send().await.code(), 0);
        assert_eq!(opens(&server, id, second).await.code(), 0);
        // A desk file that does not know it leaves it.
        server.apply(&file(&Options::default())).await;
        assert_eq!(get(&server, &root, &one).await["app"]["name"], "Robot");
        assert_eq!(send(&server, &root, Method::DELETE, &one, json!({})).await.status, 200);
        assert_ne!(opens(&server, id, second).await.code(), 0);
        by(&server, &root, Method::GET, &one).send().await.refused(404, 154_004);
        let log = get(&server, &root, "/audit?action=admin_app").await;
        let actions: Vec<&str> = log["entries"].as_array().unwrap().iter().map(|e| e["action"].as_str().unwrap()).collect();
        assert_eq!(actions, ["admin_app.delete", "admin_app.renew_secret", "admin_app.create"]);
        assert!(!log.to_string().contains(second), "{log}");
    }

    async fn a_change_keeps_what_it_leaves_out_and_follows_the_rules_of_desk_files(database) {
        let server = start(database, &Options::default()).await;
        let root = token(&server, "root").await;
        let one = format!("/apps/{APP}");
        let before = get(&server, &root, &one).await["app"].clone();
        let change = json!({"name": "Answerer", "events": {"encrypt_key": "another-key-here"}});
        let changed = send(&server, &root, Method::PATCH, &one, change).await;
        assert_eq!(changed.status, 200, "{}", changed.json);
        let mut expected = before.clone();
        expected["name"] = json!("Answerer");
        expected["encrypt_key"] = json!("…here");
        assert_eq!(changed.json["app"], expected);
        // An empty text removes.
        let change = json!({"name": "", "events": {"encrypt_key": ""}});
        assert_eq!(send(&server, &root, Method::PATCH, &one, change).await.json["app"], before);
        let entry = get(&server, &root, "/audit?action=admin_app.patch").await["entries"][0].clone();
        assert!(entry["after"].as_str().unwrap().contains("encrypt_key"), "{entry}");
        let rows = server.rows();
        for (app, body, at) in [
            (APP, json!({"scopes": ["a b"]}), "scopes[0]"),
            (APP, json!({"events": {"url": "ftp://x"}}), "events.url"),
            (APP, json!({"events": {"types": ["helpdesk.none"]}}), "events.types[0]"),
            (APP, json!({"redirect_urls": ["/here"]}), "redirect_urls[0]"),
            (APP, json!({"name": "n".repeat(201)}), "name"),
            (APP, json!({"events": {"encrypt_key": "k".repeat(1_001)}}), "events.encrypt_key"),
            (APP_STORE, json!({"events": {"delivery": "long_connection"}}), "events.delivery"),
        ] {
            let refused = send(&server, &root, Method::PATCH, &format!("/apps/{app}"), body).await;
            refused.refused(400, 154_000);
            assert_eq!(field(&refused), at, "{}", refused.json);
        }
        for path in [format!("/apps/{APP_FOREIGN}"), "/apps/cli_0000000000000000".to_owned()] {
            send(&server, &root, Method::PATCH, &path, json!({"name": "x"})).await.refused(404, 154_004);
            by(&server, &root, Method::GET, &path).send().await.refused(404, 154_004);
        }
        assert_unchanged(&rows, &server.rows());
    }

    async fn only_administrators_see_or_change_apps(database) {
        let server = start(database, &Options::default()).await;
        for name in ["bob", "ada"] {
            let token = token(&server, name).await;
            let rows = server.rows();
            let one = format!("/apps/{APP}");
            for (method, path) in [
                (Method::GET, "/apps".to_owned()),
                (Method::POST, "/apps".to_owned()),
                (Method::GET, one.clone()),
                (Method::PATCH, one.clone()),
                (Method::DELETE, one.clone()),
                (Method::POST, format!("{one}/secret")),
                (Method::POST, format!("{one}/check")),
                (Method::PUT, format!("{one}/subscriptions/{DESK}")),
            ] {
                let why = send(&server, &token, method, &path, json!({"types": []})).await.refused(403, 154_003);
                assert!(why.contains("administrators"), "{why}");
            }
            assert_unchanged(&rows, &server.rows());
        }
        // A cookie alone is no right to change anything.
        let body = json!({"email": "root@demo.test", "password": "root-demo", "tenant": "demo"});
        let signed_in = server.call(Method::POST, "/admin/v1/session").json(&body).send().await;
        let cookie = signed_in.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        let renew = || server.call(Method::POST, &format!("/admin/v1/apps/{APP}/secret")).header("cookie", &cookie);
        assert!(renew().send().await.refused(403, 154_003).contains("X-CSRF-Token"));
        let csrf = signed_in.json["csrf_token"].as_str().unwrap();
        assert_eq!(renew().header("x-csrf-token", csrf).send().await.status, 200);
    }

    async fn an_app_gets_what_it_subscribed_to_at_a_desk(database) {
        let server = start(database, &Options { subscribed: false, ..Options::default() }).await;
        let root = token(&server, "root").await;
        let (one, types) = (format!("/apps/{APP}"), json!(["helpdesk.ticket_message.created_v1"]));
        let set = async |types: &Value| {
            send(&server, &root, Method::PUT, &format!("{one}/subscriptions/{DESK}"), json!({"types": types})).await
        };
        assert_eq!(set(&types).await.status, 200);
        let listed = get(&server, &root, &one).await["subscriptions"].clone();
        let expected = json!([{"helpdesk_id": OTHER_DESK, "helpdesk": "HR help", "types": []},
                              {"helpdesk_id": DESK, "helpdesk": "IT help", "types": types}]);
        assert_eq!(listed, expected);
        server.guest().await.say("hello").await;
        // It has no URL, so what it is owed waits.
        assert!(get(&server, &root, &one).await["waiting"].as_i64().unwrap() > 0);
        assert_eq!(set(&json!([])).await.status, 200);
        assert_eq!(get(&server, &root, &one).await["subscriptions"][1]["types"], json!([]));
        let wrong = set(&json!(["helpdesk.none"])).await;
        wrong.refused(400, 154_000);
        assert_eq!(field(&wrong), "types[0]");
        let entry = get(&server, &root, "/audit?action=admin_app.subscribe").await["entries"][1].clone();
        assert_eq!((&entry["helpdesk_id"], &entry["object"]), (&json!(DESK), &json!(APP)));
    }

    async fn a_request_url_is_checked_on_demand(database) {
        let server = start(database, &Options::default()).await;
        let (root, sink) = (token(&server, "root").await, Sink::start().await);
        let one = format!("/apps/{APP}");
        let check = async || send(&server, &root, Method::POST, &format!("{one}/check"), json!({})).await;
        check().await.refused(400, 154_000);
        let save = async |url: String| send(&server, &root, Method::PATCH, &one, json!({"events": {"url": url}})).await;
        assert_eq!(save(sink.url()).await.json["app"]["url_verified"], json!(false));
        let passed = check().await;
        assert_eq!((passed.status, &passed.json["passed"]), (200, &json!(true)), "{}", passed.json);
        assert_eq!(sink.challenges(), 1);
        assert_eq!(get(&server, &root, &one).await["app"]["url_verified"], json!(true));
        assert_eq!(get(&server, &root, "/audit?action=admin_app.check").await["entries"].as_array().unwrap().len(), 1);
        // Another URL has to pass anew.
        assert_eq!(save(format!("{}/none", sink.url())).await.json["app"]["url_verified"], json!(false));
        let failed = check().await;
        assert_eq!(failed.json["passed"], json!(false));
        assert!(failed.json["outcome"].as_str().unwrap().contains("404"), "{}", failed.json);
    }
}
