//! The packed form of a head kit: one safetensors file.
//!
//! | tensor | type, shape | what |
//! |---|---|---|
//! | `neutral` | f32 `[V, 3]` | vertices of the mean head, in centimeters; x to the person's left, y up, z forward |
//! | `identity` | f16 `[60, V, 3]` | offsets of each mode of identity at one standard deviation |
//! | `expression` | f16 `[57, V, 3]` | offsets of each blendshape at weight 1; names in the metadata, `expression_names` |
//! | `triangles` | i32 `[T, 3]` | vertices of each triangle |
//! | `triangle_material` | u8 `[T]` | index into `material_names` of the metadata |
//!
//! The metadata's `landmarks` are the vertices of the 68 landmarks; without them they are those of ICT-FaceKit. Its `source`
//! says where the kit comes from and under which license.

use std::{collections::HashMap, path::Path};

use half::{f16, slice::HalfFloatSliceExt};
use safetensors::{Dtype, tensor::TensorView};

use super::{KitError, read::read};

/// Offsets of all vertices, `[V, 3]`.
pub(super) type Offsets = Vec<[f32; 3]>;

/// What the numbers are, as it stands in the metadata.
const UNITS: &str = "centimeters; expression and identity are offsets from neutral at weight 1";

/// What a packed kit holds.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct KitFile {
    /// Vertices of the mean head.
    pub neutral: Offsets,
    /// Modes of identity.
    pub identity: Vec<Offsets>,
    /// Blendshapes with their names.
    pub expression: Vec<(String, Offsets)>,
    /// Triangles with the places of their materials.
    pub triangles: Vec<([u32; 3], u8)>,
    /// Names of the materials.
    pub materials: Vec<String>,
    /// Vertices of the 68 landmarks.
    pub landmarks: [u32; 68],
    /// Where it comes from, and the license; may be empty.
    pub source: String,
}

impl KitFile {
    /// Reads the bytes of the file at `path`, which errors name.
    pub(super) fn from_bytes(bytes: &[u8], path: &Path) -> Result<Self, KitError> {
        read(bytes).map_err(|why| KitError::Damaged { path: path.to_owned(), why })
    }

    /// The bytes of the packed file; the same kit gives the same bytes but for the order of the metadata.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let (vertices, triangles) = (self.neutral.len(), self.triangles.len());
        let neutral = bytes_of(self.neutral.as_flattened(), f32::to_le_bytes);
        let identity: Vec<u8> = self.identity.iter().flat_map(halves).collect();
        let expression: Vec<u8> = self.expression.iter().flat_map(|(_, shape)| halves(shape)).collect();
        let corners: Vec<u32> = self.triangles.iter().flat_map(|(corners, _)| *corners).collect();
        let corners = bytes_of(&corners, u32::to_le_bytes);
        let materials: Vec<u8> = self.triangles.iter().map(|(_, material)| *material).collect();
        let tensors = [
            ("neutral", Dtype::F32, vec![vertices, 3], &neutral),
            ("identity", Dtype::F16, vec![self.identity.len(), vertices, 3], &identity),
            ("expression", Dtype::F16, vec![self.expression.len(), vertices, 3], &expression),
            ("triangles", Dtype::I32, vec![triangles, 3], &corners),
            ("triangle_material", Dtype::U8, vec![triangles], &materials),
        ]
        .map(|(name, dtype, shape, bytes)| (name, TensorView::new(dtype, shape, bytes).expect("shapes are those of the lists")));
        safetensors::serialize(tensors, Some(self.metadata())).expect("tensors with shapes can be written")
    }

    fn metadata(&self) -> HashMap<String, String> {
        let names: Vec<&String> = self.expression.iter().map(|(name, _)| name).collect();
        let entries = [
            ("expression_names", serde_json::json!(names).to_string()),
            ("material_names", serde_json::json!(self.materials).to_string()),
            ("landmarks", serde_json::json!(self.landmarks.as_slice()).to_string()),
            ("source", self.source.clone()),
            ("units", UNITS.to_owned()),
        ];
        entries.map(|(key, value)| (key.to_owned(), value)).into()
    }
}

/// Offsets as little-endian half-precision numbers, rounded to nearest even.
fn halves(offsets: &Offsets) -> Vec<u8> {
    let mut values = vec![f16::ZERO; 3 * offsets.len()];
    values.convert_from_f32_slice(offsets.as_flattened());
    bytes_of(&values, f16::to_le_bytes)
}

