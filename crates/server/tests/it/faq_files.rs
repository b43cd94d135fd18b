//! FAQs as files: what goes out comes back, and nothing is written before somebody has looked.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::rows::assert_unchanged;
use testkit::server::{DESK, FAQS, OTHER_DESK};
use testkit::{Answer, Database, Options, TestServer, on_both};

use crate::admin::{by, start, token};

struct Desk {
    server: TestServer,
    token: String,
}

impl Desk {
    async fn start(database: Database) -> Self {
        let server = start(database, &Options::default()).await;
        let token = token(&server, "root").await;
        Self { server, token }
    }

    async fn call(&self, method: Method, path: &str, body: Value) -> Value {
        let call = by(&self.server, &self.token, method, &format!("/desks/{DESK}/{path}"));
        let call = if body.is_null() { call } else { call.json(&body) };
        let answer = call.send().await;
        assert!(answer.status < 300, "{path}: {}", answer.json);
        answer.json
    }

    async fn export(&self, query: &str) -> Vec<u8> {
        let answer =
            by(&self.server, &self.token, Method::GET, &format!("/desks/{DESK}/faq-file?{query}")).send().await;
        assert_eq!(answer.status, 200, "{}", answer.json);
        answer.body
    }

    async fn send(&self, what: &str, file: &[u8]) -> Answer {
        let mut body = b"--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f.csv\"\r\n\r\n".to_vec();
        body.extend_from_slice(file);
        body.extend_from_slice(b"\r\n--x--\r\n");
        by(&self.server, &self.token, Method::POST, &format!("/desks/{DESK}/faq-file/{what}"))
            .header("content-type", "multipart/form-data; boundary=x")
            .raw(body)
            .send()
            .await
    }

    async fn preview(&self, query: &str, file: &[u8]) -> Value {
        let answer = self.send(&format!("preview?{query}"), file).await;
        assert_eq!(answer.status, 200, "{}", answer.json);
        answer.json
    }

    async fn import(&self, query: &str, file: &[u8]) -> Value {
        let answer = self.send(&format!("import?{query}"), file).await;
        assert_eq!(answer.status, 200, "{}", answer.json);
        answer.json
    }

    async fn faqs(&self) -> Vec<Value> {
        self.call(Method::GET, "faqs?page_size=100", Value::Null).await["faqs"].as_array().unwrap().clone()
    }

    async fn named(&self, question: &str) -> Value {
        let faqs = self.faqs().await;
        faqs.into_iter().find(|faq| faq["question"] == question).unwrap_or_else(|| panic!("no {question}"))
    }
}

fn outcomes(preview: &Value) -> Vec<(u64, &str)> {
    let rows = preview["rows"].as_array().unwrap().iter();
    rows.map(|row| (row["row"].as_u64().unwrap(), row["outcome"].as_str().unwrap())).collect()
}

fn faults(preview: &Value) -> Vec<String> {
    let of = |row: &Value| {
        let row_number = row["row"].to_string();
        let one = |fault: &Value| {
            format!("{row_number} {}: {}", fault["column"].as_str().unwrap_or("row"), fault["why"].as_str().unwrap())
        };
        row["faults"].as_array().unwrap().iter().map(one).collect::<Vec<_>>()
    };
    preview["rows"].as_array().unwrap().iter().flat_map(of).collect()
}

