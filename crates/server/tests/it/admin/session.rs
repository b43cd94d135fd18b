//! Signing in and out.

use reqwest::Method;
use serde_json::{Value, json};
use server::settings::PartialSettings;
use testkit::rows::{assert_only_on_record, assert_unchanged};
use testkit::server::{DESK, OWNER, START_MS};
use testkit::{Answer, Call, Options, TestServer, on_both};

use super::{both, by, desks, file, pair, sign_in, start, token};

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

async fn post(server: &TestServer, body: &Value) -> Answer {
    server.call(Method::POST, "/admin/v1/session").json(body).send().await
}

/// What a browser has after signing in: the cookie and the CSRF token.
async fn browser(server: &TestServer, name: &str) -> (String, String) {
    let body = json!({"email": format!("{name}@demo.test"), "password": format!("{name}-demo"), "tenant": "demo"});
    let answer = post(server, &body).await;
    assert_eq!(answer.status, 200, "{}", answer.json);
    assert_eq!(answer.json.get("token"), None, "the token is in the cookie alone");
    let set = set_cookie(&answer);
    (set.split(';').next().unwrap().to_owned(), answer.json["csrf_token"].as_str().unwrap().to_owned())
}

fn set_cookie(answer: &Answer) -> String {
    let cookie = answer.headers.get("set-cookie").unwrap_or_else(|| panic!("{}: {}", answer.status, answer.json));
    cookie.to_str().unwrap().to_owned()
}

fn with_cookie(server: &TestServer, method: Method, cookie: &str) -> Call {
    server.call(method, "/admin/v1/session").header("cookie", &format!("theme=dark; {cookie}"))
}

async fn status(server: &TestServer, token: &str) -> u16 {
    by(server, token, Method::GET, "/session").send().await.status
}

