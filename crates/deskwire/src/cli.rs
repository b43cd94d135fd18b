//! Commands and their options.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::answer::AnswerArgs;
use crate::replay::ReplayArgs;

/// A help desk in one binary that speaks the Feishu/Lark Helpdesk v1 Open API.
#[derive(Debug, Parser)]
#[command(name = "deskwire", version, about, disable_help_subcommand = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// A help desk on this machine to build against: throw-away data, a demo desk, developer controls
    Dev(ServerArgs),
    /// The production server
    Serve(ServerArgs),
    /// Makes the database match desk files
    Apply(ApplyArgs),
    /// Writes the desk file, or the tickets, of what is there
    Export(ExportArgs),
    /// Asks as a guest over HTTP and prints what the guest sees
    Ask(AskArgs),
    /// Tells why a question is answered as it is, from the database
    Explain(ExplainArgs),
    /// Answers as an app at any server of the Helpdesk v1 API: Deskwire, Feishu or Lark
    Answer(Box<AnswerArgs>),
    /// Prints a user access token for an app, without a browser
    UserToken(UserTokenArgs),
    /// Lists FAQs and takes them out of the recycle bin
    Faq(FaqArgs),
    /// Shows the events that apps get, and sends them again
    Events(EventsArgs),
    /// Lists what guests asked in vain in the last 90 days, with what could close each gap in the FAQs
    Gaps(GapsArgs),
    /// Runs the answer engine over an evaluation set, as on a fresh desk
    Eval(EvalArgs),
    /// Answers past questions, or kept cases, again: by the FAQs and scores there are, or by others
    Replay(Box<ReplayArgs>),
    /// Prints the reference of all settings
    #[command(hide = true)]
    ConfigReference,
    /// Prints the OpenAPI document
    #[command(name = "openapi", hide = true)]
    OpenApi,
}

/// Options of the servers.
#[derive(Debug, Args)]
pub struct ServerArgs {
    /// The options.
    #[command(flatten)]
    pub server: ServerFlags,
}

/// Options of every command that opens the database. Each is also `DESKWIRE_<NAME>` and a key of the file.
#[derive(Debug, Clone, Default, Args)]
pub struct StoreFlags {
    /// File with settings, such as deskwire.toml
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The only folder that is written to [default: ./deskwire-data]
    #[arg(long, value_name = "FOLDER")]
    pub data_dir: Option<PathBuf>,
    /// sqlite:PATH or postgres://… [default: sqlite:deskwire.db in the data folder]
    #[arg(long, value_name = "URL")]
    pub database: Option<String>,
    /// Log filter in the syntax of tracing [default: info; warn for commands that do not serve]
    #[arg(long, value_name = "FILTER")]
    pub log: Option<String>,
}

/// Options of the servers, each also `DESKWIRE_<NAME>` and a key of the file.
#[derive(Debug, Clone, Default, Args)]
pub struct ServerFlags {
    /// The database's options.
    #[command(flatten)]
    pub store: StoreFlags,
    /// Address and port to listen on; port 0 picks a free one [default: 127.0.0.1:8420]
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<String>,
    /// Desk file to apply before listening; may be given several times
    #[arg(long, value_name = "FILE")]
    pub apply: Option<Vec<PathBuf>>,
    /// The address clients reach this server by, such as `https://desk.example.com`
    #[arg(long, value_name = "URL")]
    pub public_url: Option<String>,
    /// Lets events go to loopback and private addresses [default: false; dev: true]
    #[arg(long, value_name = "true|false", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub allow_private_webhooks: Option<String>,
    /// Whether calls are counted against the platform's limits [default: standard]
    #[arg(long, value_name = "standard|off")]
    pub rate_limits: Option<String>,
    /// The limit of endpoints for which the platform publishes none [default: tier4]
    #[arg(long, value_name = "LIMIT")]
    pub special_rate_limit: Option<String>,
    /// Proxies in front, whose X-Forwarded-For is believed [default: loopback]
    #[arg(long, value_name = "NETWORKS")]
    pub trusted_proxies: Option<String>,
    /// Folder of a sentence-embedding model that finds FAQs by meaning too
    #[arg(long, value_name = "FOLDER")]
    pub model: Option<PathBuf>,
    /// OpenAI-compatible endpoint for embeddings, instead of a model here
    #[arg(long, value_name = "URL")]
    pub embeddings_url: Option<String>,
    /// The endpoint's key; better given as `DESKWIRE_EMBEDDINGS_KEY`, because others on this machine see options
    #[arg(long, value_name = "KEY")]
    pub embeddings_key: Option<String>,
    /// The model's name at the endpoint
    #[arg(long, value_name = "NAME")]
    pub embeddings_model: Option<String>,
    /// Memory for the FAQ indexes of all help desks together [default: 1024]
    #[arg(long, value_name = "MIB")]
    pub index_memory: Option<String>,
    /// When a help desk's FAQ index leaves memory after its last question [default: 60]
    #[arg(long, value_name = "MINUTES")]
    pub index_idle: Option<String>,
    /// How long the audit log goes back [default: 400]
    #[arg(long, value_name = "DAYS")]
    pub audit_days: Option<String>,
    /// Lets administrators look at the latest calls, masked [default: true]
    #[arg(long, value_name = "true|false", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub inspector: Option<String>,
}

