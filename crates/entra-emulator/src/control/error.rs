//! The errors of controlling an emulator.

/// The reason for which a method of [`Control`](super::Control) or [`Mint`](super::Mint) fails.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ControlError {
    /// The directory has no user of this name.
    #[error(
        "there is no user {0:?}; use an object id, a sign-in name or an e-mail address of the directory"
    )]
    UnknownUser(String),
    /// The directory has no application of this client id.
    #[error("there is no application {0:?}; use a client id of the directory")]
    UnknownApplication(String),
    /// A key or a token cannot be made; the text is the cause.
    #[error("{0}")]
    Key(String),
}
