//! `deskwire replay`: past questions and kept cases, answered again by other FAQs and scores.

mod cases;
mod faqs;
mod show;

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use desk::answering::Answering;
use desk::directory::Helpdesk;
use desk::replay::{Compared, Summary, whole};
use serde_json::json;
use server::clock::Clock;
use server::replay::{self, QUESTIONS_MAX, QuestionOut, Range, Trial};
use server::{App, Server};

use crate::cli::StoreFlags;
use crate::fail::Failure;
use crate::{config, desks, files, out};
use faqs::FaqFile;

/// `deskwire replay`
#[derive(Debug, Args)]
pub struct ReplayArgs {
    /// The help desk's id; needed only if there are several
    #[arg(long, visible_alias = "desk", value_name = "ID")]
    helpdesk: Option<String>,
    /// Questions asked since then: so many days or hours ago, such as 30d or 12h, or a date, such as 2026-01-31
    #[arg(long, value_name = "WHEN", default_value = "30d")]
    since: String,
    /// How many questions at most, the newest
    #[arg(long, value_name = "NUMBER", default_value_t = replay::QUESTIONS_USUAL, value_parser = questions)]
    limit: usize,
    /// Other FAQs: a desk file, or a JSON object a line (.jsonl) with question, similar, answer and id
    #[arg(long, value_name = "FILE")]
    faqs: Option<PathBuf>,
    /// Another score from which on the best FAQ's answer is shown, 0 to 1
    #[arg(long, value_name = "SCORE")]
    direct_score: Option<f64>,
    /// Another score from which on a list of questions is shown, 0 to the direct score
    #[arg(long, value_name = "SCORE")]
    list_score: Option<f64>,
    /// Another number of questions that a list may hold, 1 to 10
    #[arg(long, value_name = "NUMBER")]
    list_size: Option<usize>,
    /// Tries the kept cases instead: those of the database, or of a desk file or a .jsonl file with text, wanted and note
    /// in each line. With a file here and as --faqs no database is needed. Exits with 1 if a case fails
    #[arg(long, value_name = "FILE", num_args = 0..=1)]
    #[expect(
        clippy::option_option,
        reason = "not asked for, those of the database and those of a file are three things"
    )]
    cases: Option<Option<PathBuf>>,
    /// Prints one JSON object
    #[arg(long)]
    json: bool,
    /// The database's options.
    #[command(flatten)]
    store: StoreFlags,
}

fn questions(text: &str) -> Result<usize, String> {
    let allowed = |number: &usize| (1..=QUESTIONS_MAX).contains(number);
    text.parse().ok().filter(allowed).ok_or_else(|| format!("allowed is 1 to {QUESTIONS_MAX}"))
}

/// Runs it. Only failed cases end with 1, so that CI can tell them from everything that keeps it from trying.
pub async fn run(args: ReplayArgs) -> Result<(), Failure> {
    match (&args.cases, &args.faqs) {
        (Some(Some(cases)), Some(faqs)) => cases::of_files(&args, cases, faqs),
        _ => with_database(&args).await,
    }
}

/// A failure that is none of the cases.
fn unable(failure: Failure) -> Failure {
    Failure { status: if failure.status == 0 { 0 } else { 2 }, ..failure }
}

async fn with_database(args: &ReplayArgs) -> Result<(), Failure> {
    let settings = config::store(args.store.clone())?;
    files::require_database(&settings).map_err(unable)?;
    let server = Server::open(settings, Clock::system()).await.map_err(|error| unable(error.into()))?;
    let outcome = match server.with_embedder().await {
        Err(error) => Err(unable(error.into())),
        Ok(()) => match &args.cases {
            None => past(server.app(), args).await.map_err(unable),
            Some(file) => cases::with_database(server.app(), args, file.as_deref()).await,
        },
    };
    server.close().await;
    outcome
}

/// The help desk of that id, or the only one.
fn helpdesk(app: &App, wanted: Option<&str>) -> Result<Arc<Helpdesk>, Failure> {
    desks::one(app, "helpdesk", wanted).map_err(Failure::config)
}

/// How the help desk would answer: as before, as the desk file says, as the options say, the last of them first.
fn answering(args: &ReplayArgs, before: &Answering, file: Option<&Answering>) -> Result<Answering, Failure> {
    let mut answering = before.clone();
    if let Some(file) = file {
        answering = Answering {
            direct_score: file.direct_score,
            list_score: file.list_score,
            list_size: file.list_size,
            ..answering
        };
    }
    answering.direct_score = args.direct_score.unwrap_or(answering.direct_score);
    answering.list_score = args.list_score.unwrap_or(answering.list_score);
    answering.list_size = args.list_size.unwrap_or(answering.list_size);
    match answering.fault() {
        Some((key, why)) => Err(Failure::config(format!("{key}: {why}"))),
        None => Ok(answering),
    }
}

