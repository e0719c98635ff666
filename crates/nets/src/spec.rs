//! A net as data: an input size and a list of blocks.
//!
//! From a [`NetSpec`] come the training form (`train`), the running form (`graph`) and the names and shapes of the tensors
//! in a weight file. A spec is part of every recipe and of every weight file's card.

use serde::{Deserialize, Serialize};

use crate::NetError;

/// Number of classes that the article's smile net tells apart.
const ARTICLE_SMILEYS: usize = 17;

/// One block of a net. Convolutions keep the size of their input ("same" padding) unless said otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Block {
    /// Sets a share `rate` of the values to 0 while training and scales the others up; does nothing while running.
    Dropout {
        /// Share of values dropped, `0..1`.
        rate: f64,
    },
    /// A square convolution with a bias.
    Conv {
        /// Side of the kernel in pixels; odd where the padding is "same".
        kernel: usize,
        /// Channels out.
        filters: usize,
        /// Step between neighboring outputs in pixels.
        #[serde(default = "one")]
        stride: usize,
        /// Whether zeros are put round the input so that the size is kept (at stride 1), or only whole windows count.
        #[serde(default)]
        padding: Padding,
    },
    /// `max(x, 0)`.
    Relu,
    /// Normalization of each channel over the batch (Ioffe and Szegedy 2015), then a learned scale and shift.
    BatchNorm,
    /// Maximum over whole 2x2 windows at stride 2; an odd last row or column is dropped.
    MaxPool,
    /// Flattens what comes in, then a dense layer with a bias.
    Dense {
        /// Values out.
        units: usize,
    },
}

/// What a convolution does at the border.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Padding {
    /// Zeros round the input: the size stays (at stride 1).
    #[default]
    Same,
    /// Whole windows only: the size falls by `kernel - 1`.
    Valid,
}

fn one() -> usize {
    1
}

/// A net: what it takes and the blocks that follow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetSpec {
    /// Side in pixels of the square RGB input that the net is trained on.
    pub input: usize,
    /// The blocks in the order in which data passes them.
    pub blocks: Vec<Block>,
}

/// Channels, height and width of the values between two blocks; height and width are 1 behind a dense layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// Channels.
    pub channels: usize,
    /// Height and width: all maps are square.
    pub size: usize,
}

