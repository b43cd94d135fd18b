//! Bytes that no honest client sends: each is answered with less than 500, or the connection is closed, in time.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use testkit::server::{AGENT, APP, DESK, DESK_TOKEN};
use testkit::{TestServer, on_both};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

// Only a hang reaches it.
const PATIENCE: Duration = Duration::from_mins(1);
const MEBIBYTE: usize = 1 << 20;
const FAQS: &str = "POST /open-apis/helpdesk/v1/faqs";

/// What the server answers to these bytes; `None` if it closes the connection without a word. With `ends`, the client
/// says that nothing more comes; a server may then give up a request that is under way.
async fn exchange(server: &TestServer, bytes: &[u8], ends: bool) -> Option<(u16, String)> {
    let talk = async {
        let mut stream = TcpStream::connect(server.running.address()).await.unwrap();
        let (mut reading, mut writing) = stream.split();
        // The server may answer and close before all is written.
        let write = async {
            let _ = writing.write_all(bytes).await;
            if ends {
                let _ = writing.shutdown().await;
            }
        };
        let mut answer = Vec::new();
        let read = async { reading.read_to_end(&mut answer).await };
        let _ = tokio::join!(write, read);
        answer
    };
    let answer = tokio::time::timeout(PATIENCE, talk).await;
    let answer = answer.unwrap_or_else(|_| panic!("no end: {}", shown(bytes)));
    let text = String::from_utf8_lossy(&answer).into_owned();
    let status = text.strip_prefix("HTTP/1.")?.get(2..5)?.parse().ok()?;
    Some((status, text))
}

fn shown(bytes: &[u8]) -> String {
    bytes.iter().take(400).map(|b| std::ascii::escape_default(*b).to_string()).collect()
}

/// Asserts that these bytes break nothing; answers the status, 0 without one.
async fn survives(server: &TestServer, bytes: &[u8]) -> u16 {
    answered(bytes, exchange(server, bytes, false).await.as_ref())
}

/// The same for bytes that are no whole request.
async fn survives_fragment(server: &TestServer, bytes: &[u8]) -> u16 {
    answered(bytes, exchange(server, bytes, true).await.as_ref())
}

fn answered(bytes: &[u8], answer: Option<&(u16, String)>) -> u16 {
    let status = answer.map_or(0, |(status, _)| *status);
    assert!(status < 500, "{}\n{answer:?}", shown(bytes));
    status
}

/// A well-formed head with these further headers, and any body.
fn request(line: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!("{line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n");
    [head.as_bytes(), body].concat()
}

fn credentials(token: &str) -> String {
    let helpdesk = STANDARD.encode(format!("{DESK}:{DESK_TOKEN}"));
    format!("Authorization: Bearer {token}\r\nX-Lark-Helpdesk-Authorization: {helpdesk}\r\n")
}

fn nested(open: &str, close: &str, depth: usize) -> String {
    format!("{}1{}", open.repeat(depth), close.repeat(depth))
}

/// Bodies that are no JSON, hardly JSON, or too much JSON.
fn bodies() -> Vec<Vec<u8>> {
    let score = |score: &str| format!("{{\"event_id\":\"e\",\"faqs\":[{{\"id\":\"1\",\"score\":{score}}}]}}");
    let mut bodies: Vec<Vec<u8>> = [
        "",
        " ",
        "null",
        "[]",
        "1",
        "\"\"",
        "{",
        "}",
        "{}{}",
        "{\"faq\"",
        "{\"faq\":",
        "{\"faq\":{}",
        "{'faq':1}",
        "{\"faq\":{\"question\":\"q\"},\"faq\":{\"question\":\"q\"}}",
        "{\"faq\":{\"question\":\"a\",\"question\":\"b\"}}",
        "\u{feff}{}",
        "{}\u{0}",
        "{\"\\u0000\":1}",
        "{\"faq\":{\"question\":\"q\",\"answer\":\"a\"}} trailing",
        "{\"faq\":{\"question\":\"q\",\"answer_richtext\":\"[[[[\"}}",
        "{\"events\":[[]]}",
        "{\"events\":[null]}",
        "{\"text\":\"\\ud83d\"}",
        "{\"msg_type\":\"text\",\"content\":\"\\ud800\"}",
        "{\"msg_type\":\"post\",\"content\":{}}",
    ]
    .map(|text| text.as_bytes().to_vec())
    .to_vec();
    for question in
        ["\"\\ud800\"", "\"\\udc00\\ud800\"", "\"\\u0000\"", "\"a\\u0000b\"", "\"\\x\"", "\"\u{1}\"", "1e999", "[]"]
    {
        bodies.push(faq(question).into_bytes());
    }
    for number in [
        "1e999",
        "-1e999",
        "-0",
        "0.0000000001e-999",
        "99999999999999999999999",
        "NaN",
        "-Infinity",
        "01",
        "1.",
        "+1",
        "--1",
    ] {
        bodies.push(score(number).into_bytes());
    }
    bodies.extend(large_bodies());
    bodies
}

