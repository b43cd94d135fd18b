//! Frames from the server to a client: pongs, and events in one or more parts.

use bytes::Bytes;
use desk::outbox::Claim;
use prost::Message;
use wire::frame::{CONTROL, DATA, Frame, Header, key};

use super::{CLIENT_CONFIG, SERVICE};

/// The largest slice of an event in one frame, in bytes. Python's WebSocket library takes messages below 1 MiB; less
/// also bounds what one connection buffers.
pub(crate) const PART_MAX: usize = 256 * 1024;

/// The id of a push. It tells the delivery and the attempt, so that an answer can be told from it alone, however late
/// it comes; clients only send it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct MessageId(u128);

impl MessageId {
    /// The id of the attempt that follows `claim`, different each time by `random`.
    pub(crate) fn new(claim: &Claim, random: [u8; 6]) -> Self {
        let attempt = u16::try_from(claim.attempts + 1).unwrap_or(u16::MAX);
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&claim.delivery_id.to_be_bytes());
        bytes[8..10].copy_from_slice(&attempt.to_be_bytes());
        bytes[10..].copy_from_slice(&random);
        Self(u128::from_be_bytes(bytes))
    }

    /// Reads what [`Self::text`] wrote.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; 16] = hex::decode(text.replace('-', "")).ok()?.try_into().ok()?;
        Some(Self(u128::from_be_bytes(bytes)))
    }

    /// In the form of a UUID, as the platform's are.
    pub(crate) fn text(self) -> String {
        let digits = format!("{:032x}", self.0);
        [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-")
    }

    /// The delivery.
    pub(crate) fn delivery_id(self) -> i64 {
        i64::from_be_bytes(*self.0.to_be_bytes().first_chunk().expect("16 bytes hold 8"))
    }

    /// Which attempt at it; the first is 1.
    pub(crate) fn attempt(self) -> i64 {
        let bytes = self.0.to_be_bytes();
        i64::from(u16::from_be_bytes([bytes[8], bytes[9]]))
    }
}

/// An event on its way to a client.
#[derive(Debug, Clone)]
pub(crate) struct Push {
    /// Its id.
    pub(crate) message_id: MessageId,
    /// For the client's log: the event's id.
    pub(crate) trace_id: String,
    /// The event's JSON.
    pub(crate) event: Bytes,
}

/// The messages that carry `push`, the `count`th on its connection, sent at `now_ms` (Unix ms). Slices may cut through
/// a character; clients join bytes.
pub(crate) fn messages(push: &Push, count: u64, now_ms: i64) -> impl Iterator<Item = Bytes> + use<> {
    let push = push.clone();
    let sum = push.event.len().div_ceil(PART_MAX).max(1);
    (0..sum).map(move |seq| {
        let end = push.event.len().min((seq + 1) * PART_MAX);
        let frame = Frame {
            seq_id: count,
            log_id: u64::try_from(now_ms).unwrap_or(0),
            service: SERVICE,
            method: DATA,
            headers: vec![
                Header::new(key::TYPE, key::EVENT),
                Header::new(key::MESSAGE_ID, push.message_id.text()),
                Header::new(key::SUM, sum.to_string()),
                Header::new(key::SEQ, seq.to_string()),
                Header::new(key::TRACE_ID, push.trace_id.as_str()),
                Header::new(key::TIMESTAMP, now_ms.to_string()),
            ],
            payload_type: Some("application/json".to_owned()),
            payload: Some(push.event.slice(seq * PART_MAX..end)),
            ..Frame::default()
        };
        frame.encode_to_vec().into()
    })
}

