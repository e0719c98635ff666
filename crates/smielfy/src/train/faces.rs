//! Examples of faces and of what is none: squares of scenes, random windows beside them, and windows that an earlier net
//! took for a face. The second stage of the detector is told whether a window shows a face; the first one also how it lies.

use rand::{Rng, RngExt};
use smielfy_nets::{Forward, Net, NetError};
use smielfy_vision::{BoundingBox, RgbImage, crop_resize};

use super::{
    Accepted, FacesTask, HardNegatives, Provenance, Recipe, TrainError,
    draw::generator,
    examples::Example,
    examples::Examples,
    files::read_weights,
    scenes::{Picture, Pictures, Scenes},
};
use crate::{
    augment::{AugmentParams, augment, sample_seed},
    faces::{CORE, DetectorParams, FACE_CLASS, FACE_CONTEXT, OTHER, PROPOSALS, Pattern, propose, pyramid, score},
};

/// IoU with a face from which a window is neither a face nor none of one (Li et al. 2015, section 4.1).
const MAX_NEGATIVE_IOU: f32 = 0.3;
/// Side of the smallest random window in pixels: the smallest face that the detector looks for.
const MIN_WINDOW: f32 = 24.0;
/// Windows tried before one may lie anywhere in a picture without faces.
const ATTEMPTS: usize = 20;
/// Stream of seeds that fixes the validation windows, whatever the recipe's seed.
const VALIDATION_SEED: u64 = 17;

/// Whom the examples are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// The first stage: windows that miss faces by a pattern, with what lies round them.
    Proposals,
    /// The second stage: windows that fit.
    Faces,
}

/// Windows, each by its picture's number and its square.
type Windows = Vec<(usize, BoundingBox)>;

/// Faces and what is none.
pub(super) struct FaceExamples {
    scenes: Scenes,
    stage: Stage,
    /// Windows that earlier nets took for faces.
    hard: Windows,
    /// The same in the validation pictures: beside random windows all epochs would look alike.
    hard_valid: Windows,
    hard_share: f64,
    face_share: f64,
    augment: AugmentParams,
    input: u32,
    seed: u64,
}

impl FaceExamples {
    pub(super) fn load(recipe: &Recipe, task: &FacesTask, stage: Stage) -> Result<Self, TrainError> {
        let scenes = Scenes::load(&task.data, &task.scenes, &task.source_weights)?;
        let (hard, hard_valid) =
            task.hard_negatives.as_ref().map_or_else(|| Ok(Default::default()), |params| mine(params, &scenes))?;
        let hard_share = task.hard_negatives.as_ref().map_or(0.0, |params| if hard.is_empty() { 0.0 } else { params.share });
        Ok(Self {
            scenes,
            stage,
            hard,
            hard_valid,
            hard_share,
            face_share: task.face_share,
            augment: recipe.augment.clone(),
            input: recipe.net.input as u32,
            seed: recipe.seed,
        })
    }

    /// A validation window without a face: a hard one, or a random one where there are none.
    fn validation_negative(&self, index: u64) -> (usize, BoundingBox) {
        let mut generator = generator(sample_seed(VALIDATION_SEED, 0, index));
        if self.hard_valid.is_empty() {
            random_negative(&self.scenes.valid, &mut generator)
        } else {
            self.hard_valid[generator.random_range(0..self.hard_valid.len())]
        }
    }

    /// A training window without a face, by lot hard or random.
    fn negative(&self, generator: &mut impl Rng) -> (usize, BoundingBox) {
        if generator.random::<f64>() < self.hard_share {
            self.hard[generator.random_range(0..self.hard.len())]
        } else {
            random_negative(&self.scenes.train, generator)
        }
    }
}

impl Stage {
    /// Side of a window in sides of the square that it is about.
    fn context(self) -> f32 {
        match self {
            Self::Proposals => 1.0 / CORE,
            Self::Faces => FACE_CONTEXT,
        }
    }

