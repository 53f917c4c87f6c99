use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, RwLock};

use super::server::{self, Listening};
use super::state_dir::{StateDir, StateDirError};
use super::{Emulator, TlsFlaw, tls};
use crate::clock::Clock;
use crate::directory::{Directory, DirectoryError};
use crate::faults::Registry;
use crate::http::Origin;
use crate::keys::KeyRing;
use crate::pages::Pages;
use crate::random::{Random, system};
use crate::seal::Sealer;
use crate::state::State;
use crate::switches::Switches;
use crate::token::{Grants, Revocations};

/// Settings of an emulator; [`EmulatorBuilder::start`] starts it.
#[derive(Debug, Default)]
#[must_use]
pub struct EmulatorBuilder {
    port: u16,
    directory: Option<Directory>,
    seed: Option<u64>,
    state_dir: Option<PathBuf>,
    control_token: Option<String>,
    switches: Switches,
    tls: bool,
    tls_flaw: Option<TlsFlaw>,
}

/// Why an emulator does not start.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The port is taken.
    #[error(
        "port {0} of 127.0.0.1 is in use by another program; end it, or choose another port (--port; 0 takes any free one)"
    )]
    PortInUse(u16),
    /// The port cannot be listened on for another reason.
    #[error(
        "port {port} of 127.0.0.1 cannot be listened on: {source}; choose another port (--port)"
    )]
    Listen {
        /// The port.
        port: u16,
        /// What the system said.
        source: std::io::Error,
    },
    /// The directory does not hold together.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// The state folder cannot be used.
    #[error(transparent)]
    StateDir(#[from] StateDirError),
    /// A key or certificate cannot be made.
    #[error("a key or certificate cannot be made: {0}")]
    Key(String),
    /// The pages do not compile, which is a fault of this build.
    #[error("the emulator's pages cannot be read: {0}")]
    Pages(#[from] tera::Error),
    /// The server's thread cannot be started.
    #[error("the server cannot be started: {0}")]
    Server(std::io::Error),
}

/// The text for the operator: `main` prints what it returns by `Debug`.
impl std::fmt::Debug for StartError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

impl EmulatorBuilder {
    /// The port on 127.0.0.1; default 0, any free one. No other interface can be chosen.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Tenants, users, groups and applications; default: the invented directory that comes with the crate.
    pub fn directory(mut self, directory: Directory) -> Self {
        self.directory = Some(directory);
        self
    }

    /// Makes generated identifiers (codes, session and request ids) the same in every run; keys stay random.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Keeps signing keys, sealing key and revocations in this folder, so that a restart changes nothing for clients.
    /// Default: none; everything is forgotten.
    pub fn state_dir(mut self, path: impl Into<PathBuf>) -> Self {
        self.state_dir = Some(path.into());
        self
    }

    /// Listens by https, with a certificate of a local CA ([`Emulator::ca_pem`]); default: http.
    ///
    /// With a state folder the CA is kept there.
    pub fn tls(mut self, tls: bool) -> Self {
        self.tls = tls;
        self
    }

    /// Listens by https with a certificate that nobody should accept.
    pub fn tls_flaw(mut self, flaw: TlsFlaw) -> Self {
        self.tls = true;
        self.tls_flaw = Some(flaw);
        self
    }

    /// The bearer token of the HTTP control API; default: a random one.
    pub fn control_token(mut self, token: impl Into<String>) -> Self {
        self.control_token = Some(token.into());
        self
    }

    /// The switches to begin with; default: all off.
    pub fn switches(mut self, switches: Switches) -> Self {
        self.switches = switches;
        self
    }

    /// Starts listening. The emulator runs on a thread of its own until it is stopped or dropped.
    ///
    /// # Errors
    /// When the port is taken, the directory or the state folder cannot be used, or a key cannot be made.
    pub fn start(self) -> Result<Emulator, StartError> {
        // Another part of the process may have installed the same provider before.
        let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
        let directory = self.directory.unwrap_or_default();
        directory.check()?;
        let listener = listen(self.port)?;
        let port = listener.local_addr().map_err(StartError::Server)?.port();
        let state_dir = self.state_dir.map(StateDir::open).transpose()?;
        let authority = self
            .tls
            .then(|| tls::LocalAuthority::load(state_dir.as_ref()))
            .transpose()?;
        let random = Random::new(self.seed);
        let state = State {
            origin: Origin::new(self.tls, port),
            clock: Clock::default(),
            keys: RwLock::new(keys(state_dir.as_ref())?),
            sealer: sealer(state_dir.as_ref())?,
            codes: Mutex::default(),
            grants: Mutex::new(Grants::with(revocations(state_dir.as_ref())?)),
            assertions: Mutex::default(),
            faults: Registry::default(),
            journal: crate::http::Journal::default(),
            switches: RwLock::new(self.switches),
            pages: Pages::new()?,
            control_token: self
                .control_token
                .unwrap_or_else(|| Random::new(None).token(24)),
            state_dir,
            directory: RwLock::new(directory),
            random,
        };
        let state = Arc::new(state);
        let tls = authority
            .as_ref()
            .map(|authority| authority.server_config(&state, self.tls_flaw))
            .transpose()?;
        let Listening { server, thread } =
            server::run(Arc::clone(&state), listener, tls).map_err(StartError::Server)?;
        Ok(Emulator::new(state, port, authority, server, thread))
    }
}

fn listen(port: u16) -> Result<TcpListener, StartError> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(|source| match source.kind() {
        std::io::ErrorKind::AddrInUse => StartError::PortInUse(port),
        _ => StartError::Listen { port, source },
    })
}

fn keys(state_dir: Option<&StateDir>) -> Result<KeyRing, StartError> {
    let failed = |error: crate::keys::KeyError| StartError::Key(error.to_string());
    match state_dir {
        None => KeyRing::shared().map_err(failed),
        Some(folder) => Ok(KeyRing::of(
            Arc::new(folder.signing_key("signing")?),
            Arc::new(folder.signing_key("spare")?),
        )),
    }
}

fn sealer(state_dir: Option<&StateDir>) -> Result<Sealer, StartError> {
    let key = match state_dir {
        Some(folder) => folder.sealing_key()?,
        None => {
            let mut key = [0; 32];
            system(&mut key);
            key
        }
    };
    Sealer::new(&key)
        .ok_or_else(|| StartError::Key("the sealing key has a wrong length".to_owned()))
}

fn revocations(state_dir: Option<&StateDir>) -> Result<Revocations, StartError> {
    state_dir.map_or_else(
        || Ok(Revocations::default()),
        |folder| Ok(folder.revocations()?),
    )
}
