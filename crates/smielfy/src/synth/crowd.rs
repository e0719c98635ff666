//! Scenes: several people in one picture, as a dataset for the detector.

use std::{
    fs::File,
    io,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
};

use glam::Vec3;
use rayon::prelude::*;
use smielfy_vision::{BoundingBox, RgbImage};

use super::{
    FolderParams, FolderSummary, Synth, SynthError,
    camera::{Camera, Placement},
    develop::{develop, gain},
    folder::{SOURCE, check_poses, create_manifest, write_picture},
    person::Person,
    picture::{Stream, attitude, skin_brightness},
    render::render,
    scene::Actor,
    surroundings::{background, lighting},
};
use crate::{
    augment::{photograph, sample_seed},
    dataset::SceneRow,
    draw::Draw,
};

/// Share of scenes without anybody.
const EMPTY: f32 = 0.1;
/// Most people in a scene.
const MOST: u32 = 5;
/// Smallest face, in pixels: that of the detector.
const SMALLEST_PX: f32 = 24.0;
/// Height of a head's face square, in centimeters: of the mean head.
const FACE_CM: f32 = 16.0;
/// Places that are tried for somebody before the scene goes on without.
const ATTEMPTS: usize = 12;
/// How much larger than its square a head with hair and hat may be; squares of others stay out of it.
const HEAD: f32 = 1.6;
/// Scenes that are rendered before their lines are written.
const CHUNK: u64 = 16;

/// A scene with the squares of the faces in it.
struct Scene {
    image: RgbImage,
    faces: Vec<BoundingBox>,
}

/// Writes `params.count` scenes to the folder `out`, which must not hold a dataset; otherwise as
/// [`write_folder`](super::write_folder).
///
/// # Errors
/// [`SynthError`]: the folder is occupied or cannot be written, or a pose is not known.
pub fn write_scenes(
    synth: &Synth,
    out: &Path,
    params: &FolderParams,
    stop: &AtomicBool,
    on_picture: impl Fn() + Sync,
) -> Result<FolderSummary, SynthError> {
    check_poses(synth, &params.only)?;
    let mut manifest = create_manifest(out)?;
    let mut done = 0;
    while done < params.count && !stop.load(Ordering::Relaxed) {
        let end = (done + CHUNK).min(params.count);
        let one = |number: u64| {
            let scene = synth.scene(sample_seed(params.seed, 1, number), &params.only);
            let file = write_picture(out, number, &scene.image)?;
            on_picture();
            Ok((file, scene))
        };
        let scenes: Vec<(String, Scene)> = (done..end).into_par_iter().map(one).collect::<Result<_, SynthError>>()?;
        scenes
            .iter()
            .try_for_each(|(file, scene)| add(&mut manifest, file, scene, params))
            .map_err(|source| SynthError::Write { path: out.to_owned(), source })?;
        done = end;
    }
    Ok(FolderSummary { pictures: done })
}

/// Adds a line a face, or one without a square where there is nobody.
fn add(manifest: &mut csv::Writer<File>, file: &str, scene: &Scene, params: &FolderParams) -> io::Result<()> {
    let (width, height) = scene.image.dimensions();
    let row = |face: Option<&BoundingBox>| SceneRow {
        file: file.to_owned(),
        split: params.split.name().to_owned(),
        source: SOURCE.to_owned(),
        width,
        height,
        x: face.map(|face| face.x),
        y: face.map(|face| face.y),
        side: face.map(|face| face.side),
    };
    if scene.faces.is_empty() {
        manifest.serialize(row(None))?;
    }
    scene.faces.iter().try_for_each(|face| manifest.serialize(row(Some(face))))?;
    manifest.flush()
}

