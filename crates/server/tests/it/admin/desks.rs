//! Help desks, how they answer, their FAQs.

use reqwest::Method;
use serde_json::{Value, json};
use testkit::rows::{assert_only_on_record, assert_unchanged};
use testkit::server::{DESK, FAQS, OTHER_DESK, OTHER_FAQ};
use testkit::{Options, on_both};

use super::{by, start, token};

on_both! {
    async fn a_list_counts_what_is_open(database) {
        let server = start(database, &Options { by: "app", ..Options::default() }).await;
        let (one, two) = (server.guest().await, server.guest().await);
        one.say("hello").await;
        two.say("hello").await;
        two.call(Method::POST, "/close").send().await;
        let desks = |token: String| {
            let call = by(&server, &token, Method::GET, "/desks");
            async { call.send().await.json["desks"].clone() }
        };
        let desk = |id: &str, name: &str, rights: &str, open: i64, faqs: i64| {
            json!({"id": id, "name": name, "rights": rights, "open_tickets": open, "faqs": faqs})
        };
        let it = |rights| desk(DESK, "IT help", rights, 1, 3);
        let hr = |rights| desk(OTHER_DESK, "HR help", rights, 0, 1);
        assert_eq!(desks(token(&server, "root").await).await, json!([it("admin"), hr("admin")]));
        assert_eq!(desks(token(&server, "ada").await).await, json!([it("owner")]));
        assert_eq!(desks(token(&server, "bob").await).await, json!([it("agent")]));
    }

    async fn how_a_desk_answers_is_changed_with_the_checks_of_a_desk_file(database) {
        let server = start(database, &Options { by: "app", ..Options::default() }).await;
        let (ada, root) = (token(&server, "ada").await, token(&server, "root").await);
        let path = format!("/desks/{DESK}/answering");
        let old = json!({"by": "app", "app_timeout_ms": 3000, "direct_score": 0.8, "list_score": 0.25, "list_size": 3});
        assert_eq!(by(&server, &ada, Method::GET, &path).send().await.json, old);
        let change = |token: &str, body: Value| by(&server, token, Method::PATCH, &path).json(&body).send();
        let before = server.rows();
        for (body, field) in [
            (json!({"app_timeout_ms": 99}), "app_timeout_ms"),
            (json!({"direct_score": 1.1}), "direct_score"),
            (json!({"direct_score": 0.2}), "list_score"),
            (json!({"list_size": 11, "by": "builtin"}), "list_size"),
            (json!({"idle_close_min": -1}), "idle_close_min"),
        ] {
            let why = change(&ada, body).await.refused(400, 154_000);
            assert!(why.contains(field), "{why}");
        }
        change(&ada, json!({"by": "nobody"})).await.refused(400, 9_499);
        change(&ada, json!({})).await;
        assert_only_on_record(&before, &server.rows());
        let changed = change(&ada, json!({"by": "builtin", "idle_close_min": 30})).await;
        assert_eq!((changed.status, &changed.json["by"]), (200, &json!("builtin")));
        assert_eq!((&changed.json["idle_close_min"], &changed.json["direct_score"]), (&json!(30), &json!(0.8)));
        let changed = change(&root, json!({"idle_close_min": 0})).await;
        assert_eq!(changed.json.get("idle_close_min"), None);
        // It counts at once.
        let guest = server.guest().await;
        guest.say("i forgot my password").await;
        assert_eq!(guest.wait(0, |m| m["kind"] == "answer").await["answered_by"], "builtin");
    }

    async fn faqs_are_kept_by_owners_and_administrators(database) {
        let server = start(database, &Options::default()).await;
        let (ada, root) = (token(&server, "ada").await, token(&server, "root").await);
        let path = format!("/desks/{DESK}/faqs");
        let list = |query: &str| by(&server, &ada, Method::GET, &format!("{path}?{query}")).send();
        let first = list("page_size=2").await.json;
        assert_eq!((&first["faqs"][0]["id"], &first["total"]), (&json!(FAQS[0]), &json!(3)));
        assert_eq!(first["has_more"], true);
        let rest = list(&format!("page_size=2&page_token={}", first["page_token"].as_str().unwrap())).await.json;
        assert_eq!((&rest["faqs"][0]["id"], &rest["has_more"]), (&json!(FAQS[2]), &json!(false)));
        assert_eq!(rest.get("page_token"), None);
        assert_eq!(list("search=LAPTOP").await.json["faqs"][0]["id"], FAQS[1]);
        list("page_size=101").await.refused(400, 99_992_402);
        // An administrator is no agent of the help desk and may do this all the same.
        for (who, question) in [(&ada, "Where is the printer?"), (&root, "Where is the canteen?")] {
            let body = json!({"faq": {"question": question, "answer": "Floor 1."}});
            let made = by(&server, who, Method::POST, &path).json(&body).send().await;
            assert_eq!((made.status, &made.json["faq"]["question"]), (201, &json!(question)), "{}", made.json);
            let one = format!("{path}/{}", made.json["faq"]["id"].as_str().unwrap());
            assert_eq!(by(&server, &ada, Method::GET, &one).send().await.json["faq"]["answer"], "Floor 1.");
            let body = json!({"faq": {"question": question, "answer": "Floor 2."}});
            let changed = by(&server, who, Method::PATCH, &one).json(&body).send().await;
            assert_eq!((changed.status, &changed.json["faq"]["answer"]), (200, &json!("Floor 2.")));
            assert_eq!(by(&server, who, Method::DELETE, &one).send().await.status, 200);
            by(&server, who, Method::DELETE, &one).send().await.refused(404, 154_004);
        }
        assert_eq!(list("deleted=true").await.json["total"], 2);
        let before = server.rows();
        let nothing = by(&server, &ada, Method::POST, &path).json(&json!({"faq": {"question": "?"}})).send().await;
        nothing.refused(400, 154_000);
        by(&server, &ada, Method::POST, &path).json(&json!({})).send().await.refused(400, 154_000);
        assert_unchanged(&before, &server.rows());
    }

    async fn a_deleted_faq_comes_back_and_its_pictures_are_read(database) {
        let server = start(database, &Options { by: "builtin", ..Options::default() }).await;
        let (ada, root) = (token(&server, "ada").await, token(&server, "root").await);
        let faqs = format!("/desks/{DESK}/faqs");
        let picture = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";
        let faq = json!({"question": "Where is the umbrella?", "answer_richtext": [{"type": "img", "src": picture}]});
        let made = by(&server, &ada, Method::POST, &faqs).json(&json!({"faq": faq})).send().await;
        let (id, item) = (made.json["faq"]["id"].as_str().unwrap(), &made.json["faq"]["answer_richtext"][0]);
        let path = format!("{faqs}/{id}");
        let image = format!("{path}/images/{}", item["key"].as_str().unwrap());
        let shown = by(&server, &root, Method::GET, &image).send().await;
        assert_eq!((shown.status, &shown.headers["content-type"]), (200, &"image/png".parse().unwrap()));
        by(&server, &ada, Method::GET, &format!("{path}/images/img_none")).send().await.refused(404, 154_004);

        by(&server, &ada, Method::POST, &format!("{path}/restore")).send().await.refused(400, 154_000);
        assert_eq!(by(&server, &ada, Method::DELETE, &path).send().await.status, 200);
        let back = by(&server, &ada, Method::POST, &format!("{path}/restore")).send().await;
        assert_eq!((back.status, &back.json["faq"]["question"]), (200, &json!("Where is the umbrella?")));
        assert_eq!(back.json["faq"].get("expire_time"), None);

        let bob = token(&server, "bob").await;
        for (method, path) in [(Method::POST, format!("{path}/restore")), (Method::GET, image)] {
            by(&server, &bob, method, &path).send().await.refused(403, 154_003);
        }
    }

    async fn what_is_anothers_is_not_there(database) {
        let server = start(database, &Options::default()).await;
        let [ada, bob, root] = [token(&server, "ada").await, token(&server, "bob").await, token(&server, "root").await];
        let before = server.rows();
        let body = json!({"faq": {"question": "Who?", "answer": "Me."}, "by": "app"});
        for (rest, methods) in [
            ("answering", &[Method::GET, Method::PATCH][..]),
            ("faqs", &[Method::GET, Method::POST]),
            (&format!("faqs/{}", FAQS[0]), &[Method::GET, Method::PATCH, Method::DELETE]),
        ] {
            for method in methods {
                let call = |who: &str, desk: &str| {
                    by(&server, who, method.clone(), &format!("/desks/{desk}/{rest}")).json(&body)
                };
                call(&ada, OTHER_DESK).send().await.refused(404, 154_004);
                call(&root, "6900000000000000003").send().await.refused(404, 154_004);
                call(&root, "x").send().await.refused(404, 154_004);
                call(&bob, DESK).send().await.refused(403, 154_003);
            }
        }
        let other = format!("/desks/{DESK}/faqs/{OTHER_FAQ}");
        by(&server, &ada, Method::DELETE, &other).send().await.refused(404, 154_004);
        assert_unchanged(&before, &server.rows());
    }
}