on_both! {
    async fn a_file_is_looked_at_and_then_imported_whole(database) {
        let desk = Desk::start(database).await;
        let old = desk.faqs().await[0]["question"].as_str().unwrap().to_owned();
        let file = format!(
            "Question,Similar questions,Answer,Category,Notes\r\n\
             Where is the gym?,\"gym\nsport\",On floor 2.,Office/Sport,x\r\n\
             {old},,A new answer.,,\r\n"
        );
        let before = desk.server.rows();
        let refused = desk.preview("", file.as_bytes()).await;
        assert_eq!(faults(&refused), ["2 category: there is no category Office/Sport; let the import make it, or correct the path"]);
        let preview = desk.preview("create_categories=true", file.as_bytes()).await;
        assert_unchanged(&before, &desk.server.rows());
        assert_eq!(outcomes(&preview), [(2, "new"), (3, "changed")]);
        assert_eq!(preview["categories"], json!(["Office/Sport"]));
        assert_eq!((&preview["made"], &preview["changed"], &preview["faulty"]), (&json!(1), &json!(1), &json!(0)));
        assert_eq!(preview["columns"][1], json!({"heading": "Similar questions", "column": "similar"}));
        assert_eq!(preview["columns"][4], json!({"heading": "Notes"}));
        let changes = preview["rows"][1]["changes"].as_array().unwrap();
        let answer = changes.iter().find(|change| change["column"] == "answer").unwrap();
        assert_eq!(answer["after"], "A new answer.");
        let seen = preview["seen"].as_str().unwrap();
        let done = desk.import(&format!("create_categories=true&seen={seen}"), file.as_bytes()).await;
        assert_eq!(done, json!({"made": 1, "changed": 1, "same": 0, "skipped": 0, "categories": 2}));
        let gym = desk.named("Where is the gym?").await;
        assert_eq!((&gym["tags"], &gym["answer"]), (&json!(["gym", "sport"]), &json!("On floor 2.")));
        assert_eq!(gym["categories"][0]["name"], "Sport");
        assert_eq!(desk.named(&old).await["answer"], "A new answer.");
        // Its history says where it comes from, the audit log who did it, and the index answers at once.
        let path = format!("faqs/{}/history", gym["faq_id"].as_str().unwrap());
        let history = desk.call(Method::GET, &path, Value::Null).await;
        assert_eq!((&history["versions"][0]["way"], &history["versions"][0]["kind"]), (&json!("import"), &json!("made")));
        let log = by(&desk.server, &desk.token, Method::GET, "/audit?action=admin_faq_file").send().await.json;
        assert_eq!(log["entries"][0]["after"], "1 made, 1 changed, 0 the same, 0 left out, 2 categories made");
        let explained = desk.call(Method::POST, "explain", json!({"text": "where is the gym"})).await;
        assert_eq!(explained["faqs"][0]["faq_id"], gym["faq_id"]);
        let again = desk.send(&format!("import?create_categories=true&seen={seen}"), file.as_bytes()).await;
        assert!(again.refused(400, 154_000).contains("changed since the preview"));
        let same = desk.import("", file.as_bytes()).await;
        assert_eq!((&same["same"], &same["made"], &same["changed"]), (&json!(2), &json!(0), &json!(0)));
    }

    async fn each_fault_is_named_with_its_row_and_column(database) {
        let desk = Desk::start(database).await;
        let long = "x".repeat(1_001);
        let mine = desk.faqs().await[0]["question"].as_str().unwrap().to_owned();
        let file = format!(
            "编号,问题,相似问题,答案,富文本答案 (JSON),分类\n\
             ,A?,,Yes.,,\n\
             ,a?,,Yes.,,\n\
             7200000000000000000,B?,,Yes.,,\n\
             12,C?,,Yes.,,\n\
             ,{long},,Yes.,,\n\
             ,,,Yes.,,\n\
             ,D?,,,,\n\
             ,E?,{long},Yes.,,\n\
             ,F?,,Yes.,{{}},\n\
             ,G?,,Yes.,\"[{{\"\"type\"\":\"\"img\"\",\"\"key\"\":\"\"img_x\"\"}}]\",\n\
             ,H?,,Yes.,\"[{{\"\"type\"\":\"\"hyperlink\"\",\"\"text\"\":\"\"x\"\",\"\"url\"\":\"\"javascript:1\"\"}}]\",\n\
             ,I?,,Yes.,,a//b\n\
             '{},{mine},,Yes.,,\n\
             ,{mine},,No.,,\n",
            FAQS[0]
        );
        let preview = desk.preview("create_categories=true", file.as_bytes()).await;
        let told = faults(&preview);
        let wanted = [
            "3 question: row 2 has the same question",
            "4 id: 7200000000000000000 is no FAQ online; a spreadsheet seems to have rounded",
            "5 id: 12 is no FAQ online in this help desk",
            "6 question: at most 1000 characters are allowed",
            "7 question: must not be empty",
            "8 answer: must not be empty",
            "9 similar: item 1: at most 1000 characters are allowed",
            "10 answer_richtext: is no JSON list",
            "11 answer_richtext: picture img_x is none of this FAQ's",
            "12 answer_richtext: item 1: only",
            "13 category: each name has 1 to 200 characters",
            "15 row: row 14 is about the same FAQ",
        ];
        assert_eq!(told.len(), wanted.len(), "{told:#?}");
        for (told, wanted) in told.iter().zip(wanted) {
            assert!(told.starts_with(wanted), "{told}\n{wanted}");
        }
        let before = desk.server.rows();
        let refused = desk.send("import?create_categories=true", file.as_bytes()).await.refused(400, 154_000);
        assert!(refused.contains("12 rows have faults, the first is row 3"), "{refused}");
        assert_unchanged(&before, &desk.server.rows());
        let done = desk.import("create_categories=true&skip_faulty=true", file.as_bytes()).await;
        assert_eq!(done, json!({"made": 1, "changed": 1, "same": 0, "skipped": 12, "categories": 0}));
    }

    async fn each_code_of_a_fault_is_told_with_its_values(database) {
        let desk = Desk::start(database).await;
        for _ in 0..2 {
            desk.call(Method::POST, "faqs", json!({"faq": {"question": "Twice?", "answer": "Yes."}})).await;
        }
        let twins: Vec<Value> = desk.faqs().await.iter().filter(|faq| faq["question"] == "Twice?").map(|faq| faq["faq_id"].clone()).collect();
        let mut told = Vec::new();
        for (file, wanted) in faulty_files(&twins) {
            let preview = desk.preview("", file.as_bytes()).await;
            let rows = preview["rows"].as_array().unwrap().iter();
            let faults = rows.flat_map(|row| row["faults"].as_array().unwrap());
            let found: Vec<Value> = faults.cloned().map(|mut fault| {
                let why = fault.as_object_mut().unwrap().remove("why").unwrap();
                assert!(why.as_str().unwrap().len() > 9 && !why.as_str().unwrap().contains("  "), "{why}");
                fault
            }).collect();
            assert_eq!(found, wanted, "{}", &file[..file.len().min(200)]);
            told.extend(found.iter().map(|fault| fault["code"].as_str().unwrap().to_owned()));
        }
        let api = server::openapi::document();
        let codes = api["components"]["schemas"]["FaqFileFaultCode"]["oneOf"].as_array().unwrap().iter();
        let codes: Vec<&str> = codes.map(|code| code["const"].as_str().unwrap()).collect();
        let of_rows = codes.iter().filter(|code| !code.starts_with("file_"));
        let missing: Vec<&&str> = of_rows.filter(|code| !told.iter().any(|told| told == *code)).collect();
        assert!(codes.len() > 20 && missing.is_empty(), "codes that no file was told: {missing:?}");
    }

    async fn what_is_no_file_of_faqs_is_refused_with_a_sentence_and_its_code(database) {
        let desk = Desk::start(database).await;
        let before = desk.server.rows();
        let many = format!("Question\n{}", "Q\n".repeat(5_001));
        let wide = vec!["Question"; 65].join(",");
        let files: [(&[u8], &str, Value); 10] = [
            (b"", "has no rows", json!({"code": "file_empty"})),
            (b"Name,Phone\nA,B\n", "no column Question", json!({"code": "file_no_questions"})),
            (
                "Question,问题\nA,B\n".as_bytes(),
                "two columns Question",
                json!({"code": "file_column_twice", "column": "question"}),
            ),
            (&[0xd0, 0xcf, 0x11, 0xe0, 0xa1], "old Excel file", json!({"code": "file_old_excel"})),
            (&[0xff, 0x81, 0x30], "GB18030", json!({"code": "file_encoding"})),
            (many.as_bytes(), "more than 5000 rows", json!({"code": "file_too_long", "limit": 5_000})),
            (
                wide.as_bytes(),
                "65 columns in row 1",
                json!({"code": "file_too_wide", "limit": 64, "found": "65", "row": 1}),
            ),
            (&vec![b'a'; (10 << 20) + 1], "more than 10 MiB", json!({"code": "file_too_large", "limit": 10})),
            // Refused before it was read to its end.
            (&vec![b'a'; 11 << 20], "more than 10 MiB", json!({"code": "file_too_large", "limit": 10})),
            (b"PK\x03\x04", "no Excel workbook", json!({"code": "file_no_workbook"})),
        ];
        for (file, sentence, reason) in files {
            let answer = desk.send("preview", file).await;
            let mut told = answer.json["error"]["reason"].clone();
            assert!(answer.refused(400, 154_000).contains(sentence), "{sentence}");
            if told["code"] == "file_no_workbook" {
                // Why is in the words of the library that reads it.
                assert!(told.as_object_mut().unwrap().remove("found").is_some_and(|found| found.is_string()), "{told}");
            }
            assert_eq!(told, reason);
        }
        let faulty = desk.send("import", b"Question,Answer\nA?,\n").await;
        assert_eq!(faulty.json["error"]["reason"], json!({"code": "file_rows_faulty", "found": "1", "row": 2}));
        faulty.refused(400, 154_000);
        let outdated = desk.send("import?seen=1", b"Question,Answer\nA?,B\n").await;
        assert_eq!(outdated.json["error"]["reason"], json!({"code": "file_outdated"}));
        outdated.refused(400, 154_000);
        let path = format!("/desks/{OTHER_DESK}/faq-file");
        let ada = token(&desk.server, "ada").await;
        by(&desk.server, &ada, Method::GET, &path).send().await.refused(404, 154_004);
        let no_form = by(&desk.server, &desk.token, Method::POST, &format!("/desks/{DESK}/faq-file/import")).send().await;
        no_form.refused(400, 154_000);
        let after = desk.server.rows();
        assert_eq!(before["faq"], after["faq"]);
        assert_eq!(before["faq_version"], after["faq_version"]);
    }

    async fn rich_answers_stay_until_somebody_changes_the_plain_one(database) {
        let desk = Desk::start(database).await;
        let rich = json!([{"type": "text", "content": "See "}, {"type": "hyperlink", "text": "this", "url": "https://a.test"}]);
        let body = json!({"faq": {"question": "Rich?", "answer_richtext": rich}});
        desk.call(Method::POST, "faqs", body).await;
        let file = String::from_utf8(desk.export("search=rich").await).unwrap();
        assert!(file.contains("https://a.test"), "{file}");
        assert_eq!(outcomes(&desk.preview("", file.as_bytes()).await), [(2, "same")]);
        let edited = file.replace("See this (https://a.test)", "Look it up.");
        let preview = desk.preview("", edited.as_bytes()).await;
        assert_eq!(outcomes(&preview), [(2, "changed")]);
        assert_eq!(preview["rows"][0]["notes"], json!([{"note": "rich_answer_anew"}]));
        desk.import("", edited.as_bytes()).await;
        let faq = desk.named("Rich?").await;
        assert_eq!(faq["answer"], "Look it up.");
        assert_eq!(faq["answer_richtext"], json!([{"type": "text", "content": "Look it up."}]));
    }

    async fn of_two_categories_with_the_same_path_the_older_one_is_meant(database) {
        let desk = Desk::start(database).await;
        let category = async |name: &str, parent_id: &str| {
            let body = json!({"name": name, "parent_id": parent_id});
            let made = desk.call(Method::POST, "categories", body).await;
            made["category"]["id"].as_str().unwrap().to_owned()
        };
        let office = category("Office", "0").await;
        let older = category("Sport", &office).await;
        category("Office/Sport", "0").await;
        for number in 0..6 {
            let question = format!("Where is gym {number}?");
            desk.import("", format!("Question,Answer,Category\n{question},There.,Office/Sport\n").as_bytes()).await;
            assert_eq!(desk.named(&question).await["categories"][0]["id"], json!(older), "{question}");
        }
    }

    async fn an_export_is_what_was_asked_for_in_both_kinds_and_languages(database) {
        let desk = Desk::start(database).await;
        for number in 0..250 {
            let body = json!({"faq": {"question": format!("=Number {number}?"), "answer": "-1", "tags": ["+a", "b"]}});
            desk.call(Method::POST, "faqs", body).await;
        }
        let csv = String::from_utf8(desk.export("").await).unwrap();
        assert!(csv.starts_with("\u{feff}ID,Question,Similar questions,Answer,Rich answer (JSON),Category\r\n'"), "{csv}");
        assert!(csv.contains(",'=Number 249?,\"'+a\nb\",'-1,,\r\n"), "{csv}");
        assert_eq!(csv.matches("Number").count(), 250);
        let found = String::from_utf8(desk.export("search=number%2024&headings=zh").await).unwrap();
        assert!(found.starts_with("\u{feff}ID,问题,相似问题,答案,富文本答案 (JSON),分类\r\n"), "{found}");
        assert_eq!(found.matches("Number").count(), 11, "24 and 240 to 249");
        for query in ["", "format=xlsx", "format=xlsx&headings=zh"] {
            let file = desk.export(query).await;
            let preview = desk.preview("", &file).await;
            assert_eq!((&preview["same"], &preview["total"]), (&json!(253), &json!(253)), "{query}");
        }
        for query in ["", "format=xlsx&headings=zh"] {
            let path = format!("/desks/{DESK}/faq-file/template?{query}");
            let template = by(&desk.server, &desk.token, Method::GET, &path).send().await.body;
            let preview = desk.preview("", &template).await;
            assert_eq!((preview["total"].as_u64(), preview["columns"].as_array().unwrap().len()), (Some(0), 6));
        }
        let bin = String::from_utf8(desk.export("deleted=true").await).unwrap();
        assert_eq!(bin.lines().count(), 1);
    }
}