impl Synth {
    /// The scene number `seed`: up to five people, in poses of `only` where it is not empty.
    fn scene(&self, seed: u64, only: &[String]) -> Scene {
        let (width, height) = self.params.frame_px;
        let mut draw = Draw::new(seed, Stream::Placement as u64);
        let camera = camera(width, height, &mut draw);
        let count = if draw.chance(EMPTY) { 0 } else { 1 + draw.below(MOST) };
        let people: Vec<Person> =
            (0..count).map(|number| Person::drawn(&self.kit, &mut Draw::new(sample_seed(seed, 1, number.into()), 0))).collect();
        let mut placed: Vec<(Actor<'_>, Placement, BoundingBox)> = vec![];
        for person in &people {
            let expression = self.expression(only, &mut draw);
            let actor = Actor::new(&self.kit, &self.anatomy, person, &expression);
            if let Some((placement, square)) = place(&actor, &camera, (width, height), &placed, &mut draw) {
                placed.push((actor, placement, square));
            }
        }
        let bodies: Vec<_> = placed.iter().flat_map(|(actor, placement, _)| actor.bodies(placement)).collect();
        let exposure = render(&bodies, &camera, &lighting(&mut Draw::new(seed, Stream::Light as u64)), width, height);
        let behind = background(&self.backgrounds, width, height, &mut Draw::new(seed, Stream::Background as u64));
        let tone = people.first().map_or(Vec3::splat(0.3), |person| person.skin.tone);
        let skin = skin_brightness(tone, &mut Draw::new(seed, Stream::Exposure as u64));
        let image = photograph(develop(&exposure, behind, gain(&exposure, skin)), &self.params.camera, seed);
        Scene { image, faces: placed.iter().map(|(_, _, square)| *square).collect() }
    }

    fn expression(&self, only: &[String], draw: &mut Draw) -> super::Expression {
        let smiley = if only.is_empty() { self.smiley(draw) } else { only[draw.below(only.len() as u32) as usize].clone() };
        self.poses.draw(&smiley, draw).expect("poses were checked")
    }
}

/// A camera with an angle of view of 45 to 75 degrees across.
fn camera(width: u32, height: u32, draw: &mut Draw) -> Camera {
    let half = draw.between(22.5, 37.5).to_radians();
    Camera { focal_px: width as f32 / 2.0 / half.tan(), center: (width as f32 / 2.0, height as f32 / 2.0) }
}

/// A place for somebody whose face lies in the picture and covers nobody's, and the face square there.
fn place(
    actor: &Actor<'_>,
    camera: &Camera,
    (width, height): (u32, u32),
    others: &[(Actor<'_>, Placement, BoundingBox)],
    draw: &mut Draw,
) -> Option<(Placement, BoundingBox)> {
    for _ in 0..ATTEMPTS {
        let largest = 0.75 * height as f32;
        let side = SMALLEST_PX * (largest / SMALLEST_PX).powf(draw.unit());
        let distance = camera.focal_px * FACE_CM / side;
        let at = |share: f32, length: u32, center: f32| (share * length as f32 - center) * distance / camera.focal_px;
        let (x, y) = (at(draw.between(0.05, 0.95), width, camera.center.0), at(draw.between(0.1, 0.8), height, camera.center.1));
        // The face lies some centimeters above the top of the neck and before it.
        let position = Vec3::new(x, -y - 5.0, -distance - 8.0);
        let placement = Placement { attitude: attitude(draw), position };
        let square = actor.face_square(&placement, camera);
        let inside = square.x > -0.1 * side
            && square.y > -0.1 * side
            && square.x + square.side < width as f32 + 0.1 * side
            && square.y + square.side < height as f32 + 0.1 * side;
        let is_apart = |(_, _, other): &(Actor<'_>, Placement, BoundingBox)| {
            square.jittered(HEAD, 0.0, 0.0).intersection(other) == 0.0
                && other.jittered(HEAD, 0.0, 0.0).intersection(&square) == 0.0
        };
        if inside && others.iter().all(is_apart) {
            return Some((placement, square));
        }
    }
    None
}
