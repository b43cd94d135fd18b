use std::sync::Mutex;

use axum::body::to_bytes;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use db::{Db, params};
use desk::ids::Ids;
use desk::secret::token_hash;
use desk::vault::Vault;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::Service;
use wire::Nothing;

use super::*;
use crate::app::Parts;
use crate::clock::Clock;
use crate::front::{Front, not_found};
use crate::settings::{Mode, PartialSettings};

const NOW: i64 = 1_763_800_000_000;
const CUSTOM: &str = "cli_a000000000000001";
const STORE: &str = "cli_a000000000000002";
const FOREIGN: &str = "cli_a000000000000003";

#[derive(Debug, Deserialize, schemars::JsonSchema)]
struct ProbePath {
    id: String,
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
struct ProbeQuery {
    size: Option<u32>,
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
struct ProbeBody {
    name: String,
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
struct ProbeData {
    echo: String,
}

/// Takes a tenant token; its body decides how it ends.
struct Probe;

impl Endpoint for Probe {
    const ID: &'static str = "probe.write";
    const SUMMARY: &'static str = "Write.";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/probe/{id}";
    const TOKEN: Token = Token::Tenant;
    const SCOPES: &'static [&'static str] = &["helpdesk:all", "helpdesk:other"];
    const RATE: Rate = Rate::Tier1;
    const ERRORS: &'static [Code] = &[];
    const FORBIDDEN: Code = Code::FORBIDDEN_401;
    const NOT_FOUND: Code = Code::BAD_REQUEST;
    type Path = ProbePath;
    type Query = ProbeQuery;
    type Body = ProbeBody;
    type Data = ProbeData;

    async fn call(
        _: &App,
        caller: Caller,
        path: ProbePath,
        q: ProbeQuery,
        body: ProbeBody,
    ) -> Result<ProbeData, ApiError> {
        match body.name.as_str() {
            "panic" => panic!("on purpose"),
            "missing" => Err(desk::Refusal::not_found(desk::Kind::Faq, 7).into()),
            "busy" => Err(db::DbError::Busy.into()),
            "broken" => Err(db::DbError::Io("/secret/path".into()).into()),
            name => Ok(ProbeData {
                echo: format!("{} {name} {:?} {} {:?}", path.id, q.size, caller.helpdesk.name, caller.user),
            }),
        }
    }
}

/// Takes a user token and, like every GET, no body.
struct Read;

impl Endpoint for Read {
    const ID: &'static str = "probe.read";
    const SUMMARY: &'static str = "Read.";
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/probe";
    const TOKEN: Token = Token::User;
    const SCOPES: &'static [&'static str] = &["helpdesk:all"];
    const STORE_APPS: bool = true;
    const RATE: Rate = Rate::Special;
    const ERRORS: &'static [Code] = &[];
    type Path = Nothing;
    type Query = Nothing;
    type Body = Nothing;
    type Data = Nothing;

    async fn call(_: &App, caller: Caller, _: Nothing, _: Nothing, _: Nothing) -> Result<Nothing, ApiError> {
        assert_eq!(caller.user_id(), "u_ada");
        Ok(Nothing {})
    }
}

struct Bench {
    app: App,
    front: Mutex<Front<Router>>,
    _dir: TempDir,
}

struct Got {
    status: u16,
    headers: HeaderMap,
    text: String,
}

impl Got {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("{} is not JSON", self.text))
    }

    fn code(&self) -> (u16, i64) {
        (self.status, self.json()["code"].as_i64().unwrap())
    }
}

