//! User tokens by OAuth: the log-in page as a browser without script uses it, the token endpoints, and what the tokens
//! may do.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use reqwest::{Method, Url};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use testkit::rows::{assert_only_on_record, assert_unchanged};
use testkit::server::{APP, APP_FOREIGN, APP_TWO, OWNER, USER, desk_file};
use testkit::{Answer, Call, Options, TestServer, on_both};

const CALLBACK: &str = "https://app.example.com/callback?from=desk";
const LOOPBACK: &str = "http://127.0.0.1:9000/callback";
const V3: &str = "/oauth/v3/token";
const V2: &str = "/open-apis/authen/v2/oauth/token";
const OIDC: &str = "/open-apis/authen/v1/oidc/access_token";
const OIDC_REFRESH: &str = "/open-apis/authen/v1/oidc/refresh_access_token";
const ALL: &str = "helpdesk:all helpdesk:all:readonly helpdesk:helpdesk:access contact:user.email:readonly \
                   contact:user.employee_id:readonly offline_access";
const VERIFIER: &str = "a-verifier-of-at-least-forty-three-characters~";
const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// The usual desk with passwords; [`APP`] may do everything and lists [`CALLBACK`].
fn file() -> Value {
    let mut file = desk_file(&Options::default());
    let tenant = &mut file["tenants"][0];
    for (i, password) in ["ada-demo", "bob-demo", "eve-demo"].into_iter().enumerate() {
        tenant["users"][i]["password"] = json!(password);
    }
    for app in tenant["apps"].as_array_mut().unwrap() {
        if app["app_id"] == APP || app["app_id"] == APP_TWO {
            app["scopes"] = json!(ALL.split(' ').collect::<Vec<_>>());
        }
    }
    tenant["apps"][0]["name"] = json!("Answers & <Co>");
    tenant["apps"][0]["redirect_urls"] = json!([CALLBACK]);
    // The same address in another tenant, with another password.
    file["tenants"][1]["users"] =
        json!([{"id": "x_ada", "name": "Ada X", "email": "ada@demo.test", "password": "ada-x"}]);
    file
}

async fn start(database: testkit::Database) -> TestServer {
    start_with(database, &Options::default()).await
}

async fn start_with(database: testkit::Database, options: &Options) -> TestServer {
    let server = TestServer::with(database, options).await;
    server.apply(&file()).await;
    server
}

