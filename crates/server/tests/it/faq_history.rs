//! What a FAQ said before: every writer leaves a version, and an old one can come back.

use reqwest::Method;
use serde_json::{Value, json};
use testkit::rows::assert_unchanged;
use testkit::server::{APP, DESK, FAQS, OTHER_DESK, OWNER};
use testkit::{Options, TestServer, on_both};

use crate::admin::{by, file, start, token};

/// A server, an administrator's token, and the path of its FAQs.
async fn begin(database: testkit::Database) -> (TestServer, String, String) {
    let server = start(database, &Options::default()).await;
    let root = token(&server, "root").await;
    (server, root, format!("/desks/{DESK}/faqs"))
}

async fn call(server: &TestServer, token: &str, method: Method, path: &str, body: Value) -> Value {
    let call = by(server, token, method, path);
    let call = if body.is_null() { call } else { call.json(&body) };
    let answer = call.send().await;
    assert!(answer.status < 300, "{path}: {}", answer.json);
    answer.json
}

fn input(question: &str, similar: &[&str], answer: &str) -> Value {
    json!({"faq": {"question": question, "tags": similar, "answer": answer}})
}

async fn history(server: &TestServer, token: &str, faq: &str) -> Vec<Value> {
    let path = format!("/desks/{DESK}/faqs/{faq}/history?page_size=100");
    call(server, token, Method::GET, &path, Value::Null).await["versions"].as_array().unwrap().clone()
}

/// Kind and way of each version, newest first.
fn told(versions: &[Value]) -> Vec<(&str, &str)> {
    let told = |version| (text(version, "kind"), text(version, "way"));
    versions.iter().map(told).collect()
}

fn text<'v>(version: &'v Value, name: &str) -> &'v str {
    version[name].as_str().unwrap_or_default()
}

fn shown(pieces: &Value) -> String {
    let piece = |piece: &Value| match piece["side"].as_str().unwrap() {
        "added" => format!("+{}+", piece["text"].as_str().unwrap()),
        "removed" => format!("-{}-", piece["text"].as_str().unwrap()),
        _ => piece["text"].as_str().unwrap().to_owned(),
    };
    pieces.as_array().unwrap().iter().map(piece).collect()
}

