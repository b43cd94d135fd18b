//! The opponent: BM25 of tantivy over all questions of a FAQ as one text.

use retrieval::analyse;
use tantivy::collector::TopDocs;
use tantivy::query::QueryParser;
use tantivy::schema::{IndexRecordOption, STORED, Schema, TextFieldIndexing, TextOptions, Value};
use tantivy::tokenizer::{LowerCaser, NgramTokenizer, SimpleTokenizer, Stemmer, TextAnalyzer, WhitespaceTokenizer};
use tantivy::{Index, TantivyDocument, doc};

use crate::Res;
use crate::sets::Set;

/// How texts become tokens.
#[derive(Clone, Copy, Debug)]
pub enum Encoding {
    /// Words, stemmed as English, and pairs of neighbouring characters.
    Pairs,
    /// Our own analyser's terms: stemmed words, characters and pairs of Chinese.
    Terms,
}

/// The best ten of each query with their sums as scores.
pub fn rank(set: &Set, encoding: Encoding) -> Res<Vec<Vec<(usize, f64)>>> {
    let mut schema = Schema::builder();
    let place = schema.add_u64_field("place", STORED);
    let name = match encoding {
        Encoding::Pairs if mostly_latin(set) => "words",
        Encoding::Pairs => "pairs",
        Encoding::Terms => "terms",
    };
    let indexing = TextFieldIndexing::default().set_tokenizer(name).set_index_option(IndexRecordOption::WithFreqs);
    let text = schema.add_text_field("text", TextOptions::default().set_indexing_options(indexing));
    let index = Index::create_in_ram(schema.build());
    let words = TextAnalyzer::builder(SimpleTokenizer::default()).filter(LowerCaser).filter(Stemmer::default()).build();
    index.tokenizers().register("words", words);
    let pairs = TextAnalyzer::builder(NgramTokenizer::new(1, 2, false)?).filter(LowerCaser).build();
    index.tokenizers().register("pairs", pairs);
    index.tokenizers().register("terms", TextAnalyzer::builder(WhitespaceTokenizer::default()).build());
    let encoded = |text: &str| match encoding {
        Encoding::Pairs => text.to_owned(),
        Encoding::Terms => analyse(text).terms.iter().map(|term| term.text.as_str()).collect::<Vec<_>>().join(" "),
    };
    let mut writer = index.writer_with_num_threads(1, 50_000_000)?;
    for (faq, number) in set.faqs.iter().zip(0_u64..) {
        let all: Vec<String> = faq.texts().map(encoded).collect();
        writer.add_document(doc!(place => number, text => all.join(" ")))?;
    }
    writer.commit()?;
    let searcher = index.reader()?.searcher();
    let parser = QueryParser::for_index(&index, vec![text]);
    let one = |query: &crate::sets::Query| -> Res<Vec<(usize, f64)>> {
        // Nothing of a question is an operator of the query language.
        let plain: String = encoded(&query.text).chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
        let (parsed, _) = parser.parse_query_lenient(&plain.to_lowercase());
        let mut hits = Vec::new();
        for (score, address) in searcher.search(&parsed, &TopDocs::with_limit(10).order_by_score())? {
            let found: TantivyDocument = searcher.doc(address)?;
            let number = found.get_first(place).and_then(|value| value.as_u64()).ok_or("a document without a place")?;
            hits.push((usize::try_from(number)?, f64::from(score)));
        }
        Ok(hits)
    };
    set.queries.iter().map(one).collect()
}

fn mostly_latin(set: &Set) -> bool {
    let texts = || set.faqs.iter().flat_map(|faq| faq.texts()).flat_map(str::chars).filter(|c| c.is_alphabetic());
    2 * texts().filter(char::is_ascii).count() > texts().count()
}
