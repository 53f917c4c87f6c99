use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::Url;

use super::back_channel;
use crate::aadsts::Refusal;
use crate::authority::{Authority, issuer};
use crate::authorize::{SignInCookie, expired_cookie, login_hint, registered_platform};
use crate::directory::{Application, Directory};
use crate::encoding::from_base64url;
use crate::http::{Origin, Params, Trace, trace_headers};
use crate::seal::Purpose;
use crate::state::State;
use crate::sync::read;

/// The sign-out picker's state.
#[derive(Deserialize, Serialize)]
struct Pending {
    segment: String,
    params: Params,
    until: i64,
}

const PAGE_LIFETIME: i64 = 3600;

/// `GET|POST /{tenant}[/{policy}]/oauth2/v2.0/logout`
pub(crate) async fn logout(
    state: web::Data<State>,
    request: HttpRequest,
    body: web::Bytes,
) -> HttpResponse {
    let text = if request.method() == "POST" {
        body.to_vec()
    } else {
        request.query_string().as_bytes().to_vec()
    };
    let authority = Authority::of(&request, &read(&state.directory));
    let authority = match authority {
        Ok(authority) => authority,
        Err(refusal) => return state.pages.error(&Trace::new(&state, &request), &refusal),
    };
    let params = Params::parse(&text);
    let session = SignInCookie::of(&state, &request);
    let directory = read(&state.directory);
    let hinted = params.get("logout_hint").and_then(|hint| {
        let users = session
            .accounts
            .iter()
            .filter_map(|account| directory.user(&account.user));
        users
            .into_iter()
            .find(|user| login_hint(user) == hint)
            .map(|user| user.id.clone())
    });
    drop(directory);
    if hinted.is_some() || session.accounts.is_empty() {
        return signed_out(&state, &request, &params, session, hinted.as_deref());
    }
    picker(&state, &authority, params, &session)
}

/// `POST /{tenant}[/{policy}]/logout/account`: an account was picked.
pub(crate) async fn account(
    state: web::Data<State>,
    request: HttpRequest,
    body: web::Bytes,
) -> HttpResponse {
    let form = Params::parse(&body);
    let pending = state
        .sealer
        .open::<Pending>(Purpose::PageState, form.get("request").unwrap_or_default());
    let Some(pending) = pending.filter(|pending| pending.until > state.clock.now()) else {
        let refusal =
            Refusal::invalid_request(50_061, "The sign-out request is not valid any more.");
        return state.pages.error(&Trace::new(&state, &request), &refusal);
    };
    let session = SignInCookie::of(&state, &request);
    let user = form.get("account").map(str::to_owned);
    signed_out(&state, &request, &pending.params, session, user.as_deref())
}

fn picker(
    state: &State,
    authority: &Authority,
    params: Params,
    session: &SignInCookie,
) -> HttpResponse {
    let directory = read(&state.directory);
    let users = session
        .accounts
        .iter()
        .filter_map(|account| directory.user(&account.user));
    let tiles: Vec<Value> = users
        .map(|user| json!({ "id": user.id, "name": user.display_name, "username": user.user_principal_name, "initials": user.initials() }))
        .collect();
    let until = state.clock.now().saturating_add(PAGE_LIFETIME);
    let pending = Pending {
        segment: authority.segment.clone(),
        params,
        until,
    };
    let context = json!({
        "title": "Pick an account",
        "segment": authority.segment,
        "request": state.sealer.seal(Purpose::PageState, &pending, 0),
        "tiles": tiles,
    });
    state.pages.page("logout_picker.html", &context)
}