/// `deskwire apply`
#[derive(Debug, Args)]
pub struct ApplyArgs {
    /// Desk files, YAML or JSON (.json); applied in this order
    #[arg(value_name = "FILE", required_unless_present = "schema")]
    pub files: Vec<PathBuf>,
    /// Tells what would change and writes nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Prints the JSON Schema of desk files
    #[arg(long)]
    pub schema: bool,
    /// The database's options.
    #[command(flatten)]
    pub store: StoreFlags,
}

/// How an export is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FileFormat {
    /// YAML.
    Yaml,
    /// JSON.
    Json,
}

/// How tickets are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TicketFormat {
    /// A ticket with its messages in each line.
    Jsonl,
    /// A ticket in each row.
    Csv,
}

/// `deskwire export`
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// How the desk file is written
    #[arg(long, value_enum, default_value = "yaml")]
    pub format: FileFormat,
    /// Writes the secrets that can be read again: verification tokens, encrypt keys, widget secrets
    #[arg(long)]
    pub with_secrets: bool,
    /// Writes the tickets instead of the desk file
    #[arg(long, value_enum, value_name = "FORMAT", conflicts_with = "with_secrets")]
    pub tickets: Option<TicketFormat>,
    /// The database's options.
    #[command(flatten)]
    pub store: StoreFlags,
}

/// `deskwire ask`
#[derive(Debug, Args)]
pub struct AskArgs {
    /// The question
    pub question: String,
    /// The server
    #[arg(long, env = "DESKWIRE_URL", default_value = "http://127.0.0.1:8420")]
    pub url: String,
    /// The help desk's id; needed only if there are several
    #[arg(long, value_name = "ID")]
    pub desk: Option<String>,
    /// How many seconds to wait for an answer
    #[arg(long, value_name = "SECONDS", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub timeout: u64,
    /// Prints the answer's message as JSON
    #[arg(long)]
    pub json: bool,
}

/// `deskwire explain`
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// The question
    pub question: String,
    /// The help desk's id; needed only if there are several
    #[arg(long, alias = "helpdesk", value_name = "ID")]
    pub desk: Option<String>,
    /// A FAQ to explain in any case
    #[arg(long, value_name = "FAQ_ID")]
    pub faq: Option<String>,
    /// How many FAQs to explain, the best first
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u8).range(1..=20))]
    pub limit: u8,
    /// Prints one JSON object, as the admin API does
    #[arg(long)]
    pub json: bool,
    /// The database's options.
    #[command(flatten)]
    pub store: StoreFlags,
}

/// `deskwire user-token`
#[derive(Debug, Args)]
pub struct UserTokenArgs {
    /// The user's open id, ou_…
    #[arg(long)]
    pub open_id: String,
    /// The app's id, cli_…
    #[arg(long)]
    pub app_id: String,
    /// Which of the app's scopes the user grants, separated by spaces [default: all]
    #[arg(long, value_name = "SCOPES")]
    pub scope: Option<String>,
    /// The database's options.
    #[command(flatten)]
    pub store: StoreFlags,
}

/// `deskwire faq`
#[derive(Debug, Args)]
pub struct FaqArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: FaqCommand,
}

/// The commands of `deskwire faq`.
#[derive(Debug, Subcommand)]
pub enum FaqCommand {
    /// Prints a line for each FAQ: its id, its help desk's id and its question, with tabs between them
    List(FaqListArgs),
    /// Takes a FAQ out of the recycle bin, within 30 days
    Restore(FaqRestoreArgs),
}

/// `deskwire faq list`
#[derive(Debug, Args)]
pub struct FaqListArgs {
    /// Lists the recycle bin instead, with how many days each FAQ can still be restored before its question
    #[arg(long)]
    pub deleted: bool,
    /// Only this help desk
    #[arg(long, value_name = "ID")]
    pub desk: Option<String>,
    /// The database's options.
    #[command(flatten)]
    pub store: StoreFlags,
}

/// `deskwire faq restore`
#[derive(Debug, Args)]
pub struct FaqRestoreArgs {
    /// The FAQ's id
    #[arg(value_name = "FAQ_ID")]
    pub faq_id: String,
    /// The help desk's id; needed only if several have a FAQ of this id
    #[arg(long, value_name = "ID")]
    pub desk: Option<String>,
    /// In whose name, an agent of the help desk; its owner if left out
    #[arg(long, value_name = "OPEN_ID")]
    pub open_id: Option<String>,
    /// The database's options.
    #[command(flatten)]
    pub store: StoreFlags,
}

/// `deskwire gaps`
#[derive(Debug, Args)]
pub struct GapsArgs {
    /// Only this help desk
    #[arg(long, value_name = "ID")]
    pub desk: Option<String>,
    /// How many of a help desk at most, those first that the most guests asked about
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=200))]
    pub limit: u16,
    /// Prints a JSON object for each
    #[arg(long)]
    pub json: bool,
    /// The database's options.
    #[command(flatten)]
    pub store: StoreFlags,
}

