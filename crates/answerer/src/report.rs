//! What became of the questions of a shadow: asks the desk what agents answered, and counts how often the engine would
//! have said the same. The desk does not tell which FAQ an agent used, so answers are compared by their text.

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use reqwest::Method;
use serde::Serialize;
use serde_json::Value;
use wire::Code;

use crate::client::{CallError, Client};
use crate::faqs;
use crate::ledger::{Ledger, Shadowed};
use crate::{Clock, Credentials, StartError};

/// Messages of one page; the most that the platform gives.
const PAGE: usize = 200;
/// Pages read of one ticket.
const PAGES_MAX: usize = 50;
/// Two texts are the same answer if so much of the shorter one stands in the other.
const SAME: f64 = 0.6;
/// A shorter text says too little to be compared, in pairs of characters.
const PAIRS_MIN: usize = 6;

/// What a report needs.
#[derive(Clone)]
pub struct ReportSettings {
    /// The server, as in [`crate::Settings`].
    pub base_url: String,
    /// Who the app is.
    pub credentials: Credentials,
    /// The folder with the ledger of the shadow.
    pub data_dir: PathBuf,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// What became of a shadow's questions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Questions seen.
    pub questions: u64,
    /// Would have been answered with one FAQ.
    pub direct: u64,
    /// Would have been answered with a list to choose from.
    pub listed: u64,
    /// Would have been answered that nothing was found, or not at all.
    pub nothing: u64,
    /// What became of all of them.
    pub outcomes: Outcomes,
    /// The same by the best FAQ's score, highest first; questions for which nothing was found are in none.
    pub bands: Vec<Band>,
}

/// What became of some questions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Outcomes {
    /// An agent answered with the text of a FAQ that the engine would have sent.
    pub same: u64,
    /// An agent answered something else.
    pub other: u64,
    /// Closed as solved, or the guest was satisfied, without an agent's answer.
    pub alone: u64,
    /// Closed without an agent's answer, and the guest was dissatisfied.
    pub unsolved: u64,
    /// Closed, or gone, and nothing tells what the right answer was.
    pub unknown: u64,
    /// The ticket is still open; the next report looks again.
    pub open: u64,
}

/// Questions whose best score lies in a range.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Band {
    /// Lowest score, in hundredths; the range ends before `from + 10`, and the highest includes 100.
    pub from: u64,
    /// Questions.
    pub questions: u64,
    /// What became of them.
    pub outcomes: Outcomes,
}

impl Outcomes {
    /// Of the answers that an agent's answer can judge, the share that was the same, and their number. `None` without any.
    pub fn precision(&self) -> Option<(f64, u64)> {
        let judged = self.same + self.other;
        #[expect(clippy::cast_precision_loss, reason = "a share, for people")]
        (judged > 0).then(|| (self.same as f64 / judged as f64, judged))
    }

    fn count(&mut self, outcome: Option<&str>) {
        let counter = match outcome {
            Some("same") => &mut self.same,
            Some("other") => &mut self.other,
            Some("alone") => &mut self.alone,
            Some("unsolved") => &mut self.unsolved,
            Some(_) => &mut self.unknown,
            None => &mut self.open,
        };
        *counter += 1;
    }
}

/// Looks what became of the questions that were open at the last report, notes it in the ledger, and counts.
///
/// # Errors
/// [`StartError::Config`] if there is no ledger or the server refuses; [`StartError::Other`] if it cannot be reached.
pub async fn report(settings: ReportSettings) -> Result<Report, StartError> {
    if !settings.data_dir.join("answers.db").is_file() {
        let folder = settings.data_dir.display();
        return Err(StartError::Config(format!("data_dir: {folder} has no ledger, run with --shadow first")));
    }
    let client = Client::new(&settings.base_url, settings.credentials.clone(), settings.clock)?;
    let (folder, desk) = (settings.data_dir, settings.credentials.helpdesk_id);
    let opened = tokio::task::spawn_blocking(move || Ledger::open(&folder, &desk)).await;
    let ledger = opened.map_err(|error| StartError::Other(error.to_string()))?;
    let ledger = ledger.map_err(|why| StartError::Config(format!("data_dir: {why}")))?;
    let counted = follow(&client, &ledger).await;
    ledger.close();
    counted
}

