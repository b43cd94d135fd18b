//! Decodes query strings the way SDKs write them (reference: helpdesk-v1 11.4, 11.5): arrays as repeated keys, Python's
//! `True` and `False`, numbers as digits. An empty value of an optional parameter is none.

use std::borrow::Cow;
use std::fmt;

use serde::de::value::StrDeserializer;
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Visitor,
};
use wire::Code;

use super::error::ApiError;

/// More parameters than any endpoint could want; repeated keys are searched one by one.
const MAX_PARAMETERS: usize = 1_000;

type Pair<'q> = (Cow<'q, str>, Cow<'q, str>);

/// Decodes what stands after `?`.
///
/// # Errors
/// 99992402 with the parameter that is missing, cannot be read or holds a NUL character.
pub fn decode<T: DeserializeOwned>(query: Option<&str>) -> Result<T, ApiError> {
    let pairs: Vec<Pair<'_>> =
        form_urlencoded::parse(query.unwrap_or_default().as_bytes()).take(MAX_PARAMETERS + 1).collect();
    if pairs.len() > MAX_PARAMETERS {
        return Err(ApiError::new(Code::FIELD_INVALID, format!("more than {MAX_PARAMETERS} query parameters")));
    }
    if let Some((key, _)) = pairs.iter().find(|(_, value)| value.contains('\0')) {
        return Err(ApiError::field(Code::FIELD_INVALID, key.as_ref(), "", "must not hold a NUL character"));
    }
    T::deserialize(Query { pairs: &pairs })
        .map_err(|fault| ApiError::field(Code::FIELD_INVALID, fault.field, &fault.value, fault.why))
}

/// Which parameter is wrong and why.
#[derive(Debug)]
struct Fault {
    field: String,
    value: String,
    why: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.why)
    }
}

impl std::error::Error for Fault {}

impl de::Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self { field: String::new(), value: String::new(), why: message.to_string() }
    }

    fn missing_field(field: &'static str) -> Self {
        Self { field: field.to_owned(), value: String::new(), why: format!("{field} is required") }
    }
}

#[derive(Clone, Copy)]
struct Query<'q> {
    pairs: &'q [Pair<'q>],
}

impl<'de> Deserializer<'de> for Query<'de> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_map(Parameters { pairs: self.pairs, next: 0 })
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// Each key once, with all its values.
struct Parameters<'q> {
    pairs: &'q [Pair<'q>],
    next: usize,
}

impl<'de> MapAccess<'de> for Parameters<'de> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        while let Some((key, _)) = self.pairs.get(self.next) {
            if self.pairs[..self.next].iter().all(|(earlier, _)| earlier != key) {
                let key: StrDeserializer<'_, Fault> = key.as_ref().into_deserializer();
                return seed.deserialize(key).map(Some);
            }
            self.next += 1;
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        let (key, first) = &self.pairs[self.next];
        let values = Values { key, first, rest: &self.pairs[self.next + 1..] };
        self.next += 1;
        seed.deserialize(values).map_err(|fault| {
            if fault.field.is_empty() {
                Fault { field: key.to_string(), value: first.to_string(), why: fault.why }
            } else {
                fault
            }
        })
    }
}

/// The values of one key.
struct Values<'q> {
    key: &'q str,
    first: &'q str,
    rest: &'q [Pair<'q>],
}

impl Values<'_> {
    fn fault(&self, why: &str) -> Fault {
        Fault { field: self.key.to_owned(), value: self.first.to_owned(), why: why.to_owned() }
    }

    fn whole_number(&self) -> Result<i64, Fault> {
        self.first.trim().parse().map_err(|_| self.fault("must be a whole number"))
    }
}

macro_rules! whole_numbers {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            visitor.visit_i64(self.whole_number()?)
        })*
    };
}

