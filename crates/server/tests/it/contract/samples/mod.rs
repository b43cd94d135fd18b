//! A valid call of every endpoint, one file for each group of resources that build on each other.
//!
//! Each call has things of its own to work on, so that the order of the calls does not matter.

pub mod agents;
pub mod events;
pub mod faqs;
pub mod fields;
pub mod notifications;
pub mod tickets;

use std::future::Future;
use std::pin::Pin;

use super::sample::Sample;
use super::world::World;

/// Makes what a group of calls needs, and the calls.
pub type SetUp = for<'w> fn(&'w World) -> Pin<Box<dyn Future<Output = Vec<Sample>> + Send + 'w>>;

/// The groups; each has a server of its own.
pub const GROUPS: [(&str, SetUp); 5] = [
    ("agents", |world| Box::pin(agents::samples(world))),
    ("faqs", |world| Box::pin(faqs::samples(world))),
    ("fields", |world| Box::pin(fields::samples(world))),
    ("notifications", |world| Box::pin(notifications::samples(world))),
    ("tickets", |world| Box::pin(tickets::samples(world))),
];
