//! Weight files: safetensors with a card in the metadata.
//!
//! Bytes go in, checked tensors and a [`Card`] come out. A file states what it is (spec, labels, normalization, recipe, data,
//! sources seen, metrics), and loading checks that its tensors are the ones that its spec asks for.

use std::collections::{BTreeMap, HashMap};

use half::f16;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{NetError, spec::NetSpec};

/// Key of the card in the metadata of the safetensors file.
const CARD_KEY: &str = "smielfy.card";

/// How a pixel value becomes an input of the net: `(value - mean) / scale`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Normalization {
    /// Subtracted first, in pixel values `0..=255`.
    pub mean: f32,
    /// Divided by then.
    pub scale: f32,
}

impl Default for Normalization {
    /// The middle of the range of a pixel, and about the standard deviation of a natural picture, so that inputs have a
    /// mean near 0 and a variance near 1.
    fn default() -> Self {
        Self { mean: 127.5, scale: 64.0 }
    }
}

/// What a weight file says of itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Card {
    /// Name with version, such as `smiley48-v1`.
    pub name: String,
    /// The net.
    pub spec: NetSpec,
    /// Name of each output, in order.
    pub labels: Vec<String>,
    /// How pixels become inputs.
    pub normalization: Normalization,
    /// Sharpens the vote (below 1) or flattens it (above 1), so that shares mean what they say: its shares are raised to the power
    /// of `1 / temperature` (Guo et al. 2017). 1 changes nothing.
    #[serde(default = "unit_temperature")]
    pub temperature: f32,
    /// Added to the logarithms of the vote's shares behind the temperature, one a class, so that classes are named as often as they
    /// occur; empty for nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub biases: Vec<f32>,
    /// Share of the vote, `0..=1`, below which the answer shall be "cannot tell".
    #[serde(default = "half")]
    pub floor: f32,
    /// The recipe as TOML, with every default written out.
    pub recipe: String,
    /// Hash of each dataset's manifest, by folder name.
    pub data: BTreeMap<String, String>,
    /// Sources of pictures seen in training.
    pub sources: Vec<String>,
    /// Measured figures by name, such as `valid.top1`.
    pub metrics: BTreeMap<String, f64>,
    /// Terms of use.
    pub license: String,
}

fn unit_temperature() -> f32 {
    1.0
}

fn half() -> f32 {
    0.5
}

/// A tensor's values with their shape.
#[derive(Debug, Clone, PartialEq)]
pub struct TensorValues {
    /// Extents, outermost first.
    pub shape: Vec<usize>,
    /// Values in row-major order.
    pub values: Vec<f32>,
}

/// A net's card and tensors.
#[derive(Debug, Clone, PartialEq)]
pub struct Weights {
    /// What the file says of itself.
    pub card: Card,
    /// Tensors by the names that [`NetSpec::tensors`] gives.
    pub tensors: BTreeMap<String, TensorValues>,
}

impl Weights {
    /// Reads a weight file and checks it.
    ///
    /// # Errors
    /// [`NetError::Weights`] if the bytes are no safetensors file, have no card, or hold other tensors than the spec asks for.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, NetError> {
        let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(not_safetensors)?;
        let card = metadata.metadata().as_ref().and_then(|entries| entries.get(CARD_KEY));
        let card = card.ok_or_else(|| NetError::Weights("the file has no smielfy card".into()))?;
        let card: Card = serde_json::from_str(card).map_err(|error| NetError::Weights(format!("damaged card: {error}")))?;
        let file = SafeTensors::deserialize(bytes).map_err(not_safetensors)?;
        let mut tensors = BTreeMap::new();
        for (name, view) in file.tensors() {
            tensors.insert(name.clone(), read_tensor(&name, &view)?);
        }
        let weights = Self { card, tensors };
        weights.check()?;
        Ok(weights)
    }

    /// The bytes of a weight file; the same weights give the same bytes. Kernels are rounded to half floats, which halves the file: of 965
    /// faces all were named as before, with shares that differ by .0006 at most (`smiley48-v4`, `eval smileys`).
    ///
    /// # Errors
    /// [`NetError::Weights`] if the tensors do not fit the spec or hold more than half floats can.
    pub fn to_bytes(&self) -> Result<Vec<u8>, NetError> {
        self.check()?;
        let raw = self.tensors.iter().map(|(name, tensor)| Ok((name, write_tensor(name, tensor)?)));
        let raw: Vec<(&String, (Dtype, Vec<u8>))> = raw.collect::<Result<_, NetError>>()?;
        let views = raw.iter().map(|(name, (dtype, bytes))| {
            let view = TensorView::new(*dtype, self.tensors[*name].shape.clone(), bytes).map_err(not_safetensors)?;
            Ok(((*name).clone(), view))
        });
        let views: Vec<(String, TensorView<'_>)> = views.collect::<Result<_, NetError>>()?;
        let card = serde_json::to_string(&self.card).map_err(|error| NetError::Weights(error.to_string()))?;
        let metadata = HashMap::from([(CARD_KEY.to_owned(), card)]);
        safetensors::serialize(views, Some(metadata)).map_err(not_safetensors)
    }

    /// SHA-256 over names, shapes and values, as hexadecimal digits: equal for equal tensors whatever the card says.
    pub fn tensor_hash(&self) -> String {
        let mut hasher = Sha256::new();
        for (name, tensor) in &self.tensors {
            hasher.update(name.as_bytes());
            tensor.shape.iter().for_each(|extent| hasher.update((*extent as u64).to_le_bytes()));
            hasher.update(little_endian(tensor));
        }
        hasher.finalize().iter().fold(String::new(), |digits, byte| digits + &format!("{byte:02x}"))
    }

    /// The tensor `name`.
    ///
    /// # Panics
    /// If the spec has no such tensor: weights are checked when they are made.
    pub(crate) fn tensor(&self, name: &str) -> &TensorValues {
        self.tensors.get(name).unwrap_or_else(|| panic!("the spec has no tensor `{name}`"))
    }

    fn check(&self) -> Result<(), NetError> {
        let wrong = |why: String| Err(NetError::Weights(format!("{}: {why}", self.card.name)));
        let expected = self.card.spec.tensors()?;
        for tensor in &expected {
            let Some(found) = self.tensors.get(&tensor.name) else {
                return wrong(format!("tensor `{}` is missing", tensor.name));
            };
            if found.shape != tensor.shape {
                return wrong(format!("tensor `{}` has shape {:?}, not {:?}", tensor.name, found.shape, tensor.shape));
            }
            if found.values.iter().any(|value| !value.is_finite()) {
                return wrong(format!("tensor `{}` holds values that are no numbers", tensor.name));
            }
        }
        if self.tensors.len() != expected.len() {
            return wrong(format!("{} tensors instead of {}", self.tensors.len(), expected.len()));
        }
        let outputs = self.card.spec.outputs()?;
        if self.card.labels.len() != outputs {
            return wrong(format!("{} labels for {outputs} outputs", self.card.labels.len()));
        }
        Ok(())
    }
}

