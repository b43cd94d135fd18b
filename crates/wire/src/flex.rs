//! Decoding of what clients send in more than one form.

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use std::fmt;
use std::marker::PhantomData;

/// Decodes like `T`, but from a JSON object only: serde's own structs take an array too, the platform does not.
#[derive(Debug, Clone, PartialEq)]
struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
            type Value = Object<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Object<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(members)).map(Object)
            }
        }

        deserializer.deserialize_map(Members(PhantomData))
    }
}

/// For `#[serde(default, deserialize_with = "flex::object")]` on an optional struct.
///
/// # Errors
/// The value is neither `null` nor an object of that form.
pub fn object<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Ok(Option::<Object<T>>::deserialize(deserializer)?.map(|object| object.0))
}

/// The same for a struct that is required: `#[serde(deserialize_with = "flex::required_object")]`.
///
/// # Errors
/// The value is not an object of that form.
pub fn required_object<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Ok(Object::<T>::deserialize(deserializer)?.0)
}

/// For `#[serde(default, deserialize_with = "flex::objects")]` on an optional list of structs.
///
/// # Errors
/// The value is neither `null` nor an array of objects of that form.
pub fn objects<'de, D, T>(deserializer: D) -> Result<Option<Vec<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let objects = Option::<Vec<Object<T>>>::deserialize(deserializer)?;
    Ok(objects.map(|objects| objects.into_iter().map(|object| object.0).collect()))
}

/// The same for a list that is required: `#[serde(deserialize_with = "flex::required_objects")]`.
///
/// # Errors
/// The value is not an array of objects of that form.
pub fn required_objects<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let objects = Vec::<Object<T>>::deserialize(deserializer)?;
    Ok(objects.into_iter().map(|object| object.0).collect())
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    struct Item {
        id: String,
    }

    #[derive(Debug, Deserialize)]
    struct Holder {
        #[serde(default, deserialize_with = "super::object")]
        one: Option<Item>,
        #[serde(default, deserialize_with = "super::objects")]
        many: Option<Vec<Item>>,
    }

    #[test]
    fn an_object_is_never_an_array() {
        let holder: Holder = serde_json::from_str(r#"{"one":{"id":"1"},"many":[{"id":"2"}]}"#).unwrap();
        assert_eq!(holder.one.unwrap().id, "1");
        assert_eq!(holder.many.unwrap()[0].id, "2");
        let holder: Holder = serde_json::from_str(r#"{"one":null,"many":null}"#).unwrap();
        assert!(holder.one.is_none() && holder.many.is_none());
        for bad in [r#"{"one":["1"]}"#, r#"{"many":[["1"]]}"#, r#"{"many":{}}"#] {
            assert!(serde_json::from_str::<Holder>(bad).is_err(), "{bad}");
        }
    }
}