fn faq(question: &str) -> String {
    format!("{{\"faq\":{{\"question\":{question},\"answer\":\"a\"}}}}")
}

/// Bodies that are deep, long or wide.
fn large_bodies() -> Vec<Vec<u8>> {
    let mut bodies: Vec<Vec<u8>> = Vec::new();
    for depth in [127, 128, 129, 5_000, 100_000] {
        bodies.push(nested("[", "]", depth).into_bytes());
        bodies.push(nested("{\"faq\":", "}", depth).into_bytes());
        bodies.push(format!("{{\"ignored\":{}}}", nested("[", "]", depth)).into_bytes());
        bodies.push(format!("{{\"msg_type\":\"post\",\"content\":{}}}", nested("{\"post\":", "}", depth)).into_bytes());
        bodies.push(faq(&nested("[", "]", depth)).into_bytes());
        let text = nested("[", "]", depth);
        bodies.push(format!("{{\"faq\":{{\"question\":\"q\",\"answer_richtext\":\"{text}\"}}}}").into_bytes());
    }
    for length in [1_001, MEBIBYTE - 200, MEBIBYTE, MEBIBYTE + 1, 3 * MEBIBYTE] {
        bodies.push(faq(&format!("\"{}\"", "a".repeat(length))).into_bytes());
    }
    bodies.push(vec![b'{'; MEBIBYTE]);
    bodies.push(vec![b'"'; MEBIBYTE]);
    bodies.push(vec![0xff; MEBIBYTE]);
    bodies.push(b"{\"faq\":{\"question\":\"\xff\xfe\",\"answer\":\"a\"}}".to_vec());
    bodies.push(b"\xed\xa0\x80".to_vec());
    bodies.push(
        format!("{{{}\"z\":1}}", (0..40_000).map(|i| format!("\"k{i}\":{i},")).collect::<Vec<_>>().concat())
            .into_bytes(),
    );
    bodies
}

/// Query strings that no SDK writes.
fn queries() -> Vec<String> {
    let mut queries: Vec<String> = [
        "?",
        "&",
        "&&&&",
        "=",
        "==&==",
        "%",
        "%zz",
        "%ff%fe",
        "%00",
        "page=%00",
        "page=1%00",
        "page=%ff",
        "page=1&page=x",
        "page=x&page=1",
        "page[]=1",
        "page=1;page_size=2",
        "page=1e3",
        "page=-0",
        "page=0x1",
        "page=+1",
        "page=%2B1",
        "page=9223372036854775807&page_size=200",
        "page=9223372036854775808",
        "page=-9223372036854775808",
        "page=\u{661}",
        "status_list=",
        "status_list=1&status_list=",
        "status_list=1,50",
        "ticket_id=0",
        "ticket_id=%F0%9F%98%80",
        "ticket_id=00000000000000000000001",
        "guest_name=%00",
        "guest_name=%ED%A0%80",
        "tags=%00",
        "tags=",
        "query=%00",
        "query=&base64=true",
        "query=%ff&base64=true",
        "query=====&base64=true",
        "search=%25%5f%27%22%5c",
        "search=%00",
        "create_time_start=-9223372036854775808&create_time_end=9223372036854775807",
        "page_token=99999999999999999999",
        "time_start=9223372036854775807&time_end=-9223372036854775808",
        "lang=%00",
        "category_id=-1",
        "after=-1&limit=200",
        "wait_ms=18446744073709551616",
        "limit=0",
        "after=x",
    ]
    .map(str::to_owned)
    .to_vec();
    queries.push(vec!["status_list=1"; 1_000].join("&"));
    queries.push(vec!["status_list=1"; 1_001].join("&"));
    queries.push((0..2_000).map(|i| format!("k{i}={i}")).collect::<Vec<_>>().join("&"));
    queries.push(format!("search={}", "%25".repeat(10_000)));
    queries.push(format!("query={}", "a%20".repeat(10_000)));
    queries.push("a".repeat(100_000));
    queries
}