/// What is to be tried; `None` if nothing is to be other than it is.
async fn trial(
    app: &App,
    args: &ReplayArgs,
    desk: &Arc<Helpdesk>,
    file: Option<&FaqFile>,
) -> Result<Option<Trial>, Failure> {
    let answering = answering(args, &desk.answering, file.and_then(|file| file.answering.as_ref()))?;
    let scores = args.direct_score.is_some() || args.list_score.is_some() || args.list_size.is_some();
    if file.is_none() && !scores {
        return Ok(None);
    }
    let difference = match file.and_then(|file| Some((file.faqs.clone()?, file.rest))) {
        None => desk::replay::Difference::default(),
        Some((faqs, rest)) => {
            let its = Arc::clone(desk);
            app.read(move |tx, _| Ok(whole(tx, &its, faqs.clone(), rest)?)).await?
        }
    };
    Ok(Some(Trial { answering, difference }))
}

async fn past(app: &App, args: &ReplayArgs) -> Result<(), Failure> {
    let desk = helpdesk(app, args.helpdesk.as_deref())?;
    let file = args.faqs.as_deref().map(|path| faqs::read(path, Some(&desk.id.to_string()))).transpose()?;
    let now = app.now_ms();
    let from = since(&args.since, now)?;
    let trial = trial(app, args, &desk, file.as_ref()).await?;
    let range = Range { from, until: now + 1, before: None, limit: args.limit };
    let past = replay::past(app, &desk, &range).await?;
    let asked = past.asked.into_iter().map(|(_, asked)| asked).collect();
    let all = replay::compare(app, &desk, turn(app)?, asked, trial.clone()).await?;
    let summary = Summary::of(&all);
    let changed: Vec<&Compared> = all.iter().filter(|one| one.changed()).collect();
    let difference = trial.as_ref().map(|trial| &trial.difference);
    if args.json {
        let questions = QuestionOut::of(app, &desk, &changed, difference).await?;
        let told = json!({
            "helpdesk_id": desk.id.to_string(), "from": range.from, "until": range.until, "complete": past.complete,
            "summary": summary, "questions": questions,
        });
        return Ok(out::line(&told.to_string())?);
    }
    let told = show::most_telling(&changed);
    let questions = QuestionOut::of(app, &desk, &told, difference).await?;
    for line in show::lines(&desk, (from, past.complete), &summary, told.iter().copied().zip(&questions)) {
        out::line(&line)?;
    }
    Ok(())
}

/// Nobody else replays in this process.
fn turn(app: &App) -> Result<replay::Turn, Failure> {
    app.replays().take().ok_or_else(|| Failure::other("something is replayed already".into()))
}

/// The Unix ms that `--since` names.
fn since(text: &str, now: i64) -> Result<i64, Failure> {
    let hours =
        |number: &str, each: i64| number.parse::<i64>().ok()?.checked_mul(each * 3_600_000).map(|ago| now - ago);
    let found = match (text.strip_suffix('d'), text.strip_suffix('h')) {
        (Some(days), _) => hours(days, 24),
        (_, Some(number)) => hours(number, 1),
        _ => text
            .parse::<jiff::civil::Date>()
            .ok()
            .and_then(|date| Some(date.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_millisecond())),
    };
    found.filter(|from| *from <= now).ok_or_else(|| {
        let why = "allowed are days or hours ago, such as 30d or 12h, and a date of the past, such as 2026-01-31";
        Failure::config(format!("since: value is {text:?}, {why}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_past_begins_days_or_hours_ago_or_with_a_date() {
        let now = 1_767_600_000_000;
        assert_eq!(since("30d", now).unwrap(), now - 30 * 86_400_000);
        assert_eq!(since("12h", now).unwrap(), now - 12 * 3_600_000);
        assert_eq!(since("2026-01-01", now).unwrap(), 1_767_225_600_000);
        for wrong in ["", "d", "yesterday", "-1d", "2026-13-01", "2027-01-01", "99999999999999999d"] {
            let failure = since(wrong, now).unwrap_err();
            assert_eq!(failure.status, 2, "{wrong}");
        }
    }
}
