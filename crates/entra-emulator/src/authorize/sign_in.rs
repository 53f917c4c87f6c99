//! From "this user" to the response: may he, has he consented, then the code.

use actix_web::HttpResponse;

use crate::aadsts::Refusal;
use crate::directory::{Directory, User};
use crate::http::{Origin, Trace};
use crate::state::State;
use crate::sync::{lock, read};
use crate::token::{self, Session};

use super::code_store::Code;
use super::request::{AuthorizeRequest, Prompt, Wanted};
use super::respond::{refuse, respond};
use super::{SignInCookie, consent, profile};

/// Everything a step of a sign-in needs.
pub(super) struct Step<'a> {
    pub(super) state: &'a State,
    pub(super) origin: Origin,
    pub(super) trace: Trace,
    pub(super) request: AuthorizeRequest,
    pub(super) wanted: Wanted,
    pub(super) cookie: SignInCookie,
}

impl Step<'_> {
    /// Ends the request for this user: error page, consent page or response.
    pub(super) fn finish(
        mut self,
        user: &str,
        auth_time: Option<i64>,
        consented: bool,
    ) -> HttpResponse {
        let found = read(&self.state.directory).user(user).cloned();
        let Some(user) = found else {
            return self.page(&unknown_user(user));
        };
        if let Err(refusal) = self.may_sign_in(&user) {
            let silent = self.wanted.prompt == Prompt::None && refusal.code == 50_105;
            return if silent {
                self.refuse(&interaction_required(refusal))
            } else {
                self.page(&refusal)
            };
        }
        if auth_time.is_none() {
            self.cookie.sign_in(self.state, &user.id);
        }
        if !consented && consent::is_needed(&self, &user) {
            return consent::ask(&self, &user);
        }
        if !consented && profile::is_asked(&self) {
            return profile::ask(&self, &user);
        }
        self.issue(&user)
    }

    pub(super) fn page(&self, refusal: &Refusal) -> HttpResponse {
        self.state.pages.error(&self.trace, refusal)
    }

    pub(super) fn refuse(&self, refusal: &Refusal) -> HttpResponse {
        refuse(
            self.state,
            &self.origin,
            &self.trace,
            &self.request,
            refusal,
        )
    }

    fn may_sign_in(&self, user: &User) -> Result<(), Refusal> {
        let directory = read(&self.state.directory);
        let application = &self.request.application;
        if !user.account_enabled {
            return Err(
                Refusal::invalid_grant(50_057, "The user account is disabled.").advise(
                    "Pick another user, or enable this one in the directory or by the control API.",
                ),
            );
        }
        let personal = directory.is_personal(user);
        let wrong_kind = personal && !application.allows_personal_accounts();
        if !self.request.authority.admits(user, &directory) || wrong_kind {
            return Err(not_in_tenant(user, &self.request, &directory));
        }
        if application.app_role_assignment_required
            && !Directory::is_assigned(user, &application.app_id)
        {
            return Err(Refusal::new(
                "access_denied",
                50_105,
                format!("The signed-in user '{}' is not assigned to a role for the application '{}' ({}).", user.user_principal_name, application.app_id, application.display_name),
            )
            .advise("Assign the user (appRoleAssignments in the directory), or set appRoleAssignmentRequired to false."));
        }
        Ok(())
    }

    fn issue(mut self, user: &User) -> HttpResponse {
        let auth_time = self
            .cookie
            .account(&user.id)
            .map_or(self.trace.now, |account| account.auth_time);
        self.cookie
            .remember(&user.id, &self.request.application.app_id);
        let mut parameters = Vec::new();
        if self.wanted.code {
            let text = self.code(user, auth_time);
            parameters.push(("code".to_owned(), text));
        }
        if self.wanted.id_token || self.wanted.access_token {
            match token::from_authorize(
                self.state,
                &self.session(user, auth_time),
                self.wanted.access_token,
            ) {
                Ok(tokens) => parameters.extend(tokens),
                Err(refusal) => return self.refuse(&refusal),
            }
        }
        if self.request.params.get("client_info") == Some("1") {
            parameters.push(("client_info".to_owned(), token::client_info(user)));
        }
        parameters.push(("session_state".to_owned(), self.cookie.sid.clone()));
        let mut response = respond(
            self.state,
            &self.origin,
            &self.trace,
            &self.request,
            parameters,
        );
        if let Err(error) = response.add_cookie(&self.cookie.cookie(self.state, &self.origin)) {
            tracing::warn!(%error, "the sign-in cookie cannot be set");
        }
        response
    }

    fn code(&self, user: &User, auth_time: i64) -> String {
        let text = format!("1.{}", self.state.random.token(CODE_BYTES));
        let code = Code {
            app_id: self.request.application.app_id.clone(),
            redirect_uri: self.request.redirect_uri.clone(),
            authority: self.request.authority.segment.clone(),
            user: user.id.clone(),
            tid: user.tenant.clone(),
            scopes: self.wanted.scopes.clone(),
            nonce: self.request.params.get("nonce").map(str::to_owned),
            challenge: self.wanted.challenge.clone(),
            sid: self.cookie.sid.clone(),
            auth_time,
            show_auth_time: self.wanted.max_age.is_some(),
            acrs: requested_contexts(self.request.params.get("claims")),
            issued_at: self.trace.now,
        };
        lock(&self.state.codes).insert(&text, code);
        text
    }

    fn session(&self, user: &User, auth_time: i64) -> Session {
        Session {
            origin: self.origin.clone(),
            user: user.clone(),
            application: self.request.application.clone(),
            policy: self.request.authority.policy.clone(),
            scopes: self.wanted.scopes.clone(),
            nonce: self.request.params.get("nonce").map(str::to_owned),
            sid: self.cookie.sid.clone(),
            auth_time,
            show_auth_time: self.wanted.max_age.is_some(),
            acrs: requested_contexts(self.request.params.get("claims")),
            client_auth: token::ClientAuth::Public,
            client_capabilities: Vec::new(),
        }
    }
}

