//! The vote of 45 windows: the smile net's answers to all ways in which a square may miss the face, averaged.

use smielfy_nets::{Card, Forward, NetError, argmax, softmax};
use smielfy_vision::{BoundingBox, RgbImage, crop_resize};

use crate::{faces::CALIBRATION, windows::to_batch};

/// What the windows round a face say together.
#[derive(Debug, Clone, PartialEq)]
pub struct Vote {
    /// Mean probability of each class over the windows, calibrated; they sum to 1.
    pub distribution: Vec<f32>,
}

impl Vote {
    /// The vote of windows with these probabilities of each class.
    ///
    /// # Panics
    /// If there is no window, or windows differ in the number of classes.
    pub fn of(windows: &[Vec<f32>]) -> Self {
        let mut distribution = vec![0.0; windows.first().expect("a vote needs a window").len()];
        for window in windows {
            assert_eq!(window.len(), distribution.len(), "windows of one net have the same classes");
            distribution.iter_mut().zip(window).for_each(|(sum, probability)| *sum += probability);
        }
        distribution.iter_mut().for_each(|sum| *sum /= windows.len() as f32);
        Self { distribution }
    }

    /// The vote as probabilities that mean what they say: its shares raised to the power of `1 / temperature`, below 1 surer and above
    /// it less sure, times the exponential of a bias for each class (none where `biases` is empty), and summed up to 1 again.
    ///
    /// A temperature and biases are what held-out faces are likeliest with ("bias-corrected temperature scaling", Alexandari et al. 2020,
    /// arXiv 1901.06852). They come behind the mean: what is fitted there means what it says more often than the mean of windows that
    /// were each fitted (Rahaman and Thiery 2021, arXiv 2007.08792).
    ///
    /// # Panics
    /// If the temperature is not above 0, or there are biases for another number of classes.
    #[must_use]
    pub fn calibrated(&self, temperature: f32, biases: &[f32]) -> Self {
        assert!(biases.is_empty() || biases.len() == self.distribution.len(), "a bias for each class, or none");
        let mut logits: Vec<f32> = self.distribution.iter().map(|share| share.max(f32::MIN_POSITIVE).ln()).collect();
        logits.iter_mut().zip(biases).for_each(|(logit, bias)| *logit += temperature * bias);
        Self { distribution: softmax(&logits, temperature) }
    }

    /// The vote of windows to which the net of `card` answered so, calibrated as the card says.
    ///
    /// # Panics
    /// As [`Vote::of`] and [`Vote::calibrated`].
    pub fn counted(card: &Card, answers: &[Vec<f32>]) -> Self {
        Self::of(answers).calibrated(card.temperature, &card.biases)
    }

    /// Index of the class with the highest share; the first of equals.
    pub fn winner(&self) -> usize {
        argmax(&self.distribution)
    }

    /// Mean probability of the winner, calibrated, in `0..=1`: 1 if all windows are certain of it. (The article's text divides by the 45
    /// windows, its code by the 17 classes; the text is right.)
    pub fn share(&self) -> f32 {
        self.distribution[self.winner()]
    }
}

/// The vote on the face in `square`.
///
/// A net that can be laid over patches sees one for each scale, which holds the nine windows of that scale; others see the 45
/// windows one by one.
///
/// # Errors
/// [`NetError::Run`] if the net does not run.
pub fn vote(net: &dyn Forward, image: &RgbImage, square: BoundingBox) -> Result<Vote, NetError> {
    match patch_side(net) {
        Some(side) => Ok(Vote::counted(net.card(), &answers_of_patches(net, image, square, side)?)),
        None => vote_of_windows(net, image, square),
    }
}

/// The vote on the face in `square`, all 45 windows going through the net one by one: the reference of [`vote`].
///
/// # Errors
/// [`NetError::Run`] if the net does not run.
pub fn vote_of_windows(net: &dyn Forward, image: &RgbImage, square: BoundingBox) -> Result<Vote, NetError> {
    let answers = answers(net, image, CALIBRATION.iter().map(|pattern| pattern.window(square)))?;
    Ok(Vote::counted(net.card(), &answers))
}

