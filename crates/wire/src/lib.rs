//! Open-API shapes exactly as SDKs send and read them: codes, envelope, resources, event bodies,
//! frames of the long connection.
//!
//! Nothing here knows the domain. Members without a value are left out, never `null`
//! (reference: helpdesk-v1.json `wire.null_handling`). Ids are decimal digits in strings. Unknown members of requests
//! are ignored, because SDKs share models between endpoints.

pub mod agent;
pub mod category;
pub mod code;
pub mod envelope;
pub mod event;
pub mod faq;
pub mod field;
pub mod flex;
pub mod frame;
pub mod long_connection;
pub mod message;
pub mod notification;
pub mod oauth;
pub mod skill;
pub mod ticket;
pub mod token;
pub mod user;

pub use code::Code;
pub use envelope::Nothing;
