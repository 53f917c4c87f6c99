//! The reasons for which an emulator does not start.

use std::fmt;
use std::io;

use crate::directory::DirectoryError;
use crate::state::StateDirError;

/// The reason for which an emulator does not start.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// Another program uses the port.
    #[error(
        "another program uses port {0} of 127.0.0.1; end it, or choose another port (--port; 0 takes any free one)"
    )]
    PortInUse(u16),
    /// The emulator cannot listen on the port.
    #[error(
        "the emulator cannot listen on port {port} of 127.0.0.1: {source}; choose another port (--port)"
    )]
    Listen {
        /// The port on 127.0.0.1.
        port: u16,
        /// The error of the operating system.
        source: io::Error,
    },
    /// The directory is not valid.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// The state folder cannot be used.
    #[error(transparent)]
    StateDir(#[from] StateDirError),
    /// A key or certificate cannot be made; the text is the cause.
    #[error("a key or certificate cannot be made: {0}")]
    Key(String),
    /// The emulator's pages are broken, which is a defect of this build; the text is the cause.
    #[error("the emulator's pages cannot be read: {0}")]
    Pages(String),
    /// The server's thread cannot be started.
    #[error("the server cannot be started: {0}")]
    Server(io::Error),
}

/// The same text as `Display`, because `main` prints its error by `Debug`.
impl fmt::Debug for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
