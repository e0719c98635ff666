//! Tests of the embedded poses and of tables of users.

use super::*;
use crate::smileys::Smileys;
use proptest::prelude::*;

const PICTURES: u64 = 1500;

/// The least table that there is.
const OWN: &str = "[[pose]]\nid = \"puffed\"\nlayers = [{ shapes = { cheekBalloon = [0.6, 1.2] } }]\n";

fn draws(id: &str) -> Vec<Expression> {
    let poses = Poses::default();
    (0..PICTURES).map(|seed| poses.draw(id, &mut Draw::new(seed, 3)).unwrap()).collect()
}

/// The weaker and the stronger half of a movement.
fn halves(face: &Expression, base: &str) -> (f32, f32) {
    let [left, right] = ["L", "R"].map(|side| face.get(&format!("{base}_{side}")));
    (left.min(right), left.max(right))
}

/// A table of the pose `a` with these layers.
fn with_layers(layers: &str) -> String {
    format!("[[pose]]\nid = \"a\"\nlayers = [{layers}]\n")
}

#[test]
fn every_smiley_has_a_pose() {
    let poses = Poses::default();
    assert_eq!(poses.ids().collect::<Vec<_>>(), Smileys::default().ids());
    assert_eq!(poses.draw("cheese", &mut Draw::new(0, 0)), None);
}

#[test]
fn the_same_stream_gives_the_same_face_and_others_do_not() {
    let poses = Poses::default();
    for id in poses.ids().chain([NONE]) {
        let face = |seed| poses.draw(id, &mut Draw::new(seed, 1));
        assert_eq!(face(5), face(5));
        assert_ne!(face(5), face(6), "{id}");
    }
}

#[test]
fn every_weight_stays_within_its_limits() {
    for id in Poses::default().ids().chain([NONE]) {
        for face in draws(id) {
            for (index, weight) in face.weights.iter().enumerate() {
                let (least, greatest) = limits(index);
                assert!((least..=greatest).contains(weight), "{id}: {} is {weight}", SHAPES[index]);
            }
        }
    }
}

/// What makes a pose unmistakable, in every picture of it: the weaker half of a movement is at least, the stronger one at most.
#[test]
fn poses_have_what_names_them() {
    for (id, base, least, greatest) in [
        ("neutral", "eyeBlink", 0.0, 0.5),
        ("neutral", "mouthSmile", 0.0, 0.25),
        ("smile", "mouthSmile", 0.4, 1.6),
        ("smile", "mouthLowerDown", 0.0, 0.0),
        ("grin", "mouthSmile", 0.5, 1.4),
        ("grin", "eyeBlink", 0.0, 0.4),
        ("laugh", "eyeBlink", 0.85, 1.03),
        ("laugh", "mouthSmile", 0.6, 1.5),
        ("frown", "mouthFrown", 0.3, 1.7),
        ("frown", "eyeBlink", 0.0, 0.4),
        ("cry", "eyeBlink", 0.84, 1.03),
        ("cry", "mouthSmile", 0.0, 0.0),
        ("surprise", "eyeBlink", 0.0, 0.15),
        ("surprise", "mouthStretch", 0.0, 0.0),
        ("scream", "mouthStretch", 0.7, 2.2),
        ("scream", "mouthSmile", 0.0, 0.0),
        ("angry", "browDown", 0.85, 2.2),
        ("angry", "browAngry", 0.5, 1.8),
        ("yuck", "noseSneer", 0.7, 2.2),
        ("yuck", "mouthUpperUp", 0.35, 2.0),
        ("closed", "eyeBlink", 0.94, 1.03),
        ("closed", "mouthSmile", 0.0, 0.4),
        ("wide", "eyeWide", 1.35, 2.2),
        ("wide", "eyeBlink", 0.0, 0.15),
    ] {
        for face in draws(id) {
            let (weaker, stronger) = halves(&face, base);
            assert!(weaker >= least && stronger <= greatest, "{id}: {base} is {weaker} and {stronger}");
        }
    }
}

#[test]
fn poses_have_the_mouth_that_names_them() {
    for (id, shape, least, greatest) in [
        ("neutral", "jawOpen", 0.0, 0.1),
        ("laugh", "jawOpen", 0.05, 0.8),
        ("surprise", "jawOpen", 0.2, 1.1),
        ("surprise", "mouthFunnel", 0.2, 1.2),
        ("scream", "jawOpen", 0.4, 1.25),
        ("angry", "jawOpen", 0.0, 0.1),
        ("tongue", "tongueOut", 0.4, 1.3),
        ("tongue", "jawOpen", 0.1, 0.9),
        ("kiss", "mouthPucker", 1.15, 1.85),
        ("kiss", "tongueOut", 0.0, 0.0),
        ("sealed", "lipsIn", 0.5, 1.0),
        ("sealed", "jawOpen", 0.0, 0.0),
        ("wide", "jawOpen", 0.0, 0.0),
        ("none", "tongueOut", 0.0, 0.0),
        ("none", "lipsIn", 0.0, 0.6),
    ] {
        for face in draws(id) {
            let weight = face.get(shape);
            assert!((least..=greatest).contains(&weight), "{id}: {shape} is {weight}");
        }
    }
}

