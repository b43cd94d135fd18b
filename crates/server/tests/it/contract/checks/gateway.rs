//! What the gateway refuses before an endpoint sees it. No valid call is needed: all of it comes before the parameters.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use testkit::server::{
    APP, APP_FOREIGN, APP_READER, APP_STORE, DESK, DESK_TOKEN, OTHER_DESK, OTHER_TOKEN, OWNER, desk_header,
};

use super::unchanged;
use crate::contract::probe::Report;
use crate::contract::reference::Endpoint;
use crate::contract::sample::Given;
use crate::contract::world::{APP_NONE, FOREIGN_DESK, FOREIGN_TOKEN, NOTHING, STRANGER, World};

const HEADER: &str = "x-lark-helpdesk-authorization";
const HEADER_WRONG: &[(u16, i64)] = &[(401, 154_001)];

/// All of one endpoint.
pub async fn check(world: &World, endpoint: &Endpoint, report: &mut Report) {
    report.endpoints.insert(endpoint.id.clone());
    let mut rows = world.rows();
    tokens(world, endpoint, report).await;
    apps(world, endpoint, report).await;
    helpdesk_header(world, endpoint, report).await;
    unchanged(world, endpoint, "the gateway's refusals", &mut rows, report);
}

/// A call that names nothing and whose body, if one is read, is none.
pub fn idle(endpoint: &Endpoint) -> Given {
    endpoint.path_params.iter().fold(Given::default(), |given, parameter| given.path(&parameter.name, NOTHING))
}

async fn tokens(world: &World, endpoint: &Endpoint, report: &mut Report) {
    let good = world.token(endpoint, APP, OWNER);
    let tampered = format!("{}{}", &good[..good.len() - 1], if good.ends_with('A') { 'B' } else { 'A' });
    let own_kind = if endpoint.takes_user() { 99_991_668 } else { 99_991_663 };
    let (other_kind, other_code) = if endpoint.takes_user() {
        (world.tenant_token(APP), 99_991_663)
    } else {
        (world.user_token(APP, OWNER), 99_991_668)
    };
    let cases = [
        ("no token", None, 99_991_661),
        ("another scheme", Some("Basic YTpi".to_owned()), 99_991_661),
        ("an empty token", Some("Bearer ".to_owned()), 99_991_661),
        ("a token without its beginning", Some("Bearer x-nonsense".to_owned()), 99_991_671),
        ("a made-up tenant token", Some("Bearer t-nonsense".to_owned()), 99_991_663),
        ("a made-up user token", Some("Bearer u-nonsense".to_owned()), 99_991_668),
        ("a changed token", Some(format!("Bearer {tampered}")), own_kind),
        ("the other kind of token", Some(format!("Bearer {other_kind}")), other_code),
    ];
    for (what, authorization, code) in cases {
        let mut call = world.call(endpoint, &idle(endpoint)).header(HEADER, &desk_header(DESK, DESK_TOKEN)).raw("[]");
        if let Some(authorization) = authorization {
            call = call.header("authorization", &authorization);
        }
        report.refused(endpoint, what, &call.send().await, &[(400, code)]);
    }
}

async fn apps(world: &World, endpoint: &Endpoint, report: &mut Report) {
    let call = |app: &str, operator: &str| {
        let call = world.call(endpoint, &idle(endpoint)).bearer(world.token(endpoint, app, operator));
        call.header(HEADER, &desk_header(DESK, DESK_TOKEN)).raw("[]").send()
    };
    let answer = call(APP_NONE, OWNER).await;
    report.refused(endpoint, "an app without scopes", &answer, &[(400, 99_991_672)]);
    let violations = answer.json["error"]["permission_violations"].as_array().cloned().unwrap_or_default();
    let told: Vec<&str> = violations.iter().filter_map(|v| v["subject"].as_str()).collect();
    report.check(told == endpoint.scopes, || format!("{}: the scopes told are {told:?}", endpoint.id));
    let answer = call(APP_READER, OWNER).await;
    if endpoint.scopes == ["helpdesk:all:readonly"] {
        let passed = answer.code() != 99_991_672;
        report.check(passed, || format!("{}: the scope for reading is not enough", endpoint.id));
    } else {
        report.refused(endpoint, "an app that may only read", &answer, &[(400, 99_991_672)]);
    }
    let answer = call(APP_STORE, OWNER).await;
    if endpoint.app_types.iter().any(|kind| kind == "isv") {
        report.check(answer.code() != 154_003, || format!("{}: store apps may call it", endpoint.id));
    } else {
        let status = if endpoint.has_row(401, 154_003) { 401 } else { 403 };
        report.refused(endpoint, "a store app", &answer, &[(status, 154_003)]);
    }
    report.refused(endpoint, "an app of another tenant", &call(APP_FOREIGN, STRANGER).await, HEADER_WRONG);
}

async fn helpdesk_header(world: &World, endpoint: &Endpoint, report: &mut Report) {
    let cases = [
        ("no help desk header", None),
        ("an empty help desk header", Some(String::new())),
        ("a help desk header that is not base64", Some("%%%".to_owned())),
        ("a help desk header in clear", Some(format!("{DESK}:{DESK_TOKEN}"))),
        ("a help desk header without a colon", Some(STANDARD.encode("nothing"))),
        ("a help desk header without bytes of text", Some(STANDARD.encode([0xff, 0xfe, b':', b'x']))),
        ("a help desk id that is no number", Some(desk_header("abc", DESK_TOKEN))),
        ("a help desk that is not there", Some(desk_header(NOTHING, DESK_TOKEN))),
        ("a wrong help desk token", Some(desk_header(DESK, "ht-wrong"))),
        ("an empty help desk token", Some(desk_header(DESK, ""))),
        ("another help desk's token", Some(desk_header(DESK, OTHER_TOKEN))),
        ("a help desk of another tenant", Some(desk_header(FOREIGN_DESK, FOREIGN_TOKEN))),
    ];
    for (what, header) in cases {
        let mut call = world.call(endpoint, &idle(endpoint)).bearer(world.token(endpoint, APP, OWNER)).raw("[]");
        if let Some(header) = header {
            call = call.header(HEADER, &header);
        }
        report.refused(endpoint, what, &call.send().await, HEADER_WRONG);
    }
    let pair = format!("{DESK}:{DESK_TOKEN}");
    let accepted = [
        STANDARD.encode(&pair),
        STANDARD_NO_PAD.encode(&pair),
        format!("Bearer {}", STANDARD.encode(&pair)),
        desk_header(OTHER_DESK, OTHER_TOKEN),
    ];
    for header in accepted {
        let call = world.call(endpoint, &idle(endpoint)).bearer(world.token(endpoint, APP, OWNER)).raw("[]");
        let answer = call.header(HEADER, &header).send().await;
        report.check(answer.code() != 154_001, || format!("{}: the header {header} is refused", endpoint.id));
        report.envelope(endpoint, "a call that names nothing", &answer);
    }
}
