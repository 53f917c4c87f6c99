//! An API that other programs call with bearer tokens. It has no pages and signs nobody in, so it
//! mounts no routes.
//!
//! Set `AAD_TENANT_ID`, `AAD_CLIENT_ID` and `AAD_CLIENT_SECRET`, and where its Application ID URI is not
//! `api://<client id>`, `AAD_API_AUDIENCE`. Then call `GET /api/tasks` with `Authorization: Bearer …`.

use aad_auth::{Auth, Caller, CallerKind, bearer};
use actix_web::{App, HttpResponse, HttpServer, Responder, get, post, web};
use serde_json::json;

/// A client on behalf of a user needs the scope, a daemon the application permission.
#[get("/tasks")]
async fn tasks(caller: Caller) -> impl Responder {
    // Tasks are kept under the key of their user; a daemon sees those of all users.
    let whose = match caller.kind() {
        CallerKind::Delegated => caller.key().map(|key| key.to_storage_key()),
        CallerKind::Application => Some("all users".to_owned()),
    };
    HttpResponse::Ok().json(json!({ "tasks_of": whose, "client": caller.client_id() }))
}

/// Only for daemons.
#[post("/run")]
async fn run() -> impl Responder {
    HttpResponse::Accepted().finish()
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let auth = Auth::from_env()?;
    let port = auth.config().base_url.port();
    HttpServer::new(move || {
        let read = bearer().scope("access_as_user") | bearer().role("Tasks.Run");
        let run_all = bearer().role("Tasks.Run");
        App::new()
            .service(
                web::scope("/api/jobs")
                    .wrap(auth.require(run_all))
                    .service(run),
            )
            .service(web::scope("/api").wrap(auth.require(read)).service(tasks))
            .wrap(auth.middleware())
    })
    .bind(("127.0.0.1", port))?
    .run()
    .await?;
    Ok(())
}
