//! Coarse labels that a net does not believe: pictures that teach the wrong thing are left out.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use smielfy_nets::{Forward, Net, NetError};

use super::{TrainError, files::read_weights, labeled::Face};
use crate::recognize::answers;

/// Whose labels are doubted, and by which net.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DoubtsParams {
    /// Weight file of the net that judges. It should know the people no better than the labels: one trained on other pictures,
    /// or with these at a small weight.
    pub by: PathBuf,
    /// Origins whose labels are judged.
    pub origins: Vec<String>,
    /// Probability of the label below which a picture is left out, `0..=1`.
    pub below: f32,
}

impl DoubtsParams {
    pub(super) fn check(&self) -> Result<(), String> {
        if !(0.0..=1.0).contains(&self.below) {
            return Err("`below` of doubts must lie between 0 and 1".into());
        }
        Ok(())
    }
}

/// A judge of labels.
pub(super) struct Judge<'p> {
    params: &'p DoubtsParams,
    net: Net,
}

impl<'p> Judge<'p> {
    /// The judge of `params` on pictures with these classes.
    pub(super) fn load(params: &'p DoubtsParams, labels: &[String]) -> Result<Self, TrainError> {
        let weights = read_weights(&params.by)?;
        if weights.card.labels != labels {
            let why = "its classes are not those of the list of smileys".to_owned();
            return Err(TrainError::Unsuitable { data: params.by.clone(), why });
        }
        Ok(Self { params, net: Net::new(&weights, None)? })
    }

    /// Whether a face with a label of `origin` is left out.
    pub(super) fn doubts(&self, face: &Face, origin: &str) -> Result<bool, NetError> {
        if !self.params.origins.iter().any(|judged| judged == origin) {
            return Ok(false);
        }
        Ok(label_share(&self.net, face)?.is_some_and(|share| share < self.params.below))
    }
}

/// The probability that `net` gives to the label of a face, if it has one.
fn label_share(net: &dyn Forward, face: &Face) -> Result<Option<f32>, NetError> {
    let Some(class) = face.class else { return Ok(None) };
    Ok(Some(answers(net, &face.image, [face.square])?[0][class]))
}

#[cfg(test)]
mod tests {
    use smielfy_vision::{BoundingBox, RgbImage};

    use super::*;
    use crate::testing::FakeNet;

    #[test]
    fn the_share_is_that_of_the_label() {
        let net = FakeNet::new(4, 2, |window| if window[0] > 0.0 { vec![3f32.ln(), 0.0] } else { vec![0.0, 0.0] });
        let face = |gray: u8, class| {
            let image = RgbImage::from_pixel(8, 8, [gray; 3].into());
            Face { image, square: BoundingBox::new(0.0, 0.0, 8.0), class, truth: None }
        };
        for (gray, class, expected) in
            [(250, Some(0), Some(0.75)), (250, Some(1), Some(0.25)), (5, Some(1), Some(0.5)), (5, None, None)]
        {
            let share = label_share(&net, &face(gray, class)).unwrap();
            assert_eq!(share.map(|share| (share * 100.0).round()), expected.map(|share| share * 100.0), "{gray} {class:?}");
        }
    }
}
