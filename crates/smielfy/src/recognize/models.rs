//! The weights of all nets that recognition needs: an embedded set with two smile nets to choose from, each net of which a file can
//! replace.

use std::{fs, path::Path, path::PathBuf};

use smielfy_nets::{Forward, Net, NetError, Weights};

use crate::{
    faces::{Detector, DetectorNets, DetectorParams},
    smileys::Smileys,
};

/// Weights that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// The file cannot be read.
    #[error("cannot read weights `{path}`: {source}", path = path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file is no weight file, or a damaged one.
    #[error("`{path}`: {source}", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: NetError,
    },
    /// The smile net knows a class that the list of smileys lacks.
    #[error(
        "weights `{name}` know the smiley `{id}`, which is not in the list of smileys: give the list that they were trained with"
    )]
    UnknownSmiley {
        /// Name of the weights.
        name: String,
        /// The id.
        id: String,
    },
    /// The nets do not go together.
    #[error(transparent)]
    Net(#[from] NetError),
}

/// Weights of the detector's four nets and of the smile net.
#[derive(Debug, Clone)]
pub struct Models {
    proposals: Weights,
    faces: Weights,
    calibration: Weights,
    verification: Weights,
    smileys: Weights,
    /// Threads of each net; one a core where none is said. Answers are the same.
    pub threads: Option<usize>,
}

macro_rules! embedded {
    ($name:literal) => {
        include_bytes!(concat!("../../../../weights/", $name, ".safetensors"))
    };
}

/// The embedded weight file of the detector's first stage.
pub static PROPOSAL_WEIGHTS: &[u8] = embedded!("face31-v2");
/// The embedded weight file of the face net of the detector's second stage.
pub static FACE_WEIGHTS: &[u8] = embedded!("face48-v6");
/// The embedded weight file of the detector's verification net.
pub static VERIFICATION_WEIGHTS: &[u8] = embedded!("face48-verification-v1");

/// Name of the embedded smile net that is most often right; for non-commercial use, as its card says.
pub const SMILEY: &str = "smiley";
/// Name of the embedded smile net that is free for any use.
pub const SMILEY_OPEN: &str = "smiley-open";

impl Default for Models {
    /// The embedded set with the smile net [`SMILEY`].
    fn default() -> Self {
        Self {
            proposals: read_embedded(PROPOSAL_WEIGHTS),
            faces: read_embedded(FACE_WEIGHTS),
            calibration: read_embedded(embedded!("face48-calibration-v3")),
            verification: read_embedded(VERIFICATION_WEIGHTS),
            smileys: smiley(),
            threads: None,
        }
    }
}

/// The smile net [`SMILEY`].
fn smiley() -> Weights {
    read_embedded(embedded!("smiley48-v6"))
}

fn read_embedded(bytes: &[u8]) -> Weights {
    Weights::from_bytes(bytes).expect("the embedded weights are whole, as a test shows")
}

impl Models {
    /// Chooses an embedded smile net by its name, [`SMILEY`] or [`SMILEY_OPEN`], or puts the net of a weight file in the place of the
    /// one it is a version of: the detector's nets are known by their names without the version (`face31`, `face48`,
    /// `face48-calibration`, `face48-verification`), any other is a smile net.
    ///
    /// # Errors
    /// [`ModelError`] if the file cannot be read or is no weight file.
    pub fn choose(&mut self, name: &Path) -> Result<(), ModelError> {
        match name.to_str() {
            Some(SMILEY) => self.smileys = smiley(),
            Some(SMILEY_OPEN) => self.smileys = read_embedded(embedded!("smiley48-open-v1")),
            _ => self.replace(name)?,
        }
        Ok(())
    }

