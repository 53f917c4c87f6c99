//! The caller, as JSON.

use aad_auth::{
    Caller, User,
    secret::Pii,
    validation::{AccessToken, Oid, Sub, Tid},
};
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
    let mut response = HttpResponse::Ok();
    match &caller {
        Caller::User(user) => response.json(of_user(user)),
        Caller::Bearer(token) => response.json(of_token(token)),
    }
}

fn of_user(user: &User) -> CallerJson<'_> {
    let snapshot = user.snapshot();
    CallerJson {
        tid: snapshot.tid(),
        oid: snapshot.oid(),
        sub: Some(&snapshot.sub),
        iss: &snapshot.iss,
        name: snapshot.name.as_ref().map(Pii::expose),
        preferred_username: snapshot.preferred_username.as_ref().map(Pii::expose),
        roles: &snapshot.roles,
        roles_incomplete: snapshot.roles_incomplete,
        groups: &snapshot.groups.ids,
        scopes: snapshot.scopes.iter().map(|scope| &**scope).collect(),
        auth: "session",
    }
}

fn of_token(token: &AccessToken) -> CallerJson<'_> {
    CallerJson {
        tid: token.tid().map(Tid::as_str),
        oid: token.oid().map(Oid::as_str),
        sub: token.sub().map(Sub::as_str),
        iss: token.issuer(),
        name: token.name().map(Pii::expose),
        preferred_username: token.preferred_username().map(Pii::expose),
        roles: token.roles(),
        roles_incomplete: token.roles_are_incomplete(),
        groups: token.groups().listed(),
        scopes: token.scopes().collect(),
        auth: "bearer",
    }
}
