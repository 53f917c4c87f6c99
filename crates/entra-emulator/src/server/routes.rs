//! All routes of the emulator.

use actix_web::web::{self, ServiceConfig, get, head, post, resource, route};
use actix_web::{HttpResponse, guard};

use crate::authorize::{authorize, consent_form, login_form, profile_form, username_form};
use crate::control::control_routes;
use crate::discovery::{discovery, discovery_v1, instance, keys, keys_v1};
use crate::graph;
use crate::logout::{account, logout};
use crate::pages::{favicon, form_post_script, style};
use crate::start_page::{explain_error, set_fault, start_page};
use crate::token::{not_post, revoke, token, token_preflight};

/// Adds all routes. Fixed paths come first, because `{tenant}` matches them too.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(
            resource("/")
                .route(get().to(start_page))
                .route(head().to(start_page)),
        )
        .route("/faults", post().to(set_fault))
        .route("/error", get().to(explain_error))
        .route("/favicon.ico", get().to(favicon))
        .route("/assets/emulator.css", get().to(style))
        .route("/assets/form_post.js", get().to(form_post_script))
        .service(web::scope("/control").configure(control_routes))
        .route("/common/discovery/instance", get().to(instance))
        .service(web::scope("/v1.0").configure(graph_routes))
        .service(
            resource("/oidc/userinfo")
                .route(get().to(graph::user_info))
                .route(post().to(graph::user_info)),
        );
    for base in ["/{tenant}", "/{tenant}/{policy}"] {
        authority_routes(config, base);
    }
    v1_routes(config);
}

fn authority_routes(config: &mut ServiceConfig, base: &str) {
    let at = |path: &str| format!("{base}{path}");
    config
        .service(
            public_document(&at("/v2.0/.well-known/openid-configuration"))
                .route(get().to(discovery))
                .route(head().to(discovery)),
        )
        .service(
            public_document(&at("/discovery/v2.0/keys"))
                .route(get().to(keys))
                .route(head().to(keys)),
        )
        .service(
            resource(at("/oauth2/v2.0/authorize"))
                .route(get().to(authorize))
                .route(post().to(authorize)),
        )
        .service(
            resource(at("/oauth2/v2.0/token"))
                .route(post().to(token))
                .route(route().guard(guard::Options()).to(token_preflight))
                .default_service(route().to(not_post)),
        )
        .service(
            resource(at("/oauth2/v2.0/logout"))
                .route(get().to(logout))
                .route(post().to(logout)),
        )
        .route(&at("/oauth2/v2.0/revoke"), post().to(revoke))
        .route(&at("/login"), post().to(login_form))
        .route(&at("/username"), post().to(username_form))
        .route(&at("/consent"), post().to(consent_form))
        .route(&at("/profile"), post().to(profile_form))
        .route(&at("/logout/account"), post().to(account));
}

/// Adds the v1 documents, for APIs that accept v1 access tokens.
fn v1_routes(config: &mut ServiceConfig) {
    config
        .service(
            public_document("/{tenant}/.well-known/openid-configuration")
                .route(get().to(discovery_v1))
                .route(head().to(discovery_v1)),
        )
        .service(
            public_document("/{tenant}/discovery/keys")
                .route(get().to(keys_v1))
                .route(head().to(keys_v1)),
        );
}

/// Starts the routes of a document that pages of any origin may read.
fn public_document(path: &str) -> actix_web::Resource {
    let preflight = || async {
        HttpResponse::Ok()
            .insert_header(("Access-Control-Allow-Origin", "*"))
            .insert_header(("Access-Control-Allow-Methods", "GET, OPTIONS"))
            .insert_header(("Access-Control-Allow-Headers", "*"))
            .finish()
    };
    resource(path).route(route().guard(guard::Options()).to(preflight))
}

fn graph_routes(config: &mut ServiceConfig) {
    config
        .route("/me", get().to(graph::me))
        .route("/me/photo", get().to(graph::photo_metadata))
        .route("/me/photo/$value", get().to(graph::photo))
        .route("/me/photos/{size}/$value", get().to(graph::photo))
        .route("/me/memberOf", get().to(graph::member_of))
        .route(
            "/me/transitiveMemberOf",
            get().to(graph::transitive_member_of),
        )
        .route(
            "/me/transitiveMemberOf/microsoft.graph.group",
            get().to(graph::transitive_member_of),
        )
        .route("/me/getMemberObjects", post().to(graph::member_objects))
        .route("/me/getMemberGroups", post().to(graph::member_groups))
        .route(
            "/me/checkMemberGroups",
            post().to(graph::check_member_groups),
        )
        .route(
            "/me/revokeSignInSessions",
            post().to(graph::revoke_sign_in_sessions),
        )
        .route("/users/{id}", get().to(graph::user));
}
