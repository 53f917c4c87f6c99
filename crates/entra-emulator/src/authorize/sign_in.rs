//! Signs in a chosen user: may the user sign in, is a page needed, then the response.

use actix_web::HttpResponse;

use crate::aadsts::Refusal;
use crate::directory::{Directory, User};
use crate::sync::read;

use super::checked::Prompt;
use super::issue::issue;
use super::request::AuthorizeRequest;
use super::step::Step;
use super::{consent, profile};

/// How the user of a request was determined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AccountOrigin {
    /// The user chose the account on a page: a new sign-in.
    Chosen,
    /// The cookie holds the account.
    SignedIn,
    /// A switch names the account: a new sign-in, without any page.
    Switched,
    /// The cookie holds the account, and the user has accepted the page for consent or profile.
    Accepted,
}

/// Signs in this user, and answers with an error page, another page or the response.
pub(super) fn finish(mut step: Step<'_>, user: &str, origin: AccountOrigin) -> HttpResponse {
    let found = read(&step.state.directory).user(user).cloned();
    let Some(user) = found else {
        return step.page(&unknown_user(user));
    };
    if let Err(refusal) = may_sign_in(&step, &user) {
        let silent = step.checked.prompt == Prompt::None && refusal.code == NOT_ASSIGNED;
        return if silent {
            step.refuse(&interaction_required(refusal))
        } else {
            step.page(&refusal)
        };
    }
    if matches!(origin, AccountOrigin::Chosen | AccountOrigin::Switched) {
        step.cookie.sign_in(step.state, &user.id);
    }
    let may_ask = matches!(origin, AccountOrigin::Chosen | AccountOrigin::SignedIn);
    if may_ask && consent::is_needed(&step, &user) {
        return consent::ask(&step, &user);
    }
    if may_ask && profile::is_requested(&step) {
        return profile::ask(&step, &user);
    }
    issue(step, &user)
}

const NOT_ASSIGNED: u32 = 50_105;

fn may_sign_in(step: &Step<'_>, user: &User) -> Result<(), Refusal> {
    let directory = read(&step.state.directory);
    let application = &step.request.application;
    if !user.account_enabled {
        return Err(
            Refusal::invalid_grant(50_057, "The user account is disabled.").advise(
                "Choose another user, or enable this one in the directory or by the control API.",
            ),
        );
    }
    let personal = directory.is_personal(user);
    let wrong_kind = personal && !application.allows_personal_accounts();
    if !step.request.authority.admits(user, &directory) || wrong_kind {
        return Err(not_in_tenant(user, &step.request, &directory));
    }
    if application.app_role_assignment_required && !user.is_assigned(&application.app_id) {
        return Err(Refusal::new(
            "access_denied",
            NOT_ASSIGNED,
            format!("The signed-in user '{}' is not assigned to a role for the application '{}' ({}).", user.user_principal_name, application.app_id, application.display_name),
        )
        .advise("Assign the user (appRoleAssignments in the directory), or set appRoleAssignmentRequired to false."));
    }
    Ok(())
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
    .advise("Choose a user of this tenant, invite the account as a guest, or make the application multi-tenant and use the right authority.")
}

fn interaction_required(refusal: Refusal) -> Refusal {
    Refusal {
        error: "interaction_required",
        ..refusal
    }
}
