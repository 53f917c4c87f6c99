use actix_web::HttpResponse;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::directory::User;
use crate::http::Params;
use crate::scope::Resource;
use crate::seal::Purpose;
use crate::sync::{lock, read};

use super::request::Prompt;
use super::respond::origin_of;
use super::sign_in::Step;

/// The consent page's state: the request, and who signs in.
#[derive(Deserialize, Serialize)]
pub(super) struct PendingConsent {
    pub(super) path: String,
    pub(super) params: Params,
    pub(super) user: String,
    pub(super) until: i64,
}

/// How long a page may stay open, seconds.
pub(super) const PAGE_LIFETIME: i64 = 3600;

/// Whether this user must be asked: on demand, or the first time for users that the directory marks.
pub(super) fn is_needed(step: &Step<'_>, user: &User) -> bool {
    let asked = step.wanted.prompt == Prompt::Consent;
    asked
        || (user.needs_consent
            && !lock(&step.state.grants).has_consented(&user.id, &step.request.application.app_id))
}

/// Shows the consent page, or refuses where no page is allowed.
pub(super) fn ask(step: &Step<'_>, user: &User) -> HttpResponse {
    if step.wanted.prompt == Prompt::None {
        return step.refuse(&crate::aadsts::Refusal::new(
            "consent_required",
            65_001,
            "The user or administrator has not consented to use the application.",
        ));
    }
    let pending = PendingConsent {
        path: step.request.authority.segment.clone(),
        params: step.request.params.clone(),
        user: user.id.clone(),
        until: step.trace.now.saturating_add(PAGE_LIFETIME),
    };
    let context = json!({
        "title": "Permissions requested",
        "action": format!("/{}/consent", step.request.authority.segment),
        "request": step.state.sealer.seal(Purpose::PageState, &pending, 0),
        "application": step.request.application.display_name,
        "user": { "name": user.display_name, "username": user.user_principal_name, "initials": user.initials() },
        "permissions": permissions(step),
    });
    let mut response = step.state.pages.with_form_target(
        "consent.html",
        &context,
        &origin_of(&step.request.redirect_uri),
    );
    if let Err(error) = response.add_cookie(&step.cookie.cookie(step.state, &step.origin)) {
        tracing::warn!(%error, "the sign-in cookie cannot be set");
    }
    response
}

/// One line for each permission. The first page of an application lists the two basic ones, asked for or not.
fn permissions(step: &Step<'_>) -> Vec<String> {
    let directory = read(&step.state.directory);
    let mut lines = vec![
        "Keep the access that you have given it (offline_access)".to_owned(),
        "Sign you in and read your profile (User.Read)".to_owned(),
    ];
    for (resource, names) in &step.wanted.scopes.resources {
        let api = match resource {
            Resource::Graph => None,
            Resource::Api { app_id, .. } => directory.application(app_id),
        };
        for name in names.iter().filter(|name| *name != "User.Read") {
            let scope = api.and_then(|api| {
                api.api
                    .oauth2_permission_scopes
                    .iter()
                    .find(|scope| scope.value == *name)
            });
            let text = scope
                .and_then(|scope| scope.user_consent_display_name.as_deref())
                .unwrap_or("Use this permission");
            lines.push(format!("{text} ({name})"));
        }
    }
    lines
}