    /// The square about a face whose window is the example that `index` draws, and its class.
    fn positive(self, face: BoundingBox, index: u64) -> (BoundingBox, usize) {
        match self {
            Self::Proposals => {
                let pattern = (index % PROPOSALS.len() as u64) as usize;
                (PROPOSALS[pattern].window(face), OTHER + 1 + pattern)
            }
            Self::Faces => (face, FACE_CLASS),
        }
    }

    /// The class of windows without a face.
    fn negative(self) -> usize {
        match self {
            Self::Proposals => OTHER,
            Self::Faces => 1 - FACE_CLASS,
        }
    }

    /// The class that `class` is in a mirror.
    fn mirrored(self, class: usize) -> usize {
        match self {
            Self::Proposals if class > OTHER => OTHER + 1 + Pattern::mirrored(class - OTHER - 1),
            _ => class,
        }
    }
}

/// Windows of the training and of the validation pictures that the nets of `params` take for faces and that are none.
fn mine(params: &HardNegatives, scenes: &Scenes) -> Result<(Windows, Windows), TrainError> {
    let load = |path| Ok::<_, TrainError>(Net::new(&read_weights(path)?, None)?);
    let first = load(&params.proposed_by)?;
    let second = params.accepted.as_ref().map(|Accepted { by, .. }| load(by)).transpose()?;
    let second = second.as_ref().map(|net| net as &dyn Forward);
    let of = |pictures: &Pictures| -> Result<Windows, NetError> {
        let mine =
            |(index, picture)| Ok(mistaken(&first, second, params, picture)?.into_iter().map(move |window| (index, window)));
        let mined = pictures.list.iter().enumerate().map(mine).collect::<Result<Vec<_>, NetError>>()?;
        Ok(mined.into_iter().flatten().collect())
    };
    Ok((of(&scenes.train)?, of(&scenes.valid)?))
}

/// The windows of a picture that `first` proposes, and `second` as well if there is one, and that show none of its faces.
fn mistaken(
    first: &dyn Forward,
    second: Option<&dyn Forward>,
    params: &HardNegatives,
    picture: &Picture,
) -> Result<Vec<BoundingBox>, NetError> {
    let search = DetectorParams { first_threshold: params.threshold, max_candidates: usize::MAX, ..DetectorParams::default() };
    let mut windows = propose(first, &pyramid(first, &picture.image, &search), &search)?;
    windows.retain(|window| is_negative(window.bounds, &picture.faces));
    if let (Some(second), Some(Accepted { above, .. })) = (second, &params.accepted) {
        windows = score(second, &picture.image, &windows)?;
        windows.retain(|window| window.score >= *above);
    }
    Ok(windows.into_iter().take(params.per_picture).map(|window| window.bounds).collect())
}

fn is_negative(window: BoundingBox, faces: &[BoundingBox]) -> bool {
    faces.iter().all(|face| face.iou(&window) < MAX_NEGATIVE_IOU)
}

/// A random window beside the faces of a random picture, or anywhere in a picture without any.
fn random_negative(pictures: &Pictures, generator: &mut impl Rng) -> (usize, BoundingBox) {
    for _ in 0..ATTEMPTS {
        let from_scenes = generator.random::<bool>();
        let index = if from_scenes {
            generator.random_range(0..pictures.list.len())
        } else {
            pictures.backgrounds[generator.random_range(0..pictures.backgrounds.len())]
        };
        let window = random_window(&pictures.list[index].image, generator);
        if is_negative(window, &pictures.list[index].faces) {
            return (index, window);
        }
    }
    let index = pictures.backgrounds[generator.random_range(0..pictures.backgrounds.len())];
    (index, random_window(&pictures.list[index].image, generator))
}

