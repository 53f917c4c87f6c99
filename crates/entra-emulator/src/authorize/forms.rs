//! The forms of the sign-in pages.

use actix_web::{HttpRequest, HttpResponse, web};

use crate::aadsts::Refusal;
use crate::http::Params;
use crate::state::State;
use crate::sync::{lock, read};

use super::account_pages::username;
use super::profile::change_name;
use super::sign_in::{AccountOrigin, finish, unknown_user};
use super::step::Step;

/// Answers `POST /{tenant}[/{policy}]/login`: the user picked an account, or typed a user name.
pub(crate) async fn login_form(
    state: web::Data<State>,
    request: HttpRequest,
    body: web::Bytes,
) -> HttpResponse {
    let form = Params::parse(&body);
    let step = match Step::resume(&state, &request, &form) {
        Ok((step, _)) => step,
        Err(response) => return *response,
    };
    match form.get("action") {
        Some("cancel") => return step.refuse(&cancelled(step.request.authority.policy.is_some())),
        Some("forgot_password") => return step.refuse(&password_forgotten()),
        _ => {}
    }
    if let Some(account) = form.get("account") {
        return finish(step, account, AccountOrigin::Chosen);
    }
    let name = form.get("username").unwrap_or_default();
    let directory = read(&state.directory);
    let found = step.request.authority.find_user(name, &directory);
    let found = found.map(|user| user.id.clone());
    drop(directory);
    match found {
        Some(user) => finish(step, &user, AccountOrigin::Chosen),
        None => username(&step, name, Some(&unknown_user(name))),
    }
}

/// Answers `POST /{tenant}[/{policy}]/username` with the page for another user name.
pub(crate) async fn username_form(
    state: web::Data<State>,
    request: HttpRequest,
    body: web::Bytes,
) -> HttpResponse {
    match Step::resume(&state, &request, &Params::parse(&body)) {
        Ok((step, _)) => {
            let hint = step.request.params.get("login_hint").unwrap_or_default();
            username(&step, hint, None)
        }
        Err(response) => *response,
    }
}

/// Answers `POST /{tenant}[/{policy}]/consent`.
pub(crate) async fn consent_form(
    state: web::Data<State>,
    request: HttpRequest,
    body: web::Bytes,
) -> HttpResponse {
    let accepted = match Accepted::read(&state, &request, &body, &declined()) {
        Ok(accepted) => accepted,
        Err(response) => return *response,
    };
    let app_id = &accepted.step.request.application.app_id;
    lock(&state.grants).consent(&accepted.user, app_id);
    accepted.finish()
}

/// Answers `POST /{tenant}/{policy}/profile`.
pub(crate) async fn profile_form(
    state: web::Data<State>,
    request: HttpRequest,
    body: web::Bytes,
) -> HttpResponse {
    let accepted = match Accepted::read(&state, &request, &body, &cancelled(true)) {
        Ok(accepted) => accepted,
        Err(response) => return *response,
    };
    let name = accepted.form.get("name").unwrap_or_default();
    change_name(&accepted.step, &accepted.user, name);
    accepted.finish()
}

/// The form of a page that asked a signed-in user, who has accepted it.
struct Accepted<'a> {
    step: Step<'a>,
    form: Params,
    user: String,
}

impl<'a> Accepted<'a> {
    /// Reads the form. The error is the answer: `declined` when the user has not accepted.
    fn read(
        state: &'a State,
        request: &HttpRequest,
        body: &[u8],
        declined: &Refusal,
    ) -> Result<Self, Box<HttpResponse>> {
        let form = Params::parse(body);
        let (step, user) = Step::resume_for_user(state, request, &form)?;
        if form.get("action") != Some("accept") {
            return Err(Box::new(step.refuse(declined)));
        }
        step.require_account(&user)?;
        Ok(Self { step, form, user })
    }

    fn finish(self) -> HttpResponse {
        finish(self.step, &self.user, AccountOrigin::Accepted)
    }
}

fn declined() -> Refusal {
    Refusal::new(
        "access_denied",
        65_004,
        "User declined to consent to access the app.",
    )
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

/// Tells the client to start the user flow for resetting the password, as B2C does.
fn password_forgotten() -> Refusal {
    Refusal::new(
        "access_denied",
        90_118,
        "The user has forgotten their password.",
    )
}
