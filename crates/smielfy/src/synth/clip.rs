//! Clips: one or two people who pull faces before a fixed camera, as a video with the truth about every frame.

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use glam::Vec3;
use rayon::prelude::*;
use serde::Serialize;
use smielfy_vision::RgbImage;

use super::{
    Synth, SynthError,
    camera::{Attitude, Camera, Placement},
    curves::smoothstep,
    develop::{develop, gain},
    folder::{Square, check_poses},
    light::Lighting,
    person::Person,
    picture::{Stream, skin_brightness},
    render::{Exposure, render},
    scene::Actor,
    surroundings::{background, lighting},
    timeline::Timeline,
};
use crate::{augment::sample_seed, draw::Draw, frames::VideoWriter};

/// Frames a second.
const RATE: u32 = 25;
/// Frames that are rendered at a time.
const CHUNK: u32 = 16;
/// Seconds that somebody takes to come into the picture or to leave it.
const WALK: f32 = 0.8;

/// What is filmed.
#[derive(Debug, Clone, PartialEq)]
pub struct ClipParams {
    /// Everything follows from it.
    pub seed: u64,
    /// Smileys in turn.
    pub smileys: Vec<String>,
    /// Whether somebody else comes in for the middle part and pulls the same smileys in another order.
    pub guest: bool,
}

/// A line of the truth file.
#[derive(Serialize)]
struct FrameTruth<'a> {
    frame: u32,
    time_s: f32,
    width: u32,
    height: u32,
    faces: Vec<FaceTruth<'a>>,
}

#[derive(Serialize)]
struct FaceTruth<'a> {
    person: usize,
    #[serde(flatten)]
    square: Square,
    smiley: &'a str,
}

/// Somebody in the film.
struct Role {
    person: Person,
    timeline: Timeline,
    /// Middle of the head's sway.
    attitude: Attitude,
    /// Where the top of the neck is at first and at last.
    home: Vec3,
    /// Where it is for the middle part, and seconds between which it is on the way or there.
    away: Vec3,
    middle: (f32, f32),
    /// Whether this person is seen in the middle part alone.
    is_guest: bool,
}

/// Everything that does not change from frame to frame.
struct Set<'a> {
    synth: &'a Synth,
    roles: Vec<Role>,
    camera: Camera,
    lighting: Lighting,
    background: RgbImage,
}

