//! All windows of a patch in one pass.
//!
//! A net that ends in dense layers takes one window. Laid over a larger picture, a patch, its convolutions need to run only once for
//! all windows that lie a multiple of its step apart: the last pool runs at stride 1, so that it serves windows at odd and at even
//! cells alike, and the first dense layer becomes a convolution that reads every second cell. What windows see beyond
//! their edge is the rest of the patch then, and not zeros.

use crate::{
    NetError,
    spec::{Block, NetSpec, Padding},
};

/// How a net is laid over a patch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PatchForm {
    /// Index of the pool that runs at stride 1.
    pub(crate) pool: usize,
    /// Index of the dense block that becomes a convolution with a dilation of 2.
    pub(crate) dense: usize,
    /// Channels in front of that block, and side of the convolution's kernel.
    pub(crate) channels: usize,
    pub(crate) kernel: usize,
    /// Side of a window, in pixels.
    input: usize,
    /// Pixels between neighboring windows.
    pub step: usize,
}

impl PatchForm {
    /// Windows along each side of a patch of `side` pixels.
    ///
    /// # Errors
    /// [`NetError::Spec`] if windows do not fit in exactly.
    pub fn windows(&self, side: usize) -> Result<usize, NetError> {
        if side < self.input || !side.is_multiple_of(self.step) {
            let (input, step) = (self.input, self.step);
            return Err(NetError::Spec(format!("a patch must have {input} pixels and a multiple of {step} more, not {side}")));
        }
        Ok((side - self.input) / self.step + 1)
    }
}

impl NetSpec {
    /// How the net is laid over patches.
    ///
    /// # Errors
    /// [`NetError::Spec`] if it cannot be: there must be a dense layer behind a pool, no convolution between them, "same"
    /// padding, and an input that pools halve evenly.
    pub fn patch_form(&self) -> Result<PatchForm, NetError> {
        let shapes = self.shapes()?;
        let cannot = |why: &str| NetError::Spec(format!("the net cannot be laid over patches: {why}"));
        let dense = self.blocks.iter().position(|block| matches!(block, Block::Dense { .. }));
        let dense = dense.ok_or_else(|| cannot("it has no dense layer"))?;
        let front = &self.blocks[..dense];
        let pool = front.iter().rposition(|block| matches!(block, Block::MaxPool)).ok_or_else(|| cannot("it has no pool"))?;
        let is_conv = |block: &Block| matches!(block, Block::Conv { .. });
        if front[pool..].iter().any(is_conv) {
            return Err(cannot("there is a convolution between the last pool and the first dense layer"));
        }
        if front.iter().any(|block| matches!(block, Block::Conv { padding: Padding::Valid, .. })) {
            return Err(cannot("a convolution has no padding"));
        }
        let step = NetSpec { input: self.input, blocks: front[..pool].to_vec() }.stride();
        if !self.input.is_multiple_of(2 * step) {
            return Err(cannot("its input is not halved evenly"));
        }
        Ok(PatchForm { pool, dense, channels: shapes[dense].channels, kernel: shapes[dense].size, input: self.input, step })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_articles_net_has_nine_windows_in_64_pixels() {
        let form = NetSpec::article().patch_form().unwrap();
        assert_eq!((form.step, form.kernel, form.channels), (8, 3, 64));
        assert_eq!((form.windows(48).unwrap(), form.windows(64).unwrap()), (1, 3));
        for side in [40, 60] {
            assert!(form.windows(side).unwrap_err().to_string().contains("48 pixels and a multiple of 8 more"));
        }
    }

    #[test]
    fn nets_that_cannot_are_named() {
        let conv = |padding| Block::Conv { kernel: 3, filters: 4, stride: 1, padding };
        let (dense, pool) = (Block::Dense { units: 2 }, Block::MaxPool);
        for (blocks, expected) in [
            (vec![conv(Padding::Same), pool], "no dense layer"),
            (vec![conv(Padding::Same), dense], "no pool"),
            (vec![pool, conv(Padding::Same), dense], "between the last pool"),
            (vec![conv(Padding::Valid), pool, dense], "no padding"),
            (vec![pool, pool, pool, dense], "not halved evenly"),
        ] {
            let error = NetSpec { input: 12, blocks }.patch_form().unwrap_err().to_string();
            assert!(error.contains(expected), "{expected}: {error}");
        }
    }
}
