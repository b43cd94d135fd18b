//! The graph of an ONNX file, looked at for the weights of linear layers.
//!
//! Exporters keep the names of embeddings, biases and normalisations. The matrix of a linear layer mostly becomes a
//! transposed tensor without a name, so a layer is found by what its product is added to.

use std::collections::{HashMap, HashSet};

use super::proto::{Graph, Node, Tensor};

/// How many nodes a walk follows that pass a value on; a graph with a circle ends it too.
const STEPS: usize = 16;

/// A tensor that stands behind a value.
#[derive(Clone, Copy)]
pub(crate) struct Constant<'a> {
    pub(crate) tensor: &'a Tensor,
    /// Whether the value is the tensor with rows and columns exchanged.
    pub(crate) transposed: bool,
}

/// A product with a constant matrix, and the constant that is added to it.
pub(crate) struct Linear {
    /// The value that holds the matrix.
    pub(crate) matrix: String,
    /// Whether that value has a row for each output, not one for each input.
    pub(crate) rows_are_outputs: bool,
    /// The value that holds the bias.
    pub(crate) bias: String,
    /// The exporter's note which module the product belongs to; may be empty.
    scopes: String,
}

/// A file's nodes and tensors by their names.
pub(crate) struct Index {
    nodes: Vec<Node>,
    tensors: HashMap<String, Tensor>,
    /// The node that makes a value.
    makers: HashMap<String, usize>,
    /// The nodes that read a value.
    readers: HashMap<String, Vec<usize>>,
    outputs: HashSet<String>,
}

impl Index {
    /// # Errors
    /// Says which name stands for two things.
    pub(crate) fn new(graph: Graph) -> Result<Self, String> {
        let outputs = graph.outputs.into_iter().map(|output| output.name).collect();
        let mut index = Self {
            nodes: graph.nodes,
            tensors: HashMap::new(),
            makers: HashMap::new(),
            readers: HashMap::new(),
            outputs,
        };
        for tensor in graph.initializers {
            index.add(tensor.name.clone(), tensor)?;
        }
        for at in 0..index.nodes.len() {
            if let Some((name, tensor)) = constant_node(&mut index.nodes[at]) {
                index.add(name, tensor)?;
            }
        }
        for (at, node) in index.nodes.iter().enumerate() {
            for input in node.inputs.iter().filter(|name| !name.is_empty()) {
                index.readers.entry(input.clone()).or_default().push(at);
            }
            for output in node.outputs.iter().filter(|name| !name.is_empty()) {
                let twice = index.makers.insert(output.clone(), at).is_some();
                if twice || (node.operator != "Constant" && index.tensors.contains_key(output)) {
                    return Err(format!("two values are named {output}"));
                }
            }
        }
        Ok(index)
    }

    fn add(&mut self, name: String, tensor: Tensor) -> Result<(), String> {
        match self.tensors.insert(name, tensor) {
            Some(other) => Err(format!("two tensors are named {}", other.name)),
            None => Ok(()),
        }
    }

    pub(crate) fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// All tensors, those of `Constant` nodes too.
    pub(crate) fn tensors(&self) -> impl Iterator<Item = &Tensor> {
        self.tensors.values()
    }

    /// Whether the graph makes this value for its caller.
    pub(crate) fn has_output(&self, name: &str) -> bool {
        self.outputs.contains(name)
    }

