//! One FAQ as an index keeps it.

use crate::index::FaqId;
use crate::num::{small, wide};

/// One FAQ. One allocation, because there are many.
#[derive(Clone, Debug, Default)]
pub(crate) struct Doc {
    pub(crate) id: FaqId,
    /// Bytes of the texts.
    length: u32,
    /// Bytes of a number, 1 to 4.
    width: u8,
    /// Whether the texts are there to their ends.
    whole: bool,
    /// Folded texts, one a line, question first, an empty line for a repeated or empty text; then numbers: how many
    /// texts, the end of each one's terms, the term ids of text 1, 2 .., other term ids. The other ones are the answer's,
    /// and, unless the texts are whole, those of exact texts and affixes.
    body: Box<[u8]>,
}

impl Doc {
    /// `ends` are the ends of each text's terms among `terms`.
    pub(crate) fn new(id: FaqId, texts: &str, whole: bool, ends: &[usize], terms: &[u32]) -> Self {
        let head = 1 + ends.len();
        let numbers = || {
            let ends = ends.iter().map(|end| small(head + end));
            std::iter::once(small(ends.len())).chain(ends).chain(terms.iter().copied())
        };
        let most = numbers().max().unwrap_or(0);
        let width = (4 - most.leading_zeros() / 8).max(1);
        let mut body = Vec::with_capacity(texts.len() + wide(width) * (head + terms.len()));
        body.extend_from_slice(texts.as_bytes());
        for number in numbers() {
            body.extend_from_slice(&number.to_le_bytes()[..wide(width)]);
        }
        let width = u8::try_from(width).unwrap_or(4);
        Self { id, length: small(texts.len()), width, whole, body: body.into() }
    }

    /// All texts, one a line.
    pub(crate) fn lines(&self) -> &str {
        // It was a text when it came here.
        str::from_utf8(&self.body[..wide(self.length)]).unwrap_or_default()
    }

    /// Whether [`Self::lines`] has the texts to their ends.
    pub(crate) fn is_whole(&self) -> bool {
        self.whole
    }

    fn numbers(&self) -> Numbers<'_> {
        Numbers { bytes: &self.body[wide(self.length)..], width: usize::from(self.width.max(1)) }
    }

    /// Each text with its different term ids, question first.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (&str, Numbers<'_>)> {
        let numbers = self.numbers();
        let count = wide(numbers.at(0));
        let mut from = 1 + count;
        self.lines().split('\n').take(count).enumerate().map(move |(i, text)| {
            let end = wide(numbers.at(1 + i));
            let terms = numbers.part(from, end);
            from = end;
            (text, terms)
        })
    }

    /// All term ids; one of several texts several times.
    pub(crate) fn term_ids(&self) -> Numbers<'_> {
        let numbers = self.numbers();
        numbers.part(1 + wide(numbers.at(0)), numbers.len())
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        if self.body.is_empty() { 0 } else { self.body.len() + 16 }
    }
}

/// Numbers of one to four bytes each.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Numbers<'a> {
    bytes: &'a [u8],
    width: usize,
}

impl<'a> Numbers<'a> {
    pub(crate) fn len(self) -> usize {
        self.bytes.len() / self.width
    }

    /// 0 behind the end.
    fn at(self, at: usize) -> u32 {
        self.bytes.get(at * self.width..).and_then(|bytes| bytes.get(..self.width)).map_or(0, number)
    }

    fn part(self, from: usize, to: usize) -> Self {
        Self { bytes: self.bytes.get(from * self.width..to * self.width).unwrap_or(&[]), ..self }
    }

    #[inline]
    pub(crate) fn iter(self) -> impl Iterator<Item = u32> + use<'a> {
        self.bytes.chunks_exact(self.width).map(number)
    }
}

#[inline]
fn number(bytes: &[u8]) -> u32 {
    match *bytes {
        [a] => u32::from(a),
        [a, b] => u32::from_le_bytes([a, b, 0, 0]),
        [a, b, c] => u32::from_le_bytes([a, b, c, 0]),
        [a, b, c, d] => u32::from_le_bytes([a, b, c, d]),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_back_what_it_was_made_of() {
        for most in [9, 255, 256, 65_535, 65_536, 16_777_215, 16_777_216, u32::MAX] {
            let doc = Doc::new(7, "忘记 密码\n\nvpn", true, &[2, 2, 3], &[5, most, 0, 1]);
            let texts: Vec<(&str, Vec<u32>)> = doc.texts().map(|(text, ids)| (text, ids.iter().collect())).collect();
            assert_eq!(texts, [("忘记 密码", vec![5, most]), ("", vec![]), ("vpn", vec![0])]);
            assert_eq!(doc.term_ids().iter().collect::<Vec<_>>(), [5, most, 0, 1]);
            assert_eq!((doc.lines(), doc.is_whole(), doc.term_ids().len()), ("忘记 密码\n\nvpn", true, 4));
        }
        let none = Doc::default();
        assert_eq!((none.texts().count(), none.term_ids().len(), none.heap_bytes()), (0, 0, 0));
    }
}
