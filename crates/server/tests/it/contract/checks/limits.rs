//! Rate limits, by a clock that stands still, and tokens whose time is over.

use testkit::server::{APP, APP_TWO, DESK, DESK_TOKEN, OWNER, desk_header};

use super::gateway::idle;
use crate::contract::probe::Report;
use crate::contract::reference::Endpoint;
use crate::contract::world::World;

const RATE_LIMITED: (u16, i64) = (429, 99_991_400);
/// The life of an access token in ms.
const TOKEN_LIFE_MS: i64 = 7_200_000;

/// As many calls as the tier allows, and one more.
pub async fn rate(world: &World, endpoint: &Endpoint, report: &mut Report) {
    report.endpoints.insert(endpoint.id.clone());
    let burst = endpoint.burst();
    for number in 1..=burst {
        let answer = call(world, endpoint, APP).await;
        let limited = (answer.status, answer.code()) == RATE_LIMITED;
        report.check(!limited, || format!("{}: call {number} of {burst} is one too many", endpoint.id));
    }
    let answer = call(world, endpoint, APP).await;
    report.refused(endpoint, &format!("call {}", burst + 1), &answer, &[RATE_LIMITED]);
    let header = |name: &str| answer.headers.get(name).and_then(|value| value.to_str().ok()?.parse::<u32>().ok());
    let (limit, reset) = (header("x-ogw-ratelimit-limit"), header("x-ogw-ratelimit-reset"));
    report.check(limit == Some(burst), || format!("{}: x-ogw-ratelimit-limit is {limit:?}", endpoint.id));
    let wait = reset.is_some_and(|seconds| (1..=60).contains(&seconds));
    report.check(wait, || format!("{}: x-ogw-ratelimit-reset is {reset:?}", endpoint.id));
    let other = call(world, endpoint, APP_TWO).await;
    let limited = (other.status, other.code()) == RATE_LIMITED;
    report.check(!limited, || format!("{}: another app is limited as well", endpoint.id));
}

/// All tokens a moment before and a moment after their end. Moves the clock.
pub async fn expiry(world: &World, endpoints: &[Endpoint], report: &mut Report) {
    world.server.clock.advance(TOKEN_LIFE_MS - 1);
    for endpoint in endpoints {
        let code = call(world, endpoint, APP).await.code();
        let refused = [99_991_663, 99_991_668, 99_991_677].contains(&code);
        report.check(!refused, || format!("{}: the token's time is not over, but the answer {code}", endpoint.id));
    }
    world.server.clock.advance(1);
    for endpoint in endpoints {
        let answer = call(world, endpoint, APP).await;
        let code = if endpoint.takes_user() { 99_991_677 } else { 99_991_663 };
        report.refused(endpoint, "a token whose time is over", &answer, &[(400, code)]);
    }
}

/// A call that gets as far as the parameters.
async fn call(world: &World, endpoint: &Endpoint, app: &str) -> testkit::Answer {
    let call = world.call(endpoint, &idle(endpoint)).bearer(world.token(endpoint, app, OWNER)).raw("[]");
    call.header("x-lark-helpdesk-authorization", &desk_header(DESK, DESK_TOKEN)).send().await
}
