//! The head kit: a mesh of the mean head with modes of identity and blendshapes.
//!
//! A file, or a folder of OBJ files, goes in; what the renderer needs of it comes out: skin, gums, teeth and the two eyeballs'
//! places, with their offsets.

mod ellipsoid;
mod error;
mod file;
mod landmarks;
mod linings;
mod obj;
mod pack;
mod part;
mod read;
mod simplify;

use std::{fs, path::Path};

use glam::Vec3;

use super::shapes::{KIT_SHAPES, SHAPES};
pub use error::{KIT_SOURCE, KitError};
use file::{KitFile, Offsets};
pub(super) use landmarks::MIRRORED;
use linings::{Part, parts};
pub use pack::{KIT_FILES, PackSummary, pack_kit};
use simplify::simplified;

/// Larger packed files are not read: that of ICT-FaceKit has 20 MB.
const MAX_PACKED_BYTES: u64 = 256 << 20;

/// A blendshape or mode that moves few vertices: vertex and offset in centimeters.
pub(super) type Sparse = Vec<(u32, [f32; 3])>;

/// Offsets below this, in centimeters, do not show: a tenth of a millimeter is a thirtieth of a pixel of a 60 px face.
const LEAST_OFFSET: f32 = 0.003;

/// A head with its ways to differ and to move. Lengths are centimeters; x to the person's left, y up, z forward.
///
/// Vertices are ordered: skin first, then the lining of the mouth, then gums and teeth.
#[derive(Debug, Clone, PartialEq)]
pub struct Kit {
    /// Vertices of the mean head.
    pub(super) rest: Offsets,
    /// How many of the vertices are skin: the first ones.
    pub(super) skin_len: usize,
    /// How many are skin or lining of the mouth: the first ones.
    pub(super) lined_len: usize,
    /// Triangles of the skin.
    pub(super) skin: Vec<[u32; 3]>,
    /// Triangles of the lining of the mouth.
    pub(super) mouth: Vec<[u32; 3]>,
    /// Triangles of gums with the tongue at rest.
    pub(super) gums: Vec<[u32; 3]>,
    /// Triangles of teeth.
    pub(super) teeth: Vec<[u32; 3]>,
    /// Offsets of each mode of identity at one standard deviation, flat: `[modes][3 V]`.
    pub(super) identity: Vec<Vec<f32>>,
    /// The kit's blendshapes, in the order of [`SHAPES`].
    pub(super) expression: Vec<Sparse>,
    /// Vertices of the 68 landmarks (iBUG 300-W markup, Sagonas et al. 2013).
    pub(super) landmarks: [u32; 68],
    /// Left and right eyeball, in the person's view.
    pub(super) eyes: [Eyeball; 2],
}

/// Place of an eyeball.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Eyeball {
    /// Its middle in the mean head.
    pub center: [f32; 3],
    pub radius: f32,
    /// Offset of the middle of each mode of identity.
    pub identity: Vec<[f32; 3]>,
}

impl Kit {
    /// Reads a packed kit, or the OBJ files of a folder, which takes longer.
    ///
    /// # Errors
    /// [`KitError`]: there is none, it cannot be read, or it is not one.
    pub fn load(path: &Path) -> Result<Self, KitError> {
        if !path.exists() {
            return Err(KitError::Missing { path: path.to_owned() });
        }
        if path.is_dir() {
            return Self::from_file(&obj::read_folder(path, obj::MODES, &|| ())?, path);
        }
        Self::load_bytes(&read_packed(path)?, path)
    }

    /// A packed kit of these bytes of the file at `path`, which errors name.
    fn load_bytes(bytes: &[u8], path: &Path) -> Result<Self, KitError> {
        Self::from_file(&KitFile::from_bytes(bytes, path)?, path)
    }

    /// How many modes of identity there are.
    pub fn modes(&self) -> usize {
        self.identity.len()
    }