/// A square inside `image`, its side evenly distributed over the octaves from [`MIN_WINDOW`] to the shorter side.
fn random_window(image: &RgbImage, generator: &mut impl Rng) -> BoundingBox {
    let shorter = image.width().min(image.height()) as f32;
    let side = MIN_WINDOW.min(shorter) * (shorter / MIN_WINDOW).max(1.0).powf(generator.random());
    let x = generator.random::<f32>() * (image.width() as f32 - side);
    let y = generator.random::<f32>() * (image.height() as f32 - side);
    BoundingBox::new(x, y, side)
}

impl Examples for FaceExamples {
    fn labels(&self) -> Vec<String> {
        match self.stage {
            Stage::Proposals => std::iter::once("other".to_owned()).chain(PROPOSALS.iter().map(Pattern::name)).collect(),
            Stage::Faces => vec!["other".into(), "face".into()],
        }
    }

    fn training_len(&self) -> u64 {
        (self.scenes.train.faces.len() as f64 / self.face_share) as u64
    }

    fn training(&self, epoch: u64, index: u64) -> Example {
        let seed = sample_seed(self.seed, epoch, index);
        let mut generator = generator(!seed);
        let is_face = generator.random::<f64>() < self.face_share;
        let (picture, square, class) = if is_face {
            let (picture, face) = self.scenes.train.faces[self.scenes.choice.pick(seed)];
            let (square, class) = self.stage.positive(face, generator.random());
            (picture, square, class)
        } else {
            let (picture, square) = self.negative(&mut generator);
            (picture, square, self.stage.negative())
        };
        let image = &self.scenes.train.list[picture].image;
        let augmented = augment(image, square, self.input, self.stage.context(), &self.augment, seed);
        let class = if augmented.mirrored { self.stage.mirrored(class) } else { class };
        Example { window: augmented.image, class: Some(class), auxiliary: None }
    }

    /// Each validation face, and as many windows without one.
    fn validation_len(&self) -> u64 {
        2 * self.scenes.valid.faces.len() as u64
    }

    fn validation(&self, index: u64) -> Example {
        let valid = &self.scenes.valid;
        let is_face = index.is_multiple_of(2);
        let (picture, square, class) = if is_face {
            let (picture, face) = valid.faces[index as usize / 2];
            let (square, class) = self.stage.positive(face, index / 2);
            (picture, square, class)
        } else {
            let (picture, square) = self.validation_negative(index);
            (picture, square, self.stage.negative())
        };
        let window = crop_resize(&valid.list[picture].image, square.jittered(self.stage.context(), 0.0, 0.0), self.input);
        Example { window, class: Some(class), auxiliary: None }
    }

    fn provenance(&self) -> Provenance {
        self.scenes.provenance.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        faces::testing::{detector, picture, window_of},
        testing::FakeNet,
    };

    #[test]
    fn what_nets_mistake_for_faces_is_mined() {
        let [face, other] = [BoundingBox::new(20.0, 30.0, 56.0), BoundingBox::new(180.0, 90.0, 80.0)];
        let picture = Picture { image: picture(320, 240, &[face, other]), faces: vec![window_of(face)] };
        let params =
            |accepted| HardNegatives { proposed_by: "first".into(), threshold: 0.3, per_picture: 5, share: 0.5, accepted };
        let accepted = Some(Accepted { by: "second".into(), above: 0.5 });
        let nets = detector();
        let first = nets.nets().proposals.as_ref();
        let (yes, no) = (nets.nets().faces.as_ref(), FakeNet::new(48, 2, |_| vec![5.0, -5.0]));
        for (second, params, expected) in [
            (None, params(None), 1..=5),
            (Some(yes), params(accepted.clone()), 1..=5),
            (Some(&no as &dyn Forward), params(accepted), 0..=0),
        ] {
            let windows = mistaken(first, second, &params, &picture).unwrap();
            assert!(expected.contains(&windows.len()), "{windows:?}");
            assert!(windows.iter().all(|window| window.iou(&window_of(other)) > 0.3), "{windows:?}");
        }
    }
}
