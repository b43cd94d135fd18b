//! What is checked of every endpoint.

pub mod gateway;
pub mod input;
pub mod limits;
pub mod names;
pub mod roles;
pub mod success;

use super::probe::Report;
use super::reference::Endpoint;
use super::sample::Sample;
use super::world::World;

/// All checks of one endpoint that need a valid call: first everything that must be refused, and after each kind of
/// refusal a look whether anything was written; then the valid calls.
pub async fn of_sample(world: &World, endpoint: &Endpoint, sample: &Sample, report: &mut Report) {
    report.endpoints.insert(endpoint.id.clone());
    let mut rows = world.rows();
    input::query(world, endpoint, sample, report).await;
    unchanged(world, endpoint, "wrong queries", &mut rows, report);
    input::body(world, endpoint, sample, report).await;
    unchanged(world, endpoint, "wrong bodies", &mut rows, report);
    names::values(world, endpoint, sample, report).await;
    unchanged(world, endpoint, "wrong values", &mut rows, report);
    names::path(world, endpoint, sample, report).await;
    unchanged(world, endpoint, "unknown ids", &mut rows, report);
    names::states(world, endpoint, sample, report).await;
    unchanged(world, endpoint, "things not in the state for it", &mut rows, report);
    roles::check(world, endpoint, sample, report).await;
    unchanged(world, endpoint, "operators without the role", &mut rows, report);
    success::check(world, endpoint, sample, report).await;
    if endpoint.is_read() {
        unchanged(world, endpoint, "reading", &mut rows, report);
    }
}

type Rows = std::collections::BTreeMap<String, (usize, u64)>;

/// Nothing was written since the last look, no event and no delivery either.
pub fn unchanged(world: &World, endpoint: &Endpoint, what: &str, rows: &mut Rows, report: &mut Report) {
    let now = world.rows();
    let changed: Vec<&String> = now.keys().filter(|table| now.get(*table) != rows.get(*table)).collect();
    report.check(changed.is_empty(), || format!("{}: {what} changed rows of {changed:?}", endpoint.id));
    *rows = now;
}
