//! Of several faults at the same time the gateway tells the earliest, for every combination (reference:
//! platform-protocol 3.1, 9.4).

use reqwest::Method;
use serde_json::{Value, json};
use testkit::server::{DESK, DESK_TOKEN, OWNER, desk_file, desk_header};
use testkit::{Options, TestServer, on_both};

/// In the gateway's order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// No bearer token.
    Bearer,
    /// A token that was not made here.
    Forged,
    /// The other kind of token.
    Kind,
    /// The app lacks the scope.
    AppScope,
    /// The user has not granted the scope.
    UserScope,
    /// A store app.
    AppType,
    /// A wrong help desk token.
    Helpdesk,
    /// Too many calls before.
    Rate,
    /// A parameter or body that cannot be read.
    Parameters,
}

use Fault::{AppScope, AppType, Bearer, Forged, Helpdesk, Kind, Parameters, Rate, UserScope};

const FAULTS: [Fault; 9] = [Bearer, Forged, Kind, AppScope, UserScope, AppType, Helpdesk, Rate, Parameters];

/// Endpoints with a limit of their own, of both kinds, and what is wrong with their parameters.
struct Probe {
    method: Method,
    path: &'static str,
    user: bool,
    bad_query: &'static str,
    bad_body: &'static str,
    bad: (u16, i64),
}

fn probes() -> [Probe; 3] {
    let path = "/faqs";
    [
        Probe { method: Method::POST, path, user: true, bad_query: "", bad_body: "[", bad: (400, 9_499) },
        Probe {
            method: Method::GET,
            path,
            user: false,
            bad_query: "?page_size=x",
            bad_body: "",
            bad: (400, 99_992_402),
        },
        Probe {
            method: Method::POST,
            path: "/tickets/7000000000000000000/answer_user_query",
            user: false,
            bad_query: "",
            bad_body: "{}",
            bad: (400, 99_992_402),
        },
    ]
}

impl Probe {
    /// What a call with these faults is told.
    fn expected(&self, faults: &[Fault]) -> (u16, i64) {
        let earliest = FAULTS.into_iter().find(|fault| faults.contains(fault));
        match earliest.unwrap() {
            Bearer => (400, 99_991_661),
            // A forged token is of the kind it pretends to be.
            Forged => (400, if self.user == faults.contains(&Kind) { 99_991_663 } else { 99_991_668 }),
            Kind => (400, if self.user { 99_991_663 } else { 99_991_668 }),
            AppScope => (400, 99_991_672),
            UserScope => (400, 99_991_679),
            AppType => (403, 154_003),
            Helpdesk => (401, 154_001),
            Rate => (429, 99_991_400),
            Parameters => self.bad,
        }
    }

    /// Whether a call can have all these faults.
    fn possible(&self, faults: &[Fault]) -> bool {
        let user_token = self.user != faults.contains(&Kind);
        !(faults.contains(&UserScope) && (!self.user || !user_token))
    }
}

/// An app for each combination of what is wrong with an app.
fn app_id(faults: &[Fault]) -> String {
    let bit = |fault: Fault| u8::from(faults.contains(&fault));
    format!("cli_b00000000000000{}", bit(AppScope) + 2 * bit(AppType) + 4 * bit(Rate))
}

/// The desk with these apps, as they are at first or with what is wrong with them.
fn file(wrong: bool) -> Value {
    let mut file = desk_file(&Options::default());
    let apps = file["tenants"][0]["apps"].as_array_mut().unwrap();
    for n in 0..8 {
        let scopes: &[&str] = if wrong && n & 1 != 0 {
            &["helpdesk:helpdesk:access"]
        } else {
            &["helpdesk:all", "helpdesk:all:readonly", "helpdesk:helpdesk:access"]
        };
        let kind = if wrong && n & 2 != 0 { "store" } else { "custom" };
        let app_id = format!("cli_b00000000000000{n}");
        apps.push(json!({"app_id": app_id, "app_secret": "secret", "type": kind, "scopes": scopes}));
    }
    file
}

