//! The caller, as JSON.

use aad_auth::Caller;
use actix_web::HttpResponse;
use serde::Serialize;

#[derive(Serialize)]
struct CallerJson<'a> {
    tid: Option<&'a str>,
    oid: Option<&'a str>,
    sub: Option<&'a str>,
    iss: &'a str,
    name: Option<&'a str>,
    preferred_username: Option<&'a str>,
    roles: &'a [Box<str>],
    roles_incomplete: bool,
    groups: &'a [Box<str>],
    scopes: Vec<&'a str>,
    auth: &'static str,
}

/// Describes the caller: a user with a session, or the bearer of a token.
pub async fn me(caller: Caller) -> HttpResponse {
    let (scopes, auth) = match &caller {
        Caller::User(user) => (
            user.scopes().iter().map(|scope| &**scope).collect(),
            "session",
        ),
        Caller::Bearer(token) => (token.scopes().collect(), "bearer"),
    };
    HttpResponse::Ok().json(CallerJson {
        tid: caller.tid(),
        oid: caller.oid(),
        sub: caller.sub(),
        iss: caller.issuer(),
        name: caller.full_name(),
        preferred_username: caller.user_name(),
        roles: caller.roles(),
        roles_incomplete: caller.roles_are_incomplete(),
        groups: caller.groups(),
        scopes,
        auth,
    })
}
