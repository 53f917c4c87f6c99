//! The consent page.

use actix_web::HttpResponse;
use serde_json::json;

use crate::aadsts::Refusal;
use crate::directory::User;
use crate::scope::Resource;
use crate::sync::{lock, read};

use super::checked::Prompt;
use super::step::Step;

/// Tells whether the request, or the first sign-in of a user with `needsConsent`, asks for consent.
pub(super) fn is_needed(step: &Step<'_>, user: &User) -> bool {
    let asked = step.checked.prompt == Prompt::Consent;
    asked
        || (user.needs_consent
            && !lock(&step.state.grants).has_consented(&user.id, &step.request.application.app_id))
}

/// Shows the consent page, or refuses when the request allows no page.
pub(super) fn ask(step: &Step<'_>, user: &User) -> HttpResponse {
    if step.checked.prompt == Prompt::None {
        return step.refuse(&Refusal::new(
            "consent_required",
            65_001,
            "The user or administrator has not consented to use the application.",
        ));
    }
    let context = json!({
        "title": "Permissions requested",
        "action": format!("/{}/consent", step.request.authority.segment),
        "request": step.page_state(Some(user)),
        "application": step.request.application.display_name,
        "user": { "name": user.display_name, "username": user.user_principal_name, "initials": user.initials() },
        "permissions": permissions(step),
    });
    step.show_signed_in("consent.html", &context)
}

/// Lists the requested permissions, one line each, after the two basic ones that the platform always lists.
fn permissions(step: &Step<'_>) -> Vec<String> {
    let directory = read(&step.state.directory);
    let mut lines = vec![
        "Keep the access that you have given it (offline_access)".to_owned(),
        "Sign you in and read your profile (User.Read)".to_owned(),
    ];
    for (resource, names) in &step.checked.scopes.resources {
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