/// What an app asks for: usually [`APP`], everything, back to [`CALLBACK`].
fn question(changes: &[(&str, &str)]) -> Vec<(String, String)> {
    let usual = [
        ("client_id", APP),
        ("response_type", "code"),
        ("redirect_uri", CALLBACK),
        ("scope", ALL),
        ("state", "s-1 &=é"),
    ];
    let kept = usual.iter().filter(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
    let pairs = kept.chain(changes.iter().filter(|(_, value)| !value.is_empty()));
    pairs.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn encoded(pairs: &[(String, String)]) -> String {
    let mut url = Url::parse("http://x/").unwrap();
    url.query_pairs_mut().extend_pairs(pairs);
    url.query().unwrap().to_owned()
}

/// A browser that does not follow redirections and runs no script.
struct Browser<'a> {
    server: &'a TestServer,
    client: reqwest::Client,
    address: String,
    language: &'static str,
}

struct Shown {
    status: u16,
    headers: reqwest::header::HeaderMap,
    html: String,
}

impl<'a> Browser<'a> {
    fn new(server: &'a TestServer) -> Self {
        let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { server, client, address: "198.51.100.7".into(), language: "en-GB,en;q=0.9" }
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Shown {
        let request = request.header("x-forwarded-for", &self.address).header("accept-language", self.language);
        let answer = request.send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        Shown { status, headers, html: answer.text().await.unwrap() }
    }

    async fn open(&self, pairs: &[(String, String)]) -> Shown {
        let url = self.server.url(&format!("/open-apis/authen/v1/authorize?{}", encoded(pairs)));
        self.send(self.client.get(url)).await
    }

    /// Opens the page, fills its form in and presses a button.
    async fn press(&self, pairs: &[(String, String)], typed: &[(&str, &str)]) -> Shown {
        let page = self.open(pairs).await;
        assert_eq!(page.status, 200, "{}", page.html);
        self.submit(&page, typed).await
    }

    async fn submit(&self, page: &Shown, typed: &[(&str, &str)]) -> Shown {
        let mut fields = page.hidden();
        fields.extend(typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let action = page.html.split("action=\"").nth(1).unwrap().split('"').next().unwrap();
        let request = self.client.post(self.server.url(action));
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(encoded(&fields));
        self.send(request).await
    }

    /// Logs Ada in and allows; answers the code.
    async fn code(&self, pairs: &[(String, String)]) -> String {
        let answer = self.press(pairs, &ada("ada-demo")).await;
        assert_eq!(answer.status, 303, "{}", answer.html);
        answer.told("code").unwrap()
    }
}

fn ada(password: &str) -> [(&'static str, &str); 3] {
    [("email", "Ada@Demo.test"), ("password", password), ("decision", "allow")]
}

fn unescape(text: &str) -> String {
    ["&lt;:<", "&gt;:>", "&quot;:\"", "&#39;:'", "&amp;:&"].iter().fold(text.to_owned(), |text, pair| {
        let (from, to) = pair.rsplit_once(':').unwrap();
        text.replace(from, to)
    })
}

impl Shown {
    fn hidden(&self) -> Vec<(String, String)> {
        let field = |part: &str| {
            let (name, rest) = part.split_once("\" value=\"").unwrap();
            (name.to_owned(), unescape(rest.split('"').next().unwrap()))
        };
        self.html.split("<input type=\"hidden\" name=\"").skip(1).map(field).collect()
    }

    fn location(&self) -> Url {
        let location = self.headers.get("location").unwrap_or_else(|| panic!("{} {}", self.status, self.html));
        location.to_str().unwrap().parse().unwrap()
    }

    fn told(&self, name: &str) -> Option<String> {
        self.location().query_pairs().find(|(told, _)| told == name).map(|(_, value)| value.into_owned())
    }

    /// A page that leads nowhere and names this code.
    fn is_fault(&self, code: i64) {
        assert_eq!(self.status, 400, "{}", self.html);
        assert!(!self.headers.contains_key("location"));
        assert!(self.html.contains(&format!("<code>{code}</code>")), "{code}: {}", self.html);
        assert!(!self.html.contains("<form"));
    }
}

fn by_code(code: &str) -> Value {
    json!({"grant_type": "authorization_code", "client_id": APP, "client_secret": "secret", "code": code})
}

fn by_refresh(token: &Value) -> Value {
    json!({"grant_type": "refresh_token", "client_id": APP, "client_secret": "secret", "refresh_token": token})
}

fn with(mut body: Value, changes: &Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

async fn ask(server: &TestServer, path: &str, body: &Value) -> Answer {
    server.call(Method::POST, path).json(body).send().await
}

/// A success of the flat endpoints.
async fn token(server: &TestServer, body: &Value) -> Value {
    let answer = ask(server, V3, body).await;
    assert_eq!((answer.status, answer.code()), (200, 0), "{}", answer.json);
    assert_eq!(answer.headers["cache-control"], "no-store");
    answer.json
}

/// A failure of the flat endpoints.
#[track_caller]
fn refused(answer: &Answer, status: u16, code: i64, error: &str) {
    let json = &answer.json;
    assert_eq!((answer.status, answer.code(), json["error"].as_str()), (status, code, Some(error)), "{json}");
    assert!(!json["error_description"].as_str().unwrap().is_empty());
    assert_eq!(answer.headers["content-type"], "application/json; charset=utf-8");
    assert!(answer.headers.contains_key("x-tt-logid"));
}

fn create_faq(server: &TestServer, token: &str) -> Call {
    let faq = json!({"faq": {"question": "Is it a question?", "answer": "Yes."}});
    server.open_api_as(token, Method::POST, "/faqs").json(&faq)
}

fn user_info(server: &TestServer, token: &str) -> Call {
    server.call(Method::GET, "/open-apis/authen/v1/user_info").bearer(token)
}

fn challenge() -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER.as_bytes()))
}

on_both! {
    async fn a_user_logs_in_and_the_app_acts_for_them(database) {
        let server = start(database).await;
        let browser = Browser::new(&server);
        let asked = question(&[("code_challenge", &challenge()), ("code_challenge_method", "S256")]);
        let answer = browser.press(&asked, &ada("ada-demo")).await;
        let location = answer.location();
        assert!(location.as_str().starts_with("https://app.example.com/callback?from=desk&code="), "{location}");
        assert_eq!(answer.told("state").unwrap(), "s-1 &=é");
        let code = answer.told("code").unwrap();
        let body = with(by_code(&code), &json!({"redirect_uri": CALLBACK, "code_verifier": VERIFIER}));
        let got = token(&server, &body).await;
        assert_eq!((&got["token_type"], &got["expires_in"]), (&json!("Bearer"), &json!(7200)));
        assert_eq!((&got["scope"], &got["refresh_token_expires_in"]), (&json!(ALL), &json!(604_800)));
        let access = got["access_token"].as_str().unwrap();
        assert!(access.starts_with("u-") && got["refresh_token"].as_str().unwrap().starts_with("ur-"));
        create_faq(&server, access).send().await.ok();
        let info = user_info(&server, access).send().await.ok();
        assert_eq!(info["name"], "Ada");
        assert_eq!((&info["open_id"], &info["tenant_key"]), (&json!(OWNER), &json!("demo")));
        assert_eq!((&info["email"], &info["user_id"]), (&json!("ada@demo.test"), &json!("u_ada")));
        assert!(info["union_id"].as_str().unwrap().starts_with("on_"));
        // Neither code nor token lies in the database as it is.
        let rows = format!("{:?}", server.rows());
        for secret in [&code, access, got["refresh_token"].as_str().unwrap(), VERIFIER] {
            assert!(!rows.contains(secret));
        }
    }

    async fn forms_and_basic_credentials_do_as_well_and_the_older_endpoint_too(database) {
        let server = start(database).await;
        let browser = Browser::new(&server);
        let basic = format!("Basic {}", STANDARD.encode(format!("{APP}:secret")));
        for path in [V3, V2] {
            let code = browser.code(&question(&[])).await;
            let form = format!("grant_type=authorization_code&code={code}");
            let call = server.call(Method::POST, path).header("authorization", &basic);
            let got = call.header("content-type", "application/x-www-form-urlencoded").raw(form).send().await;
            assert_eq!((got.status, got.code()), (200, 0), "{}", got.json);
        }
        let own = json!({"grant_type": "client_credentials", "client_id": APP, "client_secret": "secret"});
        let got = token(&server, &own).await;
        assert_eq!(got["access_token"], json!(server.tenant_token(APP)));
        assert!(got.get("refresh_token").is_none());
        server.open_api_as(got["access_token"].as_str().unwrap(), Method::GET, "/tickets").send().await.ok();
        refused(&ask(&server, V2, &own).await, 400, 20_036, "unsupported_grant_type");
    }

    async fn the_older_pair_answers_in_the_envelope(database) {
        let server = start(database).await;
        let app_token = server.tenant_token(APP);
        let call = async |path: &str, bearer: &str, body: Value| {
            server.call(Method::POST, path).bearer(bearer).json(&body).send().await
        };
        let code = Browser::new(&server).code(&question(&[])).await;
        let body = json!({"grant_type": "authorization_code", "code": code});
        call(OIDC, "t-x", body.clone()).await.refused(400, 99_991_664);
        call(OIDC, &server.user_token(OWNER).await, body.clone()).await.refused(400, 99_991_664);
        call(OIDC, "x", body.clone()).await.refused(400, 99_991_671);
        server.call(Method::POST, OIDC).json(&body).send().await.refused(400, 99_991_661);
        call(OIDC, &server.tenant_token(APP_TWO), body.clone()).await.refused(400, 20_024);
        call(OIDC, &app_token, json!({"grant_type": "refresh_token", "code": code})).await.refused(400, 20_036);
        call(OIDC, &app_token, json!({"grant_type": "authorization_code"})).await.refused(400, 20_001);
        let data = call(OIDC, &app_token, body.clone()).await.ok();
        assert_eq!((&data["expires_in"], &data["refresh_expires_in"]), (&json!(7200), &json!(2_592_000)));
        assert_eq!((&data["token_type"], &data["scope"]), (&json!("Bearer"), &json!(ALL)));
        create_faq(&server, data["access_token"].as_str().unwrap()).send().await.ok();
        call(OIDC, &app_token, body).await.refused(400, 20_065);
        let again = json!({"grant_type": "refresh_token", "refresh_token": data["refresh_token"]});
        let next = call(OIDC_REFRESH, &app_token, again.clone()).await.ok();
        assert_ne!(next["refresh_token"], data["refresh_token"]);
        call(OIDC_REFRESH, &app_token, again).await.refused(400, 20_073);
    }

    async fn a_wrong_request_for_a_token_writes_nothing(database) {
        let server = start(database).await;
        let browser = Browser::new(&server);
        let plain = browser.code(&question(&[])).await;
        let guarded = browser.code(&question(&[("code_challenge", &challenge()), ("code_challenge_method", "S256")])).await;
        let before = server.rows();
        let jwt = "urn:ietf:params:oauth:grant-type:jwt-bearer";
        let cases = [
            (json!({"grant_type": ""}), 20_001, "invalid_request"),
            (json!({"grant_type": "password"}), 20_036, "unsupported_grant_type"),
            (json!({"grant_type": jwt, "client_assertion": "x"}), 20_036, "unsupported_grant_type"),
            (json!({"grant_type": 5}), 20_063, "invalid_request"),
            (json!({"client_id": null}), 20_001, "invalid_request"),
            (json!({"client_secret": null}), 20_001, "invalid_request"),
            (json!({"client_id": "cli_0000000000000000"}), 20_048, "invalid_client"),
            (json!({"client_secret": "wrong"}), 20_002, "invalid_client"),
            (json!({"client_secret": null, "client_assertion": "x"}), 20_002, "invalid_client"),
            (json!({"client_assertion": "x"}), 20_070, "invalid_request"),
            (json!({"code": null}), 20_001, "invalid_request"),
            (json!({"code": "nothing"}), 20_003, "invalid_grant"),
            (json!({"client_id": APP_TWO}), 20_024, "invalid_grant"),
            (json!({"client_id": APP_FOREIGN}), 20_003, "invalid_grant"),
            (json!({"redirect_uri": LOOPBACK}), 20_071, "invalid_grant"),
            (json!({"code_verifier": VERIFIER}), 20_049, "invalid_grant"),
            (json!({"code": guarded}), 20_049, "invalid_grant"),
            (json!({"code": guarded, "code_verifier": "x"}), 20_049, "invalid_grant"),
            (json!({"scope": "helpdesk:all helpdesk:all"}), 20_067, "invalid_scope"),
            (json!({"scope": "helpdesk:all more"}), 20_068, "invalid_scope"),
        ];
        for (changes, code, error) in cases {
            let answer = ask(&server, V3, &with(by_code(&plain), &changes)).await;
            refused(&answer, 400, code, error);
        }
        let basic = format!("Basic {}", STANDARD.encode(format!("{APP}:secret")));
        let both = server.call(Method::POST, V3).header("authorization", &basic).json(&by_code(&plain));
        refused(&both.send().await, 400, 20_070, "invalid_request");
        for body in ["", "[]", "{", "grant_type=authorization_code"] {
            refused(&server.call(Method::POST, V3).raw(body).send().await, 400, 20_063, "invalid_request");
        }
        for token in ["x", "ur-", &format!("ur-{}", "0".repeat(64))] {
            refused(&ask(&server, V3, &by_refresh(&json!(token))).await, 400, 20_026, "invalid_grant");
        }
        assert_unchanged(&before, &server.rows());
        // The codes are still good.
        token(&server, &by_code(&plain)).await;
        token(&server, &with(by_code(&guarded), &json!({"code_verifier": VERIFIER}))).await;
    }

    async fn a_code_is_good_once_and_for_five_minutes(database) {
        let server = start(database).await;
        let browser = Browser::new(&server);
        let (first, second) = (browser.code(&question(&[])).await, browser.code(&question(&[])).await);
        let third = browser.code(&question(&[])).await;
        server.clock.advance(299_999);
        token(&server, &by_code(&first)).await;
        refused(&ask(&server, V3, &by_code(&first)).await, 400, 20_065, "invalid_grant");
        server.clock.advance(1);
        refused(&ask(&server, V3, &by_code(&second)).await, 400, 20_004, "invalid_grant");
        // A used one stays used, and after a day nobody knows any of them.
        refused(&ask(&server, V3, &by_code(&first)).await, 400, 20_065, "invalid_grant");
        refused(&ask(&server, V3, &by_code(&third)).await, 400, 20_004, "invalid_grant");
        server.clock.advance(DAY_MS + 600_001);
        for _ in 0..200 {
            if server.rows()["oauth_code"].is_empty() {
                break;
            }
            server.clock.advance(600_000);
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        assert!(server.rows()["oauth_code"].is_empty());
        refused(&ask(&server, V3, &by_code(&first)).await, 400, 20_003, "invalid_grant");
    }

    async fn of_sixteen_callers_with_one_code_or_refresh_token_one_wins(database) {
        let server = std::sync::Arc::new(start(database).await);
        let code = Browser::new(&server).code(&question(&[])).await;
        let race = async |body: Value| {
            let mut callers = tokio::task::JoinSet::new();
            for _ in 0..16 {
                let (server, body) = (std::sync::Arc::clone(&server), body.clone());
                callers.spawn(async move { ask(&server, V3, &body).await });
            }
            callers.join_all().await
        };
        let answers = race(by_code(&code)).await;
        let (won, lost): (Vec<Answer>, Vec<Answer>) = answers.into_iter().partition(|answer| answer.status == 200);
        assert_eq!((won.len(), lost.len()), (1, 15));
        for answer in &lost {
            refused(answer, 400, 20_065, "invalid_grant");
        }
        let answers = race(by_refresh(&won[0].json["refresh_token"])).await;
        let (won, lost): (Vec<Answer>, Vec<Answer>) = answers.into_iter().partition(|answer| answer.status == 200);
        assert_eq!((won.len(), lost.len()), (1, 15));
        // The second caller revokes the family, the others find it revoked.
        let used = lost.iter().filter(|answer| answer.code() == 20_073).count();
        let revoked = lost.iter().filter(|answer| answer.code() == 20_064).count();
        assert_eq!((used, revoked), (1, 14));
        refused(&ask(&server, V3, &by_refresh(&won[0].json["refresh_token"])).await, 400, 20_064, "invalid_grant");
    }

    async fn refresh_tokens_rotate_and_outlive_a_restart(database) {
        let server = start(database).await;
        let code = Browser::new(&server).code(&question(&[])).await;
        let first = token(&server, &by_code(&code)).await;
        server.clock.advance(2 * HOUR_MS);
        create_faq(&server, first["access_token"].as_str().unwrap()).send().await.refused(400, 99_991_677);
        let server = server.restart(&Options::default()).await;
        let second = token(&server, &by_refresh(&first["refresh_token"])).await;
        assert_ne!(second["refresh_token"], first["refresh_token"]);
        assert_eq!(second["scope"], ALL);
        let fewer = with(by_refresh(&second["refresh_token"]), &json!({"scope": "helpdesk:all:readonly"}));
        let third = token(&server, &fewer).await;
        assert_eq!(third["scope"], "helpdesk:all:readonly");
        create_faq(&server, third["access_token"].as_str().unwrap()).send().await.refused(400, 99_991_679);
        // What was granted stays granted.
        let fourth = token(&server, &by_refresh(&third["refresh_token"])).await;
        assert_eq!(fourth["scope"], ALL);
        create_faq(&server, fourth["access_token"].as_str().unwrap()).send().await.ok();
        let foreign = with(by_refresh(&fourth["refresh_token"]), &json!({"client_id": APP_TWO}));
        refused(&ask(&server, V3, &foreign).await, 400, 20_024, "invalid_grant");
        // An old one ends the family.
        refused(&ask(&server, V3, &by_refresh(&second["refresh_token"])).await, 400, 20_073, "invalid_grant");
        refused(&ask(&server, V3, &by_refresh(&fourth["refresh_token"])).await, 400, 20_064, "invalid_grant");
    }

    async fn a_refresh_token_lives_a_week_and_its_family_a_year(database) {
        let server = start(database).await;
        let browser = Browser::new(&server);
        let code = browser.code(&question(&[])).await;
        let mut last = token(&server, &by_code(&code)).await;
        for _ in 0..52 {
            server.clock.advance(7 * DAY_MS - 1);
            last = token(&server, &by_refresh(&last["refresh_token"])).await;
        }
        // 364 days have gone.
        let left = last["refresh_token_expires_in"].as_i64().unwrap();
        assert!((86_399..=86_400).contains(&left), "{left}");
        server.clock.advance(DAY_MS + 52);
        refused(&ask(&server, V3, &by_refresh(&last["refresh_token"])).await, 400, 20_037, "invalid_grant");
        let code = browser.code(&question(&[])).await;
        let week = token(&server, &by_code(&code)).await;
        server.clock.advance(7 * DAY_MS);
        refused(&ask(&server, V3, &by_refresh(&week["refresh_token"])).await, 400, 20_037, "invalid_grant");
    }

    async fn who_leaves_and_what_is_taken_away_ends_the_grant(database) {
        let server = start(database).await;
        let browser = Browser::new(&server);
        let grant = async || {
            let code = browser.code(&question(&[])).await;
            token(&server, &by_code(&code)).await
        };
        // A scope that the app loses is no longer in the next token.
        let first = grant().await;
        let mut changed = file();
        changed["tenants"][0]["apps"][0]["scopes"] = json!(["helpdesk:all:readonly", "offline_access"]);
        server.apply(&changed).await;
        create_faq(&server, first["access_token"].as_str().unwrap()).send().await.refused(400, 99_991_672);
        let next = token(&server, &by_refresh(&first["refresh_token"])).await;
        assert_eq!(next["scope"], "helpdesk:all:readonly offline_access");
        changed["tenants"][0]["apps"][0]["scopes"] = json!(["helpdesk:all"]);
        server.apply(&changed).await;
        refused(&ask(&server, V3, &by_refresh(&next["refresh_token"])).await, 400, 20_074, "unauthorized_client");
        server.apply(&file()).await;
        // A user without a password.
        let (ada, code) = (grant().await, browser.code(&question(&[])).await);
        let mut changed = file();
        changed["tenants"][0]["users"].as_array_mut().unwrap().remove(0);
        changed["tenants"][0].as_object_mut().unwrap().remove("helpdesks");
        server.apply(&changed).await;
        refused(&ask(&server, V3, &by_refresh(&ada["refresh_token"])).await, 400, 20_066, "invalid_grant");
        refused(&ask(&server, V3, &by_code(&code)).await, 400, 20_066, "invalid_grant");
        server.apply(&file()).await;
        // A new secret voids everything made under the old one.
        let (ada, code) = (grant().await, browser.code(&question(&[])).await);
        let mut changed = file();
        changed["tenants"][0]["apps"][0]["app_secret"] = json!("new");
        server.apply(&changed).await;
        create_faq(&server, ada["access_token"].as_str().unwrap()).send().await.refused(400, 99_991_668);
        refused(&ask(&server, V3, &by_refresh(&ada["refresh_token"])).await, 400, 20_002, "invalid_client");
        let new = json!({"client_secret": "new"});
        refused(&ask(&server, V3, &with(by_refresh(&ada["refresh_token"]), &new)).await, 400, 20_064, "invalid_grant");
        refused(&ask(&server, V3, &with(by_code(&code), &new)).await, 400, 20_003, "invalid_grant");
    }

    async fn a_token_may_do_what_the_user_granted(database) {
        let server = start(database).await;
        let browser = Browser::new(&server);
        let code = browser.code(&question(&[("scope", "helpdesk:all:readonly")])).await;
        let got = token(&server, &by_code(&code)).await;
        assert!(got.get("refresh_token").is_none() && got.get("refresh_token_expires_in").is_none());
        let access = got["access_token"].as_str().unwrap();
        let before = server.rows();
        let answer = create_faq(&server, access).send().await;
        answer.refused(400, 99_991_679);
        let violations = json!([{"type": "action_privilege_required", "subject": "helpdesk:all"}]);
        assert_eq!(answer.json["error"]["permission_violations"], violations);
        assert_unchanged(&before, &server.rows());
        let info = user_info(&server, access).send().await.ok();
        assert_eq!((info.get("email"), info.get("user_id")), (None, None));
        user_info(&server, &server.tenant_token(APP)).send().await.refused(400, 99_991_663);
        user_info(&server, "u-x").send().await.refused(400, 99_991_668);
        // Without `scope`, everything the app has.
        let code = browser.code(&question(&[("scope", ""), ("response_type", "")])).await;
        assert_eq!(token(&server, &by_code(&code)).await["scope"], ALL);
        // A token made for development does what it is told to.
        let made = |scope: Value| {
            let body = json!({"open_id": OWNER, "app_id": APP, "scope": scope});
            server.call(Method::POST, "/dev/v1/user_tokens").json(&body).send()
        };
        let reader = made(json!("helpdesk:all:readonly")).await.json["user_access_token"].as_str().unwrap().to_owned();
        create_faq(&server, &reader).send().await.refused(400, 99_991_679);
        made(json!("helpdesk:more")).await.refused(400, 154_000);
    }

    async fn the_page_tells_what_is_asked_in_the_readers_language(database) {
        let server = start(database).await;
        let mut browser = Browser::new(&server);
        let page = browser.open(&question(&[])).await;
        let csp = page.headers["content-security-policy"].to_str().unwrap();
        assert!(csp.contains("default-src 'none'") && csp.contains("frame-ancestors 'none'"), "{csp}");
        assert!(csp.contains("form-action 'self' https://app.example.com;") && !csp.contains("unsafe"), "{csp}");
        assert_eq!(page.headers["x-frame-options"], "DENY");
        assert_eq!(page.headers["cache-control"], "no-store");
        assert!(page.html.contains("<html lang=\"en\">") && !page.html.contains("<script") && !page.html.contains("style="));
        assert!(page.html.contains("Answers &amp; &lt;Co&gt;") && !page.html.contains("<Co>"));
        assert!(page.html.contains("Demo Ltd") && page.html.contains("<code>helpdesk:all</code>"));
        for label in ["<label for=\"email\">", "<label for=\"password\">", "autocomplete=\"current-password\""] {
            assert!(page.html.contains(label), "{label}");
        }
        assert!(!page.html.contains("{{"));
        browser.language = "zh-CN,zh;q=0.9,en;q=0.8";
        let page = browser.open(&question(&[])).await;
        assert!(page.html.contains("<html lang=\"zh-CN\">") && page.html.contains("登录并授权"), "{}", page.html);
        // The link goes to the same question in the other language, and the form stays in it.
        let link = unescape(page.html.split("<a href=\"").nth(1).unwrap().split('"').next().unwrap());
        let page = browser.send(browser.client.get(server.url(&link))).await;
        assert!(page.html.contains("<html lang=\"en\">"));
        assert!(page.hidden().contains(&("state".to_owned(), "s-1 &=é".to_owned())));
        let wrong = browser.submit(&page, &ada("no")).await;
        assert!(wrong.html.contains("<html lang=\"en\">") && wrong.html.contains("<title>Error: "));
        let done = browser.submit(&wrong, &ada("ada-demo")).await;
        assert_eq!((done.status, done.told("state").as_deref()), (303, Some("s-1 &=é")));
    }

    async fn a_wrong_password_is_told_in_place_and_deny_needs_none(database) {
        let server = start(database).await;
        let browser = Browser::new(&server);
        let before = server.rows();
        let by = |email: &'static str| [("email", email), ("password", "x"), ("decision", "allow")];
        for (typed, expected) in [
            (ada("nope"), "E-mail address or password is wrong."),
            // The password of the other tenant's Ada.
            (ada("ada-x"), "E-mail address or password is wrong."),
            (by("nobody@demo.test"), "E-mail address or password is wrong."),
            (by("a\0b"), "E-mail address or password is wrong."),
            (by(""), "Enter your e-mail address"),
            (ada(""), "Enter your e-mail address"),
        ] {
            let page = browser.press(&question(&[]), &typed).await;
            assert_eq!(page.status, 400, "{typed:?}");
            assert!(page.html.contains(expected) && page.html.contains("aria-describedby=\"problem\""), "{}", page.html);
            assert!(!page.headers.contains_key("location"));
            assert!(!page.html.contains("value=\"nope\""));
        }
        let denied = browser.press(&question(&[]), &[("decision", "deny")]).await;
        assert_eq!((denied.status, denied.told("error").as_deref()), (303, Some("access_denied")));
        assert_eq!((denied.told("state").as_deref(), denied.told("code")), (Some("s-1 &=é"), None));
        let nothing = browser.press(&question(&[]), &[]).await;
        assert_eq!(nothing.status, 200);
        assert_only_on_record(&before, &server.rows());
    }

    async fn a_bad_question_shows_a_page_and_redirects_nobody(database) {
        let server = start(database).await;
        let mut browser = Browser::new(&server);
        let two = [("client_id", APP_TWO), ("scope", "helpdesk:all")];
        for (changes, code) in [
            (vec![("client_id", "")], 20_001),
            (vec![("client_id", "cli_<b>")], 20_048),
            (vec![("redirect_uri", "")], 20_001),
            (vec![("redirect_uri", "https://evil.example.com/")], 20_071),
            (vec![("redirect_uri", LOOPBACK)], 20_071),
            (vec![("redirect_uri", "https://app.example.com/callback?from=desk&x")], 20_071),
            (vec![two[0], two[1], ("redirect_uri", CALLBACK)], 20_071),
            (vec![two[0], two[1], ("redirect_uri", "javascript:alert(1)")], 20_071),
            (vec![("response_type", "token")], 20_063),
            (vec![("scope", "helpdesk:all calendar:calendar")], 20_027),
            (vec![("scope", "helpdesk:all helpdesk:all")], 20_067),
            (vec![("code_challenge", "short"), ("code_challenge_method", "S256")], 20_063),
            (vec![("code_challenge", VERIFIER), ("code_challenge_method", "S512")], 20_063),
            (vec![("code_challenge_method", "S256")], 20_001),
        ] {
            let asked = question(&changes);
            browser.open(&asked).await.is_fault(code);
            // The form is not believed either.
            let mut fields = asked.clone();
            fields.extend(ada("ada-demo").map(|(name, value)| (name.to_owned(), value.to_owned())));
            let post = browser.client.post(server.url("/open-apis/authen/v1/authorize")).body(encoded(&fields));
            browser.send(post).await.is_fault(code);
        }
        let mut twice = question(&[]);
        twice.push(("client_id".into(), APP_TWO.into()));
        browser.open(&twice).await.is_fault(20_063);
        browser.language = "zh";
        let page = browser.open(&question(&[("client_id", "cli_<b>")])).await;
        assert!(page.html.contains("无法登录") && page.html.contains("cli_&lt;b&gt;"), "{}", page.html);
        // An app that lists nothing may use this machine, under its older name too.
        let old = [("client_id", ""), ("app_id", APP_TWO), ("redirect_uri", LOOPBACK), ("code_challenge", VERIFIER)];
        let old = question(&old);
        let code = browser.code(&old).await;
        let body = with(by_code(&code), &json!({"client_id": APP_TWO, "code_verifier": VERIFIER}));
        token(&server, &body).await;
    }

    async fn guessing_is_slowed_down_by_account_and_by_address(database) {
        let server = start(database).await;
        let mut browser = Browser::new(&server);
        for _ in 0..10 {
            assert_eq!(browser.press(&question(&[]), &ada("nope")).await.status, 400);
        }
        browser.address = "203.0.113.9".into();
        let page = browser.press(&question(&[]), &ada("ada-demo")).await;
        assert_eq!((page.status, page.headers["retry-after"].to_str().unwrap()), (429, "300"));
        assert!(page.html.contains("Try again in 5 minutes."), "{}", page.html);
        // Others are not kept out, and Ada may come in when the time is over.
        let eve = [("email", "eve@demo.test"), ("password", "eve-demo"), ("decision", "allow")];
        let code = browser.press(&question(&[]), &eve).await.told("code").unwrap();
        let got = token(&server, &by_code(&code)).await;
        let info = user_info(&server, got["access_token"].as_str().unwrap()).send().await.ok();
        assert_eq!(info["open_id"], USER);
        server.clock.advance(299_999);
        assert_eq!(browser.press(&question(&[]), &ada("ada-demo")).await.status, 429);
        server.clock.advance(1);
        browser.code(&question(&[])).await;
    }

    async fn token_endpoints_are_counted(database) {
        let server = start_with(database, &Options { rate_limits: true, ..Options::default() }).await;
        let body = json!({"grant_type": "client_credentials", "client_id": APP, "client_secret": "secret"});
        for _ in 0..50 {
            token(&server, &body).await;
        }
        let answer = ask(&server, V3, &body).await;
        refused(&answer, 429, 99_991_400, "temporarily_unavailable");
        assert_eq!(answer.headers["x-ogw-ratelimit-limit"], "50");
        assert_eq!(answer.headers["x-ogw-ratelimit-reset"], "1");
        // Each endpoint and each app by itself; who has not the secret uses nothing up.
        let two = with(body.clone(), &json!({"client_id": APP_TWO, "client_secret": "wrong"}));
        for _ in 0..60 {
            refused(&ask(&server, V3, &two).await, 400, 20_002, "invalid_client");
        }
        token(&server, &with(two, &json!({"client_secret": "secret"}))).await;
        refused(&ask(&server, V2, &by_code("x")).await, 400, 20_003, "invalid_grant");
        server.clock.advance(1_000);
        token(&server, &body).await;
    }
}