on_both! {
    async fn each_change_is_a_version_and_an_old_one_comes_back(database) {
        let (server, root, faqs) = begin(database).await;
        let made = call(&server, &root, Method::POST, &faqs, input("Where is the gym?", &["gym"], "On floor 2.")).await;
        let id = made["faq"]["faq_id"].as_str().unwrap().to_owned();
        let one = format!("{faqs}/{id}");
        server.clock.advance(1_000);
        let moved = input("Where is the gym?", &["gym", "sport"], "On floor 3.");
        call(&server, &root, Method::PATCH, &one, moved.clone()).await;
        call(&server, &root, Method::PATCH, &one, moved).await;
        let versions = history(&server, &root, &id).await;
        assert_eq!(told(&versions), [("edited", "api"), ("made", "api")], "an edit that changes nothing is no version");
        assert_eq!(versions[0]["changed"], json!(["similar", "answer"]));
        assert_eq!((&versions[0]["author_id"], &versions[0]["author_name"]), (&json!("u_root"), &json!("Root")));
        assert_eq!(versions[0]["at"].as_i64().unwrap() - versions[1]["at"].as_i64().unwrap(), 1_000);
        let second = call(&server, &root, Method::GET, &format!("{one}/history/2"), Value::Null).await;
        assert_eq!(second["against"], "1");
        assert_eq!(shown(&second["difference"]["answer"]), "On floor -2-+3+.");
        assert_eq!(shown(&second["difference"]["similar"]), "gym+sport+");
        let turned = call(&server, &root, Method::GET, &format!("{one}/history/1?against=2"), Value::Null).await;
        assert_eq!(turned["difference"], second["difference"], "whichever of the two is asked for");
        let back = call(&server, &root, Method::POST, &format!("{one}/history/1/restore"), Value::Null).await;
        assert_eq!((&back["faq"]["answer"], &back["faq"]["tags"]), (&json!("On floor 2."), &json!(["gym"])));
        assert_eq!(told(&history(&server, &root, &id).await)[0], ("reverted", "api"));
        let before = server.rows();
        let again = by(&server, &root, Method::POST, &format!("{one}/history/1/restore")).send().await;
        again.refused(400, 154_000);
        by(&server, &root, Method::POST, &format!("{one}/history/9/restore")).send().await.refused(404, 154_004);
        by(&server, &root, Method::GET, &format!("{one}/history/x")).send().await.refused(404, 154_004);
        let elsewhere = format!("/desks/{OTHER_DESK}/faqs/{id}/history");
        by(&server, &root, Method::GET, &elsewhere).send().await.refused(404, 154_004);
        assert_unchanged(&before, &server.rows());
        call(&server, &root, Method::DELETE, &one, Value::Null).await;
        by(&server, &root, Method::POST, &format!("{one}/history/2/restore")).send().await.refused(400, 154_000);
        call(&server, &root, Method::POST, &format!("{one}/restore"), Value::Null).await;
        let versions = history(&server, &root, &id).await;
        assert_eq!(told(&versions)[..2], [("restored", "api"), ("deleted", "api")]);
        assert_eq!(versions[0]["changed"], json!([]));
    }

    async fn an_app_and_a_desk_file_leave_versions_and_the_first_change_keeps_what_was_there(database) {
        let (server, root, _) = begin(database).await;
        let owner = server.user_token(OWNER).await;
        let made = history(&server, &root, FAQS[0]).await;
        assert_eq!(told(&made), [("made", "desk_file")]);
        assert!(made[0].get("author_id").is_none(), "{}", made[0]);
        let body = input("How do I reset my password?", &[], "Ask the desk.");
        server.open_api_as(&owner, Method::PATCH, &format!("/faqs/{}", FAQS[0])).json(&body).send().await.ok();
        let versions = history(&server, &root, FAQS[0]).await;
        assert_eq!(told(&versions)[0], ("edited", "app"));
        assert_eq!(versions[0]["author_id"], "u_ada");
        assert!(versions[0]["app"].as_str().is_some_and(|app| app == APP || !app.is_empty()), "{}", versions[0]);
        // A FAQ from before there was a history.
        server.running.app().db().write_blocking(|tx| tx.execute("DELETE FROM faq_version", &[])).unwrap();
        assert!(history(&server, &root, FAQS[0]).await.is_empty());
        let body = input("How do I reset my password?", &[], "Ask Ada.");
        server.open_api_as(&owner, Method::PATCH, &format!("/faqs/{}", FAQS[0])).json(&body).send().await.ok();
        let versions = history(&server, &root, FAQS[0]).await;
        assert_eq!(told(&versions), [("edited", "app"), ("found", "")]);
        assert_eq!(versions[1]["author_id"], "u_ada", "who wrote it");
        let first = call(&server, &root, Method::GET, &format!("/desks/{DESK}/faqs/{}/history/1", FAQS[0]), Value::Null).await;
        assert_eq!(first["version"]["answer"], "Ask the desk.");
        assert!(first.get("against").is_none());
        assert_eq!(shown(&first["difference"]["answer"]), "+Ask the desk.+");
    }

    async fn what_a_file_applies_again_changes_and_removes_is_told(database) {
        let options = Options::default();
        let (server, root, _) = begin(database).await;
        let mut changed = file(&options);
        let all = changed["tenants"][0]["helpdesks"][0]["faqs"].as_array_mut().unwrap();
        all[0]["answer"] = json!("Changed by a file.");
        all.truncate(1);
        server.apply(&changed).await;
        assert_eq!(told(&history(&server, &root, FAQS[0]).await), [("edited", "desk_file"), ("made", "desk_file")]);
        let gone = history(&server, &root, FAQS[1]).await;
        assert_eq!(told(&gone), [("deleted", "desk_file"), ("made", "desk_file")]);
        let before = server.rows();
        server.apply(&changed).await;
        assert_eq!(before["faq_version"], server.rows()["faq_version"]);
        server.apply(&file(&options)).await;
        assert_eq!(told(&history(&server, &root, FAQS[1]).await)[0], ("restored", "desk_file"));
    }

    async fn fifty_versions_are_kept_and_read_page_by_page(database) {
        let (server, root, faqs) = begin(database).await;
        let made = call(&server, &root, Method::POST, &faqs, input("Count?", &[], "0")).await;
        let id = made["faq"]["faq_id"].as_str().unwrap().to_owned();
        for number in 1..=54 {
            let body = input("Count?", &[], &number.to_string());
            call(&server, &root, Method::PATCH, &format!("{faqs}/{id}"), body).await;
        }
        let mut numbers = Vec::new();
        let mut next = String::new();
        loop {
            let path = format!("{faqs}/{id}/history?page_size=20{next}");
            let page = call(&server, &root, Method::GET, &path, Value::Null).await;
            let versions = page["versions"].as_array().unwrap();
            numbers.extend(versions.iter().map(|version| version["version"].as_str().unwrap().parse::<i64>().unwrap()));
            assert_eq!(page["has_more"], page.get("page_token").is_some());
            let Some(token) = page["page_token"].as_str() else { break };
            next = format!("&page_token={token}");
        }
        assert_eq!(numbers, (6..=55).rev().collect::<Vec<_>>());
        let oldest = call(&server, &root, Method::GET, &format!("{faqs}/{id}/history/6"), Value::Null).await;
        assert!(oldest.get("against").is_none());
        by(&server, &root, Method::GET, &format!("{faqs}/{id}/history/5")).send().await.refused(404, 154_004);
    }

    async fn a_category_that_is_no_more_stays_what_it_is(database) {
        let (server, root, faqs) = begin(database).await;
        let path = format!("/desks/{DESK}/categories");
        let category = async |name: &str| {
            let made = call(&server, &root, Method::POST, &path, json!({"name": name})).await;
            made["category"]["id"].as_str().unwrap().to_owned()
        };
        let (sport, music) = (category("Sport").await, category("Music").await);
        let in_category = |id: &str, answer: &str| json!({"faq": {"question": "Q?", "answer": answer, "category_id": id}});
        let made = call(&server, &root, Method::POST, &faqs, in_category(&sport, "one")).await;
        let id = made["faq"]["faq_id"].as_str().unwrap().to_owned();
        call(&server, &root, Method::PATCH, &format!("{faqs}/{id}"), in_category(&music, "two")).await;
        let second = call(&server, &root, Method::GET, &format!("{faqs}/{id}/history/2"), Value::Null).await;
        assert_eq!(shown(&second["difference"]["category"]), "-Sport-+Music+");
        call(&server, &root, Method::DELETE, &format!("{path}/{sport}"), Value::Null).await;
        let back = call(&server, &root, Method::POST, &format!("{faqs}/{id}/history/1/restore"), Value::Null).await;
        assert_eq!((&back["faq"]["answer"], &back["faq"]["categories"][0]["name"]), (&json!("one"), &json!("Music")));
    }
}
