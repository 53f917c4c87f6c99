//! The start of a sign-in.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
};
use url::form_urlencoded;

use super::shared::{refused, to_provider};
use crate::{
    flow::{Prompt, SignInRequest},
    web::{
        Auth, answer,
        challenge::path_and_query,
        extract::missing_middleware,
        request_kind::{RequestKind, request_kind},
        state::{RequestAuth, browser},
    },
};

/// Begins a sign-in. From the query come `return_to` (or `post_sign_in_url`), `prompt` and
/// `login_hint`; everything else is dropped.
pub(super) async fn sign_in(auth: Auth, request: HttpRequest) -> HttpResponse {
    let Some(state) = RequestAuth::of_instance(&request, &auth) else {
        return missing_middleware(auth.name());
    };
    let kind = request_kind(request.method(), request.headers());
    if kind != RequestKind::Navigation {
        return auth.not_signed_in(&request, kind, state.reason(request.headers()));
    }
    if let Some(location) = other_loopback_name(&auth, &request) {
        return answer::redirect(StatusCode::FOUND, &location).finish();
    }
    let parameter = |names: &[&str]| {
        let pairs = form_urlencoded::parse(request.query_string().as_bytes());
        let mut values = pairs.filter(|(name, _)| names.contains(&name.as_ref()));
        values.next().map(|(_, value)| value.into_owned())
    };
    let base = &auth.config().base_url;
    let return_to = parameter(&["return_to", "post_sign_in_url"]);
    let return_to = return_to.map_or_else(|| base.home(), |value| base.return_to(&value));
    let mut start = SignInRequest::new(browser(&auth, request.headers()), return_to);
    start.prompt = parameter(&["prompt"]).and_then(|value| Prompt::parse(&value));
    start.login_hint = parameter(&["login_hint"]).filter(|hint| is_login_hint(hint));
    match auth.engine().start(start.clone()).await {
        Ok(start) => to_provider(&auth, &start),
        Err(refusal) => refused(&auth, &request, &refusal, &start.return_to),
    }
}

/// On loopback, cookies of `127.0.0.1` and `localhost` do not meet: whoever comes under another
/// loopback name than the base URL's begins again under the right one.
fn other_loopback_name(auth: &Auth, request: &HttpRequest) -> Option<String> {
    let base = &auth.config().base_url;
    let host = request.headers().get(header::HOST)?.to_str().ok()?;
    if !base.is_loopback() || host.eq_ignore_ascii_case(&base.authority()) {
        return None;
    }
    let asked = url::Url::parse(&format!("http://{host}/")).ok()?;
    let same_port = asked.port_or_known_default() == Some(base.port());
    (crate::config::is_loopback(&asked) && same_port)
        .then(|| base.join(path_and_query(request.uri())))
}

/// A hint is a user name or an opaque text; nothing that could break out of a header or a log.
fn is_login_hint(hint: &str) -> bool {
    (1..=256).contains(&hint.chars().count()) && !hint.chars().any(char::is_control)
}
