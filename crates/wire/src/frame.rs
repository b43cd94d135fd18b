//! Frames of the long connection: proto2 messages, one in each binary WebSocket message (reference: platform-protocol
//! 6.3 to 6.6).

use bytes::Bytes;
use prost::Message;

/// [`Frame::method`] of pings and pongs.
pub const CONTROL: i32 = 0;
/// [`Frame::method`] of events and their answers.
pub const DATA: i32 = 1;

/// Keys of [`Header`]s, and values that stand behind [`TYPE`](key::TYPE).
pub mod key {
    /// What the frame is: [`PING`], [`PONG`] or [`EVENT`].
    pub const TYPE: &str = "type";
    /// Id of the push: the same on all its parts, and repeated by the answer.
    pub const MESSAGE_ID: &str = "message_id";
    /// Number of parts, decimal.
    pub const SUM: &str = "sum";
    /// Number of this part, from 0, decimal.
    pub const SEQ: &str = "seq";
    /// For logs; Python and Java drop a frame without it.
    pub const TRACE_ID: &str = "trace_id";
    /// When it was sent, Unix ms, decimal.
    pub const TIMESTAMP: &str = "timestamp";
    /// On answers: how long the handler took, in ms; Node sends zero or less.
    pub const BIZ_RT: &str = "biz_rt";

    /// A sign of life from the client.
    pub const PING: &str = "ping";
    /// The server's answer to it.
    pub const PONG: &str = "pong";
    /// An event, or the answer to one.
    pub const EVENT: &str = "event";
}

/// A frame. The four numbers are on the wire even when they are zero: Node drops a frame that lacks one.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct Frame {
    /// `SeqID`: any number. Node rounds values above 2^53 when it sends them back.
    #[prost(uint64, required, tag = "1")]
    pub seq_id: u64,
    /// `LogID`: any number, as above.
    #[prost(uint64, required, tag = "2")]
    pub log_id: u64,
    /// The `service_id` of the connection's URL.
    #[prost(int32, required, tag = "3")]
    pub service: i32,
    /// [`CONTROL`] or [`DATA`].
    #[prost(int32, required, tag = "4")]
    pub method: i32,
    /// What the frame is, see [`key`].
    #[prost(message, repeated, tag = "5")]
    pub headers: Vec<Header>,
    /// Not used by any SDK; sent back with answers.
    #[prost(string, optional, tag = "6")]
    pub payload_encoding: Option<String>,
    /// `application/json` on events; sent back with answers.
    #[prost(string, optional, tag = "7")]
    pub payload_type: Option<String>,
    /// JSON as UTF-8, or a part of it.
    #[prost(bytes = "bytes", optional, tag = "8")]
    pub payload: Option<Bytes>,
    /// `LogIDNew`; sent back with answers.
    #[prost(string, optional, tag = "9")]
    pub log_id_new: Option<String>,
}

/// A header of a [`Frame`].
#[derive(Clone, PartialEq, Eq, Message)]
pub struct Header {
    /// See [`key`].
    #[prost(string, required, tag = "1")]
    pub key: String,
    /// Its value.
    #[prost(string, required, tag = "2")]
    pub value: String,
}

impl Header {
    /// A header.
    pub fn new(key: &str, value: impl Into<String>) -> Self {
        Self { key: key.to_owned(), value: value.into() }
    }
}

