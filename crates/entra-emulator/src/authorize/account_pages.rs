use actix_web::HttpResponse;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::aadsts::Refusal;
use crate::directory::{Directory, User};
use crate::http::Params;
use crate::seal::Purpose;
use crate::sync::read;

use super::consent::PAGE_LIFETIME;
use super::prompt::{fits_domain, is_hinted};
use super::respond::origin_of;
use super::sign_in::Step;

/// The picker's state: the whole request, sealed, which is at once its protection against forged posts.
#[derive(Deserialize, Serialize)]
pub(super) struct Pending {
    pub(super) path: String,
    pub(super) params: Params,
    pub(super) until: i64,
}

/// The account picker.
pub(super) fn picker(step: &Step<'_>) -> HttpResponse {
    let directory = read(&step.state.directory);
    let domain = step.request.params.get("domain_hint");
    let hint = step.request.params.get("login_hint");
    let offered = |user: &&User| {
        step.request.authority.admits(user, &directory) && fits_domain(user, domain, &directory)
    };
    let mut users: Vec<&User> = directory.users.iter().filter(offered).collect();
    // Who is hinted at comes first, then who is signed in, then the order of the file.
    users.sort_by_key(|user| {
        (
            !hint.is_some_and(|hint| is_hinted(user, hint)),
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
    step.state.pages.with_form_target(
        "picker.html",
        &context,
        &origin_of(&step.request.redirect_uri),
    )
}

/// A password can be forgotten where one signs in: in the tenant's first user flow.
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

/// The page for another user name.
pub(super) fn username(step: &Step<'_>, value: &str, refusal: Option<&Refusal>) -> HttpResponse {
    let mut context = page_context(step, "Sign in with a user name");
    if let Some(context) = context.as_object_mut() {
        context.insert("value".to_owned(), Value::from(value));
        let problem = refusal.map(|refusal| format!("AADSTS{}: {}", refusal.code, refusal.message));
        context.insert("problem".to_owned(), Value::from(problem));
    }
    step.state.pages.with_form_target(
        "username.html",
        &context,
        &origin_of(&step.request.redirect_uri),
    )
}

fn page_context(step: &Step<'_>, title: &str) -> Value {
    let pending = Pending {
        path: step.request.authority.segment.clone(),
        params: step.request.params.clone(),
        until: step.trace.now.saturating_add(PAGE_LIFETIME),
    };
    json!({
        "title": title,
        "segment": step.request.authority.segment,
        "request": step.state.sealer.seal(Purpose::PageState, &pending, 0),
        "application": step.request.application.display_name,
        "redirect_uri": step.request.redirect_uri,
    })
}
