//! Contact sheets: a row of renders a pose, to look at.

use rayon::prelude::*;
use smielfy_vision::RgbImage;

use super::Synth;
use crate::{augment::sample_seed, dataset::Sheet, smileys::NONE};

/// A sheet with `per_pose` renders of each pose and of what is none, in the order of the poses.
pub fn contact_sheet(synth: &Synth, per_pose: usize, seed: u64) -> RgbImage {
    let ids: Vec<String> = synth.poses().ids().chain([NONE]).filter(|id| synth.poses().has(id)).map(str::to_owned).collect();
    let mut sheet = Sheet::new(&ids, per_pose, synth.params.size_px);
    let places: Vec<(usize, usize)> = (0..ids.len()).flat_map(|row| (0..per_pose).map(move |column| (row, column))).collect();
    let render = |(row, column): &(usize, usize)| {
        let seed = sample_seed(seed, *row as u64, *column as u64);
        synth.picture_of(&ids[*row], seed).expect("there is a pose for it").image
    };
    let tiles: Vec<RgbImage> = places.par_iter().map(render).collect();
    places.iter().zip(&tiles).for_each(|((row, column), tile)| sheet.place(*row, *column, tile));
    sheet.image
}
