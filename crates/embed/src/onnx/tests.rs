//! Exports changed as other exporters write them, and as nobody should.

use std::path::{Path, PathBuf};

use prost::Message;

use super::proto::{Attribute, Entry, Graph, Model as File, Node, Tensor};
use crate::Model;

const QUERY: &str = "encoder.layer.0.attention.self.query";

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/onnx")
}

/// The vectors of an export after `change`, or the sentence it is refused with.
fn load(export: &str, change: impl FnOnce(&mut Graph)) -> Result<Vec<Vec<f32>>, String> {
    let (from, folder) = (fixtures().join(export), tempfile::tempdir().unwrap());
    let mut file = File::decode(std::fs::read(&from).unwrap().as_slice()).unwrap();
    change(file.graph.as_mut().unwrap());
    for name in ["config.json", "vocab.txt"] {
        std::fs::copy(from.with_file_name(name), folder.path().join(name)).unwrap();
    }
    std::fs::write(folder.path().join("model.onnx"), file.encode_to_vec()).unwrap();
    let model = Model::load(folder.path()).map_err(|error| error.to_string())?;
    Ok(model.embed(&["how do i reset my password?", "a b c"]).unwrap())
}

fn refusal(change: impl FnOnce(&mut Graph)) -> String {
    load("bert/single.onnx", change).unwrap_err()
}

fn node(operator: &str, inputs: &[&str], output: &str) -> Node {
    let inputs = inputs.iter().map(|name| (*name).to_owned()).collect();
    Node { operator: operator.into(), inputs, outputs: vec![output.into()], ..Node::default() }
}

fn whole(name: &str, int: i64) -> Attribute {
    Attribute { name: name.into(), int: Some(int), ..Attribute::default() }
}

fn reader<'a>(graph: &'a mut Graph, operator: &str, input: &str) -> &'a mut Node {
    let reads = |node: &&mut Node| node.operator == operator && node.inputs.iter().any(|name| name == input);
    graph.nodes.iter_mut().find(reads).unwrap()
}

fn tensor<'a>(graph: &'a mut Graph, name: &str) -> &'a mut Tensor {
    graph.initializers.iter_mut().find(|tensor| tensor.name == name).unwrap()
}

/// The products that biases are added to, with the names of the three.
fn products(graph: &Graph) -> Vec<(usize, usize, String)> {
    let adds = graph.nodes.iter().enumerate().filter(|(_, node)| node.operator == "Add");
    let found = adds.filter_map(|(add, node)| {
        let bias = node.inputs.iter().find(|name| name.starts_with("encoder.") && !name.contains("LayerNorm"))?;
        let product = graph.nodes.iter().position(|other| node.inputs.contains(&other.outputs[0]))?;
        (graph.nodes[product].operator == "MatMul").then(|| (product, add, bias.clone()))
    });
    found.collect()
}

fn original() -> Vec<Vec<f32>> {
    load("bert/single.onnx", |_| ()).unwrap()
}

#[test]
fn a_bias_may_stand_on_either_side() {
    let swapped = load("bert/single.onnx", |graph| {
        let products = products(graph);
        assert_eq!(products.len(), 12);
        for (_, add, _) in products {
            graph.nodes[add].inputs.reverse();
        }
    });
    assert_eq!(swapped.unwrap(), original());
}

#[test]
fn gemm_is_a_product_with_its_bias() {
    for turned in [false, true] {
        let gemm = load("bert/single.onnx", |graph| {
            for (product, add, bias) in products(graph) {
                let output = graph.nodes[add].outputs[0].clone();
                graph.nodes[add] = node("Identity", &[&format!("{bias}.sum")], &output);
                let of = &mut graph.nodes[product];
                let matrix = of.inputs[1].clone();
                of.operator = "Gemm".into();
                of.inputs.push(bias.clone());
                of.outputs = vec![format!("{bias}.sum")];
                if turned {
                    of.attributes = vec![whole("transB", 1)];
                    turn(tensor(graph, &matrix));
                }
            }
        });
        assert_eq!(gemm.unwrap(), original(), "{turned}");
    }
    let scaled = refusal(|graph| {
        let (product, ..) = products(graph).remove(0);
        graph.nodes[product].operator = "Gemm".into();
        graph.nodes[product].attributes =
            vec![Attribute { name: "alpha".into(), float: Some(0.5), ..Attribute::default() }];
    });
    assert!(scaled.contains(&format!("tensor {QUERY}.bias: no product with constant weights leads to it")), "{scaled}");
}

