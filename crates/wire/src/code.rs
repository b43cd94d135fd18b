//! Every code this product answers, with its HTTP status and text.
//!
//! Numbers and texts are the platform's (reference: platform-protocol 2.1, 3.1; helpdesk-v1 10). Clients branch on the
//! number; `error.message` beside it says what happened in this very case.

/// One row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Code {
    /// The envelope's `code`; 0 is success.
    pub number: i64,
    /// The HTTP status it comes with.
    pub http: u16,
    /// The envelope's `msg`.
    pub msg: &'static str,
}

const fn code(number: i64, http: u16, msg: &'static str) -> Code {
    Code { number, http, msg }
}

const INVALID_TOKEN: &str = "Invalid access token for authorization. Please make a request with token attached.";
const NO_ACCESS: &str = "Please check you have the correct access";

/// Makes the constants, the list of all and their meanings from one table, so that a row is written once.
macro_rules! table {
    ($($(#[doc = $doc:literal])+ pub const $name:ident: Self = $row:expr;)+) => {
        impl Code {
            $($(#[doc = $doc])+ pub const $name: Self = $row;)+

            /// The whole table.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// What a row means, in the words of its comment; for the API document.
            pub fn meaning(self) -> &'static str {
                match self {
                    $(Self::$name => concat!($($doc),+).trim_ascii(),)+
                    _ => self.msg,
                }
            }
        }
    };
}

table! {
    /// It worked.
    pub const SUCCESS: Self = code(0, 200, "success");

    /// A parameter or the body is wrong.
    pub const BAD_REQUEST: Self = code(154_000, 400, "Bad request, please check your request body");
    /// The help desk header is wrong, or app and help desk belong to different tenants.
    pub const UNAUTHORIZED: Self = code(154_001, 401, "Unauthorized, please check you have the correct access");
    /// The caller may not do this.
    pub const FORBIDDEN: Self = code(154_003, 403, NO_ACCESS);
    /// The same on `ticket_message.create`, where it comes with 401.
    pub const FORBIDDEN_401: Self = code(154_003, 401, NO_ACCESS);
    /// An id names nothing.
    pub const NOT_FOUND: Self = code(154_004, 404, "Resource not found");
    /// The operation is not for this caller (push pages).
    pub const METHOD_FORBIDDEN: Self = code(154_005, 405, "Method Forbidden");
    /// The ticket is closed.
    pub const TICKET_CLOSED: Self = code(154_401, 401, "Ticket already be closed");
    /// The user is outside the help desk's visibility.
    pub const NOT_VISIBLE: Self = code(154_402, 401, "Helpdesk can't be see by user");
    /// The message holds a link that is not allowed.
    pub const BAD_URL: Self = code(154_403, 401, "Send message with bad url");
    /// The picture is gone.
    pub const IMAGE_DELETED: Self = code(154_404, 401, "Image might be deleted");
    /// Something broke here.
    pub const INTERNAL: Self = code(155_000, 500, "Internal error");
    /// Too much to do at the moment, or the database is away; worth another try.
    pub const BUSY: Self = code(155_000, 503, "Internal error");
    /// A wrong agent status; the platform spells it so.
    pub const AGENT_STATUS: Self = code(150_001, 400, "param is invalis");

    /// No `Authorization: Bearer …`.
    pub const TOKEN_MISSING: Self =
        code(99_991_661, 400, "Missing access token for authorization. Please make a request with token attached.");
    /// The app is switched off.
    pub const APP_NOT_IN_USE: Self = code(99_991_662, 400, "app not in use");
    /// The tenant token is wrong or expired, or this API takes user tokens only.
    pub const TENANT_TOKEN_INVALID: Self = code(99_991_663, 400, INVALID_TOKEN);
    /// The app token is wrong.
    pub const APP_TOKEN_INVALID: Self = code(99_991_664, 400, "invalid app token");
    /// The user token is wrong, or this API takes no user tokens.
    pub const USER_TOKEN_INVALID: Self = code(99_991_668, 400, INVALID_TOKEN);
    /// The token starts with neither `t-` nor `u-`.
    pub const TOKEN_MALFORMED: Self = code(99_991_671, 400, "Invalid token: must start with t-/u-");
    /// The app lacks the scope. The answer's `msg` goes on with the scopes.
    pub const SCOPE_MISSING: Self = code(99_991_672, 400, "Access denied. One of the following scopes is required: ");
    /// The app is not installed in the tenant.
    pub const APP_UNAUTHORIZED: Self = code(99_991_673, 400, "unauthorized app");
    /// The user token expired.
    pub const USER_TOKEN_EXPIRED: Self = code(99_991_677, 400, "token expire");
    /// The user has not granted the scope.
    pub const USER_SCOPE_MISSING: Self = code(
        99_991_679,
        400,
        "Unauthorized. You do not have permission to perform the requested operation on the resource. Please request user re-authorization and try again.",
    );
    /// Too many calls.
    pub const RATE_LIMITED: Self = code(99_991_400, 429, "request trigger frequency limit");
    /// The body is not JSON, or a value has the wrong JSON type.
    pub const NOT_JSON: Self = code(9_499, 400, "Bad Request");
    /// A field or parameter is missing or out of range.
    pub const FIELD_INVALID: Self = code(99_992_402, 400, "field validation failed");
    /// An `open_id` names nobody. The platform's text ends with the ids.
    pub const OPEN_ID_UNKNOWN: Self = code(99_992_351, 400, "these open ids not existed");
    /// An `open_id` belongs to another app.
    pub const OPEN_ID_CROSS_APP: Self = code(99_992_361, 400, "open_id cross app");
    /// An id belongs to another tenant.
    pub const USER_CROSS_TENANT: Self = code(99_992_364, 400, "user id cross tenant");

    /// Token endpoint: the app id is unknown or malformed, or a field is missing. Comes with 200, as all its errors do.
    pub const TOKEN_PARAM: Self = code(10_003, 200, "invalid param");
    /// Token endpoint: the secret is wrong.
    pub const APP_SECRET: Self = code(10_014, 200, "app secret invalid");

    /// OAuth: a parameter is missing.
    pub const OAUTH_PARAM_MISSING: Self = code(20_001, 400, "parameter missing");
    /// OAuth: the secret is wrong.
    pub const OAUTH_SECRET: Self = code(20_002, 400, "client secret invalid");
    /// OAuth: no such code.
    pub const OAUTH_CODE_UNKNOWN: Self = code(20_003, 400, "code not found");
    /// OAuth: the code is older than 5 minutes.
    pub const OAUTH_CODE_EXPIRED: Self = code(20_004, 400, "code expired");
    /// OAuth: the user is not there any more.
    pub const OAUTH_USER_GONE: Self = code(20_008, 400, "user does not exist");
    /// OAuth: the code or refresh token is another app's.
    pub const OAUTH_OTHER_CLIENT: Self = code(20_024, 400, "issued to another client");
    /// OAuth: no such refresh token.
    pub const OAUTH_REFRESH_UNKNOWN: Self = code(20_026, 400, "refresh token invalid");
    /// OAuth: the log-in page was asked for a scope that the app does not have.
    pub const OAUTH_SCOPE_NOT_OF_APP: Self = code(20_027, 400, "scope not requested for the app");
    /// OAuth: this grant type is not supported here.
    pub const OAUTH_GRANT_TYPE: Self = code(20_036, 400, "grant type not supported");
    /// OAuth: the refresh token has expired.
    pub const OAUTH_REFRESH_EXPIRED: Self = code(20_037, 400, "refresh token expired");
    /// OAuth: no such app.
    pub const OAUTH_APP_UNKNOWN: Self = code(20_048, 400, "app does not exist");
    /// OAuth: the code verifier is missing or wrong.
    pub const OAUTH_PKCE: Self = code(20_049, 400, "PKCE check failed");
    /// OAuth: something broke here.
    pub const OAUTH_INTERNAL: Self = code(20_050, 500, "server error");
    /// OAuth: the request cannot be read.
    pub const OAUTH_MALFORMED: Self = code(20_063, 400, "malformed request");
    /// OAuth: the refresh token was revoked.
    pub const OAUTH_REFRESH_REVOKED: Self = code(20_064, 400, "refresh token revoked");
    /// OAuth: the code was used.
    pub const OAUTH_CODE_USED: Self = code(20_065, 400, "code used already");
    /// OAuth: the user may not log in any more.
    pub const OAUTH_USER_STATUS: Self = code(20_066, 400, "user status invalid");
    /// OAuth: a scope is named twice.
    pub const OAUTH_SCOPE_TWICE: Self = code(20_067, 400, "duplicate scope");
    /// OAuth: a scope was not granted.
    pub const OAUTH_SCOPE_NOT_GRANTED: Self = code(20_068, 400, "scope not granted");
    /// OAuth: the app's secret came in the header and in the body.
    pub const OAUTH_TWO_CREDENTIALS: Self = code(20_070, 400, "two kinds of client authentication");
    /// OAuth: the redirect URI is not allowed, or not the one of the code.
    pub const OAUTH_REDIRECT: Self = code(20_071, 400, "redirect_uri differs");
    /// OAuth: too much to do, or the database is away; worth another try.
    pub const OAUTH_BUSY: Self = code(20_072, 503, "service unavailable");
    /// OAuth: the refresh token was used.
    pub const OAUTH_REFRESH_USED: Self = code(20_073, 400, "refresh token used already");
    /// OAuth: the app may not refresh tokens.
    pub const OAUTH_REFRESH_OFF: Self = code(20_074, 400, "refreshing is not switched on");

}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn each_number_and_status_stands_once() {
        let rows: HashSet<_> = Code::ALL.iter().map(|c| (c.number, c.http)).collect();
        assert_eq!(rows.len(), Code::ALL.len());
    }

    #[test]
    fn a_meaning_is_the_comment_of_its_row() {
        assert_eq!(Code::TICKET_CLOSED.meaning(), "The ticket is closed.");
        assert!(Code::ALL.iter().all(|code| code.meaning().ends_with('.')));
        assert_eq!(code(1, 400, "text").meaning(), "text");
    }

    #[test]
    fn only_success_and_the_token_endpoint_answer_with_200() {
        for code in Code::ALL {
            let with_200 = code.number == 0 || (10_000..20_000).contains(&code.number);
            assert_eq!(code.http == 200, with_200, "{code:?}");
            assert!(!code.msg.is_empty());
        }
    }
}
