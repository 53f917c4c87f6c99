//! Token validation: header, key, signature, typed claims, rules.

mod claims;
mod compact;
mod groups;
mod header;
mod identifiers;
mod json;
mod numeric_date;
mod raw_claims;
mod rejection;
mod rules;
mod rules_audience;
mod rules_binding;
mod rules_issuer;
mod rules_time;
mod token_kind;

pub use claims::Claims;
pub use groups::Groups;
pub use header::Header;
pub use identifiers::{Oid, Sub, Tid, UserKey};
pub use numeric_date::NumericDate;
pub use rejection::{Code, Reason, Rejection};
pub use rules::{
    AccessTokenRules, ExpectedIdToken, ExpectedNonce, KeyFacts, Rules, TokenRules, check, check_key,
};
pub use token_kind::TokenKind;
