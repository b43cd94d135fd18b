//! `deskwire`: the command line. Each command is a file; [`fail`] holds what all of them answer when they cannot go on.

mod answer;
mod answer_report;
mod apply;
mod ask;
mod cli;
mod config;
mod desks;
mod dev;
mod eval;
mod events;
mod explain;
mod export;
mod fail;
mod faq;
mod files;
mod gaps;
mod out;
mod reference;
mod replay;
mod serve;
mod tickets;
mod user_token;

use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;

use crate::cli::{Cli, Command};
use crate::fail::Failure;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return Failure::other(format!("the runtime could not be started: {error}")).report(),
    };
    match runtime.block_on(run(cli.command)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

async fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Dev(args) => serve::dev(args.server).await,
        Command::Serve(args) => serve::serve(args.server).await,
        Command::Apply(args) => apply::run(args).await,
        Command::Export(args) => export::run(args).await,
        Command::Answer(args) => answer::run(*args).await,
        Command::Ask(args) => ask::run(args).await,
        Command::Explain(args) => explain::run(args).await,
        Command::UserToken(args) => user_token::run(args).await,
        Command::Faq(args) => faq::run(args).await,
        Command::Eval(args) => eval::run(&args),
        Command::Replay(args) => replay::run(*args).await,
        Command::Gaps(args) => gaps::run(args).await,
        Command::Events(args) => events::run(args).await,
        Command::ConfigReference => reference::settings(),
        Command::OpenApi => reference::open_api(),
    }
}

/// Help and version are answers; everything else is one line.
fn usage(error: &clap::Error) -> ExitCode {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => match error.print() {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        },
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            Failure::config("no command given; see deskwire --help".into()).report()
        }
        _ => {
            // clap spreads one mistake over a paragraph; the lines after the blank one are usage.
            let text = error.to_string();
            let text = text.strip_prefix("error: ").unwrap_or(&text);
            let told: Vec<&str> = text.lines().take_while(|line| !line.trim().is_empty()).map(str::trim).collect();
            Failure::config(format!("{}; see deskwire --help", told.join(" "))).report()
        }
    }
}