/// Exchanges rows and columns of a matrix of 32-bit numbers.
fn turn(tensor: &mut Tensor) {
    let raw = tensor.raw_data.take().unwrap();
    let columns = usize::try_from(tensor.dims[1]).unwrap();
    let numbers: Vec<&[u8]> = raw.chunks(4).collect();
    let turned: Vec<u8> =
        (0..columns).flat_map(|x| numbers.iter().skip(x).step_by(columns)).flat_map(|n| n.to_vec()).collect();
    tensor.dims.reverse();
    tensor.raw_data = Some(turned.into());
}

#[test]
fn constants_may_stand_in_nodes_and_be_renamed_or_rounded_by_them() {
    let moved = load("bert/single.onnx", |graph| {
        let mut before = Vec::new();
        for tensor in std::mem::take(&mut graph.initializers) {
            let (kept, name) = (format!("{}.kept", tensor.name), tensor.name.clone());
            let value = Attribute { name: "value".into(), tensor: Some(tensor), ..Attribute::default() };
            before.push(Node { attributes: vec![value], ..node("Constant", &[], &kept) });
            before.push(Node { attributes: vec![whole("to", 1)], ..node("Cast", &[&kept], &format!("{kept}.cast")) });
            before.push(node("Identity", &[&format!("{kept}.cast")], &name));
        }
        before.append(&mut graph.nodes);
        graph.nodes = before;
    });
    assert_eq!(moved.unwrap(), original());
    let floats = load("bert/single.onnx", |graph| {
        let bias = format!("{QUERY}.bias");
        let at = graph.initializers.iter().position(|tensor| tensor.name == bias).unwrap();
        let raw = graph.initializers.remove(at).raw_data.unwrap();
        let floats = raw.chunks(4).map(|b| f32::from_le_bytes(b.try_into().unwrap())).collect();
        let value = Attribute { name: "value_floats".into(), floats, ..Attribute::default() };
        graph.nodes.insert(0, Node { attributes: vec![value], ..node("Constant", &[], &bias) });
    });
    assert_eq!(floats.unwrap(), original());
}

#[test]
fn names_may_begin_with_anything_that_is_the_same_for_all() {
    for prefix in ["bert.", "model.", "0.auto_model.", "encoder.0.bert."] {
        let longer = |name: &mut String| {
            if name.starts_with("embeddings.") || name.starts_with("encoder.") {
                name.insert_str(0, prefix);
            }
        };
        let renamed = load("bert/single.onnx", |graph| {
            graph.initializers.iter_mut().for_each(|tensor| longer(&mut tensor.name));
            graph.nodes.iter_mut().flat_map(|node| &mut node.inputs).for_each(longer);
        });
        assert_eq!(renamed.unwrap(), original(), "{prefix}");
    }
}

#[test]
fn a_layer_that_is_not_what_its_name_says_is_refused() {
    let missing = format!("tensor {QUERY}.bias: no product with constant weights leads to it; take an export");
    let not_constant = refusal(|graph| {
        let (product, ..) = products(graph).remove(0);
        graph.nodes[product].inputs[1] = "input_ids".into();
    });
    assert!(not_constant.contains(&missing), "{not_constant}");
    let other_step = refusal(|graph| reader(graph, "Add", &format!("{QUERY}.bias")).operator = "Mul".into());
    assert!(other_step.contains(&missing), "{other_step}");
    // The same bias behind two products, and no note which is which.
    let twice = refusal(|graph| {
        let key = QUERY.replace("query", "key");
        let add = reader(graph, "Add", &format!("{key}.bias"));
        let own = add.inputs.iter_mut().find(|name| **name == format!("{key}.bias")).unwrap();
        *own = format!("{QUERY}.bias");
    });
    assert!(twice.contains(&missing), "{twice}");
    let turned = refusal(|graph| {
        let wide = reader(graph, "Add", "encoder.layer.0.intermediate.dense.bias").clone();
        let matrix = products(graph).into_iter().find(|(_, _, bias)| wide.inputs.contains(bias)).unwrap();
        let matrix = graph.nodes[matrix.0].inputs[1].clone();
        turn(tensor(graph, &matrix));
    });
    let part = " as encoder.layer.0.intermediate.dense.weight: its shape is [24, 16], allowed is [16, 24]";
    assert!(turned.contains("model.onnx: tensor onnx::MatMul_") && turned.contains(part), "{turned}");
}

