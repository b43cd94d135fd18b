//! What an operator may set. The command line layers flags over environment over file with [`PartialSettings::merge`];
//! [`PartialSettings::finish`] fills in defaults and checks every value.

mod embeddings;

use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::time::Duration;

use db::DatabaseUrl;
use ipnet::IpNet;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::limits::{self, Meter};

pub use embeddings::{Embeddings, Secret};

/// Whether developer controls exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// `deskwire dev`: developer controls, guests may name any `open_id`.
    Dev,
    /// `deskwire serve`: neither.
    Serve,
}

/// Whether calls are counted against the platform's limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RateLimits {
    /// The platform's tiers (reference: platform-protocol 4).
    Standard,
    /// No limits.
    Off,
}

/// The settings of a server, complete and checked.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Developer or production.
    pub mode: Mode,
    /// Where to listen; port 0 picks a free one.
    pub listen: SocketAddr,
    /// The database.
    pub database: DatabaseUrl,
    /// The only folder that is written to.
    pub data_dir: PathBuf,
    /// `tracing` filter.
    pub log: String,
    /// The address clients reach this server by, without a slash at the end.
    pub public_url: Option<String>,
    /// Whether events may go to addresses of private networks.
    pub allow_private_webhooks: bool,
    /// Whether calls are counted.
    pub rate_limits: RateLimits,
    /// The meters of endpoints whose limit the platform does not publish; none if they are not counted.
    pub special_rate_limit: Vec<Meter>,
    /// Proxies whose word on a client's address is taken.
    pub trusted_proxies: Vec<IpNet>,
    /// Desk files to apply before listening, in this order.
    pub apply: Vec<PathBuf>,
    /// Where sentence vectors come from; without one FAQs are found by their words alone.
    pub embeddings: Option<Embeddings>,
    /// Bytes that the FAQ indexes of all help desks together may take.
    pub index_memory: usize,
    /// How long the FAQ index of a help desk stays in memory without a question.
    pub index_idle: Duration,
    /// How many days the audit log goes back.
    pub audit_days: i64,
    /// Whether administrators may look at the latest calls of the open API.
    pub inspector: bool,
}

/// The keys of `deskwire.toml`. Each is also a flag (`--data-dir`) and an environment variable (`DESKWIRE_DATA_DIR`);
/// a flag wins over the environment, the environment over the file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PartialSettings {
    /// Address and port to listen on; port 0 picks a free one. Default `127.0.0.1:8420`.
    pub listen: Option<String>,
    /// `sqlite:PATH` or `postgres://USER:PASSWORD@HOST:PORT/NAME`; a relative PATH starts at `data_dir`.
    /// Default `sqlite:deskwire.db`.
    pub database: Option<String>,
    /// The only folder that is written to; made if missing. Default `./deskwire-data`.
    pub data_dir: Option<PathBuf>,
    /// Log filter in the syntax of `tracing`, such as `info` or `server=debug,info`. Default `info`.
    pub log: Option<String>,
    /// The address clients reach this server by, such as `https://desk.example.com`. Default: taken from each request.
    pub public_url: Option<String>,
    /// Whether events may be sent to loopback and private addresses. Default `false`, in `dev` `true`.
    pub allow_private_webhooks: Option<bool>,
    /// `standard` counts calls against the platform's limits, `off` does not. Default `standard`.
    pub rate_limits: Option<String>,
    /// The limit of endpoints for which the platform publishes none: `tier1` to `tier11` or `tier21`, calls in a period
    /// such as `100/min` or `1000/min,50/s`, or `off`. Default `tier4`, which is `1000/min,50/s`.
    pub special_rate_limit: Option<String>,
    /// Addresses and networks, separated by commas, of the proxies in front: from them `X-Forwarded-For` tells where a
    /// log-in comes from, and `X-Forwarded-Proto` whether it came by `https`; `none` for none. Default
    /// `127.0.0.0/8,::1`.
    pub trusted_proxies: Option<String>,
    /// Desk files to apply before listening, in this order. Default none.
    pub apply: Option<Vec<PathBuf>>,
    /// Folder of a sentence-embedding model (`config.json`, `tokenizer.json` or `vocab.txt`, `model.safetensors` or
    /// `model.onnx`) that finds FAQs by meaning too. Default none.
    pub model: Option<PathBuf>,
    /// The address of an OpenAI-compatible endpoint for embeddings instead, such as
    /// `https://api.example.com/v1/embeddings`. Default none.
    pub embeddings_url: Option<String>,
    /// The key of that endpoint; better given by the environment than on the command line. Default none.
    pub embeddings_key: Option<Secret>,
    /// The model's name at that endpoint; required with it.
    pub embeddings_model: Option<String>,
    /// MiB that the FAQ indexes of all help desks together may take, 1 to 1048576. Beyond it those of the help desks
    /// that were not asked for the longest leave memory, and the next question builds them again. Default 1024.
    pub index_memory: Option<u32>,
    /// Minutes, 1 to 525600, after its last question at which a help desk's FAQ index leaves memory anyway. Default 60.
    pub index_idle: Option<u32>,
    /// Days, 1 to 36500, that the audit log goes back. Default 400.
    pub audit_days: Option<u32>,
    /// Whether administrators may look at the latest 200 calls of the open API, masked; they are in memory alone, 5 MiB at
    /// most. Default `true`.
    pub inspector: Option<bool>,
}