fn not_safetensors(error: impl std::fmt::Display) -> NetError {
    NetError::Weights(format!("no safetensors file: {error}"))
}

fn read_tensor(name: &str, view: &TensorView<'_>) -> Result<TensorValues, NetError> {
    let values = match view.dtype() {
        Dtype::F32 => view.data().as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect(),
        Dtype::F16 => view.data().as_chunks().0.iter().map(|bytes| f16::from_le_bytes(*bytes).to_f32()).collect(),
        other => return Err(NetError::Weights(format!("tensor `{name}` is {other:?}, not F32 or F16"))),
    };
    Ok(TensorValues { shape: view.shape().to_vec(), values })
}

/// Kernels as half floats, biases and what norms hold as they are: those are few, and a variance may be tiny.
fn write_tensor(name: &str, tensor: &TensorValues) -> Result<(Dtype, Vec<u8>), NetError> {
    if tensor.shape.len() < 2 {
        return Ok((Dtype::F32, little_endian(tensor)));
    }
    let halves: Vec<f16> = tensor.values.iter().map(|value| f16::from_f32(*value)).collect();
    if halves.iter().any(|half| !half.is_finite()) {
        return Err(NetError::Weights(format!("tensor `{name}` holds values beyond those of half floats")));
    }
    Ok((Dtype::F16, halves.iter().flat_map(|half| half.to_le_bytes()).collect()))
}

fn little_endian(tensor: &TensorValues) -> Vec<u8> {
    tensor.values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::random_weights;

    #[test]
    fn a_file_reads_as_written() {
        let weights = random_weights(&NetSpec::article(), 1);
        let bytes = weights.to_bytes().unwrap();
        assert_eq!(bytes, weights.to_bytes().unwrap(), "the same weights give the same bytes");
        let read = Weights::from_bytes(&bytes).unwrap();
        assert_eq!(read.card, weights.card);
        for (name, tensor) in &weights.tensors {
            let (found, precision) = (read.tensor(name), if tensor.shape.len() > 1 { 1e-3 } else { 0.0 });
            let near = |(a, b): (&f32, &f32)| (a - b).abs() <= precision * b.abs().max(1e-4);
            assert!(found.shape == tensor.shape && found.values.iter().zip(&tensor.values).all(near), "{name}");
        }
        let again = Weights::from_bytes(&read.to_bytes().unwrap()).unwrap();
        assert_eq!((again.tensor_hash(), &again), (read.tensor_hash(), &read), "what was rounded stays as it is");
    }

    #[test]
    fn what_does_not_fit_the_spec_is_refused() {
        let good = random_weights(&NetSpec::article(), 1);
        let refusal = |change: fn(&mut Weights)| {
            let mut weights = good.clone();
            change(&mut weights);
            weights.to_bytes().unwrap_err().to_string()
        };
        assert!(refusal(|w| drop(w.tensors.remove("dense1.bias"))).contains("`dense1.bias` is missing"));
        assert!(refusal(|w| drop(w.card.labels.pop())).contains("16 labels for 17 outputs"));
        assert!(refusal(|w| w.tensors.get_mut("conv1.bias").unwrap().values[0] = f32::NAN).contains("no numbers"));
        assert!(refusal(|w| w.tensors.get_mut("conv1.weight").unwrap().values[0] = 7e4).contains("beyond those of half floats"));
        assert!(refusal(|w| w.tensors.get_mut("conv1.bias").unwrap().shape = vec![2, 32]).contains("has shape [2, 32]"));
    }

    proptest! {
        #[test]
        fn damaged_files_are_refused_without_a_panic(cut in 0usize..3000, at in 0usize..3000, value: u8) {
            let spec = NetSpec { input: 4, blocks: vec![crate::Block::Dense { units: 2 }] };
            let mut bytes = random_weights(&spec, 2).to_bytes().unwrap();
            let end = bytes.len() - 1;
            bytes[at.min(end)] = value;
            let _ = Weights::from_bytes(&bytes);
            prop_assert!(Weights::from_bytes(&bytes[..cut.min(end)]).is_err());
        }
    }
}
