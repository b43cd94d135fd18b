//! What the guest sees of an answer: the best FAQ's answer, a list of questions, or the way to a human.

use db::{DbError, Tx};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AnsweredBy, FaqText, Match, Shown, ShownFaq, online};
use crate::answering::Answering;
use crate::directory::Helpdesk;
use crate::message::{self, Message, New, Place, Sender};
use crate::threshold::{self, Inherited, Thresholds};
use crate::{Cx, language};

/// How an answer is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// The best FAQ's answer, with related questions.
    Direct,
    /// A list of candidate questions.
    List,
    /// Nothing found: the way to a human.
    None,
}

impl Mode {
    /// The word in JSON and in metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::List => "list",
            Self::None => "none",
        }
    }

    /// How many FAQs are shown in this mode.
    pub(crate) fn places(self, answering: &Answering) -> usize {
        match self {
            Self::Direct => 1 + answering.list_size,
            Self::List => answering.list_size,
            Self::None => 0,
        }
    }

    /// The mode of a word.
    pub(crate) fn of(word: &str) -> Option<Self> {
        [Self::Direct, Self::List, Self::None].into_iter().find(|mode| mode.as_str() == word)
    }
}

/// FAQs with their scores, best first.
pub(crate) type Best = Vec<(FaqText, f64)>;

/// The mode that a best score earns.
pub(crate) fn mode(thresholds: Thresholds, best: Option<f64>) -> Mode {
    match best {
        Some(score) if score >= thresholds.direct_score => Mode::Direct,
        Some(score) if score >= thresholds.list_score => Mode::List,
        _ => Mode::None,
    }
}

/// The mode of an answer, and the thresholds behind it: those for the category of the best FAQ.
fn decided(tx: &mut Tx<'_>, desk: &Helpdesk, faqs: &Best) -> Result<(Mode, Inherited), DbError> {
    let best = faqs.first();
    let inherited = threshold::of_category(tx, desk, best.and_then(|(faq, _)| faq.category_id))?;
    Ok((mode(inherited.thresholds, best.map(|(_, score)| *score)), inherited))
}

/// What a guest would be shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Preview {
    /// How.
    pub mode: Mode,
    /// The FAQs, best first.
    pub faq_ids: Vec<i64>,
    /// The thresholds that decided.
    pub by: Inherited,
}

/// What a guest would be shown of these matches, best first, if they were answered with now.
pub fn preview(tx: &mut Tx<'_>, desk: &Helpdesk, matches: &[Match]) -> Result<Preview, DbError> {
    let mut faqs = Best::new();
    for m in matches {
        faqs.extend(online(tx, desk, m.faq_id)?.map(|faq| (faq, m.score)));
    }
    let (mode, by) = decided(tx, desk, &faqs)?;
    let faq_ids = faqs.iter().take(mode.places(&desk.answering)).map(|(faq, _)| faq.faq_id).collect();
    Ok(Preview { mode, faq_ids, by })
}

/// Which question is answered, and by whom.
#[derive(Clone, Copy)]
pub(crate) struct Answered<'a> {
    pub by: AnsweredBy,
    /// The body's event id of the question.
    pub event_id: &'a str,
    /// The guest's words; their language is the answer's.
    pub question: &'a str,
}

/// Shows an answer in the chat as the bot's message.
pub(crate) fn show(
    tx: &mut Tx<'_>,
    cx: &mut Cx,
    desk: &Helpdesk,
    place: Place<'_>,
    answered: Answered<'_>,
    faqs: Best,
) -> Result<(Message, Mode), DbError> {
    let chinese = language::holds_chinese(answered.question);
    let answering = &desk.answering;
    let (mode, _) = decided(tx, desk, &faqs)?;
    let direct = mode == Mode::Direct;
    let faqs: Vec<ShownFaq> =
        faqs.into_iter().take(mode.places(answering)).enumerate().map(|(i, f)| shown(f, direct && i == 0)).collect();
    let unread_picture = mode == Mode::None && answered.question.is_empty();
    let text = if unread_picture { picture_text() } else { text(mode, &faqs, chinese) };
    let new = New {
        sender: Sender::Bot,
        person: None,
        kind: "answer",
        content: message::text_content(&text),
        text,
        answer: Some(Shown { mode, faqs, answered_by: answered.by, event_id: answered.event_id.to_owned() }),
        client_id: None,
    };
    Ok((message::append(tx, cx, desk, place, new)?, mode))
}

fn shown((faq, score): (FaqText, f64), with_answer: bool) -> ShownFaq {
    ShownFaq {
        id: faq.faq_id.to_string(),
        question: faq.question,
        answer: with_answer.then_some(faq.answer),
        answer_richtext: with_answer.then_some(faq.richtext),
        score,
    }
}

/// The message's plain text. A list has the form that the platform's own bot was seen to use: a bold heading, dashes,
/// a bracketed question on each line, and the way to a human (reference: helpdesk-v1.md section 3).
fn text(mode: Mode, faqs: &[ShownFaq], chinese: bool) -> String {
    let (heading, human) =
        if chinese { ("您可能想问", "转人工") } else { ("You may want to ask", "Talk to a human") };
    match mode {
        Mode::Direct => faqs.first().and_then(|f| f.answer.clone()).unwrap_or_default(),
        Mode::List => {
            let lines = faqs.iter().map(|f| format!("[{}]", f.question)).collect::<Vec<_>>().join("\n");
            format!("**{heading}**\n---\n{lines}\n[{human}]")
        }
        Mode::None if chinese => format!("抱歉，没有找到相关的答案。您可以换个说法再问一次，或者：\n[{human}]"),
        Mode::None => format!("Sorry, I found nothing on that. Try other words, or:\n[{human}]"),
    }
}

/// The answer to a picture, which tells nothing of the guest's language.
fn picture_text() -> String {
    "I cannot read pictures yet. Please describe the question in words, or:\n我还看不懂图片，请用文字描述您的问题，或者：\n[Talk to a human / 转人工]"
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_score_decides_how_an_answer_is_shown() {
        let thresholds = Thresholds::of(&Answering::default());
        for (score, wanted) in [
            (Some(1.0), Mode::Direct),
            (Some(0.8), Mode::Direct),
            (Some(0.799_999), Mode::List),
            (Some(0.25), Mode::List),
            (Some(0.249_999), Mode::None),
            (Some(0.0), Mode::None),
            (None, Mode::None),
        ] {
            assert_eq!(mode(thresholds, score), wanted, "{score:?}");
        }
    }
}
