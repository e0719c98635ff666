//! The original form of a head kit: the OBJ files of ICT-FaceKit, folder `FaceXModel`.
//!
//! Every file holds a whole head with the same vertices in the same order: `generic_neutral_mesh.obj` the mean one,
//! `identity000.obj` and on one mode of identity each, at one standard deviation, and `NAME.obj` a blendshape at weight 1.
//! Of the format, `v`, `usemtl` and `f` matter; polygons are cut into fans.

use std::{collections::BTreeMap, fs, path::Path};

use rayon::prelude::*;

use super::{
    KitError,
    file::{KitFile, Offsets},
    landmarks::LANDMARKS,
};
use crate::synth::shapes::{KIT_SHAPES, SHAPES};

/// Modes of identity that are read. ICT-FaceKit has 100, in order of their share of the variety; the later ones hardly show.
pub(super) const MODES: usize = 60;
/// File of the mean head.
const NEUTRAL: &str = "generic_neutral_mesh.obj";
/// Folder of the OBJ files in ICT-FaceKit.
const INNER_FOLDER: &str = "FaceXModel";
/// Where the kit comes from and what that asks for.
const SOURCE: &str = "ICT-FaceKit, MIT license, (c) 2020 USC Institute for Creative Technologies";
/// Larger files are not read: those of ICT-FaceKit have 2.6 MB, in older versions 3.4 MB.
const MAX_FILE_BYTES: u64 = 32 << 20;

/// Reads the first `modes` modes of identity and all blendshapes; `on_file` is called once a file.
pub(super) fn read_folder(folder: &Path, modes: usize, on_file: &(impl Fn() + Sync)) -> Result<KitFile, KitError> {
    let inner = folder.join(INNER_FOLDER);
    let folder = if inner.is_dir() { &inner } else { folder };
    let names = file_names(modes);
    let missing: Vec<String> = names.iter().filter(|name| !folder.join(name).is_file()).cloned().collect();
    if !missing.is_empty() {
        return Err(KitError::Incomplete { folder: folder.to_owned(), missing });
    }
    let neutral = read_file(folder, NEUTRAL, Mesh::parse)?;
    on_file();
    let heads: Vec<Result<Offsets, KitError>> = names[1..]
        .par_iter()
        .map(|name| {
            let offsets = read_file(folder, name, |text| neutral.offsets_of(text));
            on_file();
            offsets
        })
        .collect();
    // The first error in the order of the files, whichever thread was first.
    let mut identity = heads.into_iter().collect::<Result<Vec<Offsets>, KitError>>()?;
    let expression = identity.split_off(modes);
    Ok(KitFile {
        neutral: neutral.vertices,
        identity,
        expression: SHAPES[..KIT_SHAPES].iter().map(|name| (*name).to_owned()).zip(expression).collect(),
        triangles: neutral.triangles,
        materials: neutral.materials,
        landmarks: LANDMARKS,
        source: SOURCE.to_owned(),
    })
}

/// Names of all files: the mean head, modes, blendshapes.
pub(super) fn file_names(modes: usize) -> Vec<String> {
    let identity = (0..modes).map(|mode| format!("identity{mode:03}.obj"));
    let expression = SHAPES[..KIT_SHAPES].iter().map(|name| format!("{name}.obj"));
    [NEUTRAL.to_owned()].into_iter().chain(identity).chain(expression).collect()
}

fn read_file<T>(folder: &Path, name: &str, parse: impl Fn(&str) -> Result<T, String>) -> Result<T, KitError> {
    let path = folder.join(name);
    let access = |source| KitError::File { path: path.clone(), source };
    let part = |why: String| KitError::Part { path: path.clone(), why };
    let length = fs::metadata(&path).map_err(access)?.len();
    if length > MAX_FILE_BYTES {
        return Err(part(format!("it has {length} bytes, and at most {MAX_FILE_BYTES} are read")));
    }
    let bytes = fs::read(&path).map_err(access)?;
    let text = str::from_utf8(&bytes).map_err(|error| part(format!("it is no text from byte {} on", error.valid_up_to())))?;
    parse(text).map_err(part)
}

/// The head of a file.
#[derive(Debug, Default, PartialEq)]
struct Mesh {
    vertices: Offsets,
    triangles: Vec<([u32; 3], u8)>,
    materials: Vec<String>,
}

