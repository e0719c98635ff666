//! Contact sheets: a dataset goes in, one picture with a row of random samples a class comes out.
//!
//! How a sample becomes a tile is the caller's to say, so that a sheet can show what augmentation does without this stage
//! knowing of it; [`face_tile`] shows faces as they are.

use super::sheet::{Sheet, fitted};
use super::{DatasetError, Scene, SceneDataset, SmileyDataset, SmileySample, Split};
use crate::smileys::Smileys;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use smielfy_vision::{BoundingBox, Color, Rectangle, RgbImage, crop_resize, outline_rectangle};

/// Space round a face in a tile, as a share of its square's side: what shifts and scales of the vote look at.
const CONTEXT: f32 = 1.5;
const SQUARE_COLOR: Color = [80, 255, 120];

/// What a sheet shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewParams {
    /// Samples of each class, at most; 12 tiles of 96 px fit an ordinary screen.
    pub per_class: usize,
    /// Side of a tile in pixels.
    pub tile_px: u32,
    /// Samples of this split only.
    pub split: Option<Split>,
    /// What chance depends on: the same seed gives the same sheet.
    pub seed: u64,
}

impl Default for PreviewParams {
    fn default() -> Self {
        Self { per_class: 12, tile_px: 96, split: None, seed: 0 }
    }
}

/// A sheet with a row a smiley, in the order of `smileys`.
///
/// `tile` makes a tile of a picture, the face square in it, and the number of the tile on the sheet; a tile of another size
/// than `tile_px` is resized.
///
/// # Errors
/// A picture that cannot be read, by name.
pub fn preview_smileys(
    dataset: &SmileyDataset,
    smileys: &Smileys,
    params: &PreviewParams,
    tile: impl Fn(&RgbImage, BoundingBox, usize) -> RgbImage,
) -> Result<RgbImage, DatasetError> {
    let label = |id: &str, emoticon: &str| format!("{id} {emoticon}");
    let labels: Vec<String> = smileys.iter().map(|smiley| label(&smiley.id, &smiley.emoticon)).collect();
    let mut sheet = Sheet::new(&labels, params.per_class, params.tile_px);
    for (row, smiley) in smileys.iter().enumerate() {
        let wanted = |sample: &&SmileySample| sample.smiley == smiley.id && params.shows(sample.split);
        let samples = params.choose(dataset.samples().iter().filter(wanted), row);
        for (column, sample) in samples.into_iter().enumerate() {
            let picture = sample.load(dataset.root())?;
            sheet.place(row, column, &tile(&picture, sample.face, row * params.per_class + column));
        }
    }
    Ok(sheet.image)
}

/// A sheet with a row a source, by name; the face squares are drawn.
///
/// # Errors
/// A picture that cannot be read, by name.
pub fn preview_scenes(dataset: &SceneDataset, params: &PreviewParams) -> Result<RgbImage, DatasetError> {
    let mut sources: Vec<String> = dataset.scenes().iter().map(|scene| scene.source.clone()).collect();
    sources.sort_unstable();
    sources.dedup();
    let mut sheet = Sheet::new(&sources, params.per_class, params.tile_px);
    for (row, source) in sources.iter().enumerate() {
        let wanted = |scene: &&Scene| scene.source == *source && params.shows(scene.split);
        let scenes = params.choose(dataset.scenes().iter().filter(wanted), row);
        for (column, scene) in scenes.into_iter().enumerate() {
            sheet.place(row, column, &scene_tile(&scene.load(dataset.root())?, &scene.faces, params.tile_px));
        }
    }
    Ok(sheet.image)
}

/// A face with a quarter of its square's side on each side round it, `size` x `size` pixels, as it is.
pub fn face_tile(picture: &RgbImage, face: BoundingBox, size: u32) -> RgbImage {
    crop_resize(picture, face.jittered(CONTEXT, 0.0, 0.0), size)
}

/// A whole picture with its squares, fitted into `size` x `size` pixels.
fn scene_tile(picture: &RgbImage, faces: &[BoundingBox], size: u32) -> RgbImage {
    let (mut small, factor) = fitted(picture, size);
    for face in faces {
        outline_rectangle(&mut small, Rectangle::from(face.scaled(factor)), 1, SQUARE_COLOR);
    }
    small
}

impl PreviewParams {
    fn shows(&self, split: Split) -> bool {
        self.split.is_none_or(|wanted| wanted == split)
    }

