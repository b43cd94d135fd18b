//! Message cards: JSON that the guest's client draws. What they say as text, and which links may stand in them.

use serde_json::{Map, Value};

use super::allowed_url;
use crate::Refusal;

/// Longest card, in characters of its JSON.
pub const CARD_MAX: usize = 30_000;

/// A card that may be shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Card {
    /// The card.
    pub json: Value,
    english: String,
    chinese: String,
}

impl Card {
    /// Reads a card from its JSON in a string; `field` is what the caller calls it.
    ///
    /// # Errors
    /// It is no card, one of JSON 2.0 or a template, too long, or holds a link that is not allowed.
    pub fn parse(field: &str, text: &str) -> Result<Self, Refusal> {
        let wrong = |why: String| Refusal::invalid(field, why);
        if text.chars().count() > CARD_MAX {
            return Err(wrong(format!("at most {CARD_MAX} characters are allowed")));
        }
        let json: Value = serde_json::from_str(text)
            .map_err(|error| wrong(format!("must be a message card's JSON in a string: {error}")))?;
        let card = json.as_object().ok_or_else(|| wrong("must be a message card, a JSON object".into()))?;
        if card.get("schema").is_some_and(|schema| schema != "1.0") {
            return Err(wrong("cards of JSON 2.0 are not supported; leave schema out".into()));
        }
        if card.get("type").and_then(Value::as_str) == Some("template") {
            return Err(wrong("card templates are not kept here; send the card's whole JSON".into()));
        }
        if !["header", "elements", "i18n_elements"].iter().any(|key| card.contains_key(*key)) {
            return Err(wrong("must be a message card with a header or elements".into()));
        }
        if let Some(url) = forbidden_link(&json) {
            return Err(wrong(Refusal::BadUrl(url).to_string()));
        }
        let (english, chinese) = (rendition(card, false), rendition(card, true));
        Ok(Self { json, english, chinese })
    }

    /// What the card says, line by line.
    pub fn text(&self, chinese: bool) -> &str {
        if chinese { &self.chinese } else { &self.english }
    }
}

/// The first link with a scheme that is not allowed, wherever it stands.
fn forbidden_link(value: &Value) -> Option<String> {
    match value {
        Value::Array(items) => items.iter().find_map(forbidden_link),
        Value::Object(members) => members.iter().find_map(|(key, value)| match value.as_str() {
            Some(url) if matches!(key.as_str(), "url" | "href" | "android_url" | "ios_url" | "pc_url") => {
                (!allowed_url(url)).then(|| url.to_owned())
            }
            Some(text) => forbidden_in_markdown(text),
            None => forbidden_link(value),
        }),
        _ => None,
    }
}

/// The same in Markdown: `[text](url)` and `<a href=url>`.
fn forbidden_in_markdown(text: &str) -> Option<String> {
    let ends = |c: char| c == ')' || c == '>' || c == '"' || c == '\'' || c.is_whitespace();
    ["](", "href="].iter().find_map(|opening| {
        text.split(opening).skip(1).find_map(|rest| {
            let url = rest.trim_start_matches(['"', '\'', ' ', '<']);
            let url = url.split(ends).next().unwrap_or_default();
            (!allowed_url(url)).then(|| url.to_owned())
        })
    })
}

fn rendition(card: &Map<String, Value>, chinese: bool) -> String {
    let language = if chinese { "zh_cn" } else { "en_us" };
    let mut lines = Vec::new();
    if let Some(header) = card.get("header") {
        lines.extend(header.get("title").and_then(|title| said(title, language)));
        lines.extend(header.get("subtitle").and_then(|subtitle| said(subtitle, language)));
    }
    elements(elements_of(card, language), language, &mut lines);
    let text = lines.join("\n");
    match (text.trim().is_empty(), chinese) {
        (false, _) => text,
        (true, true) => "[卡片]".into(),
        (true, false) => "[Card]".into(),
    }
}

fn elements_of<'c>(card: &'c Map<String, Value>, language: &str) -> &'c [Value] {
    let translated = card.get("i18n_elements").and_then(Value::as_object);
    let translated = translated.and_then(|all| all.get(language).or_else(|| all.values().next()));
    let found = card.get("elements").or(translated).and_then(Value::as_array);
    found.map_or(&[], Vec::as_slice)
}

/// The text of a text object: a string, or `{tag, content, i18n}`.
fn said(text: &Value, language: &str) -> Option<String> {
    let translated = text.get("i18n").and_then(|all| all.get(language));
    let text = translated.or_else(|| text.get("content")).unwrap_or(text).as_str()?;
    (!text.trim().is_empty()).then(|| text.to_owned())
}

