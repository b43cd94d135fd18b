use super::*;
use crate::api::error::Mapping;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
struct Sample {
    event_id: String,
    faqs: Option<Vec<Item>>,
}

#[derive(Debug, Deserialize)]
struct Item {
    id: String,
    score: Option<f64>,
}

async fn failure(error: ApiError) -> wire::envelope::Failure {
    let response = error.respond(Mapping::default());
    assert_eq!(response.status(), 400);
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

#[tokio::test]
async fn decode_names_the_field() {
    // Body, code, field, value, description.
    let cases = [
        ("{}", 99_992_402, "event_id", "", "event_id is required"),
        ("", 99_992_402, "event_id", "", "event_id is required"),
        (r#"{"event_id":null}"#, 99_992_402, "event_id", "", "event_id is required"),
        (r#"{"event_id":7}"#, 9499, "event_id", "7", "must be a string, not a number"),
        (r#"{"event_id":"e","faqs":{}}"#, 9499, "faqs", "{}", "must be an array, not an object"),
        (r#"{"event_id":"e","faqs":[{"score":1}]}"#, 99_992_402, "faqs[0].id", "", "faqs[0].id is required"),
        (
            r#"{"event_id":"e","faqs":[{"id":"1","score":"0.9"}]}"#,
            9499,
            "faqs[0].score",
            "0.9",
            "must be a number, not a string",
        ),
        (r#"{"event_id":"e","faqs":["x"]}"#, 9499, "faqs[0]", "x", "must be an object, not a string"),
    ];
    for (body, code, field, value, description) in cases {
        let failure = failure(decode::<Sample>(body.as_bytes()).unwrap_err()).await;
        assert_eq!(failure.code, code, "{body}");
        let violation = &failure.error.field_violations[0];
        assert_eq!((violation.field.as_str(), violation.value.as_str()), (field, value), "{body}");
        assert_eq!(violation.description, description, "{body}");
        assert!(failure.error.message.contains(field), "{body}");
    }
}

#[tokio::test]
async fn a_nul_character_is_refused_and_its_field_named() {
    for (body, field) in [
        (r#"{"event_id":"a\u0000b"}"#, "event_id"),
        (r#"{"event_id":"e","faqs":[{"id":"1"},{"id":"\u0000"}]}"#, "faqs[1].id"),
        (r#"{"event_id":"e","more":[["\u0000"]]}"#, "more[0][0]"),
    ] {
        let failure = failure(decode::<Sample>(body.as_bytes()).unwrap_err()).await;
        assert_eq!((failure.code, failure.error.field_violations[0].field.as_str()), (154_000, field), "{body}");
    }
    let sample: Sample = decode(br#"{"event_id":"an escaped \\u0000"}"#).unwrap();
    assert_eq!(sample.event_id, "an escaped \\u0000");
}

#[tokio::test]
async fn what_is_no_json_object_is_9499_and_says_so() {
    for (body, expected) in [
        ("{", "not JSON"),
        ("hello", "not JSON"),
        ("{} x", "not JSON"),
        ("\u{feff}{}", "not JSON"),
        (r#"["e",null]"#, "must be a JSON object, not an array"),
        ("7", "must be a JSON object, not a number"),
        (r#"{"event_id":"a","event_id":"b"}"#, "duplicate field"),
    ] {
        let failure = failure(decode::<Sample>(body.as_bytes()).unwrap_err()).await;
        assert_eq!(failure.code, 9499, "{body}");
        assert!(failure.error.message.contains(expected), "{body}: {}", failure.error.message);
    }
    let deep = format!("{{\"a\":{}", "[".repeat(10_000));
    assert_eq!(failure(decode::<Sample>(deep.as_bytes()).unwrap_err()).await.code, 9499);
}

#[test]
fn unknown_fields_and_a_missing_option_are_fine() {
    let sample: Sample = decode(br#" {"event_id":"e","faqs":null,"more":[1]} "#).unwrap();
    assert_eq!(sample.event_id, "e");
    assert!(sample.faqs.is_none());
    let sample: Sample = decode(br#"{"event_id":"e","faqs":[{"id":"1","score":1}]}"#).unwrap();
    let item = &sample.faqs.unwrap()[0];
    assert_eq!((item.id.as_str(), item.score), ("1", Some(1.0)));
}

#[tokio::test]
async fn a_body_above_one_mebibyte_is_refused_however_it_is_sent() {
    let headers = HeaderMap::new();
    let exact = read(&headers, Body::from(vec![b' '; MAX_BYTES])).await.unwrap();
    assert_eq!(exact.len(), MAX_BYTES);
    let unannounced = read(&headers, Body::from(vec![b' '; MAX_BYTES + 1])).await.unwrap_err();
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_LENGTH, (MAX_BYTES + 1).into());
    let announced = read(&headers, Body::empty()).await.unwrap_err();
    for error in [unannounced, announced] {
        let failure = failure(error).await;
        assert_eq!(failure.code, 9499);
        assert!(failure.error.message.contains("1048576 bytes"), "{}", failure.error.message);
    }
}
