//! Settings from flags over environment over file.

use std::path::{Path, PathBuf};

use server::settings::{Mode, PartialSettings, Settings};

use crate::cli::{ServerFlags, StoreFlags};
use crate::fail::Failure;

/// The folder of a developer server in the data folder.
pub const DEV: &str = "dev";

/// The settings of a production server, with logging started.
pub fn serve(flags: ServerFlags) -> Result<Settings, Failure> {
    let settings = partial(flags, &environment)?.finish(Mode::Serve)?;
    start_log(&settings.log)?;
    Ok(settings)
}

/// The settings of a developer server, with logging started, and whether the operator names the database: then its
/// data is kept. Its data folder is one in the operator's.
pub fn dev(flags: ServerFlags) -> Result<(Settings, bool), Failure> {
    let mut settings = partial(flags, &environment)?;
    let keeps_data = settings.database.is_some();
    let data_dir = settings.data_dir.take().unwrap_or_else(|| PathBuf::from("./deskwire-data"));
    // An empty path stays one, for the check to find.
    settings.data_dir = Some(if data_dir.as_os_str().is_empty() { data_dir } else { data_dir.join(DEV) });
    let settings = settings.finish(Mode::Dev)?;
    start_log(&settings.log)?;
    Ok((settings, keeps_data))
}

/// The settings of a command that does not listen: only its log says less than a server's.
pub fn store(flags: StoreFlags) -> Result<Settings, Failure> {
    // A whole desk file is one long transaction, which is nothing to warn of here.
    let quiet = PartialSettings { log: Some("warn,db=error".into()), ..PartialSettings::default() };
    let flags = ServerFlags { store: flags, ..ServerFlags::default() };
    let settings = partial(flags, &environment)?.merge(quiet).finish(Mode::Serve)?;
    start_log(&settings.log)?;
    Ok(settings)
}

/// The settings before defaults.
fn partial(flags: ServerFlags, env: &dyn Fn(&str) -> Option<String>) -> Result<PartialSettings, Failure> {
    let env = |name: &str| env(&format!("DESKWIRE_{name}")).filter(|value| !value.is_empty());
    let config = flags.store.config.clone().or_else(|| env("CONFIG").map(PathBuf::from));
    let flag = |key, value: Option<String>| value.map(|value| switch(key, &value)).transpose();
    let from_flags = PartialSettings {
        listen: flags.listen,
        database: flags.store.database,
        data_dir: flags.store.data_dir,
        log: flags.store.log,
        public_url: flags.public_url,
        allow_private_webhooks: flag("allow_private_webhooks", flags.allow_private_webhooks)?,
        rate_limits: flags.rate_limits,
        special_rate_limit: flags.special_rate_limit,
        trusted_proxies: flags.trusted_proxies,
        apply: flags.apply,
        model: flags.model,
        embeddings_url: flags.embeddings_url,
        embeddings_key: flags.embeddings_key.map(Into::into),
        embeddings_model: flags.embeddings_model,
        index_memory: count("index_memory", flags.index_memory)?,
        index_idle: count("index_idle", flags.index_idle)?,
        audit_days: count("audit_days", flags.audit_days)?,
        inspector: flag("inspector", flags.inspector)?,
    };
    let from_environment = PartialSettings {
        listen: env("LISTEN"),
        database: env("DATABASE"),
        data_dir: env("DATA_DIR").map(PathBuf::from),
        log: env("LOG"),
        public_url: env("PUBLIC_URL"),
        allow_private_webhooks: flag("allow_private_webhooks", env("ALLOW_PRIVATE_WEBHOOKS"))?,
        rate_limits: env("RATE_LIMITS"),
        special_rate_limit: env("SPECIAL_RATE_LIMIT"),
        trusted_proxies: env("TRUSTED_PROXIES"),
        model: env("MODEL").map(PathBuf::from),
        embeddings_url: env("EMBEDDINGS_URL"),
        embeddings_key: env("EMBEDDINGS_KEY").map(Into::into),
        embeddings_model: env("EMBEDDINGS_MODEL"),
        index_memory: count("index_memory", env("INDEX_MEMORY"))?,
        index_idle: count("index_idle", env("INDEX_IDLE"))?,
        audit_days: count("audit_days", env("AUDIT_DAYS"))?,
        inspector: flag("inspector", env("INSPECTOR"))?,
        // As in PATH, because a file's name may hold a comma.
        apply: env("APPLY").map(|list| std::env::split_paths(&list).collect()),
    };
    let from_file = config.map(|path| read(&path)).transpose()?.unwrap_or_default();
    Ok(from_flags.merge(from_environment).merge(from_file))
}

fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn switch(key: &str, value: &str) -> Result<bool, Failure> {
    match value {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(Failure::config(format!("{key}: value is {value:?}, allowed is true or false"))),
    }
}

