//! Convolutions of maps whose channels lie side by side.
//!
//! A register holds neighboring output channels. For a tile of places and some registers of channels, all sums stay in registers while
//! inputs and weights pass by: each input value that is read is multiplied with a register of weights, and each register of weights
//! serves all places of the tile. What a place sees of an input row lies in one piece, so nothing is gathered beforehand (as im2col
//! does), and a few places with many sums each keep the multipliers busy.

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use super::maps::Maps;
use crate::weights::TensorValues;

/// Registers of output channels that a tile has at most.
const REGISTERS: usize = 3;
/// Places of a tile: with [`REGISTERS`] each, 24 of 32 registers hold sums, or 12 of 16.
const PLACES: usize = 8;
const PLACES_OF_FEW_REGISTERS: usize = 4;
/// Multiply-adds below which threads cost more than they save.
const WORTH_THREADS: usize = 1 << 20;

/// A convolution, ready to run.
#[derive(Debug)]
pub(super) struct Conv {
    arch: Arch,
    kernel: usize,
    inputs: usize,
    outputs: usize,
    stride: usize,
    around: usize,
    /// Lowest value that comes out: 0 where a relu follows.
    floor: f32,
    groups: Vec<Group>,
}

/// Output channels that are done together: a few registers of them.
#[derive(Debug)]
struct Group {
    first: usize,
    /// By kernel row, kernel column and input channel: the weight of each channel, with zeros to whole registers.
    weights: Vec<f32>,
    bias: Vec<f32>,
}

impl Conv {
    /// A convolution with weights `[out, in, height, width]`, a bias `[out]`, `around` zeros on each side, a step of `stride` pixels,
    /// and a relu behind it or not.
    pub fn new(arch: Arch, weight: &TensorValues, bias: &[f32], around: usize, stride: usize, relu: bool) -> Self {
        let [outputs, inputs, kernel] = [weight.shape[0], weight.shape[1], weight.shape[2]];
        let lanes = arch.dispatch(Lanes);
        let registers = outputs.div_ceil(lanes);
        let count = registers.div_ceil(REGISTERS);
        let bounds = |group: usize| (registers * group / count * lanes).min(outputs);
        let pack = |group: usize| {
            let channels = bounds(group)..bounds(group + 1);
            let zeros = channels.len().next_multiple_of(lanes) - channels.len();
            let padded = |value: &dyn Fn(usize) -> f32| -> Vec<f32> {
                channels.clone().map(value).chain(std::iter::repeat_n(0.0, zeros)).collect()
            };
            let area = kernel * kernel;
            let taps = (0..area).flat_map(|tap| (0..inputs).map(move |input| input * area + tap));
            let weights = taps.flat_map(|tap| padded(&|channel| weight.values[channel * inputs * area + tap])).collect();
            Group { first: channels.start, weights, bias: padded(&|channel| bias[channel]) }
        };
        let groups = (0..count).map(pack).collect();
        Self { arch, kernel, inputs, outputs, stride, around, floor: if relu { 0.0 } else { f32::NEG_INFINITY }, groups }
    }

    /// The maps that come out, made by so many of rayon's `threads` if that is worth it.
    ///
    /// # Errors
    /// Maps are smaller than the kernel.
    pub fn run(&self, maps: &Maps, threads: usize) -> Result<Maps<'static>, String> {
        let padded = (self.around > 0).then(|| maps.padded(self.around));
        let maps = padded.as_ref().unwrap_or(maps);
        let smaller = maps.height.min(maps.width);
        if smaller < self.kernel {
            return Err(format!("a map of {smaller} pixels is too small for a kernel of {}", self.kernel));
        }
        let after = |length: usize| (length - self.kernel) / self.stride + 1;
        let (height, width) = (after(maps.height), after(maps.width));
        let mut out = Maps::new(maps.count, height, width, self.outputs);
        let places = self.places(maps, height, width);
        let work = places.len() * self.outputs * self.inputs * self.kernel * self.kernel;
        let run = |places: &[usize], out: &mut [f32]| self.arch.dispatch(Run { conv: self, maps, places, out });
        if threads == 1 || work < WORTH_THREADS {
            run(&places, out.values.to_mut());
        } else {
            let share = places.len().div_ceil(threads).next_multiple_of(PLACES);
            places
                .par_chunks(share)
                .zip(out.values.to_mut().par_chunks_mut(share * self.outputs))
                .for_each(|(places, out)| run(places, out));
        }
        Ok(out)
    }

    /// Where what each place of the output sees begins in the input.
    fn places(&self, maps: &Maps, height: usize, width: usize) -> Vec<usize> {
        let mut places = Vec::with_capacity(maps.count * height * width);
        for row in (0..maps.count).flat_map(|picture| (0..height).map(move |y| picture * maps.height + y * self.stride)) {
            let first = row * maps.width * self.inputs;
            places.extend((0..width).map(|x| first + x * self.stride * self.inputs));
        }
        places
    }
}

