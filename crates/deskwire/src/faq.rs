//! `deskwire faq`

use std::sync::Arc;

use desk::directory::Helpdesk;
use desk::faq::{self, Faq, Filter, RESTORABLE_MS, status};
use desk::ids;
use server::audit::by_command;
use server::clock::Clock;
use server::{App, Server};

use crate::cli::{FaqArgs, FaqCommand, FaqListArgs, FaqRestoreArgs};
use crate::fail::Failure;
use crate::{config, desks, files, out};

/// FAQs read in one go.
const PAGE: usize = 500;
const DAY_MS: i64 = 86_400_000;

/// Runs it.
pub async fn run(args: FaqArgs) -> Result<(), Failure> {
    let store = match &args.command {
        FaqCommand::List(args) => &args.store,
        FaqCommand::Restore(args) => &args.store,
    };
    let settings = config::store(store.clone())?;
    files::require_database(&settings)?;
    let server = Server::open(settings, Clock::system()).await?;
    let outcome = match &args.command {
        FaqCommand::List(args) => list(server.app(), args).await,
        FaqCommand::Restore(args) => restore(server.app(), args).await,
    };
    server.close().await;
    outcome
}

async fn list(app: &App, args: &FaqListArgs) -> Result<(), Failure> {
    let desks = desks::named(app, args.desk.as_deref())?;
    let status = if args.deleted { status::DELETED } else { status::ONLINE };
    for desk in desks {
        let mut after = 0;
        loop {
            let (filter, helpdesk) = (Filter { status: Some(status), ..Filter::default() }, Arc::clone(&desk));
            let page = app.read(move |tx, _| faq::list(tx, &helpdesk, &filter, after, PAGE)).await?;
            for faq in &page.items {
                out::line(&line(&desk, faq, app.now_ms()))?;
                after = faq.id;
            }
            if !page.has_more {
                break;
            }
        }
    }
    Ok(())
}

/// Tabs and line breaks of a question would break the table.
fn line(desk: &Helpdesk, faq: &Faq, now: i64) -> String {
    let question: String = faq.question.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    match faq.deleted_at {
        Some(at) if faq.status == status::DELETED => {
            let days = (at + RESTORABLE_MS - now).max(0) / DAY_MS;
            format!("{}\t{}\t{days} days left\t{question}", faq.id, desk.id)
        }
        _ => format!("{}\t{}\t{question}", faq.id, desk.id),
    }
}

async fn restore(app: &App, args: &FaqRestoreArgs) -> Result<(), Failure> {
    let unknown = || Failure::other(format!("no FAQ {} that can be restored", args.faq_id));
    let id = ids::parse(&args.faq_id).ok_or_else(unknown)?;
    let directory = app.directory().clone();
    let mut desks = app.read(move |tx, _| faq::desks_with(tx, &directory, id)).await?;
    if let Some(wanted) = &args.desk {
        desks.retain(|desk| desk.id.to_string() == *wanted);
    }
    let desk = match desks.as_slice() {
        [] => return Err(unknown()),
        [desk] => Arc::clone(desk),
        several => {
            let ids: Vec<String> = several.iter().map(|desk| desk.id.to_string()).collect();
            let line = format!("desk: help desks {} have a FAQ {id}; name one of them", ids.join(" and "));
            return Err(Failure::other(line));
        }
    };
    let (helpdesk, open_id) = (Arc::clone(&desk), args.open_id.clone());
    let restoring = app.write(move |tx, cx| faq::restore_for(tx, cx, &helpdesk, open_id.as_deref(), id));
    by_command(&desk.tenant, "faq.restore", Some(desk.id), restoring).await?;
    Ok(out::line(&format!("restored FAQ {id} of help desk {} ({})", desk.id, desk.name))?)
}