on_both! {
    async fn odd_bodies_are_refused_and_break_nothing(database) {
        let server = TestServer::start(database).await;
        let (tenant, agent) = (credentials(&server.tenant_token(APP)), credentials(&server.user_token(AGENT).await));
        let guest = server.guest().await;
        let ticket = guest.say("hello").await["ticket_id"].as_str().unwrap().to_owned();
        let session = format!("Authorization: Bearer {}\r\n", guest.token);
        let ticket = format!("/open-apis/helpdesk/v1/tickets/{ticket}");
        let lines = [
            (FAQS.to_owned(), &agent),
            (format!("POST {ticket}/answer_user_query"), &tenant),
            (format!("POST {ticket}/messages"), &tenant),
            ("POST /open-apis/helpdesk/v1/events/subscribe".to_owned(), &tenant),
            ("POST /open-apis/helpdesk/v1/start_service".to_owned(), &tenant),
            ("POST /guest/v1/messages".to_owned(), &session),
            ("POST /guest/v1/images".to_owned(), &session),
            ("POST /open-apis/auth/v3/tenant_access_token/internal".to_owned(), &tenant),
        ];
        for body in bodies() {
            for (line, headers) in &lines {
                let status = survives(&server, &request(line, headers, &body)).await;
                assert!(status >= 200, "an answer to {line}");
            }
        }
        let before = server.rows();
        let token = server.user_token(AGENT).await;
        for body in [
            faq(&nested("[", "]", 200)),
            "{\"faq\":{\"question\":\"\\ud800\",\"answer\":\"a\"}}".to_owned(),
            "{\"faq\":{\"question\":\"q\",\"question\":\"q\",\"answer\":\"a\"}}".to_owned(),
        ] {
            server.open_api_as(&token, Method::POST, "/faqs").raw(body).send().await.refused(400, 9499);
        }
        testkit::rows::assert_unchanged(&before, &server.rows());
        assert_eq!(server.call(Method::GET, "/readyz").send().await.status, 200);
    }

    async fn odd_queries_and_paths_are_refused_and_break_nothing(database) {
        let server = TestServer::start(database).await;
        let tenant = credentials(&server.tenant_token(APP));
        let guest = server.guest().await;
        let ticket = guest.say("hello").await["ticket_id"].as_str().unwrap().to_owned();
        let session = format!("Authorization: Bearer {}\r\n", guest.token);
        let messages = format!("/open-apis/helpdesk/v1/tickets/{ticket}/messages");
        for query in queries() {
            for path in ["tickets", "faqs", "faqs/search", "categories"].map(|path| format!("/open-apis/helpdesk/v1/{path}")) {
                survives(&server, &request(&format!("GET {path}?{query}"), &tenant, b"")).await;
            }
            survives(&server, &request(&format!("GET {messages}?{query}"), &tenant, b"")).await;
            if !query.contains("wait_ms") {
                survives(&server, &request(&format!("GET /guest/v1/messages?{query}"), &session, b"")).await;
            }
        }
        let long = "9".repeat(60_000);
        for id in ["%ff", "%00", "%2f", "..", ".", "%2e%2e", "-1", "0", "1e5", "%F0%9F%98%80", "a b", "\u{1}", "*", long.as_str()] {
            for path in ["tickets", "faqs", "categories"] {
                for method in ["GET", "DELETE", "PATCH", "POST", "PUT", "HEAD", "OPTIONS", "BREW"] {
                    let line = format!("{method} /open-apis/helpdesk/v1/{path}/{id}");
                    survives(&server, &request(&line, &tenant, b"{}")).await;
                }
            }
            survives(&server, &request(&format!("GET /guest/v1/images/{id}"), &session, b"")).await;
            survives(&server, &request(&format!("POST /guest/v1/desks/{id}/sessions"), "", b"{}")).await;
        }
        assert_eq!(server.call(Method::GET, "/readyz").send().await.status, 200);
    }

    async fn malformed_http_is_refused_and_breaks_nothing(database) {
        let server = TestServer::start(database).await;
        let tenant = credentials(&server.tenant_token(APP));
        let helpdesk = STANDARD.encode(format!("{DESK}:{DESK_TOKEN}"));
        let get = "GET /open-apis/helpdesk/v1/tickets";
        for headers in [
            "Authorization: Bearer \r\n".to_owned(),
            "Authorization: Bearer t-\r\n".to_owned(),
            format!("Authorization: Bearer t-{}\r\n", "a".repeat(100_000)),
            "Authorization: Bearer t-\u{fc}\u{4e2d}\r\n".to_owned(),
            "Authorization: Bearer u-x\r\nAuthorization: Bearer t-x\r\n".to_owned(),
            tenant.replace(&helpdesk, "\u{4e2d}\u{6587}"),
            tenant.replace(&helpdesk, &"=".repeat(5_000)),
            tenant.replace(&helpdesk, &STANDARD.encode([0xff, 0xfe, b':', 0x00])),
            tenant.replace(&helpdesk, &STANDARD.encode(format!("{DESK}:{DESK_TOKEN}:{}", "x".repeat(5_000)))),
            tenant.replace(&helpdesk, &format!("Bearer {helpdesk}{helpdesk}")),
            format!("{tenant}Content-Length: 7\r\n"),
            format!("{tenant}Transfer-Encoding: gzip\r\n"),
            format!("{tenant}{}", "X-Many: 1\r\n".repeat(500)),
            format!("{tenant}Expect: 100-continue\r\n"),
            format!("{tenant}Last-Event-ID: \u{fc}\r\n"),
        ] {
            survives_fragment(&server, &request(get, &headers, b"")).await;
        }
        let chunked = format!("{FAQS} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n{tenant}\r\n");
        for chunks in ["", "0\r\n\r\n", "2\r\n{}\r\n0\r\n\r\n", "2\r\n{", "zz\r\n{}\r\n", "ffffffffffffffffff\r\n", "-1\r\n{}", "2\r\n{}"] {
            survives_fragment(&server, &[chunked.as_bytes(), chunks.as_bytes()].concat()).await;
        }
        let endless = "10000\r\n".to_owned() + &"a".repeat(0x10000) + "\r\n";
        survives_fragment(&server, &[chunked.as_bytes(), endless.repeat(20).as_bytes(), b"0\r\n\r\n"].concat()).await;
        for bytes in [
            &b"\0"[..], b"\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", b"GET / HTTP/1.0\r\n\r\n",
            b"GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n", b"GET / HTTP/1.1\r\nHost: x\r\n: y\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            b"GET http://other/open-apis HTTP/1.1\r\nHost: \xff\r\nConnection: close\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00",
            b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nA: b", b"CONNECT x:1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        ] {
            survives_fragment(&server, bytes).await;
        }
        // A body that ends before its announced length.
        let mut short = request(FAQS, &tenant, b"{\"faq\":");
        short.truncate(short.len() - 3);
        survives_fragment(&server, &short).await;
        assert_eq!(server.call(Method::GET, "/readyz").send().await.status, 200);
    }
}