impl Mesh {
    fn parse(text: &str) -> Result<Self, String> {
        let mut mesh = Self::default();
        let mut places = BTreeMap::new();
        let mut material = None;
        for (line, number) in text.lines().zip(1..) {
            let parsed = match line.split_once(' ') {
                Some(("v", numbers)) => vertex(numbers).map(|vertex| mesh.vertices.push(vertex)),
                Some(("usemtl", name)) => mesh.material(name.trim(), &mut places).map(|index| material = Some(index)),
                Some(("f", corners)) => mesh.polygon(corners, material),
                _ => Ok(()),
            };
            parsed.map_err(|why| format!("line {number}: {why}"))?;
        }
        if mesh.triangles.is_empty() { Err(cut_short()) } else { Ok(mesh) }
    }

    /// What another file's head differs from this one by. Its faces are those of this one, so they are not read.
    fn offsets_of(&self, text: &str) -> Result<Offsets, String> {
        let mut offsets = Vec::with_capacity(self.vertices.len());
        let mut has_faces = false;
        for (line, number) in text.lines().zip(1..) {
            if let Some(numbers) = line.strip_prefix("v ") {
                let vertex = vertex(numbers).map_err(|why| format!("line {number}: {why}"))?;
                let rest = self.vertices.get(offsets.len()).copied().unwrap_or_default();
                offsets.push([vertex[0] - rest[0], vertex[1] - rest[1], vertex[2] - rest[2]]);
            }
            has_faces |= line.starts_with("f ");
        }
        match offsets.len() == self.vertices.len() {
            true if has_faces => Ok(offsets),
            true => Err(cut_short()),
            false => Err(format!("it has {} vertices, and `{NEUTRAL}` has {}", offsets.len(), self.vertices.len())),
        }
    }

    /// The index of a material, which is new if need be.
    fn material(&mut self, name: &str, places: &mut BTreeMap<String, u8>) -> Result<u8, String> {
        if let Some(place) = places.get(name) {
            return Ok(*place);
        }
        let place = u8::try_from(self.materials.len()).map_err(|_| "there are more than 256 materials".to_owned())?;
        places.insert(name.to_owned(), place);
        self.materials.push(name.to_owned());
        Ok(place)
    }

    fn polygon(&mut self, corners: &str, material: Option<u8>) -> Result<(), String> {
        let material = material.ok_or("a face before the first `usemtl`")?;
        let corners = corners.split_ascii_whitespace().map(|corner| self.corner(corner));
        let corners: Vec<u32> = corners.collect::<Result<_, _>>()?;
        if corners.len() < 3 {
            return Err(format!("a face of {} corners", corners.len()));
        }
        let fan = corners[1..].windows(2).map(|pair| ([corners[0], pair[0], pair[1]], material));
        self.triangles.extend(fan);
        Ok(())
    }

    /// The vertex of a corner like `3/5` or `3/5/9`, counted from 0; vertices stand before faces.
    fn corner(&self, corner: &str) -> Result<u32, String> {
        let vertex = corner.split('/').next().unwrap_or_default();
        match vertex.parse::<u32>() {
            Ok(vertex @ 1..) if vertex as usize <= self.vertices.len() => Ok(vertex - 1),
            _ => Err(format!("`{corner}` names none of the {} vertices", self.vertices.len())),
        }
    }
}

fn cut_short() -> String {
    "it has no faces, so it is cut short".into()
}

fn vertex(numbers: &str) -> Result<[f32; 3], String> {
    let mut numbers = numbers.split_ascii_whitespace();
    let mut next = || {
        let number = numbers.next().ok_or("a vertex of fewer than three numbers")?;
        let value: f32 = number.parse().map_err(|_| format!("`{number}` is not a number"))?;
        if value.is_finite() { Ok(value) } else { Err(format!("`{number}` is not a number")) }
    };
    Ok([next()?, next()?, next()?])
}

#[cfg(test)]
mod tests {
    use tempfile::{TempDir, tempdir};

    use super::*;

    /// Modes of the small kit.
    const FEW: usize = 3;
    const FACES: &str = "vt 0 0\nusemtl M_Face\nf 1/1 2/1 3/1 4/1\nusemtl M_Teeth\nf 4/1/2 3//2 1\nusemtl M_Face\nf 2 3 4\n";

    /// A folder with a mean head of four vertices; each other file's head is moved by its number.
    fn folder() -> TempDir {
        let folder = tempdir().unwrap();
        for (name, number) in file_names(FEW).iter().zip(0..) {
            let vertices = [[0, 0], [1, 0], [1, 1], [0, 1]].map(|[x, y]| format!("v {x}.5 {y} {number}e0\r\n")).concat();
            fs::write(folder.path().join(name), format!("# a comment\nmtllib no.mtl\n{vertices}{FACES}")).unwrap();
        }
        folder
    }

