//! Client assertions (`private_key_jwt`, `entra.md` 4.1).

use std::collections::HashMap;

use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;

use crate::aadsts::Refusal;
use crate::authority::Authority;
use crate::directory::Application;
use crate::encoding::{base64url, from_base64, sha1, sha256};
use crate::http::Params;
use crate::keys::element;
use crate::state::State;
use crate::sync::lock;

/// The ids of assertions seen lately: each may be used once.
#[derive(Default)]
pub(crate) struct Assertions {
    seen: HashMap<String, i64>,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: String,
    exp: i64,
    #[serde(default)]
    nbf: i64,
    jti: String,
}

const KIND: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const LEEWAY: i64 = 300;
const MAX_SEEN: usize = 20_000;

/// Checks signature, certificate, audience, times and single use of an assertion.
pub(super) fn check(
    state: &State,
    application: &Application,
    authority: &Authority,
    params: &Params,
    text: &str,
) -> Result<(), Refusal> {
    if params.get("client_assertion_type") != Some(KIND) {
        return Err(Refusal::invalid_request(
            90_023,
            "client_assertion_type is missing or not supported.",
        ));
    }
    let claims = verified(application, text)?;
    if claims.iss != application.app_id || claims.sub != application.app_id {
        return Err(Refusal::invalid_client(
            50_048,
            "Subject must match Issuer claim in the client assertion.",
        ));
    }
    // The host may be any name of this machine: what counts is the path of this tenant's token endpoint.
    let path = url::Url::parse(&claims.aud)
        .map(|url| url.path().to_owned())
        .unwrap_or_default();
    let endpoints = [
        format!("/{}/oauth2/v2.0/token", authority.segment),
        format!("/{}/v2.0", authority.segment),
    ];
    if !endpoints.contains(&path) {
        return Err(Refusal::invalid_client(
            700_023,
            "Client assertion audience claim does not match Realm issuer.",
        ));
    }
    let now = state.clock.now();
    if claims.exp < now.saturating_sub(LEEWAY) || claims.nbf > now.saturating_add(LEEWAY) {
        return Err(Refusal::invalid_client(
            700_024,
            "Client assertion is not within its valid time range.",
        ));
    }
    let mut assertions = lock(&state.assertions);
    assertions
        .seen
        .retain(|_, until| *until > now.saturating_sub(LEEWAY));
    if assertions.seen.len() >= MAX_SEEN || assertions.seen.insert(claims.jti, claims.exp).is_some()
    {
        return Err(Refusal::invalid_client(
            50_013,
            "Assertion failed: it was used before.",
        ));
    }
    Ok(())
}

fn verified(application: &Application, text: &str) -> Result<Claims, Refusal> {
    let malformed = |_| Refusal::invalid_client(50_027, "JWT token is invalid or malformed.");
    let header = decode_header(text).map_err(malformed)?;
    let unknown = || {
        Refusal::invalid_client(
            700_027,
            "Client assertion failed signature validation: the key was not found by thumbprint.",
        )
        .advise("Put the certificate into keyCredentials of the application.")
    };
    let mut certificates = application
        .key_credentials
        .iter()
        .filter_map(|credential| der(credential.key.as_deref()?));
    let certificate = certificates
        .find(|der| match (&header.x5t_s256, &header.x5t) {
            (Some(thumbprint), _) => *thumbprint == base64url(sha256(der)),
            (None, Some(thumbprint)) => *thumbprint == base64url(sha1(der)),
            (None, None) => false,
        })
        .ok_or_else(unknown)?;
    if !matches!(header.alg, Algorithm::PS256 | Algorithm::RS256) {
        return Err(Refusal::invalid_client(
            50_027,
            "The algorithm of the client assertion must be PS256 or RS256.",
        ));
    }
    let mut validation = Validation::new(header.alg);
    validation.validate_aud = false;
    validation.validate_exp = false;
    validation.required_spec_claims.clear();
    let key = public_key(&certificate).ok_or_else(unknown)?;
    let decoded = decode::<Claims>(text, &DecodingKey::from_rsa_der(key), &validation);
    decoded
        .map(|token| token.claims)
        .map_err(|error| match error.kind() {
            jsonwebtoken::errors::ErrorKind::InvalidSignature => {
                Refusal::invalid_client(700_027, "Client assertion failed signature validation.")
            }
            _ => malformed(error),
        })
}

/// DER from base64, with or without the lines of PEM.
fn der(text: &str) -> Option<Vec<u8>> {
    let body: String = text
        .lines()
        .filter(|line| !line.starts_with("-----"))
        .flat_map(str::split_whitespace)
        .collect();
    from_base64(&body)
}

/// The PKCS#1 public key in a certificate: the content of the bit string behind the OID of `rsaEncryption`.
///
/// The certificate is the developer's own, taken from the configuration: finding the marked place is enough.
fn public_key(certificate: &[u8]) -> Option<&[u8]> {
    const RSA_ENCRYPTION: [u8; 13] = [
        0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
    ];
    let at = certificate
        .windows(RSA_ENCRYPTION.len())
        .position(|window| window == RSA_ENCRYPTION)?;
    let (bits, _) = element(
        certificate.get(at.checked_add(RSA_ENCRYPTION.len())?..)?,
        0x03,
    )?;
    // The first byte counts unused bits, of which there are none.
    bits.get(1..)
}
