//! The pages on which the user chooses an account.

use actix_web::HttpResponse;
use serde_json::{Value, json};

use crate::aadsts::Refusal;
use crate::directory::{Directory, User};
use crate::sync::read;

use super::prompt::fits_domain;
use super::step::Step;

/// Shows the accounts of the directory that fit the request.
pub(super) fn picker(step: &Step<'_>) -> HttpResponse {
    let directory = read(&step.state.directory);
    let domain = step.request.params.get("domain_hint");
    let hint = step.request.params.get("login_hint");
    let offered = |user: &&User| {
        step.request.authority.admits(user, &directory) && fits_domain(user, domain, &directory)
    };
    let mut users: Vec<&User> = directory.users.iter().filter(offered).collect();
    // The hinted user comes first, then signed-in users, then the order of the file.
    users.sort_by_key(|user| {
        (
            !hint.is_some_and(|hint| user.is_hinted(hint)),
            step.cookie.account(&user.id).is_none(),
        )
    });
    let tiles: Vec<Value> = users
        .into_iter()
        .map(|user| tile(user, step, &directory))
        .collect();
    let mut context = page_context(step, "Pick an account");
    if let Some(context) = context.as_object_mut() {
        context.insert("tiles".to_owned(), Value::from(tiles));
        context.insert(
            "forgot_password".to_owned(),
            Value::from(signs_in_by_user_flow(step)),
        );
    }
    drop(directory);
    step.show("picker.html", &context)
}

/// Tells whether the request is for the tenant's first user flow, which offers the reset of the password.
fn signs_in_by_user_flow(step: &Step<'_>) -> bool {
    let authority = &step.request.authority;
    let first = authority
        .tenant()
        .and_then(|tenant| tenant.policies.first());
    first.is_some() && first == authority.policy.as_ref()
}

fn tile(user: &User, step: &Step<'_>, directory: &Directory) -> Value {
    let tenant = directory
        .tenant(&user.tenant)
        .map(|tenant| tenant.display_name.clone());
    json!({
        "id": user.id,
        "name": user.display_name,
        "username": user.user_principal_name,
        "initials": user.initials(),
        "note": user.note,
        "tenant": tenant,
        "signed_in": step.cookie.account(&user.id).is_some(),
    })
}

/// Shows the page for another user name.
pub(super) fn username(step: &Step<'_>, value: &str, refusal: Option<&Refusal>) -> HttpResponse {
    let mut context = page_context(step, "Sign in with a user name");
    if let Some(context) = context.as_object_mut() {
        context.insert("value".to_owned(), Value::from(value));
        let problem = refusal.map(|refusal| format!("AADSTS{}: {}", refusal.code, refusal.message));
        context.insert("problem".to_owned(), Value::from(problem));
    }
    step.show("username.html", &context)
}

fn page_context(step: &Step<'_>, title: &str) -> Value {
    json!({
        "title": title,
        "segment": step.request.authority.segment,
        "request": step.page_state(None),
        "application": step.request.application.display_name,
        "redirect_uri": step.request.redirect_uri,
    })
}