/// A value that is not allowed. One line: key, value, what is allowed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{key}: value is {value}, allowed is {allowed}")]
pub struct SettingsError {
    /// The key as in the file.
    pub key: &'static str,
    /// The value as given, quoted; never a password.
    pub value: String,
    /// What is allowed.
    pub allowed: String,
}

fn fault(key: &'static str, value: impl std::fmt::Debug, allowed: impl Into<String>) -> SettingsError {
    SettingsError { key, value: format!("{value:?}"), allowed: allowed.into() }
}

impl PartialSettings {
    /// These settings, and `under` where they say nothing.
    #[must_use]
    pub fn merge(self, under: Self) -> Self {
        Self {
            listen: self.listen.or(under.listen),
            database: self.database.or(under.database),
            data_dir: self.data_dir.or(under.data_dir),
            log: self.log.or(under.log),
            public_url: self.public_url.or(under.public_url),
            allow_private_webhooks: self.allow_private_webhooks.or(under.allow_private_webhooks),
            rate_limits: self.rate_limits.or(under.rate_limits),
            special_rate_limit: self.special_rate_limit.or(under.special_rate_limit),
            trusted_proxies: self.trusted_proxies.or(under.trusted_proxies),
            apply: self.apply.or(under.apply),
            model: self.model.or(under.model),
            embeddings_url: self.embeddings_url.or(under.embeddings_url),
            embeddings_key: self.embeddings_key.or(under.embeddings_key),
            embeddings_model: self.embeddings_model.or(under.embeddings_model),
            index_memory: self.index_memory.or(under.index_memory),
            index_idle: self.index_idle.or(under.index_idle),
            audit_days: self.audit_days.or(under.audit_days),
            inspector: self.inspector.or(under.inspector),
        }
    }

    /// Fills in the defaults and checks every value.
    ///
    /// # Errors
    /// The first value that is not allowed.
    pub fn finish(self, mode: Mode) -> Result<Settings, SettingsError> {
        let data_dir = self.data_dir.unwrap_or_else(|| PathBuf::from("./deskwire-data"));
        if data_dir.as_os_str().is_empty() {
            return Err(fault("data_dir", "", "the path of a folder"));
        }
        let rate_limits = match self.rate_limits.as_deref() {
            None | Some("standard") => RateLimits::Standard,
            Some("off") => RateLimits::Off,
            Some(other) => return Err(fault("rate_limits", other, "standard or off")),
        };
        Ok(Settings {
            mode,
            listen: listen(self.listen.as_deref().unwrap_or("127.0.0.1:8420"))?,
            database: database(self.database.as_deref().unwrap_or("sqlite:deskwire.db"), &data_dir)?,
            data_dir,
            log: self.log.unwrap_or_else(|| "info".to_owned()),
            public_url: self.public_url.map(|url| public_url(&url)).transpose()?,
            allow_private_webhooks: self.allow_private_webhooks.unwrap_or(mode == Mode::Dev),
            rate_limits,
            special_rate_limit: special_rate_limit(self.special_rate_limit.as_deref().unwrap_or("tier4"))?,
            trusted_proxies: networks(self.trusted_proxies.as_deref().unwrap_or("127.0.0.0/8,::1"))?,
            apply: self.apply.unwrap_or_default(),
            embeddings: embeddings::finish(
                self.model,
                self.embeddings_url,
                self.embeddings_key,
                self.embeddings_model,
            )?,
            index_memory: index_memory(self.index_memory.unwrap_or(1_024))?,
            index_idle: index_idle(self.index_idle.unwrap_or(60))?,
            audit_days: audit_days(self.audit_days.unwrap_or(400))?,
            inspector: self.inspector.unwrap_or(true),
        })
    }
}

fn listen(text: &str) -> Result<SocketAddr, SettingsError> {
    let allowed = "an address and a port, such as 127.0.0.1:8420 or [::1]:0";
    if let Ok(address) = text.parse() {
        return Ok(address);
    }
    let named = text.to_socket_addrs().ok().and_then(|mut found| found.next());
    named.ok_or_else(|| fault("listen", text, allowed))
}

fn database(text: &str, data_dir: &Path) -> Result<DatabaseUrl, SettingsError> {
    match text.parse() {
        Ok(DatabaseUrl::Sqlite(path)) => Ok(DatabaseUrl::Sqlite(data_dir.join(path))),
        Ok(url) => Ok(url),
        // The text may hold a password, so only its beginning is shown.
        Err(_) => {
            let scheme = text.split_once(':').map_or("…", |(scheme, _)| scheme);
            let allowed = "sqlite:PATH or postgres://USER:PASSWORD@HOST:PORT/NAME";
            Err(fault("database", format!("{scheme}:…"), allowed))
        }
    }
}