/// The answer to a client's ping. It always carries the whole configuration: clients misbehave without.
pub(crate) fn pong(ping: &Frame) -> Bytes {
    let config = serde_json::to_vec(&CLIENT_CONFIG).expect("four numbers can be written as JSON");
    let frame = Frame {
        service: ping.service,
        method: CONTROL,
        headers: vec![Header::new(key::TYPE, key::PONG)],
        payload: Some(config.into()),
        ..Frame::default()
    };
    frame.encode_to_vec().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::push::samples;
    use proptest::prelude::*;

    fn claim(delivery_id: i64, attempts: i64) -> Claim {
        Claim { delivery_id, attempts, ..samples::claim(&samples::message("hello")) }
    }

    /// Puts the parts together in any order, as clients do.
    fn joined(messages: &[Bytes]) -> Vec<u8> {
        let mut parts: Vec<(usize, Bytes)> = messages
            .iter()
            .map(|bytes| {
                let frame = Frame::decode(&bytes[..]).unwrap();
                assert_eq!(frame.header(key::SUM), Some(messages.len().to_string().as_str()));
                (frame.header(key::SEQ).unwrap().parse().unwrap(), frame.payload.unwrap())
            })
            .collect();
        parts.sort_unstable_by_key(|(seq, _)| *seq);
        assert!(parts.iter().enumerate().all(|(i, (seq, _))| i == *seq));
        parts.into_iter().flat_map(|(_, part)| part).collect()
    }

    fn push(event: impl Into<Bytes>) -> Push {
        Push { message_id: MessageId::new(&claim(1, 0), [7; 6]), trace_id: "t".into(), event: event.into() }
    }

    #[test]
    fn a_message_id_tells_delivery_and_attempt() {
        let id = MessageId::new(&claim(7_592_020_000_000_000_123, 4), [1; 6]);
        assert_eq!((id.delivery_id(), id.attempt()), (7_592_020_000_000_000_123, 5));
        assert_eq!(MessageId::parse(&id.text()), Some(id));
        assert_eq!(id.text().len(), 36);
        assert_ne!(MessageId::new(&claim(7_592_020_000_000_000_123, 4), [2; 6]), id);
        for bad in ["", "x", "b2c1d0a9-0000-4000-8000-0000000000", &id.text()[1..]] {
            assert_eq!(MessageId::parse(bad), None, "{bad}");
        }
        assert_eq!(MessageId::new(&claim(1, 1_000_000), [1; 6]).attempt(), 65_535);
    }

    #[test]
    fn a_small_event_is_one_frame_with_every_header_that_clients_need() {
        let messages: Vec<Bytes> = messages(&push("{\"你\":\"🖨\"}"), 3, 1_763_800_000_123).collect();
        assert_eq!(messages.len(), 1);
        let frame = Frame::decode(&messages[0][..]).unwrap();
        assert_eq!((frame.seq_id, frame.service, frame.method), (3, 33_554_678, 1));
        assert_eq!(frame.payload.as_deref(), Some("{\"你\":\"🖨\"}".as_bytes()));
        for (name, value) in [("type", "event"), ("sum", "1"), ("seq", "0"), ("trace_id", "t")] {
            assert_eq!(frame.header(name), Some(value));
        }
        assert_eq!(frame.header("message_id"), Some(push("").message_id.text().as_str()));
    }

    #[test]
    fn a_pong_is_the_platforms_but_for_the_numbers() {
        let ping = hex::decode("0800100018f681801020002a0c0a0474797065120470696e67").unwrap();
        let frame = Frame::decode(&pong(&Frame::decode(&ping[..]).unwrap())[..]).unwrap();
        assert_eq!((frame.seq_id, frame.log_id, frame.service, frame.method), (0, 0, 33_554_678, 0));
        assert_eq!(frame.header("type"), Some("pong"));
        let config: serde_json::Value = serde_json::from_slice(&frame.payload.unwrap()).unwrap();
        let names = ["ReconnectCount", "ReconnectInterval", "ReconnectNonce", "PingInterval"];
        assert!(names.iter().all(|name| config[name].as_i64().is_some_and(|n| n > 0 || n == -1)), "{config}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn parts_join_to_the_event_and_stay_below_the_clients_limit(length in 0..5 * PART_MAX, fill in any::<u8>()) {
            let event: Vec<u8> = (0..length).map(|i| fill.wrapping_add(u8::try_from(i % 251).unwrap())).collect();
            let mut messages: Vec<Bytes> = messages(&push(event.clone()), 1, 0).collect();
            prop_assert_eq!(messages.len(), length.div_ceil(PART_MAX).max(1));
            prop_assert!(messages.iter().all(|message| message.len() < 1 << 20));
            messages.reverse();
            prop_assert_eq!(joined(&messages), event);
        }
    }
}
