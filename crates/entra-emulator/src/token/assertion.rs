//! Client assertions (`private_key_jwt`).

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation, decode, decode_header};
use serde::Deserialize;
use url::Url;

use crate::aadsts::Refusal;
use crate::authority::Authority;
use crate::directory::Application;
use crate::encoding::{base64url, from_base64, sha1, sha256};
use crate::http::Params;
use crate::keys::der_element;
use crate::state::State;
use crate::sync::lock;

#[derive(Deserialize)]
struct AssertionClaims {
    iss: String,
    sub: String,
    aud: String,
    exp: i64,
    #[serde(default)]
    nbf: i64,
    jti: String,
}

const KIND: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// The tolerated difference of clocks, seconds.
const LEEWAY: i64 = 300;

/// Checks signature, certificate, audience, times and single use of a client assertion.
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
    let claims = verified_claims(application, text)?;
    if claims.iss != application.app_id || claims.sub != application.app_id {
        return Err(Refusal::invalid_client(
            50_048,
            "Subject must match Issuer claim in the client assertion.",
        ));
    }
    check_audience(&claims, authority)?;
    let now = state.clock.now();
    if claims.exp < now.saturating_sub(LEEWAY) || claims.nbf > now.saturating_add(LEEWAY) {
        return Err(Refusal::invalid_client(
            700_024,
            "Client assertion is not within its valid time range.",
        ));
    }
    let oldest = now.saturating_sub(LEEWAY);
    let first_use = lock(&state.assertions).use_once(claims.jti, claims.exp, oldest);
    first_use
        .then_some(())
        .ok_or_else(|| Refusal::invalid_client(50_013, "Assertion failed: it was used before."))
}

/// Checks that the audience is this authority or its token endpoint, at any host name of this machine.
fn check_audience(claims: &AssertionClaims, authority: &Authority) -> Result<(), Refusal> {
    let path = Url::parse(&claims.aud)
        .map(|url| url.path().to_owned())
        .unwrap_or_default();
    let accepted = [
        format!("/{}/oauth2/v2.0/token", authority.segment),
        format!("/{}/v2.0", authority.segment),
    ];
    if accepted.contains(&path) {
        return Ok(());
    }
    Err(Refusal::invalid_client(
        700_023,
        "Client assertion audience claim does not match Realm issuer.",
    ))
}

fn verified_claims(application: &Application, text: &str) -> Result<AssertionClaims, Refusal> {
    let malformed = |_| Refusal::invalid_client(50_027, "JWT token is invalid or malformed.");
    let header = decode_header(text).map_err(malformed)?;
    let certificate = signing_certificate(application, &header).ok_or_else(unknown_key)?;
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
    let key = public_key(&certificate).ok_or_else(unknown_key)?;
    let decoded = decode::<AssertionClaims>(text, &DecodingKey::from_rsa_der(key), &validation);
    decoded
        .map(|token| token.claims)
        .map_err(|error| match error.kind() {
            ErrorKind::InvalidSignature => {
                Refusal::invalid_client(700_027, "Client assertion failed signature validation.")
            }
            _ => malformed(error),
        })
}

fn unknown_key() -> Refusal {
    Refusal::invalid_client(
        700_027,
        "Client assertion failed signature validation: the key was not found by thumbprint.",
    )
    .advise("Add the certificate to keyCredentials of the application.")
}

/// Finds the application's certificate whose thumbprint the header names; DER.
fn signing_certificate(application: &Application, header: &Header) -> Option<Vec<u8>> {
    let credentials = application.key_credentials.iter();
    let mut certificates = credentials.filter_map(|credential| der(credential.key.as_deref()?));
    certificates.find(|der| match (&header.x5t_s256, &header.x5t) {
        (Some(thumbprint), _) => *thumbprint == base64url(sha256(der)),
        (None, Some(thumbprint)) => *thumbprint == base64url(sha1(der)),
        (None, None) => false,
    })
}

/// Decodes base64, with or without the lines of PEM.
fn der(text: &str) -> Option<Vec<u8>> {
    let body: String = text
        .lines()
        .filter(|line| !line.starts_with("-----"))
        .flat_map(str::split_whitespace)
        .collect();
    from_base64(&body)
}

/// Returns the PKCS #1 public key of a certificate: the content of the bit string behind the OID of `rsaEncryption`.
///
/// A search is enough, because the developer configures the certificate.
fn public_key(certificate: &[u8]) -> Option<&[u8]> {
    const RSA_ENCRYPTION: [u8; 13] = [
        0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
    ];
    let at = certificate
        .windows(RSA_ENCRYPTION.len())
        .position(|window| window == RSA_ENCRYPTION)?;
    let (bits, _) = der_element(
        certificate.get(at.checked_add(RSA_ENCRYPTION.len())?..)?,
        0x03,
    )?;
    // The first byte of a bit string counts unused bits; a key has none.
    bits.get(1..)
}
