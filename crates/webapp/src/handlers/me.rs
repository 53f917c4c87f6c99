use aad_auth::{User, secret::Pii};
use actix_web::HttpResponse;
use serde::Serialize;

#[derive(Serialize)]
struct Me<'a> {
    tid: Option<&'a str>,
    oid: Option<&'a str>,
    sub: &'a str,
    iss: &'a str,
    name: Option<&'a str>,
    preferred_username: Option<&'a str>,
    roles: &'a [Box<str>],
    groups: &'a [Box<str>],
    scopes: &'a [Box<str>],
    auth: &'static str,
}

/// Who calls, as JSON.
pub async fn me(user: User) -> HttpResponse {
    let snapshot = user.snapshot();
    HttpResponse::Ok().json(Me {
        tid: snapshot.tid(),
        oid: snapshot.oid(),
        sub: &snapshot.sub,
        iss: &snapshot.iss,
        name: snapshot.name.as_ref().map(Pii::expose),
        preferred_username: snapshot.preferred_username.as_ref().map(Pii::expose),
        roles: &snapshot.roles,
        groups: &snapshot.groups.ids,
        scopes: &snapshot.scopes,
        auth: "session",
    })
}
