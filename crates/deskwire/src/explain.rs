//! `deskwire explain`: why a question is answered as it is.

use std::fmt::Write;

use desk::answer::Mode;
use desk::ids;
use server::Server;
use server::clock::Clock;
use server::explain::{self, Ask, ExplainedFaq, ExplainedQuestion, WouldAnswer};

use crate::cli::ExplainArgs;
use crate::fail::Failure;
use crate::{config, desks, files, out};

/// Words, and measures of a score, that a line names.
const LISTED: usize = 8;

/// Runs it.
pub async fn run(args: ExplainArgs) -> Result<(), Failure> {
    let settings = config::store(args.store.clone())?;
    files::require_database(&settings)?;
    let server = Server::open(settings, Clock::system()).await?;
    let outcome = explained(&server, &args).await;
    server.close().await;
    let explained = outcome?;
    if args.json {
        let json = serde_json::to_string_pretty(&explained);
        return Ok(out::line(&json.map_err(|error| Failure::other(format!("no JSON: {error}")))?)?);
    }
    for line in lines(&explained) {
        out::line(&line)?;
    }
    Ok(())
}

async fn explained(server: &Server, args: &ExplainArgs) -> Result<ExplainedQuestion, Failure> {
    let app = server.app();
    let no_id = |id: &String| Failure::other(format!("faq: {id:?} is no FAQ id; ids have 19 digits"));
    let faq_id = args.faq.as_ref().map(|id| ids::parse(id).ok_or_else(|| no_id(id))).transpose()?;
    let ask = Ask { text: args.question.clone(), faq_id, limit: args.limit.into() }.checked()?;
    let desk = desks::one(app, "desk", args.desk.as_deref()).map_err(Failure::other)?;
    server.with_embedder().await?;
    app.engines().prepare(app, &desk).await?;
    Ok(explain::explain(app, &desk, ask).await?)
}

/// What people read.
fn lines(explained: &ExplainedQuestion) -> Vec<String> {
    let mut lines = vec![verdict(&explained.answer, explained.faqs.first())];
    let (known, unknown): (Vec<_>, Vec<_>) = explained.words.iter().partition(|word| word.known);
    let words = known.iter().map(|word| format!("{} {:.2}", word.word, word.weight));
    lines.push(format!("words:   {}", listed(words)));
    if !unknown.is_empty() {
        let words = unknown.iter().map(|word| word.word.clone());
        lines.push(format!("unknown: {} ({:.0} % of the question)", listed(words), 100.0 * explained.unknown));
    }
    for faq in &explained.faqs {
        lines.push(String::new());
        lines.extend(faq_lines(faq));
    }
    lines
}

fn verdict(answer: &WouldAnswer, best: Option<&ExplainedFaq>) -> String {
    let (direct, list) = (answer.direct_score, answer.list_score);
    let Some(best) = best else { return "none: no FAQ has anything to do with the question".to_owned() };
    let of = answer.category_id.as_ref().map(|id| format!(" of category {id}")).unwrap_or_default();
    match answer.mode {
        Mode::Direct => format!("direct: {:.2} is at least direct_score {direct}{of}", best.score),
        Mode::List => {
            format!("list: {:.2} is at least list_score {list} and below direct_score {direct}{of}", best.score)
        }
        Mode::None => format!("none: {:.2} is below list_score {list}{of}", best.score),
    }
}

fn faq_lines(faq: &ExplainedFaq) -> Vec<String> {
    let mut lines = vec![format!("{:.2}  {} (FAQ {})", faq.score, one_line(&faq.question), faq.faq_id)];
    let mut line = |name: &str, text: String| lines.push(format!("      {name:<8} {text}"));
    let mut matched = faq.matched.by.replace('_', " ");
    if let Some(number) = faq.matched.number {
        let _ = write!(matched, " {number}");
    }
    if let Some(text) = faq.matched.text.as_ref().filter(|_| faq.matched.number.is_some()) {
        let _ = write!(matched, ": {}", one_line(text));
    }
    line("matched", if faq.matched.exact { format!("{matched} (exactly)") } else { matched });
    line(
        "words",
        listed(faq.words.iter().map(|word| {
            let place = if word.in_question { "" } else { " (answer)" };
            let said =
                if word.said_as.is_empty() { String::new() } else { format!(" (for {})", word.said_as.join(", ")) };
            format!("{} {:.2}{place}{said}", word.word, word.weight)
        })),
    );
    line("letters", listed(faq.grams.iter().map(|gram| format!("{} {:.3}", gram.gram, gram.weight))));
    if let Some(similarity) = faq.similarity {
        line("meaning", format!("cosine {similarity:.2}"));
    }
    let learnt = [("words", faq.learned), ("meaning", faq.meaning_learned)];
    let learnt = learnt.iter().filter_map(|(of, chance)| Some(format!("{:.0} % by {of}", 100.0 * (*chance)?)));
    let learnt: Vec<String> = learnt.collect();
    if !learnt.is_empty() {
        line("learnt", learnt.join(", "));
    }
    if let Some(other) = &faq.runner_up {
        let way = if faq.margin < 0.0 { "behind" } else { "ahead of" };
        let apart = faq.margin.abs();
        line("margin", format!("{apart:.2} {way} {} (FAQ {})", one_line(&other.question), other.faq_id));
    }
    let mut parts: Vec<_> = faq.features.iter().collect();
    parts.sort_by(|a, b| b.contribution.abs().total_cmp(&a.contribution.abs()));
    line("score", listed(parts.iter().map(|part| format!("{} {:+.2}", part.name, part.contribution))));
    lines
}

/// The first of them, and how many more there are.
fn listed(parts: impl Iterator<Item = String>) -> String {
    let parts: Vec<String> = parts.collect();
    match parts.len() {
        0 => "none".to_owned(),
        n if n > LISTED => format!("{}, and {} more", parts[..LISTED].join(", "), n - LISTED),
        _ => parts.join(", "),
    }
}

fn one_line(text: &str) -> String {
    text.split(char::is_control).collect::<Vec<_>>().join(" ")
}
