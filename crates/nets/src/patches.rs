//! All windows of a patch in one pass.
//!
//! A net that ends in dense layers takes one window. Laid over a larger picture, a patch, its convolutions need to run only once for
//! all windows that lie a multiple of its step apart, and the first dense layer becomes a convolution over their maps. If no
//! convolution pads its input, a window in a patch is answered exactly as it is alone: nothing that the net sees of it lies beyond
//! its edge.

use crate::{
    NetError,
    spec::{Block, NetSpec, Padding},
};

/// How a net is laid over a patch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PatchForm {
    /// Channels in front of the first dense block, and side of the maps there: of the convolution that it becomes.
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
        if side < self.input || !(side - self.input).is_multiple_of(self.step) {
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
    /// [`NetError::Spec`] if it cannot be: there must be a dense layer, and no convolution that pads its input.
    pub fn patch_form(&self) -> Result<PatchForm, NetError> {
        let shapes = self.shapes()?;
        let cannot = |why: &str| NetError::Spec(format!("the net cannot be laid over patches: {why}"));
        let dense = self.blocks.iter().position(|block| matches!(block, Block::Dense { .. }));
        let dense = dense.ok_or_else(|| cannot("it has no dense layer"))?;
        let pads = |block: &Block| matches!(block, Block::Conv { kernel, padding: Padding::Same, .. } if *kernel > 1);
        if self.blocks.iter().any(pads) {
            return Err(cannot("a convolution pads its input, so that a window would see another edge"));
        }
        Ok(PatchForm { channels: shapes[dense].channels, kernel: shapes[dense].size, input: self.input, step: self.stride() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nine_windows_in_64_pixels() {
        let conv = |kernel, stride| Block::Conv { kernel, filters: 4, stride, padding: Padding::Valid };
        let blocks =
            vec![conv(5, 2), conv(3, 1), Block::MaxPool, conv(3, 1), conv(3, 1), Block::MaxPool, Block::Dense { units: 2 }];
        let form = NetSpec { input: 48, blocks }.patch_form().unwrap();
        assert_eq!((form.step, form.kernel, form.channels), (8, 3, 4));
        assert_eq!((form.windows(48).unwrap(), form.windows(64).unwrap()), (1, 3));
        for side in [40, 60] {
            assert!(form.windows(side).unwrap_err().to_string().contains("48 pixels and a multiple of 8 more"));
        }
    }

    #[test]
    fn nets_that_cannot_are_named() {
        let conv = |padding| Block::Conv { kernel: 3, filters: 4, stride: 1, padding };
        let dense = Block::Dense { units: 2 };
        for (blocks, expected) in
            [(vec![conv(Padding::Valid), Block::MaxPool], "no dense layer"), (vec![conv(Padding::Same), dense], "pads its input")]
        {
            let error = NetSpec { input: 12, blocks }.patch_form().unwrap_err().to_string();
            assert!(error.contains(expected), "{expected}: {error}");
        }
        assert!(NetSpec::article().patch_form().is_err());
    }
}
