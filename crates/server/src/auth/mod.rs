//! Who calls: access tokens, guest session tokens, the help desk header.

#[cfg(test)]
pub(crate) mod fixtures;
mod helpdesk;
pub(crate) mod scopes;
mod seal;
mod tokens;

pub(crate) use seal::Seal;

pub use helpdesk::{HEADER as HELPDESK_HEADER, helpdesk_of};
pub use scopes::{EMAIL, Granted, KNOWN as KNOWN_SCOPES, Scope, USER_ID, granted};
pub use tokens::{Bearer, GuestSession, TokenFault, Tokens, app_number, bearer};
