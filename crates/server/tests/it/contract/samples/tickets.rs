//! Tickets, their messages and the bot's.

use reqwest::Method;
use serde_json::{Value, json};
use testkit::server::{AGENT, FAQS, Guest, OTHER_FAQ, OWNER, USER};

use super::fields;
use crate::contract::sample::{At, FIELD, INVALID, METHOD_FORBIDDEN, NOT_FOUND, Sample};
use crate::contract::world::{ADMIN, CANDIDATE, NOBODY, NOTHING, PIXEL, SECOND_CANDIDATE, STRANGER, World, text};

pub async fn samples(world: &World) -> Vec<Sample> {
    let mut samples = tickets(world).await;
    samples.push(start_service());
    samples.push(answer_user_query(world).await);
    samples.extend(messages(world).await);
    samples.extend(images(world).await);
    samples.push(bot_message(world).await);
    samples
}

fn start_service() -> Sample {
    let body = json!({"open_id": USER, "human_service": true, "appointed_agents": [AGENT],
                      "customized_info": "字".repeat(1_024)});
    Sample::new("ticket.start_service")
        .body(body)
        .wrong(At::Body("open_id"), NOBODY, &[NOT_FOUND])
        .wrong(At::Body("open_id"), "abc", &[NOT_FOUND])
        .wrong(At::Body("open_id"), STRANGER, &[NOT_FOUND])
        .wrong(At::Body("human_service"), false, &[INVALID])
        .wrong(At::Body("human_service"), Value::Null, &[INVALID])
        .wrong(At::Body("appointed_agents[0]"), NOBODY, &[INVALID])
        .wrong(At::Body("appointed_agents[0]"), USER, &[INVALID])
        // Whom the other help desk is not visible to.
        .never_elsewhere(json!({"open_id": CANDIDATE}), (401, 154_402))
        .and(|given| given.body(json!({"open_id": CANDIDATE})))
}

async fn guest<'w>(world: &'w World, name: &str) -> Guest<'w> {
    world.server.guest_with(json!({"name": name, "email": "guest@demo.test", "language": "en"})).await
}

/// A ticket that its guest has closed.
async fn closed(world: &World) -> String {
    let guest = guest(world, "Gina").await;
    let ticket = text(&guest.say("hello").await["ticket_id"]);
    guest.call(Method::POST, "/close").send().await;
    ticket
}

/// An open ticket.
async fn open(world: &World) -> String {
    text(&guest(world, "Gina").await.say("hello").await["ticket_id"])
}

/// Does what an agent does: `{open_id, action, …}`.
async fn play(world: &World, ticket_id: &str, act: Value) {
    let path = format!("/dev/v1/tickets/{ticket_id}/agent");
    let answer = world.server.call(Method::POST, &path).json(&act).send().await;
    assert_eq!(answer.status, 200, "{act}: {}", answer.json);
}

/// A ticket with as much in it as can be, closed and rated; answers its id and a field's.
async fn rich(world: &World) -> (String, String) {
    let server = &world.server;
    let guest = server.guest_with(json!({"open_id": SECOND_CANDIDATE})).await;
    let ticket_id = text(&guest.say("hello").await["ticket_id"]);
    server.clock.advance(61_000);
    guest.call(Method::POST, "/human").send().await;
    let field = json!({"key_name": "device", "display_name": "Device", "position": "1", "field_type": "string",
                       "description": "Which one", "visible": true, "required": false});
    let field = fields::make(world, field).await;
    let ticket = world.tenant(Method::GET, &format!("/tickets/{ticket_id}"), json!({})).await["ticket"].clone();
    let begin = match ticket["agent_owner"]["id"].as_str() {
        Some(owner) if owner != AGENT => json!({"open_id": owner, "action": "transfer", "to": AGENT}),
        _ => json!({"open_id": AGENT, "action": "take"}),
    };
    for act in [
        begin,
        json!({"open_id": AGENT, "action": "reply", "text": "What does it say?"}),
        json!({"open_id": AGENT, "action": "hold"}),
        json!({"open_id": AGENT, "action": "resume"}),
        json!({"open_id": AGENT, "action": "collaborate", "to": ADMIN}),
        json!({"open_id": AGENT, "action": "reply", "text": "Try again."}),
    ] {
        play(world, &ticket_id, act).await;
        server.clock.advance(30_500);
    }
    let body = json!({"tag_names": ["vip"], "comment": "A remark", "solved": 1,
                      "customized_fields": [{"id": field, "key_name": "device", "value": "Laptop"}]});
    world.user(OWNER, Method::PUT, &format!("/tickets/{ticket_id}"), body).await;
    play(world, &ticket_id, json!({"open_id": AGENT, "action": "close", "solved": true})).await;
    guest.call(Method::POST, "/rating").json(&json!({"score": 1, "reason": "slow"})).send().await;
    (ticket_id, field)
}