/// Multiply-adds of a vote.
///
/// # Errors
/// [`NetError::Spec`] if the net is impossible.
pub(crate) fn multiply_adds(net: &dyn Forward) -> Result<usize, NetError> {
    let spec = &net.card().spec;
    match patch_side(net) {
        Some(side) => Ok(CALIBRATION.len() / 9 * spec.multiply_adds_over(side as usize, side as usize)?),
        None => Ok(CALIBRATION.len() * spec.multiply_adds()?),
    }
}

/// Side in pixels of the patch that holds the nine windows of a scale, if the net answers them in one pass.
fn patch_side(net: &dyn Forward) -> Option<u32> {
    let spec = &net.card().spec;
    // Windows are shifted by a sixth of their side either way.
    let side = spec.input + spec.input / 3;
    let windows = spec.patch_form().and_then(|form| form.windows(side));
    (spec.input.is_multiple_of(6) && windows.is_ok_and(|count| count == 3)).then_some(side as u32)
}

/// The probability of each class in each of the 45 windows, in the order of the patterns, not calibrated.
fn answers_of_patches(net: &dyn Forward, image: &RgbImage, square: BoundingBox, side: u32) -> Result<Vec<Vec<f32>>, NetError> {
    let context = side as f32 / net.card().spec.input as f32;
    // One pattern of each scale: shifts change faster.
    let scales = CALIBRATION.iter().step_by(9).map(|pattern| pattern.scale);
    let patch = |scale| crop_resize(image, square.jittered(scale * context, 0.0, 0.0), side);
    let patches: Vec<RgbImage> = scales.map(patch).collect();
    probabilities(net, &patches)
}

/// The probability of each class in each of `windows` of a picture, not calibrated.
///
/// # Errors
/// [`NetError::Run`] if the net does not run.
pub fn answers(
    net: &dyn Forward,
    image: &RgbImage,
    windows: impl IntoIterator<Item = BoundingBox>,
) -> Result<Vec<Vec<f32>>, NetError> {
    let size = net.card().spec.input as u32;
    let crop = |window| crop_resize(image, window, size);
    let crops: Vec<RgbImage> = windows.into_iter().map(crop).collect();
    probabilities(net, &crops)
}

/// What a net says of all windows in these pictures, not calibrated.
fn probabilities(net: &dyn Forward, pictures: &[RgbImage]) -> Result<Vec<Vec<f32>>, NetError> {
    let logits = net.forward(&to_batch(pictures, net.card().normalization))?;
    Ok(logits.values.chunks_exact(logits.classes).map(|logits| softmax(logits, 1.0)).collect())
}

#[cfg(test)]
mod tests {
    use smielfy_nets::{Block, Net, NetSpec, OptimizerParams, Padding, Trainer, Weights};

    use super::*;
    use crate::testing::{FakeNet, card};

    #[test]
    fn certain_windows_give_a_share_of_one() {
        let mut certain = vec![0.0; 17];
        certain[4] = 1.0;
        let vote = Vote::of(&vec![certain; 45]);
        assert_eq!((vote.winner(), vote.share()), (4, 1.0));
    }

    #[test]
    fn uniform_windows_give_each_class_a_seventeenth() {
        let vote = Vote::of(&vec![vec![1.0 / 17.0; 17]; 45]);
        assert_eq!(vote.winner(), 0);
        assert!((vote.share() - 1.0 / 17.0).abs() < 1e-6);
    }

    #[test]
    fn a_split_vote_goes_to_the_larger_part() {
        let answer = |class: usize| (0..3).map(|at| f32::from(u8::from(at == class))).collect::<Vec<f32>>();
        let windows: Vec<Vec<f32>> = (0..45).map(|window| answer(if window < 15 { 0 } else { 2 })).collect();
        let vote = Vote::of(&windows);
        assert_eq!(vote.winner(), 2);
        assert!((vote.share() - 2.0 / 3.0).abs() < 1e-6);
    }

