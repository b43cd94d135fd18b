//! FAQs and kept cases in files: desk files, or JSON objects line by line.

use std::collections::HashSet;
use std::path::Path;

use desk::answering::Answering;
use desk::deskfile::types;
use desk::replay::{Put, Rest, Text, of_file};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::fail::Failure;
use crate::files;

/// FAQs of a file.
#[derive(Debug, Clone)]
pub struct FaqFile {
    /// Each with the id it gives; `None` if a desk file says nothing of FAQs.
    pub faqs: Option<Vec<(Option<String>, Text)>>,
    /// What becomes of the others.
    pub rest: Rest,
    /// How a desk file's help desk answers, if it says.
    pub answering: Option<Answering>,
}

/// A kept case of a file.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileCase {
    /// The question.
    pub text: String,
    /// A FAQ's id or question, or `nothing`.
    pub wanted: String,
    /// Why it is kept.
    #[serde(default)]
    pub note: String,
}

/// A line of a file of FAQs, as `deskwire eval` reads it.
#[derive(Deserialize)]
struct FaqLine {
    #[serde(default)]
    id: Option<String>,
    question: String,
    #[serde(default)]
    similar: Vec<String>,
    #[serde(default)]
    answer: Option<String>,
}

fn by_lines(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("jsonl"))
}

/// Reads FAQs. Of a desk file, those of this help desk, or of the only one.
pub fn read(path: &Path, helpdesk: Option<&str>) -> Result<FaqFile, Failure> {
    if !by_lines(path) {
        let desk = help_desk(path, helpdesk)?;
        let faqs = desk.faqs.as_deref().map(of_file).transpose();
        let faqs = faqs.map_err(|refusal| Failure::config(format!("{}: {refusal}", path.display())))?;
        return Ok(FaqFile { faqs, rest: Rest::MadeByHandStays, answering: desk.answering });
    }
    let mut seen = HashSet::new();
    let mut faqs = Vec::new();
    for (number, line) in lines::<FaqLine>("faqs", path)? {
        let twice = line.id.as_ref().filter(|id| !seen.insert((*id).clone()));
        if let Some(id) = twice {
            return Err(Failure::config(format!(
                "faqs: {}:{number}: id: {id:?} is another FAQ already",
                path.display()
            )));
        }
        let text = Text { question: line.question, similar: line.similar, answer: line.answer.unwrap_or_default() };
        faqs.push((line.id, text));
    }
    Ok(FaqFile { faqs: Some(faqs), rest: Rest::Goes, answering: None })
}

/// Reads kept cases.
pub fn read_cases(path: &Path, helpdesk: Option<&str>) -> Result<Vec<FileCase>, Failure> {
    if by_lines(path) {
        return Ok(lines("cases", path)?.into_iter().map(|(_, case)| case).collect());
    }
    let case =
        |case: types::Case| FileCase { text: case.text, wanted: case.wanted, note: case.note.unwrap_or_default() };
    match help_desk(path, helpdesk)?.cases {
        Some(cases) => Ok(cases.into_iter().map(case).collect()),
        None => Err(Failure::config(format!("{}: the help desk has no cases", path.display()))),
    }
}

/// A desk file's help desk of this id, or the only one.
fn help_desk(path: &Path, id: Option<&str>) -> Result<types::Helpdesk, Failure> {
    let sources = files::read(&[path.to_owned()])?;
    let desks =
        sources.into_iter().flat_map(|source| source.file.tenants).flat_map(|t| t.helpdesks.unwrap_or_default());
    let mut desks: Vec<types::Helpdesk> = desks.collect();
    let told = |desk: &types::Helpdesk| format!("{} ({})", desk.id.as_deref().unwrap_or("no id"), desk.name);
    let known = desks.iter().map(told).collect::<Vec<_>>().join(", ");
    if desks.len() != 1 || desks[0].id.is_some() {
        desks.retain(|desk| id.is_none() || desk.id.as_deref() == id);
    }
    match (desks.pop(), desks.is_empty()) {
        (Some(desk), true) => Ok(desk),
        _ => Err(Failure::config(format!(
            "{}: which help desk is meant? --helpdesk ID names it; the file has {}",
            path.display(),
            if known.is_empty() { "none" } else { &known }
        ))),
    }
}

/// The lines of a file with their numbers.
fn lines<T: DeserializeOwned>(key: &str, path: &Path) -> Result<Vec<(usize, T)>, Failure> {
    let shown = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::config(format!("{key}: {shown} cannot be read: {error}")))?;
    let numbered = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    numbered
        .map(|(number, line)| match serde_json::from_str(line) {
            Ok(read) => Ok((number, read)),
            Err(error) => Err(Failure::config(format!("{key}: {shown}:{number}: {error}"))),
        })
        .collect()
}

/// FAQs of a file by their places, for a lab without a database.
pub fn by_place(faqs: &[(Option<String>, Text)]) -> Vec<Put> {
    (1..).zip(faqs).map(|(id, (_, text))| Put { id, text: text.clone() }).collect()
}
