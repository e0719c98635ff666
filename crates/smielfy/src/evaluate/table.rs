//! Predictions as a table, for whoever wants to count them otherwise.

use super::Prediction;
use crate::dataset::SmileySample;

/// CSV with a line for each prediction, in the order of `samples`: the picture's file, its label, the class that won, its share, and
/// the share of each of `labels`.
pub fn predictions_csv(labels: &[String], samples: &[&SmileySample], predictions: &[Prediction]) -> String {
    let bytes = table(labels, samples, predictions).expect("writing to memory");
    String::from_utf8(bytes).expect("names and numbers are text")
}

fn table(labels: &[String], samples: &[&SmileySample], predictions: &[Prediction]) -> csv::Result<Vec<u8>> {
    let mut table = csv::Writer::from_writer(vec![]);
    table.write_record(["file", "smiley", "answer", "share"].into_iter().chain(labels.iter().map(String::as_str)))?;
    for (SmileySample { file, smiley, .. }, Prediction { vote, .. }) in samples.iter().zip(predictions) {
        let shares: Vec<String> = [vote.share()].iter().chain(&vote.distribution).map(f32::to_string).collect();
        table.write_record([file, smiley, &labels[vote.winner()]].into_iter().chain(&shares))?;
    }
    Ok(table.into_inner().map_err(csv::IntoInnerError::into_error)?)
}

#[cfg(test)]
mod tests {
    use smielfy_vision::BoundingBox;

    use super::*;
    use crate::{dataset::Split, recognize::Vote};

    #[test]
    fn a_line_holds_label_answer_and_shares() {
        let sample = SmileySample {
            file: "a, b.jpg".into(),
            smiley: "wink".into(),
            group: String::new(),
            split: Split::Test,
            source: String::new(),
            origin: String::new(),
            width: 1,
            height: 1,
            face: BoundingBox::new(0.0, 0.0, 1.0),
        };
        let prediction = Prediction { vote: Vote { distribution: vec![0.25, 0.75] }, label: Some(0) };
        let table = predictions_csv(&["wink".into(), "kiss".into()], &[&sample], &[prediction]);
        assert_eq!(table, "file,smiley,answer,share,wink,kiss\n\"a, b.jpg\",wink,kiss,0.75,0.25,0.75\n");
    }
}