fn bytes_of<T: Copy, const N: usize>(values: &[T], bytes: impl Fn(T) -> [u8; N]) -> Vec<u8> {
    values.iter().flat_map(|value| bytes(*value)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::synth::kit::{landmarks::LANDMARKS, read::floats};

    /// A way to spoil a kit.
    type Damage = fn(&mut KitFile);

    /// A head of three vertices.
    fn tiny() -> KitFile {
        KitFile {
            neutral: vec![[0.0, 0.5, 1.0], [2.0, -3.5, 10.25], [-2.0, -3.5, 10.25]],
            identity: vec![vec![[0.25, 0.0, -0.5]; 3], vec![[0.0; 3]; 3]],
            expression: vec![("jawOpen".into(), vec![[0.0, -3.0, 1.0 / 1024.0]; 3])],
            triangles: vec![([0, 1, 2], 0), ([2, 1, 0], 1)],
            materials: vec!["M_Face".into(), "M_Teeth".into()],
            landmarks: std::array::from_fn(|landmark| landmark as u32 % 3),
            source: "a test".into(),
        }
    }

    fn parse(bytes: &[u8]) -> Result<KitFile, KitError> {
        KitFile::from_bytes(bytes, Path::new("kit.safetensors"))
    }

    #[test]
    fn a_file_reads_as_written() {
        assert_eq!(parse(&tiny().to_bytes()).unwrap(), tiny());
    }

    #[test]
    fn half_precision_rounds_to_nearest_even() {
        let cases = [(1.0 + 1.0 / 2048.0, 1.0), (1.0 + 3.0 / 2048.0, 1.0 + 2.0 / 1024.0), (1e-9, 0.0), (-0.333, -0.333_007_8)];
        for (value, expected) in cases {
            assert_eq!(floats(&halves(&vec![[value; 3]])), [[expected; 3]], "{value}");
        }
    }

    #[test]
    fn all_half_precision_numbers_are_read() {
        for bits in 0..=u16::MAX {
            let value = f16::from_bits(bits).to_f32();
            let [[read, ..]] = floats(&[bits.to_le_bytes(); 3].concat())[..] else { panic!("one triple") };
            assert!(read.to_bits() == value.to_bits() || read.is_nan() && value.is_nan(), "{bits:#x}: {read}");
        }
    }

    #[test]
    fn without_landmarks_they_are_those_of_ict_facekit() {
        let bytes = tiny().to_bytes();
        let start = bytes.windows(9).position(|window| window == b"landmarks").unwrap();
        let renamed = [&bytes[..start], b"landmarkz", &bytes[start + 9..]].concat();
        assert_eq!(parse(&renamed).unwrap().landmarks, LANDMARKS);
    }

    #[test]
    fn what_is_inconsistent_is_refused_by_name() {
        let cases: [(Damage, &str); 6] = [
            (|kit| kit.neutral[0][1] = f32::NAN, "`neutral` holds values that are no numbers"),
            (|kit| kit.identity[1][2][0] = 1e9, "`identity` holds values that are no numbers"),
            (|kit| kit.expression[0].1[0][0] = f32::INFINITY, "`expression` holds values"),
            (|kit| kit.triangles[0].0[2] = 3, "vertices or materials that it does not have"),
            (|kit| kit.triangles[1].1 = 2, "vertices or materials that it does not have"),
            (|kit| (kit.materials, kit.triangles) = (vec![], vec![([0, 1, 2], 0)]), "vertices or materials"),
        ];
        for (damage, expected) in cases {
            let mut kit = tiny();
            damage(&mut kit);
            let error = parse(&kit.to_bytes()).unwrap_err().to_string();
            assert!(error.starts_with("`kit.safetensors`") && error.contains(expected), "{expected}: {error}");
        }
    }

    #[test]
    fn other_files_are_refused() {
        let claim = br#"{"neutral":{"dtype":"F32","shape":[4000000000000000000,3],"data_offsets":[0,12]}}"#;
        let huge = [&(claim.len() as u64).to_le_bytes()[..], claim, &[0; 12]].concat();
        let empty = [&2u64.to_le_bytes()[..], b"{}"].concat();
        let long_header = [&u64::MAX.to_le_bytes()[..], b"{}"].concat();
        let cases: [(&[u8], &str); 6] = [
            (b"", "no safetensors file"),
            (b"v 0 0 0\nv 1 1 1\n", "no safetensors file"),
            (&[0xff; 100], "no safetensors file"),
            (&huge, ""),
            (&empty, "`neutral` not found"),
            (&long_header, ""),
        ];
        for (bytes, expected) in cases {
            let error = parse(bytes).unwrap_err().to_string();
            assert!(error.contains(expected) && error.contains("ICT-FaceKit"), "{expected}: {error}");
        }
    }

    proptest! {
        #[test]
        fn damaged_files_are_refused_without_a_panic(cut in 0usize..2000, at in 0usize..2000, value: u8) {
            let mut bytes = tiny().to_bytes();
            let end = bytes.len() - 1;
            prop_assert!(parse(&bytes[..cut.min(end)]).is_err());
            bytes[at.min(end)] = value;
            let _ = parse(&bytes);
        }
    }
}