    #[test]
    fn a_temperature_changes_shares_and_not_their_order() {
        let vote = Vote { distribution: vec![0.2, 0.5, 0.3, 0.0] };
        let sharp = vote.calibrated(0.5, &[]).distribution;
        let expected = [0.04, 0.25, 0.09, 0.0].map(|square: f32| square / 0.38);
        assert!(sharp.iter().zip(expected).all(|(share, expected)| (share - expected).abs() < 1e-6), "{sharp:?}");
        assert!(vote.calibrated(1.0, &[]).distribution.iter().zip(&vote.distribution).all(|(a, b)| (a - b).abs() < 1e-6));
        for distribution in [vec![0.25; 4], vec![0.0, 0.0, 1.0, 0.0]] {
            let vote = Vote { distribution };
            assert_eq!(vote.calibrated(0.3, &[]), vote);
        }
    }

    #[test]
    fn a_bias_makes_a_class_likelier() {
        let vote = Vote { distribution: vec![0.2, 0.5, 0.3] };
        let found = vote.calibrated(1.0, &[4f32.ln(), 0.0, 0.0]).distribution;
        assert!(found.iter().zip([0.5, 0.3125, 0.1875]).all(|(found, expected)| (found - expected).abs() < 1e-6), "{found:?}");
    }

    /// A net of random weights that can be laid over patches.
    fn net_of_patches() -> Net {
        let conv = |kernel, filters, stride| Block::Conv { kernel, filters, stride, padding: Padding::Valid };
        let mut blocks = vec![conv(5, 8, 2), Block::Relu, conv(3, 8, 1), Block::MaxPool, Block::Relu, conv(3, 8, 1)];
        blocks.extend([Block::MaxPool, Block::Dense { units: 5 }]);
        let spec = NetSpec { input: 48, blocks };
        let tensors = Trainer::new(&spec, OptimizerParams::default(), 7).unwrap().tensors();
        Net::new(&Weights { card: card(spec, 5), tensors }, Some(1)).unwrap()
    }

    #[test]
    fn patches_say_what_their_windows_say() {
        let net = net_of_patches();
        assert_eq!(patch_side(&net), Some(64));
        let image = RgbImage::from_fn(200, 180, |x, y| [(x * 3 % 251) as u8, (y * 2 % 241) as u8, ((x * y) % 97) as u8].into());
        for square in
            [BoundingBox::new(60.0, 50.0, 70.0), BoundingBox::new(-20.5, 100.3, 90.0), BoundingBox::new(80.0, 80.0, 20.0)]
        {
            let (fast, literal) = (vote(&net, &image, square).unwrap(), vote_of_windows(&net, &image, square).unwrap());
            for (a, b) in fast.distribution.iter().zip(&literal.distribution) {
                assert!((a - b).abs() < 0.002, "{square:?}: {fast:?} and {literal:?}");
            }
        }
    }

    #[test]
    fn windows_of_patches_come_in_the_order_of_the_patterns() {
        // The only bright spot lies above and to the right of the face: windows that are shifted there see most of it.
        let mut image = RgbImage::new(120, 120);
        image.enumerate_pixels_mut().filter(|(x, y, _)| *x > 76 && *y < 44).for_each(|(_, _, pixel)| pixel.0 = [255; 3]);
        let net = net_of_patches();
        let square = BoundingBox::new(36.0, 36.0, 48.0);
        let patches = answers_of_patches(&net, &image, square, 64).unwrap();
        let windows = answers(&net, &image, CALIBRATION.iter().map(|pattern| pattern.window(square))).unwrap();
        assert_eq!(patches.len(), 45);
        for (index, (a, b)) in patches.iter().zip(&windows).enumerate() {
            assert!(a.iter().zip(b).all(|(a, b)| (a - b).abs() < 0.01), "window {index}: {a:?} and {b:?}");
        }
    }

    #[test]
    fn the_net_sees_45_windows() {
        let net = FakeNet::new(8, 17, |window| {
            let brightness = window.iter().sum::<f32>() / window.len() as f32;
            (0..17).map(|class| if class == usize::from(brightness > 0.0) { 50.0 } else { 0.0 }).collect()
        });
        let bright = RgbImage::from_vec(100, 100, vec![255; 30_000]).unwrap();
        let vote = vote(&net, &bright, BoundingBox::new(20.0, 20.0, 50.0)).unwrap();
        assert_eq!(net.windows_seen(), 45);
        assert_eq!(vote.winner(), 1);
        assert!(vote.share() > 0.999);
    }
}
