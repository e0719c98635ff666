//! What nets say of a label, and lists of that as CSV.

use serde::{Deserialize, Serialize};
use smielfy_vision::BoundingBox;

/// What nets say of a label.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Doubt {
    /// The picture's path from `images/`.
    pub file: String,
    /// The label.
    pub smiley: String,
    /// What the nets take it for rather: the likeliest other smiley.
    pub rather: String,
    /// Share of the vote for the label, in `0..=1`.
    pub share: f32,
    /// Share of the vote for the other one, in `0..=1`.
    pub rather_share: f32,
    /// Left edge of the face square, in pixels: a picture may show several faces.
    pub face_x: f32,
    /// Top edge of the face square, in pixels.
    pub face_y: f32,
    /// Side of the face square, in pixels.
    pub face_side: f32,
}

impl Doubt {
    /// The face square.
    pub fn face(&self) -> BoundingBox {
        BoundingBox::new(self.face_x, self.face_y, self.face_side)
    }
}

/// Doubts as CSV, with a head.
pub fn doubts_csv(doubts: &[Doubt]) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    doubts.iter().for_each(|doubt| writer.serialize(doubt).expect("plain data goes into memory"));
    let bytes = writer.into_inner().expect("memory takes all bytes");
    String::from_utf8(bytes).expect("texts are UTF-8")
}

/// The doubts in a text that [`doubts_csv`] made.
pub(crate) fn doubts_of_csv(text: &[u8]) -> Result<Vec<Doubt>, csv::Error> {
    csv::Reader::from_reader(text).into_deserialize().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubts_survive_the_way_through_csv() {
        let doubt = Doubt {
            file: "a, b.png".into(),
            smiley: "wink".into(),
            rather: "grin".into(),
            share: 0.1,
            rather_share: 1.0 / 3.0,
            face_x: -1.5,
            face_y: 41.7,
            face_side: 92.6,
        };
        let text = doubts_csv(std::slice::from_ref(&doubt));
        assert_eq!(text.lines().next(), Some("file,smiley,rather,share,rather_share,face_x,face_y,face_side"));
        assert_eq!(doubts_of_csv(text.as_bytes()).unwrap(), [doubt]);
    }
}