/// Writes a video to `out` (MP4) and beside it, ending in `.jsonl`, a line of truth a frame: where each face is and what it shows.
/// `on_frame` is called behind each frame with the number of all. Setting `stop` ends the clip early. Gives the truth's path.
///
/// # Errors
/// [`SynthError`]: a pose is not known, or a file cannot be written.
pub fn write_clip(
    synth: &Synth,
    out: &Path,
    params: &ClipParams,
    stop: &AtomicBool,
    mut on_frame: impl FnMut(u32),
) -> Result<PathBuf, SynthError> {
    check_poses(synth, &params.smileys)?;
    let set = Set::new(synth, params);
    let count = (set.length() * RATE as f32).ceil() as u32;
    let truth_path = out.with_extension("jsonl");
    let unwritable = |source| SynthError::Write { path: truth_path.clone(), source };
    let mut truth = BufWriter::new(File::create(&truth_path).map_err(unwritable)?);
    let mut writer = VideoWriter::new(out, 1.0)?;
    let gain = set.gain(params.seed);
    for first in (0..count).step_by(CHUNK as usize) {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let frames: Vec<(RgbImage, FrameTruth<'_>)> =
            (first..count.min(first + CHUNK)).into_par_iter().map(|frame| set.frame(frame, gain)).collect();
        for ((image, known), frame) in frames.iter().zip(first..) {
            writer.write(image, Duration::from_secs(1) * frame / RATE)?;
            let line = serde_json::to_string(known).expect("numbers and names only");
            writeln!(truth, "{line}").map_err(unwritable)?;
            on_frame(count);
        }
    }
    writer.finish(Duration::from_secs(1) / RATE)?;
    truth.flush().map_err(unwritable)?;
    Ok(truth_path)
}

fn time(frame: u32) -> f32 {
    frame as f32 / RATE as f32
}

impl<'a> Set<'a> {
    fn new(synth: &'a Synth, params: &ClipParams) -> Self {
        let (width, height) = synth.params.frame_px;
        let draw = |stream: Stream| Draw::new(params.seed, stream as u64);
        // The angle of view of a laptop's camera: 60 degrees across.
        let focal_px = width as f32 / 2.0 / 30f32.to_radians().tan();
        let camera = Camera { focal_px, center: (width as f32 / 2.0, height as f32 / 2.0) };
        let host = Role::host(synth, params);
        let guest = params.guest.then(|| Role::guest(synth, params, host.middle));
        let roles = std::iter::once(host).chain(guest).collect();
        let lighting = lighting(&mut draw(Stream::Light));
        let background = background(&synth.backgrounds, width, height, &mut draw(Stream::Background));
        Self { synth, roles, camera, lighting, background }
    }

    /// Length of the clip in seconds.
    fn length(&self) -> f32 {
        self.roles[0].timeline.end()
    }

    /// The factor of light for the whole clip, from its first frame.
    fn gain(&self, seed: u64) -> f32 {
        let skin = skin_brightness(self.roles[0].person.skin.tone, &mut Draw::new(seed, Stream::Exposure as u64));
        gain(&self.expose(&self.actors(0.0)), skin)
    }

    /// The frame with this number, and the truth about it.
    fn frame(&self, number: u32, gain: f32) -> (RgbImage, FrameTruth<'_>) {
        let actors = self.actors(time(number));
        let image = develop(&self.expose(&actors), self.background.clone(), gain);
        (image, self.truth(number, &actors))
    }

    fn expose(&self, actors: &[(usize, Actor<'_>, Placement)]) -> Exposure {
        let bodies: Vec<_> = actors.iter().flat_map(|(_, actor, placement)| actor.bodies(placement)).collect();
        let (width, height) = self.synth.params.frame_px;
        render(&bodies, &self.camera, &self.lighting, width, height)
    }

    /// Who is in the picture: number, body and place.
    fn actors(&self, time: f32) -> Vec<(usize, Actor<'_>, Placement)> {
        let present = self.roles.iter().enumerate().filter(|(_, role)| role.is_present(time));
        present.map(|(number, role)| (number, role.actor(self.synth, time), role.placement(time))).collect()
    }

    fn truth(&self, frame: u32, actors: &[(usize, Actor<'_>, Placement)]) -> FrameTruth<'_> {
        let (width, height) = self.synth.params.frame_px;
        let time_s = time(frame);
        let face = |(person, actor, placement): &(usize, Actor<'_>, Placement)| {
            let square = actor.face_square(placement, &self.camera);
            let (x, y) = square.center();
            let inside = (0.0..width as f32).contains(&x) && (0.0..height as f32).contains(&y);
            let smiley = self.roles[*person].timeline.at(time_s).1;
            inside.then(|| FaceTruth { person: *person, square: square.into(), smiley })
        };
        FrameTruth { frame, time_s, width, height, faces: actors.iter().filter_map(face).collect() }
    }
}

impl Role {
    /// Somebody who is there from the first frame to the last, and makes room for a guest.
    fn host(synth: &Synth, params: &ClipParams) -> Self {
        let seed = sample_seed(params.seed, 0, 0);
        let timeline = Timeline::new(&synth.poses, &params.smileys, 0.3, &mut Draw::new(seed, Stream::Pose as u64));
        let length = timeline.end();
        let home = Vec3::new(0.0, -5.5, -58.0);
        Self {
            person: Person::drawn(&synth.kit, &mut Draw::new(seed, Stream::Person as u64)),
            attitude: Attitude::default(),
            home,
            away: if params.guest { home - Vec3::new(14.0, 0.0, 0.0) } else { home },
            middle: (length * 0.3, length * 0.78),
            timeline,
            is_guest: false,
        }
    }

    /// Somebody who comes in for the `middle` part.
    fn guest(synth: &Synth, params: &ClipParams, middle: (f32, f32)) -> Self {
        let smileys: Vec<String> = params.smileys.iter().rev().cloned().collect();
        let seed = sample_seed(params.seed, 0, 1);
        let away = Vec3::new(14.0, -6.5, -64.0);
        Self {
            person: Person::drawn(&synth.kit, &mut Draw::new(seed, Stream::Person as u64)),
            timeline: Timeline::new(&synth.poses, &smileys, middle.0 + WALK, &mut Draw::new(seed, Stream::Pose as u64)),
            attitude: Attitude { yaw: -0.12, ..Attitude::default() },
            home: away + Vec3::new(60.0, 0.0, 0.0),
            away,
            middle,
            is_guest: true,
        }
    }

    fn is_present(&self, time: f32) -> bool {
        !self.is_guest || (self.middle.0..=self.middle.1).contains(&time)
    }

    fn actor<'b>(&'b self, synth: &'b Synth, time: f32) -> Actor<'b> {
        Actor::new(&synth.kit, &synth.anatomy, &self.person, &self.timeline.at(time).0)
    }

    fn placement(&self, time: f32) -> Placement {
        let (from, to) = self.middle;
        let share = smoothstep(from, from + WALK, time).min(smoothstep(to, to - WALK, time));
        Placement { attitude: self.timeline.attitude(self.attitude, time), position: self.home.lerp(self.away, share) }
    }
}
