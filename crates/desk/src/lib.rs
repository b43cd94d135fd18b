//! The help desk itself: tickets, FAQs, guests, answers, the outbox. Rules and their SQL.
//!
//! Every use case is a plain function over one transaction: it reads, decides, and either writes the change
//! together with its events or refuses and writes nothing. There is no HTTP here, no async, and no open-API shape;
//! what the outside reads is made in `server` from the types of this crate.
//!
//! Times are Unix milliseconds taken from [`Cx::now`]; ids and randomness come from [`Cx::ids`].

pub mod admin;
pub mod agent;
pub mod answer;
pub mod answering;
pub mod audit;
pub mod calibration;
pub mod category;
pub mod console;
pub mod cx;
pub mod delivery;
pub mod deskfile;
pub mod directory;
pub mod event;
pub mod faq;
pub mod field;
pub mod gap;
pub mod guest;
pub mod ids;
pub mod image;
pub mod language;
mod lookup;
pub mod message;
pub mod node;
pub mod notification;
pub mod oauth;
pub mod outbox;
pub mod person;
pub mod question;
pub mod refusal;
pub mod replay;
pub mod report;
pub mod secret;
pub mod skill;
pub mod snapshot;
pub mod subscription;
pub mod synonym;
#[cfg(test)]
mod test_db;
pub mod threshold;
pub mod ticket;
pub mod timeline;
pub mod vault;

pub use cx::{Cx, Effect};
pub use directory::Directory;
pub use refusal::{Kind, Refusal};

/// The schema, in the order in which it grew. Applied by `db::Db::migrate`.
pub const MIGRATIONS: &[db::Migration] = &[
    db::Migration { name: "0001_init", sql: include_str!("../../../migrations/0001_init.sql") },
    db::Migration { name: "0002_agents", sql: include_str!("../../../migrations/0002_agents.sql") },
    db::Migration { name: "0003_tickets", sql: include_str!("../../../migrations/0003_tickets.sql") },
    db::Migration { name: "0004_fields", sql: include_str!("../../../migrations/0004_fields.sql") },
    db::Migration { name: "0005_notifications", sql: include_str!("../../../migrations/0005_notifications.sql") },
    db::Migration { name: "0006_oauth", sql: include_str!("../../../migrations/0006_oauth.sql") },
    db::Migration { name: "0007_event_order", sql: include_str!("../../../migrations/0007_event_order.sql") },
    db::Migration { name: "0008_faq_vectors", sql: include_str!("../../../migrations/0008_faq_vectors.sql") },
    db::Migration { name: "0009_admin", sql: include_str!("../../../migrations/0009_admin.sql") },
    db::Migration { name: "0010_deliveries", sql: include_str!("../../../migrations/0010_deliveries.sql") },
    db::Migration { name: "0011_outcomes", sql: include_str!("../../../migrations/0011_outcomes.sql") },
    db::Migration { name: "0012_calibration", sql: include_str!("../../../migrations/0012_calibration.sql") },
    db::Migration { name: "0013_explanation", sql: include_str!("../../../migrations/0013_explanation.sql") },
    db::Migration { name: "0014_cases", sql: include_str!("../../../migrations/0014_cases.sql") },
    db::Migration { name: "0015_gaps", sql: include_str!("../../../migrations/0015_gaps.sql") },
    db::Migration { name: "0016_console", sql: include_str!("../../../migrations/0016_console.sql") },
    db::Migration { name: "0017_search", sql: include_str!("../../../migrations/0017_search.sql") },
    db::Migration { name: "0018_audit", sql: include_str!("../../../migrations/0018_audit.sql") },
    db::Migration { name: "0020_reports", sql: include_str!("../../../migrations/0020_reports.sql") },
    db::Migration { name: "0021_settings", sql: include_str!("../../../migrations/0021_settings.sql") },
    db::Migration { name: "0022_faq_history", sql: include_str!("../../../migrations/0022_faq_history.sql") },
    db::Migration { name: "0023_accounts", sql: include_str!("../../../migrations/0023_accounts.sql") },
    db::Migration { name: "0024_one_email_index", sql: include_str!("../../../migrations/0024_one_email_index.sql") },
    db::Migration { name: "0025_people_and_desks", sql: include_str!("../../../migrations/0025_people_and_desks.sql") },
    db::Migration { name: "0026_rejected_drafts", sql: include_str!("../../../migrations/0026_rejected_drafts.sql") },
    db::Migration {
        name: "0027_description_and_picture",
        sql: include_str!("../../../migrations/0027_description_and_picture.sql"),
    },
];
