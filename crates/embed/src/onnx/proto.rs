//! The messages of an ONNX file, as far as weights need them, and their decoding within bounds. Field numbers are those
//! of the public `onnx.proto`; fields that are not named here are skipped.

use bytes::{Buf, Bytes};
use prost::Message;

/// Most names, nodes, attributes, … of a file. An encoder of 24 layers has about 60,000; every one costs some 200 bytes
/// of memory, which a file of empty ones would multiply its size by.
const PARTS_MAX: usize = 1_000_000;

/// [`Tensor::data_location`] of numbers in another file.
pub(crate) const EXTERNAL: i32 = 1;

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Model {
    #[prost(message, optional, tag = "7")]
    pub(crate) graph: Option<Graph>,
}

/// Nodes that compute values from values, and the values that are given.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Graph {
    #[prost(message, repeated, tag = "1")]
    pub(crate) nodes: Vec<Node>,
    #[prost(message, repeated, tag = "5")]
    pub(crate) initializers: Vec<Tensor>,
    #[prost(message, repeated, tag = "12")]
    pub(crate) outputs: Vec<Value>,
}

/// An output of the graph.
#[derive(Clone, PartialEq, Eq, Message)]
pub(crate) struct Value {
    #[prost(string, tag = "1")]
    pub(crate) name: String,
}

/// An operator with the names of what it reads and makes.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Node {
    #[prost(string, repeated, tag = "1")]
    pub(crate) inputs: Vec<String>,
    #[prost(string, repeated, tag = "2")]
    pub(crate) outputs: Vec<String>,
    #[prost(string, tag = "4")]
    pub(crate) operator: String,
    #[prost(message, repeated, tag = "5")]
    pub(crate) attributes: Vec<Attribute>,
    /// Whose operator it is: empty or `ai.onnx` for the standard's.
    #[prost(string, tag = "7")]
    pub(crate) domain: String,
    #[prost(message, repeated, tag = "9")]
    pub(crate) metadata: Vec<Entry>,
}

impl Node {
    /// The attribute `name`, if there is one.
    pub(crate) fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }

    /// The whole number `name`, `default` if it is not there.
    pub(crate) fn int(&self, name: &str, default: i64) -> i64 {
        self.attribute(name).and_then(|attribute| attribute.int).unwrap_or(default)
    }

    /// The number `name`, `default` if it is not there.
    pub(crate) fn float(&self, name: &str, default: f32) -> f32 {
        self.attribute(name).and_then(|attribute| attribute.float).unwrap_or(default)
    }
}

/// A constant of a node; which field holds it depends on the operator.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Attribute {
    #[prost(string, tag = "1")]
    pub(crate) name: String,
    #[prost(float, optional, tag = "2")]
    pub(crate) float: Option<f32>,
    #[prost(int64, optional, tag = "3")]
    pub(crate) int: Option<i64>,
    #[prost(message, optional, tag = "5")]
    pub(crate) tensor: Option<Tensor>,
    #[prost(float, repeated, tag = "7")]
    pub(crate) floats: Vec<f32>,
    #[prost(int64, repeated, tag = "8")]
    pub(crate) ints: Vec<i64>,
}

/// Numbers with a shape. They stand in one of the three lists of data, or in another file.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Tensor {
    #[prost(int64, repeated, tag = "1")]
    pub(crate) dims: Vec<i64>,
    #[prost(int32, tag = "2")]
    pub(crate) data_type: i32,
    #[prost(float, repeated, tag = "4")]
    pub(crate) float_data: Vec<f32>,
    /// Numbers of 16 bits too, one in each.
    #[prost(int32, repeated, tag = "5")]
    pub(crate) int32_data: Vec<i32>,
    #[prost(string, tag = "8")]
    pub(crate) name: String,
    #[prost(bytes = "bytes", optional, tag = "9")]
    pub(crate) raw_data: Option<Bytes>,
    /// `location`, `offset` and `length` of numbers in another file.
    #[prost(message, repeated, tag = "13")]
    pub(crate) external_data: Vec<Entry>,
    #[prost(int32, tag = "14")]
    pub(crate) data_location: i32,
}

