//! Contents that apps send into a ticket.

use serde_json::{Map, Value, json};

use crate::Refusal;

const TEXT_MAX: usize = 30_000;

/// Schemes that links may have.
const SCHEMES: [&str; 6] = ["http", "https", "mailto", "tel", "lark", "feishu"];
/// The same for people.
pub(crate) const SCHEMES_TOLD: &str = "http, https, mailto, tel, lark and feishu";

/// Whether a link may stand in a message or an answer.
pub fn allowed_url(url: &str) -> bool {
    let url = url.trim();
    match url.split_once(':') {
        Some((scheme, _)) if !scheme.contains(['/', '?', '#']) => {
            SCHEMES.iter().any(|s| s.eq_ignore_ascii_case(scheme))
        }
        // A relative link, which leads nowhere but here.
        _ => true,
    }
}

/// Reads what an app sends: the text of a `text`, the locales of a `post`. Answers the plain text and the content as it
/// is stored.
pub fn outgoing(msg_type: &str, content: &Value) -> Result<(String, Value), Refusal> {
    match msg_type {
        "text" => {
            let text =
                content.as_str().ok_or_else(|| Refusal::invalid("content.text", "must be the message's text"))?;
            check_length(text)?;
            Ok((text.to_owned(), super::text_content(text)))
        }
        "post" => {
            let locales = content.as_object().ok_or_else(|| Refusal::invalid("content.post", "must be an object"))?;
            post(locales)
        }
        _ => Err(Refusal::invalid("msg_type", "options: [text,post]")),
    }
}

fn post(locales: &Map<String, Value>) -> Result<(String, Value), Refusal> {
    let wrong = |why: &str| Refusal::invalid("content.post", why);
    let (_, body) = ["zh_cn", "en_us", "ja_jp"]
        .iter()
        .find_map(|l| locales.get_key_value(*l))
        .ok_or_else(|| wrong("must hold zh_cn, en_us or ja_jp"))?;
    let title = body.get("title").and_then(Value::as_str).unwrap_or_default();
    let lines =
        body.get("content").and_then(Value::as_array).ok_or_else(|| wrong("content must be a list of lines"))?;
    let mut text = String::from(title);
    let mut image_keys = Vec::new();
    for line in lines {
        let items = line.as_array().ok_or_else(|| wrong("each line must be a list of items"))?;
        if !text.is_empty() {
            text.push('\n');
        }
        for item in items {
            push_item(item, &mut text, &mut image_keys)?;
        }
    }
    // A post may consist of pictures alone.
    if image_keys.is_empty() || !text.trim().is_empty() {
        check_length(&text)?;
    }
    let content = json!({"msg_type": "post", "content": text, "image_keys": image_keys, "post": locales});
    Ok((text, content))
}

fn push_item(item: &Value, text: &mut String, image_keys: &mut Vec<String>) -> Result<(), Refusal> {
    let member = |key: &str| item.get(key).and_then(Value::as_str);
    match member("tag") {
        Some("text" | "at" | "md") => text.push_str(member("text").or(member("user_name")).unwrap_or_default()),
        Some("a") => {
            let href = member("href").unwrap_or_default();
            if !allowed_url(href) {
                return Err(Refusal::BadUrl(href.to_owned()));
            }
            text.push_str(member("text").unwrap_or(href));
        }
        Some("img") => {
            let key = member("image_key").filter(|key| !key.is_empty());
            let none = || Refusal::invalid("content.post", "each img needs an image_key");
            image_keys.push(key.ok_or_else(none)?.to_owned());
        }
        Some(_) => {}
        None => return Err(Refusal::invalid("content.post", "each item needs a tag, such as text or a")),
    }
    Ok(())
}

fn check_length(text: &str) -> Result<(), Refusal> {
    if text.trim().is_empty() {
        return Err(Refusal::invalid("content", "must not be empty"));
    }
    if text.chars().count() > TEXT_MAX {
        return Err(Refusal::invalid("content", format!("at most {TEXT_MAX} characters are allowed")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_its_text_and_a_post_its_lines() {
        assert_eq!(outgoing("text", &json!("hi")).unwrap().0, "hi");
        let items = json!([[{"tag": "text", "text": "a "}, {"tag": "a", "href": "https://x.test", "text": "b"}]]);
        let post = json!({"zh_cn": {"title": "T", "content": items}});
        assert_eq!(outgoing("post", &post).unwrap().0, "T\na b");
        let picture = json!({"zh_cn": {"content": [[{"tag": "img", "image_key": "img_1"}]]}});
        assert_eq!(outgoing("post", &picture).unwrap().1["image_keys"], json!(["img_1"]));
        let empty = json!({"zh_cn": {"content": [[{"tag": "text", "text": " "}]]}});
        for (kind, bad) in
            [("text", json!({})), ("text", json!(" ")), ("post", json!("hi")), ("post", empty), ("image", json!("hi"))]
        {
            assert!(matches!(outgoing(kind, &bad), Err(Refusal::Invalid { .. })), "{kind} {bad}");
        }
    }

    #[test]
    fn a_post_may_be_pictures_alone_and_each_is_named() {
        let post = |item: Value| outgoing("post", &json!({"zh_cn": {"content": [[item]]}}));
        let (text, content) = post(json!({"tag": "img", "image_key": "img_1"})).unwrap();
        assert_eq!((text.as_str(), &content["image_keys"]), ("", &json!(["img_1"])));
        for bad in [json!({"tag": "img"}), json!({"tag": "img", "image_key": ""}), json!({"tag": "text", "text": " "})]
        {
            assert!(matches!(post(bad.clone()), Err(Refusal::Invalid { .. })), "{bad}");
        }
    }

    #[test]
    fn a_post_with_a_script_link_is_refused() {
        let evil = json!({"zh_cn": {"content": [[{"tag": "a", "href": "javascript:alert(1)", "text": "b"}]]}});
        assert!(matches!(outgoing("post", &evil), Err(Refusal::BadUrl(_))));
    }

    #[test]
    fn links_are_judged_by_their_scheme() {
        for good in ["https://x.test", "HTTP://x", "mailto:a@b", "/a/b", "a/b:c", "?q=a:b"] {
            assert!(allowed_url(good), "{good}");
        }
        for bad in ["javascript:alert(1)", " JavaScript:x", "data:text/html,x", "file:///etc/passwd", "vbscript:x"] {
            assert!(!allowed_url(bad), "{bad}");
        }
    }

    #[test]
    fn who_is_refused_a_link_is_told_every_scheme_that_links_may_have() {
        let told = Refusal::BadUrl("javascript:alert(1)".into()).to_string();
        for scheme in SCHEMES {
            assert!(told.contains(scheme) && allowed_url(&format!("{scheme}:x")), "{scheme}: {told}");
        }
    }
}
