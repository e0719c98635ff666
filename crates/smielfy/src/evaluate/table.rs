//! Predictions as a table, for whoever wants to count them otherwise.

use super::Prediction;
use crate::dataset::SmileySample;

/// CSV with a line for each prediction, in the order of `samples`: the picture's file, its label, the class that won, its share, and
/// the share of each of `labels`.
pub fn predictions_csv(labels: &[String], samples: &[&SmileySample], predictions: &[Prediction]) -> String {
    let mut table = csv::Writer::from_writer(vec![]);
    let header = ["file", "smiley", "answer", "share"].into_iter().chain(labels.iter().map(String::as_str));
    let mut written = table.write_record(header);
    for (sample, Prediction { vote, .. }) in samples.iter().zip(predictions) {
        let answer = [sample.file.clone(), sample.smiley.clone(), labels[vote.winner()].clone(), vote.share().to_string()];
        written =
            written.and_then(|()| table.write_record(answer.into_iter().chain(vote.distribution.iter().map(f32::to_string))));
    }
    let bytes = written.map_err(csv::Error::into_kind).map(|()| table.into_inner().unwrap_or_default());
    String::from_utf8(bytes.expect("writing to memory")).expect("names and numbers are text")
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
