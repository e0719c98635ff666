//! When voters have decided: their answers go in, what becomes of the photo comes out.
//!
//! A voter weighs `(agreed + 1) / (agreed + erred + 1)`: 1 at first and for good while every answer to a photo whose answer is known
//! is right; 1/2 after one wrong answer, and then in the long run the share of right ones. An answer that weighs 1.5 or more and more than
//! its opposite decides. So two new voters who agree decide, a third breaks their tie, and whoever answers blindly counts for little.

use crate::catalog::{Answer, State, Vote};

/// What the voters for an answer must weigh together: more than one voter can, and less than two good ones do.
const DECISIVE: f64 = 1.5;
/// Answers to a photo after which it is left to the admin.
pub const MAX_VOTES: i64 = 7;
/// One in so many tasks has a known answer, if there is one that the voter has not seen.
pub const KNOWN_EVERY: u64 = 5;

/// What becomes of a photo with these answers; nothing yet where they are too few, or too divided.
pub fn decision(votes: &[Vote]) -> Option<State> {
    let weight_of = |wanted: State| votes.iter().filter(|vote| meaning(vote.answer) == wanted).map(weight).sum::<f64>();
    let (accepting, rejecting) = (weight_of(State::Accepted), weight_of(State::Rejected));
    let winner = if accepting > rejecting { State::Accepted } else { State::Rejected };
    (accepting.max(rejecting) >= DECISIVE && accepting != rejecting).then_some(winner)
}

/// Whether an answer to the question about `asked` is as it should be for a photo that is known to show `shown`.
pub fn agrees(answer: Answer, asked: &str, shown: &str) -> bool {
    (answer == Answer::Yes) == (asked == shown) && !matches!(answer, Answer::NotAFace | Answer::Unsafe)
}

/// What an answer wants a photo to become.
fn meaning(answer: Answer) -> State {
    if answer == Answer::Yes { State::Accepted } else { State::Rejected }
}

fn weight(vote: &Vote) -> f64 {
    (vote.agreed + 1) as f64 / (vote.agreed + vote.erred + 1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers of voters with so many right and wrong answers to known photos.
    fn check(votes: &[(Answer, i64, i64)], expected: Option<State>) {
        let votes: Vec<Vote> = votes.iter().map(|&(answer, agreed, erred)| Vote { answer, agreed, erred }).collect();
        assert_eq!(decision(&votes), expected, "{votes:?}");
    }

    #[test]
    fn two_who_agree_decide_and_a_third_breaks_ties() {
        use Answer::{No, NotAFace, Unsafe, Yes};
        check(&[], None);
        check(&[(Yes, 0, 0)], None);
        check(&[(Yes, 9, 0)], None);
        check(&[(Yes, 0, 0), (Yes, 0, 0)], Some(State::Accepted));
        check(&[(No, 0, 0), (No, 0, 0)], Some(State::Rejected));
        check(&[(NotAFace, 0, 0), (Unsafe, 0, 0)], Some(State::Rejected));
        check(&[(Yes, 0, 0), (No, 0, 0)], None);
        check(&[(Yes, 0, 0), (No, 0, 0), (Yes, 0, 0)], Some(State::Accepted));
        check(&[(Yes, 0, 0), (No, 0, 0), (No, 0, 0)], Some(State::Rejected));
    }

    #[test]
    fn who_erred_about_known_photos_weighs_less() {
        use Answer::{No, Yes};
        check(&[(Yes, 9, 1), (Yes, 20, 2)], Some(State::Accepted));
        check(&[(Yes, 0, 2), (Yes, 0, 0)], None);
        check(&[(Yes, 0, 9), (Yes, 0, 9), (Yes, 0, 9), (No, 5, 0), (No, 0, 0)], Some(State::Rejected));
    }

    #[test]
    fn known_photos_are_asked_about_with_right_and_wrong_smileys() {
        assert!(agrees(Answer::Yes, "wink", "wink"));
        assert!(agrees(Answer::No, "kiss", "wink"));
        assert!(!agrees(Answer::No, "wink", "wink"));
        assert!(!agrees(Answer::Yes, "kiss", "wink"));
        assert!(!agrees(Answer::NotAFace, "kiss", "wink"), "it is known to be a face");
    }
}