fn elements(all: &[Value], language: &str, lines: &mut Vec<String>) {
    for element in all {
        let text = element.get("text").and_then(|text| said(text, language));
        match element.get("tag").and_then(Value::as_str) {
            Some("button") => lines.extend(match (text, link_of(element)) {
                (Some(text), Some(url)) => Some(format!("{text} ({url})")),
                (text, url) => text.or(url.map(str::to_owned)),
            }),
            Some("plain_text" | "lark_md" | "markdown") => lines.extend(said(element, language)),
            _ => lines.extend(text),
        }
        for inner in ["fields", "elements", "actions", "columns"] {
            let inner = element.get(inner).and_then(Value::as_array);
            elements(inner.map_or(&[], Vec::as_slice), language, lines);
        }
    }
}

fn link_of(element: &Value) -> Option<&str> {
    let several = element.get("multi_url").and_then(|urls| urls.get("url"));
    element.get("url").or(several).and_then(Value::as_str).filter(|url| !url.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn parse(card: &Value) -> Result<Card, Refusal> {
        Card::parse("content", &card.to_string())
    }

    #[test]
    fn a_card_is_read_line_by_line() {
        let card = parse(&json!({
            "config": {"wide_screen_mode": true},
            "header": {"title": {"tag": "plain_text", "content": "Office move", "i18n": {"zh_cn": "搬家"}}},
            "elements": [
                {"tag": "div", "text": {"tag": "lark_md", "content": "We **move** on [Friday](https://x.test)."},
                 "fields": [{"is_short": true, "text": {"tag": "plain_text", "content": "Floor 3"}}]},
                {"tag": "hr"},
                {"tag": "img", "img_key": "img_1", "alt": {"tag": "plain_text", "content": "A map"}},
                {"tag": "column_set", "columns": [{"tag": "column", "elements": [{"tag": "markdown", "content": "col"}]}]},
                {"tag": "note", "elements": [{"tag": "plain_text", "content": "Facilities"}]},
                {"tag": "action", "actions": [{"tag": "button", "text": {"tag": "plain_text", "content": "Plan"},
                                               "url": "https://plan.test"}]}]}))
        .unwrap();
        let rest = "We **move** on [Friday](https://x.test).\nFloor 3\ncol\nFacilities\nPlan (https://plan.test)";
        assert_eq!(card.text(false), format!("Office move\n{rest}"));
        assert_eq!(card.text(true), format!("搬家\n{rest}"));
        let translated = json!({"i18n_elements": {"zh_cn": [{"tag": "markdown", "content": "你好"}],
                                                  "en_us": [{"tag": "markdown", "content": "Hello"}]}});
        let translated = parse(&translated).unwrap();
        assert_eq!((translated.text(false), translated.text(true)), ("Hello", "你好"));
        assert_eq!(parse(&json!({"elements": [{"tag": "hr"}]})).unwrap().text(false), "[Card]");
    }

    #[test]
    fn what_is_no_card_of_json_1_is_refused() {
        for bad in ["", "hello", "[]", "{}", r#"{"text":"hello"}"#, r#"{"schema":"2.0","header":{},"body":{}}"#] {
            assert!(matches!(Card::parse("content", bad), Err(Refusal::Invalid { .. })), "{bad}");
        }
        let template = json!({"type": "template", "data": {"template_id": "ctp_1"}});
        assert!(parse(&template).is_err());
        let long = json!({"elements": [{"tag": "markdown", "content": "x".repeat(CARD_MAX)}]});
        assert!(parse(&long).unwrap_err().to_string().contains("30000"));
    }

    #[test]
    fn a_link_is_judged_wherever_it_stands() {
        let evil = "javascript:alert(1)";
        for element in [
            json!({"tag": "action", "actions": [{"tag": "button", "url": evil}]}),
            json!({"tag": "button", "multi_url": {"url": "https://x.test", "pc_url": evil}}),
            json!({"tag": "markdown", "content": format!("see [this]( {evil})")}),
            json!({"tag": "div", "text": {"tag": "lark_md", "content": format!("<a href='{evil}'>x</a>")}}),
            json!({"tag": "markdown", "content": "[x]($u)", "href": {"u": {"url": evil}}}),
        ] {
            let refused = parse(&json!({"elements": [element]}));
            assert!(refused.is_err_and(|why| why.to_string().contains("javascript")), "{element}");
        }
    }
}
