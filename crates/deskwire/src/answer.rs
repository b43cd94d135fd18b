//! `deskwire answer`: the engine as an app at any server of the Helpdesk v1 API.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use answerer::{Answerer, Credentials, Settings, StartError, SystemClock, Thresholds, Webhook};
use clap::Args;

use crate::fail::Failure;
use crate::serve::Stop;
use crate::{answer_report, config, out};

/// How long the last questions may take after a signal.
const PATIENCE: Duration = Duration::from_secs(8);
/// An answer takes at most 50 FAQs, one of them the best.
const LIST_MAX: usize = 49;

/// `deskwire answer`
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command")]
pub struct AnswerArgs {
    /// The server: Feishu, Lark (`https://open.larksuite.com`) or a Deskwire
    #[arg(long, env = "DESKWIRE_BASE_URL", value_name = "URL", default_value = "https://open.feishu.cn")]
    pub base_url: String,
    /// The app's id, cli_…
    #[arg(long, env = "DESKWIRE_APP_ID", value_name = "ID")]
    pub app_id: String,
    /// The app's secret; better given in the environment
    #[arg(long, env = "DESKWIRE_APP_SECRET", hide_env_values = true, value_name = "SECRET")]
    pub app_secret: String,
    /// The help desk's id
    #[arg(long, env = "DESKWIRE_HELPDESK_ID", value_name = "ID")]
    pub helpdesk_id: String,
    /// The help desk's token, ht-…; better given in the environment
    #[arg(long, env = "DESKWIRE_HELPDESK_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    pub helpdesk_token: String,
    /// The only folder that is written to, one for each instance
    #[arg(long, env = "DESKWIRE_DATA_DIR", value_name = "FOLDER", default_value = "./deskwire-answer")]
    pub data_dir: PathBuf,
    /// From this score on the best FAQ is the answer, 0 to 1
    #[arg(long, env = "DESKWIRE_DIRECT_SCORE", value_name = "SCORE", default_value_t = 0.8)]
    pub direct_score: f64,
    /// From this score on FAQs are offered to choose from, 0 to 1
    #[arg(long, env = "DESKWIRE_LIST_SCORE", value_name = "SCORE", default_value_t = 0.25)]
    pub list_score: f64,
    /// How many FAQs are offered at most, 1 to 49
    #[arg(long, env = "DESKWIRE_LIST_SIZE", value_name = "COUNT", default_value_t = 3)]
    pub list_size: usize,
    /// Sends further FAQs along with a sure answer
    #[arg(long)]
    pub related: bool,
    /// Says nothing below list-score, instead of answering that nothing was found
    #[arg(long)]
    pub silent_below: bool,
    /// Questions older than this are left alone
    #[arg(long, env = "DESKWIRE_MAX_AGE_MINUTES", value_name = "MINUTES", default_value_t = 30,
          value_parser = clap::value_parser!(u64).range(1..=10_080))]
    pub max_age_minutes: u64,
    /// How often all FAQs are read
    #[arg(long, env = "DESKWIRE_SYNC_SECONDS", value_name = "SECONDS", default_value_t = 60,
          value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub sync_seconds: u64,
    /// Subscribes the app to the help desk's message events at the start
    #[arg(long)]
    pub subscribe: bool,
    /// Takes events by webhook, at the path /events of `listen`, instead of by long connection
    #[arg(long, requires = "listen", requires = "verification_token")]
    pub webhook: bool,
    /// Address and port for events by webhook and for /healthz, /readyz and /metrics [default: none]
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<SocketAddr>,
    /// The app's verification token, for webhooks
    #[arg(long, env = "DESKWIRE_VERIFICATION_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    pub verification_token: Option<String>,
    /// The app's encrypt key, for webhooks
    #[arg(long, env = "DESKWIRE_ENCRYPT_KEY", hide_env_values = true, value_name = "KEY")]
    pub encrypt_key: Option<String>,
    /// Answers nothing; appends what it would have answered to this file, a line of JSON for each question
    #[arg(long, value_name = "FILE")]
    pub shadow: Option<PathBuf>,
    /// Asks the desk what became of the questions of a shadow with this data-dir, prints how often the engine would have
    /// been right, and ends
    #[arg(long, conflicts_with_all = ["shadow", "webhook", "listen", "subscribe"])]
    pub shadow_report: bool,
    /// Prints the report as JSON
    #[arg(long, requires = "shadow_report")]
    pub json: bool,
    /// Log filter in the syntax of tracing
    #[arg(long, env = "DESKWIRE_LOG", value_name = "FILTER", default_value = "info")]
    pub log: String,
}