    fn read(folder: &TempDir) -> Result<KitFile, KitError> {
        read_folder(folder.path(), FEW, &|| ())
    }

    #[test]
    fn a_folder_becomes_offsets_and_fans() {
        let kit = read(&folder()).unwrap();
        assert_eq!(kit.neutral, [[0.5, 0.0, 0.0], [1.5, 0.0, 0.0], [1.5, 1.0, 0.0], [0.5, 1.0, 0.0]]);
        assert_eq!(kit.identity, [1.0, 2.0, 3.0].map(|z| vec![[0.0, 0.0, z]; 4]));
        assert_eq!(kit.expression.len(), KIT_SHAPES);
        assert_eq!(kit.expression[1], ("PupilDilate_R".to_owned(), vec![[0.0, 0.0, 5.0]; 4]));
        assert_eq!(kit.triangles, [([0, 1, 2], 0), ([0, 2, 3], 0), ([3, 2, 0], 1), ([1, 2, 3], 0)]);
        assert_eq!(kit.materials, ["M_Face", "M_Teeth"]);
        assert_eq!(KitFile::from_bytes(&kit.to_bytes(), Path::new("")).unwrap(), kit, "small numbers survive packing");
    }

    #[test]
    fn the_folder_above_does_too() {
        let (above, inner) = (tempdir().unwrap(), folder());
        fs::rename(inner.path(), above.path().join(INNER_FOLDER)).unwrap();
        assert_eq!(read(&above).unwrap(), read(&folder()).unwrap());
    }

    #[test]
    fn what_is_wrong_is_named_with_file_line_and_remedy() {
        let cases: [(&str, &[u8], &str); 14] = [
            (NEUTRAL, b"v 0 0 0\nv 1 x 0\n", "line 2: `x` is not a number"),
            (NEUTRAL, b"v 0 0 nan\n", "line 1: `nan` is not a number"),
            (NEUTRAL, b"v 0 0\n", "line 1: a vertex of fewer than three numbers"),
            (NEUTRAL, b"v 0 0 0\nf 1 1 1\n", "line 2: a face before the first `usemtl`"),
            (NEUTRAL, b"v 0 0 0\nusemtl a\nf 1 1\n", "line 3: a face of 2 corners"),
            (NEUTRAL, b"v 0 0 0\nusemtl a\nf 1/1 2/2 1/1\n", "line 3: `2/2` names none of the 1 vertices"),
            (NEUTRAL, b"v 0 0 0\nusemtl a\nf 0 1 1\n", "line 3: `0` names none"),
            (NEUTRAL, b"v 0 0 0\n", "cut short"),
            (NEUTRAL, b"", "cut short"),
            (NEUTRAL, b"v 0 0 0\n\xff\xfe", "no text from byte 8 on"),
            ("identity002.obj", b"v 0 0 0\nv 0 0 1e99\n", "line 2: `1e99` is not a number"),
            ("identity001.obj", b"v 0 0 0\nv 0 0 1\nf 1 1 1\n", "2 vertices, and `generic_neutral_mesh.obj` has 4"),
            ("jawOpen.obj", b"v 0 0 0\nv 0 0 0\nv 0 0 0\nv 0 0 0\nv 0 0 0\nf 1 1 1", "5 vertices, and"),
            ("jawOpen.obj", b"v 0 0 0\nv 0 0 0\nv 0 0 0\nv 0 0 0\nvt 0 0", "cut short"),
        ];
        for (name, bytes, expected) in cases {
            let folder = folder();
            fs::write(folder.path().join(name), bytes).unwrap();
            let error = read(&folder).unwrap_err().to_string();
            for part in [name, expected, "copy it anew"] {
                assert!(error.contains(part), "{expected}: {error}");
            }
        }
    }

    #[test]
    fn missing_files_are_listed_and_the_source_named() {
        let folder = folder();
        fs::remove_file(folder.path().join("identity001.obj")).unwrap();
        let error = read(&folder).unwrap_err().to_string();
        assert!(error.contains("lacks `identity001.obj`; ") && error.contains("https://"), "{error}");
        let error = read(&tempdir().unwrap()).unwrap_err().to_string();
        assert!(error.contains("lacks `generic_neutral_mesh.obj`, `identity000.obj`, `identity001.obj` and 58 more"), "{error}");
    }

    #[test]
    fn a_huge_file_is_not_read() {
        let folder = folder();
        fs::File::create(folder.path().join("jawOpen.obj")).unwrap().set_len(MAX_FILE_BYTES + 1).unwrap();
        assert!(read(&folder).unwrap_err().to_string().contains("33554433 bytes"));
    }
}
