//! APIs of the test application, each behind another policy.

use aad_auth::{Auth, Caller, CallerKind, Policy, UserKey, bearer, role, user};
use actix_web::{HttpResponse, web};

pub const SCOPE: &str = "access_as_user";
pub const PERMISSION: &str = "Tasks.Run";

pub fn mount(auth: &Auth, config: &mut web::ServiceConfig) {
    let policies: [(&str, Policy); 8] = [
        ("/any", user() | bearer()),
        ("/nobody", user() & bearer()),
        ("/read", user() | bearer().scope(SCOPE)),
        ("/run", bearer().role(PERMISSION).into()),
        ("/either", bearer().scope(SCOPE) | bearer().role(PERMISSION)),
        ("/administer", (user() | bearer()) & role("Admin")),
        ("/unbanned", (user() | bearer()) & !role("Banned")),
        (
            "/careful",
            bearer().scope(SCOPE).auth_context("c1") | bearer().role(PERMISSION),
        ),
    ];
    for (path, policy) in policies {
        config.service(
            web::resource(format!("/apis{path}"))
                .wrap(auth.require(policy))
                .to(who),
        );
    }
}

async fn who(caller: Caller, body: String) -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({
        "by": match caller { Caller::User(_) => "session", Caller::Bearer(_) => "bearer" },
        "kind": match caller.kind() {
            CallerKind::Delegated => "user",
            CallerKind::Application => "application",
        },
        "tid": caller.tid(), "oid": caller.oid(), "sub": caller.sub(),
        "azp": caller.client_id(), "scopes": caller.scopes(), "roles": caller.roles(),
        "keyed": matches!(caller.key(), Some(UserKey::Directory { .. })),
        "write": caller.has_scope("write"), "body": body,
    }))
}
