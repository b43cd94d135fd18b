//! How fast and how big the engine is, beside tantivy with the same terms in the same run, on one thread.
//!
//! Made-up FAQs, half English, half Chinese, 5 to 15 words, with words as common as in real texts (Zipf); a query is a FAQ
//! without a third of its words and with two others.

use std::time::{Duration, Instant};

use retrieval::{Aids, FaqText, Index, Lesson, analyse};
use tantivy::collector::TopDocs;
use tantivy::query::{BooleanQuery, Occur, Query as Search, TermQuery};
use tantivy::schema::{IndexRecordOption, Schema, TextFieldIndexing, TextOptions};
use tantivy::tokenizer::{TextAnalyzer, WhitespaceTokenizer};
use tantivy::{Term, doc};

use crate::Res;

const WORDS: usize = 50_000;
const QUERIES: usize = 2_000;
const EDITS: usize = 200;

/// Prints the table for so many FAQs in one desk, and for the desk's edit.
pub fn print(sizes: &[usize]) -> Res<()> {
    println!("| FAQs | engine | build s | bytes a FAQ | top 10: p50 ms | p99 ms | edit to visible: p50 ms | p99 ms |");
    println!("|--:|---|--:|--:|--:|--:|--:|--:|");
    for size in sizes {
        let mut words = Words::new();
        let texts: Vec<String> = (0..*size).map(|at| words.text(at % 2 == 0)).collect();
        let queries: Vec<String> = (0..QUERIES).map(|at| words.query(at % 2 == 0, &texts[at * 7919 % size])).collect();
        ours(&texts, &queries)?;
        tantivy(&texts, &queries)?;
    }
    learning()
}

fn line(size: usize, engine: &str, build: Duration, bytes: String, queries: &mut [Duration], edits: &mut [Duration]) {
    let at = |times: &mut [Duration], share: usize| {
        times.sort_unstable();
        times.get(times.len() * share / 100).map_or(0.0, Duration::as_secs_f64) * 1e3
    };
    println!(
        "| {size} | {engine} | {:.2} | {bytes} | {:.3} | {:.3} | {:.3} | {:.3} |",
        build.as_secs_f64(),
        at(queries, 50),
        at(queries, 99),
        at(edits, 50),
        at(edits, 99)
    );
}

fn ours(texts: &[String], queries: &[String]) -> Res<()> {
    let began = Instant::now();
    let mut index = Index::default();
    for (id, text) in (0..).zip(texts) {
        index.upsert(id, &FaqText { question: text, similar: &[], answer: "" });
    }
    let build = began.elapsed();
    let mut times: Vec<Duration> = queries
        .iter()
        .map(|query| {
            let began = Instant::now();
            std::hint::black_box(index.rank(query, 10));
            began.elapsed()
        })
        .collect();
    let bytes = (index.memory_bytes() / texts.len()).to_string();
    let mut edits = Vec::new();
    for (id, text) in (0..).zip(texts.iter().take(EDITS)) {
        let edited = format!("{text} zzz{id}");
        let began = Instant::now();
        index.upsert(id, &FaqText { question: &edited, similar: &[], answer: "" });
        let seen = index.rank(&edited, 1);
        edits.push(began.elapsed());
        if seen.first().map(|hit| hit.id) != Some(id) {
            return Err(format!("the edit of FAQ {id} is not visible").into());
        }
    }
    line(texts.len(), "Deskwire", build, bytes, &mut times, &mut edits);
    Ok(())
}

