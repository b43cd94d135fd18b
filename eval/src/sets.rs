//! Evaluation sets and the desks made of them.

use std::path::Path;

use embed::Model;
use retrieval::{Aids, Basis, FaqText, Index, KNOWN_LEAST, Learned, Lesson, QueryVector, Vectors, quantise};
use serde::Deserialize;

use crate::Res;

/// The development sets.
pub const NAMES: [&str; 7] =
    ["clinc150", "banking77", "hint3-curekart", "stackfaq", "medfaq-zh", "helpdesk-shop", TRANSLATED];

/// The one whose questions are all in another language than its FAQs: it takes a multilingual model of sentence vectors, so
/// that no goal is set without one, and no mean has it.
pub const TRANSLATED: &str = "xquad-xling";

/// One FAQ of a set.
#[derive(Deserialize)]
pub struct Faq {
    pub id: String,
    pub question: String,
    #[serde(default)]
    pub similar: Vec<String>,
    #[serde(default)]
    pub answer: String,
}

impl Faq {
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.question).chain(&self.similar).map(String::as_str)
    }
}

/// One query of a set.
#[derive(Deserialize)]
pub struct Query {
    pub text: String,
    pub relevant: Vec<String>,
}

/// A set as it lies in its folder.
pub struct Set {
    pub name: String,
    pub faqs: Vec<Faq>,
    pub queries: Vec<Query>,
}

impl Set {
    pub fn read(folder: &Path, name: &str) -> Res<Self> {
        let folder = folder.join(name);
        Ok(Self {
            name: name.to_owned(),
            faqs: lines(&folder.join("faqs.jsonl"))?,
            queries: lines(&folder.join("queries.jsonl"))?,
        })
    }

    /// The set with at most so many similar questions for each FAQ.
    pub fn thinned(&self, most: usize) -> Self {
        let thin = |faq: &Faq| Faq {
            id: faq.id.clone(),
            question: faq.question.clone(),
            similar: faq.similar.iter().take(most).cloned().collect(),
            answer: faq.answer.clone(),
        };
        let same = |query: &Query| Query { text: query.text.clone(), relevant: query.relevant.clone() };
        Self {
            name: self.name.clone(),
            faqs: self.faqs.iter().map(thin).collect(),
            queries: self.queries.iter().map(same).collect(),
        }
    }

    /// Whether FAQs have many similar questions.
    pub fn is_rich(&self) -> bool {
        self.faqs.iter().map(|faq| faq.similar.len()).sum::<usize>() >= 5 * self.faqs.len()
    }
}

fn lines<T: for<'a> Deserialize<'a>>(path: &Path) -> Res<Vec<T>> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    text.lines().filter(|line| !line.trim().is_empty()).map(|line| Ok(serde_json::from_str(line)?)).collect()
}

/// A fresh desk with the FAQs of a set, as a server would have it some seconds later. FAQs are numbered by their place.
pub struct Desk {
    pub index: Index,
    words: Learned,
    meaning: Option<(Vectors, Learned)>,
}

impl Desk {
    pub fn new(set: &Set, model: Option<&Model>) -> Res<Self> {
        let mut index = Index::default();
        for (id, faq) in (0..).zip(&set.faqs) {
            index.upsert(id, &FaqText { question: &faq.question, similar: &faq.similar, answer: &faq.answer });
        }
        let words = Lesson::of(&index, None).learn();
        let meaning = match model {
            Some(model) => {
                let vectors = vectors(set, model)?;
                let learned = Lesson::of(&index, Some(&vectors)).learn();
                Some((vectors, learned))
            }
            None => None,
        };
        Ok(Self { index, words, meaning })
    }

    /// What the engine may use to answer a query whose vector is this.
    pub fn aids<'a>(&'a self, allowed: Basis, query: Option<&'a QueryVector>) -> Aids<'a> {
        let meaning = self.meaning.as_ref().zip(query);
        match (allowed, meaning) {
            (Basis::Words, _) | (Basis::Meaning, None) => Aids::default(),
            (Basis::Learned, _) | (Basis::MeaningLearned, None) => {
                Aids { learned: Some(&self.words), ..Aids::default() }
            }
            (Basis::Meaning, Some(((vectors, _), query))) => {
                Aids { meaning: Some((vectors, query)), ..Aids::default() }
            }
            (Basis::MeaningLearned, Some(((vectors, learned), query))) => {
                Aids { learned: Some(learned), meaning: Some((vectors, query)), ..Aids::default() }
            }
        }
    }
}

fn vectors(set: &Set, model: &Model) -> Res<Vectors> {
    let mut vectors = Vectors::new(model.version().into());
    for (id, faq) in (0..).zip(&set.faqs) {
        let texts: Vec<&str> = faq.texts().collect();
        vectors.set_texts(id, &(0..).take(texts.len()).collect::<Vec<_>>());
        for (made, hash) in model.embed_known(&texts, KNOWN_LEAST)?.into_iter().zip(0..) {
            if let Some(bytes) = made.vector.and_then(|vector| quantise(&vector)) {
                vectors.insert(id, hash, &bytes);
            }
        }
    }
    Ok(vectors)
}

/// A query's vector; none if the model does not know enough of it.
pub fn query_vector(model: &Model, text: &str) -> Res<Option<QueryVector>> {
    let made = model.embed_known(&[text], KNOWN_LEAST)?.pop().ok_or("the model makes no vector")?;
    Ok(made.vector.and_then(|vector| QueryVector::new(model.version().into(), &vector, made.known)))
}