fn count(key: &str, value: Option<String>) -> Result<Option<u32>, Failure> {
    let Some(value) = value else { return Ok(None) };
    let wrong = |_| Failure::config(format!("{key}: value is {value:?}, allowed is a whole number from 1 on"));
    value.parse().map(Some).map_err(wrong)
}

fn read(path: &Path) -> Result<PartialSettings, Failure> {
    let shown = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::config(format!("config: {shown} cannot be read: {error}; allowed is a TOML file")))?;
    toml::from_str(&text).map_err(|error| Failure::config(format!("{shown}: {}", mistake(&text, &error))))
}

/// One line: key, what is wrong, where.
fn mistake(text: &str, error: &toml::de::Error) -> String {
    let message = error.message().lines().next().unwrap_or_default().replace('`', "");
    let Some(span) = error.span() else { return message };
    let before = text.get(..span.start).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    let key = text.lines().nth(line - 1).and_then(|line| line.split_once('=')).map(|(key, _)| key.trim());
    let place = format!("(line {line}, column {column})");
    match (message.strip_prefix("unknown field "), key) {
        (Some(rest), _) => {
            let (key, known) = rest.split_once(", expected one of ").unwrap_or((rest, ""));
            format!("{key}: unknown key; known are {known} {place}")
        }
        (None, Some(key)) => format!("{key}: {message} {place}"),
        (None, None) => format!("{message} {place}"),
    }
}

/// Logs go to standard error.
pub fn start_log(filter: &str) -> Result<(), Failure> {
    let parsed = tracing_subscriber::EnvFilter::try_new(filter).map_err(|error| {
        Failure::config(format!(
            "log: value is {filter:?}, allowed is a filter such as info or server=debug,info: {error}"
        ))
    })?;
    let started = tracing_subscriber::fmt()
        .with_env_filter(parsed)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
        .try_init();
    started.map_err(|error| Failure::other(format!("log: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn none(_: &str) -> Option<String> {
        None
    }

    #[test]
    fn flags_win_over_the_environment_and_the_environment_over_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("deskwire.toml");
        std::fs::write(
            &file,
            "log = 'file'\nlisten = '127.0.0.1:1'\nrate_limits = 'off'\nallow_private_webhooks = true\n",
        )
        .unwrap();
        let flags = ServerFlags {
            store: StoreFlags { config: Some(file), log: Some("flag".into()), ..StoreFlags::default() },
            ..ServerFlags::default()
        };
        let env = |name: &str| match name {
            "DESKWIRE_LOG" => Some("env".to_owned()),
            "DESKWIRE_LISTEN" => Some("127.0.0.1:2".to_owned()),
            "DESKWIRE_ALLOW_PRIVATE_WEBHOOKS" => Some("0".to_owned()),
            "DESKWIRE_APPLY" => Some("a.yaml:b,c.yaml".to_owned()),
            "DESKWIRE_DATABASE" => Some(String::new()),
            "DESKWIRE_INDEX_MEMORY" => Some("64".to_owned()),
            _ => None,
        };
        let settings = partial(flags, &env).unwrap();
        assert_eq!(settings.log.as_deref(), Some("flag"));
        assert_eq!(settings.listen.as_deref(), Some("127.0.0.1:2"));
        assert_eq!(settings.rate_limits.as_deref(), Some("off"));
        assert_eq!(settings.allow_private_webhooks, Some(false));
        assert_eq!(settings.apply, Some(vec!["a.yaml".into(), "b,c.yaml".into()]));
        assert_eq!(settings.database, None);
        assert_eq!((settings.index_memory, settings.index_idle), (Some(64), None));
    }

    #[test]
    fn mistakes_in_a_file_name_the_key_and_the_place() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("deskwire.toml");
        let line = |text: &str| {
            std::fs::write(&file, text).unwrap();
            let store = StoreFlags { config: Some(file.clone()), ..StoreFlags::default() };
            let failure = partial(ServerFlags { store, ..ServerFlags::default() }, &none).unwrap_err();
            assert_eq!((failure.status, failure.lines.len()), (2, 1));
            failure.lines[0].rsplit("deskwire.toml: ").next().unwrap().to_owned()
        };
        let unknown = line("log = 'info'\nlistn = 'x'\n");
        assert!(unknown.starts_with("listn: unknown key; known are listen, database, data_dir"), "{unknown}");
        assert!(unknown.ends_with("(line 2, column 1)"), "{unknown}");
        assert_eq!(line("listen = 5\n"), "listen: invalid type: integer 5, expected a string (line 1, column 10)");
        assert!(line("listen =\n").starts_with("listen: "));
        assert!(line("index_memory = -1\n").starts_with("index_memory: "));
        let wrong = count("k", Some("1.5".to_owned())).unwrap_err();
        assert_eq!(wrong.lines, ["k: value is \"1.5\", allowed is a whole number from 1 on"]);
        assert_eq!(switch("k", "maybe").unwrap_err().lines, ["k: value is \"maybe\", allowed is true or false"]);
    }
}
