//! The head kit: a mesh of the mean head with modes of identity and blendshapes.
//!
//! A file goes in; what the renderer needs of it comes out: skin, gums, teeth and the two eyeballs' places, with their offsets.

mod file;
mod landmarks;
mod parts;

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::shapes::{KIT_SHAPES, SHAPES};
use file::{KitFile, Offsets};
pub(super) use landmarks::LANDMARKS;
use parts::{Part, parts};

/// Where a head kit can be had, for people who have none.
const SOURCE: &str = "a packed kit is made by `smielfy synth pack` from the OBJ files of ICT-FaceKit \
     (MIT license, https://github.com/ICT-VGL/ICT-FaceKit, folder `FaceXModel`)";

/// Why a head kit cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KitError {
    /// There is no such file.
    #[error("no head kit at `{path}`: {SOURCE}", path = path.display())]
    Missing {
        /// The file or folder.
        path: PathBuf,
    },
    /// A file of the kit cannot be read or written.
    #[error("cannot access `{path}`: {source}", path = path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The bytes are not those of a kit.
    #[error("`{path}` is not a head kit: {why}; {SOURCE}", path = path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
}

/// A blendshape or mode that moves few vertices: vertex and offset in centimeters.
pub(super) type Sparse = Vec<(u32, [f32; 3])>;

/// Offsets below this, in centimeters, do not show: a tenth of a millimeter is a thirtieth of a pixel of a 60 px face.
const LEAST_OFFSET: f32 = 0.003;

/// A head with its ways to differ and to move. Lengths are centimeters; x to the person's left, y up, z forward.
///
/// Vertices are ordered: skin first, then gums and teeth.
#[derive(Debug, Clone, PartialEq)]
pub struct Kit {
    /// Vertices of the mean head.
    pub(super) rest: Offsets,
    /// How many of the vertices are skin: the first ones.
    pub(super) skin_len: usize,
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
    /// Reads a packed kit.
    ///
    /// # Errors
    /// [`KitError`]: there is none, it cannot be read, or it is not one.
    pub fn load(path: &Path) -> Result<Self, KitError> {
        if !path.exists() {
            return Err(KitError::Missing { path: path.to_owned() });
        }
        let bytes = fs::read(path).map_err(|source| KitError::File { path: path.to_owned(), source })?;
        Self::from_file(KitFile::from_bytes(&bytes, path)?, path)
    }

    /// How many modes of identity there are.
    pub fn modes(&self) -> usize {
        self.identity.len()
    }

    fn from_file(file: KitFile, path: &Path) -> Result<Self, KitError> {
        let damaged = |why: String| KitError::Damaged { path: path.to_owned(), why };
        let names: Vec<&str> = file.expression.iter().map(|(name, _)| name.as_str()).collect();
        if names != SHAPES[..KIT_SHAPES] {
            let missing = SHAPES[..KIT_SHAPES].iter().find(|name| !names.contains(name)).unwrap_or(&"the usual order");
            return Err(damaged(format!("its blendshapes lack {missing}")));
        }
        if LANDMARKS.iter().any(|vertex| *vertex as usize >= file.neutral.len()) {
            return Err(damaged(format!("its mesh has {} vertices only", file.neutral.len())));
        }
        let of = |wanted: &[&str]| -> Vec<[u32; 3]> {
            let is_wanted = |material: u8| wanted.contains(&file.materials[usize::from(material)].as_str());
            file.triangles.iter().filter(|(_, material)| is_wanted(*material)).map(|(corners, _)| *corners).collect()
        };
        let (mut skin, gums, teeth) = (of(&["M_Face"]), of(&["M_GumsTongue"]), of(&["M_Teeth"]));
        let behind = of(&["M_BackHead"]);
        let part_of = parts(&file.neutral, &behind);
        let of_part = |part: Part| behind.iter().zip(&part_of).filter(move |(_, other)| **other == part).map(|(corners, _)| *corners);
        skin.extend(of_part(Part::Head));
        let mouth = of_part(Part::Mouth).collect();
        let balls = [of(&["M_ScleraLeft", "M_IrisLeft"]), of(&["M_ScleraRight", "M_IrisRight"])];
        if skin.is_empty() || balls.iter().any(Vec::is_empty) {
            return Err(damaged("it has no skin or no eyeballs".into()));
        }
        let eyes = balls.map(|triangles| Eyeball::new(&vertices(&triangles), &file));
        Ok(Self::build(&file, [skin, mouth, gums, teeth], LANDMARKS, eyes))
    }

    /// A kit of these triangles (skin, lining of the mouth, gums, teeth) with vertices renumbered.
    fn build(file: &KitFile, triangles: [Vec<[u32; 3]>; 4], landmarks: [u32; 68], eyes: [Eyeball; 2]) -> Self {
        let mut order = vertices(&triangles[0]);
        let skin_len = order.len();
        let mut place = vec![u32::MAX; file.neutral.len()];
        order.iter().zip(0..).for_each(|(vertex, new)| place[*vertex as usize] = new);
        for vertex in vertices(&triangles[1..].concat()) {
            if place[vertex as usize] == u32::MAX {
                place[vertex as usize] = order.len() as u32;
                order.push(vertex);
            }
        }
        let renumbered = |list: &[[u32; 3]]| list.iter().map(|corners| corners.map(|vertex| place[vertex as usize])).collect();
        let picked = |offsets: &Offsets| order.iter().map(|vertex| offsets[*vertex as usize]).collect::<Offsets>();
        Self {
            rest: picked(&file.neutral),
            skin_len,
            skin: renumbered(&triangles[0]),
            mouth: renumbered(&triangles[1]),
            gums: renumbered(&triangles[2]),
            teeth: renumbered(&triangles[3]),
            identity: file.identity.iter().map(|mode| picked(mode).into_flattened()).collect(),
            expression: file.expression.iter().map(|(_, shape)| sparse(&picked(shape))).collect(),
            landmarks: landmarks.map(|vertex| place[vertex as usize]),
            eyes,
        }
    }
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

/// The vertices of `triangles`, each once, in rising order.
fn vertices(triangles: &[[u32; 3]]) -> Vec<u32> {
    let mut list = triangles.as_flattened().to_vec();
    list.sort_unstable();
    list.dedup();
    list
}

fn sparse(offsets: &Offsets) -> Sparse {
    let moves = |offset: &[f32; 3]| offset.iter().any(|value| value.abs() > LEAST_OFFSET);
    offsets.iter().zip(0..).filter(|(offset, _)| moves(offset)).map(|(offset, vertex)| (vertex, *offset)).collect()
}
