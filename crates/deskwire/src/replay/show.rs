//! A replay as people read it.

use desk::directory::Helpdesk;
use desk::replay::{Compared, Counts, Summary};
use server::replay::{FaqOut, QuestionOut, ViewOut};

use crate::events::time;

/// Questions that are told one by one.
const TOLD_MAX: usize = 40;

/// Some of the changed questions: those that became worse first, then those that became better.
pub fn most_telling<'c>(changed: &[&'c Compared]) -> Vec<&'c Compared> {
    let mut told = changed.to_vec();
    // Stable: the newest stay first among their like.
    told.sort_by_key(|one| (!one.worse(), !one.better()));
    told.truncate(TOLD_MAX);
    told
}

/// The lines.
pub fn lines<'q>(
    desk: &Helpdesk,
    (from, complete): (i64, bool),
    summary: &Summary,
    told: impl Iterator<Item = (&'q Compared, &'q QuestionOut)>,
) -> Vec<String> {
    let newest = if complete { "" } else { "the newest " };
    let mut lines = vec![format!(
        "help desk {} ({}): {newest}{} questions since {}; something is known of {}",
        desk.id,
        desk.name,
        summary.questions,
        time(from),
        summary.known
    )];
    lines.push(String::new());
    let cells = ["", "direct", "list", "none", "solved", "missed", "wrong", "unknown"].map(str::to_owned);
    lines.push(row(&cells));
    lines.push(counts("then", &summary.then));
    lines.push(counts("now", &summary.now));
    lines.extend(summary.after.as_ref().map(|after| counts("after", after)));
    lines.push(String::new());
    let against = if summary.after.is_some() { "after the change" } else { "than then" };
    lines.push(format!(
        "answered otherwise {against}: {}, of them better {}, worse {}",
        summary.changed, summary.better, summary.worse
    ));
    let mut shown = 0;
    for (one, question) in told {
        shown += 1;
        lines.extend(question_lines(one, question));
    }
    let more = usize::try_from(summary.changed).unwrap_or(usize::MAX).saturating_sub(shown);
    if more > 0 {
        lines.push(String::new());
        lines.push(format!("{more} more; --json prints all"));
    }
    lines
}

fn row(cells: &[String; 8]) -> String {
    let [name, numbers @ ..] = cells;
    let numbers: Vec<String> = numbers.iter().map(|cell| format!("{cell:>8}")).collect();
    format!("{name:<6}{}", numbers.concat())
}

fn counts(name: &str, of: &Counts) -> String {
    let numbers = [of.direct, of.list, of.none, of.solved, of.missed, of.wrong, of.unknown];
    let [direct, list, none, solved, missed, wrong, unknown] = numbers.map(|number| number.to_string());
    row(&[name.to_owned(), direct, list, none, solved, missed, wrong, unknown])
}

fn question_lines(one: &Compared, question: &QuestionOut) -> Vec<String> {
    let word = match (one.better(), one.worse()) {
        (true, _) => "better",
        (_, true) => "worse",
        _ => "other",
    };
    let mut lines = vec![String::new(), format!("{word}  {}  {}", time(question.asked_at), plain(&question.text))];
    lines.extend(question.right.as_ref().map(|right| format!("  right: {}", faq(right))));
    lines.extend(question.wrong.as_ref().map(|wrong| format!("  wrong: {}", faq(wrong))));
    let views = [("then", question.then.as_ref()), ("now", Some(&question.now)), ("after", question.after.as_ref())];
    lines.extend(views.into_iter().filter_map(|(name, shown)| Some(view(name, shown?))));
    lines
}

fn view(name: &str, shown: &ViewOut) -> String {
    let best = shown.faqs.first().map(faq).unwrap_or_default();
    format!("  {:<6} {:<7} {best}", format!("{name}:"), shown.mode.as_str()).trim_end().to_owned()
}

fn faq(faq: &FaqOut) -> String {
    let score = faq.score.map(|score| format!("{score:.2}  ")).unwrap_or_default();
    let question = faq.question.as_deref().map_or_else(|| "gone".to_owned(), plain);
    format!("{score}{question} (FAQ {})", faq.id)
}

/// A text in one line.
fn plain(text: &str) -> String {
    text.split(char::is_control).map(str::trim).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}
