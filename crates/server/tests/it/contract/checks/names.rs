//! Ids that name nothing, ids of another help desk, and values of the right type that are wrong.

use crate::contract::probe::Report;
use crate::contract::reference::Endpoint;
use crate::contract::sample::{At, Given, INVALID, Sample, Wrong};
use crate::contract::world::{NOBODY, NOTHING, World};

/// What only the sample knows to be wrong.
pub async fn values(world: &World, endpoint: &Endpoint, sample: &Sample, report: &mut Report) {
    for Wrong { at, value, codes, named } in &sample.wrong {
        let given = sample.given.with(*at, value);
        let answer = world.send(endpoint, &given, sample.operator).await;
        let (At::Query(name) | At::Body(name)) = *at;
        report.refused_for(endpoint, (&format!("{at}: {value}"), if *named { name } else { "" }), &answer, codes);
    }
    for (body, codes) in &sample.bodies {
        let given = Given { body: Some(body.clone()), ..sample.given.clone() };
        let answer = world.send(endpoint, &given, sample.operator).await;
        report.refused(endpoint, &format!("the body {body}"), &answer, codes);
    }
}

/// Calls on things that are not in the state for them.
pub async fn states(world: &World, endpoint: &Endpoint, sample: &Sample, report: &mut Report) {
    for (given, elsewhere, code) in &sample.never {
        let answer = if *elsewhere {
            world.send_elsewhere(endpoint, given, sample.operator).await
        } else {
            world.send(endpoint, given, sample.operator).await
        };
        report.refused(endpoint, &format!("what is not in the state for it: {given:?}"), &answer, &[*code]);
    }
}

/// The path's ids: unknown, malformed, and known only at another help desk.
pub async fn path(world: &World, endpoint: &Endpoint, sample: &Sample, report: &mut Report) {
    for (i, (name, value)) in sample.given.path.iter().enumerate() {
        let unknown = if value.starts_with("ou_") { NOBODY } else { NOTHING };
        let mut wrong = vec![(unknown, endpoint.unknown())];
        if value.bytes().all(|b| b.is_ascii_digit()) {
            let malformed = endpoint.malformed();
            wrong.extend([("abc", malformed), ("-1", malformed), ("99999999999999999999", malformed)]);
        } else {
            wrong.push(("abc", endpoint.unknown()));
        }
        let mut nul = sample.given.clone();
        "%00".clone_into(&mut nul.path[i].1);
        let answer = world.send(endpoint, &nul, sample.operator).await;
        report.refused(endpoint, &format!("a NUL character as {name}"), &answer, &[INVALID, endpoint.unknown()]);
        for (value, code) in wrong {
            let mut given = sample.given.clone();
            value.clone_into(&mut given.path[i].1);
            let answer = world.send(endpoint, &given, sample.operator).await;
            report.refused(endpoint, &format!("{name} {value}"), &answer, &[code]);
        }
    }
    if !sample.given.path.is_empty() {
        let given: &Given = &sample.given;
        let answer = world.send_elsewhere(endpoint, given, sample.operator).await;
        report.refused(endpoint, "an id of another help desk", &answer, &[endpoint.unknown()]);
    }
}
