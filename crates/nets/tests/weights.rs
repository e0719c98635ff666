//! Every shipped weight file: it loads, its card tells the truth, and its two forms agree. Those that pages run as well have their
//! answers in `web/tests/fixtures/logits.json`, by which the third form is tested; `BLESS=1` writes them anew.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{collections::BTreeMap, env, fs, path::PathBuf};

use sha2::{Digest, Sha256};
use smielfy_nets::{Batch, Forward, Net, OptimizerParams, Trainer, Weights};

/// What all shipped weights may take together, in bytes.
const MAX_TOTAL_BYTES: usize = 4_000_000;
/// Largest difference of the training and the running form.
const TOLERANCE: f32 = 1e-5;

fn shipped() -> Vec<(PathBuf, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../weights");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let weights: Vec<_> = files.filter(|path| path.extension().is_some_and(|ending| ending == "safetensors")).collect();
    assert!(weights.len() >= 6, "a detector of four nets and two smile nets are shipped, not {weights:?}");
    weights.into_iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

/// Nets that pages run, each with the height and width of the picture that it is asked about.
const ON_PAGES: [(&str, usize, usize); 3] = [("face31-v2", 31, 47), ("face48-v6", 48, 48), ("face48-verification-v1", 48, 48)];

/// Pixel values that a page can make as well: the squares of the numbers from 0.
fn squares(height: usize, width: usize) -> impl Iterator<Item = f32> {
    (0..3 * height * width).map(|index| (index * index % 251) as f32)
}

#[test]
fn pages_are_tested_with_the_answers_of_the_nets_that_they_run() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let answers = ON_PAGES.map(|(name, height, width)| {
        let weights = Weights::from_bytes(&fs::read(folder.join(format!("weights/{name}.safetensors"))).unwrap()).unwrap();
        let normalization = weights.card.normalization;
        let mut batch = Batch::new(height, width);
        batch.push(squares(height, width).map(|value| (value - normalization.mean) / normalization.scale));
        (name.to_owned(), Net::new(&weights, Some(1)).unwrap().forward(&batch).unwrap().values)
    });
    let fixture = folder.join("web/tests/fixtures/logits.json");
    if env::var_os("BLESS").is_some() {
        fs::write(&fixture, serde_json::to_string(&BTreeMap::from(answers.clone())).unwrap() + "\n").unwrap();
    }
    let known: BTreeMap<String, Vec<f32>> = serde_json::from_str(&fs::read_to_string(fixture).unwrap()).unwrap();
    for (name, values) in answers {
        assert_eq!(values.len(), known[&name].len());
        assert!(values.iter().zip(&known[&name]).all(|(a, b)| (a - b).abs() < 1e-4), "{name} answers otherwise: bless if it may");
    }
}

/// Random pictures, as normalized values in `-2..2` (a linear congruential generator, Numerical Recipes' constants).
fn random_batch(size: usize, count: usize) -> Batch {
    let mut state = 1u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1u32 << 22) as f32 - 2.0
    };
    let mut batch = Batch::new(size, size);
    (0..count).for_each(|_| batch.push((0..3 * size * size).map(|_| next()).collect::<Vec<f32>>()));
    batch
}

#[test]
fn both_forms_of_every_shipped_net_agree() {
    for (path, bytes) in shipped() {
        let weights = Weights::from_bytes(&bytes).unwrap();
        let batch = random_batch(weights.card.spec.input, 4);
        let mut trainer = Trainer::new(&weights.card.spec, OptimizerParams::default(), 1).unwrap();
        trainer.set_tensors(&weights.tensors);
        let trained = trainer.predict(&batch);
        let running = Net::new(&weights, Some(1)).unwrap().forward(&batch).unwrap().values;
        assert_eq!(trained.len(), running.len());
        for (a, b) in trained.iter().zip(&running) {
            assert!((a - b).abs() <= TOLERANCE * a.abs().max(1.0), "{}: {a} and {b}", path.display());
        }
    }
}

#[test]
fn the_shipped_weights_are_small() {
    let total: usize = shipped().iter().map(|(_, bytes)| bytes.len()).sum();
    assert!(total < MAX_TOTAL_BYTES, "{total} bytes");
}

#[test]
fn every_shipped_file_has_a_card_that_names_it() {
    for (path, bytes) in shipped() {
        let weights = Weights::from_bytes(&bytes).unwrap();
        assert_eq!(path.file_stem().unwrap().to_str().unwrap(), weights.card.name);
        let card = fs::read_to_string(path.with_extension("md")).expect("a model card beside the weights");
        let hash = Sha256::digest(&bytes).iter().fold(String::new(), |digits, byte| digits + &format!("{byte:02x}"));
        assert!(card.contains(&hash), "the card of {} names another hash than {hash}", path.display());
        for manifest in weights.card.data.values() {
            assert!(card.contains(manifest), "the card of {} lacks the data hash {manifest}", path.display());
        }
    }
}
