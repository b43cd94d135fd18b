//! Categories, FAQs and subscriptions.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::server::{AGENT, OWNER};

use super::events;
use crate::contract::sample::{At, FIELD, INVALID, Sample};
use crate::contract::world::{NOTHING, PIXEL, World, text};

pub async fn samples(world: &World) -> Vec<Sample> {
    let mut samples = categories(world).await;
    samples.extend(faqs(world).await);
    samples.extend(images(world).await);
    samples.extend(events::samples());
    samples
}

async fn category(world: &World, name: &str, parent: &str) -> String {
    let body = json!({"name": name, "parent_id": parent, "language": "en_us"});
    text(&world.user(OWNER, Method::POST, "/categories", body).await["category"]["category_id"])
}

async fn categories(world: &World) -> Vec<Sample> {
    let top = category(world, "Network", "0").await;
    let below = category(world, "Wi-Fi", &top).await;
    let empty = category(world, "Empty", "0").await;
    vec![
        Sample::new("category.create")
            .body(json!({"name": "Routers", "parent_id": top, "language": "zh_cn"}))
            .wrong(At::Body("name"), "", &[INVALID])
            .wrong(At::Body("name"), "Wi-Fi", &[INVALID])
            .wrong(At::Body("parent_id"), NOTHING, &[INVALID])
            .wrong(At::Body("parent_id"), "abc", &[INVALID])
            .wrong(At::Body("parent_id"), "", &[INVALID])
            .and(|given| given.body(json!({"name": "Top", "parent_id": "0"}))),
        Sample::new("category.get").path("id", below.clone()),
        Sample::new("category.list")
            .query("lang", "en_us")
            .query("order_by", 1)
            .query("asc", "True")
            .and(|given| given)
            .and(|given| given.query("asc", "false").query("lang", "zh_cn")),
        Sample::new("category.patch")
            .path("id", below.clone())
            .body(json!({"name": "WLAN", "parent_id": top}))
            .wrong(At::Body("name"), "", &[INVALID])
            .wrong(At::Body("parent_id"), NOTHING, &[INVALID])
            .wrong(At::Body("parent_id"), "abc", &[INVALID])
            .wrong(At::Body("parent_id"), below.as_str(), &[INVALID])
            .and(|given| given.body(json!({"name": "Wireless"}))),
        Sample::new("category.delete").path("id", empty),
    ]
}

fn richtext() -> Value {
    json!([{"type": "text", "content": "See "}, {"type": "hyperlink", "text": "this", "url": "https://x.test"},
           {"type": "line break", "content": "\n"},
           {"type": "img", "src": "https://x.test/a.png", "key": "img_a", "width": "20", "height": "10"}])
}

async fn faq(world: &World, question: &str) -> String {
    let category = category(world, question, "0").await;
    let body = json!({"faq": {"question": question, "answer_richtext": richtext(), "tags": ["another way"],
                              "category_id": category}});
    text(&world.user(AGENT, Method::POST, "/faqs", body).await["faq"]["id"])
}

async fn faqs(world: &World) -> Vec<Sample> {
    let category = category(world, "Printers", "0").await;
    let content = |richtext: Value| {
        json!({"faq": {"category_id": category, "question": "Where is the printer?", "answer": "On floor 2.",
                       "tags": ["print"], "answer_richtext": richtext}})
    };
    let wrong = |sample: Sample| {
        sample
            .wrong(At::Body("faq.category_id"), NOTHING, &[INVALID])
            .wrong(At::Body("faq.category_id"), "abc", &[INVALID])
            .wrong(At::Body("faq.question"), " ", &[INVALID])
            .wrong(At::Body("faq.question"), "x".repeat(1_001), &[INVALID])
            .wrong(At::Body("faq.answer"), "x".repeat(20_001), &[INVALID])
            .wrong(At::Body("faq.tags"), json!(vec!["x"; 201]), &[INVALID])
            .wrong(At::Body("faq.answer_richtext"), "nonsense", &[INVALID])
            .wrong(At::Body("faq.answer_richtext"), json!([{"type": "nonsense"}]), &[INVALID])
            .wrong_body(json!({}), &[FIELD, INVALID])
            .wrong_body(json!({"faq": {"question": "q"}}), &[INVALID])
    };
    let (patched, deleted) = (faq(world, "Which floor?").await, faq(world, "Which room?").await);
    vec![
        wrong(Sample::new("faq.create").body(content(json!(richtext().to_string()))))
            .and(|given| given.body(content(richtext())))
            .and(|given| given.body(json!({"faq": {"question": "q", "answer": "a"}}))),
        wrong(Sample::new("faq.patch").path("id", patched.clone()).body(content(richtext())))
            .and(|given| given.body(content(json!(richtext().to_string())))),
        Sample::new("faq.get").path("id", patched).and(|given| given),
        Sample::new("faq.list")
            .query("category_id", &category)
            .query("status", 1)
            .query("search", "printer")
            .query("page_size", 100)
            .wrong(At::Query("category_id"), "abc", &[INVALID])
            .wrong(At::Query("page_token"), "nonsense", &[INVALID])
            .and(|given| given.query("page_size", 1))
            .and(|given| given.query("category_id", NOTHING))
            .and(|given| given.query("status", 0)),
        Sample::new("faq.delete").path("id", deleted),
        Sample::new("faq.search")
            .query("query", STANDARD.encode("忘记密码"))
            .query("base64", "true")
            .query("page_size", 100)
            .wrong(At::Query("query"), "%%%", &[INVALID])
            .wrong(At::Query("page_token"), "nonsense", &[INVALID])
            .and(|given| given.query("query", "how do I").query("page_size", 1))
            .and(|given| given.query("query", "Which floor?").query("base64", "")),
    ]
}

/// A FAQ with a picture.
async fn images(world: &World) -> Vec<Sample> {
    let picture = json!([{"type": "img", "src": format!("data:image/png;base64,{PIXEL}")}]);
    let body = json!({"faq": {"question": "How does it look?", "answer_richtext": picture}});
    let made = world.user(AGENT, Method::POST, "/faqs", body).await["faq"].clone();
    let key = text(&made["answer_richtext"][0]["key"]);
    vec![Sample::new("faq.faq_image").path("id", text(&made["id"])).path("image_key", key)]
}