#[test]
fn winks_close_one_eye_and_its_side_of_the_face() {
    let faces = draws("wink");
    for face in &faces {
        let (open, shut) = halves(face, "eyeBlink");
        assert!(shut > 0.93 && open < 0.35, "{open} {shut}");
        let is_left = |base: &str| face.get(&format!("{base}_L")) > face.get(&format!("{base}_R"));
        let (_, squint) = halves(face, "cheekSquint");
        assert!(squint < 0.5 || is_left("cheekSquint") == is_left("eyeBlink"));
    }
    let left = faces.iter().filter(|face| face.get("eyeBlink_L") > face.get("eyeBlink_R")).count();
    assert!((675..825).contains(&left), "{left} of {PICTURES} to the left");
    let smiling = faces.iter().filter(|face| halves(face, "mouthSmile").0 > 0.3).count();
    assert!((1000..1150).contains(&smiling), "{smiling} of {PICTURES} smile");
}

#[test]
fn skewed_mouths_and_jaws_go_the_same_way() {
    for face in draws("skew") {
        let [left, right] = ["mouthLeft", "mouthRight"].map(|shape| face.get(shape));
        assert!(left.max(right) > 0.45 && left.min(right) == 0.0, "{left} {right}");
        let jaw = face.get(if left > right { "jawRight" } else { "jawLeft" });
        assert!(jaw == 0.0, "the jaw goes {jaw} the other way");
        let gaze = face.get("gazeAside");
        assert!(gaze.is_finite() && gaze.abs() <= 1.0);
    }
}

#[test]
fn mixes_come_as_often_as_asked() {
    let shut = |id: &str| draws(id).iter().filter(|face| halves(face, "eyeBlink").0 > 0.85).count();
    let (kiss, tongue) = (shut("kiss"), shut("tongue"));
    assert!((240..370).contains(&kiss), "{kiss} of {PICTURES} kiss with closed eyes");
    assert!((310..440).contains(&tongue), "{tongue} of {PICTURES} show the tongue with closed eyes");
    let is_wink = |face: &&Expression| halves(face, "eyeBlink").0 < 0.35 && halves(face, "eyeBlink").1 > 0.9;
    let winking = draws("tongue").iter().filter(is_wink).count();
    assert!((130..235).contains(&winking), "{winking} of {PICTURES} show the tongue and wink");
}

#[test]
fn embedded_mixes_respect_the_precedence_of_the_product() {
    let rank = |id: &str| match id {
        "tongue" => 0,
        "wink" => 1,
        "kiss" | "skew" | "sealed" => 2,
        "laugh" | "cry" | "scream" | "surprise" => 3,
        _ => 4,
    };
    let poses = Poses::default().list;
    for pose in &poses {
        for mix in &pose.mixes {
            assert!(rank(&pose.id) < rank(&poses[mix.pose].id), "{} mixes {}", pose.id, poses[mix.pose].id);
        }
    }
}

/// The movements that name poses stay weaker in faces without a name than they are in most faces of the pose.
#[test]
fn nobody_without_a_name_goes_far() {
    for face in draws(NONE) {
        let (weaker, _) = halves(&face, "eyeBlink");
        assert!(weaker < 0.88, "both eyes closed: {weaker}");
        for (shape, greatest) in [
            ("mouthSmile_L", 0.95),
            ("mouthFrown_L", 0.95),
            ("mouthUpperUp_L", 0.7),
            ("mouthRollLower", 0.9),
            ("jawOpen", 0.6),
            ("mouthPucker", 0.8),
            ("mouthLeft", 0.7),
            ("noseSneer_L", 1.1),
            ("browAngry_L", 0.75),
            ("eyeWide_L", 1.2),
        ] {
            assert!(face.get(shape) < greatest, "{shape} is {}", face.get(shape));
        }
    }
}

#[test]
fn a_pose_of_ones_own_needs_nothing_else() {
    let poses = Poses::parse(OWN).unwrap();
    assert_eq!(poses.ids().collect::<Vec<_>>(), ["puffed"]);
    let face = poses.draw("puffed", &mut Draw::new(1, 0)).unwrap();
    assert!(halves(&face, "cheekBalloon").0 > 0.5);
    assert_eq!(face.weights.iter().filter(|weight| **weight != 0.0).count(), 2);
    assert_eq!(poses.draw(NONE, &mut Draw::new(1, 0)), None);
}

#[test]
fn a_pose_of_ones_own_joins_the_embedded_ones() {
    let poses = Poses::parse(&format!("{EMBEDDED_POSES}\n{OWN}")).unwrap();
    assert_eq!(poses.ids().last(), Some("puffed"));
    assert!(poses.draw(NONE, &mut Draw::new(1, 0)).is_some());
}

