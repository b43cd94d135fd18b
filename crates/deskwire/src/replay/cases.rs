//! Kept cases on the command line: they pass, or the command fails and names those that do not.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use desk::answering::Answering;
use desk::directory::Helpdesk;
use desk::faq;
use desk::replay::case::{NOTHING, Wanted};
use desk::replay::{Difference, Text, word};
use serde_json::{Value, json};
use server::App;
use server::replay::{self, Lab, Tried};

use super::faqs::{FileCase, by_place, read, read_cases};
use super::{ReplayArgs, answering, helpdesk, trial, turn, unable};
use crate::fail::Failure;
use crate::out;

/// FAQs read in one go.
const PAGE: i64 = 2_000;

/// How people know FAQs, and how they are found by what a case names.
#[derive(Default)]
struct Names {
    /// Id and question.
    told: HashMap<i64, (String, String)>,
    by_word: HashMap<String, i64>,
    by_question: HashMap<String, i64>,
}

impl Names {
    fn add(&mut self, id: i64, word: String, question: &str) {
        self.by_word.insert(word.clone(), id);
        self.by_question.entry(question.trim().to_owned()).or_insert(id);
        self.told.insert(id, (word, question.to_owned()));
    }

    fn remove(&mut self, id: i64) {
        if let Some((word, question)) = self.told.remove(&id) {
            self.by_word.remove(&word);
            if self.by_question.get(question.trim()) == Some(&id) {
                self.by_question.remove(question.trim());
            }
        }
    }

    /// Lets cases name FAQs as their file does, which may have ids that are none of the help desk's.
    fn also_by_file<'f>(&mut self, faqs: impl Iterator<Item = &'f (Option<String>, Text)>) {
        for (id, text) in faqs {
            if let (Some(id), Some(of)) = (id, self.by_question.get(text.question.trim())) {
                self.by_word.entry(id.clone()).or_insert(*of);
            }
        }
    }

    /// `question (id)`.
    fn told(&self, id: i64) -> String {
        self.told.get(&id).map_or_else(|| format!("FAQ {id}"), |(word, question)| format!("{question:?} ({word})"))
    }

    fn wanted(&self, word: &str) -> Option<Wanted> {
        let word = word.trim();
        if word == NOTHING {
            return Some(Wanted::Nothing);
        }
        self.by_word.get(word).or_else(|| self.by_question.get(word)).copied().map(Wanted::Faq)
    }

    /// The cases of a file, or each one that names no FAQ.
    fn all_wanted(&self, path: &Path, cases: Vec<FileCase>) -> Result<Vec<Kept>, Failure> {
        let (mut kept, mut lines) = (Vec::new(), Vec::new());
        for FileCase { text, wanted, note } in cases {
            match self.wanted(&wanted) {
                Some(wanted) if !text.trim().is_empty() => kept.push(Kept { text, wanted, note }),
                Some(_) => lines.push(format!("{}: text: must not be empty", path.display())),
                None => lines.push(format!(
                    "{}: case {text:?}: wanted: {wanted:?} is neither the id nor the question of a FAQ, nor {NOTHING:?}",
                    path.display()
                )),
            }
        }
        if lines.is_empty() { Ok(kept) } else { Err(Failure { status: 2, lines }) }
    }
}

/// A case to be tried.
struct Kept {
    text: String,
    wanted: Wanted,
    note: String,
}

fn asked(kept: &[Kept]) -> Vec<(String, Wanted)> {
    kept.iter().map(|case| (case.text.clone(), case.wanted)).collect()
}

/// Tries the cases of a file on the FAQs of a file.
pub fn of_files(args: &ReplayArgs, cases: &Path, faqs: &Path) -> Result<(), Failure> {
    let file = read(faqs, args.helpdesk.as_deref())?;
    let nothing = || Failure::config(format!("{}: the help desk has no faqs", faqs.display()));
    let faqs = file.faqs.as_ref().ok_or_else(nothing)?;
    let answering = answering(args, &Answering::default(), file.answering.as_ref())?;
    let puts = by_place(faqs);
    let mut names = Names::default();
    for (put, (id, text)) in puts.iter().zip(faqs) {
        names.add(put.id, id.clone().unwrap_or_else(|| format!("faqs[{}]", put.id - 1)), &text.question);
    }
    let kept = names.all_wanted(cases, read_cases(cases, args.helpdesk.as_deref())?)?;
    let tried = replay::cases_on(&Lab::of(&puts), &answering, &asked(&kept));
    report(args, &names, &kept, &tried)
}

/// Tries cases of the database, or of a file, on the help desk's FAQs.
pub async fn with_database(app: &App, args: &ReplayArgs, file: Option<&Path>) -> Result<(), Failure> {
    let (names, kept, tried) = tried(app, args, file).await.map_err(unable)?;
    report(args, &names, &kept, &tried)
}

