//! The latest calls, as administrators see them: masked, their tenant's alone, and only where the operator lets them.

use reqwest::Method;
use serde_json::{Value, json};
use server::settings::{Mode, PartialSettings};
use testkit::server::{APP, APP_FOREIGN, DESK, DESK_TOKEN, USER, desk_header};
use testkit::{Options, TestServer, on_both};

use super::{by, start, token};

async fn calls(server: &TestServer, token: &str, query: &str) -> Value {
    let answer = by(server, token, Method::GET, &format!("/calls?{query}")).send().await;
    assert_eq!(answer.status, 200, "{}", answer.json);
    answer.json
}

/// A token that an app got by itself.
async fn app_token(server: &TestServer, app_id: &str) -> String {
    let body = json!({"app_id": app_id, "app_secret": "secret"});
    let answer = server.call(Method::POST, "/open-apis/auth/v3/tenant_access_token/internal").json(&body).send().await;
    answer.json["tenant_access_token"].as_str().unwrap().to_owned()
}

fn serve() -> Options {
    Options { mode: Mode::Serve, ..Options::default() }
}

on_both! {
    async fn a_call_is_shown_without_what_opens_doors_or_what_people_wrote(database) {
        let server = start(database, &serve()).await;
        let root = token(&server, "root").await;
        let access = app_token(&server, APP).await;
        let header = desk_header(DESK, DESK_TOKEN);
        let call = |method, path: &str| {
            server.call(method, path).bearer(&access).header("x-lark-helpdesk-authorization", &header)
        };
        call(Method::GET, "/open-apis/helpdesk/v1/faqs/search?query=my%20IBAN").send().await;
        let secrets = json!({"event_id": "none", "faqs": [{"id": "6900000000000009999", "score": 2, "question": "my IBAN"}]});
        let failed = call(Method::POST, "/open-apis/helpdesk/v1/tickets/1/answer_user_query").json(&secrets).send().await;
        assert_ne!(failed.code(), 0);
        let all = calls(&server, &root, "").await;
        assert_eq!((&all["is_on"], all["calls"].as_array().unwrap().len()), (&json!(true), 3), "{all}");
        let newest = &all["calls"][0];
        assert_eq!((&newest["app_id"], &newest["method"]), (&json!(APP), &json!("POST")));
        let mut texts = all.to_string();
        let mut shown = Vec::new();
        for call in all["calls"].as_array().unwrap() {
            let path = format!("/calls/{}", call["log_id"].as_str().unwrap());
            let detail = by(&server, &root, Method::GET, &path).send().await;
            assert_eq!(detail.status, 200, "{}", detail.json);
            texts.push_str(&detail.json.to_string());
            shown.push(detail.json);
        }
        for hidden in [access.as_str(), header.as_str(), "\"secret\"", "IBAN", "Settings > Security"] {
            assert!(!texts.contains(hidden), "{hidden} in {texts}");
        }
        let headers = shown[0]["headers"].as_array().unwrap();
        assert!(headers.contains(&json!(["authorization", "Bearer …"])), "{headers:?}");
        assert!(shown[0]["cause"].is_string() && shown[0]["fix"].is_string(), "{}", shown[0]);
        assert!(shown[0]["body"]["text"].as_str().unwrap().contains("6900000000000009999"));
        // The call for a token tells whose it was, and hides both secret and token.
        let asked: Value = serde_json::from_str(shown[2]["body"]["text"].as_str().unwrap()).unwrap();
        assert_eq!(asked, json!({"app_id": APP, "app_secret": "…"}));
        let found = calls(&server, &root, "failed=true").await;
        assert_eq!(found["calls"].as_array().unwrap().len(), 1);
        let page = calls(&server, &root, "page_size=2").await;
        let next = page["page_token"].as_str().unwrap();
        let rest = calls(&server, &root, &format!("page_size=2&page_token={next}")).await;
        assert_eq!((rest["calls"].as_array().unwrap().len(), rest.get("page_token")), (1, None));
    }

    async fn a_call_tells_the_ticket_whose_events_it_may_have_caused(database) {
        let server = start(database, &serve()).await;
        let root = token(&server, "root").await;
        let guest = server.guest().await;
        let ticket = guest.say("Hello?").await["ticket_id"].as_str().unwrap().to_owned();
        let access = app_token(&server, APP).await;
        let header = desk_header(DESK, DESK_TOKEN);
        let call = async |method, path: &str, body: Value| {
            let call = server.call(method, &format!("/open-apis/helpdesk/v1{path}")).bearer(&access);
            call.header("x-lark-helpdesk-authorization", &header).json(&body).send().await;
            let newest = calls(&server, &root, "page_size=1").await["calls"][0]["log_id"].clone();
            let path = format!("/calls/{}", newest.as_str().unwrap());
            by(&server, &root, Method::GET, &path).send().await.json.get("ticket_id").cloned()
        };
        let of_path = call(Method::POST, &format!("/tickets/{ticket}/messages"), json!({"msg_type": "text", "content": "Hi"})).await;
        assert_eq!(of_path, Some(json!(ticket)));
        assert_eq!(call(Method::GET, &format!("/ticket_images?ticket_id={ticket}&msg_id=om_1"), json!({})).await, Some(json!(ticket)));
        let opened = call(Method::POST, "/start_service", json!({"open_id": USER, "human_service": true})).await;
        assert!(opened.is_some_and(|opened| opened != json!(ticket)), "told by the answer");
        assert_eq!(call(Method::GET, "/tickets?page_size=1", json!({})).await, None);
        assert_eq!(call(Method::GET, "/tickets/x", json!({})).await, None);
    }

    async fn a_tenant_sees_the_calls_of_its_own_apps(database) {
        let server = start(database, &serve()).await;
        let root = token(&server, "root").await;
        app_token(&server, APP_FOREIGN).await;
        server.call(Method::GET, "/open-apis/helpdesk/v1/faqs").bearer("t-none").send().await;
        // With two tenants a call that names nobody is shown to nobody; the other's is the other's.
        assert_eq!(calls(&server, &root, "").await["calls"], json!([]));
        let body = json!({"email": "rita@other.test", "password": "rita-demo", "cookie": false});
        let rita = server.call(Method::POST, "/admin/v1/session").json(&body).send().await.json["token"].clone();
        let theirs = calls(&server, rita.as_str().unwrap(), "").await;
        let log_id = theirs["calls"][0]["log_id"].as_str().unwrap();
        by(&server, &root, Method::GET, &format!("/calls/{log_id}")).send().await.refused(404, 154_004);
        // A bad token with the help desk's header tells which tenant's help desk it was for.
        let header = desk_header(DESK, "wrong");
        let path = "/open-apis/helpdesk/v1/faqs";
        server.call(Method::GET, path).bearer("t-none").header("x-lark-helpdesk-authorization", &header).send().await;
        assert_eq!(calls(&server, &root, "").await["calls"].as_array().unwrap().len(), 1);
    }

    async fn only_administrators_see_calls_and_only_if_they_are_kept(database) {
        let settings = PartialSettings { inspector: Some(false), ..PartialSettings::default() };
        let server = start(database, &Options { settings, ..serve() }).await;
        for name in ["bob", "ada"] {
            let token = token(&server, name).await;
            for path in ["/calls", "/calls/1"] {
                by(&server, &token, Method::GET, path).send().await.refused(403, 154_003);
            }
        }
        let root = token(&server, "root").await;
        app_token(&server, APP).await;
        assert_eq!(calls(&server, &root, "").await, json!({"is_on": false, "calls": []}));
    }

    async fn few_calls_are_kept_and_little_of_each(database) {
        let server = start(database, &serve()).await;
        let root = token(&server, "root").await;
        for _ in 0..205 {
            server.open_api(Method::GET, "/categories").send().await;
        }
        let body = json!({"event_id": "e".repeat(9_000), "faqs": []});
        server.open_api(Method::POST, "/tickets/1/answer_user_query").json(&body).send().await;
        let page = calls(&server, &root, "page_size=200").await;
        assert_eq!((page["calls"].as_array().unwrap().len(), page.get("page_token")), (200, None));
        let path = format!("/calls/{}", page["calls"][0]["log_id"].as_str().unwrap());
        let long = by(&server, &root, Method::GET, &path).send().await.json;
        // Too long to be looked through, so nothing of it is shown.
        assert_eq!(long["body"].get("text"), None);
        assert!(long["body"]["bytes"].as_u64().unwrap() > 9_000, "{long}");
    }
}