async fn tickets(world: &World) -> Vec<Sample> {
    let (closed, field) = rich(world).await;
    let (waiting, updated) = (open(world).await, open(world).await);
    let start = testkit::server::START_MS;
    vec![
        Sample::new("ticket.get").path("ticket_id", closed.clone()),
        Sample::new("ticket.get").path("ticket_id", waiting),
        Sample::new("ticket.list")
            .query("page", 1)
            .query("page_size", 200)
            .query("create_time_start", start)
            .query("create_time_end", start + 3_600_000)
            .query("status_list", 1)
            .query("status_list", 51)
            .query("status_list", 52)
            .wrong(At::Query("ticket_id"), "abc", &[INVALID])
            .wrong(At::Query("status_list"), 6, &[FIELD, INVALID])
            .wrong(At::Query("create_time_end"), "", &[INVALID])
            .conflict(At::Query("update_time_start"), 1, &[INVALID])
            .and(|given| given)
            .and(|given| given.query("ticket_id", NOTHING).query("agent_id", NOBODY).query("guest_id", NOBODY))
            .and(|given| given.query("closed_by_id", NOBODY).query("tags", "vip").query("tags", "none"))
            .and(|given| given.query("tags", "vip"))
            .and(|given| given.query("type", 1).query("channel", 0).query("solved", 2).query("score", 3))
            .and(|given| given.query("update_time_start", start).query("update_time_end", start + 3_600_000))
            .and(|given| given.query("guest_name", "Gina").query("page", 2).query("page_size", 1)),
        Sample::new("ticket.update")
            .path("ticket_id", updated)
            .body(json!({"status": 2, "tag_names": ["vip", "slow"], "comment": "Another remark", "ticket_type": 2,
                         "solved": 2, "channel": 13,
                         "customized_fields": [{"id": field, "key_name": "device", "value": "Laptop"}]}))
            .wrong(At::Body("status"), 52, &[INVALID, FIELD])
            .wrong(At::Body("customized_fields[0].id"), NOTHING, &[INVALID, NOT_FOUND])
            .wrong(At::Body("customized_fields[0].id"), "abc", &[INVALID, NOT_FOUND])
            .wrong_body(json!({}), &[INVALID])
            .and(|given| given.body(json!({"solved": 1}))),
    ]
}

async fn answer_user_query(world: &World) -> Sample {
    let asked = guest(world, "Gina").await.ask("forgot password").await;
    let others = guest(world, "Gus").await.ask("forgot password").await;
    Sample::new("ticket.answer_user_query")
        .path("ticket_id", asked.ticket_id)
        .body(json!({"event_id": asked.event_id, "faqs": [{"id": FAQS[0], "score": 0.9}, {"id": FAQS[1]}]}))
        .wrong(At::Body("event_id"), "118a6492-122d-04ad-4370-010a3bb384d3", &[INVALID])
        .wrong(At::Body("event_id"), "nonsense", &[INVALID])
        .wrong(At::Body("event_id"), others.event_id, &[INVALID])
        .wrong(At::Body("faqs[1].id"), NOTHING, &[NOT_FOUND])
        .wrong(At::Body("faqs[1].id"), OTHER_FAQ, &[NOT_FOUND])
        .wrong(At::Body("faqs[1].id"), FAQS[0], &[INVALID])
        .wrong(At::Body("faqs[0].id"), Value::Null, &[INVALID])
        .wrong(At::Body("faqs[0].score"), 1.01, &[INVALID])
        .wrong(At::Body("faqs[0].score"), -0.1, &[INVALID])
        .never_on(closed(world).await, INVALID)
}

async fn messages(world: &World) -> Vec<Sample> {
    let asking = guest(world, "Gina").await;
    let ticket = text(&asking.say("hello").await["ticket_id"]);
    let path = format!("/tickets/{ticket}/messages");
    let post = json!({"post": {"zh_cn": {"title": "Title", "content": [[
        {"tag": "text", "text": "See "}, {"tag": "a", "href": "https://x.test", "text": "this"}]]}}});
    world.tenant(Method::POST, &path, json!({"msg_type": "post", "content": post.clone()})).await;
    let key = upload(&asking).await;
    asking.call(Method::POST, "/messages").json(&json!({"image_key": key})).send().await;
    let evil = json!({"zh_cn": {"content": [[{"tag": "a", "href": "javascript:alert(1)", "text": "x"}]]}});
    let seconds = testkit::server::START_MS / 1000;
    vec![
        Sample::new("ticket_message.create")
            .path("ticket_id", ticket.clone())
            .body(json!({"msg_type": "text", "content": {"text": "hi"}}))
            .never_on(closed(world).await, (401, 154_401))
            .wrong(At::Body("content"), json!({}), &[INVALID])
            .wrong(At::Body("content"), json!({"text": ""}), &[INVALID])
            .wrong(At::Body("content"), "", &[INVALID])
            .wrong_body(json!({"msg_type": "post", "content": {"text": "hi"}}), &[INVALID])
            .wrong_body(json!({"msg_type": "post", "content": evil}), &[(401, 154_403)])
            .and(|given| given.body(json!({"msg_type": "text", "content": "{\"text\":\"hi\"}"})))
            .and(|given| given.body(json!({"msg_type": "post", "content": post}))),
        Sample::new("ticket_message.list")
            .path("ticket_id", ticket)
            .query("time_start", seconds)
            .query("time_end", seconds + 36_000)
            .query("page", 1)
            .query("page_size", 200)
            .wrong(At::Query("page"), 0, &[FIELD])
            .and(|given| given)
            .and(|given| given.query("page", 2).query("page_size", 1)),
    ]
}

