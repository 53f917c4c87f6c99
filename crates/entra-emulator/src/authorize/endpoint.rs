use actix_web::{HttpRequest, HttpResponse, web};

use crate::aadsts::Refusal;
use crate::authority::Authority;
use crate::http::{Origin, Params, Trace};
use crate::seal::Purpose;
use crate::state::State;
use crate::sync::{lock, read};

use super::SignInCookie;
use super::account_pages::{Pending, picker, username};
use super::consent::PendingConsent;
use super::profile::PendingProfile;
use super::prompt::{Next, next};
use super::request::AuthorizeRequest;
use super::respond::refuse;
use super::sign_in::{Step, unknown_user};

/// `GET|POST /{tenant}[/{policy}]/oauth2/v2.0/authorize`
pub(crate) async fn authorize(
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
    let step = match step(&state, &request, authority, Params::parse(&text)) {
        Ok(step) => step,
        Err(response) => return *response,
    };
    match next(&state, &step.request, &step.wanted, &step.cookie) {
        Next::Pick => picker(&step),
        Next::Silent { user, auth_time } => step.finish(&user, Some(auth_time), false),
        Next::Automatic { user } => step.finish(&user, None, true),
        Next::Refuse(refusal) => step.refuse(&refusal),
    }
}

/// `POST /{tenant}[/{policy}]/login`: an account was picked, or a user name typed.
pub(crate) async fn login(
    state: web::Data<State>,
    request: HttpRequest,
    body: web::Bytes,
) -> HttpResponse {
    let form = Params::parse(&body);
    let step = match resumed::<Pending>(&state, &request, &form, |pending| {
        (pending.path, pending.params, pending.until)
    }) {
        Ok(step) => step,
        Err(response) => return *response,
    };
    match form.get("action") {
        Some("cancel") => return step.refuse(&cancelled(step.request.authority.policy.is_some())),
        Some("forgot_password") => return step.refuse(&password_forgotten()),
        _ => {}
    }
    if let Some(account) = form.get("account") {
        return step.finish(account, None, false);
    }
    let name = form.get("username").unwrap_or_default();
    let tenant = step
        .request
        .authority
        .tenant()
        .map(|tenant| tenant.id.clone());
    let directory = read(&state.directory);
    let found = directory
        .find_user(name, tenant.as_deref())
        .or_else(|| directory.find_user(name, None));
    match found.map(|user| user.id.clone()) {
        Some(user) => {
            drop(directory);
            step.finish(&user, None, false)
        }
        None => {
            drop(directory);
            username(&step, name, Some(&unknown_user(name)))
        }
    }
}

/// `POST /{tenant}[/{policy}]/username`: the page for another user name.
pub(crate) async fn username_form(
    state: web::Data<State>,
    request: HttpRequest,
    body: web::Bytes,
) -> HttpResponse {
    let form = Params::parse(&body);
    match resumed::<Pending>(&state, &request, &form, |pending| {
        (pending.path, pending.params, pending.until)
    }) {
        Ok(step) => {
            let hint = step
                .request
                .params
                .get("login_hint")
                .unwrap_or_default()
                .to_owned();
            username(&step, &hint, None)
        }
        Err(response) => *response,
    }
}

/// `POST /{tenant}[/{policy}]/consent`
pub(crate) async fn consent(
    state: web::Data<State>,
    request: HttpRequest,
    body: web::Bytes,
) -> HttpResponse {
    let form = Params::parse(&body);
    let sealed = form.get("request").unwrap_or_default();
    let user = state
        .sealer
        .open::<PendingConsent>(Purpose::PageState, sealed)
        .map(|pending| pending.user);
    let step = resumed::<PendingConsent>(&state, &request, &form, |pending| {
        (pending.path, pending.params, pending.until)
    });
    let (step, user) = match (step, user) {
        (Ok(step), Some(user)) => (step, user),
        (Err(response), _) => return *response,
        (Ok(step), None) => return step.page(&stale_page()),
    };
    if form.get("action") != Some("accept") {
        return step.refuse(&Refusal::new(
            "access_denied",
            65_004,
            "User declined to consent to access the app.",
        ));
    }
    // Only who was signed in on the page before may go on: the sealed page state alone is no proof of the browser.
    let Some(auth_time) = step.cookie.account(&user).map(|account| account.auth_time) else {
        return step.page(&stale_page());
    };
    lock(&state.grants).consent(&user, &step.request.application.app_id);
    step.finish(&user, Some(auth_time), true)
}

