//! Inboxes, lists and what agents do.

use reqwest::Method;
use serde_json::{Value, json};
use testkit::server::{AGENT, DESK, OWNER, START_MS};
use testkit::{TestServer, on_both};

use super::{act, by, count, get, human, ids, inbox, on_duty, open_id, post, start};
use crate::admin::token;

fn texts(conversation: &Value) -> Vec<String> {
    let entries = conversation["entries"].as_array().unwrap().iter();
    let text = |entry: &Value| match (entry.get("message"), entry.get("note")) {
        (Some(message), None) => {
            format!("{}: {}", message["from"].as_str().unwrap(), message["text"].as_str().unwrap())
        }
        (None, Some(note)) => format!("note: {}", note["text"].as_str().unwrap()),
        other => panic!("an entry is one of both: {other:?}"),
    };
    entries.map(text).collect()
}

/// Guests who came one after another, a second between them, and wait for a human; none is on duty.
async fn queue(server: &TestServer, count: usize) -> Vec<(testkit::server::Guest<'_>, String)> {
    let mut waiting = Vec::new();
    for _ in 0..count {
        let guest = server.guest().await;
        let ticket = human(&guest).await;
        waiting.push((guest, ticket));
        server.clock.advance(1_000);
    }
    waiting
}

on_both! {
    async fn who_has_waited_longest_comes_first(database) {
        let server = start(database).await;
        for name in ["ada", "bob"] {
            on_duty(&server, name, false).await;
        }
        let waiting = queue(&server, 4).await;
        let all: Vec<String> = waiting.iter().map(|(_, ticket)| ticket.clone()).collect();
        let bob = token(&server, "bob").await;
        assert_eq!(inbox(&server, &bob, "queue").await, all);
        assert_eq!(inbox(&server, &bob, "unassigned").await, all);
        assert_eq!((count(&server, &bob, "queue").await, count(&server, &bob, "mine").await), (4, 0));
        // Page by page it is the same.
        let (mut seen, mut token_of_page) = (Vec::new(), String::new());
        loop {
            let path = format!("/tickets?inbox=open&page_size=3&helpdesk_id={DESK}&page_token={token_of_page}");
            let page = get(&server, &bob, &path).await;
            seen.extend(ids(&page));
            match page["page_token"].as_str() {
                Some(next) => next.clone_into(&mut token_of_page),
                None => break,
            }
            assert_eq!(page["has_more"], true);
        }
        assert_eq!(seen, all);
        // Bob gets them all: who was answered waits no more, who writes again waits from then on.
        on_duty(&server, "bob", true).await;
        assert_eq!(inbox(&server, &bob, "mine").await, all);
        assert!(inbox(&server, &bob, "unassigned").await.is_empty());
        let sent = post(&server, &bob, &format!("/tickets/{}/messages", all[0]), json!({"text": "Which one?"})).await;
        assert_eq!(sent.status, 201, "{}", sent.json);
        assert_eq!(sent.json["ticket"].get("waiting_since"), None);
        assert_eq!(inbox(&server, &bob, "mine").await, [&all[1], &all[2], &all[3], &all[0]].map(Clone::clone));
        server.clock.advance(1_000);
        waiting[0].0.say("The blue one.").await;
        let list = get(&server, &bob, "/tickets?inbox=mine").await;
        assert_eq!(ids(&list), [&all[1], &all[2], &all[3], &all[0]].map(Clone::clone));
        assert_eq!(list["now"], server.clock.now_ms());
        assert_eq!(list["tickets"][3]["waiting_since"], server.clock.now_ms());
        assert_eq!(list["tickets"][0]["waiting_since"], START_MS + 1_000);
        let last = &list["tickets"][3];
        assert_eq!((&last["last_message"]["text"], &last["last_message"]["from"], &last["unanswered"]), (&json!("The blue one."), &json!("guest"), &json!(1)));
        act(&server, &bob, &all[1], json!({"action": "hold"})).await;
        assert_eq!(inbox(&server, &bob, "on_hold").await, all[1..2]);
        for ticket in [&all[2], &all[0]] {
            server.clock.advance(1_000);
            act(&server, &bob, ticket, json!({"action": "close", "solved": true})).await;
        }
        assert_eq!(inbox(&server, &bob, "closed").await, [&all[0], &all[2]].map(Clone::clone));
        assert_eq!(inbox(&server, &bob, "open").await, [&all[1], &all[3]].map(Clone::clone));
        let counts = get(&server, &bob, "/inboxes").await;
        assert_eq!(counts["desks"][0]["helpdesk_id"], DESK);
        assert_eq!(counts["desks"][0]["inboxes"], counts["inboxes"], "there is one desk");
        let open = counts["inboxes"].as_array().unwrap().iter().find(|i| i["inbox"] == "open").unwrap();
        assert_eq!(open, &json!({"inbox": "open", "count": 2, "more": false, "waiting_since": START_MS + 1_000}));
        for bad in ["", "inbox=", "inbox=none", "inbox=mine&page_token=x", "inbox=mine&page_size=0", "inbox=mine&page_size=201", "inbox=mine&helpdesk_id=x"] {
            let answer = by(&server, &bob, Method::GET, &format!("/tickets?{bad}")).send().await;
            assert_eq!(answer.status, 400, "{bad}: {}", answer.json);
        }
    }

    async fn who_was_answered_waits_again_only_when_they_write(database) {
        let server = start(database).await;
        on_duty(&server, "bob", false).await;
        let guest = server.guest().await;
        let ticket = human(&guest).await;
        let (ada, path) = (token(&server, "ada").await, format!("/tickets/{ticket}"));
        let reply = json!({"text": "We are looking into it."});
        assert_eq!(post(&server, &ada, &format!("{path}/messages"), reply.clone()).await.status, 201);
        let menus = get(&server, &ada, &format!("/desks/{DESK}")).await;
        let to_bob = json!({"action": "transfer", "skill_id": menus["skills"][0]["id"]});
        let waits_since = async || get(&server, &ada, &path).await["ticket"].get("waiting_since").cloned();
        for (act_of, status) in [(json!({"action": "hold"}), 4), (json!({"action": "resume"}), 2), (to_bob, 3)] {
            server.clock.advance(1_000);
            let shown = act(&server, &ada, &ticket, act_of.clone()).await;
            assert_eq!((&shown["ticket"]["status"], waits_since().await), (&json!(status), None), "{act_of}");
        }
        // It comes out of the queue into Bob's hands.
        on_duty(&server, "bob", true).await;
        let shown = get(&server, &ada, &path).await;
        assert_eq!((&shown["ticket"]["owner"]["open_id"], &shown["ticket"]["status"]), (&json!(AGENT), &json!(2)));
        assert_eq!(waits_since().await, None);
        // Writing moves nothing here, but somebody waits now: from the first word on.
        server.clock.advance(1_000);
        let from = server.clock.now_ms();
        for _ in 0..2 {
            guest.say("Any news?").await;
            assert_eq!(waits_since().await, Some(json!(from)));
            server.clock.advance(1_000);
        }
        // On hold and off it, they go on waiting.
        for doing in ["hold", "resume"] {
            act(&server, &ada, &ticket, json!({"action": doing})).await;
            assert_eq!(waits_since().await, Some(json!(from)), "{doing}");
        }
        assert_eq!(post(&server, &ada, &format!("{path}/messages"), reply).await.status, 201);
        assert_eq!(waits_since().await, None);
        // Who writes while it is on hold waits from then on.
        act(&server, &ada, &ticket, json!({"action": "hold"})).await;
        server.clock.advance(1_000);
        guest.say("Hello?").await;
        assert_eq!(waits_since().await, Some(json!(server.clock.now_ms())));
    }

    async fn a_conversation_shows_the_bots_answers_with_scores_and_notes_between(database) {
        let server = start(database).await;
        let guest = server.guest().await;
        guest.say("forgot password").await;
        guest.wait(1, |message| message["kind"] == "answer").await;
        let ticket = human(&guest).await;
        let ada = token(&server, "ada").await;
        let noted = post(&server, &ada, &format!("/tickets/{ticket}/notes"), json!({"text": " Knows the **bot** well. "})).await;
        assert_eq!((noted.status, &noted.json["entry"]["note"]["by"]["name"]), (201, &json!("Ada")), "{}", noted.json);
        post(&server, &ada, &format!("/tickets/{ticket}/messages"), json!({"text": "Hello!"})).await;
        let path = format!("/tickets/{ticket}/messages");
        let whole = get(&server, &ada, &path).await;
        let told = texts(&whole);
        assert_eq!(whole["has_more"], false);
        assert_eq!(told[0], "guest: forgot password");
        assert!(told[1].starts_with("bot: "), "{told:?}");
        assert_eq!(told[told.len() - 2..], ["note: Knows the **bot** well.", "agent: Hello!"]);
        let answer = &whole["entries"][1]["message"];
        assert!(answer["faqs"][0]["score"].as_f64().unwrap() > 0.25 && answer["answered_by"] == "builtin", "{answer}");
        // From the end by twos, and forward again.
        let (mut back, mut before) = (Vec::new(), String::new());
        loop {
            let page = get(&server, &ada, &format!("{path}?limit=2{before}")).await;
            let mut all = texts(&page);
            all.extend(back);
            back = all;
            if page["has_more"] == false {
                break;
            }
            let first = page["entries"].as_array().unwrap().iter().find(|e| e.get("message").is_some()).unwrap();
            before = format!("&before={}", first["position"]);
        }
        assert_eq!(back, told);
        let newer = get(&server, &ada, &format!("{path}?after=1&limit=1")).await;
        assert_eq!((texts(&newer), &newer["has_more"]), (vec![told[1].clone()], &json!(true)));
        by(&server, &ada, Method::GET, &format!("{path}?after=1&before=2")).send().await.refused(400, 154_000);
    }

    async fn a_note_is_never_seen_by_guests_apps_or_the_open_api(database) {
        let server = start(database).await;
        let guest = server.guest().await;
        let ticket = human(&guest).await;
        let ada = token(&server, "ada").await;
        let secret = "The guest is a known troublemaker";
        let before = server.rows();
        let messages = guest.messages().await;
        let open_before = server.open_api(Method::GET, &format!("/tickets/{ticket}/messages?page=1&page_size=50")).send().await.json;
        let noted = post(&server, &ada, &format!("/tickets/{ticket}/notes"), json!({"text": secret, "client_id": "n1"})).await;
        assert_eq!(noted.status, 201);
        let again = post(&server, &ada, &format!("/tickets/{ticket}/notes"), json!({"text": "other", "client_id": "n1"})).await;
        assert_eq!((again.status, &again.json), (201, &noted.json));
        let rows = server.rows();
        assert_eq!(rows["note"].len(), 1);
        for table in ["message", "delivery", "step", "question", "ticket"] {
            assert_eq!(rows[table], before[table], "{table}");
        }
        assert_eq!(guest.messages().await, messages);
        let open_after = server.open_api(Method::GET, &format!("/tickets/{ticket}/messages?page=1&page_size=50")).send().await.json;
        assert_eq!(open_after, open_before);
        for text in [server.ticket(&ticket).await.to_string(), json!(server.timeline(&ticket).await).to_string()] {
            assert!(!text.contains("troublemaker"), "{text}");
        }
        for bad in [json!({"text": " "}), json!({"text": "x".repeat(5_001)}), json!({"text": "x", "client_id": ""}), json!({})] {
            let answer = post(&server, &ada, &format!("/tickets/{ticket}/notes"), bad).await;
            assert_eq!(answer.status, 400, "{}", answer.json);
        }
        // Also when it is closed.
        act(&server, &ada, &ticket, json!({"action": "close"})).await;
        assert_eq!(post(&server, &ada, &format!("/tickets/{ticket}/notes"), json!({"text": "Bye"})).await.status, 201);
    }

    async fn a_reply_sent_twice_is_one_message(database) {
        let server = start(database).await;
        let guest = server.guest().await;
        let ticket = human(&guest).await;
        let ada = token(&server, "ada").await;
        let path = format!("/tickets/{ticket}/messages");
        // A guest's own client id is another's.
        let said = json!({"text": "hi", "client_id": "r1"});
        assert_eq!(guest.call(Method::POST, "/messages").json(&said).send().await.status, 201);
        let first = post(&server, &ada, &path, json!({"text": "Hello!", "client_id": "r1"})).await;
        assert_eq!(first.status, 201, "{}", first.json);
        let count = guest.messages().await.len();
        let again = post(&server, &ada, &path, json!({"text": "Hello!", "client_id": "r1"})).await;
        assert_eq!((again.status, &again.json["entry"]), (201, &first.json["entry"]));
        act(&server, &ada, &ticket, json!({"action": "close"})).await;
        let late = post(&server, &ada, &path, json!({"text": "Hello!", "client_id": "r1"})).await;
        assert_eq!((late.status, &late.json["entry"]), (201, &first.json["entry"]), "it was sent, whatever came then");
        assert_eq!(guest.messages().await.len(), count + 1, "the notice of closing");
        post(&server, &ada, &path, json!({"text": "More", "client_id": "r2"})).await.refused(401, 154_401);
        post(&server, &ada, &path, json!({"text": "More", "client_id": "x".repeat(101)})).await.refused(400, 154_000);
    }

    async fn the_buttons_do_what_they_say(database) {
        let server = start(database).await;
        on_duty(&server, "bob", false).await;
        let guest = server.guest().await;
        let ticket = human(&guest).await;
        let (ada, bob) = (token(&server, "ada").await, token(&server, "bob").await);
        let shown = get(&server, &bob, &format!("/tickets/{ticket}")).await;
        assert_eq!((&shown["ticket"]["owner"]["open_id"], &shown["may"]), (&json!(OWNER), &json!({"act": false, "take": false})));
        post(&server, &bob, &format!("/tickets/{ticket}/messages"), json!({"text": "x"})).await.refused(403, 154_003);
        let shown = act(&server, &ada, &ticket, json!({"action": "add_collaborator", "to": AGENT})).await;
        assert_eq!(shown["ticket"]["collaborators"][0]["name"], "Bob");
        assert_eq!(inbox(&server, &bob, "shared").await, [ticket.as_str()]);
        assert_eq!(count(&server, &bob, "shared").await, 1);
        assert_eq!(post(&server, &bob, &format!("/tickets/{ticket}/messages"), json!({"text": "Me too"})).await.status, 201);
        act(&server, &ada, &ticket, json!({"action": "remove_collaborator", "to": AGENT})).await;
        post(&server, &bob, &format!("/tickets/{ticket}/messages"), json!({"text": "x"})).await.refused(403, 154_003);
        assert!(inbox(&server, &bob, "shared").await.is_empty());
        // Bob is off duty.
        let path = format!("/tickets/{ticket}/actions");
        let why = post(&server, &ada, &path, json!({"action": "transfer", "to": AGENT})).await.refused(400, 154_000);
        assert!(why.contains("not on duty"), "{why}");
        on_duty(&server, "bob", true).await;
        let shown = act(&server, &ada, &ticket, json!({"action": "transfer", "to": AGENT})).await;
        assert_eq!(shown["ticket"]["owner"]["open_id"], AGENT);
        // To whoever has the skill: nobody but Ada, then nobody at all.
        let menus = get(&server, &ada, &format!("/desks/{DESK}")).await;
        let skill = menus["skills"][0]["id"].as_str().unwrap();
        let shown = act(&server, &bob, &ticket, json!({"action": "transfer", "skill_id": skill})).await;
        assert_eq!((&shown["ticket"]["owner"]["open_id"], &shown["ticket"]["status"]), (&json!(OWNER), &json!(5)), "as it was");
        on_duty(&server, "bob", false).await;
        let shown = act(&server, &ada, &ticket, json!({"action": "transfer", "skill_id": skill})).await;
        assert_eq!((shown["ticket"].get("owner"), &shown["ticket"]["status"]), (None, &json!(3)), "it waits for Bob");
        on_duty(&server, "bob", true).await;
        let shown = get(&server, &bob, &format!("/tickets/{ticket}")).await;
        assert_eq!(shown["ticket"]["owner"]["open_id"], AGENT, "Ada is free too, but it is for others");
        let steps = get(&server, &bob, &format!("/tickets/{ticket}/timeline")).await;
        let kinds: Vec<&str> = steps["steps"].as_array().unwrap().iter().map(|s| s["kind"].as_str().unwrap()).collect();
        for kind in ["handed_over", "collaborator_added", "collaborator_removed", "transferred", "requeued", "assigned"] {
            assert!(kinds.contains(&kind), "{kind}: {kinds:?}");
        }
        assert!(!kinds.contains(&"message") && !kinds.contains(&"event_queued"));
        for bad in [
            json!({"action": "dance"}), json!({"action": "transfer"}), json!({"action": "transfer", "to": "ou_none"}),
            json!({"action": "transfer", "to": OWNER, "skill_id": skill}), json!({"action": "transfer", "skill_id": "1"}),
            json!({"action": "add_collaborator"}), json!({}),
        ] {
            let answer = post(&server, &bob, &path, bad.clone()).await;
            assert_eq!(answer.status, 400, "{bad}: {}", answer.json);
        }
        assert_eq!(open_id("bob"), AGENT);
    }

    async fn a_tickets_data_can_be_changed_and_the_guest_is_known(database) {
        let server = start(database).await;
        let guest = server.guest_with(json!({"name": "Gina", "language": "en", "email": "gina@x.test"})).await;
        guest.say("My first question").await;
        guest.call(Method::POST, "/close").send().await;
        server.clock.advance(1_000);
        let ticket = human(&guest).await;
        let ada = token(&server, "ada").await;
        let path = format!("/tickets/{ticket}");
        let changed = by(&server, &ada, Method::PATCH, &path)
            .json(&json!({"tag_names": ["vip", "printer"], "remark": "Calls back", "solved": true})).send().await;
        assert_eq!(changed.status, 200, "{}", changed.json);
        let shown = get(&server, &ada, &path).await;
        assert_eq!(changed.json, shown);
        let of = &shown["ticket"];
        assert_eq!((&of["tags"], &of["remark"]["text"], &of["solve"]), (&json!(["printer", "vip"]), &json!("Calls back"), &json!(2)));
        let profile = &shown["guest"];
        assert_eq!((&profile["name"], &profile["email"], &profile["language"]), (&json!("Gina"), &json!("gina@x.test"), &json!("en")));
        assert_eq!(profile["first_seen_at"], START_MS);
        assert_eq!((shown["earlier"].as_array().unwrap().len(), &shown["earlier"][0]["first_message"], &shown["earlier"][0]["status"]),
                   (1, &json!("My first question"), &json!(52)));
        assert_eq!(get(&server, &ada, &format!("/desks/{DESK}")).await["tags"], json!(["printer", "vip"]));
        for (bad, field) in [
            (json!({}), "body"), (json!({"remark": "x".repeat(5_001)}), "remark"), (json!({"tag_names": [""]}), "tag_names[0]"),
            (json!({"fields": [{"key_name": "none", "value": "x"}]}), "fields[0]"),
        ] {
            let answer = by(&server, &ada, Method::PATCH, &path).json(&bad).send().await;
            let told = answer.refused(400, 154_000);
            assert!(answer.json["error"].to_string().contains(field), "{bad}: {told}");
        }
    }

    async fn a_picture_of_an_agent_is_shown_to_the_guest_once(database) {
        let server = start(database).await;
        let guest = server.guest().await;
        let ticket = human(&guest).await;
        let ada = token(&server, "ada").await;
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        let send = async |token: &str, bytes: Vec<u8>, client_id: Option<&str>| {
            let mut form = reqwest::multipart::Form::new().part("image", reqwest::multipart::Part::bytes(bytes));
            if let Some(client_id) = client_id {
                form = form.text("client_id", client_id.to_owned());
            }
            let url = server.url(&format!("/console/v1/tickets/{ticket}/images"));
            let answer = testkit::api::client().post(url).bearer_auth(token).multipart(form).send().await.unwrap();
            (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
        };
        let (status, sent) = send(&ada, png.clone(), Some("p1")).await;
        assert_eq!((status, &sent["entry"]["message"]["kind"], &sent["ticket"]["status"]), (201, &json!("image"), &json!(5)), "{sent}");
        assert_eq!(send(&ada, png.clone(), Some("p1")).await.1["entry"], sent["entry"]);
        let messages = guest.messages().await;
        let pictures: Vec<_> = messages.iter().filter(|message| message["kind"] == "image").collect();
        assert_eq!(pictures.len(), 1, "{messages:?}");
        assert_eq!((&pictures[0]["from"], &pictures[0]["sender"]["name"]), (&json!("agent"), &json!("Ada")));
        let key = pictures[0]["image_key"].as_str().unwrap();
        let seen = guest.call(Method::GET, &format!("/images/{key}")).send().await;
        assert_eq!((seen.status, seen.body), (200, png.clone()));
        // Nothing is kept of what is refused.
        for (who, bytes, client_id, status) in [
            ("ada", b"<svg onload=alert(1)>".to_vec(), None, 400),
            ("ada", vec![0; 6 << 20], None, 400),
            ("ada", png.clone(), Some(""), 400),
            ("bob", png.clone(), None, 403),
            ("hal", png.clone(), None, 404),
        ] {
            assert_eq!(send(&token(&server, who).await, bytes, client_id).await.0, status, "{who}");
        }
        act(&server, &ada, &ticket, json!({"action": "close"})).await;
        assert_eq!(send(&ada, png, None).await.1["code"], 154_401);
        assert_eq!(guest.messages().await.iter().filter(|message| message["kind"] == "image").count(), 1);
    }

    async fn a_picture_of_the_guest_can_be_seen(database) {
        let server = start(database).await;
        let guest = server.guest().await;
        let ticket = human(&guest).await;
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        let part = reqwest::multipart::Part::bytes(png.clone());
        let form = reqwest::multipart::Form::new().part("image", part);
        let stored = testkit::api::client().post(server.url("/guest/v1/images")).bearer_auth(&guest.token).multipart(form);
        let stored: Value = serde_json::from_slice(&stored.send().await.unwrap().bytes().await.unwrap()).unwrap();
        let key = stored["image_key"].as_str().unwrap();
        let ada = token(&server, "ada").await;
        let seen = by(&server, &ada, Method::GET, &format!("/tickets/{ticket}/images/{key}")).send().await;
        assert_eq!((seen.status, seen.body, &seen.headers["content-type"]), (200, png, &"image/png".parse().unwrap()));
        by(&server, &ada, Method::GET, &format!("/tickets/{ticket}/images/img_none")).send().await.refused(404, 154_004);
    }
}
