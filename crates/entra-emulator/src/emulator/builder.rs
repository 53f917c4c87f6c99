//! The settings of an emulator, and its start.

use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, RwLock};

use super::tls::{self, TlsFlaw};
use super::{Emulator, StartError};
use crate::clock::Clock;
use crate::directory::Directory;
use crate::faults::FaultRegistry;
use crate::http::{Journal, Origin};
use crate::keys::{KeyError, KeyRing};
use crate::pages::Pages;
use crate::random::{Random, fill_from_system};
use crate::seal::Sealer;
use crate::server::{RunningServer, run};
use crate::state::{Grants, Revocations, State, StateDir};

/// The settings of an emulator.
///
/// ```
/// use entra_emulator::{Directory, Emulator};
///
/// let emulator = Emulator::builder()
///     .directory(Directory::default())
///     .seed(1)
///     .start()?;
/// assert_ne!(emulator.port(), 0);
/// # Ok::<(), entra_emulator::StartError>(())
/// ```
#[derive(Debug, Default)]
#[must_use]
pub struct EmulatorBuilder {
    port: u16,
    directory: Option<Directory>,
    seed: Option<u64>,
    state_dir: Option<PathBuf>,
    control_token: Option<String>,
    tls: bool,
    tls_flaw: Option<TlsFlaw>,
}

impl EmulatorBuilder {
    /// Sets the port on 127.0.0.1; default 0, any free one. The emulator never listens on another interface.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Sets tenants, users, groups and applications; default [`Directory::default`].
    pub fn directory(mut self, directory: Directory) -> Self {
        self.directory = Some(directory);
        self
    }

    /// Makes generated identifiers (codes, session and request ids) the same in every run; keys are always random.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Keeps signing keys, sealing key, revocations and the local CA in this folder, so that tokens and cookies outlive a
    /// restart.
    ///
    /// Default: none. Folder and files must belong to this process's user or root, and no other user may write them.
    pub fn state_dir(mut self, path: impl Into<PathBuf>) -> Self {
        self.state_dir = Some(path.into());
        self
    }

    /// Uses https with a certificate of a local CA ([`Emulator::ca_pem`]); default `false`.
    pub fn tls(mut self, tls: bool) -> Self {
        self.tls = tls;
        self
    }

    /// Uses https with a certificate that clients must refuse.
    pub fn tls_flaw(mut self, flaw: TlsFlaw) -> Self {
        self.tls = true;
        self.tls_flaw = Some(flaw);
        self
    }

    /// Sets the bearer token of the HTTP control API; default: a random one.
    pub fn control_token(mut self, token: impl Into<String>) -> Self {
        self.control_token = Some(token.into());
        self
    }

    /// Starts the emulator, which runs on a thread of its own until it is stopped or dropped.
    ///
    /// # Errors
    /// See [`StartError`].
    pub fn start(self) -> Result<Emulator, StartError> {
        // The call fails when the process has installed a provider before.
        let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
        let (tls, tls_flaw) = (self.tls, self.tls_flaw);
        let listener = listen(self.port)?;
        let port = listener.local_addr().map_err(StartError::Server)?.port();
        let state = Arc::new(self.state(port)?);
        let authority = tls
            .then(|| tls::LocalAuthority::load(state.state_dir.as_ref()))
            .transpose()?;
        let config = authority
            .as_ref()
            .map(|authority| authority.server_config(&state, tls_flaw))
            .transpose()?;
        let RunningServer { server, thread } =
            run(Arc::clone(&state), listener, config).map_err(StartError::Server)?;
        Ok(Emulator::new(state, port, authority, server, thread))
    }

    fn state(self, port: u16) -> Result<State, StartError> {
        let directory = self.directory.unwrap_or_default();
        directory.check()?;
        let state_dir = self.state_dir.map(StateDir::open).transpose()?;
        Ok(State {
            origin: Origin::new(self.tls, port),
            clock: Clock::default(),
            random: Random::new(self.seed),
            directory: RwLock::new(directory),
            keys: RwLock::new(keys(state_dir.as_ref())?),
            sealer: sealer(state_dir.as_ref())?,
            codes: Mutex::default(),
            grants: Mutex::new(Grants::with(revocations(state_dir.as_ref())?)),
            assertions: Mutex::default(),
            faults: FaultRegistry::default(),
            journal: Journal::default(),
            switches: RwLock::default(),
            pages: Pages::new().map_err(|error| StartError::Pages(error.to_string()))?,
            control_token: self
                .control_token
                .unwrap_or_else(|| Random::new(None).token(24)),
            state_dir,
        })
    }
}

impl Emulator {
    /// Returns the settings for a new emulator.
    pub fn builder() -> EmulatorBuilder {
        EmulatorBuilder::default()
    }
}

fn listen(port: u16) -> Result<TcpListener, StartError> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(|source| match source.kind() {
        std::io::ErrorKind::AddrInUse => StartError::PortInUse(port),
        _ => StartError::Listen { port, source },
    })
}

fn keys(state_dir: Option<&StateDir>) -> Result<KeyRing, StartError> {
    let failed = |error: KeyError| StartError::Key(error.to_string());
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
            fill_from_system(&mut key);
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
