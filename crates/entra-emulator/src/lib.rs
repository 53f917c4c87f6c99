//! A local Microsoft Entra ID look-alike for development and tests.
//!
//! It serves an invented directory on 127.0.0.1: discovery documents and key sets, the authorization and token endpoints,
//! sign-out, and a small part of Microsoft Graph, with the platform's members, error numbers and statuses.
//!
//! **It is not made or endorsed by Microsoft, and it must never be reachable from another machine.** It signs in every user
//! without a password. It listens on 127.0.0.1 only, and refuses requests with another host name or from a proxy.
//!
//! # A sign-in in a test
//!
//! [`Emulator::builder`] starts an emulator on a free port; it stops when it is dropped. The application under test needs
//! only its address: [`Emulator::authority`] for any OpenID Connect library, or [`Emulator::ready_env`].
//!
//! ```
//! use entra_emulator::{Directory, Emulator, Endpoint};
//!
//! let application = "http://localhost:8080".parse().unwrap();
//! let directory = Directory::default().with_applications_at(&application);
//! let emulator = Emulator::builder().directory(directory).start()?;
//!
//! // The settings of the application under test.
//! let authority = emulator.authority("11110000-aaaa-4bbb-8ccc-000000000001");
//! let environment = emulator.ready_env(None);
//! assert!(environment.contains("AAD_BASE_URL=http://localhost:8080"));
//!
//! // Sign-ins need no page from now on.
//! let control = emulator.control();
//! control.auto_sign_in(Some("ada@northwind.example.test"));
//!
//! // … drive the application here, then check its requests:
//! assert_eq!(control.count_calls(Endpoint::Token), 0);
//! # Ok::<(), entra_emulator::StartError>(())
//! ```
//!
//! All emulators of a process share their signing keys, so that only the first start takes time to make them. An emulator
//! with [`EmulatorBuilder::state_dir`] has keys of its own.
//!
//! # Faults
//!
//! [`Control::faults`] makes endpoints fail, and tokens, documents and keys wrong:
//!
//! ```
//! use entra_emulator::{Emulator, Endpoint, Fault, KeyEdit, Mutation};
//!
//! let emulator = Emulator::builder().start()?;
//! let faults = emulator.control().faults();
//! faults.set(Fault::throttled(Endpoint::Token, "2").once());
//! faults.set(Fault::keys(KeyEdit::WithoutSigningKey));
//! faults.id_token(Mutation::hs256_with_public_key());
//! faults.clear();
//! # Ok::<(), entra_emulator::StartError>(())
//! ```
//!
//! - [`Fault`]: delays, missing, cut and replaced answers, and changes of documents; once, several times or until cleared.
//! - [`Mutation`]: wrong tokens, with a named constructor for each case that a relying party must refuse.
//! - [`KeyEdit`] and [`KeyRoll`]: wrong key sets, and key roll-overs.
//! - [`AuthorizeEdit`]: changes of the authorization response.
//! - [`Switches`]: deviations that are not faults, such as back-channel logout.
//!
//! # Tokens for APIs
//!
//! An API is tested without any sign-in: [`Control::mint`] builds a token of a user or an application.
//!
//! ```
//! use entra_emulator::{Emulator, Mutation};
//!
//! let emulator = Emulator::builder().start()?;
//! let api = "00001111-aaaa-4222-8333-000000000003";
//! let mint = emulator.control().mint();
//! let expired = mint
//!     .user_token("ada@northwind.example.test", api, "Tickets.Read")
//!     .and_then(|token| token.mutate(Mutation::expired()).sign());
//! assert!(expired.is_ok());
//! # Ok::<(), entra_emulator::StartError>(())
//! ```
//!
//! # The directory
//!
//! [`Directory::default`] has work tenants, personal accounts, an External ID tenant and a B2C tenant, with users for the
//! usual cases: guests, disabled users, users without consent, users with hundreds of groups. An application takes the
//! members of a Microsoft Graph application manifest. [`Control::edit_directory`] changes it while the emulator runs.
//!
//! # Differences from the platform
//!
//! - No passwords, second factor, Conditional Access or federation; no device-code and no on-behalf-of grant.
//! - v1 has documents and tokens, but no endpoints, and its issuer is `{origin}/{tid}/`.
//! - The issuer of an External ID tenant is `{scheme}://{tid}.localhost:{port}/{tid}/v2.0`. As on the platform, its host is
//!   not the host of the authority.
//! - Graph has the profile, photo, memberships and session revocation of users, and nothing else.
//!
//! The crate is also a program, `entra-emulator`, with the same control as JSON over HTTP; see the README.

// The folders in order; each uses only those before it: directory, keys, jwt, faults, http, pages, state, token, discovery,
// authorize, graph, control, logout, server, emulator. The other files hold what several of them use.

mod aadsts;
mod authority;
mod authorize;
mod clock;
mod control;
mod directory;
mod discovery;
mod emulator;
mod encoding;
mod faults;
mod graph;
mod gzip;
mod http;
mod jwt;
mod keys;
mod logout;
mod members;
mod pages;
mod pkce;
mod random;
mod scope;
mod seal;
mod server;
mod start_page;
mod state;
mod switches;
mod sync;
mod token;

pub use control::{Control, ControlError, Counters, Faults, Mint};
pub use directory::{
    ApiSettings, AppRole, AppRoleAssignment, Application, ClaimList, Directory, DirectoryError,
    Group, ImplicitGrantSettings, KeyCredential, OptionalClaim, OptionalClaims, PasswordCredential,
    PermissionScope, PlatformUris, Tenant, TenantKind, User, WebSettings,
};
pub use emulator::{Emulator, EmulatorBuilder, StartError, TlsFlaw};
pub use faults::{
    ActiveFault, Answer, AnswerBody, AuthorizeEdit, Effect, Endpoint, Fault, FaultId, KeyEdit,
};
pub use http::RecordedCall;
pub use jwt::{MemberEdit, Mutation, SignatureEdit};
pub use keys::KeyRoll;
pub use state::StateDirError;
pub use switches::Switches;

/// Compiles the README's example.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExample;
