//! The packed form of a head kit: one safetensors file.
//!
//! | tensor | type, shape | what |
//! |---|---|---|
//! | `neutral` | f32 `[V, 3]` | vertices of the mean head, in centimeters; x to the person's left, y up, z forward |
//! | `identity` | f16 `[60, V, 3]` | offsets of each mode of identity at one standard deviation |
//! | `expression` | f16 `[57, V, 3]` | offsets of each blendshape at weight 1; names in the metadata, `expression_names` |
//! | `triangles` | i32 `[T, 3]` | vertices of each triangle |
//! | `triangle_material` | u8 `[T]` | index into `material_names` of the metadata |

use std::path::Path;

use safetensors::{SafeTensors, tensor::Dtype};

use super::KitError;

/// Offsets of all vertices, `[V, 3]`.
pub(super) type Offsets = Vec<[f32; 3]>;

/// What a packed kit holds.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct KitFile {
    /// Vertices of the mean head.
    pub neutral: Offsets,
    /// Modes of identity.
    pub identity: Vec<Offsets>,
    /// Blendshapes with their names.
    pub expression: Vec<(String, Offsets)>,
    /// Triangles with the names of their materials.
    pub triangles: Vec<([u32; 3], u8)>,
    /// Names of the materials.
    pub materials: Vec<String>,
}

impl KitFile {
    /// Reads the bytes of the file at `path`, which errors name.
    pub(super) fn from_bytes(bytes: &[u8], path: &Path) -> Result<Self, KitError> {
        let damaged = |why: String| KitError::Damaged { path: path.to_owned(), why };
        let wrong = |error: safetensors::SafeTensorError| damaged(error.to_string());
        let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(wrong)?;
        let names = |key: &str| -> Result<Vec<String>, KitError> {
            let text = metadata.metadata().as_ref().and_then(|entries| entries.get(key));
            let text = text.ok_or_else(|| damaged(format!("its metadata have no `{key}`")))?;
            serde_json::from_str(text).map_err(|error| damaged(format!("`{key}`: {error}")))
        };
        let tensors = SafeTensors::deserialize(bytes).map_err(wrong)?;
        let floats = |name: &str| -> Result<Vec<f32>, KitError> {
            let tensor = tensors.tensor(name).map_err(wrong)?;
            match tensor.dtype() {
                Dtype::F32 => Ok(tensor.data().as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()),
                Dtype::F16 => {
                    Ok(tensor.data().as_chunks().0.iter().map(|bytes| half_to_float(u16::from_le_bytes(*bytes))).collect())
                }
                other => Err(damaged(format!("tensor `{name}` is of type {other:?} and not of f32 or f16"))),
            }
        };
        let bytes_of = |name: &str, dtype: Dtype| -> Result<Vec<u8>, KitError> {
            let tensor = tensors.tensor(name).map_err(wrong)?;
            if tensor.dtype() != dtype {
                return Err(damaged(format!("tensor `{name}` is of type {:?} and not of {dtype:?}", tensor.dtype())));
            }
            Ok(tensor.data().to_vec())
        };
        let neutral = triples(&floats("neutral")?);
        let stacks = |name: &str| -> Result<Vec<Offsets>, KitError> {
            let all = floats(name)?;
            if neutral.is_empty() || all.len() % (3 * neutral.len()) != 0 {
                return Err(damaged(format!("tensor `{name}` does not fit {} vertices", neutral.len())));
            }
            Ok(all.chunks_exact(3 * neutral.len()).map(triples).collect())
        };
        let expression_names = names("expression_names")?;
        let shapes = stacks("expression")?;
        if shapes.len() != expression_names.len() {
            return Err(damaged(format!("{} blendshapes have {} names", shapes.len(), expression_names.len())));
        }
        let corners = bytes_of("triangles", Dtype::I32)?;
        let corners: Vec<u32> = corners.as_chunks().0.iter().map(|bytes| u32::from_le_bytes(*bytes)).collect();
        let materials_of = bytes_of("triangle_material", Dtype::U8)?;
        let materials = names("material_names")?;
        let (corners, rest) = corners.as_chunks::<3>();
        let whole = rest.is_empty() && corners.len() == materials_of.len();
        let known = corners.iter().flatten().all(|vertex| (*vertex as usize) < neutral.len())
            && materials_of.iter().all(|material| usize::from(*material) < materials.len());
        if !whole || !known {
            return Err(damaged("its triangles name vertices or materials that it does not have".into()));
        }
        Ok(Self {
            identity: stacks("identity")?,
            expression: expression_names.into_iter().zip(shapes).collect(),
            triangles: corners.iter().copied().zip(materials_of).collect(),
            materials,
            neutral,
        })
    }
}

fn triples(values: &[f32]) -> Offsets {
    values.as_chunks().0.to_vec()
}

/// The value of an IEEE 754 half-precision number.
fn half_to_float(bits: u16) -> f32 {
    let (sign, exponent, fraction) = (bits >> 15, (bits >> 10) & 31, bits & 0x3ff);
    let size = match exponent {
        0 => f32::from(fraction) * 2f32.powi(-24),
        31 if fraction == 0 => f32::INFINITY,
        31 => f32::NAN,
        _ => (1.0 + f32::from(fraction) / 1024.0) * 2f32.powi(i32::from(exponent) - 15),
    };
    if sign == 1 { -size } else { size }
}