impl Frame {
    /// The value behind `key`, if there is one.
    pub fn header(&self, key: &str) -> Option<&str> {
        self.headers.iter().find(|header| header.key == key).map(|header| header.value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    fn vectors() -> Value {
        serde_json::from_str(include_str!("../testdata/ws-frames.json")).unwrap()
    }

    fn text(fields: &Value, name: &str) -> Option<String> {
        fields.get(name).map(|value| value.as_str().unwrap().to_owned())
    }

    /// The frame that a vector describes field by field.
    fn described(fields: &Value) -> Frame {
        let headers = fields["headers"].as_array().unwrap().iter();
        let payload = match fields.get("payload_hex") {
            Some(digits) => Some(hex::decode(digits.as_str().unwrap()).unwrap()),
            None => text(fields, "payload_utf8").map(String::into_bytes),
        };
        Frame {
            seq_id: fields["SeqID"].as_u64().unwrap(),
            log_id: fields["LogID"].as_u64().unwrap(),
            service: i32::try_from(fields["service"].as_i64().unwrap()).unwrap(),
            method: i32::try_from(fields["method"].as_i64().unwrap()).unwrap(),
            headers: headers.map(|h| Header::new(h[0].as_str().unwrap(), h[1].as_str().unwrap())).collect(),
            payload_encoding: text(fields, "payload_encoding"),
            payload_type: text(fields, "payload_type"),
            payload: payload.map(Bytes::from),
            log_id_new: text(fields, "LogIDNew"),
        }
    }

    #[test]
    fn every_vector_is_read_and_written_byte_for_byte() {
        let vectors = vectors();
        let cases = vectors["cases"].as_array().unwrap();
        assert_eq!(cases.len(), 25);
        for case in cases {
            let name = case["description"].as_str().unwrap();
            let bytes = hex::decode(case["hex"].as_str().unwrap()).unwrap();
            let frame = described(&case["fields"]);
            assert_eq!(Frame::decode(&bytes[..]).unwrap(), frame, "{name}");
            assert_eq!(hex::encode(frame.encode_to_vec()), case["hex"].as_str().unwrap(), "{name}");
        }
    }

    #[test]
    fn the_parts_of_an_event_make_up_its_json() {
        let vectors = vectors();
        let mut parts: Vec<(usize, Bytes)> = Vec::new();
        for case in vectors["cases"].as_array().unwrap() {
            let frame = Frame::decode(&hex::decode(case["hex"].as_str().unwrap()).unwrap()[..]).unwrap();
            if case["direction"] == "server to client" && frame.header(key::SUM) == Some("3") {
                parts.push((frame.header(key::SEQ).unwrap().parse().unwrap(), frame.payload.unwrap()));
            }
        }
        parts.sort_unstable_by_key(|(seq, _)| *seq);
        let whole: Vec<u8> = parts.into_iter().flat_map(|(_, part)| part).collect();
        assert_eq!(String::from_utf8(whole).unwrap(), vectors["event_json"].as_str().unwrap());
    }

    #[test]
    fn zeros_are_written_and_what_lacks_them_can_still_be_read() {
        let bare = Frame::default().encode_to_vec();
        assert_eq!(hex::encode(&bare), "0800100018002000");
        let vectors = vectors();
        let invalid = vectors["invalid_for_clients"][0]["hex"].as_str().unwrap();
        let frame = Frame::decode(&hex::decode(invalid).unwrap()[..]).unwrap();
        assert_eq!((frame.seq_id, frame.method), (0, DATA));
    }

    proptest! {
        #[test]
        fn whatever_is_written_is_read(
            numbers in (any::<u64>(), any::<u64>(), any::<i32>(), any::<i32>()),
            headers in proptest::collection::vec((".{0,20}", ".{0,20}"), 0..6),
            payload in proptest::option::of(proptest::collection::vec(any::<u8>(), 0..200)),
            texts in (proptest::option::of(".{0,9}"), proptest::option::of(".{0,9}"), proptest::option::of(".{0,9}")),
        ) {
            let frame = Frame {
                seq_id: numbers.0,
                log_id: numbers.1,
                service: numbers.2,
                method: numbers.3,
                headers: headers.into_iter().map(|(key, value)| Header { key, value }).collect(),
                payload: payload.map(Bytes::from),
                payload_encoding: texts.0,
                payload_type: texts.1,
                log_id_new: texts.2,
            };
            prop_assert_eq!(Frame::decode(&frame.encode_to_vec()[..]).unwrap(), frame);
        }

        #[test]
        fn garbage_is_an_error_or_a_frame_but_never_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = Frame::decode(&bytes[..]);
        }
    }
}
