//! Delivery of events to apps, by webhook or by long connection.
//!
//! *Who is who.* Use cases put events into the outbox ([`desk::outbox`]) in the transaction that causes them. The
//! supervisor ([`run`]) keeps one task for each app that takes events, which sleeps until the app is owed something.
//! Then a session claims what is due, makes an [`attempt`] at each, and records it. An attempt [`render`]s the event
//! for this app and sends it through [`webhook`], which calls only addresses that [`safety`] lets pass, or on one of
//! the app's [long connections](crate::long_connection). An app whose request URL has not passed the URL check gets
//! the check before its first event.
//!
//! *Who wakes whom.* A commit that stores an event wakes the app's task at once, through the hub; so does a connection
//! that is opened, and what other servers tell. Retries sleep on the server's clock. Every 5 s, or within a second of
//! news that somebody wrote, the supervisor looks into the database for what no wake-up told: deliveries from before the
//! start, from other processes, and from a server that died and whose leases ran out.
//!
//! *What is guaranteed.* Every delivery is attempted until it is acknowledged or given up, and each attempt is on
//! record. An app that is slow or dead delays no other: each has a place of its own for a delivery on its way, and one
//! that does not answer at all gets no more than that, or only a probe now and then ([`breaker`]). The events of one
//! ticket arrive one after another, as they happened, while nothing fails. No transaction is open while a request is
//! under way.
//!
//! *Apps without a connection.* A server claims the deliveries of a long-connection app only while a connection is
//! live there. If no server has one, somebody puts failed attempts on record by the schedule; when a connection comes,
//! what only waited for it goes at once.
//!
//! *What is absent.* Order between tickets: their deliveries run side by side. Exactly once: an attempt whose record is
//! lost is made again, with the same `header.event_id`. Webhook apps without URL keep their deliveries pending here.

pub mod attempt;
pub(crate) mod breaker;
pub mod crypto;
pub mod curl;
pub mod render;
pub mod safety;
mod session;
pub mod shape;
pub(crate) mod standing;
pub mod webhook;
mod worker;

#[cfg(test)]
pub(crate) mod samples;
#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests wait for tasks in real time")]
mod tests;

pub use worker::run;
