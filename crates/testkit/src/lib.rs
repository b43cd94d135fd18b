//! What tests share: a server on either database with a clock that stands still, a desk to ask, a receiver of events,
//! and a look at every row. A dev-dependency only.

#![expect(clippy::missing_panics_doc, reason = "tests fail by panicking")]

pub mod api;
pub mod database;
pub mod rows;
pub mod server;
pub mod sink;

pub use api::{Answer, Call};
pub use database::Database;
pub use server::{Options, TestServer};
pub use sink::Sink;

/// Runs an async test once on each database: `on_both! { async fn name(database) { … } }` makes the tests
/// `name::sqlite` and `name::postgres`.
#[macro_export]
macro_rules! on_both {
    ($($(#[$meta:meta])* async fn $name:ident($database:ident) $body:block)*) => {$(
        $(#[$meta])*
        mod $name {
            use super::*;

            async fn run($database: $crate::Database) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                run($crate::Database::sqlite()).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                run($crate::Database::postgres()).await;
            }
        }
    )*};
}
