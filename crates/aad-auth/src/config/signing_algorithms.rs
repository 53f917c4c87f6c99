//! The signature algorithms of tokens.

use jsonwebtoken::Algorithm;

use super::Problem;

/// The accepted signature algorithms (`AAD_SIGNING_ALGORITHMS`). The default is `RS256`, the only one
/// that Entra uses.
///
/// Neither a token's header nor a metadata document adds one (RFC 8725 section 3.1).
///
/// ```
/// use aad_auth::config::SigningAlgorithms;
///
/// assert!(SigningAlgorithms::parse("RS256,ES256").is_ok());
/// assert!(SigningAlgorithms::parse("HS256").is_err());
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SigningAlgorithms {
    rs256: bool,
    ps256: bool,
    es256: bool,
}

const VARIABLE: &str = "AAD_SIGNING_ALGORITHMS";
const NONE: SigningAlgorithms = SigningAlgorithms {
    rs256: false,
    ps256: false,
    es256: false,
};

impl SigningAlgorithms {
    /// All supported algorithms.
    pub(crate) const ALL: Self = Self {
        rs256: true,
        ps256: true,
        es256: true,
    };

    /// The names of the accepted algorithms (RFC 7518).
    pub(crate) fn names(self) -> impl Iterator<Item = &'static str> {
        let each = [
            (self.rs256, "RS256"),
            (self.ps256, "PS256"),
            (self.es256, "ES256"),
        ];
        each.into_iter()
            .filter_map(|(accepted, name)| accepted.then_some(name))
    }

    /// Parses `AAD_SIGNING_ALGORITHMS`: names separated by commas.
    ///
    /// # Errors
    /// There is no name, or one that is not supported.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let mut chosen = NONE;
        for name in text.split(',').map(str::trim) {
            match name {
                "RS256" => chosen.rs256 = true,
                "PS256" => chosen.ps256 = true,
                "ES256" => chosen.es256 = true,
                _ => {
                    return Err(Problem::new(
                        VARIABLE,
                        "must be a list of RS256, PS256 and ES256 separated by commas; others, \
                         above all HS256 and none, are not supported",
                        "RS256,ES256",
                    ));
                }
            }
        }
        Ok(chosen)
    }

    /// Whether a token may be signed with `algorithm`.
    pub(crate) const fn allow(self, algorithm: Algorithm) -> bool {
        match algorithm {
            Algorithm::RS256 => self.rs256,
            Algorithm::PS256 => self.ps256,
            Algorithm::ES256 => self.es256,
            _ => false,
        }
    }
}

impl Default for SigningAlgorithms {
    fn default() -> Self {
        Self {
            rs256: true,
            ..NONE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_rs256_is_allowed_by_default() {
        let default = SigningAlgorithms::default();
        assert!(default.allow(Algorithm::RS256));
        assert!(!default.allow(Algorithm::PS256) && !default.allow(Algorithm::ES256));
    }

    #[test]
    fn symmetric_and_unknown_algorithms_cannot_be_configured() {
        for text in ["HS256", "none", "", "RS256,HS256", "rs256", "RS384"] {
            assert!(SigningAlgorithms::parse(text).is_err(), "{text}");
        }
        assert!(
            SigningAlgorithms::parse("RS256, ES256")
                .unwrap()
                .allow(Algorithm::ES256)
        );
    }
}
