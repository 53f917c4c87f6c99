//! The known claims as JSON, none of them ambiguous.

use std::{borrow::Cow, fmt};

use serde::{
    Deserializer,
    de::{MapAccess, Visitor},
};

use serde_json::Value;

use super::{
    json::{BorrowedValue, MemberName, MemberNames, SkippedValue},
    rejection::{Code, Reason, Rejection},
};
use crate::config::RolesClaim;

macro_rules! known_claims {
    ($($name:ident = $text:literal,)*) => {
        /// A claim that the crate reads.
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        pub(crate) enum KnownClaim {
            $($name,)*
        }

        impl KnownClaim {
            const COUNT: usize = [$($text,)*].len();

            fn named(name: &str) -> Option<Self> {
                match name {
                    $($text => Some(Self::$name),)*
                    _ => None,
                }
            }
        }
    };
}

known_claims! {
    Acr = "acr",
    Acrs = "acrs",
    Appid = "appid",
    AtHash = "at_hash",
    Aud = "aud",
    AuthTime = "auth_time",
    Azp = "azp",
    Azpacr = "azpacr",
    CHash = "c_hash",
    ClaimNames = "_claim_names",
    ClientId = "client_id",
    Cnf = "cnf",
    Email = "email",
    Events = "events",
    Exp = "exp",
    Groups = "groups",
    Hasgroups = "hasgroups",
    Iat = "iat",
    Idtyp = "idtyp",
    Iss = "iss",
    Jti = "jti",
    LoginHint = "login_hint",
    Name = "name",
    Nbf = "nbf",
    Nonce = "nonce",
    Oid = "oid",
    PreferredUsername = "preferred_username",
    Roles = "roles",
    Scope = "scope",
    Scp = "scp",
    Sid = "sid",
    Sub = "sub",
    Tfp = "tfp",
    Tid = "tid",
    Ver = "ver",
    Wids = "wids",
    XmsCc = "xms_cc",
}

/// The known claims by name, and those that configuration names.
pub(crate) struct RawClaims<'a> {
    values: [Option<BorrowedValue<'a>>; KnownClaim::COUNT],
    variants: [bool; KnownClaim::COUNT],
    duplicate: bool,
    roles: &'a RolesClaim,
    configured: Vec<(Cow<'a, str>, BorrowedValue<'a>)>,
}

impl<'a> RawClaims<'a> {
    /// Reads a decoded payload, with the claims that `roles` names.
    pub(crate) fn parse(payload: &'a [u8], roles: &'a RolesClaim) -> Result<Self, Rejection> {
        let malformed = Rejection::new(Code::Claims, Reason::Malformed);
        let text = std::str::from_utf8(payload).map_err(|_| malformed)?;
        let mut raw = Self {
            values: [const { None }; KnownClaim::COUNT],
            variants: [false; KnownClaim::COUNT],
            duplicate: false,
            roles,
            configured: Vec::new(),
        };
        let mut document = serde_json::Deserializer::from_str(text);
        document.deserialize_map(&mut raw).map_err(|_| malformed)?;
        document.end().map_err(|_| malformed)?;
        // Two claims that differ in case only are ambiguous where a rule reads one of them: another
        // reader might use the other one.
        let ambiguous = raw
            .values
            .iter()
            .zip(raw.variants)
            .enumerate()
            .any(|(at, (value, variant))| variant && value.is_some() && !is_only_shown(at));
        if raw.duplicate || ambiguous {
            return Err(Rejection::new(Code::Claims, Reason::Duplicate));
        }
        Ok(raw)
    }

    /// Removes and returns the value of a claim. JSON `null` counts as absent.
    pub(crate) fn take(&mut self, claim: KnownClaim) -> Option<BorrowedValue<'a>> {
        let value = self.values.get_mut(claim as usize).and_then(Option::take);
        value.filter(|value| !matches!(value, BorrowedValue::Other(Value::Null)))
    }

    /// The value of a known or configured claim. JSON `null` counts as absent. A known claim is absent after
    /// [`Self::take`].
    pub(crate) fn named(&self, name: &str) -> Option<&BorrowedValue<'a>> {
        let value = match KnownClaim::named(name) {
            Some(known) => self.values.get(known as usize)?.as_ref(),
            None => {
                let mut configured = self.configured.iter();
                configured.find_map(|(other, value)| (other == name).then_some(value))
            }
        };
        value.filter(|value| !matches!(value, BorrowedValue::Other(Value::Null)))
    }

    fn slot(&mut self, name: &str) -> Option<&mut Option<BorrowedValue<'a>>> {
        KnownClaim::named(name).and_then(|known| self.values.get_mut(known as usize))
    }

    /// Notes a claim that differs from a known one in case only.
    fn note_variant(&mut self, name: &str) {
        if !name.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return;
        }
        let known = KnownClaim::named(&name.to_ascii_lowercase());
        if let Some(flag) = known.and_then(|known| self.variants.get_mut(known as usize)) {
            *flag = true;
        }
    }
}

fn is_only_shown(slot: usize) -> bool {
    ONLY_SHOWN.iter().any(|claim| *claim as usize == slot)
}

/// Claims for display, which no rule reads.
const ONLY_SHOWN: [KnownClaim; 5] = [
    KnownClaim::Azpacr,
    KnownClaim::Email,
    KnownClaim::LoginHint,
    KnownClaim::Name,
    KnownClaim::PreferredUsername,
];

/// Fills the claims in place, since they are large.
impl<'de> Visitor<'de> for &mut RawClaims<'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JWT claims set")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut others = MemberNames::default();
        while let Some(MemberName(name)) = map.next_key()? {
            if let Some(slot) = self.slot(&name) {
                let before = slot.replace(map.next_value()?);
                self.duplicate |= before.is_some();
                continue;
            }
            if self.roles.reads(&name) {
                self.configured.push((name.clone(), map.next_value()?));
            } else {
                map.next_value::<SkippedValue>()?;
            }
            self.note_variant(&name);
            self.duplicate |= !others.insert::<A::Error>(name)?;
        }
        let mut configured = self.configured.iter();
        self.duplicate |= configured.any(|(name, _)| others.has_variant_of(name));
        Ok(())
    }
}

#[cfg(test)]
#[path = "raw_claims_tests.rs"]
mod tests;