/// The access tokens of an app: the tenant's, and a user's with and without the scope.
struct Tokens {
    tenant: String,
    user: String,
    poor: String,
}

async fn tokens(server: &TestServer, app_id: &str) -> Tokens {
    let user = async |scope: Value| {
        let body = json!({"open_id": OWNER, "app_id": app_id, "scope": scope});
        let answer = server.call(Method::POST, "/dev/v1/user_tokens").json(&body).send().await;
        answer.json["user_access_token"].as_str().unwrap().to_owned()
    };
    let (all, poor) = (user(Value::Null).await, user(json!("helpdesk:helpdesk:access")).await);
    Tokens { tenant: server.tenant_token(app_id), user: all, poor }
}

async fn call(server: &TestServer, probe: &Probe, tokens: &Tokens, faults: &[Fault]) -> (u16, i64) {
    let has = |fault: Fault| faults.contains(&fault);
    let query = if has(Parameters) { probe.bad_query } else { "" };
    let mut call = server.call(probe.method.clone(), &format!("/open-apis/helpdesk/v1{}{query}", probe.path));
    let user_token = probe.user != has(Kind);
    let token = match (has(Forged), user_token) {
        (true, true) => "u-forged",
        (true, false) => "t-forged",
        (false, false) => &tokens.tenant,
        (false, true) if has(UserScope) => &tokens.poor,
        (false, true) => &tokens.user,
    };
    if !has(Bearer) {
        call = call.bearer(token);
    }
    let helpdesk_token = if has(Helpdesk) { "ht-wrong" } else { DESK_TOKEN };
    call = call.header("x-lark-helpdesk-authorization", &desk_header(DESK, helpdesk_token));
    if has(Parameters) {
        call = call.raw(probe.bad_body);
    }
    let answer = call.send().await;
    (answer.status, answer.code())
}

on_both! {
    async fn the_earliest_of_several_faults_is_told(database) {
        let server = TestServer::with(database, &Options { rate_limits: true, ..Options::default() }).await;
        server.apply(&file(false)).await;
        let mut apps = std::collections::HashMap::new();
        for n in 0..8 {
            let id = format!("cli_b00000000000000{n}");
            let tokens = tokens(&server, &id).await;
            // Some have used up their calls before anything else went wrong with them.
            for probe in probes().iter().filter(|_| n & 4 != 0) {
                for _ in 0..50 {
                    assert_eq!(call(&server, probe, &tokens, &[Parameters]).await, probe.bad);
                }
                assert_eq!(call(&server, probe, &tokens, &[Parameters]).await, (429, 99_991_400));
            }
            apps.insert(id, tokens);
        }
        server.apply(&file(true)).await;
        let before = server.rows();
        let mut calls = 0;
        for probe in probes() {
            for set in 1_u32..1 << FAULTS.len() {
                let faults: Vec<Fault> = (0..FAULTS.len()).filter(|i| set & 1 << i != 0).map(|i| FAULTS[i]).collect();
                if probe.possible(&faults) {
                    let told = call(&server, &probe, &apps[&app_id(&faults)], &faults).await;
                    assert_eq!(told, probe.expected(&faults), "{} {} {faults:?}", probe.method, probe.path);
                    calls += 1;
                }
            }
        }
        // Without a user scope that a tenant token could lack, and never without any fault.
        assert_eq!(calls, 383 + 2 * 255);
        testkit::rows::assert_unchanged(&before, &server.rows());
    }
}

#[test]
fn user_tokens_carry_every_scope_that_an_endpoint_asks_for() {
    let reference: Value = serde_json::from_str(include_str!("../../testdata/helpdesk-v1.json")).unwrap();
    let endpoints = reference["endpoints"].as_array().unwrap();
    for scope in endpoints.iter().flat_map(|endpoint| endpoint["scopes"].as_array().unwrap()) {
        assert!(server::auth::KNOWN_SCOPES.iter().any(|known| scope == known.name), "{scope}");
    }
    assert_eq!(endpoints.len(), 50);
}