/// Runs it until a signal.
pub async fn run(args: AnswerArgs) -> Result<(), Failure> {
    let settings = settings(&args)?;
    config::start_log(&args.log)?;
    if args.shadow_report {
        return answer_report::run(settings, args.json).await;
    }
    let mut stop = Stop::new()?;
    let ready = format!("answering {} at {}", args.helpdesk_id, settings.base_url);
    let mut running = tokio::select! {
        started = Answerer::start(settings) => started.map_err(failure)?,
        () = stop.requested() => return Ok(()),
    };
    if let Some(address) = running.address() {
        out::error_line(&format!("deskwire: listening on http://{address}"));
    }
    let mut ended = Ok(());
    if let Err(error) = out::line(&ready) {
        ended = Err(error.into());
    } else {
        tokio::select! {
            () = stop.requested() => {}
            error = running.failed() => ended = Err(failure(error)),
        }
    }
    running.shutdown(PATIENCE).await;
    ended
}

pub fn failure(error: StartError) -> Failure {
    match error {
        StartError::Config(line) => Failure::config(line),
        StartError::Other(line) => Failure::other(line),
    }
}

fn settings(args: &AnswerArgs) -> Result<Settings, Failure> {
    let base_url = args.base_url.trim_end_matches('/').to_owned();
    let host = base_url.strip_prefix("https://").or(base_url.strip_prefix("http://")).unwrap_or_default();
    if host.is_empty() || host.contains(['/', '?', '#', '@']) {
        let allowed = "allowed is an http or https URL without a path, such as https://open.feishu.cn";
        return Err(Failure::config(format!("base_url: value is {base_url:?}, {allowed}")));
    }
    for (key, value) in [("direct_score", args.direct_score), ("list_score", args.list_score)] {
        if !(0.0..=1.0).contains(&value) {
            return Err(Failure::config(format!("{key}: value is {value}, allowed is a number from 0 to 1")));
        }
    }
    if args.list_score > args.direct_score {
        let (list, direct) = (args.list_score, args.direct_score);
        return Err(Failure::config(format!(
            "list_score: value is {list}, allowed is at most direct_score ({direct})"
        )));
    }
    if !(1..=LIST_MAX).contains(&args.list_size) {
        let size = args.list_size;
        return Err(Failure::config(format!("list_size: value is {size}, allowed is a number from 1 to {LIST_MAX}")));
    }
    for (key, value) in [
        ("app_id", &args.app_id),
        ("app_secret", &args.app_secret),
        ("helpdesk_id", &args.helpdesk_id),
        ("helpdesk_token", &args.helpdesk_token),
    ] {
        if value.is_empty() {
            return Err(Failure::config(format!("{key}: value is empty, allowed is what the console shows")));
        }
    }
    let webhook = args.verification_token.clone().filter(|_| args.webhook).map(|verification_token| Webhook {
        verification_token,
        encrypt_key: args.encrypt_key.clone().filter(|key| !key.is_empty()),
    });
    Ok(Settings {
        base_url,
        credentials: Credentials {
            app_id: args.app_id.clone(),
            app_secret: args.app_secret.clone(),
            helpdesk_id: args.helpdesk_id.clone(),
            helpdesk_token: args.helpdesk_token.clone(),
        },
        data_dir: args.data_dir.clone(),
        thresholds: Thresholds {
            direct_score: args.direct_score,
            list_score: args.list_score,
            list_size: args.list_size,
            related: args.related,
            silent_below: args.silent_below,
        },
        max_age: Duration::from_secs(args.max_age_minutes * 60),
        sync_every: Duration::from_secs(args.sync_seconds),
        listen: args.listen,
        webhook,
        subscribe: args.subscribe,
        shadow: args.shadow.clone(),
        clock: SystemClock::shared(),
    })
}
