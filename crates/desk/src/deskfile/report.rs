//! What an apply did, for people.

use std::collections::HashSet;
use std::fmt;

/// Changes of FAQs that are told one by one, for each help desk; the others are counted.
pub(super) const FAQS_TOLD: usize = 20;

/// What happened to a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// It is new.
    Created,
    /// It changed.
    Updated,
    /// It is gone; FAQs are in the recycle bin.
    Removed,
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Removed => "removed",
        })
    }
}

/// A row that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What happened.
    pub action: Action,
    /// To what, such as `user u_ada of demo`, with the columns that changed.
    pub what: String,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.action, self.what)
    }
}

/// An id or a secret that was made because the file gives none. It is told this once.
#[derive(Clone, PartialEq, Eq)]
pub struct Made {
    /// A name in the form of an environment variable's.
    pub name: String,
    /// The value.
    pub value: String,
}

impl fmt::Debug for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Made({}=…)", self.name)
    }
}

impl fmt::Display for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.name, self.value)
    }
}

/// What an apply did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// What changed, in order. FAQs beyond the first few of a help desk share a line.
    pub changes: Vec<Change>,
    /// What was made and is told this once.
    pub made: Vec<Made>,
    /// What the file no longer names but is kept, with the reason.
    pub kept: Vec<String>,
    /// Rows created, updated and removed.
    pub counts: [usize; 3],
    names: HashSet<String>,
}

impl Report {
    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.counts == [0; 3]
    }

    /// One line that sums it up.
    pub fn summary(&self) -> String {
        if self.is_empty() {
            return "nothing changed".into();
        }
        let [created, updated, removed] = self.counts;
        format!("{created} created, {updated} updated, {removed} removed")
    }

    /// The value that was made for these parts, such as a tenant's key, a user id and `open_id`.
    pub fn made_for(&self, parts: &[&str]) -> Option<&str> {
        let name = name(parts);
        self.made.iter().find(|made| made.name == name).map(|made| made.value.as_str())
    }

    pub(super) fn changed(&mut self, action: Action, what: String) {
        self.counted(action, 1);
        self.changes.push(Change { action, what });
    }

    /// A change that may share a line with others.
    pub(super) fn counted(&mut self, action: Action, rows: usize) {
        let at = match action {
            Action::Created => 0,
            Action::Updated => 1,
            Action::Removed => 2,
        };
        self.counts[at] += rows;
    }

    /// Keeps a made value under a name that no other has.
    pub(super) fn made(&mut self, parts: &[&str], value: &str) {
        let wanted = name(parts);
        let mut name = wanted.clone();
        let mut n = 2;
        while !self.names.insert(name.clone()) {
            name = format!("{wanted}_{n}");
            n += 1;
        }
        self.made.push(Made { name, value: value.to_owned() });
    }
}

fn name(parts: &[&str]) -> String {
    let parts: Vec<String> = parts.iter().map(|part| slug(part)).collect();
    parts.join("_")
}

/// Upper-case letters, digits and single `_`.
pub(super) fn slug(text: &str) -> String {
    let mut slug = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_uppercase());
        } else if !slug.is_empty() && !slug.ends_with('_') {
            slug.push('_');
        }
    }
    slug.trim_end_matches('_').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_values_have_names_of_their_own() {
        let mut report = Report::default();
        report.made(&["demo", "helpdesk", "IT help / 服务台", "id"], "1");
        report.made(&["demo", "helpdesk", "IT help", "id"], "2");
        let lines: Vec<String> = report.made.iter().map(ToString::to_string).collect();
        assert_eq!(lines, ["DEMO_HELPDESK_IT_HELP_ID=1", "DEMO_HELPDESK_IT_HELP_ID_2=2"]);
        assert!(!format!("{report:?}").contains("=1"));
    }
}
