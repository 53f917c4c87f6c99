//! A local Microsoft Entra ID look-alike for development and tests.
//!
//! It serves an invented directory on 127.0.0.1: discovery documents and key sets, the authorization and token endpoints,
//! sign-out, and a small Graph, with the platform's exact members, error numbers and statuses. It signs anybody in
//! without a password, and therefore answers requests from this machine only.
//!
//! ```
//! use entra_emulator::{Emulator, Fault, Endpoint, Mutation};
//!
//! let emulator = Emulator::builder().start()?;
//! let authority = emulator.authority("11110000-aaaa-4bbb-8ccc-000000000001");
//! assert!(authority.starts_with("http://127.0.0.1:"));
//!
//! let control = emulator.control();
//! control.auto_sign_in(Some("ada@northwind.example.test"));
//! control.faults().set(Fault::status(Endpoint::Keys, 503).once());
//! control.faults().id_token(Mutation::hs256_with_public_key());
//! # Ok::<(), entra_emulator::StartError>(())
//! ```
//!
//! # How it differs from the platform
//!
//! No passwords, no second factor, no Conditional Access, no federation; keys made on this machine; the v1 issuer is
//! `{origin}/{tid}/` and not a host of its own; of v1 there are the documents and tokens, but no endpoints. The issuer of
//! an External ID tenant is `{scheme}://{tid}.localhost:{port}/{tid}/v2.0`, a name that differs from the configured
//! authority as in reality, and to which no client ever connects. Graph is tiny.

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
mod random;
mod scope;
mod seal;
mod state;
mod switches;
mod sync;
mod token;

pub use control::{Control, ControlError, Counters, Mint};
pub use directory::{
    ApiSettings, AppRole, AppRoleAssignment, Application, ClaimList, Directory, DirectoryError,
    Group, ImplicitGrantSettings, KeyCredential, OptionalClaim, OptionalClaims, PasswordCredential,
    PermissionScope, PlatformUris, Tenant, TenantKind, User, WebSettings,
};
pub use emulator::{Emulator, EmulatorBuilder, StartError, TlsFlaw};
pub use faults::{
    ActiveFault, Answer, AnswerBody, AuthorizeEdit, Effect, Endpoint, Fault, FaultId, Faults,
    KeyEdit,
};
pub use http::RecordedCall;
pub use jwt::{Edit, MemberEdit, Mutation, Seal, Shape, SignatureEdit};
pub use keys::KeyRoll;
pub use switches::Switches;