async fn bench() -> Bench {
    let dir = TempDir::new().unwrap();
    let settings = PartialSettings { data_dir: Some(dir.path().to_owned()), ..PartialSettings::default() };
    let settings = settings.finish(Mode::Dev).unwrap();
    let db = Db::open(&settings.database, &db::Options::default()).unwrap();
    db.migrate(desk::MIGRATIONS).unwrap();
    let (vault, ids) = (Vault::new([1; 32]), Arc::new(Ids::new(1, [2; 32])));
    let sealed = vault.seal("widget", [3; 12]);
    db.write(move |tx| {
        for (app_id, tenant, kind, scopes) in [
            (CUSTOM, "demo", "custom", r#"["helpdesk:all"]"#),
            (STORE, "demo", "store", r#"["helpdesk:all"]"#),
            (FOREIGN, "other", "custom", r#"["helpdesk:all"]"#),
            ("cli_a000000000000004", "demo", "custom", "[]"),
        ] {
            tx.execute(
                "INSERT INTO app (tenant, app_id, app_type, secret_hash, secret_version, scopes, delivery, event_types,
                                  managed, created_at)
                 VALUES ($1, $2, $3, $4, 1, $5, 'webhook', '[]', 0, $6)",
                &params![tenant, app_id, kind, &token_hash("secret"), scopes, NOW],
            )?;
        }
        tx.execute(
            "INSERT INTO helpdesk (tenant, helpdesk_id, name, welcome, token_hash, widget_secret, owner, visibility,
                                   answering, faq_version, managed, created_at)
             VALUES ('demo', 69, 'IT', '', $1, $2, 'u_ada', '{\"all\":true}', '{}', 0, 0, 0)",
            &params![&token_hash("ht-demo"), &sealed],
        )?;
        Ok::<_, db::DbError>(())
    })
    .await
    .unwrap();
    let app = App::new(Parts { db, clock: Clock::frozen(NOW), vault, ids, settings }).await.unwrap();
    let api = Api::new(&app).with::<Probe>().with::<Read>().finish();
    let router = api.merge(crate::api::auth::routes()).merge(crate::health::routes());
    let router = router.fallback(not_found).method_not_allowed_fallback(not_found).with_state(app.clone());
    Bench { front: Mutex::new(Front::new(app.clone(), router)), app, _dir: dir }
}

impl Bench {
    async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Got {
        let mut request = axum::http::Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body.to_owned())).unwrap();
        let answering = self.front.lock().unwrap().call(request);
        let response = answering.await.unwrap();
        let (parts, body) = response.into_parts();
        let text = String::from_utf8(to_bytes(body, usize::MAX).await.unwrap().to_vec()).unwrap();
        assert_eq!(parts.headers["x-tt-logid"].len(), 30, "{path}");
        Got { status: parts.status.as_u16(), headers: parts.headers, text }
    }

    fn tenant_token(&self, app_id: &str) -> String {
        let app = Arc::clone(&self.app.directory().apps[app_id]);
        format!("Bearer {}", self.app.tokens().tenant(&app, self.app.now_ms()).unwrap().0)
    }

    fn user_token(&self, app_id: &str) -> String {
        let app = Arc::clone(&self.app.directory().apps[app_id]);
        format!("Bearer {}", self.app.tokens().user(&app, "u_ada", self.app.ids(), self.app.now_ms()).unwrap().0)
    }

    async fn probe(&self, token: &str, desk: &str, query: &str, body: &str) -> Got {
        let headers = [("authorization", token), ("x-lark-helpdesk-authorization", desk)];
        self.send("POST", &format!("/probe/7{query}"), &headers, body).await
    }
}

fn desk_header() -> String {
    STANDARD.encode("69:ht-demo")
}