    fn from_file(file: &KitFile, path: &Path) -> Result<Self, KitError> {
        let damaged = |why: String| KitError::Damaged { path: path.to_owned(), why };
        let names: Vec<&str> = file.expression.iter().map(|(name, _)| name.as_str()).collect();
        if names != SHAPES[..KIT_SHAPES] {
            let missing = SHAPES[..KIT_SHAPES].iter().find(|name| !names.contains(name)).unwrap_or(&"the usual order");
            return Err(damaged(format!("its blendshapes lack {missing}")));
        }
        let of = |wanted: &[&str]| -> Vec<[u32; 3]> {
            let is_wanted = |material: u8| wanted.contains(&file.materials[usize::from(material)].as_str());
            file.triangles.iter().filter(|(_, material)| is_wanted(*material)).map(|(corners, _)| *corners).collect()
        };
        let (mut skin, mut gums, mut teeth) = (of(&["M_Face"]), of(&["M_GumsTongue"]), of(&["M_Teeth"]));
        let behind = of(&["M_BackHead"]);
        let part_of = parts(&file.neutral, &behind);
        let of_part =
            |part: Part| behind.iter().zip(&part_of).filter(move |(_, other)| **other == part).map(|(corners, _)| *corners);
        skin.extend(of_part(Part::Head));
        let mut mouth: Vec<[u32; 3]> = of_part(Part::Mouth).collect();
        skin.retain(|corners| !is_behind(&file.neutral, corners));
        for inside in [&mut mouth, &mut gums, &mut teeth] {
            inside.retain(|corners| faces_front(&file.neutral, corners));
        }
        let balls = [of(&["M_ScleraLeft", "M_IrisLeft"]), of(&["M_ScleraRight", "M_IrisRight"])];
        if skin.is_empty() || balls.iter().any(Vec::is_empty) {
            return Err(damaged("it has no skin or no eyeballs".into()));
        }
        let eyes = balls.map(|triangles| Eyeball::new(&vertices(&triangles), file));
        let triangles = simplified(file, [skin, mouth, gums, teeth]);
        let on_skin = vertices(&triangles[0]);
        if file.landmarks.iter().any(|vertex| on_skin.binary_search(vertex).is_err()) {
            return Err(damaged("its landmarks do not lie on its skin".into()));
        }
        if !landmarks::are_symmetric(&file.landmarks.map(|vertex| file.neutral[vertex as usize])) {
            let why = "its landmarks are not symmetric: older versions of ICT-FaceKit number the vertices otherwise";
            return Err(damaged(why.into()));
        }
        Ok(Self::build(file, &triangles, eyes))
    }

    /// A kit of these triangles (skin, lining of the mouth, gums, teeth) with vertices renumbered.
    fn build(file: &KitFile, triangles: &[Vec<[u32; 3]>; 4], eyes: [Eyeball; 2]) -> Self {
        let (mut order, mut place) = (vec![], vec![u32::MAX; file.neutral.len()]);
        let mut number = |list: &[[u32; 3]]| {
            for vertex in vertices(list) {
                if place[vertex as usize] == u32::MAX {
                    place[vertex as usize] = order.len() as u32;
                    order.push(vertex);
                }
            }
            order.len()
        };
        let (skin_len, lined_len) = (number(&triangles[0]), number(&triangles[1]));
        number(&triangles[2..].concat());
        let renumbered = |list: &[[u32; 3]]| list.iter().map(|corners| corners.map(|vertex| place[vertex as usize])).collect();
        let picked = |offsets: &Offsets| order.iter().map(|vertex| offsets[*vertex as usize]).collect::<Offsets>();
        Self {
            rest: picked(&file.neutral),
            skin_len,
            lined_len,
            skin: renumbered(&triangles[0]),
            mouth: renumbered(&triangles[1]),
            gums: renumbered(&triangles[2]),
            teeth: renumbered(&triangles[3]),
            identity: file.identity.iter().map(|mode| picked(mode).into_flattened()).collect(),
            expression: file.expression.iter().map(|(_, shape)| sparse(&picked(shape))).collect(),
            landmarks: file.landmarks.map(|vertex| place[vertex as usize]),
            eyes,
        }
    }
}

fn read_packed(path: &Path) -> Result<Vec<u8>, KitError> {
    let access = |source| KitError::File { path: path.to_owned(), source };
    let length = fs::metadata(path).map_err(access)?.len();
    if length > MAX_PACKED_BYTES {
        let why = format!("it has {length} bytes, and at most {MAX_PACKED_BYTES} are read");
        return Err(KitError::Damaged { path: path.to_owned(), why });
    }
    fs::read(path).map_err(access)
}

impl Eyeball {
    fn new(vertices: &[u32], file: &KitFile) -> Self {
        let mean = |offsets: &Offsets| {
            let sum = vertices.iter().fold([0.0; 3], |sum: [f32; 3], vertex| {
                let offset = offsets[*vertex as usize];
                [sum[0] + offset[0], sum[1] + offset[1], sum[2] + offset[2]]
            });
            sum.map(|value| value / vertices.len() as f32)
        };
        let extent = |axis: usize| {
            let values = vertices.iter().map(|vertex| file.neutral[*vertex as usize][axis]);
            (values.clone().fold(f32::MAX, f32::min), values.fold(f32::MIN, f32::max))
        };
        let [(left, right), (low, high), (back, _)] = [extent(0), extent(1), extent(2)];
        let radius = (right - left) / 2.0;
        // The front bulges out over the sphere, so that its middle is told from the back.
        let center = [f32::midpoint(left, right), f32::midpoint(low, high), back + radius];
        Self { center, radius, identity: file.identity.iter().map(mean).collect() }
    }
}

