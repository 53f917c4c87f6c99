//! The start of a sign-in.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web::Bytes,
};
use url::form_urlencoded;

use super::shared::{parameter, refused, to_provider};
use crate::{
    config::{KeptAddress, MAX_REDIRECT},
    sign_in::{Prompt, SignInRequest},
    web::{
        answers::{answer, challenge::path_and_query, forgotten::missing_middleware},
        instance::{Auth, RequestAuth, paths::SHORTENED, request_auth::browser},
        request::{RequestKind, request_kind},
    },
};

/// Begins a sign-in. From the query come `return_to` (or `post_sign_in_url`), `fragment`, `prompt`,
/// `login_hint` and `domain_hint`, and what a third party sends that has users sign in (`iss` with
/// `target_link_uri`); everything else is dropped.
pub(super) async fn sign_in(auth: Auth, request: HttpRequest) -> HttpResponse {
    let Some(state) = RequestAuth::of_instance(&request, &auth) else {
        return missing_middleware(auth.name());
    };
    let kind = request_kind(request.method(), request.headers());
    if kind != RequestKind::Navigation {
        return auth.not_signed_in(&request, kind, state.reason(request.headers()));
    }
    auth.address_watch().arrived_at_sign_in();
    if let Some(location) = other_loopback_name(&auth, &request) {
        return answer::redirect(StatusCode::FOUND, &location).finish();
    }
    let parameter = |names: &[&str]| parameter(request.query_string().as_bytes(), names);
    if let Some(iss) = parameter(&["iss"])
        && let Err(refusal) = auth.engine().check_initiator(&iss).await
    {
        let home = auth.config().base_url.home();
        return refused(&auth, &request, &refusal, &home);
    }
    let kept = return_address(&auth, parameter);
    let mut start = SignInRequest::new(browser(&auth, request.headers()), kept.address);
    start.shortened = kept.shortened || parameter(&[SHORTENED]).is_some();
    start.prompt = parameter(&["prompt"]).and_then(|value| Prompt::parse(&value));
    start.login_hint = parameter(&["login_hint"]).filter(|hint| is_login_hint(hint));
    start.domain_hint = parameter(&["domain_hint"]).and_then(|hint| known_domain(&auth, &hint));
    match auth.engine().start(start.clone()).await {
        Ok(start) => to_provider(&auth, &request, &start),
        Err(refusal) => refused(&auth, &request, &refusal, &start.return_to),
    }
}

/// Answers a sign-in that a third party starts by a form (OpenID Connect Core 1.0 section 4): 303 to the
/// same start by GET, which carries our cookies.
///
/// The form itself comes without them, and an answer that set a cookie would replace the browser's. So
/// this route reads, changes and sets nothing, and the cross-site check lets it through.
pub(super) async fn sign_in_by_form(auth: Auth, _: HttpRequest, body: Bytes) -> HttpResponse {
    let mut location = format!("{}?", auth.path("/sign_in"));
    // In order of importance: what exceeds the limit of a redirect is left out.
    for name in ["iss", "target_link_uri", "login_hint"] {
        let Some(value) = parameter(&body, &[name]) else {
            continue;
        };
        let mut pair = form_urlencoded::Serializer::new(String::new());
        pair.append_pair(name, &value);
        let pair = pair.finish();
        if location.len() + pair.len() < MAX_REDIRECT {
            let separator = if location.ends_with('?') { "" } else { "&" };
            location = format!("{location}{separator}{pair}");
        }
    }
    answer::redirect(StatusCode::SEE_OTHER, &location).finish()
}

/// Where the sign-in ends: never on another origin, whichever parameter says it.
fn return_address(auth: &Auth, parameter: impl Fn(&[&str]) -> Option<String>) -> KeptAddress {
    let base = &auth.config().base_url;
    let unnamed = || KeptAddress {
        address: base.home(),
        shortened: false,
    };
    let mut kept = match parameter(&["return_to", "post_sign_in_url"]) {
        Some(local) => base.kept(&local),
        None => parameter(&["target_link_uri"])
            .map_or_else(unnamed, |target| base.kept_of_absolute(&target)),
    };
    if let Some(fragment) = parameter(&["fragment"]) {
        kept.address = base.with_fragment(&kept.address, &fragment);
    }
    kept
}

/// The configured domain that a hint names: nothing that a link says reaches the provider.
fn known_domain(auth: &Auth, hint: &str) -> Option<String> {
    let known = auth.config().domain_hints.iter();
    let mut fitting = known.filter(|known| known.eq_ignore_ascii_case(hint));
    fitting.next().cloned()
}

/// On loopback, `127.0.0.1` and `localhost` share no cookies: a browser that uses another loopback name
/// than the base URL begins again under the right one.
fn other_loopback_name(auth: &Auth, request: &HttpRequest) -> Option<String> {
    let base = &auth.config().base_url;
    // HTTP/2 has no Host header but an authority.
    let host = match request.headers().get(header::HOST) {
        Some(host) => host.to_str().ok()?,
        None => request.uri().authority()?.as_str(),
    };
    if !base.is_loopback() || host.eq_ignore_ascii_case(&base.authority()) {
        return None;
    }
    let asked = url::Url::parse(&format!("http://{host}/")).ok()?;
    let same_port = asked.port_or_known_default() == Some(base.port());
    (crate::config::is_loopback(&asked) && same_port)
        .then(|| base.join(path_and_query(request.uri())))
        .filter(|location| location.len() <= MAX_REDIRECT)
}

/// A hint is a user name or an opaque text; nothing that could break out of a header or a log.
fn is_login_hint(hint: &str) -> bool {
    (1..=256).contains(&hint.chars().count()) && !hint.chars().any(char::is_control)
}