#[test]
fn faces_without_a_name_need_one_pose_only() {
    let none = "[none]\nhalf = { chance = 0.5, strength = [0.5, 0.5] }\ntalking = { chance = 0, layers = [] }\n\
        between = { chance = 0.5, share = [0.5, 0.5], strength = [0.5, 0.5] }\n";
    let poses = Poses::parse(&format!("{none}{OWN}")).unwrap();
    for seed in 0..50 {
        let face = poses.draw(NONE, &mut Draw::new(seed, 0)).unwrap();
        assert!((0.25..0.7).contains(&face.get("cheekBalloon_L")));
    }
}

#[test]
fn impossible_tables_are_refused() {
    let layer = |layer: &str| with_layers(&format!("{{ {layer} }}"));
    let mix = |other: &str, chance: f32| {
        let other = format!("mixes = [{{ pose = \"{other}\", parts = [\"eyes\"], chance = {chance} }}]\n");
        format!("precedence = [[\"b\"]]\n{}{other}[[pose]]\nid = \"b\"\nlayers = []\n", with_layers(""))
    };
    for (text, expected) in [
        (String::new(), "the table of poses is empty"),
        ("pose".into(), "not a table of poses"),
        (layer("shape = {}"), "not a table of poses: TOML parse error at line 3"),
        (layer("shapes = { jawOpen = 1 }"), "not a table of poses"),
        (layer("shapes = { jawOpen = [0, 1], jawOpen = [0, 1] }"), "not a table of poses"),
        (with_layers("").replace("\"a\"", "\"none\""), "the id `none` is taken"),
        (with_layers("") + &with_layers(""), "the id `a` is taken"),
        (layer("shapes = { mouthsmile = [0, 1] }"), "`a`: there is no shape `mouthsmile`; did you mean `mouthSmile`?"),
        (layer("one_of = [{ shapes = { jaw = [0, 1] } }]"), "`a`: there is no shape `jaw`"),
        (layer("shapes = { jawOpen = [0.5, 0.4] }"), "`a`: the range of `jawOpen` is empty"),
        (layer("shapes = { jawOpen = [nan, 0.4] }"), "`a`: the range of `jawOpen` is empty"),
        (layer("shapes = { jawOpen = [0, inf] }"), "`a`: the range of `jawOpen` is empty"),
        (layer("shapes = { jawOpen = { mean = 0, deviation = -1 } }"), "`a`: the range of `jawOpen` is empty"),
        (layer("chance = 0.5"), "`a`: a layer has neither `shapes` nor `one_of`"),
        (layer("chance = 1.5, shapes = { jawOpen = [0, 1] }"), "`a`: `chance` is 1.5, not within 0..=1"),
        (layer("together = -0.1, shapes = { jawOpen = [0, 1] }"), "`a`: `together` is -0.1, not within 0..=1"),
        (layer("jitter = nan, shapes = { jawOpen = [0, 1] }"), "`a`: `jitter` is NaN, not within 0..=1"),
        (layer("shapes = { mouthSide = [0, 1] }"), "`a`: `mouthSide` goes to one side; give its layer `side = \"near\"`"),
        (with_layers("") + "nuisance = { jawOpen = 2 }", "`a`: `nuisance.jawOpen` is 2, not within 0..=1"),
        (with_layers("") + "nuisance = { jawOpened = 1 }", "`a`: there is no shape `jawOpened`; did you mean `jawOpen`?"),
        (mix("c", 0.5), "`a` names the pose `c`, which is not in the table"),
        (mix("a", 2.0), "`a`: `chance` is 2, not within 0..=1"),
        (mix("b", 0.5), "`a` cannot mix with `b`, which outranks it"),
        (String::from("precedence = [[\"b\"]]\n") + &with_layers(""), "`precedence` names the pose `b`"),
        (with_layers("") + "[nuisance]\nlayers = [{ shapes = { brow = [0, 1] } }]", "`nuisance`: there is no shape `brow`"),
        (with_layers("") + "[none]\n", "not a table of poses"),
    ] {
        let error = Poses::parse(&text).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{text}: {error}");
    }
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "[a-z\\[\\]{}=\"\n ,.0-9]{0,120}") {
        let _ = Poses::parse(&text);
        let _ = Poses::parse(&with_layers(&text));
    }

    #[test]
    fn any_change_of_the_table_is_read_or_refused(
        at in 0..EMBEDDED_POSES.len(),
        cut in 0_usize..20,
        put in "[a-z0-9\\[\\]{}.,=\" -]{0,3}",
    ) {
        let mut text = EMBEDDED_POSES.to_owned();
        text.replace_range(at..(at + cut).min(EMBEDDED_POSES.len()), &put);
        if let Ok(poses) = Poses::parse(&text) {
            for id in poses.ids().chain([NONE]) {
                let face = poses.draw(id, &mut Draw::new(1, 0));
                prop_assert!(face.is_none_or(|face| face.weights.iter().all(|weight| weight.is_finite())));
            }
        }
    }
}