/// `deskwire events`
#[derive(Debug, Args)]
pub struct EventsArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: EventsCommand,
}

/// The commands of `deskwire events`.
#[derive(Debug, Subcommand)]
pub enum EventsCommand {
    /// Prints a line for each event and each attempt to deliver one, as they happen
    Tail(EventsTailArgs),
    /// Prints deliveries, newest first
    List(EventsListArgs),
    /// Prints an event as its app reads it, with all attempts
    Show(EventsShowArgs),
    /// Has deliveries sent again, whatever became of them
    Resend(EventsResendArgs),
    /// Prints deliveries that were given up, newest first
    Dead(EventsDeadArgs),
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Also into a file.
    Always,
    /// Not at all.
    Never,
}

/// A delivery's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum EventState {
    /// Waits for its next attempt.
    Pending,
    /// Was acknowledged.
    Delivered,
    /// Was given up.
    Dead,
}

/// Which events.
#[derive(Debug, Clone, Default, Args)]
pub struct EventsFilter {
    /// Only events to this app
    #[arg(long, value_name = "APP_ID")]
    pub app: Option<String>,
    /// Only events of this ticket
    #[arg(long, value_name = "TICKET_ID")]
    pub ticket: Option<String>,
    /// Only events of this type, such as `helpdesk.ticket.created_v1`
    #[arg(long = "type", value_name = "EVENT_TYPE")]
    pub event_type: Option<String>,
    /// Only this event, by the id in its body or in its header
    #[arg(long, value_name = "EVENT_ID")]
    pub event: Option<String>,
}

/// `deskwire events tail`
#[derive(Debug, Args)]
pub struct EventsTailArgs {
    /// Which events.
    #[command(flatten)]
    pub filter: EventsFilter,
    /// When to use colours
    #[arg(long, value_enum, default_value = "auto")]
    pub color: Color,
    /// The database's options.
    #[command(flatten)]
    pub store: StoreFlags,
}

/// `deskwire events list`
#[derive(Debug, Args)]
pub struct EventsListArgs {
    /// Which events.
    #[command(flatten)]
    pub filter: EventsFilter,
    /// Only deliveries in this state
    #[arg(long, value_enum)]
    pub state: Option<EventState>,
    /// How many at most
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=1_000))]
    pub limit: u16,
    /// Only deliveries before this one, for the next page
    #[arg(long, value_name = "DELIVERY_ID")]
    pub before: Option<String>,
    /// Prints a JSON object for each
    #[arg(long)]
    pub json: bool,
    /// The database's options.
    #[command(flatten)]
    pub store: StoreFlags,
}

/// `deskwire events show`
#[derive(Debug, Args)]
pub struct EventsShowArgs {
    /// The delivery's id
    #[arg(value_name = "DELIVERY_ID")]
    pub delivery_id: String,
    /// Prints a curl command that sends the event once more, encrypted and signed where the app has a key
    #[arg(long)]
    pub curl: bool,
    /// Prints one JSON object
    #[arg(long, conflicts_with = "curl")]
    pub json: bool,
    /// Shows the verification token, which is hidden otherwise, also in the body of a plain curl command
    #[arg(long)]
    pub secrets: bool,
    /// The database's options.
    #[command(flatten)]
    pub store: StoreFlags,
}

/// `deskwire events resend`
#[derive(Debug, Args)]
pub struct EventsResendArgs {
    /// The deliveries' ids
    #[arg(value_name = "DELIVERY_ID", required_unless_present = "dead")]
    pub delivery_ids: Vec<String>,
    /// All that were given up
    #[arg(long, conflicts_with = "delivery_ids", requires = "app")]
    pub dead: bool,
    /// Those of this app
    #[arg(long, value_name = "APP_ID", requires = "dead")]
    pub app: Option<String>,
    /// The database's options.
    #[command(flatten)]
    pub store: StoreFlags,
}

/// `deskwire events dead`
#[derive(Debug, Args)]
pub struct EventsDeadArgs {
    /// Which events.
    #[command(flatten)]
    pub filter: EventsFilter,
    /// How many at most
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=1_000))]
    pub limit: u16,
    /// Prints a JSON object for each
    #[arg(long)]
    pub json: bool,
    /// The database's options.
    #[command(flatten)]
    pub store: StoreFlags,
}

/// `deskwire eval`
#[derive(Debug, Args)]
pub struct EvalArgs {
    /// The FAQs: a JSON object a line with id, question, similar and answer
    #[arg(long, value_name = "FILE")]
    pub faqs: PathBuf,
    /// The questions: a JSON object a line with text; nothing else of it is read
    #[arg(long, value_name = "FILE")]
    pub queries: PathBuf,
    /// Where the ranking of each question is written, a JSON object a line
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// A folder with a model of sentence vectors
    #[arg(long, value_name = "DIR")]
    pub model: Option<PathBuf>,
}
