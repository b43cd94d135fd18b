//! Access tokens that describe themselves and are authenticated, so that they survive restarts and need no lookup.
//!
//! A tenant token is not stored either, and yet comes back the same while it has 30 minutes or more left (reference:
//! platform-protocol 2.1): an app's life is cut into slots of 90 minutes from its making; the token of a slot starts
//! with it and lives two hours.

use std::sync::Arc;

use desk::directory::{App, Directory};
use desk::ids::Ids;
use desk::vault::Vault;
use wire::Code;

use super::scopes::Granted;
use super::seal::Seal;

const LIFE_MS: i64 = 7_200_000;
const SLOT_MS: i64 = 5_400_000;
const GUEST_LIFE_MS: i64 = 30 * 86_400_000;
const TENANT: u8 = 1;
const GUEST: u8 = 3;
// 2 was a user token without scopes.
const USER: u8 = 4;

/// Why a token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenFault {
    /// The code to answer with.
    pub code: Code,
    /// A sentence for people; never the token.
    pub message: &'static str,
}

const fn fault(code: Code, message: &'static str) -> TokenFault {
    TokenFault { code, message }
}

/// Whose token it is.
#[derive(Debug, Clone)]
pub enum Bearer {
    /// An app in its tenant.
    Tenant {
        /// The app.
        app: Arc<App>,
    },
    /// A user through an app.
    User {
        /// The app.
        app: Arc<App>,
        /// The user's id.
        user_id: String,
        /// What the user has granted to the app.
        granted: Granted,
    },
}

/// What a guest's session token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuestSession {
    /// The tenant.
    pub tenant: String,
    /// The help desk.
    pub helpdesk_id: i64,
    /// The guest's user id.
    pub user_id: String,
    /// The guest's chat with that help desk.
    pub chat_id: String,
    /// When the session ends, Unix ms.
    pub expires_at: i64,
}

/// Makes and checks tokens.
#[derive(Debug, Clone)]
pub struct Tokens {
    access: Seal,
    guest: Seal,
}

/// The number behind `cli_` and 16 lower-case hex digits; `None` for any other form.
pub fn app_number(app_id: &str) -> Option<u64> {
    let digits = app_id.strip_prefix("cli_")?;
    let well_formed = digits.len() == 16 && digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if well_formed { u64::from_str_radix(digits, 16).ok() } else { None }
}

/// The token behind `Bearer `.
///
/// # Errors
/// The header is missing or has another form (reference: platform-protocol 3.1).
pub fn bearer(header: Option<&[u8]>) -> Result<&str, TokenFault> {
    const MISSING: TokenFault =
        fault(Code::TOKEN_MISSING, "the Authorization header is missing; send Authorization: Bearer <access token>");
    const FORM: TokenFault =
        fault(Code::TOKEN_MISSING, "the Authorization header must be Bearer, one space and an access token");
    let token = header.ok_or(MISSING)?.strip_prefix(b"Bearer ").ok_or(FORM)?;
    match std::str::from_utf8(token) {
        Ok(token) if !token.is_empty() => Ok(token),
        _ => Err(FORM),
    }
}

impl Tokens {
    /// Tokens under keys of `vault`.
    pub fn new(vault: &Vault) -> Self {
        Self { access: Seal::new(vault.key("access-token")), guest: Seal::new(vault.key("guest-session")) }
    }

    /// The app's tenant token at `now_ms` and the whole seconds it has left (1800 to 7200); `None` if the app id is
    /// not `cli_` and 16 lower-case hex digits.
    pub fn tenant(&self, app: &App, now_ms: i64) -> Option<(String, i64)> {
        let started_s = slot_start_s(app.created_at, now_ms);
        let mut payload = Vec::with_capacity(21);
        payload.push(TENANT);
        payload.extend_from_slice(&app_number(&app.app_id)?.to_be_bytes());
        payload.extend_from_slice(&version(app).to_be_bytes());
        payload.extend_from_slice(&started_s.to_be_bytes());
        let left_ms = started_s * 1000 + LIFE_MS - now_ms;
        Some((self.access.seal("t-", &payload), left_ms.div_euclid(1000)))
    }

    /// A fresh user token and the whole seconds it lives; `None` as for [`Self::tenant`].
    pub fn user(&self, app: &App, user_id: &str, granted: Granted, ids: &Ids, now_ms: i64) -> Option<(String, i64)> {
        let mut payload = Vec::with_capacity(33 + user_id.len());
        payload.push(USER);
        payload.extend_from_slice(&app_number(&app.app_id)?.to_be_bytes());
        payload.extend_from_slice(&version(app).to_be_bytes());
        payload.extend_from_slice(&(now_ms + LIFE_MS).to_be_bytes());
        payload.extend_from_slice(&ids.bytes::<8>());
        payload.extend_from_slice(&granted.to_bytes());
        payload.extend_from_slice(user_id.as_bytes());
        Some((self.access.seal("u-", &payload), LIFE_MS / 1000))
    }

    /// Whose access token this is at `now_ms`.
    ///
    /// # Errors
    /// Which code the platform has for it (reference: platform-protocol 3.1).
    pub fn verify(&self, token: &str, directory: &Directory, now_ms: i64) -> Result<Bearer, TokenFault> {
        if let Some(text) = token.strip_prefix("t-") {
            self.verify_tenant(text, directory, now_ms)
        } else if let Some(text) = token.strip_prefix("u-") {
            self.verify_user(text, directory, now_ms)
        } else {
            Err(fault(Code::TOKEN_MALFORMED, "an access token starts with t- (tenant) or u- (user)"))
        }
    }