#[tokio::test]
async fn a_call_that_passes_reaches_the_endpoint_with_all_it_needs() {
    let bench = bench().await;
    let got = bench.probe(&bench.tenant_token(CUSTOM), &desk_header(), "?size=3", r#"{"name":"a"}"#).await;
    assert_eq!(got.text, r#"{"code":0,"msg":"success","data":{"echo":"7 a Some(3) IT None"}}"#);
    assert_eq!(got.headers["content-type"], "application/json; charset=utf-8");
    let headers = [("authorization", bench.user_token(STORE)), ("x-lark-helpdesk-authorization", desk_header())];
    let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
    // Node sends `{}` with a GET; anything else there means nothing either.
    for body in ["", "{}", "not json"] {
        assert_eq!(bench.send("GET", "/probe", &headers, body).await.code(), (200, 0));
    }
}

#[tokio::test]
async fn faults_are_found_in_the_platforms_order() {
    let bench = bench().await;
    let (good, desk) = (bench.tenant_token(CUSTOM), desk_header());
    let no_scope = bench.tenant_token("cli_a000000000000004");
    // Token, help desk header, query, body, status and code. Each line is wrong from its fault on.
    let cases = [
        ("t-1".to_owned(), "", "?size=x", "", (400, 99_991_661)),
        ("Bearer x".to_owned(), "", "?size=x", "", (400, 99_991_671)),
        ("Bearer t-x".to_owned(), "", "?size=x", "", (400, 99_991_663)),
        ("Bearer u-x".to_owned(), "", "?size=x", "", (400, 99_991_668)),
        (bench.user_token(CUSTOM), "", "?size=x", "", (400, 99_991_668)),
        (no_scope, "", "?size=x", "", (400, 99_991_672)),
        (bench.tenant_token(STORE), "", "?size=x", "", (401, 154_003)),
        (good.clone(), "", "?size=x", "", (401, 154_001)),
        (bench.tenant_token(FOREIGN), &desk, "?size=x", "", (401, 154_001)),
        (good.clone(), &desk, "?size=x", "", (400, 99_992_402)),
        (good.clone(), &desk, "", "", (400, 99_992_402)),
        (good.clone(), &desk, "", "[", (400, 9_499)),
        (good.clone(), &desk, "", r#"{"name":"missing"}"#, (400, 154_000)),
        (good.clone(), &desk, "", r#"{"name":"busy"}"#, (503, 155_000)),
        (good.clone(), &desk, "", r#"{"name":"broken"}"#, (500, 155_000)),
        (good.clone(), &desk, "", r#"{"name":"panic"}"#, (500, 155_000)),
    ];
    for (token, desk, query, body, expected) in cases {
        let got = bench.probe(&token, desk, query, body).await;
        assert_eq!(got.code(), expected, "{token} {body} {}", got.text);
        let error = &got.json()["error"];
        assert_eq!(error["log_id"], got.headers["x-tt-logid"].to_str().unwrap());
        assert!(!error["message"].as_str().unwrap().is_empty());
        assert!(!got.text.contains("secret"), "{}", got.text);
    }
    let headers = [("authorization", good.as_str()), ("x-lark-helpdesk-authorization", desk.as_str())];
    assert_eq!(bench.send("GET", "/probe", &headers, "").await.code(), (400, 99_991_663));
}

#[tokio::test]
async fn a_missing_scope_says_which_and_where_to_get_it() {
    let bench = bench().await;
    let got = bench.probe(&bench.tenant_token("cli_a000000000000004"), "", "", "").await;
    let json = got.json();
    let msg = json["msg"].as_str().unwrap();
    assert!(msg.starts_with("Access denied. One of the following scopes is required: [helpdesk:all, helpdesk:other]"));
    let violations = json!([
        {"type": "action_scope_required", "subject": "helpdesk:all"},
        {"type": "action_scope_required", "subject": "helpdesk:other"},
    ]);
    assert_eq!(json["error"]["permission_violations"], violations);
    let url = json["error"]["helps"][0]["url"].as_str().unwrap();
    assert_eq!(url, "/app/cli_a000000000000004/auth?q=helpdesk:all,helpdesk:other&op_from=openapi&token_type=tenant");
}

#[tokio::test]
async fn too_many_calls_are_429_with_both_headers() {
    let bench = bench().await;
    let (token, desk) = (bench.tenant_token(CUSTOM), desk_header());
    for _ in 0..10 {
        assert_eq!(bench.probe(&token, &desk, "", r#"{"name":"a"}"#).await.code(), (200, 0));
    }
    let got = bench.probe(&token, &desk, "", r#"{"name":"a"}"#).await;
    assert_eq!(got.code(), (429, 99_991_400));
    assert_eq!(got.headers["x-ogw-ratelimit-limit"], "10");
    assert_eq!(got.headers["x-ogw-ratelimit-reset"], "6");
    bench.app.clock().advance(6_000);
    assert_eq!(bench.probe(&token, &desk, "", r#"{"name":"a"}"#).await.code(), (200, 0));
}

#[tokio::test]
async fn an_unknown_path_or_method_is_a_plain_404() {
    let bench = bench().await;
    for (method, path) in [("GET", "/open-apis/nothing"), ("DELETE", "/probe/7"), ("POST", "/probe")] {
        let got = bench.send(method, path, &[], "").await;
        assert_eq!((got.status, got.text.as_str()), (404, "404 page not found"), "{method} {path}");
        assert!(got.headers["content-type"].to_str().unwrap().starts_with("text/plain"));
    }
}

#[tokio::test]
async fn both_token_endpoints_answer_every_case_with_200() {
    let bench = bench().await;
    let base = "/open-apis/auth/v3";
    let good = json!({"app_id": CUSTOM, "app_secret": "secret", "app_ticket": 1}).to_string();
    for path in ["tenant_access_token/internal", "tenant_access_token/internal/", "app_access_token/internal/"] {
        let got = bench.send("POST", &format!("{base}/{path}"), &[], &good).await;
        let json = got.json();
        assert_eq!(
            (got.status, &json["code"], &json["msg"], &json["expire"]),
            (200, &json!(0), &json!("ok"), &json!(7200))
        );
        assert_eq!(format!("Bearer {}", json["tenant_access_token"].as_str().unwrap()), bench.tenant_token(CUSTOM));
        let app_token = json.get("app_access_token");
        assert_eq!(app_token.is_some(), path.starts_with("app"));
        assert!(app_token.is_none_or(|token| *token == json["tenant_access_token"]));
        for (body, expected) in [
            ("", 10_003),
            ("[]", 10_003),
            (r#"{"app_id":"cli_a000000000000001"}"#, 10_003),
            (r#"{"app_id":"nobody","app_secret":"secret"}"#, 10_003),
            (r#"{"app_id":"cli_a000000000000001","app_secret":"wrong"}"#, 10_014),
        ] {
            let got = bench.send("POST", &format!("{base}/{path}"), &[], body).await;
            assert_eq!(got.code(), (200, expected), "{body}");
        }
    }
}

#[tokio::test]
async fn readiness_tells_why_not_and_metrics_count_by_code() {
    let bench = bench().await;
    bench.probe("Bearer x", "", "", "").await;
    bench.probe(&bench.tenant_token(CUSTOM), &desk_header(), "", r#"{"name":"a"}"#).await;
    let metrics = bench.send("GET", "/metrics", &[], "").await.text;
    for line in [
        r#"deskwire_requests_total{endpoint="probe.write",code="0"} 1"#,
        r#"deskwire_requests_total{endpoint="probe.write",code="99991671"} 1"#,
        r#"deskwire_request_seconds_count{endpoint="probe.write"} 2"#,
        "deskwire_db_commits_total ",
        "deskwire_db_wal_pages ",
    ] {
        assert!(metrics.contains(line), "{line} in {metrics}");
    }
    assert_eq!(bench.send("GET", "/readyz", &[], "").await.status, 200);
    bench.app.workers().spawn("quitter", async {});
    while bench.app.workers().dead().is_empty() {
        tokio::task::yield_now().await;
    }
    let got = bench.send("GET", "/readyz", &[], "").await;
    assert_eq!((got.status, got.text.as_str()), (503, "not ready: worker quitter ended\n"));
    bench.app.db().close();
    let got = bench.send("GET", "/readyz", &[], "").await;
    assert!(got.status == 503 && got.text.contains("database"), "{}", got.text);
    assert_eq!(bench.send("GET", "/healthz", &[], "").await.status, 200);
}