/// A key with its value.
#[derive(Clone, PartialEq, Eq, Message)]
pub(crate) struct Entry {
    #[prost(string, tag = "1")]
    pub(crate) key: String,
    #[prost(string, tag = "2")]
    pub(crate) value: String,
}

/// The graph of a file. Tensors share its memory.
///
/// # Errors
/// Says what is wrong with the file.
pub(crate) fn decode(bytes: Bytes) -> Result<Graph, String> {
    let mut left = PARTS_MAX;
    count(&bytes, &MODEL, &mut left)?;
    let model = Model::decode(bytes).map_err(|error| format!("it is not an ONNX file, or damaged: {error}"))?;
    model.graph.ok_or_else(|| "it is not an ONNX file: it holds no graph".to_owned())
}

/// Which fields of a message are messages themselves.
struct Shape(&'static [(usize, &'static Self)]);

const LEAF: Shape = Shape(&[]);
const TENSOR: Shape = Shape(&[(13, &LEAF)]);
const ATTRIBUTE: Shape = Shape(&[(5, &TENSOR)]);
const NODE: Shape = Shape(&[(5, &ATTRIBUTE), (9, &LEAF)]);
const GRAPH: Shape = Shape(&[(1, &NODE), (5, &TENSOR), (12, &LEAF)]);
const MODEL: Shape = Shape(&[(7, &GRAPH)]);

/// Goes over a file's fields before anything is made of them, and takes what has a length off `left`. Fields of fixed
/// size take no more memory than they take in the file, or a few times as much.
fn count(mut bytes: &[u8], shape: &Shape, left: &mut usize) -> Result<(), String> {
    let damaged = || "it is not an ONNX file, or damaged: a field ends behind the file".to_owned();
    let number = |bytes: &mut &[u8]| prost::decode_length_delimiter(bytes).map_err(|_| damaged());
    while bytes.has_remaining() {
        let key = number(&mut bytes)?;
        let size = match key & 7 {
            0 => {
                number(&mut bytes)?;
                continue;
            }
            1 => 8,
            5 => 4,
            2 => number(&mut bytes)?,
            other => return Err(format!("it is not an ONNX file, or damaged: a field is of the wire type {other}")),
        };
        let (body, rest) = bytes.split_at_checked(size).ok_or_else(damaged)?;
        bytes = rest;
        if key & 7 != 2 {
            continue;
        }
        *left = left
            .checked_sub(1)
            .ok_or_else(|| format!("it has more than {PARTS_MAX} parts (nodes, names, …), no encoder has so many"))?;
        if let Some((_, inner)) = shape.0.iter().find(|(field, _)| *field == key >> 3) {
            count(body, inner, left)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_empty_parts_is_refused_before_they_become_memory() {
        let node = [&[0x0a, 0][..]; 1].concat();
        let graph = node.repeat(PARTS_MAX);
        let mut file = vec![0x3a];
        prost::encode_length_delimiter(graph.len(), &mut file).unwrap();
        file.extend(&graph);
        let error = decode(file.into()).unwrap_err();
        assert!(error.contains("more than 1000000 parts"), "{error}");
    }

    #[test]
    fn what_is_no_onnx_file_is_refused_with_a_sentence() {
        for (bytes, part) in [
            (&b""[..], "holds no graph"),
            (b"version https://git-lfs.github.com/spec/v1\n", "not an ONNX file, or damaged"),
            (&[0x3a, 0xff, 0xff, 0xff, 0xff, 0x0f, 1], "a field ends behind the file"),
            (&[0x3a, 0x02, 0x0b, 0x0c], "wire type 3"),
            (&[0x3a, 0x04, 0x0a, 0x02, 0x22, 0xff], "a field ends behind the file"),
        ] {
            let error = decode(Bytes::copy_from_slice(bytes)).unwrap_err();
            assert!(error.contains(part), "{bytes:?}: {error}");
        }
    }
}
