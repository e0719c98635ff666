//! How long a rendered picture takes: `cargo bench -p smielfy --bench synth`.
//!
//! The head kit is that of the environment variable `SMIELFY_KIT`, or the plain head, which has fewer triangles. Pictures of 96 x
//! 96 pixels of all poses in turn, median of several rounds: on one thread, on all, and as a ratio to decoding the same
//! pictures from JPEG, which is what a training from a folder does instead.

#![expect(clippy::print_stdout, reason = "a benchmark tells what it measured")]

use std::{hint::black_box, path::Path, time::Instant};

use rayon::prelude::*;
use smielfy::synth::{Kit, KitError, Poses, Synth, SynthParams};
use smielfy_vision::{PictureFormat, decode, encode};

/// Rounds, of which the median counts, and pictures a round.
const ROUNDS: usize = 9;
const PICTURES: u64 = 68;

/// Median milliseconds a picture over the rounds of `work`, which makes [`PICTURES`].
fn median_ms(mut work: impl FnMut(u64)) -> f64 {
    let round = |number: usize| {
        let start = Instant::now();
        work(number as u64 * PICTURES);
        start.elapsed().as_secs_f64() * 1000.0 / PICTURES as f64
    };
    let mut times: Vec<f64> = (0..=ROUNDS).map(round).skip(1).collect();
    times.sort_by(f64::total_cmp);
    times[ROUNDS / 2]
}

fn main() -> Result<(), KitError> {
    let (kit, name) = match std::env::var_os("SMIELFY_KIT") {
        Some(path) => (Kit::load(Path::new(&path))?, "the kit of SMIELFY_KIT"),
        None => (Kit::ellipsoid(), "the plain head"),
    };
    let synth = Synth::new(kit, Poses::default(), vec![], SynthParams::default());
    let render = |seed: u64| black_box(synth.picture(seed));
    let jpegs: Vec<Vec<u8>> = (0..PICTURES).filter_map(|seed| encode(&render(seed).image, PictureFormat::Jpeg).ok()).collect();
    let alone = median_ms(|first| (first..first + PICTURES).for_each(|seed| drop(render(seed))));
    let together = median_ms(|first| (first..first + PICTURES).into_par_iter().for_each(|seed| drop(render(seed))));
    let decoding = median_ms(|_| jpegs.iter().for_each(|bytes| drop(black_box(decode(bytes)))));
    let threads = rayon::current_num_threads();
    println!("96 x 96 px of {name}: {alone:.2} ms a picture on one thread, {together:.2} ms on {threads}");
    println!("ratio of {threads} threads to one {:.2}; ratio to decoding a JPEG {:.0}", alone / together, alone / decoding);
    Ok(())
}