impl Shape {
    /// How many values there are.
    pub fn len(&self) -> usize {
        self.channels * self.size * self.size
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A tensor that a weight file holds: its name and shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TensorSpec {
    /// Name such as `conv2.weight`: the kind of block, which of its kind counted from 1, and the part.
    pub name: String,
    /// Convolutions `[out, in, height, width]`, dense layers `[out, in]`, all else `[channels]`.
    pub shape: Vec<usize>,
}

impl NetSpec {
    /// The article's smile net: 48x48 RGB, four convolutions of 64 filters (5x5, 5x5, 3x3, 3x3), each followed by relu,
    /// batch norm and a 2x2 max pool, a dense layer of 256 and one of 17; dropout .1, .3 and .3.
    pub fn article() -> Self {
        Self::article_with_top(ARTICLE_SMILEYS)
    }

    /// The detection sibling of the article's net: the same with 2 classes at the top.
    pub fn article_detector() -> Self {
        Self::article_with_top(2)
    }

    fn article_with_top(classes: usize) -> Self {
        let mut blocks = vec![Block::Dropout { rate: 0.1 }];
        for kernel in [5, 5, 3, 3] {
            let conv = Block::Conv { kernel, filters: 64, stride: 1, padding: Padding::Same };
            blocks.extend([conv, Block::Relu, Block::BatchNorm, Block::MaxPool]);
        }
        blocks.extend([Block::Dropout { rate: 0.3 }, Block::Dense { units: 256 }, Block::Relu, Block::BatchNorm]);
        blocks.extend([Block::Dropout { rate: 0.3 }, Block::Dense { units: classes }]);
        Self { input: 48, blocks }
    }

    /// The shape behind each block, the input first: one more than there are blocks.
    ///
    /// # Errors
    /// [`NetError::Spec`] if a block cannot take what comes in: a kernel larger than its input, nothing left after a pool,
    /// a convolution behind a dense layer, an even kernel with "same" padding, zero filters, a rate outside `0..1`.
    pub fn shapes(&self) -> Result<Vec<Shape>, NetError> {
        let mut shapes = vec![Shape { channels: 3, size: self.input }];
        let mut flat = false;
        for (index, block) in self.blocks.iter().enumerate() {
            let before = shapes[index];
            let invalid = |why: &str| NetError::Spec(format!("block {} ({block:?}): {why}", index + 1));
            flat |= matches!(block, Block::Dense { .. });
            if flat && matches!(block, Block::Conv { .. } | Block::MaxPool) {
                return Err(invalid("cannot follow a dense layer"));
            }
            let after = after(block, before).map_err(invalid)?;
            if after.is_empty() {
                return Err(invalid("leaves nothing"));
            }
            shapes.push(after);
        }
        Ok(shapes)
    }

    /// How many values come out for an input of the trained size: the number of classes.
    ///
    /// # Errors
    /// As [`NetSpec::shapes`].
    pub fn outputs(&self) -> Result<usize, NetError> {
        let shapes = self.shapes()?;
        Ok(shapes.last().map_or(0, Shape::len))
    }

    /// Pixels of the input between neighboring places of the output map: the product of all strides.
    pub fn stride(&self) -> usize {
        let stride = |block: &Block| match *block {
            Block::Conv { stride, .. } => stride,
            Block::MaxPool => 2,
            _ => 1,
        };
        self.blocks.iter().map(stride).product()
    }

    /// The tensors of a weight file of this net, in the order of the blocks.
    ///
    /// # Errors
    /// As [`NetSpec::shapes`].
    pub fn tensors(&self) -> Result<Vec<TensorSpec>, NetError> {
        let shapes = self.shapes()?;
        let (mut convs, mut norms, mut denses) = (0, 0, 0);
        let mut tensors = Vec::new();
        for (block, before) in self.blocks.iter().zip(shapes) {
            match *block {
                Block::Conv { kernel, filters, .. } => {
                    convs += 1;
                    tensors.push(tensor("conv", convs, "weight", &[filters, before.channels, kernel, kernel]));
                    tensors.push(tensor("conv", convs, "bias", &[filters]));
                }
                Block::BatchNorm => {
                    norms += 1;
                    for part in ["scale", "shift", "mean", "variance"] {
                        tensors.push(tensor("norm", norms, part, &[before.channels]));
                    }
                }
                Block::Dense { units } => {
                    denses += 1;
                    tensors.push(tensor("dense", denses, "weight", &[units, before.len()]));
                    tensors.push(tensor("dense", denses, "bias", &[units]));
                }
                Block::Dropout { .. } | Block::Relu | Block::MaxPool => {}
            }
        }
        Ok(tensors)
    }

    /// Learned and running values in all.
    ///
    /// # Errors
    /// As [`NetSpec::shapes`].
    pub fn parameters(&self) -> Result<usize, NetError> {
        Ok(self.tensors()?.iter().map(|tensor| tensor.shape.iter().product::<usize>()).sum())
    }

    /// Multiply-adds of the convolutions and dense layers for one input of the trained size.
    ///
    /// # Errors
    /// As [`NetSpec::shapes`].
    pub fn multiply_adds(&self) -> Result<usize, NetError> {
        self.multiply_adds_over(self.input, self.input)
    }

    /// The same for a larger input, over which a net without dense layers is laid as it is, and others as their
    /// [`PatchForm`](crate::PatchForm) says: the first dense layer is done once for each window.
    ///
    /// # Errors
    /// As [`NetSpec::shapes`].
    pub fn multiply_adds_over(&self, height: usize, width: usize) -> Result<usize, NetError> {
        let shapes = self.shapes()?;
        let (mut height, mut width, mut sum) = (height, width, 0);
        for (block, pair) in self.blocks.iter().zip(shapes.windows(2)) {
            let (before, after) = (pair[0], pair[1]);
            let kernel = match *block {
                Block::Conv { kernel, stride, padding, .. } => {
                    let places = |length: usize| match padding {
                        Padding::Same => length.div_ceil(stride),
                        Padding::Valid => (length.saturating_sub(kernel)) / stride + 1,
                    };
                    (height, width) = (places(height), places(width));
                    kernel
                }
                Block::MaxPool => {
                    (height, width) = (height / 2, width / 2);
                    continue;
                }
                Block::Dense { .. } => {
                    (height, width) = (height.saturating_sub(before.size) + 1, width.saturating_sub(before.size) + 1);
                    before.size
                }
                _ => continue,
            };
            sum += before.channels * kernel * kernel * after.channels * height * width;
        }
        Ok(sum)
    }
}

fn tensor(kind: &str, number: usize, part: &str, shape: &[usize]) -> TensorSpec {
    TensorSpec { name: format!("{kind}{number}.{part}"), shape: shape.to_vec() }
}

/// The shape behind `block`, or why it cannot take `before`.
fn after(block: &Block, before: Shape) -> Result<Shape, &'static str> {
    let Shape { channels, size } = before;
    match *block {
        Block::Dropout { rate } if !(0.0..1.0).contains(&rate) => Err("the rate must be at least 0 and below 1"),
        Block::Dropout { .. } | Block::Relu | Block::BatchNorm => Ok(before),
        Block::Conv { kernel: 0, .. } | Block::Conv { stride: 0, .. } => Err("kernel and stride must be at least 1"),
        Block::Conv { kernel, padding: Padding::Same, .. } if kernel % 2 == 0 => {
            Err("an even kernel cannot keep the size: use an odd one or valid padding")
        }
        Block::Conv { kernel, padding: Padding::Valid, .. } if kernel > size => Err("the kernel is larger than its input"),
        Block::Conv { filters, stride, padding: Padding::Same, .. } => {
            Ok(Shape { channels: filters, size: size.div_ceil(stride) })
        }
        Block::Conv { kernel, filters, stride, padding: Padding::Valid } => {
            Ok(Shape { channels: filters, size: (size - kernel) / stride + 1 })
        }
        Block::MaxPool => Ok(Shape { channels, size: size / 2 }),
        Block::Dense { units } => Ok(Shape { channels: units, size: 1 }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_article_net_is_exact() {
        let spec = NetSpec::article();
        let sizes: Vec<usize> = spec.shapes().unwrap().iter().map(|shape| shape.size).collect();
        assert_eq!(sizes, [48, 48, 48, 48, 48, 24, 24, 24, 24, 12, 12, 12, 12, 6, 6, 6, 6, 3, 3, 1, 1, 1, 1, 1]);
        assert_eq!(spec.outputs().unwrap(), 17);
        assert_eq!(NetSpec::article_detector().outputs().unwrap(), 2);
        // 2304*64*75 + 576*64*1600 + 144*64*576 + 36*64*576 + 576*256 + 256*17
        assert_eq!(spec.multiply_adds().unwrap(), 76_828_928);
        assert_eq!(spec.tensors().unwrap()[0], tensor("conv", 1, "weight", &[64, 3, 5, 5]));
        assert_eq!(spec.tensors().unwrap().last().unwrap().name, "dense2.bias");
    }

    #[test]
    fn larger_inputs_cost_what_their_places_cost() {
        let conv = |kernel, stride| Block::Conv { kernel, filters: 4, stride, padding: Padding::Valid };
        let net = NetSpec { input: 9, blocks: vec![conv(3, 2), Block::Relu, conv(3, 1)] };
        // 9x9: 4x4 places of 3*9*4, and 2x2 of 4*9*4. 13x9: 6x4 and 4x2.
        assert_eq!(net.multiply_adds().unwrap(), 16 * 108 + 4 * 144);
        assert_eq!(net.multiply_adds_over(13, 9).unwrap(), 24 * 108 + 8 * 144);
        let patches = NetSpec { input: 6, blocks: vec![Block::MaxPool, Block::Dense { units: 5 }, Block::Dense { units: 2 }] };
        assert_eq!(patches.multiply_adds().unwrap(), 27 * 5 + 10);
        assert_eq!(patches.multiply_adds_over(10, 10).unwrap(), 9 * (27 * 5 + 10), "nine windows, two pixels apart");
    }

    #[test]
    fn what_cannot_be_built_is_refused_with_its_block() {
        let conv = |kernel, padding| Block::Conv { kernel, filters: 4, stride: 1, padding };
        let cases = [
            (vec![conv(9, Padding::Valid)], "larger than its input"),
            (vec![conv(2, Padding::Same)], "even kernel"),
            (vec![Block::MaxPool, Block::MaxPool, Block::MaxPool, Block::MaxPool], "leaves nothing"),
            (vec![Block::Dense { units: 2 }, conv(1, Padding::Same)], "cannot follow a dense layer"),
            (vec![Block::Dropout { rate: 1.0 }], "rate must be"),
            (vec![Block::Dense { units: 0 }], "leaves nothing"),
        ];
        for (blocks, expected) in cases {
            let message = NetSpec { input: 8, blocks }.shapes().unwrap_err().to_string();
            assert!(message.contains(expected) && message.contains("block "), "{message}");
        }
    }

    #[test]
    fn a_spec_reads_as_written() {
        let spec = NetSpec::article();
        let json = serde_json::to_string(&spec).unwrap();
        assert_eq!(serde_json::from_str::<NetSpec>(&json).unwrap(), spec);
        let short: NetSpec = serde_json::from_str(r#"{"input":12,"blocks":[{"conv":{"kernel":3,"filters":8}},"relu"]}"#).unwrap();
        assert_eq!(short.outputs().unwrap(), 8 * 144);
    }
}
