//! Token validation: header, key, signature, typed claims, rules.

mod access_token;
mod candidate;
mod claim_values;
mod claims;
mod claims_reader;
mod compact;
mod groups;
mod header;
mod id_token;
mod identifiers;
mod json;
mod logout_token;
mod numeric_date;
mod raw_claims;
mod recall;
mod rejection;
mod roles;
mod rules;
mod rules_audience;
mod rules_binding;
mod rules_issuer;
mod rules_time;
mod surrogates;
mod token_kind;
mod user_key;
mod userinfo;
mod verified_cache;
mod verified_claims;
mod verifier;
mod verifier_settings;

pub use access_token::{AccessToken, CallerKind};
pub use candidate::{Candidate, Checked, DEFAULT_MAX_TOKEN};
pub use claims::Claims;
pub use claims_reader::{ProviderKind, Reading};
pub(crate) use compact::key_id;
pub use groups::Groups;
pub use header::Header;
pub use id_token::IdToken;
pub use identifiers::{Oid, Sub, Tid};
pub use logout_token::LogoutToken;
pub use numeric_date::NumericDate;
pub(crate) use recall::{Recall, Unverified};
#[cfg(any(test, feature = "unstable-internals"))]
pub use rejection::Reason;
pub use rejection::{Code, Rejection};
pub(crate) use roles::Paths;
pub use roles::Roles;
pub use rules::{
    AccessTokenRules, ExpectedIdToken, ExpectedNonce, KeyFacts, Rules, TokenRules, check, check_key,
};
pub use token_kind::TokenKind;
pub use user_key::{BadUserKey, UserKey};
pub use userinfo::Userinfo;
pub use verified_claims::VerifiedClaims;
pub use verifier::{Verifier, VerifyError};
pub use verifier_settings::VerifierSettings;