/// Real codes are long: an address or a cookie that cannot hold one must fail here too.
const CODE_BYTES: usize = 780;

/// The authentication contexts of the `claims` parameter (`entra.md` 7.4); here every request for one is satisfied.
fn requested_contexts(claims: Option<&str>) -> Vec<String> {
    let claims: Option<serde_json::Value> =
        claims.and_then(|claims| serde_json::from_str(claims).ok());
    let asked = claims.as_ref().and_then(|claims| {
        claims
            .pointer("/id_token/acrs")
            .or_else(|| claims.pointer("/access_token/acrs"))
    });
    let value = asked
        .and_then(|asked| asked.get("value"))
        .and_then(serde_json::Value::as_str)
        .map(str::to_owned);
    let values = asked
        .and_then(|asked| asked.get("values"))
        .and_then(serde_json::Value::as_array);
    let values = values
        .into_iter()
        .flatten()
        .filter_map(|value| value.as_str().map(str::to_owned));
    value.into_iter().chain(values).take(10).collect()
}

pub(super) fn unknown_user(name: &str) -> Refusal {
    Refusal::invalid_grant(
        50_034,
        format!("The user account '{name}' does not exist in the directory."),
    )
    .advise("Use one of the users on the emulator's start page.")
}

fn not_in_tenant(user: &User, request: &AuthorizeRequest, directory: &Directory) -> Refusal {
    let home = directory
        .tenant(&user.tenant)
        .map_or(user.tenant.as_str(), |tenant| tenant.display_name.as_str());
    Refusal::invalid_grant(
        50_020,
        format!("User account '{}' from '{home}' does not exist in tenant '{}' and cannot access the application '{}' ({}) in that tenant.", user.user_principal_name, request.authority.segment, request.application.app_id, request.application.display_name),
    )
    .advise("Pick a user of this tenant, invite the account as a guest, or make the application multi-tenant and use the right authority.")
}

fn interaction_required(refusal: Refusal) -> Refusal {
    Refusal {
        error: "interaction_required",
        ..refusal
    }
}
