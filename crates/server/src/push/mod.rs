//! Delivery of events to apps by webhook.
//!
//! *Who is who.* Use cases put events into the outbox ([`desk::outbox`]) in the transaction that causes them. The
//! supervisor ([`run`]) keeps one task for each webhook app, which sleeps until the app is owed something. Then a
//! session claims what is due, [`render`]s it for this app, sends it through [`webhook`], which calls only addresses
//! that [`safety`] lets pass, and records each attempt. An app whose request URL has not passed the URL check gets the
//! check before its first event.
//!
//! *Who wakes whom.* A commit that stores an event wakes the app's task at once, through the hub. Retries sleep on
//! the server's clock. Once a second the supervisor looks into the database for what no wake-up told: deliveries from before
//! the start, from other processes, and from a server that died and whose leases ran out.
//!
//! *What is guaranteed.* Every delivery is attempted until it is acknowledged or given up, and each attempt is on
//! record. An app that is slow or dead delays no other: each has a place of its own for a delivery on its way, and one
//! that does not answer at all gets no more than that. No transaction is open while a request is under way.
//!
//! *What is absent.* Order: deliveries of one app run side by side. Exactly once: an attempt whose record is lost is
//! made again, with the same `header.event_id`. Apps with a long connection, and webhook apps without URL, keep their
//! deliveries pending here.

pub mod crypto;
pub mod render;
pub mod safety;
mod session;
pub mod webhook;
mod worker;

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;

pub use worker::run;