on_both! {
    async fn who_is_refused_while_sending_reads_why(database) {
        let server = TestServer::start(database).await;
        let token = server.tenant_token(APP);
        let form = "Content-Type: multipart/form-data; boundary=x\r\n";
        let mut picture = b"--x\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a\"\r\n\r\n".to_vec();
        picture.resize(12 * MEBIBYTE, 0);
        let guest = format!("{form}Authorization: Bearer {}\r\n", server.guest().await.token);
        for (line, headers, refused) in [
            ("POST /guest/v1/images", guest.as_str(), 400),
            ("POST /guest/v1/images", form, 401),
            (FAQS, &credentials(&token), 400),
            (FAQS, "", 400),
            ("POST /nowhere", "", 404),
        ] {
            for framed in [request(line, headers, &picture), chunked(line, headers, &picture)] {
                let mut stream = TcpStream::connect(server.running.address()).await.unwrap();
                stream.write_all(&framed).await.unwrap_or_else(|error| panic!("{line} {headers}: {error}"));
                let mut answer = String::new();
                let read = tokio::time::timeout(PATIENCE, stream.read_to_string(&mut answer)).await;
                read.expect("an answer").unwrap_or_else(|error| panic!("{line} {headers}: {error}"));
                assert!(answer.starts_with(&format!("HTTP/1.1 {refused} ")), "{line} {headers}: {answer}");
            }
        }
    }
}

/// The same as [`request`] with a body whose length is not announced.
fn chunked(line: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let head =
        format!("{line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n{headers}\r\n");
    let chunks =
        body.chunks(64 * 1024).map(|chunk| [format!("{:x}\r\n", chunk.len()).as_bytes(), chunk, b"\r\n"].concat());
    [head.into_bytes(), chunks.collect::<Vec<_>>().concat(), b"0\r\n\r\n".to_vec()].concat()
}