async fn tried(app: &App, args: &ReplayArgs, file: Option<&Path>) -> Result<(Names, Vec<Kept>, Vec<Tried>), Failure> {
    let desk = helpdesk(app, args.helpdesk.as_deref())?;
    let id = desk.id.to_string();
    let faqs = args.faqs.as_deref().map(|path| read(path, Some(&id))).transpose()?;
    let trial = trial(app, args, &desk, faqs.as_ref()).await?;
    let mut names = names(app, &desk, trial.as_ref().map(|trial| &trial.difference)).await?;
    names.also_by_file(faqs.iter().filter_map(|file| file.faqs.as_deref()).flatten());
    let kept = if let Some(path) = file {
        names.all_wanted(path, read_cases(path, Some(&id))?)?
    } else {
        let cases = replay::kept_cases(app, &desk).await?;
        cases.into_iter().map(|case| Kept { text: case.text, wanted: case.wanted, note: case.note }).collect()
    };
    let tried = replay::cases(app, &desk, turn(app)?, asked(&kept), trial).await?;
    Ok((names, kept, tried))
}

/// The FAQs online, as they would be.
async fn names(app: &App, desk: &Arc<Helpdesk>, difference: Option<&Difference>) -> Result<Names, Failure> {
    let (mut names, mut after) = (Names::default(), 0);
    loop {
        let its = Arc::clone(desk);
        let page = app.read(move |tx, _| Ok(faq::online_after(tx, &its, after, PAGE)?)).await?;
        let Some(last) = page.last() else { break };
        after = last.faq_id;
        for faq in &page {
            if let Some((question, ..)) = &faq.text {
                names.add(faq.faq_id, word(faq.faq_id), question);
            }
        }
    }
    if let Some(difference) = difference {
        let gone = difference.remove.iter().copied().chain(difference.put.iter().map(|put| put.id));
        for id in gone {
            names.remove(id);
        }
        for put in &difference.put {
            names.add(put.id, word(put.id), &put.text.question);
        }
    }
    Ok(names)
}

/// Says how the cases fared; fails if one of them did.
fn report(args: &ReplayArgs, names: &Names, kept: &[Kept], tried: &[Tried]) -> Result<(), Failure> {
    let failed: Vec<(&Kept, &Tried)> = kept.iter().zip(tried).filter(|(_, tried)| tried.fault.is_some()).collect();
    let passed = tried.len() - failed.len();
    if args.json {
        let failed: Vec<Value> = failed.iter().map(|(kept, tried)| failure(names, kept, tried)).collect();
        out::line(&json!({"cases": tried.len(), "passed": passed, "failed": failed}).to_string())?;
    }
    if failed.is_empty() {
        return if args.json { Ok(()) } else { Ok(out::line(&format!("{passed} of {passed} cases passed"))?) };
    }
    let mut lines = vec![format!("{} of {} cases failed", failed.len(), tried.len())];
    lines.extend(failed.iter().map(|(kept, tried)| line(names, kept, tried)));
    Err(Failure { status: 1, lines })
}

fn wanted(names: &Names, wanted: Wanted) -> String {
    match wanted {
        Wanted::Faq(id) => names.told(id),
        Wanted::Nothing => NOTHING.to_owned(),
    }
}

fn line(names: &Names, kept: &Kept, tried: &Tried) -> String {
    let why = tried.fault.map_or("", desk::replay::case::Fault::why);
    let shown = tried.view.faqs.iter().map(|faq| format!("{:.2} {}", faq.score, names.told(faq.faq_id)));
    let shown: Vec<String> = shown.collect();
    let shown = if shown.is_empty() { NOTHING.to_owned() } else { shown.join(", ") };
    let note = if kept.note.is_empty() { String::new() } else { format!("; note: {}", kept.note) };
    format!("case {:?}: {why}; wanted: {}; shown: {shown}{note}", kept.text, wanted(names, kept.wanted))
}

fn failure(names: &Names, kept: &Kept, tried: &Tried) -> Value {
    let faq = |id: i64| {
        let (word, question) = names.told.get(&id).cloned().unwrap_or_else(|| (word(id), String::new()));
        json!({"id": word, "question": question})
    };
    let shown: Vec<Value> = tried
        .view
        .faqs
        .iter()
        .map(|shown| {
            let mut told = faq(shown.faq_id);
            told["score"] = json!(shown.score);
            told
        })
        .collect();
    let wanted = match kept.wanted {
        Wanted::Faq(id) => faq(id),
        Wanted::Nothing => json!(NOTHING),
    };
    json!({
        "text": kept.text, "wanted": wanted, "note": kept.note, "why": tried.fault.map(desk::replay::case::Fault::why),
        "shown": {"mode": tried.view.mode, "faqs": shown},
    })
}
