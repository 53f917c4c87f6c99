//! Advice by error code: RFC 6749 sections 4.1.2.1 and 5.2, OpenID Connect Core section 3.1.2.6,
//! and Entra's own.

use super::advice::{Advice, admin, dev, later, user};
use crate::provider::fault::CANCELLED;

/// Advice for an unknown refusal.
pub(super) const UNKNOWN: Advice = user(
    "The sign-in service refused the request for a reason that this application does not know.",
    "Try again; if it happens again, pass on the reference shown here.",
);

/// Advice for a refused client credential.
pub(super) const CREDENTIAL: Advice = dev(
    "The provider did not accept the application's own credential.",
    "Check AAD_CLIENT_ID, AAD_CLIENT_SECRET and AAD_CLIENT_AUTH.",
);

pub(super) fn lookup(error: &str) -> Option<&'static Advice> {
    let error = if CANCELLED.contains(&error) {
        "access_denied"
    } else {
        error
    };
    let found = TABLE.iter().find(|row| row.0 == error)?;
    Some(&found.1)
}

pub(super) const TABLE: &[(&str, Advice)] = &[
    (
        "access_denied",
        user(
            "The sign-in was cancelled, or consent was declined.",
            "Sign in again and accept what the application asks for.",
        ),
    ),
    (
        "account_selection_required",
        user(
            "Several accounts are signed in and none was chosen.",
            "Sign in and choose an account.",
        ),
    ),
    (
        "consent_required",
        user(
            "The application has not been given consent yet.",
            "Sign in and accept what it asks for, or ask an administrator to do so.",
        ),
    ),
    (
        "interaction_required",
        user(
            "The sign-in service wants to ask for something more.",
            "Sign in again and follow its questions.",
        ),
    ),
    ("invalid_client", CREDENTIAL),
    (
        "invalid_grant",
        user(
            "The sign-in has expired, was used already or was revoked.",
            "Sign in again.",
        ),
    ),
    (
        "invalid_request",
        dev(
            "The provider found the request malformed.",
            "Look up the correlation id in the provider's sign-in log.",
        ),
    ),
    (
        "invalid_resource",
        admin(
            "A resource that the application asks for does not exist in this tenant.",
            "Give consent to the API in this tenant, or correct its name in AAD_SCOPES.",
        ),
    ),
    (
        "invalid_scope",
        dev(
            "A scope is unknown, malformed or may not be combined with another.",
            "Correct AAD_SCOPES.",
        ),
    ),
    (
        "invalid_tenant",
        dev(
            "The tenant does not exist.",
            "Check AAD_TENANT_ID and AAD_AUTHORITY_HOST.",
        ),
    ),
    (
        "login_required",
        user("No account is signed in at the provider.", "Sign in."),
    ),
    (
        // Ory Hydra: the cookie of its sign-in page is missing, or another tab has replaced it.
        "request_forbidden",
        user(
            "The sign-in page was left open too long, or another tab has replaced it.",
            "Sign in again.",
        ),
    ),
    (
        "server_error",
        later(user(
            "The sign-in service has a fault.",
            "Try again in a few minutes.",
        )),
    ),
    (
        "temporarily_unavailable",
        later(user(
            "The sign-in service is busy.",
            "Try again in a few minutes.",
        )),
    ),
    (
        "unauthorized_client",
        dev(
            "The registration does not allow this kind of request or account, or is not known \
             here.",
            "Check AAD_CLIENT_ID, the tenant and the supported account types of the registration.",
        ),
    ),
    (
        "unsupported_grant_type",
        dev(
            "The token endpoint does not know this grant.",
            "Check that the authority's metadata lists it under grant_types_supported.",
        ),
    ),
    (
        "unsupported_response_type",
        dev(
            "The registration does not allow this response type.",
            "Register the application on the platform \"Web\".",
        ),
    ),
];