/// Whether a triangle of the skin lies on the back of the head and faces backwards: heads that turn by 45 degrees do not show it.
fn is_behind(places: &Offsets, corners: &[u32; 3]) -> bool {
    corners.iter().all(|vertex| places[*vertex as usize][2] < 1.0) && front(places, corners) < -0.7
}

/// Whether a triangle inside the mouth can be seen through the lips: the inner sides of teeth and gums cannot.
fn faces_front(places: &Offsets, corners: &[u32; 3]) -> bool {
    front(places, corners) > -0.35
}

/// How far a triangle at rest faces the front: the z of its normal, -1 backwards to 1 forwards.
fn front(places: &Offsets, corners: &[u32; 3]) -> f32 {
    let [a, b, c] = corners.map(|vertex| Vec3::from(places[vertex as usize]));
    (b - a).cross(c - a).normalize_or_zero().z
}

/// The vertices of `triangles`, each once, in rising order.
pub(super) fn vertices(triangles: &[[u32; 3]]) -> Vec<u32> {
    let mut list = triangles.as_flattened().to_vec();
    list.sort_unstable();
    list.dedup();
    list
}

fn sparse(offsets: &Offsets) -> Sparse {
    let moves = |offset: &[f32; 3]| offset.iter().any(|value| value.abs() > LEAST_OFFSET);
    offsets.iter().zip(0..).filter(|(offset, _)| moves(offset)).map(|(offset, vertex)| (vertex, *offset)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A way to spoil a kit.
    type Damage = fn(&mut KitFile);

    /// A kit file that something is wrong with.
    fn refusal(damage: impl Fn(&mut KitFile)) -> String {
        let mut file = ellipsoid::file();
        damage(&mut file);
        Kit::from_file(&file, Path::new("kit")).unwrap_err().to_string()
    }

    #[test]
    fn what_the_renderer_cannot_use_is_refused() {
        let cases: [(Damage, &str); 6] = [
            (|file| drop(file.expression.remove(30)), "lack jawOpen"),
            (|file| file.expression.swap(0, 1), "lack the usual order"),
            (|file| file.materials[0] = "Skin".into(), "no skin or no eyeballs"),
            (|file| file.materials[4] = "Eye".into(), "no skin or no eyeballs"),
            (|file| file.landmarks[3] = u32::MAX, "do not lie on its skin"),
            (|file| file.landmarks[3] = file.neutral.len() as u32 - 1, "do not lie on its skin"),
        ];
        for (damage, expected) in cases {
            let error = refusal(damage);
            assert!(error.starts_with("`kit` is not a head kit: ") && error.contains(expected), "{expected}: {error}");
        }
        assert!(refusal(|file| file.landmarks[0] = file.landmarks[8]).contains("older versions of ICT-FaceKit"));
    }

    #[test]
    fn a_missing_kit_gets_a_message_that_says_where_there_is_one() {
        let error = Kit::load(Path::new("nowhere.safetensors")).unwrap_err().to_string();
        for part in ["nowhere.safetensors", "https://github.com/ICT-VGL/ICT-FaceKit", "MIT", "smielfy synth pack"] {
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn a_huge_file_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("huge");
        fs::File::create(&path).unwrap().set_len(MAX_PACKED_BYTES + 1).unwrap();
        assert!(Kit::load(&path).unwrap_err().to_string().contains("268435457 bytes"));
    }

    #[test]
    fn skin_comes_first_and_everything_is_renumbered() {
        let kit = Kit::ellipsoid();
        let highest = |triangles: &[[u32; 3]]| triangles.iter().flatten().max().copied().unwrap_or(0) as usize;
        assert_eq!(highest(&kit.skin), kit.skin_len - 1);
        assert_eq!(highest(&kit.gums).max(highest(&kit.teeth)), kit.rest.len() - 1);
        assert!(kit.landmarks.iter().all(|vertex| (*vertex as usize) < kit.skin_len));
        assert!(kit.identity.iter().all(|mode| mode.len() == 3 * kit.rest.len()));
    }
}
