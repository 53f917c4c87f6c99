//! What several routes answer with.

use std::time::Duration;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{Method, StatusCode, header},
};
use url::form_urlencoded;

use crate::{
    config::ReturnTo,
    provider::Misconfiguration,
    sign_in::{Refusal, StartedSignIn},
    web::{
        answers::{answer, interstitial, refusal_page::refusal_page},
        instance::Auth,
        request::kind::is_passed_on_by_worker,
    },
};

/// Sends the browser to the provider: by a redirect, or by a page that navigates.
///
/// A form gets the page, since Chromium applies the `form-action` of the form's page to redirects. So
/// does a navigation that a service worker has passed on: it has the same headers in a frame, and a frame
/// does not show the page (`frame-ancestors 'none'`).
pub(super) fn to_provider(
    auth: &Auth,
    request: &HttpRequest,
    start: &StartedSignIn,
) -> HttpResponse {
    let cookies = &auth.config().cookies;
    let by_form = request.method() == Method::POST;
    let mut response = if by_form || is_passed_on_by_worker(request.headers()) {
        interstitial::go_on(auth, &start.location)
    } else {
        answer::redirect(StatusCode::FOUND, &start.location).finish()
    };
    if let Ok(cookie) = cookies.set_browser(&start.browser.to_cookie()).parse() {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// The page for a refusal, and one line in the log that support finds by its reference.
pub(super) fn refused(
    auth: &Auth,
    request: &HttpRequest,
    refusal: &Refusal,
    return_to: &ReturnTo,
) -> HttpResponse {
    let reference = auth.new_reference();
    log_refusal(refusal, &reference);
    let time = auth.engine().clock().now().seconds();
    let again = auth.sign_in_path(return_to);
    let mut page = refusal_page(refusal, reference, time, &again, &auth.home());
    let wrong_issuer = matches!(
        refusal,
        Refusal::ProviderMisconfigured {
            what: Misconfiguration::Issuer,
            ..
        }
    );
    if let (Some(support), true) = (&mut page.support, wrong_issuer) {
        support.remedy = remedy_on_loopback(auth);
    }
    let mut response = answer::page_or_problem(auth, request, &page);
    if let Some(wait) = refusal.retry_after() {
        let seconds = wait.max(Duration::from_secs(1)).as_secs();
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

/// Which issuer is announced and which is set, for a developer at their own machine: there page and log
/// have one reader. Others find it in the log and in the readiness report.
fn remedy_on_loopback(auth: &Auth) -> Option<String> {
    let error = auth.engine().provider().state().last_error;
    let own_machine = auth.config().base_url.is_loopback();
    error.filter(|_| own_machine).map(|error| error.to_string())
}

/// The whole cause, for the operator. Of the provider's answer only words and numbers.
fn log_refusal(refusal: &Refusal, reference: &str) {
    let (code, reason, cause) = (refusal.code(), refusal.reason(), refusal.cause());
    let cause = cause.as_deref();
    let provider = refusal.fault().map(tracing::field::display);
    if refusal.concerns_operator() {
        tracing::error!(
            code,
            reason,
            cause,
            provider,
            reference,
            "a sign-in could not be completed"
        );
    } else {
        tracing::warn!(
            code,
            reason,
            cause,
            provider,
            reference,
            "a sign-in was refused"
        );
    }
}

/// The first value under one of these names.
pub(super) fn parameter(form: &[u8], names: &[&str]) -> Option<String> {
    let mut pairs = form_urlencoded::parse(form);
    let found = pairs.find(|(name, _)| names.contains(&name.as_ref()));
    found.map(|(_, value)| value.into_owned())
}

pub(super) fn local_return_to(auth: &Auth, form: &[u8]) -> Option<ReturnTo> {
    let value = parameter(form, &["return_to"])?;
    Some(auth.config().base_url.return_to(&value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        provider::Fault,
        validation::{Code, Reason, Rejection},
    };

    fn logged(refusal: &Refusal) -> String {
        crate::observe::logged(|| log_refusal(refusal, "the-reference"))
    }

    #[test]
    fn r13_the_log_line_of_a_refusal_carries_the_whole_cause() {
        let body = r#"{"error":"invalid_client","error_codes":[7000215],
            "error_description":"AADSTS7000215: canary","correlation_id":"2-b","trace_id":"1-a"}"#;
        let fault = Box::new(Fault::from_json(body.as_bytes()).unwrap());
        let rejection = Rejection {
            code: Code::Audience,
            reason: Reason::Mismatch,
        };
        for (refusal, expected) in [
            (
                Refusal::CredentialRefused(fault),
                &[
                    "AAD-CREDENTIAL-REFUSED",
                    "invalid_client AADSTS7000215",
                    "correlation_id=2-b",
                    "trace_id=1-a",
                    "Set AAD_CLIENT_SECRET to the Value",
                ][..],
            ),
            (
                Refusal::TokenRejected(rejection),
                &["AAD-TOKEN-AUD", "mismatch", "check AAD_CLIENT_ID"],
            ),
            (
                Refusal::ProviderBroken("`id_token` is missing".to_owned()),
                &["AAD-PROVIDER-BROKEN", "`id_token` is missing"],
            ),
            (
                Refusal::UserinfoUnusable("status 401 (invalid_token)".to_owned()),
                &["AAD-FLOW-USERINFO", "status 401 (invalid_token)"],
            ),
            (
                Refusal::OtherResponseMode,
                &["AAD-FLOW-RESPONSE-MODE", "AAD_RESPONSE_MODE=query"],
            ),
            (
                Refusal::CredentialUnusable("set AAD_CLIENT_AUTH".to_owned()),
                &["AAD-CREDENTIAL-UNUSABLE", "set AAD_CLIENT_AUTH"],
            ),
        ] {
            let line = logged(&refusal);
            for expected in expected.iter().chain(&["the-reference"]) {
                assert!(line.contains(expected), "{expected} is not in: {line}");
            }
            assert!(!line.contains("canary"), "{line}");
        }
    }
}