    /// The names of all tensors and of all values that nodes pass on from one.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        let copies = self.nodes.iter().filter(|node| node.operator == "Identity").flat_map(|node| &node.outputs);
        self.tensors.keys().chain(copies).map(String::as_str)
    }

    /// The tensor behind a value: itself, or what nodes make of it that only rename, round or transpose.
    pub(crate) fn constant(&self, value: &str) -> Option<Constant<'_>> {
        let mut transposed = false;
        for name in self.chain(value) {
            if let Some(tensor) = self.tensors.get(name) {
                return Some(Constant { tensor, transposed });
            }
            let maker = &self.nodes[*self.makers.get(name)?];
            transposed ^= maker.operator == "Transpose" && exchanges(maker) == Some(true);
        }
        None
    }

    /// A value, then the value it was made from without a change of its numbers, and so on.
    fn chain<'a>(&'a self, value: &'a str) -> impl Iterator<Item = &'a str> {
        let before = |name: &&'a str| {
            let node = &self.nodes[*self.makers.get(*name)?];
            let same = match node.operator.as_str() {
                "Identity" => true,
                // To FLOAT, FLOAT16 or BFLOAT16.
                "Cast" => matches!(node.int("to", 0), 1 | 10 | 16),
                "Transpose" => exchanges(node).is_some(),
                _ => false,
            };
            node.inputs.first().map(String::as_str).filter(|_| same)
        };
        std::iter::successors(Some(value), before).take(STEPS)
    }

    /// All linear layers of the graph.
    pub(crate) fn linears(&self) -> Vec<Linear> {
        self.nodes.iter().filter_map(|node| self.linear(node)).collect()
    }

    fn linear(&self, node: &Node) -> Option<Linear> {
        let (matrix, rows_are_outputs) = match (node.operator.as_str(), node.inputs.as_slice()) {
            ("MatMul", [_, matrix]) => (matrix, false),
            ("Gemm", [_, matrix] | [_, matrix, _]) => {
                let plain = |name| (node.float(name, 1.0) - 1.0).abs() < f32::EPSILON;
                if node.int("transA", 0) != 0 || !plain("alpha") || !plain("beta") {
                    return None;
                }
                (matrix, node.int("transB", 0) != 0)
            }
            _ => return None,
        };
        self.constant(matrix)?;
        let bias = match node.inputs.get(2) {
            Some(bias) if !bias.is_empty() => bias.clone(),
            _ => self.added(node.outputs.first()?)?,
        };
        self.constant(&bias)?;
        Some(Linear { matrix: matrix.clone(), rows_are_outputs, bias, scopes: scopes(node) })
    }

    /// The constant that the only reader of a value adds to it.
    fn added(&self, value: &str) -> Option<String> {
        let mut name = value;
        for _ in 0..STEPS {
            let [reader] = self.readers.get(name)?.as_slice() else { return None };
            let node = &self.nodes[*reader];
            match (node.operator.as_str(), node.inputs.as_slice()) {
                ("Add", [a, b]) => return Some(if a == name { b } else { a }.clone()),
                ("Identity" | "Cast" | "Reshape", [first, ..]) if first == name => name = node.outputs.first()?,
                _ => return None,
            }
        }
        None
    }

    /// The linear layer `name` among `all`: the one with its bias; if exporters gave equal tensors one name, the one with
    /// its matrix, or the one that they noted it to be.
    pub(crate) fn find<'a>(&self, all: &'a [Linear], name: &str) -> Option<&'a Linear> {
        let (bias, matrix) = (format!("{name}.bias"), format!("{name}.weight"));
        let signs: [&dyn Fn(&Linear) -> bool; 4] = [
            &|linear| linear.bias == bias,
            &|linear| self.chain(&linear.matrix).any(|value| value == matrix),
            &|linear| is_in(&linear.scopes, name),
            &|linear| self.chain(&linear.bias).any(|value| value == bias),
        ];
        signs.into_iter().find_map(|sign| {
            let mut found = all.iter().filter(|linear| sign(linear));
            found.next().filter(|_| found.next().is_none())
        })
    }

    /// The value of `name`, scale or shift of a normalisation that exporters noted to be that; if equal tensors got one
    /// name, it is not there under its own.
    pub(crate) fn noted(&self, name: &str) -> Option<&str> {
        let (module, part) = name.rsplit_once('.')?;
        let input = if part == "weight" { 1 } else { 2 };
        let norms = self.nodes.iter().filter(|node| node.operator == "LayerNormalization");
        let mut found = norms.filter(|node| is_in(&scopes(node), module));
        let node = found.next().filter(|_| found.next().is_none())?;
        node.inputs.get(input).map(String::as_str)
    }
}

/// The name and the tensor of a `Constant` node of floats, which is taken out of the node.
fn constant_node(node: &mut Node) -> Option<(String, Tensor)> {
    if node.operator != "Constant" {
        return None;
    }
    let name = node.outputs.first()?.clone();
    let value =
        node.attributes.iter_mut().find(|attribute| ["value", "value_floats"].contains(&attribute.name.as_str()))?;
    let tensor = match value.tensor.take() {
        Some(tensor) => Tensor { name: name.clone(), ..tensor },
        None if value.name == "value_floats" => {
            let float_data = std::mem::take(&mut value.floats);
            let dims = vec![i64::try_from(float_data.len()).ok()?];
            Tensor { name: name.clone(), data_type: 1, dims, float_data, ..Tensor::default() }
        }
        None => return None,
    };
    Some((name, tensor))
}

/// Whether a `Transpose` exchanges the two sides of a matrix; `None` if it may be about something else.
fn exchanges(node: &Node) -> Option<bool> {
    match node.attribute("perm").map(|perm| perm.ints.as_slice()) {
        None | Some([1, 0]) => Some(true),
        Some([0, 1]) => Some(false),
        Some(_) => None,
    }
}

/// The modules that a node belongs to, as the exporter of torch notes them: a list of names in quotes.
fn scopes(node: &Node) -> String {
    let noted = node.metadata.iter().find(|entry| entry.key == "pkg.torch.onnx.name_scopes");
    noted.map(|entry| entry.value.clone()).unwrap_or_default()
}

fn is_in(scopes: &str, module: &str) -> bool {
    scopes.contains(&format!("'{module}'"))
}
