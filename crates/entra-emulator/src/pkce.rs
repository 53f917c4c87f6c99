//! Proof Key for Code Exchange (RFC 7636): challenge and verifier.

use crate::aadsts::Refusal;
use crate::encoding::{base64url, sha256};

/// The code challenge of an authorization request.
#[derive(Clone, Debug)]
pub(crate) struct Challenge {
    value: String,
    method: Method,
}

#[derive(Clone, Copy, Debug)]
enum Method {
    Plain,
    S256,
}

impl Challenge {
    /// Reads `code_challenge` and `code_challenge_method`; without a method the challenge is plain.
    pub(crate) fn new(value: &str, method: Option<&str>) -> Result<Self, Refusal> {
        let method = match method {
            None | Some("plain") => Method::Plain,
            Some("S256") => Method::S256,
            Some(other) => {
                return Err(Refusal::invalid_request(
                    501_491,
                    format!("Invalid code_challenge_method '{other}'."),
                ));
            }
        };
        if !(43..=128).contains(&value.len()) {
            return Err(Refusal::invalid_request(
                501_491,
                "Invalid size of code_challenge parameter: 43 to 128 characters are allowed.",
            ));
        }
        Ok(Self {
            value: value.to_owned(),
            method,
        })
    }

    fn is_met_by(&self, verifier: &str) -> bool {
        match self.method {
            Method::Plain => verifier == self.value,
            Method::S256 => base64url(sha256(verifier)) == self.value,
        }
    }
}

/// Checks the code verifier of a token request against the challenge of its code (RFC 7636 section 4.6).
pub(crate) fn verify(challenge: Option<&Challenge>, verifier: Option<&str>) -> Result<(), Refusal> {
    match (challenge, verifier) {
        (None, None) => Ok(()),
        (Some(_), None) => Err(Refusal::missing("code_verifier")),
        (Some(_), Some(verifier)) if !is_well_formed(verifier) => Err(Refusal::invalid_request(
            501_491,
            "Invalid size or characters of code_verifier parameter.",
        )),
        (Some(challenge), Some(verifier)) if challenge.is_met_by(verifier) => Ok(()),
        (None | Some(_), Some(_)) => Err(Refusal::invalid_grant(
            501_481,
            "The Code_Verifier does not match the code_challenge supplied in the authorization request.",
        )),
    }
}

fn is_well_formed(verifier: &str) -> bool {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    (43..=128).contains(&verifier.len()) && verifier.bytes().all(unreserved)
}