/// Ends the account's sign-in, and with the last account the browser session; shows the page that tells the applications.
fn signed_out(
    state: &State,
    request: &HttpRequest,
    params: &Params,
    mut session: SignInCookie,
    user: Option<&str>,
) -> HttpResponse {
    let origin = Origin::of(state, request);
    let directory = read(&state.directory).clone();
    let tenant = user
        .and_then(|user| directory.user(user))
        .map(|user| user.tenant.clone());
    let signed_in = user.and_then(|user| session.account(user));
    let applications: Vec<String> = signed_in
        .into_iter()
        .flat_map(|account| account.applications.clone())
        .collect();
    session
        .accounts
        .retain(|account| user.is_some_and(|user| account.user != user));
    let frames = frames(
        state,
        &origin,
        &directory,
        &session.sid,
        tenant.as_deref(),
        &applications,
    );
    if let Some(user) = user.filter(|_| read(&state.switches).back_channel_logout) {
        tell_all(
            state,
            &origin,
            &directory,
            user,
            &session.sid,
            &applications,
        );
    }
    let wanted = params.get("post_logout_redirect_uri");
    let registered = wanted.filter(|uri| is_registered(&directory, params, uri));
    let return_to = registered.map(|uri| with_state(uri, params.get("state")));
    let context = json!({
        "title": "You are signed out",
        "frames": frames,
        "return_to": return_to,
        "refused": wanted.filter(|_| registered.is_none()),
    });
    let mut response = match &return_to {
        // With nobody to tell there is nothing to wait for.
        Some(address) if frames.is_empty() => HttpResponse::Found()
            .insert_header(("Location", address.as_str()))
            .insert_header(("Cache-Control", "no-store, no-cache"))
            .finish(),
        _ => state
            .pages
            .with_frames("signed_out.html", &context, &origins(&frames)),
    };
    let cookie = if session.accounts.is_empty() {
        expired_cookie(&origin)
    } else {
        session.cookie(state, &origin)
    };
    if let Err(error) = response.add_cookie(&cookie) {
        tracing::warn!(%error, "the sign-in cookie cannot be removed");
    }
    trace_headers(&mut response, &Trace::new(state, request));
    response
}

fn tell_all(
    state: &State,
    origin: &Origin,
    directory: &Directory,
    user: &str,
    sid: &str,
    applications: &[String],
) {
    let Some(user) = directory.user(user) else {
        return;
    };
    let Some(tenant) = directory.tenant(&user.tenant) else {
        return;
    };
    for application in applications
        .iter()
        .filter_map(|id| directory.application(id))
    {
        back_channel::tell(state, origin, application, user, tenant, sid);
    }
}

/// The front-channel frames: `sid` alone, as the platform sends it; `iss` too by switch.
fn frames(
    state: &State,
    origin: &Origin,
    directory: &Directory,
    sid: &str,
    tenant: Option<&str>,
    applications: &[String],
) -> Vec<String> {
    let with_issuer = read(&state.switches).front_channel_issuer;
    let urls = applications
        .iter()
        .filter_map(|id| directory.application(id)?.web.logout_url.clone());
    urls.filter_map(|url| {
        let mut url = Url::parse(&url).ok()?;
        let tenant = tenant
            .and_then(|tenant| directory.tenant(tenant))
            .filter(|_| with_issuer);
        if let Some(tenant) = tenant {
            url.query_pairs_mut()
                .append_pair("iss", &issuer(origin, tenant));
        }
        url.query_pairs_mut().append_pair("sid", sid);
        Some(url.into())
    })
    .collect()
}

fn origins(frames: &[String]) -> Vec<String> {
    let urls = frames.iter().filter_map(|frame| Url::parse(frame).ok());
    urls.map(|url| url.origin().ascii_serialization()).collect()
}

/// The return address must be a redirect URI of the application that asks, or of any when it does not say who it is.
fn is_registered(directory: &Directory, params: &Params, uri: &str) -> bool {
    let named = params
        .get("client_id")
        .map(str::to_owned)
        .or_else(|| hinted_client(params));
    let known = |application: &Application| registered_platform(application, uri).is_some();
    match named {
        Some(app_id) => directory.application(&app_id).is_some_and(known),
        None => directory.applications.iter().any(known),
    }
}

/// The audience of the ID token in `id_token_hint`. It only narrows the choice, so nothing hangs on its signature.
fn hinted_client(params: &Params) -> Option<String> {
    let payload = params.get("id_token_hint")?.split('.').nth(1)?;
    let claims: Value = serde_json::from_slice(&from_base64url(payload)?).ok()?;
    claims.get("aud")?.as_str().map(str::to_owned)
}

fn with_state(uri: &str, state: Option<&str>) -> String {
    match (state, Url::parse(uri)) {
        (Some(state), Ok(mut url)) => {
            url.query_pairs_mut().append_pair("state", state);
            url.into()
        }
        _ => uri.to_owned(),
    }
}
