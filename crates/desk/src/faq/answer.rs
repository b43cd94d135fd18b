//! The two forms of a FAQ's answer, each made from the other where one is missing.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::fault::{Fault, FaultCode, lengths, pictures};
use super::sheet::Column;
use super::{Content, Picture, RichItem, picture_key, to_json};
use crate::Refusal;
use crate::image::{Image, NoImage};
use crate::message::allowed_url;

/// What an item of a rich answer may be.
pub(super) const RICH_TYPES: [&str; 4] = ["text", "hyperlink", "img", "line break"];

/// A checked answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answer {
    pub plain: String,
    /// Pictures that came with the items are named by their keys here.
    pub rich: Vec<RichItem>,
    /// Pictures that came with the items.
    pub pictures: Vec<Picture>,
}

/// Both forms of the answer. `at` is where they stand in the caller's document.
pub(crate) fn answer(content: &Content, at: &str) -> Result<Answer, Refusal> {
    judged(content).map_err(|fault| fault.refusal(at))
}

/// The same, or what is wrong with it.
pub(super) fn judged(content: &Content) -> Result<Answer, Fault> {
    let plain = content.answer.as_deref().map(str::trim).filter(|a| !a.is_empty());
    let rich = content.richtext.as_deref().filter(|r| !r.is_empty());
    let mut answer = match (plain, rich) {
        (Some(plain), Some(rich)) => Answer { plain: plain.to_owned(), rich: rich.to_vec(), pictures: Vec::new() },
        (Some(plain), None) => Answer { plain: plain.to_owned(), rich: vec![text_item(plain)], pictures: Vec::new() },
        (None, Some(rich)) => Answer { plain: plain_of(rich), rich: rich.to_vec(), pictures: Vec::new() },
        (None, None) => return Err(Fault::new(Column::Answer, FaultCode::AnswerMissing)),
    };
    for (place, item) in answer.rich.iter_mut().enumerate() {
        check_item(item).map_err(|fault| fault.item(place))?;
        answer.pictures.extend(take_picture(item).map_err(|fault| fault.item(place))?);
        pictures(answer.pictures.len(), place)?;
    }
    lengths(&answer.plain, &to_json(&answer.rich))?;
    Ok(answer)
}

/// A text of an item; empty where it has none.
pub(super) fn member<'i>(item: &'i RichItem, key: &str) -> &'i str {
    item.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn check_item(item: &RichItem) -> Result<(), Fault> {
    let kind = member(item, "type");
    if !RICH_TYPES.contains(&kind) {
        return Err(Fault::new(Column::Rich, FaultCode::RichType).member("type").found(kind));
    }
    for key in ["url", "src"] {
        let url = member(item, key);
        if !allowed_url(url) && encoded(item, key).is_none() {
            return Err(Fault::new(Column::Rich, FaultCode::RichLink).member(key).found(url));
        }
    }
    Ok(())
}

/// The base64 text of a picture that stands in `src` itself.
fn encoded<'i>(item: &'i RichItem, key: &str) -> Option<&'i str> {
    if (member(item, "type"), key) != ("img", "src") {
        return None;
    }
    encoded_picture(member(item, key))
}

/// The base64 text of a picture that is its own address, such as `data:image/png;base64,…`.
pub(crate) fn encoded_picture(url: &str) -> Option<&str> {
    let (scheme, rest) = url.trim().split_once(':')?;
    let (kind, data) = rest.split_once(',')?;
    let kind = kind.to_ascii_lowercase();
    let is_picture = scheme.eq_ignore_ascii_case("data") && kind.starts_with("image/") && kind.ends_with(";base64");
    is_picture.then_some(data)
}

/// Takes a picture out of its item, which names it by its key from now on. The key is made from the picture, so that the
/// same one sent again is no second one.
fn take_picture(item: &mut RichItem) -> Result<Option<Picture>, Fault> {
    let fault = |code| Fault::new(Column::Rich, code).member("src");
    let Some(data) = encoded(item, "src") else { return Ok(None) };
    let bytes = STANDARD.decode(data.trim()).map_err(|_| fault(FaultCode::PictureEncoding))?;
    let image = Image::judged(bytes).map_err(|no| match no {
        NoImage::TooLarge { bytes, most } => fault(FaultCode::PictureTooLarge).limit(most).found(bytes),
        NoImage::Kind => fault(FaultCode::PictureKind),
    })?;
    let key = picture_key(&image);
    item.remove("src");
    item.insert("key".into(), key.clone().into());
    Ok(Some(Picture { key, image }))
}

fn text_item(text: &str) -> RichItem {
    let mut item = RichItem::new();
    item.insert("type".into(), "text".into());
    item.insert("content".into(), text.into());
    item
}

pub(super) fn plain_of(rich: &[RichItem]) -> String {
    let mut plain = String::new();
    for item in rich {
        match member(item, "type") {
            "hyperlink" => plain.extend([member(item, "text"), " (", member(item, "url"), ")"]),
            "line break" => plain.push('\n'),
            "img" => {}
            // The platform also writes a line break as a text item without content.
            _ if member(item, "content").is_empty() => plain.push('\n'),
            _ => plain.push_str(member(item, "content")),
        }
    }
    let plain = plain.trim();
    // What shows no pictures shows at least that there is one.
    let pictures_alone = plain.is_empty() && rich.iter().any(|item| member(item, "type") == "img");
    if pictures_alone { "[image]".to_owned() } else { plain.to_owned() }
}

