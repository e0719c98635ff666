//! ONNX models as Protocol Buffers: the few messages that a chain of steps needs.
//!
//! Field numbers are those of `onnx.proto3`, IR version 8, operator set 17. Lists of numbers are written unpacked, as rten 0.27
//! reads no packed ones.

use prost::Message;

use super::{Affine, Operation};
use crate::weights::TensorValues;

/// `onnx.proto3`: version of the file format.
const IR_VERSION: i64 = 8;
/// `onnx.proto3`: version of the operators.
const OPERATOR_SET: i64 = 17;
/// `TensorProto.DataType.FLOAT`.
const FLOAT: i32 = 1;
/// `AttributeProto.AttributeType`: `INT` and `INTS`.
const INT_ATTRIBUTE: i32 = 2;
const INTS_ATTRIBUTE: i32 = 7;

#[derive(Clone, PartialEq, Message)]
struct Model {
    #[prost(int64, tag = "1")]
    ir_version: i64,
    #[prost(string, tag = "2")]
    producer_name: String,
    #[prost(message, optional, tag = "7")]
    graph: Option<Graph>,
    #[prost(message, repeated, tag = "8")]
    opset_import: Vec<OperatorSet>,
}

#[derive(Clone, PartialEq, Message)]
struct OperatorSet {
    #[prost(string, tag = "1")]
    domain: String,
    #[prost(int64, tag = "2")]
    version: i64,
}

#[derive(Clone, PartialEq, Message)]
struct Graph {
    #[prost(message, repeated, tag = "1")]
    node: Vec<Node>,
    #[prost(string, tag = "2")]
    name: String,
    #[prost(message, repeated, tag = "5")]
    initializer: Vec<Tensor>,
    #[prost(message, repeated, tag = "11")]
    input: Vec<ValueInfo>,
    #[prost(message, repeated, tag = "12")]
    output: Vec<ValueInfo>,
}

#[derive(Clone, PartialEq, Message)]
struct Node {
    #[prost(string, repeated, tag = "1")]
    input: Vec<String>,
    #[prost(string, repeated, tag = "2")]
    output: Vec<String>,
    #[prost(string, tag = "3")]
    name: String,
    #[prost(string, tag = "4")]
    op_type: String,
    #[prost(message, repeated, tag = "5")]
    attribute: Vec<Attribute>,
}

#[derive(Clone, PartialEq, Message)]
struct Attribute {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(int64, tag = "3")]
    i: i64,
    #[prost(int64, repeated, packed = "false", tag = "8")]
    ints: Vec<i64>,
    #[prost(int32, tag = "20")]
    kind: i32,
}

#[derive(Clone, PartialEq, Message)]
struct Tensor {
    #[prost(int64, repeated, packed = "false", tag = "1")]
    dims: Vec<i64>,
    #[prost(int32, tag = "2")]
    data_type: i32,
    #[prost(string, tag = "8")]
    name: String,
    #[prost(bytes = "vec", tag = "9")]
    raw_data: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
struct ValueInfo {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(message, optional, tag = "2")]
    kind: Option<TypeInfo>,
}

#[derive(Clone, PartialEq, Message)]
struct TypeInfo {
    #[prost(message, optional, tag = "1")]
    tensor: Option<TensorType>,
}

#[derive(Clone, PartialEq, Message)]
struct TensorType {
    #[prost(int32, tag = "1")]
    elem_type: i32,
}

/// The bytes of a model with the input `pictures` and the output `logits`.
pub(super) fn encode(operations: &[Operation]) -> Vec<u8> {
    let mut builder = Builder { graph: Graph { name: "net".into(), ..Graph::default() }, last: "pictures".into() };
    builder.graph.input.push(value_info("pictures"));
    operations.iter().for_each(|operation| builder.add(operation));
    builder.graph.output.push(value_info(&builder.last));
    let model = Model {
        ir_version: IR_VERSION,
        producer_name: "smielfy".into(),
        graph: Some(builder.graph),
        opset_import: vec![OperatorSet { domain: String::new(), version: OPERATOR_SET }],
    };
    model.encode_to_vec()
}

/// A graph that grows at its end.
struct Builder {
    graph: Graph,
    /// Name of the newest value.
    last: String,
}

impl Builder {
    fn add(&mut self, operation: &Operation) {
        match operation {
            Operation::Relu => self.node("Relu", vec![], vec![]),
            Operation::Flatten => self.node("Flatten", vec![], vec![]),
            Operation::MaxPool => self.node("MaxPool", vec![], vec![ints("kernel_shape", &[2, 2]), ints("strides", &[2, 2])]),
            Operation::Conv { weight, bias, around, stride } => {
                let constants = vec![self.tensor(weight), self.vector(bias)];
                let (around, stride) = (*around as i64, *stride as i64);
                let pads = ints("pads", &[around; 4]);
                self.node("Conv", constants, vec![pads, ints("strides", &[stride; 2]), ints("dilations", &[1, 1])]);
            }
            Operation::Dense { weight, bias } => {
                let constants = vec![self.tensor(weight), self.vector(bias)];
                self.node("Gemm", constants, vec![int("transB", 1)]);
            }
            Operation::Affine(affine) => self.affine(affine),
        }
    }

    fn affine(&mut self, affine: &Affine) {
        let channels = affine.scale.len();
        let shape = if affine.on_vectors { vec![1, channels] } else { vec![1, channels, 1, 1] };
        let constant = |values: &Vec<f32>| TensorValues { shape: shape.clone(), values: values.clone() };
        let (scale, shift) = (constant(&affine.scale), constant(&affine.shift));
        let scale = self.tensor(&scale);
        self.node("Mul", vec![scale], vec![]);
        let shift = self.tensor(&shift);
        self.node("Add", vec![shift], vec![]);
    }

    /// Appends a node that takes the newest value and `constants`.
    fn node(&mut self, op_type: &str, constants: Vec<String>, attribute: Vec<Attribute>) {
        let output = format!("value{}", self.graph.node.len() + 1);
        let input = std::iter::once(std::mem::replace(&mut self.last, output.clone())).chain(constants).collect();
        let name = format!("node{}", self.graph.node.len() + 1);
        self.graph.node.push(Node { input, output: vec![output], name, op_type: op_type.into(), attribute });
    }

    fn vector(&mut self, values: &[f32]) -> String {
        self.tensor(&TensorValues { shape: vec![values.len()], values: values.to_vec() })
    }

    /// Adds a constant and gives its name.
    fn tensor(&mut self, tensor: &TensorValues) -> String {
        let name = format!("constant{}", self.graph.initializer.len() + 1);
        let dims = tensor.shape.iter().map(|extent| *extent as i64).collect();
        let raw_data = tensor.values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.graph.initializer.push(Tensor { dims, data_type: FLOAT, name: name.clone(), raw_data });
        name
    }
}

fn int(name: &str, value: i64) -> Attribute {
    Attribute { name: name.into(), i: value, ints: vec![], kind: INT_ATTRIBUTE }
}

fn ints(name: &str, values: &[i64]) -> Attribute {
    Attribute { name: name.into(), i: 0, ints: values.to_vec(), kind: INTS_ATTRIBUTE }
}

fn value_info(name: &str) -> ValueInfo {
    ValueInfo { name: name.into(), kind: Some(TypeInfo { tensor: Some(TensorType { elem_type: FLOAT }) }) }
}