async fn follow(client: &Client, ledger: &Ledger) -> Result<Report, StartError> {
    let broken = |error: db::DbError| StartError::Other(format!("the ledger: {error}"));
    let mut after = None;
    let (mut report, mut bands) = (Report::default(), BTreeMap::<u64, Band>::new());
    loop {
        let page = ledger.shadowed(after.as_ref()).await.map_err(broken)?;
        let Some(last) = page.last() else { break };
        after = Some((last.ticket_id.clone(), last.asked_at, last.event_id.clone()));
        for question in page {
            let outcome = match &question.outcome {
                Some(outcome) => Some(outcome.clone()),
                None => outcome(client, &question).await.map_err(|error| refused(&error))?.map(str::to_owned),
            };
            if let Some(outcome) = outcome.as_deref().filter(|_| question.outcome.is_none()) {
                ledger.became(&question.event_id, outcome).await.map_err(broken)?;
            }
            report.add(&question, outcome.as_deref(), &mut bands);
        }
    }
    report.bands = bands.into_values().rev().collect();
    Ok(report)
}

fn refused(error: &CallError) -> StartError {
    match error {
        CallError::Refused { .. } => StartError::Config(format!("the server refused: {error}; check the app's scopes")),
        CallError::Unavailable(_) => StartError::Other(format!("{error}; what was found so far is kept")),
    }
}

impl Report {
    fn add(&mut self, question: &Shadowed, outcome: Option<&str>, bands: &mut BTreeMap<u64, Band>) {
        self.questions += 1;
        match question.mode.as_str() {
            "direct" => self.direct += 1,
            "listed" => self.listed += 1,
            _ => self.nothing += 1,
        }
        self.outcomes.count(outcome);
        let faqs: Value = serde_json::from_str(&question.faqs).unwrap_or_default();
        let Some(score) = faqs[0]["score"].as_f64() else { return };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 9")]
        let from = (score * 10.0).clamp(0.0, 9.0).floor() as u64 * 10;
        let band = bands.entry(from).or_insert(Band { from, ..Band::default() });
        band.questions += 1;
        band.outcomes.count(outcome);
    }
}

/// What became of a question; `None` while its ticket is open, when the answer may still come.
async fn outcome(client: &Client, question: &Shadowed) -> Result<Option<&'static str>, CallError> {
    let path = format!("/tickets/{}", question.ticket_id);
    let Some(found) = or_gone(client.call(Method::GET, &path, None).await)? else { return Ok(Some("unknown")) };
    let ticket = &found["ticket"];
    if ticket["status"].as_i64().is_none_or(|status| (1..=5).contains(&status)) {
        return Ok(None);
    }
    let agents = ticket["agents"].as_array().into_iter().flatten();
    let agents: HashSet<&str> = agents.filter_map(|agent| agent["id"].as_str()).collect();
    let said = if agents.is_empty() { String::new() } else { said(client, question, &agents).await? };
    if said.is_empty() {
        let (solve, score) = (ticket["solve"].as_i64(), ticket["score"].as_i64());
        // A `solve` of 1 is what a ticket has that nobody was asked about, so it says nothing.
        return Ok(Some(match (solve, score) {
            _ if !agents.is_empty() => "unknown",
            (_, Some(1)) => "unsolved",
            (Some(2), _) | (_, Some(3)) => "alone",
            _ => "unknown",
        }));
    }
    let faqs: Value = serde_json::from_str(&question.faqs).unwrap_or_default();
    let mut compared = false;
    for faq in faqs.as_array().into_iter().flatten() {
        let path = format!("/faqs/{}", faq["id"].as_str().unwrap_or_default());
        let Some(found) = or_gone(client.call(Method::GET, &path, None).await)? else { continue };
        let Some(answer) = faqs::answer(&found["faq"]) else { continue };
        match similar(&answer, &said) {
            Some(true) => return Ok(Some("same")),
            Some(false) => compared = true,
            None => {}
        }
    }
    Ok(Some(if compared { "other" } else { "unknown" }))
}