/// Numbers in a register.
struct Lanes;

impl WithSimd for Lanes {
    type Output = usize;

    fn with_simd<S: Simd>(self, _: S) -> usize {
        S::F32_LANES
    }
}

/// A convolution of some places, whose output channels go to `out`.
struct Run<'a> {
    conv: &'a Conv,
    maps: &'a Maps<'a>,
    places: &'a [usize],
    out: &'a mut [f32],
}

impl WithSimd for Run<'_> {
    type Output = ();

    #[expect(clippy::inline_always, reason = "the instructions are those of the function that it is inlined into")]
    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        for group in &self.conv.groups {
            if S::REGISTER_COUNT < 32 {
                self.group_in_tiles::<S, PLACES_OF_FEW_REGISTERS>(simd, group);
            } else {
                self.group_in_tiles::<S, PLACES>(simd, group);
            }
        }
    }
}

#[expect(clippy::inline_always, reason = "the instructions are those of the function that it is inlined into")]
impl Run<'_> {
    #[inline(always)]
    fn group_in_tiles<S: Simd, const P: usize>(&mut self, simd: S, group: &Group) {
        match group.bias.len() / S::F32_LANES {
            1 => self.tiles::<S, P, 1>(simd, group),
            2 => self.tiles::<S, P, 2>(simd, group),
            _ => self.tiles::<S, P, REGISTERS>(simd, group),
        }
    }

    /// All places in tiles of `P`, each with `R` registers of channels.
    #[inline(always)]
    fn tiles<S: Simd, const P: usize, const R: usize>(&mut self, simd: S, group: &Group) {
        let conv = self.conv;
        let weights = S::as_simd_f32s(&group.weights).0.as_chunks::<R>().0;
        let bias: [S::f32s; R] = std::array::from_fn(|register| S::as_simd_f32s(&group.bias).0[register]);
        let floor = simd.splat_f32s(conv.floor);
        let values: &[f32] = &self.maps.values;
        for (tile, out) in self.places.chunks(P).zip(self.out.chunks_mut(P * conv.outputs)) {
            // A last tile with fewer places does the last of them several times.
            let places: [usize; P] = std::array::from_fn(|place| tile[place.min(tile.len() - 1)]);
            let mut sums = [bias; P];
            for (row, weights) in weights.chunks_exact(conv.kernel * conv.inputs).enumerate() {
                let start = row * self.maps.width * conv.inputs;
                let seen: [&[f32]; P] = std::array::from_fn(|place| &values[places[place] + start..][..weights.len()]);
                for (at, weights) in weights.iter().enumerate() {
                    // Not by iterators, with which a vote takes 1.6 times as long.
                    for place in 0..P {
                        let value = simd.splat_f32s(seen[place][at]);
                        for register in 0..R {
                            sums[place][register] = simd.mul_add_e_f32s(value, weights[register], sums[place][register]);
                        }
                    }
                }
            }
            for (out, sums) in out.chunks_exact_mut(conv.outputs).zip(&sums) {
                let (whole, rest) = S::as_mut_simd_f32s(&mut out[group.first..]);
                for (register, sum) in sums.iter().enumerate() {
                    let value = simd.max_f32s(*sum, floor);
                    match whole.get_mut(register) {
                        Some(place) => *place = value,
                        None => simd.partial_store_f32s(rest, value),
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::numbers;

    /// All kinds of processors that this one can be.
    fn kinds() -> Vec<Arch> {
        #[cfg_attr(
            not(target_arch = "x86_64"),
            expect(unused_mut, reason = "other processors have no kinds that are told apart")
        )]
        let mut kinds = vec![Arch::Scalar, Arch::new()];
        #[cfg(target_arch = "x86_64")]
        kinds.extend(pulp::x86::V3::try_new().map(Arch::V3));
        kinds
    }

    /// The definition of a convolution.
    fn defined(maps: &Maps, weight: &TensorValues, bias: &[f32], around: usize, stride: usize) -> Vec<f32> {
        let [inputs, kernel] = [weight.shape[1], weight.shape[2]];
        let value = |picture: usize, y: usize, x: usize, channel: usize| {
            let inside = (around..maps.height + around).contains(&y) && (around..maps.width + around).contains(&x);
            let at = |y: usize, x: usize| ((picture * maps.height + y) * maps.width + x) * inputs + channel;
            if inside { maps.values[at(y - around, x - around)] } else { 0.0 }
        };
        let after = |length: usize| (length + 2 * around - kernel) / stride + 1;
        let mut out = vec![];
        for place in 0..maps.count * after(maps.height) * after(maps.width) {
            let (row, x) = (place / after(maps.width), place % after(maps.width) * stride);
            let (picture, y) = (row / after(maps.height), row % after(maps.height) * stride);
            for (output, bias) in bias.iter().enumerate() {
                let taps = (0..inputs * kernel * kernel).map(|tap| {
                    let (channel, dy, dx) = (tap / kernel / kernel, tap / kernel % kernel, tap % kernel);
                    weight.values[output * inputs * kernel * kernel + tap] * value(picture, y + dy, x + dx, channel)
                });
                out.push(bias + taps.sum::<f32>());
            }
        }
        out
    }

    #[test]
    fn convolutions_are_what_they_are_defined_to_be() {
        let mut draw = numbers(3);
        for (outputs, inputs, kernel, around, stride) in
            [(1, 3, 1, 0, 1), (10, 3, 3, 0, 2), (17, 5, 3, 1, 1), (46, 7, 2, 0, 1), (64, 2, 5, 2, 2), (100, 1, 3, 0, 3)]
        {
            let (count, height, width) = (2, 7, 9);
            let mut maps = Maps::new(count, height, width, inputs);
            maps.values.to_mut().iter_mut().for_each(|value| *value = draw.next().unwrap());
            let weight = TensorValues {
                shape: vec![outputs, inputs, kernel, kernel],
                values: draw.by_ref().take(outputs * inputs * kernel * kernel).collect(),
            };
            let bias: Vec<f32> = draw.by_ref().take(outputs).collect();
            let expected = defined(&maps, &weight, &bias, around, stride);
            for (arch, relu) in kinds().into_iter().flat_map(|arch| [(arch, false), (arch, true)]) {
                let found = Conv::new(arch, &weight, &bias, around, stride, relu).run(&maps, 1).unwrap();
                assert_eq!(found.values.len(), expected.len());
                for (found, expected) in found.values.iter().zip(&expected) {
                    let expected = if relu { expected.max(0.0) } else { *expected };
                    assert!((found - expected).abs() < 1e-4, "{arch:?}, {outputs} of {inputs}: {found} is not {expected}");
                }
            }
        }
    }

    #[test]
    fn threads_change_nothing() {
        let mut draw = numbers(5);
        let mut maps = Maps::new(3, 41, 43, 8);
        maps.values.to_mut().iter_mut().for_each(|value| *value = draw.next().unwrap());
        let weight = TensorValues { shape: vec![20, 8, 3, 3], values: draw.by_ref().take(1440).collect() };
        let conv = Conv::new(Arch::new(), &weight, &[0.1; 20], 0, 1, false);
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| conv.run(&maps, threads).unwrap().values.into_owned())
        };
        assert!(maps.values.len() * 20 * 9 > WORTH_THREADS);
        assert!([2, 3].map(on).iter().all(|values| *values == on(1)));
    }
}
