//! User tokens of people who may not do it.

use testkit::server::{AGENT, USER};

use crate::contract::probe::Report;
use crate::contract::reference::Endpoint;
use crate::contract::sample::{FORBIDDEN, Sample};
use crate::contract::world::World;

pub async fn check(world: &World, endpoint: &Endpoint, sample: &Sample, report: &mut Report) {
    let mut refused = sample.refused.clone();
    if !endpoint.operator_roles.is_empty() {
        refused.push((USER, FORBIDDEN));
        // One page wants an agent who has access to the very ticket.
        if !endpoint.operator_roles.iter().any(|role| role == "helpdesk_agent") {
            refused.push((AGENT, FORBIDDEN));
        }
    }
    for (operator, code) in refused {
        let answer = world.send(endpoint, &sample.given, operator).await;
        report.refused(endpoint, &format!("as {operator}"), &answer, &[code]);
    }
}