    fn verify_tenant(&self, text: &str, directory: &Directory, now_ms: i64) -> Result<Bearer, TokenFault> {
        const FOREIGN: TokenFault = fault(Code::TENANT_TOKEN_INVALID, "this tenant access token was not made here");
        const VOID: TokenFault = fault(
            Code::TENANT_TOKEN_INVALID,
            "this tenant access token is void: its app is gone or got a new secret; ask for a new token",
        );
        const EXPIRED: TokenFault =
            fault(Code::TENANT_TOKEN_INVALID, "this tenant access token has expired; ask for a new one");
        let opened = self.access.open(text).ok_or(FOREIGN)?;
        let mut fields = Fields(opened.payload());
        let head = fields.head(TENANT).ok_or(FOREIGN)?;
        let started_s = fields.int().ok_or(FOREIGN)?;
        let app = head.app(directory).ok_or(VOID)?;
        let ends_ms = started_s.saturating_mul(1000).saturating_add(LIFE_MS);
        if now_ms < ends_ms { Ok(Bearer::Tenant { app: Arc::clone(app) }) } else { Err(EXPIRED) }
    }

    fn verify_user(&self, text: &str, directory: &Directory, now_ms: i64) -> Result<Bearer, TokenFault> {
        const FOREIGN: TokenFault = fault(Code::USER_TOKEN_INVALID, "this user access token was not made here");
        const VOID: TokenFault = fault(
            Code::USER_TOKEN_INVALID,
            "this user access token is void: its app is gone or got a new secret; ask for a new token",
        );
        const EXPIRED: TokenFault =
            fault(Code::USER_TOKEN_EXPIRED, "this user access token has expired; ask for a new one");
        let opened = self.access.open(text).ok_or(FOREIGN)?;
        let mut fields = Fields(opened.payload());
        let head = fields.head(USER).ok_or(FOREIGN)?;
        let ends_ms = fields.int().ok_or(FOREIGN)?;
        let _nonce = fields.int().ok_or(FOREIGN)?;
        let granted = fields.take().map(Granted::from_bytes).ok_or(FOREIGN)?;
        let user_id = std::str::from_utf8(fields.0).map_err(|_| FOREIGN)?;
        let app = head.app(directory).ok_or(VOID)?;
        if now_ms < ends_ms {
            Ok(Bearer::User { app: Arc::clone(app), user_id: user_id.to_owned(), granted })
        } else {
            Err(EXPIRED)
        }
    }

    /// A guest's session token, good for 30 days from `now_ms`.
    pub fn guest(&self, tenant: &str, helpdesk_id: i64, user_id: &str, chat_id: &str, now_ms: i64) -> String {
        let mut payload = Vec::with_capacity(64 + tenant.len() + user_id.len() + chat_id.len());
        payload.push(GUEST);
        payload.extend_from_slice(&helpdesk_id.to_be_bytes());
        payload.extend_from_slice(&(now_ms + GUEST_LIFE_MS).to_be_bytes());
        // No id holds a NUL: the database takes none.
        payload.extend_from_slice([tenant, user_id, chat_id].join("\0").as_bytes());
        self.guest.seal("g-", &payload)
    }

    /// What a guest's session token says; `None` if it was not made here or has ended.
    pub fn verify_guest(&self, token: &str, now_ms: i64) -> Option<GuestSession> {
        let opened = self.guest.open(token.strip_prefix("g-")?)?;
        let (&GUEST, rest) = opened.payload().split_first()? else { return None };
        let mut fields = Fields(rest);
        let (helpdesk_id, expires_at) = (fields.int()?, fields.int()?);
        let mut names = std::str::from_utf8(fields.0).ok()?.split('\0');
        let session = GuestSession {
            tenant: names.next()?.to_owned(),
            helpdesk_id,
            user_id: names.next()?.to_owned(),
            chat_id: names.next()?.to_owned(),
            expires_at,
        };
        (now_ms < expires_at).then_some(session)
    }
}

// A secret is replaced by hand, so 32 bits of version are plenty.
fn version(app: &App) -> u32 {
    u32::try_from(app.secret_version).unwrap_or(u32::MAX)
}

/// When the slot of `now_ms` began, Unix seconds. The last instant of a slot, when its token has exactly 30 minutes
/// left, still belongs to it.
fn slot_start_s(created_ms: i64, now_ms: i64) -> i64 {
    let origin_s = created_ms.div_euclid(1000);
    let age_ms = now_ms - origin_s * 1000;
    let slot = if age_ms == 0 { 0 } else { (age_ms - 1).div_euclid(SLOT_MS) };
    origin_s + slot * (SLOT_MS / 1000)
}

/// Reads a payload field by field.
struct Fields<'a>(&'a [u8]);

struct Head {
    app_number: u64,
    version: u32,
}

impl Fields<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (first, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*first)
    }

    fn int(&mut self) -> Option<i64> {
        self.take().map(i64::from_be_bytes)
    }

    fn head(&mut self, kind: u8) -> Option<Head> {
        let [given] = self.take()?;
        let head =
            Head { app_number: self.take().map(u64::from_be_bytes)?, version: self.take().map(u32::from_be_bytes)? };
        (given == kind).then_some(head)
    }
}

impl Head {
    /// The app, if it is still there with the secret the token was made under.
    fn app<'d>(&self, directory: &'d Directory) -> Option<&'d Arc<App>> {
        let mut id = *b"cli_0000000000000000";
        hex::encode_to_slice(self.app_number.to_be_bytes(), &mut id[4..]).expect("8 bytes are 16 hex digits");
        let id = std::str::from_utf8(&id).expect("hex digits are ASCII");
        directory.apps.get(id).filter(|app| version(app) == self.version)
    }
}

#[cfg(test)]
#[path = "tokens_tests.rs"]
mod tests;
