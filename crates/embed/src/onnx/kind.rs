//! Which ONNX files are not read, by their operators and names, and what to take instead.

use super::graph::Index;
use super::proto::Node;

/// # Errors
/// Says what the file is and what to take instead.
pub(crate) fn check(index: &Index) -> Result<(), String> {
    if let Some(node) = index.nodes().iter().find(|node| is_quantised(&node.operator)) {
        return Err(format!(
            "it is quantised (its operator {} says so); take the export with weights of 32 or 16 bits, named model.onnx, \
             or model.safetensors",
            node.operator
        ));
    }
    let foreign = |node: &&Node| !["", "ai.onnx"].contains(&node.domain.as_str());
    let Some(node) = index.nodes().iter().find(foreign) else { return Ok(()) };
    let operator = format!("{}:{}", node.domain, node.operator);
    Err(if node.domain.starts_with("com.microsoft") {
        format!(
            "it was optimised for onnxruntime, whose operators join several steps (such as {operator}); take the export \
             before that (with optimum: without --optimize, or with O1), or model.safetensors"
        )
    } else {
        format!(
            "its operator {operator} is not one of the ONNX standard's; take an export by optimum, sentence-transformers \
             or torch.onnx of a release from 2025 on, or model.safetensors"
        )
    })
}

fn is_quantised(operator: &str) -> bool {
    let marks = ["Quantize", "Integer", "QLinear", "QGemm", "QAttention", "QEmbed", "QOrdered", "NBits", "Bnb4"];
    marks.iter().any(|mark| operator.contains(mark))
}

/// Whether the file goes on behind an encoder whose names begin with `prefix`. Exports of sentence-transformers count the
/// modules of a model: `0.` is the encoder.
///
/// # Errors
/// Names a tensor of another module.
pub(crate) fn check_modules<'a>(prefix: &str, mut names: impl Iterator<Item = &'a str>) -> Result<(), String> {
    let number = |name: &str| {
        let first = name.split_once('.').map_or("", |(first, _)| first);
        first.bytes().all(|b| b.is_ascii_digit()).then(|| first.to_owned()).filter(|first| !first.is_empty())
    };
    let Some(own) = number(prefix) else { return Ok(()) };
    let other = names.find(|name| number(name).is_some_and(|module| module != own));
    other.map_or(Ok(()), |name| {
        let allowed = "allowed are Transformer, Pooling, Normalize, which have none";
        Err(format!("tensor {name}: it belongs to another module than the encoder, {allowed}"))
    })
}