/// A rich answer as a post in this locale, for a message; `None` if it is text alone.
pub(crate) fn post(rich: &[RichItem], locale: &str) -> Option<Value> {
    if rich.iter().all(|item| matches!(member(item, "type"), "text" | "line break")) {
        return None;
    }
    let mut lines = vec![Vec::new()];
    for item in rich {
        let shown = match member(item, "type") {
            "hyperlink" => json!({"tag": "a", "href": member(item, "url"), "text": member(item, "text")}),
            "img" if !member(item, "key").is_empty() => json!({"tag": "img", "image_key": member(item, "key")}),
            // A picture that lies elsewhere is not fetched.
            "img" => json!({"tag": "a", "href": member(item, "src"), "text": member(item, "src")}),
            "text" if !member(item, "content").is_empty() => json!({"tag": "text", "text": member(item, "content")}),
            _ => {
                lines.push(Vec::new());
                continue;
            }
        };
        let alone = shown["tag"] == "img" && lines.last().is_some_and(|line| !line.is_empty());
        if alone {
            lines.push(Vec::new());
        }
        if let Some(line) = lines.last_mut() {
            line.push(shown);
        }
    }
    Some(json!({locale: {"title": "", "content": lines}}))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::tests::PNG;

    fn rich(json: &str) -> Content {
        Content { richtext: Some(serde_json::from_str(json).unwrap()), ..Content::default() }
    }

    #[test]
    fn each_form_of_an_answer_is_made_from_the_other() {
        let only_rich = rich(
            r#"[{"type":"text","content":"Open "},{"type":"hyperlink","text":"Settings","url":"https://x.test"},
                {"type":"line break"},{"type":"text","content":"Done."}]"#,
        );
        assert_eq!(answer(&only_rich, "faq").unwrap().plain, "Open Settings (https://x.test)\nDone.");
        let only_plain = Content { answer: Some("Yes.".into()), ..Content::default() };
        assert_eq!(to_json(&answer(&only_plain, "faq").unwrap().rich), r#"[{"content":"Yes.","type":"text"}]"#);
        assert_eq!(answer(&rich(r#"[{"type":"img","key":"img_1"}]"#), "faq").unwrap().plain, "[image]");
        assert!(answer(&Content { answer: Some(" ".into()), ..Content::default() }, "faq").is_err());
    }

    #[test]
    fn what_is_more_than_text_becomes_a_post() {
        let items = |json: &str| -> Vec<RichItem> { serde_json::from_str(json).unwrap() };
        let text = items(r#"[{"type":"text","content":"Yes."},{"type":"line break"},{"type":"text","content":"No."}]"#);
        assert_eq!(post(&text, "en_us"), None);
        let rich = items(
            r#"[{"type":"text","content":"See "},{"type":"hyperlink","text":"this","url":"https://x.test"},
                {"type":"img","key":"img_1"},{"type":"text","content":""},{"type":"img","src":"https://y.test/p.png"}]"#,
        );
        let lines = json!([
            [{"tag": "text", "text": "See "}, {"tag": "a", "href": "https://x.test", "text": "this"}],
            [{"tag": "img", "image_key": "img_1"}],
            [{"tag": "a", "href": "https://y.test/p.png", "text": "https://y.test/p.png"}],
        ]);
        assert_eq!(post(&rich, "zh_cn"), Some(json!({"zh_cn": {"title": "", "content": lines}})));
    }

    #[test]
    fn a_rich_answer_with_an_unknown_item_or_a_script_link_is_refused() {
        for bad in [
            r#"[{"type":"video"}]"#,
            r#"[{"type":"hyperlink","text":"x","url":"javascript:alert(1)"}]"#,
            r#"[{"type":"hyperlink","text":"x","url":"data:image/png;base64,iVBORw0KGgo="}]"#,
            r#"[{"type":"img","src":"data:text/html;base64,aGk="}]"#,
        ] {
            assert!(matches!(answer(&rich(bad), "faq"), Err(Refusal::Invalid { .. })), "{bad}");
        }
    }

    #[test]
    fn a_picture_in_an_item_is_taken_out_and_named_by_its_key() {
        let data = STANDARD.encode(PNG);
        let item = format!(r#"{{"type":"img","src":"data:image/png;base64,{data}","width":"16"}}"#);
        let given = rich(&format!("[{item},{{\"type\":\"text\",\"content\":\"There.\"}},{item}]"));
        let found = answer(&given, "faq").unwrap();
        let key = member(&found.rich[0], "key");
        assert!(key.starts_with("img_") && key.len() == 36, "{key}");
        assert_eq!((member(&found.rich[0], "src"), member(&found.rich[0], "width")), ("", "16"));
        assert_eq!(member(&found.rich[2], "key"), key, "the same picture has the same key");
        assert_eq!((found.pictures[0].key.as_str(), found.pictures[0].image.bytes.as_slice()), (key, PNG));
        for (data, why) in [("%%", "base64"), ("aGVsbG8=", "only PNG")] {
            let bad = format!(r#"[{{"type":"img","src":"data:image/png;base64,{data}"}}]"#);
            let refusal = answer(&rich(&bad), "faq").unwrap_err().to_string();
            assert!(refusal.starts_with("faq.answer_richtext[0].src") && refusal.contains(why), "{refusal}");
        }
    }
}