on_both! {
    async fn each_sees_the_desks_they_have_to_do_with(database) {
        let server = start(database, &Options::default()).await;
        let root = sign_in(&server, "root").await.json;
        assert_eq!((&root["person"]["role"], &root["tenant"]), (&json!("admin"), &json!("demo")));
        assert_eq!(desks(&root), both("admin"));
        assert_eq!(root["expires_at"], START_MS + 7 * DAY_MS);
        let ada = sign_in(&server, "ada").await.json;
        assert_eq!(ada["person"], json!({"open_id": OWNER, "name": "Ada", "email": "ada@demo.test"}));
        assert_eq!(desks(&ada), [pair(DESK, "owner")]);
        assert_eq!(desks(&sign_in(&server, "bob").await.json), [pair(DESK, "agent")]);
        let mut shown = ada.clone();
        shown.as_object_mut().unwrap().remove("token");
        let again = by(&server, ada["token"].as_str().unwrap(), Method::GET, "/session").send().await;
        assert_eq!((again.status, &again.json), (200, &shown));
        assert_eq!(again.headers["cache-control"], "no-store");
        let before = server.rows();
        let why = sign_in(&server, "eve").await.refused(403, 154_003);
        assert!(why.contains("administrators of the tenant") && why.contains("agents"), "{why}");
        assert_unchanged(&before, &server.rows());
    }

    async fn a_wrong_password_is_refused_and_many_are_throttled(database) {
        let server = start(database, &Options::default()).await;
        let before = server.rows();
        let wrong = json!({"email": "root@demo.test", "password": "root", "tenant": "demo"});
        for body in [
            wrong.clone(),
            json!({"email": "nobody@demo.test", "password": "root-demo"}),
            json!({"email": "root@demo.test", "password": "root-demo", "tenant": "other"}),
            json!({"email": "root@demo.test", "password": "root-demo", "tenant": "none"}),
        ] {
            post(&server, &body).await.refused(401, 154_001);
        }
        post(&server, &json!({"email": "root@demo.test"})).await.refused(400, 99_992_402);
        post(&server, &json!({"email": 1, "password": "x"})).await.refused(400, 9_499);
        let long = json!({"email": "root@demo.test", "password": "x".repeat(1_001)});
        assert!(post(&server, &long).await.refused(400, 154_000).contains("1000 bytes"));
        // Three of those were tries of Root's.
        for _ in 0..7 {
            post(&server, &wrong).await.refused(401, 154_001);
        }
        let late = post(&server, &wrong).await;
        assert!(late.refused(429, 99_991_400).contains("wait 300 s"), "{}", late.json);
        assert_eq!(late.headers["x-ogw-ratelimit-reset"], "300");
        sign_in(&server, "root").await.refused(429, 99_991_400);
        assert_only_on_record(&before, &server.rows());
        server.clock.advance(300_000);
        assert_eq!(sign_in(&server, "root").await.status, 200);
    }

    async fn one_address_in_two_tenants_has_to_name_one(database) {
        let server = start(database, &Options::default()).await;
        let ask = |tenant: Value, password: &str| {
            json!({"email": "ADA@demo.test", "password": password, "tenant": tenant})
        };
        let why = post(&server, &ask(Value::Null, "ada-demo")).await.refused(400, 154_000);
        assert!(why.contains("tenant") && why.contains("demo, other"), "{why}");
        for tenant in ["demo", "other"] {
            let answer = post(&server, &ask(json!(tenant), "ada-demo")).await;
            assert_eq!((answer.status, &answer.json["tenant"]), (200, &json!(tenant)));
        }
        // With different passwords there is no doubt.
        let mut file = file(&Options::default());
        file["tenants"][1]["users"][0]["password"] = json!("ada-x");
        server.apply(&file).await;
        let answer = post(&server, &ask(Value::Null, "ada-x")).await;
        assert_eq!((answer.status, &answer.json["tenant"]), (200, &json!("other")));
        post(&server, &ask(Value::Null, "neither")).await.refused(401, 154_001);
    }

    async fn a_session_ends_when_it_is_idle_or_old(database) {
        let server = start(database, &Options::default()).await;
        let (idle, used) = (token(&server, "root").await, token(&server, "root").await);
        server.clock.advance(12 * HOUR_MS - 1);
        assert_eq!((status(&server, &idle).await, status(&server, &used).await), (200, 200));
        server.clock.advance(12 * HOUR_MS);
        by(&server, &idle, Method::GET, "/session").send().await.refused(401, 154_001);
        let fresh = token(&server, "root").await;
        let rows = server.rows();
        assert_eq!(rows["admin_session"].len(), 1, "signing in deletes what is over");
        let mut hours = 0;
        while status(&server, &fresh).await == 200 {
            server.clock.advance(6 * HOUR_MS);
            hours += 6;
        }
        assert_eq!(hours, 7 * 24, "however much it is used");
    }

    async fn use_is_noted_every_five_minutes(database) {
        let server = start(database, &Options::default()).await;
        let token = token(&server, "ada").await;
        let before = server.rows();
        server.clock.advance(5 * MINUTE_MS - 1);
        assert_eq!(status(&server, &token).await, 200);
        assert_unchanged(&before, &server.rows());
        server.clock.advance(1);
        assert_eq!(status(&server, &token).await, 200);
        assert_ne!(before["admin_session"], server.rows()["admin_session"]);
    }

    async fn another_password_or_role_ends_what_it_opened(database) {
        let server = start(database, &Options::default()).await;
        let (root, bob) = (token(&server, "root").await, token(&server, "bob").await);
        let mut file = file(&Options::default());
        // The same file changes nothing.
        server.apply(&file).await;
        assert_eq!(status(&server, &root).await, 200);
        file["tenants"][0]["users"][4].as_object_mut().unwrap().remove("role");
        server.apply(&file).await;
        by(&server, &root, Method::GET, "/session").send().await.refused(403, 154_003);
        sign_in(&server, "root").await.refused(403, 154_003);
        file["tenants"][0]["users"][4]["role"] = json!("admin");
        server.apply(&file).await;
        assert_eq!(status(&server, &root).await, 200);
        for i in [1, 4] {
            file["tenants"][0]["users"][i]["password"] = json!("another");
        }
        server.apply(&file).await;
        for token in [&root, &bob] {
            by(&server, token, Method::GET, "/session").send().await.refused(401, 154_001);
        }
        // Who is no longer in the file loses password and role.
        let ada = token(&server, "ada").await;
        file["tenants"][0]["users"].as_array_mut().unwrap().truncate(4);
        server.apply(&file).await;
        assert!(!server.rows()["person"].iter().any(|row| row.contains("|admin|") && row.contains("u_root")));
        file["tenants"][0]["users"][0].as_object_mut().unwrap().remove("password");
        server.apply(&file).await;
        assert_eq!(status(&server, &ada).await, 200, "a file without password leaves it");
    }

    async fn signing_out_ends_the_session(database) {
        let server = start(database, &Options::default()).await;
        let (one, two) = (token(&server, "ada").await, token(&server, "ada").await);
        let out = by(&server, &one, Method::DELETE, "/session").send().await;
        assert_eq!((out.status, &out.json), (200, &json!({})));
        assert!(set_cookie(&out).contains("Max-Age=0"), "{}", set_cookie(&out));
        assert_eq!((status(&server, &one).await, status(&server, &two).await), (401, 200));
        by(&server, &one, Method::DELETE, "/session").send().await.refused(401, 154_001);
    }

    async fn the_oldest_of_eleven_sessions_goes(database) {
        let server = start(database, &Options::default()).await;
        let other = token(&server, "root").await;
        let mut tokens = Vec::new();
        for _ in 0..11 {
            tokens.push(token(&server, "ada").await);
        }
        let mut alive = Vec::new();
        for token in &tokens {
            alive.push(status(&server, token).await);
        }
        assert_eq!((alive[0], &alive[1..]), (401, &[200; 10][..]));
        assert_eq!(status(&server, &other).await, 200);
        let rows = server.rows()["admin_session"].join("\n");
        assert!(tokens.iter().all(|token| !rows.contains(token.as_str())), "tokens are not stored");
    }

    async fn a_cookie_changes_nothing_without_the_token_of_the_page(database) {
        let server = start(database, &Options::default()).await;
        let (cookie, csrf) = browser(&server, "ada").await;
        let shown = with_cookie(&server, Method::GET, &cookie).header("origin", "https://evil.test").send().await;
        assert_eq!((shown.status, shown.json["csrf_token"].as_str()), (200, Some(csrf.as_str())));
        let refused = |call: Call| async move { call.send().await.refused(403, 154_003) };
        let out = || with_cookie(&server, Method::DELETE, &cookie);
        assert!(refused(out()).await.contains("X-CSRF-Token is missing"));
        assert!(refused(out().header("x-csrf-token", &"0".repeat(64))).await.contains("X-CSRF-Token is wrong"));
        for foreign in ["https://evil.test", "null", "http://127.0.0.1:1"] {
            let why = refused(out().header("x-csrf-token", &csrf).header("origin", foreign)).await;
            assert!(why.contains(foreign), "{why}");
        }
        let other = browser(&server, "root").await.1;
        refused(out().header("x-csrf-token", &other)).await;
        assert_eq!(with_cookie(&server, Method::GET, &cookie).send().await.status, 200, "nothing was done");
        let origin = server.url("");
        let done = out().header("x-csrf-token", &csrf).header("origin", &origin).send().await;
        assert_eq!(done.status, 200, "{}", done.json);
        with_cookie(&server, Method::GET, &cookie).send().await.refused(401, 154_001);
        with_cookie(&server, Method::GET, "deskwire_session=").send().await.refused(401, 154_001);
        server.call(Method::GET, "/admin/v1/session").send().await.refused(401, 154_001);
        // Nobody is signed in by another site either.
        let body = json!({"email": "ada@demo.test", "password": "ada-demo", "tenant": "demo"});
        let planted = server.call(Method::POST, "/admin/v1/session").header("origin", "https://evil.test");
        planted.json(&body).send().await.refused(403, 154_003);
    }

    async fn the_cookie_is_secure_behind_tls(database) {
        let server = start(database, &Options::default()).await;
        let body = json!({"email": "root@demo.test", "password": "root-demo"});
        let plain = set_cookie(&post(&server, &body).await);
        assert!(plain.ends_with("; Path=/; Max-Age=604800; HttpOnly; SameSite=Lax"), "{plain}");
        let told = |proto: &'static str| {
            let call = server.call(Method::POST, "/admin/v1/session").header("x-forwarded-proto", proto);
            async { set_cookie(&call.json(&body).send().await) }
        };
        assert!(told("https").await.ends_with("; Secure"));
        assert!(told("http, https").await.ends_with("; Secure"), "the nearest proxy's word counts");
        assert!(!told("https, http").await.contains("Secure"));
        let public = |url: &str, proxies: Option<&str>| Options {
            settings: PartialSettings {
                public_url: (!url.is_empty()).then(|| url.to_owned()),
                trusted_proxies: proxies.map(str::to_owned),
                ..PartialSettings::default()
            },
            ..Options::default()
        };
        // A restart begins with ids of a later time.
        server.clock.advance(1);
        let server = server.restart(&public("", Some("none"))).await;
        let from_anybody = server.call(Method::POST, "/admin/v1/session").header("x-forwarded-proto", "https");
        assert!(!set_cookie(&from_anybody.json(&body).send().await).contains("Secure"));
        server.clock.advance(1);
        let server = server.restart(&public("https://desk.example.com", None)).await;
        assert!(set_cookie(&post(&server, &body).await).ends_with("; Secure"));
        let (cookie, csrf) = browser(&server, "root").await;
        let out = with_cookie(&server, Method::DELETE, &cookie).header("x-csrf-token", &csrf);
        assert_eq!(out.header("origin", "https://desk.example.com").send().await.status, 200);
    }
}
