//! Tickets as JSON lines or CSV, page by page, so that a million of them need no more memory than a hundred.

use std::io::{self, BufWriter, Write};

use db::{DbError, Row, params};
use serde::Serialize;
use server::App;

use crate::cli::TicketFormat;
use crate::fail::Failure;

const PAGE: i64 = 500;

/// A ticket. Times are Unix milliseconds; numbers are the open API's.
#[derive(Debug, Clone, Serialize)]
#[expect(clippy::struct_field_names, reason = "the field names are the columns and keys that are written")]
struct Ticket {
    tenant: String,
    helpdesk_id: String,
    ticket_id: String,
    chat_id: String,
    guest: String,
    guest_name: String,
    stage: i64,
    status: i64,
    channel: i64,
    solve: Option<i64>,
    score: Option<i64>,
    score_reason: Option<String>,
    owner: Option<String>,
    closed_by: Option<String>,
    created_at: i64,
    updated_at: Option<i64>,
    closed_at: Option<i64>,
    agent_entry_at: Option<i64>,
    agent_first_response_at: Option<i64>,
    #[serde(skip)]
    id: i64,
}

#[derive(Debug, Serialize)]
#[expect(clippy::struct_field_names, reason = "the field names are the columns and keys that are written")]
struct Message {
    position: i64,
    message_id: String,
    from: &'static str,
    sender: Option<String>,
    kind: String,
    text: String,
    answer: Option<serde_json::Value>,
    solved: Option<i64>,
    created_at: i64,
}

/// Writes all tickets to standard output, each tenant's oldest first.
pub async fn write(app: &App, format: TicketFormat) -> Result<(), Failure> {
    let mut tenants = app.read(|tx, _| Ok(tx.query("SELECT tenant FROM tenant", &[], |row| row.string(0))?)).await?;
    tenants.sort();
    let mut sink = Sink::new(format);
    for tenant in tenants {
        let mut after = 0;
        loop {
            let page = page(app, tenant.clone(), after).await?;
            let Some(last) = page.last() else { break };
            after = last.id;
            for ticket in &page {
                sink.ticket(app, ticket).await?;
            }
        }
    }
    sink.finish()
}

async fn page(app: &App, tenant: String, after: i64) -> Result<Vec<Ticket>, Failure> {
    let page = app.read(move |tx, _| {
        let rows = tx.query(
            "SELECT tenant, helpdesk_id, ticket_id, chat_id, guest, guest_name, stage, status, channel, solve, score,
                    score_reason, owner, closed_by, created_at, updated_at, closed_at, agent_entry_at,
                    agent_first_response_at
             FROM ticket WHERE tenant = $1 AND ticket_id > $2 ORDER BY ticket_id LIMIT $3",
            &params![&tenant, after, PAGE],
            read_ticket,
        );
        Ok(rows?)
    });
    Ok(page.await?)
}

fn read_ticket(row: &Row<'_>) -> Result<Ticket, DbError> {
    let id = row.int(2)?;
    Ok(Ticket {
        tenant: row.string(0)?,
        helpdesk_id: row.int(1)?.to_string(),
        ticket_id: id.to_string(),
        chat_id: row.string(3)?,
        guest: row.string(4)?,
        guest_name: row.string(5)?,
        stage: row.int(6)?,
        status: row.int(7)?,
        channel: row.int(8)?,
        solve: row.opt_int(9)?,
        score: row.opt_int(10)?,
        score_reason: row.opt_string(11)?,
        owner: row.opt_string(12)?,
        closed_by: row.opt_string(13)?,
        created_at: row.int(14)?,
        updated_at: row.opt_int(15)?,
        closed_at: row.opt_int(16)?,
        agent_entry_at: row.opt_int(17)?,
        agent_first_response_at: row.opt_int(18)?,
        id,
    })
}

async fn messages(app: &App, ticket: &Ticket, after: i64) -> Result<Vec<Message>, Failure> {
    let (tenant, id) = (ticket.tenant.clone(), ticket.id);
    let page = app.read(move |tx, _| {
        let rows = tx.query(
            "SELECT position, message_id, sender, sender_user, kind, text, answer, feedback, created_at FROM message
             WHERE tenant = $1 AND ticket_id = $2 AND position > $3 ORDER BY position LIMIT $4",
            &params![&tenant, id, after, PAGE],
            read_message,
        );
        Ok(rows?)
    });
    Ok(page.await?)
}

fn read_message(row: &Row<'_>) -> Result<Message, DbError> {
    let answer = row.opt_text(6)?.map(serde_json::from_str).transpose();
    Ok(Message {
        position: row.int(0)?,
        message_id: row.string(1)?,
        from: match row.int(2)? {
            1 => "bot",
            2 => "guest",
            3 => "agent",
            _ => "system",
        },
        sender: row.opt_string(3)?,
        kind: row.string(4)?,
        text: row.string(5)?,
        answer: answer.map_err(|error| DbError::Corrupt(format!("a stored answer cannot be read: {error}")))?,
        solved: row.opt_int(7)?,
        created_at: row.int(8)?,
    })
}

enum Sink {
    Jsonl(BufWriter<io::Stdout>),
    Csv(Box<csv::Writer<io::Stdout>>),
}

impl Sink {
    fn new(format: TicketFormat) -> Self {
        match format {
            TicketFormat::Jsonl => Self::Jsonl(BufWriter::new(io::stdout())),
            TicketFormat::Csv => Self::Csv(Box::new(csv::Writer::from_writer(io::stdout()))),
        }
    }

    async fn ticket(&mut self, app: &App, ticket: &Ticket) -> Result<(), Failure> {
        match self {
            Self::Csv(writer) => writer.serialize(harmless(ticket)).map_err(csv_failure),
            Self::Jsonl(writer) => {
                // The messages are written as they come; a ticket may have any number.
                let head = json(ticket)?;
                write!(writer, "{},\"messages\":[", head.trim_end_matches('}'))?;
                let mut after = 0;
                loop {
                    let page = messages(app, ticket, after).await?;
                    let Some(last) = page.last().map(|message| message.position) else { break };
                    for message in &page {
                        let comma = if after == 0 { "" } else { "," };
                        after = message.position;
                        write!(writer, "{comma}{}", json(message)?)?;
                    }
                    after = last;
                }
                Ok(writeln!(writer, "]}}")?)
            }
        }
    }

    fn finish(self) -> Result<(), Failure> {
        match self {
            Self::Jsonl(mut writer) => Ok(writer.flush()?),
            Self::Csv(mut writer) => Ok(writer.flush()?),
        }
    }
}

fn json<T: Serialize>(value: &T) -> Result<String, Failure> {
    serde_json::to_string(value).map_err(|error| Failure::other(format!("a ticket cannot be written: {error}")))
}

fn csv_failure(error: csv::Error) -> Failure {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error.into(),
        other => Failure::other(format!("a ticket cannot be written: {other:?}")),
    }
}

/// Guests' texts must not become formulas when a spreadsheet opens the file.
fn harmless(ticket: &Ticket) -> Ticket {
    let guard = |text: &str| {
        if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
    };
    let score_reason = ticket.score_reason.as_deref().map(guard);
    Ticket { guest_name: guard(&ticket.guest_name), score_reason, ..ticket.clone() }
}