/// `POST /{tenant}/{policy}/profile`
pub(crate) async fn profile(
    state: web::Data<State>,
    request: HttpRequest,
    body: web::Bytes,
) -> HttpResponse {
    let form = Params::parse(&body);
    let sealed = form.get("request").unwrap_or_default();
    let pending = state
        .sealer
        .open::<PendingProfile>(Purpose::PageState, sealed);
    let step = resumed::<PendingProfile>(&state, &request, &form, |pending| {
        (pending.path, pending.params, pending.until)
    });
    let (step, user) = match (step, pending) {
        (Ok(step), Some(pending)) => (step, pending.user),
        (Err(response), _) => return *response,
        (Ok(step), None) => return step.page(&stale_page()),
    };
    if form.get("action") != Some("accept") {
        return step.refuse(&cancelled(true));
    }
    // As with consent: the sealed page state alone is no proof of the browser.
    let Some(auth_time) = step.cookie.account(&user).map(|account| account.auth_time) else {
        return step.page(&stale_page());
    };
    super::profile::change(&step, &user, form.get("name").unwrap_or_default());
    step.finish(&user, Some(auth_time), true)
}

fn step<'a>(
    state: &'a State,
    request: &HttpRequest,
    authority: Result<Authority, Refusal>,
    params: Params,
) -> Result<Step<'a>, Box<HttpResponse>> {
    let (origin, trace) = (Origin::of(state, request), Trace::new(state, request));
    let directory = read(&state.directory);
    let asked =
        authority.and_then(|authority| AuthorizeRequest::new(authority, params, &directory));
    let asked = asked.map_err(|refusal| Box::new(state.pages.error(&trace, &refusal)))?;
    let wanted = asked.wanted(&directory);
    // Answering may look into the directory again, and a waiting writer would lock the second look out.
    drop(directory);
    let wanted =
        wanted.map_err(|refusal| Box::new(refuse(state, &origin, &trace, &asked, &refusal)))?;
    let cookie = SignInCookie::of(state, request);
    Ok(Step {
        state,
        origin,
        trace,
        request: asked,
        wanted,
        cookie,
    })
}

/// The request behind a page's form.
fn resumed<'a, T: serde::de::DeserializeOwned>(
    state: &'a State,
    request: &HttpRequest,
    form: &Params,
    parts: fn(T) -> (String, Params, i64),
) -> Result<Step<'a>, Box<HttpResponse>> {
    let trace = Trace::new(state, request);
    let foreign = request
        .headers()
        .get("sec-fetch-site")
        .is_some_and(|site| site == "cross-site");
    let opened = state
        .sealer
        .open::<T>(Purpose::PageState, form.get("request").unwrap_or_default())
        .map(parts);
    let Some((path, params, _)) = opened.filter(|(_, _, until)| *until > trace.now && !foreign)
    else {
        return Err(Box::new(state.pages.error(&trace, &stale_page())));
    };
    let (name, policy) = path
        .split_once('/')
        .map_or((path.as_str(), None), |(name, policy)| (name, Some(policy)));
    let authority = Authority::named(name, policy, &read(&state.directory));
    step(state, request, authority, params)
}

fn cancelled(user_flow: bool) -> Refusal {
    if user_flow {
        return Refusal::new(
            "access_denied",
            90_091,
            "The user has cancelled entering self-asserted information.",
        );
    }
    Refusal::new(
        "access_denied",
        65_004,
        "The user has cancelled the sign-in.",
    )
    .with_suberror("cancel")
}

/// B2C tells the client, which is to start the password-reset user flow.
fn password_forgotten() -> Refusal {
    Refusal::new(
        "access_denied",
        90_118,
        "The user has forgotten their password.",
    )
}

fn stale_page() -> Refusal {
    Refusal::invalid_request(
        165_000,
        "The page was open for too long, or does not belong to this browser.",
    )
    .advise("Go back to the application and start again.")
}