/// `None` if what was asked for is not there.
fn or_gone(answer: Result<Value, CallError>) -> Result<Option<Value>, CallError> {
    match answer {
        Ok(data) => Ok(Some(data)),
        Err(CallError::Refused { code, .. }) if code == Code::NOT_FOUND.number => Ok(None),
        Err(error) => Err(error),
    }
}

/// What agents wrote between this question and the next of the ticket.
async fn said(client: &Client, question: &Shadowed, agents: &HashSet<&str>) -> Result<String, CallError> {
    let mut words = String::new();
    let (from, mut seen) = (question.asked_at / 1_000, 0);
    for page in 1..=PAGES_MAX {
        let path = format!("/tickets/{}/messages?time_start={from}&page={page}&page_size={PAGE}", question.ticket_id);
        let data = client.call(Method::GET, &path, None).await?;
        let messages = data["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
        for message in messages {
            let at = message["created_at"].as_i64().or_else(|| message["created_at"].as_str()?.parse().ok());
            let meant = at.is_some_and(|at| at > question.asked_at && question.until.is_none_or(|until| at < until));
            if meant && message["user_id"].as_str().is_some_and(|id| agents.contains(id)) {
                words.push_str(&text(message["content"].as_str().unwrap_or_default()));
                words.push('\n');
            }
        }
        // A page may hold fewer than were asked for.
        seen += messages.len();
        let total = data["total"].as_u64().and_then(|total| usize::try_from(total).ok());
        if messages.is_empty() || seen >= total.unwrap_or(0) {
            break;
        }
    }
    Ok(words)
}

/// The words of a message's content, which is JSON in a string (reference: helpdesk-v1 3).
fn text(content: &str) -> String {
    match serde_json::from_str::<Value>(content) {
        Ok(Value::Object(fields)) => match fields.get("content").or(fields.get("text")) {
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None => String::new(),
        },
        _ => content.to_owned(),
    }
}

/// Whether two texts are the same answer, by the pairs of neighbouring letters and digits; `None` if one is too short.
fn similar(one: &str, other: &str) -> Option<bool> {
    let pairs = |text: &str| -> HashSet<(char, char)> {
        let letters: Vec<char> = text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
        letters.windows(2).map(|two| (two[0], two[1])).collect()
    };
    let (one, other) = (pairs(one), pairs(other));
    let least = one.len().min(other.len());
    #[expect(clippy::cast_precision_loss, reason = "a share")]
    (least >= PAIRS_MIN).then(|| one.intersection(&other).count() as f64 / least as f64 >= SAME)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_the_same_by_their_text() {
        let faq = "Open settings, choose security and click reset password.";
        assert_eq!(
            similar(faq, "Hi! Please open Settings → choose Security and click “Reset password”. Bye"),
            Some(true)
        );
        assert_eq!(similar(faq, "The printer on the third floor has run out of paper."), Some(false));
        assert_eq!(similar("打开设置，选择安全，点击重置密码", "您好，请打开设置选择安全点击重置密码即可"), Some(true));
        assert_eq!(similar(faq, "ok"), None);
    }

    #[test]
    fn content_is_read_in_all_forms() {
        assert_eq!(text(r#"{"content":"a","msg_type":"text"}"#), "a");
        assert_eq!(text(r#"{"text":"a"}"#), "a");
        assert_eq!(text("a"), "a");
        assert_eq!(text(r#"{"image_key":"k"}"#), "");
    }

    #[test]
    fn precision_is_of_what_an_agent_answered() {
        let outcomes = Outcomes { same: 3, other: 1, alone: 5, open: 7, ..Outcomes::default() };
        assert_eq!(outcomes.precision(), Some((0.75, 4)));
        assert_eq!(Outcomes { alone: 5, ..Outcomes::default() }.precision(), None);
    }
}
