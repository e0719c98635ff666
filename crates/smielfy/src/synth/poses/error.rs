//! What can be wrong with a table of poses, in words for the person who wrote it.

/// Why a table of poses is refused. `pose` is the id of the pose, or `nuisance`, `none`, `precedence` for these tables.
#[derive(Debug, thiserror::Error)]
pub enum PosesError {
    /// The text is not TOML, a key is missing or unknown, or a value is of the wrong kind.
    #[error("not a table of poses: {0}")]
    Parse(#[from] toml::de::Error),
    /// There is no pose in the table.
    #[error("the table of poses is empty; add at least one `[[pose]]`")]
    Empty,
    /// Two poses have this id, or it is the reserved `none`.
    #[error("the id `{0}` is taken; give the pose another one")]
    Taken(String),
    /// A shape that does not exist.
    #[error("`{pose}`: there is no shape `{shape}`; did you mean `{nearest}`?")]
    UnknownShape {
        /// Where it is named.
        pose: String,
        /// The name.
        shape: String,
        /// The existing name that is most like it.
        nearest: String,
    },
    /// A range from which nothing can be drawn, or nothing that a face can do.
    #[error("`{pose}`: the range of `{key}` is empty or beyond 100; the lower number comes first")]
    NoRange {
        /// Where it stands.
        pose: String,
        /// The shape or setting.
        key: String,
    },
    /// A number that has to be within `0..=1` and is not.
    #[error("`{pose}`: `{key}` is {value}, not within 0..=1")]
    NotAShare {
        /// Where it stands.
        pose: String,
        /// The setting.
        key: String,
        /// Its value.
        value: f32,
    },
    /// A layer that moves nothing.
    #[error("`{pose}`: a layer has neither `shapes` nor `one_of`")]
    EmptyLayer {
        /// Where it stands.
        pose: String,
    },
    /// Something sideways in a layer for both sides.
    #[error("`{pose}`: `{shape}` goes to one side; give its layer `side = \"near\"` or `side = \"far\"`")]
    NoSide {
        /// Where it stands.
        pose: String,
        /// The shape.
        shape: String,
    },
    /// A pose that is not in the table.
    #[error("`{pose}` names the pose `{other}`, which is not in the table")]
    UnknownPose {
        /// Where it is named.
        pose: String,
        /// The name.
        other: String,
    },
    /// A mix that makes a picture of the other pose.
    #[error("`{pose}` cannot mix with `{other}`, which outranks it: the picture would be one of `{other}`")]
    Outranked {
        /// The pose that mixes.
        pose: String,
        /// The other one.
        other: String,
    },
}
