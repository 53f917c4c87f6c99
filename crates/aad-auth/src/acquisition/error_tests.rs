use http::StatusCode;

use super::*;

fn of(body: &str) -> AcquireError {
    answered(403, body)
}

fn answered(status: u16, body: &str) -> AcquireError {
    let status = StatusCode::from_u16(status).unwrap();
    let fault = Fault::of_answer(status, body.as_bytes()).unwrap();
    GrantError::Refused(Box::new(fault)).into()
}

/// Dex answers a revoked refresh token `invalid_request`.
#[test]
fn r71_any_400_to_a_refresh_ends_the_session_unless_the_credential_or_the_user_is_asked_for() {
    for word in [
        "invalid_request",
        "invalid_grant",
        "invalid_token",
        "invalid_scope",
        "unsupported_grant_type",
        "token_expired",
    ] {
        let body = format!(r#"{{"error":"{word}"}}"#);
        let error = answered(400, &body);
        assert!(
            matches!(error, AcquireError::SessionEnded(Some(_))),
            "{word}"
        );
    }
    for word in ["invalid_client", "unauthorized_client", "bad_client_secret"] {
        let error = answered(400, &format!(r#"{{"error":"{word}"}}"#));
        assert!(matches!(error, AcquireError::Refused(Some(_))), "{word}");
    }
    for word in ["interaction_required", "consent_required", "login_required"] {
        let error = answered(400, &format!(r#"{{"error":"{word}"}}"#));
        let asked = matches!(error, AcquireError::InteractionRequired(Some(_)));
        assert!(asked, "{word}");
    }
    // Another status may come from something on the way: three of them in a row decide.
    for status in [200, 401, 403, 404, 405, 410, 413] {
        let error = answered(status, r#"{"error":"invalid_request"}"#);
        assert!(matches!(error, AcquireError::Refused(Some(_))), "{status}");
    }
}

#[test]
fn a_grant_that_is_gone_ends_the_session_and_one_that_waits_for_the_user_does_not() {
    for body in [
        r#"{"error":"invalid_grant"}"#,
        r#"{"error":"invalid_grant","suberror":"bad_token","error_codes":[50057]}"#,
        r#"{"error":"invalid_grant","suberror":"token_expired"}"#,
    ] {
        assert!(
            matches!(of(body), AcquireError::SessionEnded(Some(_))),
            "{body}"
        );
    }
    for body in [
        r#"{"error":"interaction_required","claims":"{\"access_token\":{}}"}"#,
        r#"{"error":"invalid_grant","suberror":"basic_action"}"#,
        r#"{"error":"invalid_grant","suberror":"consent_required"}"#,
    ] {
        assert!(
            matches!(of(body), AcquireError::InteractionRequired(Some(_))),
            "{body}"
        );
    }
    for body in [
        r#"{"error":"invalid_client"}"#,
        r#"{"error":"invalid_scope"}"#,
        r#"{"error":"unauthorized_client"}"#,
    ] {
        assert!(matches!(of(body), AcquireError::Refused(Some(_))), "{body}");
    }
}

#[test]
fn w11_a_bound_of_this_process_is_told_from_a_provider_that_does_not_answer() {
    let busy = AcquireError::from(GrantError::from(TransportError::Busy));
    assert_eq!(busy, AcquireError::Busy);
    let silent = AcquireError::from(GrantError::from(TransportError::Timeout));
    assert_eq!(silent, AcquireError::unavailable(1));
}

#[test]
fn the_claims_challenge_is_kept() {
    let error = of(r#"{"error":"interaction_required","claims":"{\"access_token\":{}}"}"#);
    assert_eq!(error.claims(), Some(r#"{"access_token":{}}"#));
}