/// Uploads a picture as the guest; answers its key.
async fn upload(guest: &Guest<'_>) -> String {
    use base64::Engine as _;
    let bytes = base64::engine::general_purpose::STANDARD.decode(PIXEL).unwrap();
    let head = "--x\r\ncontent-disposition: form-data; name=\"image\"; filename=\"a.png\"\r\n\r\n";
    let form = [head.as_bytes(), &bytes, b"\r\n--x--\r\n"].concat();
    let call = guest.call(Method::POST, "/images").header("content-type", "multipart/form-data; boundary=x");
    let answer = call.raw(form).send().await;
    assert_eq!(answer.status, 201, "{}", answer.json);
    text(&answer.json["image_key"])
}

/// Sends a picture as the guest; answers `{message, ticket_id}`.
async fn show(guest: &Guest<'_>) -> Value {
    let key = upload(guest).await;
    guest.call(Method::POST, "/messages").json(&json!({"image_key": key})).send().await.json
}

async fn images(world: &World) -> Vec<Sample> {
    let guest = guest(world, "Gina").await;
    let (sent, gone, words) = (show(&guest).await, show(&guest).await, guest.say("and words").await);
    let ticket = text(&sent["ticket_id"]);
    // Nothing deletes a single picture yet.
    let key = text(&gone["message"]["image_key"]);
    let db = world.server.running.app().db().clone();
    let delete = move |tx: &mut db::Tx<'_>| tx.execute("DELETE FROM image WHERE image_key = $1", &db::params![&key]);
    assert_eq!(db.write(delete).await.unwrap(), 1);
    let of = |message: &Value| {
        let sample = Sample::new("ticket.ticket_image").query("ticket_id", &ticket);
        sample.query("msg_id", text(&message["message_id"]))
    };
    let post = json!({"zh_cn": {"content": [[{"tag": "img", "image_key": upload(&guest).await}]]}});
    let path = format!("/tickets/{ticket}/messages");
    let posted = world.tenant(Method::POST, &path, json!({"msg_type": "post", "content": post})).await;
    vec![
        of(&sent["message"])
            .wrong(At::Query("ticket_id"), "abc", &[INVALID])
            .conflict(At::Query("ticket_id"), NOTHING, &[NOT_FOUND])
            .conflict(At::Query("ticket_id"), open(world).await, &[NOT_FOUND])
            .conflict(At::Query("msg_id"), "om_00000000000000000000000000000000", &[NOT_FOUND])
            .wrong(At::Query("msg_id"), "abc", &[INVALID])
            .wrong(At::Query("msg_id"), text(&words["message"]["message_id"]), &[INVALID])
            .conflict(At::Query("msg_id"), text(&gone["message"]["message_id"]), &[(401, 154_404)]),
        of(&posted).query("index", 0).wrong(At::Query("index"), "", &[INVALID]).wrong(
            At::Query("index"),
            1,
            &[INVALID],
        ),
    ]
}

async fn bot_message(world: &World) -> Sample {
    let body = json!({"msg_type": "text", "content": "{\"text\":\"hi\"}", "receiver_id": ADMIN,
                      "receive_type": "chat"});
    let asking = guest(world, "Gina").await;
    asking.say("hello").await;
    let post = json!({"post": {"zh_cn": {"title": "Title", "content": [[{"tag": "text", "text": "a"}]]}}});
    let direct = json!({"msg_type": "post", "content": post.to_string(), "receiver_id": ADMIN, "receive_type": "user"});
    Sample::new("bot_message.create")
        .query("user_id_type", "open_id")
        .body(body)
        .wrong(At::Body("receiver_id"), NOBODY, &[INVALID, NOT_FOUND])
        .wrong(At::Body("receiver_id"), STRANGER, &[INVALID, NOT_FOUND, (400, 99_992_364)])
        .wrong(At::Body("content"), "", &[INVALID])
        .wrong(At::Body("content"), "{}", &[INVALID])
        .conflict(At::Body("receiver_id"), text(&asking.session["guest"]["open_id"]), &[METHOD_FORBIDDEN])
        .and(|given| given.body(direct))
}
