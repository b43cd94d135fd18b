//! `deskwire gaps`

use desk::directory::Helpdesk;
use desk::gap::{Miss, ProposalKind};
use serde_json::{Value, json};
use server::clock::Clock;
use server::gaps::Gap;
use server::{App, Server};

use crate::cli::GapsArgs;
use crate::fail::Failure;
use crate::{config, desks, files, out};

/// How much of a text a row shows, in characters.
const SHOWN_CHARS: usize = 60;

/// Runs it.
pub async fn run(args: GapsArgs) -> Result<(), Failure> {
    let settings = config::store(args.store.clone())?;
    files::require_database(&settings)?;
    let server = Server::open(settings, Clock::system()).await?;
    let outcome = list(server.app(), &args).await;
    server.close().await;
    outcome
}

async fn list(app: &App, args: &GapsArgs) -> Result<(), Failure> {
    let mut rows = Vec::new();
    for desk in desks::named(app, args.desk.as_deref())? {
        let survey = app.gaps().survey(app, &desk).await?;
        for gap in survey.gaps.iter().take(usize::from(args.limit)) {
            if args.json {
                out::line(&object(&desk, gap).to_string())?;
            } else {
                rows.push(row(&desk, gap));
            }
        }
    }
    for line in table(&rows) {
        out::line(&line)?;
    }
    Ok(())
}

fn object(desk: &Helpdesk, gap: &Gap) -> Value {
    let (group, proposal) = (&gap.group, &gap.proposal);
    let example = |example: &desk::gap::Example| json!({"text": example.text, "asked_at": example.asked_at, "ticket_id": example.ticket_id.to_string()});
    let count = |miss: Miss| group.misses.get(&miss).copied().unwrap_or(0);
    json!({
        "helpdesk_id": desk.id.to_string(),
        "id": format!("{:016x}", group.id),
        "question": group.texts.first(),
        "questions": group.questions,
        "guests": group.guests,
        "unanswered": count(Miss::Unanswered),
        "not_chosen": count(Miss::NotChosen),
        "not_solved": count(Miss::NotSolved),
        "last_asked_at": group.last_asked_at,
        "examples": group.examples.iter().map(example).collect::<Vec<_>>(),
        "proposal": proposal.kind,
        "faq_id": proposal.faq.as_ref().map(|(faq_id, _)| faq_id.to_string()),
        "answer": proposal.answer.as_ref().map(|answer| &answer.text),
    })
}

/// How many columns the table has.
const COLUMNS: usize = 6;
const HEADINGS: [&str; COLUMNS] = ["guests", "asked", "help desk", "last ticket", "proposal", "question"];

fn row(desk: &Helpdesk, gap: &Gap) -> [String; COLUMNS] {
    let group = &gap.group;
    let proposal = match (gap.proposal.kind, &gap.proposal.faq) {
        (ProposalKind::Similar, Some((faq_id, _))) => format!("similar question of FAQ {faq_id}"),
        (ProposalKind::Draft, _) => "FAQ from an agent's reply".to_owned(),
        _ => "needs an answer".to_owned(),
    };
    let ticket = group.examples.first().map(|example| example.ticket_id.to_string()).unwrap_or_default();
    let question = group.texts.first().map_or("", String::as_str);
    let shown = question.chars().take(SHOWN_CHARS).map(|c| if c.is_control() { ' ' } else { c });
    let (guests, questions) = (group.guests.to_string(), group.questions.to_string());
    [guests, questions, desk.id.to_string(), ticket, proposal, shown.collect()]
}

/// Columns as wide as what stands in them; the last one ends where it ends. Nothing without rows.
fn table(rows: &[[String; COLUMNS]]) -> Vec<String> {
    if rows.is_empty() {
        return Vec::new();
    }
    let headings = HEADINGS.map(str::to_owned);
    let all = || std::iter::once(&headings).chain(rows);
    let widths: Vec<usize> =
        (0..COLUMNS - 1).map(|at| all().map(|row| row[at].chars().count()).max().unwrap_or(0)).collect();
    let line = |row: &[String; COLUMNS]| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}  "));
        format!("{}{}", cells.collect::<String>(), row[COLUMNS - 1])
    };
    all().map(line).collect()
}