impl<'de> Deserializer<'de> for Values<'de> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_borrowed_str(self.first)
    }

    whole_numbers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let number = self.first.trim().parse().ok().filter(|number: &f64| number.is_finite());
        visitor.visit_f64(number.ok_or_else(|| self.fault("must be a number"))?)
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let value = self.first.trim();
        if value.eq_ignore_ascii_case("true") || value == "1" {
            visitor.visit_bool(true)
        } else if value.eq_ignore_ascii_case("false") || value == "0" {
            visitor.visit_bool(false)
        } else {
            Err(self.fault("must be true or false"))
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        if self.first.is_empty() && self.rest.iter().all(|(key, _)| key != self.key) {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_seq(Each { next: Some(self) })
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_unit()
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let word: StrDeserializer<'_, Fault> = self.first.into_deserializer();
        word.deserialize_enum(name, variants, visitor)
    }

    serde::forward_to_deserialize_any! {
        char str string bytes byte_buf unit unit_struct tuple tuple_struct map struct identifier
    }
}

/// The values of one key, one by one.
struct Each<'q> {
    next: Option<Values<'q>>,
}

impl<'de> SeqAccess<'de> for Each<'de> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Fault> {
        let Some(Values { key, first, rest }) = self.next.take() else { return Ok(None) };
        self.next = rest.iter().position(|(other, _)| other == key).map(|at| Values {
            key,
            first: &rest[at].1,
            rest: &rest[at + 1..],
        });
        seed.deserialize(Values { key, first, rest: &[] }).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    struct Sample {
        page: Option<i64>,
        asc: Option<bool>,
        search: Option<String>,
        status_list: Option<Vec<i64>>,
        #[serde(default)]
        tags: Vec<String>,
    }

    #[derive(Debug, Deserialize)]
    struct Needs {
        query: String,
        small: Option<u8>,
    }

    #[test]
    fn queries_are_read_as_every_sdk_writes_them() {
        let sample: Sample =
            decode(Some("page=2&asc=True&search=a%26b+c&status_list=1&tags=x&status_list=50&tags=%E4%B8%AD&other=1"))
                .unwrap();
        let expected = Sample {
            page: Some(2),
            asc: Some(true),
            search: Some("a&b c".into()),
            status_list: Some(vec![1, 50]),
            tags: vec!["x".into(), "中".into()],
        };
        assert_eq!(sample, expected);
        assert_eq!(decode::<Sample>(Some("asc=FALSE")).unwrap().asc, Some(false));
        for empty in [None, Some(""), Some("page=&search=&status_list=")] {
            assert_eq!(decode::<Sample>(empty).unwrap(), Sample::default(), "{empty:?}");
        }
        decode::<wire::Nothing>(Some("a=1&a=2")).unwrap();
    }

    #[test]
    fn a_nul_character_cannot_be_read() {
        let error = decode::<Sample>(Some("page=2&search=a%00b")).unwrap_err();
        assert_eq!(error.code(crate::api::error::Mapping::default()), Code::FIELD_INVALID);
    }

    #[tokio::test]
    async fn each_fault_names_its_parameter() {
        let mut faults = Vec::new();
        for query in ["page=x", "asc=maybe", "status_list=1&status_list=two"] {
            faults.push((query, decode::<Sample>(Some(query)).unwrap_err()));
        }
        for query in ["", "query=a&small=256"] {
            faults.push((query, decode::<Needs>(Some(query)).unwrap_err()));
        }
        let expected = [
            ("page", "x", "must be a whole number"),
            ("asc", "maybe", "must be true or false"),
            ("status_list", "two", "must be a whole number"),
            ("query", "", "query is required"),
            ("small", "256", "invalid value: integer `256`, expected u8"),
        ];
        for ((query, error), (field, value, why)) in faults.into_iter().zip(expected) {
            let response = error.respond(crate::api::error::Mapping::default());
            let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
            let failure: wire::envelope::Failure = serde_json::from_slice(&bytes).unwrap();
            assert_eq!(failure.code, 99_992_402);
            let violation = &failure.error.field_violations[0];
            let found = (violation.field.as_str(), violation.value.as_str(), violation.description.as_str());
            assert_eq!(found, (field, value, why), "{query}");
        }
        let needs: Needs = decode(Some("query=")).unwrap();
        assert_eq!((needs.query.as_str(), needs.small), ("", None));
    }
}