#[test]
fn without_notes_equal_tensors_cannot_be_told_apart() {
    let error = load("untrained/dynamo.onnx", |graph| graph.nodes.iter_mut().for_each(|node| node.metadata.clear()));
    let error = error.unwrap_err();
    assert!(error.contains("tensor encoder.layer.0.attention.self.query.bias: no product"), "{error}");
}

#[test]
fn names_for_two_things_are_refused() {
    let first = "embeddings.LayerNorm.weight";
    let tensors = refusal(|graph| {
        let copy = tensor(graph, first).clone();
        graph.initializers.push(copy);
    });
    assert!(tensors.ends_with(&format!("model.onnx: two tensors are named {first}")), "{tensors}");
    let values = refusal(|graph| graph.nodes.push(node("Identity", &["input_ids"], first)));
    assert!(values.ends_with(&format!("two values are named {first}")), "{values}");
    let encoders = refusal(|graph| {
        graph.nodes.push(node(
            "Identity",
            &["embeddings.word_embeddings.weight"],
            "b.embeddings.word_embeddings.weight",
        ));
    });
    assert!(encoders.contains("it holds two encoders, embeddings.word"), "{encoders}");
}

#[test]
fn circles_end() {
    let circle = refusal(|graph| {
        let (product, ..) = products(graph).remove(0);
        graph.nodes[product].inputs[1] = "a".into();
        graph.nodes.push(node("Identity", &["b"], "a"));
        graph.nodes.push(node("Identity", &["a"], "b"));
    });
    assert!(circle.contains("no product with constant weights"), "{circle}");
    let behind = refusal(|graph| {
        let (product, add, _) = products(graph).remove(0);
        let output = graph.nodes[product].outputs[0].clone();
        graph.nodes[add] = node("Identity", &[&output], "c");
        graph.nodes.push(node("Identity", &["c"], "d"));
        graph.nodes.push(node("Identity", &["d"], "c.again"));
    });
    assert!(behind.contains("no product with constant weights"), "{behind}");
}

#[test]
fn more_than_an_encoder_is_refused() {
    let dense = load("roberta/sentence.onnx", |graph| {
        graph.outputs.clear();
        graph.initializers.push(Tensor { name: "2.linear.bias".into(), ..Tensor::default() });
    });
    let dense = dense.unwrap_err();
    assert!(dense.contains("tensor 2.linear.bias: it belongs to another module than the encoder"), "{dense}");
    let function = refusal(|graph| graph.nodes[0].domain = "pkg.onnxscript.torch_lib".into());
    assert!(function.contains("its operator pkg.onnxscript.torch_lib:") && function.contains("standard"), "{function}");
    let gone = refusal(|graph| graph.initializers.retain(|tensor| tensor.name != "embeddings.LayerNorm.bias"));
    assert!(gone.contains("tensor embeddings.LayerNorm.bias: it is not in the file; take an export by"), "{gone}");
    let none = refusal(|graph| graph.initializers.clear());
    assert!(none.contains("there is no tensor embeddings.word_embeddings.weight"), "{none}");
}

#[test]
fn sizes_that_the_file_does_not_have_are_not_believed() {
    let words = "embeddings.word_embeddings.weight";
    let huge = refusal(|graph| tensor(graph, words).dims = vec![1 << 40, 1 << 40]);
    assert!(huge.contains("its shape is [1099511627776, 1099511627776], allowed is [40, 16]"), "{huge}");
    let outside = refusal(|graph| {
        let tensor = tensor(graph, words);
        tensor.data_location = super::proto::EXTERNAL;
        let entry = |key: &str, value: &str| Entry { key: key.into(), value: value.into() };
        tensor.external_data = vec![entry("location", "config.json"), entry("length", "2560")];
    });
    assert!(outside.contains("its 2560 bytes from 0 on are not in config.json, which has"), "{outside}");
    let out = refusal(|graph| {
        let tensor = tensor(graph, words);
        tensor.data_location = super::proto::EXTERNAL;
        tensor.external_data = vec![Entry { key: "location".into(), value: "../../etc/passwd".into() }];
    });
    assert!(
        out.contains(&format!("tensor {words}: its data is in \"../../etc/passwd\", allowed are files in")),
        "{out}"
    );
}