    fn replace(&mut self, path: &Path) -> Result<(), ModelError> {
        let bytes = fs::read(path).map_err(|source| ModelError::Read { path: path.to_owned(), source })?;
        let weights = Weights::from_bytes(&bytes).map_err(|source| ModelError::File { path: path.to_owned(), source })?;
        let place = match weights.card.name.rsplit_once("-v").map_or(weights.card.name.as_str(), |(stem, _)| stem) {
            "face31" => &mut self.proposals,
            "face48" => &mut self.faces,
            "face48-calibration" => &mut self.calibration,
            "face48-verification" => &mut self.verification,
            _ => &mut self.smileys,
        };
        *place = weights;
        Ok(())
    }

    /// All weights, the detector's first.
    pub fn all(&self) -> [&Weights; 5] {
        [&self.proposals, &self.faces, &self.calibration, &self.verification, &self.smileys]
    }

    /// Name of the smile net, with its version.
    pub fn smile_net_name(&self) -> &str {
        &self.smileys.card.name
    }

    /// A detector of these nets.
    ///
    /// # Errors
    /// [`NetError`] if a net cannot run or is not what its place needs.
    pub fn detector(&self, params: DetectorParams) -> Result<Detector, NetError> {
        let net = |weights| Ok::<_, NetError>(Box::new(Net::new(weights, self.threads)?));
        let nets = DetectorNets {
            proposals: net(&self.proposals)?,
            faces: net(&self.faces)?,
            calibration: net(&self.calibration)?,
            verification: net(&self.verification)?,
        };
        Detector::new(nets, params)
    }

    /// The smile net, whose labels must all be in `smileys`.
    ///
    /// # Errors
    /// [`ModelError::UnknownSmiley`] for a label that is not, [`ModelError::Net`] if the net cannot run.
    pub fn smile_net(&self, smileys: &Smileys) -> Result<Box<dyn Forward>, ModelError> {
        let card = &self.smileys.card;
        if let Some(id) = card.labels.iter().find(|id| smileys.index_of(id).is_none()) {
            return Err(ModelError::UnknownSmiley { name: card.name.clone(), id: id.clone() });
        }
        Ok(Box::new(Net::new(&self.smileys, self.threads)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_nets_go_together() {
        let models = Models::default();
        assert!(models.detector(DetectorParams::default()).is_ok());
        assert_eq!(models.smile_net(&Smileys::default()).unwrap().card().labels, Smileys::default().ids());
    }

    #[test]
    fn a_file_takes_the_place_of_the_net_of_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let mut models = Models::default();
        let mut changed = models.faces.clone();
        changed.card.name = "face48-v99".into();
        let path = folder.path().join("any-name.safetensors");
        fs::write(&path, changed.to_bytes().unwrap()).unwrap();
        models.choose(&path).unwrap();
        let names: Vec<&str> = models.all().iter().map(|weights| weights.card.name.as_str()).collect();
        assert_eq!(names[1], "face48-v99");

        fs::write(&path, "no weights").unwrap();
        assert!(models.choose(&path).unwrap_err().to_string().contains("any-name.safetensors"));
        assert!(matches!(models.choose(Path::new("nowhere")), Err(ModelError::Read { .. })));
    }

    #[test]
    fn the_embedded_smile_nets_are_known_by_name() {
        let mut models = Models::default();
        models.choose(Path::new(SMILEY_OPEN)).unwrap();
        let open = models.smileys.card.clone();
        assert_eq!(open.sources, ["rendered"], "free for any use: no photo was trained on");
        models.choose(Path::new(SMILEY)).unwrap();
        assert_eq!(models.smileys.card, Models::default().smileys.card);
        assert_ne!(models.smileys.card.name, open.name);
    }

    #[test]
    fn labels_must_be_in_the_list_of_smileys() {
        let one = Smileys::parse("[[smiley]]\nid = \"wink\"\nemoticon = \";)\"\npose = \"one eye closed\"\n").unwrap();
        assert!(matches!(Models::default().smile_net(&one), Err(ModelError::UnknownSmiley { .. })));
    }
}
