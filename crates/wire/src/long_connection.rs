//! Discovery of the long connection, and the answers that come back on it (reference: platform-protocol 6.1, 6.6).
//! Names are spelled as on the wire, in capitals.

use serde::{Deserialize, Serialize};

use crate::Code;

/// Something broke here or the server is stopping; every client tries again.
pub const INTERNAL_ERROR: Code = discovery(1_000_040_343, "internal error");
/// App id or secret is empty.
pub const NO_CREDENTIAL: Code = discovery(1_000_040_344, "app_id and app_secret are required");
/// The app is unknown, its secret is wrong, or it has no long connection. Clients give up.
pub const APP_INVALID: Code = discovery(1_000_040_345, "app_id or app_secret is invalid");
/// The app has as many connections as it may have. Clients give up.
pub const TOO_MANY_CONNECTIONS: Code = discovery(1_000_040_350, "the number of connections exceeded the limit");

/// `Handshake-Status` when the URL is not, or no longer, good. Clients ask for a new one, unless
/// `Handshake-Autherrcode` is [`TOO_MANY_CONNECTIONS`].
pub const HANDSHAKE_AUTH_FAILED: u16 = 514;
/// `Handshake-Status` when the app may not connect at all. Clients give up.
pub const HANDSHAKE_FORBIDDEN: u16 = 403;

// Errors come with 200: of any other status the clients keep neither code nor text.
const fn discovery(number: i64, msg: &'static str) -> Code {
    Code { number, http: 200, msg }
}

/// What a client asks discovery with.
#[derive(Debug, Clone, Deserialize)]
pub struct Ask {
    /// The app.
    #[serde(rename = "AppID")]
    pub app_id: String,
    /// Its secret; empty where a client means to use another credential.
    #[serde(rename = "AppSecret")]
    pub app_secret: String,
}

/// Discovery's answer; it has `data` even when it is a refusal, because Node tries for ever without.
#[derive(Debug, Clone, Serialize)]
pub struct Discovered {
    /// 0, or one of the codes above.
    pub code: i64,
    /// `ok`, or what is wrong.
    pub msg: String,
    /// Where to connect.
    pub data: Endpoint,
}

/// Where a client connects, and how it keeps the connection.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Endpoint {
    /// `ws://` or `wss://`; empty in a refusal.
    #[serde(rename = "URL")]
    pub url: String,
    /// Left out of a refusal.
    #[serde(rename = "ClientConfig", skip_serializing_if = "Option::is_none")]
    pub client_config: Option<ClientConfig>,
}

/// How a client keeps its connection. Every pong repeats it, and clients adopt it at once. All four always have to be
/// there, and above zero but for -1 reconnections: a client without a ping interval pings every millisecond.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientConfig {
    /// How often a lost connection is tried again; -1 for ever.
    #[serde(rename = "ReconnectCount")]
    pub reconnect_count: i64,
    /// Seconds between two tries.
    #[serde(rename = "ReconnectInterval")]
    pub reconnect_interval: i64,
    /// The first try comes after a random time of up to so many seconds.
    #[serde(rename = "ReconnectNonce")]
    pub reconnect_nonce: i64,
    /// Seconds between two pings of the client.
    #[serde(rename = "PingInterval")]
    pub ping_interval: i64,
}

/// The payload of an answer to an event. `headers` and `data`, which clients write in several forms, do not matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct EventAnswer {
    /// 200 acknowledges the event.
    pub code: i64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn answers_of_all_sdks_are_understood() {
        let texts = [
            r#"{"code": 200}"#,
            r#"{"code":200,"headers":null,"data":null}"#,
            r#"{"code":200,"headers":{"biz_rt":"0"}}"#,
            r#"{"code":200,"data":"eyJhIjoxfQ=="}"#,
            r#"{"code":200,"data":[123,34,125]}"#,
        ];
        for text in texts {
            assert_eq!(serde_json::from_str::<EventAnswer>(text).unwrap().code, 200, "{text}");
        }
        assert_eq!(serde_json::from_str::<EventAnswer>(r#"{"code":500}"#).unwrap().code, 500);
        assert!(serde_json::from_str::<EventAnswer>("{}").is_err());
    }

    #[test]
    fn names_are_spelled_as_clients_read_them() {
        let config =
            ClientConfig { reconnect_count: -1, reconnect_interval: 120, reconnect_nonce: 30, ping_interval: 120 };
        let written = serde_json::to_string(&config).unwrap();
        assert_eq!(written, r#"{"ReconnectCount":-1,"ReconnectInterval":120,"ReconnectNonce":30,"PingInterval":120}"#);
        let refusal = Discovered { code: APP_INVALID.number, msg: APP_INVALID.msg.into(), data: Endpoint::default() };
        let expected = json!({"code": 1_000_040_345, "msg": "app_id or app_secret is invalid", "data": {"URL": ""}});
        assert_eq!(serde_json::to_value(refusal).unwrap(), expected);
        let ask: Ask = serde_json::from_str(r#"{"AppID":"cli_1","AppSecret":"s","ChannelTag":"x"}"#).unwrap();
        assert_eq!((ask.app_id.as_str(), ask.app_secret.as_str()), ("cli_1", "s"));
        assert!(serde_json::from_str::<Ask>(r#"{"app_id":"cli_1","app_secret":"s"}"#).is_err());
    }
}
