//! How fast and how big the engine is, beside tantivy with the same terms in the same run.
//!
//! Made-up FAQs, half English, half Chinese, 5 to 15 words out of 50,000, as common as in real texts (Zipf 1.05); Chinese
//! words have 1 to 3 characters and are run together. A query is a FAQ without a third of its words and with two others;
//! tantivy is asked for any of the same terms, each once.
//!
//! Times are processor time of this process, so that other work on the machine does not count as ours: for what runs on
//! one thread that is the time it takes on a quiet machine. Only loading, which two threads share, is also told as it
//! passed on the wall.

use std::collections::BTreeSet;
use std::sync::{Condvar, Mutex};
use std::time::{Duration, Instant};

use cpu_time::{ProcessTime, ThreadTime};
use retrieval::{Aids, Batch, FaqText, Index, Lesson, analyse};
use tantivy::collector::TopDocs;
use tantivy::query::{BooleanQuery, Occur, Query as Search, TermQuery};
use tantivy::schema::{IndexRecordOption, Schema, TextFieldIndexing, TextOptions};
use tantivy::tokenizer::{TextAnalyzer, WhitespaceTokenizer};
use tantivy::{Term, doc};

use crate::Res;
use crate::exact::Exact;

const WORDS: usize = 50_000;
const QUERIES: usize = 2_000;
const EDITS: usize = 200;
/// Queries whose exact ranking is worked out, which takes a look at every posting.
const CHECKED: usize = 200;
/// Hits asked for.
const TOP: usize = 10;
/// FAQs of each desk where there are many desks.
const SMALL: usize = 100;
/// FAQs taken apart together.
const BATCH: usize = 16_000;

/// Prints the table for so many FAQs in one desk, for many desks, and for what is learnt.
/// Without tantivy and the exact ranking if `alone`.
pub fn print(sizes: &[usize], desks: usize, alone: bool) -> Res<()> {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    println!("Load of the machine at the start: {}\n", load.split(' ').take(3).collect::<Vec<_>>().join(" "));
    println!(
        "| FAQs | engine | build s | load, 2 threads: s | bytes a FAQ | retrieval p50 ms | p99 ms | whole rank p50 ms | p99 ms | edit to visible p50 ms | p99 ms | recall@10, top-1 of exact BM25 |"
    );
    println!("|--:|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
    for size in sizes {
        let mut words = Words::new();
        let made: Vec<Made> = (0..*size).map(|at| words.text(at % 2 == 0)).collect();
        let queries: Vec<String> = (0..QUERIES).map(|at| words.query(&made[at * 7919 % size]).text()).collect();
        let texts: Vec<String> = made.into_iter().map(|made| made.text()).collect();
        ours(&texts, &queries, alone)?;
        if !alone {
            tantivy(&texts, &queries)?;
        }
    }
    if desks > 0 {
        many(desks)?;
    }
    if alone { Ok(()) } else { learning() }
}

/// A line of the table; what is empty was not measured.
#[derive(Default)]
struct Line {
    size: String,
    engine: &'static str,
    build: Duration,
    load: String,
    bytes: String,
    retrieval: Vec<Duration>,
    rank: Vec<Duration>,
    edits: Vec<Duration>,
    recall: String,
}

impl Line {
    fn print(mut self) {
        let mut times = Vec::new();
        for list in [&mut self.retrieval, &mut self.rank, &mut self.edits] {
            list.sort_unstable();
            for share in [50, 99] {
                let time = list.get(list.len() * share / 100);
                times.push(time.map(|time| format!("{:.3}", time.as_secs_f64() * 1e3)).unwrap_or_default());
            }
        }
        let Self { size, engine, build, load, bytes, recall, .. } = self;
        println!(
            "| {size} | {engine} | {:.2} | {load} | {bytes} | {} | {recall} |",
            build.as_secs_f64(),
            times.join(" | ")
        );
    }
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let began = ThreadTime::now();
    let done = std::hint::black_box(work());
    (done, began.elapsed())
}

fn faq(text: &str) -> FaqText<'_> {
    FaqText { question: text, similar: &[], answer: "" }
}

fn built(texts: &[String]) -> Index {
    let mut index = Index::default();
    for (id, text) in (0..).zip(texts) {
        index.upsert(id, &faq(text));
    }
    index.shrink();
    index
}