/// A cell of a CSV file.
fn cell(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// Files with one faulty row each, and how its faults are told but for the sentence. `twins`: two FAQs with the question
/// `Twice?`.
fn faulty_files(twins: &[Value]) -> Vec<(String, Vec<Value>)> {
    let long = |length: usize| "x".repeat(length);
    let head = "ID,Question,Similar questions,Answer,Rich answer,Category\n";
    let row = |column: usize, text: &str| {
        let mut cells = ["", "New?", "", "Yes.", "", ""].map(cell);
        cells[column] = cell(text);
        format!("{head}{}\n", cells.join(","))
    };
    let fault = |column: &str, code: &str| json!({"column": column, "code": code});
    let with = |column: &str, code: &str, values: Value| {
        let mut fault = fault(column, code);
        fault.as_object_mut().unwrap().extend(values.as_object().unwrap().clone());
        vec![fault]
    };
    let rich = |items: Value| row(4, &items.to_string());
    let picture =
        |bytes: &[u8]| json!({"type": "img", "src": format!("data:image/png;base64,{}", STANDARD.encode(bytes))});
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
    let similar: Vec<String> = (0..201).map(|number| number.to_string()).collect();
    let json_max = json!([{"type": "text", "content": long(80_000)}]);
    vec![
        (rich(json!([{"type": "text", "content": "a\0b"}])), with("answer_richtext", "nul_character", json!({}))),
        (row(0, "12"), with("id", "id_unknown", json!({"found": "12"}))),
        (row(0, "7.2E+18"), with("id", "id_rounded", json!({"found": "7.2E+18"}))),
        ("ID,Answer\n,Yes.\n".to_owned(), vec![json!({"code": "question_missing"})]),
        (row(1, ""), with("question", "question_empty", json!({}))),
        (row(1, &long(1_001)), with("question", "question_too_long", json!({"limit": 1_000, "found": "1001"}))),
        (row(1, "twice?"), with("question", "question_ambiguous", json!({"faq_ids": twins}))),
        (format!("{head},A?,,Yes.,,\n,A?,,Yes.,,\n"), with("question", "question_in_row", json!({"row": 2}))),
        (
            format!("{head}{},A?,,Yes.,,\n{0},B?,,Yes.,,\n", FAQS[0]),
            vec![json!({"code": "faq_in_row", "row": 2, "faq_ids": [FAQS[0].to_string()]})],
        ),
        (row(2, &similar.join("\n")), with("similar", "similar_too_many", json!({"limit": 200, "found": "201"}))),
        (
            row(2, &format!("a\n{}", long(1_002))),
            with("similar", "similar_too_long", json!({"limit": 1_000, "found": "1002", "item": 2})),
        ),
        ("Question\nNew?\n".to_owned(), with("answer", "answer_missing", json!({}))),
        (row(3, ""), with("answer", "answer_empty", json!({}))),
        (row(3, &long(20_001)), with("answer", "answer_too_long", json!({"limit": 20_000, "found": "20001"}))),
        (row(4, "[1,"), with("answer_richtext", "rich_no_list", json!({"found": "1:2"}))),
        (rich(json_max), with("answer_richtext", "rich_too_long", json!({"limit": 80_000, "found": "80030"}))),
        (rich(json!([{"type": "video"}])), with("answer_richtext", "rich_type", json!({"found": "video", "item": 1}))),
        (
            rich(json!([{"type": "text"}, {"type": "hyperlink", "text": "x", "url": "javascript:1"}])),
            with("answer_richtext", "rich_link", json!({"found": "javascript:1", "item": 2})),
        ),
        (
            rich(json!([{"type": "img", "key": "img_x"}])),
            with("answer_richtext", "picture_foreign", json!({"found": "img_x"})),
        ),
        (
            rich(json!([{"type": "img", "src": "data:image/png;base64,%"}])),
            with("answer_richtext", "picture_encoding", json!({"item": 1})),
        ),
        (
            rich(json!([picture(&vec![0; (5 << 20) + 1])])),
            with("answer_richtext", "picture_too_large", json!({"limit": 5 << 20, "found": "5242881", "item": 1})),
        ),
        (rich(json!([picture(b"hello")])), with("answer_richtext", "picture_kind", json!({"item": 1}))),
        (
            rich(json!(vec![picture(png); 21])),
            with("answer_richtext", "pictures_too_many", json!({"limit": 20, "item": 21})),
        ),
        (row(5, "There/Here"), with("category", "category_unknown", json!({"found": "There/Here"}))),
        (row(5, &["a"; 11].join("/")), with("category", "category_too_deep", json!({"limit": 10, "found": "11"}))),
        (row(5, "a//b"), with("category", "category_name", json!({"limit": 200, "found": ""}))),
    ]
}

/// FAQs with texts that CSV, spreadsheets or this server may take for something else.
fn contents() -> impl Strategy<Value = Vec<(String, Vec<String>, String)>> {
    let text = "['=+@\\-＝]{0,2}[a问😀 ,;\"']{0,8}[a-c0-9密]";
    prop::collection::vec((text, prop::collection::vec(text, 0..3), "['=+@\\-]{0,2}[a问\",;\n ]{0,10}[a-c0-9]"), 1..4)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_exported_and_imported_is_what_was_there() {
    let desk = Desk::start(Database::sqlite()).await;
    let mut runner = TestRunner::deterministic();
    let texts = |faqs: Vec<Value>| -> Vec<Value> {
        faqs.iter()
            .map(|faq| json!([faq["faq_id"], faq["question"], faq["tags"], faq["answer"], faq["answer_richtext"]]))
            .collect()
    };
    for round in 0..24 {
        let made = contents().new_tree(&mut runner).unwrap().current();
        let mut ids = Vec::new();
        for (number, (question, similar, answer)) in made.iter().enumerate() {
            let question = format!("{question} {round} {number}");
            let body = json!({"faq": {"question": question, "tags": similar, "answer": answer}});
            ids.push(desk.call(Method::POST, "faqs", body).await["faq"]["faq_id"].as_str().unwrap().to_owned());
        }
        let before = texts(desk.faqs().await);
        let files = [desk.export("format=csv").await, desk.export("format=xlsx").await];
        for file in &files {
            let preview = desk.preview("", file).await;
            assert_eq!(preview["same"], preview["total"], "{made:?}: {preview}");
            for id in &ids {
                let other =
                    json!({"faq": {"question": format!("Something else {id}"), "tags": ["other"], "answer": "No."}});
                desk.call(Method::PATCH, &format!("faqs/{id}"), other).await;
            }
            desk.import("", file).await;
            assert_eq!(texts(desk.faqs().await), before);
        }
        for id in &ids {
            desk.call(Method::DELETE, &format!("faqs/{id}"), Value::Null).await;
        }
    }
}