    /// At most [`PreviewParams::per_class`] of `items`, at random; each row has chances of its own.
    fn choose<T>(&self, items: impl Iterator<Item = T>, row: usize) -> Vec<T> {
        let mut random = ChaCha8Rng::seed_from_u64(self.seed);
        random.set_stream(row as u64);
        let mut items: Vec<T> = items.collect();
        items.shuffle(&mut random);
        items.truncate(self.per_class);
        items
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::sheet::{BACKGROUND, GAP};
    use crate::dataset::testing::{folder, message, png};

    const SMILEYS: &str = "[[smiley]]\nid = \"wink\"\nemoticon = \";)\"\npose = \"-\"\n[[smiley]]\nid = \"grin\"\nemoticon = \":D\"\npose = \"-\"\n";

    /// Three winks of different reds and a grin, and the sheet of them with two a row.
    fn sheet(seed: u64, split: Option<Split>) -> Result<RgbImage, DatasetError> {
        let row = |file: &str, smiley: &str, split: &str| format!("{file},{smiley},{file},{split},web,eye,8,8,2,2,4\n");
        let manifest = [
            "file,smiley,group,split,source,origin,width,height,face_x,face_y,face_side\n".to_owned(),
            row("a", "wink", "train"),
            row("b", "wink", "test"),
            row("c", "wink", "train"),
            row("d", "grin", "train"),
        ];
        let images = [("a", 50), ("b", 100), ("c", 150), ("d", 200)];
        let images = images.map(|(file, red)| (file, png(&RgbImage::from_pixel(8, 8, [red, 0, 0].into()))));
        let folder = folder(&manifest.concat(), &images);
        let dataset = SmileyDataset::load(folder.path())?;
        let params = PreviewParams { per_class: 2, tile_px: 20, split, seed };
        preview_smileys(&dataset, &Smileys::parse(SMILEYS).unwrap(), &params, |picture, face, _| face_tile(picture, face, 20))
    }

    /// The reds in the middles of the places of a sheet with 2 x 2 places of 20 pixels.
    fn reds(sheet: &RgbImage) -> [u8; 4] {
        let right = sheet.width() - GAP - 10;
        [(right - 22, 12), (right, 12), (right - 22, 34), (right, 34)].map(|(x, y)| sheet.get_pixel(x, y)[0])
    }

    #[test]
    fn rows_are_smileys_and_chance_is_seeded() {
        let first = sheet(1, None).unwrap();
        assert_eq!(first, sheet(1, None).unwrap());
        assert!((2..9).any(|seed| sheet(seed, None).unwrap() != first));
        let [wink, other, grin, nothing] = reds(&first);
        assert!([50, 100, 150].contains(&wink) && [50, 100, 150].contains(&other) && wink != other);
        assert_eq!([grin, nothing], [200, BACKGROUND[0]]);
    }

    #[test]
    fn a_split_is_shown_alone() {
        assert_eq!(reds(&sheet(0, Some(Split::Test)).unwrap()), [100, 28, 28, 28]);
    }

    #[test]
    fn tiles_are_the_callers() {
        let manifest =
            "file,smiley,group,split,source,origin,width,height,face_x,face_y,face_side\na,grin,g,train,w,eye,8,8,2,2,4\n";
        let folder = folder(manifest, &[("a", png(&RgbImage::new(8, 8)))]);
        let dataset = SmileyDataset::load(folder.path()).unwrap();
        let params = PreviewParams { per_class: 2, tile_px: 20, ..PreviewParams::default() };
        let tile = |_: &RgbImage, face: BoundingBox, number: usize| {
            assert_eq!((face, number), (BoundingBox::new(2.0, 2.0, 4.0), 2));
            RgbImage::from_pixel(50, 50, [77; 3].into())
        };
        let sheet = preview_smileys(&dataset, &Smileys::parse(SMILEYS).unwrap(), &params, tile).unwrap();
        assert_eq!(reds(&sheet), [28, 28, 77, 28]);
    }

    #[test]
    fn scenes_show_their_squares() {
        let manifest =
            "file,split,source,width,height,x,y,side\na,train,web,40,20,10,4,10\nb,train,bg,20,20,,,\ngone,test,w,9,9,,,\n";
        let images = [("a", png(&RgbImage::new(40, 20))), ("b", png(&RgbImage::new(20, 20)))];
        let folder = folder(manifest, &images);
        let dataset = SceneDataset::load(folder.path()).unwrap();
        let params = PreviewParams { per_class: 1, tile_px: 40, split: Some(Split::Train), seed: 0 };
        let sheet = preview_scenes(&dataset, &params).unwrap();
        let green = sheet.pixels().filter(|pixel| pixel.0 == SQUARE_COLOR).count();
        assert_eq!(green, 36, "the outline of a square of 10 pixels");
        let all = preview_scenes(&dataset, &PreviewParams { split: None, ..params });
        assert!(message(all).contains("gone"));
    }
}