/// Two threads take batches apart and put them in by turns, as a server loads a desk.
fn loaded(texts: &[String]) -> Index {
    let (next, turn) = (Mutex::new(texts.chunks(BATCH).enumerate()), Condvar::new());
    let filled = Mutex::new((0, Index::default()));
    let work = || {
        loop {
            let Some((number, texts)) = next.lock().expect("no thread panics").next() else { return };
            let first = number * BATCH;
            let batch = Batch::of((first as i64..).zip(texts.iter().map(|text| faq(text))));
            let waiting = filled.lock().expect("no thread panics");
            let mut filled = turn.wait_while(waiting, |(turn, _)| *turn < number).expect("no thread panics");
            assert!(filled.1.append(batch), "a million FAQs fit");
            filled.0 += 1;
            turn.notify_all();
        }
    };
    std::thread::scope(|threads| {
        threads.spawn(work);
        work();
    });
    let (_, mut index) = filled.into_inner().expect("no thread panics");
    index.shrink();
    index
}

fn ours(texts: &[String], queries: &[String], alone: bool) -> Res<()> {
    let mut line = Line { size: texts.len().to_string(), engine: "Deskwire", ..Line::default() };
    let mut index;
    (index, line.build) = timed(|| built(texts));
    line.bytes = (index.memory_bytes() / texts.len()).to_string();
    for query in queries {
        line.retrieval.push(timed(|| index.candidates(query)).1);
        line.rank.push(timed(|| index.rank(query, TOP)).1);
    }
    if !alone {
        line.recall = recall(&index, texts, queries);
    }
    for (id, text) in (0..).zip(texts.iter().take(EDITS)) {
        let edited = format!("{text} zzz{id}");
        let (seen, took) = timed(|| {
            index.upsert(id, &faq(&edited));
            index.rank(&edited, 1)
        });
        line.edits.push(took);
        if seen.first().map(|hit| hit.id) != Some(id) {
            return Err(format!("the edit of FAQ {id} is not visible").into());
        }
    }
    drop(index);
    let (wall, used) = (Instant::now(), ProcessTime::now());
    std::hint::black_box(loaded(texts));
    line.load = format!("{:.2} ({:.2} of processors)", wall.elapsed().as_secs_f64(), used.elapsed().as_secs_f64());
    line.print();
    Ok(())
}

/// How much of the exact ranking's first ten is among our candidates, which get the closer look, and how often its first
/// one is our best candidate by the same sum.
fn recall(index: &Index, texts: &[String], queries: &[String]) -> String {
    let exact = Exact::of(texts);
    let (mut found, mut all, mut first, mut checked) = (0, 0, 0, 0);
    for query in queries.iter().take(CHECKED) {
        let wanted = exact.top(query, TOP);
        let ours = index.candidates(query);
        found += wanted.iter().filter(|id| ours.contains(id)).count();
        all += wanted.len();
        first += usize::from(wanted.first() == ours.first());
        checked += 1;
    }
    let share = |part: usize, all: usize| part as f64 / all.max(1) as f64;
    format!("{:.4}, {:.4}", share(found, all), share(first, checked))
}

/// Many desks of a few FAQs each, all in memory, asked in turn.
fn many(desks: usize) -> Res<()> {
    let mut words = Words::new();
    let mut line = Line { size: format!("{desks} x {SMALL}"), engine: "Deskwire", ..Line::default() };
    let (mut indexes, mut queries) = (Vec::with_capacity(desks), Vec::new());
    for desk in 0..desks {
        let made: Vec<Made> = (0..SMALL).map(|at| words.text(at % 2 == 0)).collect();
        if queries.len() < QUERIES && desk % (desks / QUERIES).max(1) == 0 {
            queries.push((desk, words.query(&made[desk % SMALL / 2 * 2 + desk % 2]).text()));
        }
        let texts: Vec<String> = made.into_iter().map(|made| made.text()).collect();
        let (index, took) = timed(|| built(&texts));
        line.build += took;
        indexes.push(index);
    }
    let bytes: usize = indexes.iter().map(Index::memory_bytes).sum();
    line.bytes = (bytes / desks / SMALL).to_string();
    for (desk, query) in &queries {
        line.retrieval.push(timed(|| indexes[*desk].candidates(query)).1);
        line.rank.push(timed(|| indexes[*desk].rank(query, TOP)).1);
    }
    for (desk, _) in queries.iter().take(EDITS) {
        let index = &mut indexes[*desk];
        let edited = format!("{} zzz", words.text(true).text());
        let (seen, took) = timed(|| {
            index.upsert(7, &faq(&edited));
            index.rank(&edited, 1)
        });
        line.edits.push(took);
        if seen.first().map(|hit| hit.id) != Some(7) {
            return Err(format!("the edit at desk {desk} is not visible").into());
        }
    }
    line.print();
    Ok(())
}

