//! What can go wrong with a net, by whose fault it is.

/// An error of the net specs, weight files and running nets.
#[derive(Debug, thiserror::Error)]
pub enum NetError {
    /// The list of blocks cannot be a net: the recipe's fault.
    #[error("impossible net: {0}")]
    Spec(String),
    /// The weight file is damaged or for another net.
    #[error("unusable weights: {0}")]
    Weights(String),
    /// A checkpoint is damaged or of another recipe.
    #[error("unusable checkpoint: {0}")]
    Checkpoint(String),
    /// The runtime refused the net or its input.
    #[error("the net did not run: {0}")]
    Run(String),
}