fn tantivy(texts: &[String], queries: &[String]) -> Res<()> {
    let mut schema = Schema::builder();
    let indexing = TextFieldIndexing::default().set_tokenizer("terms").set_index_option(IndexRecordOption::WithFreqs);
    let text = schema.add_text_field("text", TextOptions::default().set_indexing_options(indexing));
    let folder = std::env::temp_dir().join(format!("deskwire-speed-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let index = tantivy::Index::create_in_dir(&folder, schema.build())?;
    index.tokenizers().register("terms", TextAnalyzer::builder(WhitespaceTokenizer::default()).build());
    let terms = |text: &str| analyse(text).terms.into_iter().map(|term| term.text).collect::<Vec<_>>();
    let began = Instant::now();
    let mut writer = index.writer_with_num_threads(1, 100_000_000)?;
    for faq in texts {
        writer.add_document(doc!(text => terms(faq).join(" ")))?;
    }
    writer.commit()?;
    let build = began.elapsed();
    let reader = index.reader_builder().reload_policy(tantivy::ReloadPolicy::Manual).try_into()?;
    let search = |query: &str| -> Res<usize> {
        let parts = terms(query).into_iter().map(|word| {
            let one: Box<dyn Search> =
                Box::new(TermQuery::new(Term::from_field_text(text, &word), IndexRecordOption::WithFreqs));
            (Occur::Should, one)
        });
        let top =
            reader.searcher().search(&BooleanQuery::new(parts.collect()), &TopDocs::with_limit(10).order_by_score())?;
        Ok(top.len())
    };
    let mut times = Vec::new();
    for query in queries {
        let began = Instant::now();
        std::hint::black_box(search(query)?);
        times.push(began.elapsed());
    }
    let bytes: u64 = std::fs::read_dir(&folder)?.filter_map(|entry| Some(entry.ok()?.metadata().ok()?.len())).sum();
    let bytes = format!("{} on disk", bytes / u64::try_from(texts.len())?);
    let mut edits = Vec::new();
    for (number, faq) in texts.iter().take(EDITS).enumerate() {
        let edited = format!("{} zzz{number}", terms(faq).join(" "));
        let began = Instant::now();
        writer.add_document(doc!(text => edited.as_str()))?;
        writer.commit()?;
        reader.reload()?;
        let found = search(&format!("zzz{number}"))?;
        edits.push(began.elapsed());
        if found == 0 {
            return Err(format!("the edit of document {number} is not visible").into());
        }
    }
    line(texts.len(), "tantivy", build, bytes, &mut times, &mut edits);
    drop(writer);
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}

/// How long a desk's lesson takes, and how big what it learnt is.
fn learning() -> Res<()> {
    println!("\n| FAQs | texts | learning s | bytes | top 10 with it: p50 ms | p99 ms |\n|--:|--:|--:|--:|--:|--:|");
    for (faqs, each) in [(100, 5), (150, 10), (1_000, 4)] {
        let mut words = Words::new();
        let mut index = Index::default();
        let mut queries = Vec::new();
        for id in 0..faqs {
            let question = words.text(id % 2 == 0);
            let similar: Vec<String> = (1..each).map(|_| words.query(id % 2 == 0, &question)).collect();
            queries.push(words.query(id % 2 == 0, &question));
            index.upsert(i64::from(id), &FaqText { question: &question, similar: &similar, answer: "" });
        }
        let began = Instant::now();
        let learned = Lesson::of(&index, None).learn();
        let took = began.elapsed();
        let mut times = Vec::new();
        for query in queries.iter().cycle().take(QUERIES) {
            let began = Instant::now();
            std::hint::black_box(index.rank_with(query, &Aids { learned: Some(&learned), ..Aids::default() }, 10));
            times.push(began.elapsed());
        }
        times.sort_unstable();
        let at = |share: usize| times[times.len() * share / 100].as_secs_f64() * 1e3;
        let texts = u32::try_from(each)? * u32::try_from(faqs)?;
        println!(
            "| {faqs} | {texts} | {:.2} | {} | {:.3} | {:.3} |",
            took.as_secs_f64(),
            learned.memory_bytes(),
            at(50),
            at(99)
        );
    }
    Ok(())
}

/// Made-up words, each as often as in real texts.
struct Words {
    state: u64,
    /// Sums of the words' shares.
    sums: Vec<f64>,
}

impl Words {
    fn new() -> Self {
        let mut sum = 0.0;
        let sums = (1..=WORDS).map(|rank| {
            sum += f64::from(u32::try_from(rank).unwrap_or(u32::MAX)).powf(-1.05);
            sum
        });
        Self { state: 0x9e37_79b9_7f4a_7c15, sums: sums.collect() }
    }

    /// xorshift64*.
    fn next(&mut self) -> u64 {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        self.state.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(n).unwrap_or(1)).unwrap_or(0)
    }

    fn word(&mut self, english: bool) -> String {
        let share = f64::from(u32::try_from(self.next() >> 32).unwrap_or(0)) / f64::from(u32::MAX);
        let last = self.sums[WORDS - 1];
        let rank = self.sums.partition_point(|sum| *sum < share * last);
        if english {
            // Different numbers give different words.
            let (mut left, mut word) = (rank * 31 + 7, String::new());
            while left > 0 {
                word.push(char::from(b"bcdfghklmnprstvz"[left % 16]));
                word.push(char::from(b"aeiou"[left / 16 % 5]));
                left /= 80;
            }
            word
        } else {
            let (mut left, mut word) = (rank + 1, String::new());
            while left > 0 {
                word.extend(char::from_u32(0x4e00 + u32::try_from(left % 3_000).unwrap_or(0)));
                left /= 3_000;
            }
            word
        }
    }

    fn text(&mut self, english: bool) -> String {
        let count = 5 + self.below(11);
        let words: Vec<String> = (0..count).map(|_| self.word(english)).collect();
        words.join(if english { " " } else { "" })
    }

    fn query(&mut self, english: bool, text: &str) -> String {
        let separator = if english { " " } else { "" };
        let parts: Vec<&str> = text.split(separator).filter(|part| !part.is_empty()).collect();
        let mut kept: Vec<String> = Vec::new();
        for part in parts {
            if self.below(3) > 0 {
                kept.push(part.to_owned());
            }
        }
        kept.extend([self.word(english), self.word(english)]);
        kept.join(separator)
    }
}