fn tantivy(texts: &[String], queries: &[String]) -> Res<()> {
    let mut line = Line { size: texts.len().to_string(), engine: "tantivy", ..Line::default() };
    let mut schema = Schema::builder();
    let indexing = TextFieldIndexing::default().set_tokenizer("terms").set_index_option(IndexRecordOption::WithFreqs);
    let text = schema.add_text_field("text", TextOptions::default().set_indexing_options(indexing));
    let folder = std::env::temp_dir().join(format!("deskwire-speed-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let index = tantivy::Index::create_in_dir(&folder, schema.build())?;
    index.tokenizers().register("terms", TextAnalyzer::builder(WhitespaceTokenizer::default()).build());
    let terms = |text: &str| analyse(text).terms.into_iter().map(|term| term.text).collect::<Vec<_>>();
    let different = |text: &str| terms(text).into_iter().collect::<BTreeSet<_>>();
    let began = ProcessTime::now();
    let mut writer = index.writer_with_num_threads(1, 100_000_000)?;
    for faq in texts {
        writer.add_document(doc!(text => terms(faq).join(" ")))?;
    }
    writer.commit()?;
    line.build = began.elapsed();
    let reader = index.reader_builder().reload_policy(tantivy::ReloadPolicy::Manual).try_into()?;
    let search = |query: &str| -> Res<usize> {
        let parts = different(query).into_iter().map(|word| {
            let one: Box<dyn Search> =
                Box::new(TermQuery::new(Term::from_field_text(text, &word), IndexRecordOption::WithFreqs));
            (Occur::Should, one)
        });
        let top = reader
            .searcher()
            .search(&BooleanQuery::new(parts.collect()), &TopDocs::with_limit(TOP).order_by_score())?;
        Ok(top.len())
    };
    for query in queries {
        let (found, took) = timed(|| search(query));
        found?;
        line.retrieval.push(took);
    }
    let bytes: u64 = std::fs::read_dir(&folder)?.filter_map(|entry| Some(entry.ok()?.metadata().ok()?.len())).sum();
    line.bytes = format!("{} on disk", bytes / u64::try_from(texts.len())?);
    for (number, faq) in texts.iter().take(EDITS).enumerate() {
        let edited = format!("{} zzz{number}", terms(faq).join(" "));
        // Its own threads take part.
        let began = ProcessTime::now();
        writer.add_document(doc!(text => edited.as_str()))?;
        writer.commit()?;
        reader.reload()?;
        let found = search(&format!("zzz{number}"))?;
        line.edits.push(began.elapsed());
        if found == 0 {
            return Err(format!("the edit of document {number} is not visible").into());
        }
    }
    line.print();
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
            let similar: Vec<String> = (1..each).map(|_| words.query(&question).text()).collect();
            queries.push(words.query(&question).text());
            let question = question.text();
            index.upsert(i64::from(id), &FaqText { question: &question, similar: &similar, answer: "" });
        }
        let (learned, took) = timed(|| Lesson::of(&index, None).learn());
        let mut times = Vec::new();
        for query in queries.iter().cycle().take(QUERIES) {
            let aids = Aids { learned: Some(&learned), ..Aids::default() };
            times.push(timed(|| index.rank_with(query, &aids, TOP)).1);
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

    /// The rank of a word.
    fn word(&mut self) -> usize {
        let share = f64::from(u32::try_from(self.next() >> 32).unwrap_or(0)) / f64::from(u32::MAX);
        let last = self.sums[WORDS - 1];
        self.sums.partition_point(|sum| *sum < share * last)
    }

    fn text(&mut self, english: bool) -> Made {
        let count = 5 + self.below(11);
        Made { english, words: (0..count).map(|_| self.word()).collect() }
    }

    fn query(&mut self, faq: &Made) -> Made {
        let mut words: Vec<usize> = faq.words.iter().copied().filter(|_| self.below(3) > 0).collect();
        words.extend([self.word(), self.word()]);
        Made { english: faq.english, words }
    }
}

/// A made-up text: the ranks of its words.
struct Made {
    english: bool,
    words: Vec<usize>,
}

impl Made {
    fn text(&self) -> String {
        let words: Vec<String> =
            self.words.iter().map(|rank| if self.english { english(*rank) } else { chinese(*rank) }).collect();
        words.join(if self.english { " " } else { "" })
    }
}

/// Different numbers give different words.
fn english(rank: usize) -> String {
    let (mut left, mut word) = (rank * 31 + 7, String::new());
    while left > 0 {
        word.push(char::from(b"bcdfghklmnprstvz"[left % 16]));
        word.push(char::from(b"aeiou"[left / 16 % 5]));
        left /= 80;
    }
    word
}

/// 1 to 3 of 3,000 characters, each as often as the others over all words.
fn chinese(rank: usize) -> String {
    let (mut left, mut word) = ((rank + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 24, String::new());
    for _ in 0..=rank % 3 {
        word.extend(char::from_u32(0x4e00 + u32::try_from(left % 3_000).unwrap_or(0)));
        left /= 3_000;
    }
    word
}