fn special_rate_limit(text: &str) -> Result<Vec<Meter>, SettingsError> {
    let allowed = "tier1 to tier11 or tier21, calls in a period such as 100/min or 1000/min,50/s, or off";
    limits::read(text).ok_or_else(|| fault("special_rate_limit", text, allowed))
}

fn networks(text: &str) -> Result<Vec<IpNet>, SettingsError> {
    let allowed = "addresses and networks separated by commas, such as 10.0.0.5,192.168.0.0/16, or none for none";
    if text == "none" {
        return Ok(Vec::new());
    }
    let network = |part: &str| part.parse().or_else(|_| part.parse::<IpAddr>().map(IpNet::from));
    let networks: Result<Vec<IpNet>, _> = text.split(',').map(|part| network(part.trim())).collect();
    networks.map_err(|_| fault("trusted_proxies", text, allowed))
}

fn index_memory(mebibytes: u32) -> Result<usize, SettingsError> {
    let bytes = usize::try_from(mebibytes).ok().and_then(|mebibytes| mebibytes.checked_mul(1 << 20));
    let bytes = bytes.filter(|_| (1..=1 << 20).contains(&mebibytes));
    bytes.ok_or_else(|| fault("index_memory", mebibytes, "1 to 1048576, in MiB"))
}

fn index_idle(minutes: u32) -> Result<Duration, SettingsError> {
    if !(1..=525_600).contains(&minutes) {
        return Err(fault("index_idle", minutes, "1 to 525600, in minutes"));
    }
    Ok(Duration::from_mins(minutes.into()))
}

fn audit_days(days: u32) -> Result<i64, SettingsError> {
    if !(1..=36_500).contains(&days) {
        return Err(fault("audit_days", days, "1 to 36500, in days"));
    }
    Ok(days.into())
}

fn public_url(text: &str) -> Result<String, SettingsError> {
    let allowed = "http:// or https:// with a host and no path, such as https://desk.example.com";
    let url = text.trim_end_matches('/');
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    match host {
        Some(host) if !host.is_empty() && !host.contains(['/', '?', '#', '@', ' ']) => Ok(url.to_owned()),
        _ => Err(fault("public_url", text, allowed)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_layer_wins_and_defaults_fill_the_rest() {
        let flags = PartialSettings { log: Some("debug".into()), ..PartialSettings::default() };
        let file = PartialSettings {
            log: Some("warn".into()),
            data_dir: Some("/d".into()),
            public_url: Some("https://desk.example.com/".into()),
            ..PartialSettings::default()
        };
        let settings = flags.merge(file).finish(Mode::Serve).unwrap();
        assert_eq!(settings.log, "debug");
        assert_eq!(settings.listen.to_string(), "127.0.0.1:8420");
        assert_eq!(settings.database, DatabaseUrl::Sqlite("/d/deskwire.db".into()));
        assert_eq!(settings.public_url.as_deref(), Some("https://desk.example.com"));
        assert!(!settings.allow_private_webhooks);
        assert_eq!((settings.index_memory, settings.index_idle.as_secs()), (1 << 30, 3_600));
        assert!(PartialSettings::default().finish(Mode::Dev).unwrap().allow_private_webhooks);
    }

    #[test]
    fn a_wrong_value_is_one_line_with_key_value_and_what_is_allowed() {
        let cases = [
            (
                PartialSettings { listen: Some("here".into()), ..PartialSettings::default() },
                "listen: value is \"here\"",
            ),
            (
                PartialSettings { rate_limits: Some("no".into()), ..PartialSettings::default() },
                "rate_limits: value is \"no\", allowed is standard or off",
            ),
            (
                PartialSettings { special_rate_limit: Some("100/h".into()), ..PartialSettings::default() },
                "special_rate_limit: value is \"100/h\", allowed is tier1 to tier11 or tier21, calls in a period",
            ),
            (
                PartialSettings { trusted_proxies: Some("10.0.0.0/8,proxy".into()), ..PartialSettings::default() },
                "trusted_proxies: value is \"10.0.0.0/8,proxy\", allowed is addresses and networks",
            ),
            (
                PartialSettings { index_memory: Some(0), ..PartialSettings::default() },
                "index_memory: value is 0, allowed is 1 to 1048576, in MiB",
            ),
            (
                PartialSettings { index_idle: Some(525_601), ..PartialSettings::default() },
                "index_idle: value is 525601, allowed is 1 to 525600, in minutes",
            ),
            (
                PartialSettings { public_url: Some("desk/x".into()), ..PartialSettings::default() },
                "public_url: value is \"desk/x\"",
            ),
            (
                PartialSettings { database: Some("mysql://u:pw@h/d".into()), ..PartialSettings::default() },
                "database: value is \"mysql:…\"",
            ),
        ];
        for (settings, expected) in cases {
            let text = settings.finish(Mode::Serve).unwrap_err().to_string();
            assert!(text.starts_with(expected), "{text}");
            assert!(!text.contains('\n') && !text.contains("pw"), "{text}");
            assert!(text.contains("allowed is"), "{text}");
        }
    }

    #[test]
    fn unknown_keys_of_a_file_are_errors() {
        assert!(serde_json::from_str::<PartialSettings>(r#"{"listn":"x"}"#).is_err());
    }
}
