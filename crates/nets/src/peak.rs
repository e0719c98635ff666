//! What a processor reaches at best: the yardstick of how well nets use it.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use pulp::{Arch, Simd, WithSimd};

/// Sums that are independent of each other, so that each step need not wait for the one before: more than the latency of a
/// multiply-add (4 cycles) times those begun in a cycle (2), as many as registers hold beside the factors.
const SUMS: usize = 12;
/// Steps of one timed run: about a millisecond.
const STEPS: usize = 200_000;
/// Timed runs, of which the fastest counts: what disturbs one only makes it slower.
const RUNS: usize = 20;

/// Multiply-adds a second of one thread, of 32-bit numbers that stay in registers, by the widest instructions that there are.
pub fn peak_multiply_adds() -> f64 {
    let arch = Arch::new();
    let run = |_| {
        let start = Instant::now();
        let count = arch.dispatch(MultiplyAdds);
        (count, start.elapsed())
    };
    let (count, fastest) = (0..RUNS).map(run).min_by_key(|(_, time)| *time).unwrap_or((0, Duration::from_secs(1)));
    count as f64 / fastest.as_secs_f64()
}

/// The loop; it gives how many multiply-adds it did.
struct MultiplyAdds;

impl WithSimd for MultiplyAdds {
    type Output = usize;

    #[expect(clippy::inline_always, reason = "the instructions are those of the function that it is inlined into")]
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> usize {
        // Nothing of it is known to the compiler, which would foresee the end of the loop.
        let (factor, summand) = (simd.splat_f32s(black_box(0.999)), simd.splat_f32s(black_box(0.001)));
        let mut sums = [simd.splat_f32s(black_box(2.0)); SUMS];
        for _ in 0..STEPS {
            for sum in &mut sums {
                *sum = simd.mul_add_f32s(*sum, factor, summand);
            }
        }
        black_box(sums);
        STEPS * SUMS * S::F32_LANES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loop_counts_what_it_does() {
        let count = Arch::new().dispatch(MultiplyAdds);
        assert!(count >= STEPS * SUMS && count.is_multiple_of(STEPS * SUMS));
        let peak = peak_multiply_adds();
        assert!((1e6..1e13).contains(&peak), "{peak}: not less than any processor, nor more than any");
    }
}
