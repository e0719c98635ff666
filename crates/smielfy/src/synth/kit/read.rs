//! The bytes of a packed kit become a [`KitFile`], with everything checked on the way.

use half::{f16, slice::HalfBitsSliceExt, slice::HalfFloatSliceExt};
use rayon::prelude::*;
use safetensors::{
    SafeTensors,
    tensor::{Dtype, Metadata},
};
use serde::de::DeserializeOwned;

use super::{
    file::{KitFile, Offsets},
    landmarks::LANDMARKS,
};

/// Place of the brace that opens the header of a safetensors file, behind its length.
const BRACE_AT: usize = 8;

/// The kit of a file's bytes, or in words what is wrong with them.
pub(super) fn read(bytes: &[u8]) -> Result<KitFile, String> {
    if bytes.get(BRACE_AT) != Some(&b'{') {
        return Err("it is no safetensors file".into());
    }
    let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(in_words)?;
    let tensors = SafeTensors::deserialize(bytes).map_err(in_words)?;
    let reader = Reader { tensors, metadata };
    let neutral = reader.neutral()?;
    let materials: Vec<String> = reader.entry("material_names")?;
    Ok(KitFile {
        identity: reader.stack("identity", neutral.len())?,
        expression: reader.expression(neutral.len())?,
        triangles: reader.triangles(neutral.len(), materials.len())?,
        landmarks: reader.landmarks()?,
        source: reader.text("source").cloned().unwrap_or_default(),
        materials,
        neutral,
    })
}

/// Reads parts of the file; errors say in words what is wrong.
struct Reader<'a> {
    tensors: SafeTensors<'a>,
    metadata: Metadata,
}

impl Reader<'_> {
    fn text(&self, key: &str) -> Option<&String> {
        self.metadata.metadata().as_ref().and_then(|entries| entries.get(key))
    }

    fn entry<T: DeserializeOwned>(&self, key: &str) -> Result<T, String> {
        let text = self.text(key).ok_or_else(|| format!("its metadata have no `{key}`"))?;
        serde_json::from_str(text).map_err(|error| format!("`{key}`: {error}"))
    }

    fn landmarks(&self) -> Result<[u32; 68], String> {
        if self.text("landmarks").is_none() {
            return Ok(LANDMARKS);
        }
        let list: Vec<u32> = self.entry("landmarks")?;
        list.as_slice().try_into().map_err(|_| format!("it has {} landmarks and not 68", list.len()))
    }

    fn tensor(&self, name: &str, dtype: Dtype) -> Result<&[u8], String> {
        let tensor = self.tensors.tensor(name).map_err(in_words)?;
        if tensor.dtype() != dtype {
            return Err(format!("tensor `{name}` is of type {:?} and not of {dtype:?}", tensor.dtype()));
        }
        Ok(tensor.data())
    }

    fn neutral(&self) -> Result<Offsets, String> {
        let (values, _) = self.tensor("neutral", Dtype::F32)?.as_chunks();
        let values: Vec<f32> = values.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
        let (vertices, rest) = values.as_chunks();
        if vertices.is_empty() || !rest.is_empty() {
            return Err("tensor `neutral` is no list of vertices".into());
        }
        all_finite("neutral", vertices)?;
        Ok(vertices.to_vec())
    }

    /// Offsets of `vertices` vertices each, from half-precision numbers.
    fn stack(&self, name: &str, vertices: usize) -> Result<Vec<Offsets>, String> {
        let data = self.tensor(name, Dtype::F16)?;
        let layer = vertices * 3 * size_of::<f16>();
        if data.len() % layer != 0 {
            return Err(format!("tensor `{name}` does not fit {vertices} vertices"));
        }
        let layers = data.par_chunks_exact(layer).map(|data| {
            let offsets = floats(data);
            all_finite(name, &offsets).map(|()| offsets)
        });
        layers.collect()
    }

    fn expression(&self, vertices: usize) -> Result<Vec<(String, Offsets)>, String> {
        let names: Vec<String> = self.entry("expression_names")?;
        let shapes = self.stack("expression", vertices)?;
        if shapes.len() != names.len() {
            return Err(format!("{} blendshapes have {} names", shapes.len(), names.len()));
        }
        Ok(names.into_iter().zip(shapes).collect())
    }

    fn triangles(&self, vertices: usize, materials: usize) -> Result<Vec<([u32; 3], u8)>, String> {
        let (corners, _) = self.tensor("triangles", Dtype::I32)?.as_chunks();
        let corners: Vec<u32> = corners.iter().map(|bytes| u32::from_le_bytes(*bytes)).collect();
        let (corners, rest) = corners.as_chunks::<3>();
        let materials_of = self.tensor("triangle_material", Dtype::U8)?;
        let whole = rest.is_empty() && corners.len() == materials_of.len();
        let known = corners.as_flattened().iter().all(|vertex| (*vertex as usize) < vertices)
            && materials_of.iter().all(|material| usize::from(*material) < materials);
        if !whole || !known {
            return Err("its triangles name vertices or materials that it does not have".into());
        }
        Ok(corners.iter().copied().zip(materials_of.iter().copied()).collect())
    }
}

fn in_words(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn all_finite(name: &str, values: &[[f32; 3]]) -> Result<(), String> {
    if values.as_flattened().iter().all(|value| value.is_finite()) {
        Ok(())
    } else {
        Err(format!("tensor `{name}` holds values that are no numbers"))
    }
}

/// The values of little-endian half-precision numbers, in threes.
pub(super) fn floats(data: &[u8]) -> Offsets {
    let bits: Vec<u16> = data.as_chunks().0.iter().map(|bytes| u16::from_le_bytes(*bytes)).collect();
    let mut values = vec![[0.0; 3]; bits.len() / 3];
    bits.reinterpret_cast::<f16>().convert_to_f32_slice(values.as_flattened_mut());
    values
}
