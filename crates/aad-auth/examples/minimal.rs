//! The ten lines of the README. Set `AAD_TENANT_ID`, `AAD_CLIENT_ID` and `AAD_CLIENT_SECRET`, then open
//! <http://localhost:5000/app/profile>.

use aad_auth::{Auth, User, role};
use actix_web::{App, HttpServer, get, web};

#[get("/profile")]
async fn profile(user: User) -> String {
    format!("Hello {}", user.name())
}

#[get("/dashboard")]
async fn dashboard() -> &'static str {
    "For administrators"
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let auth = Auth::from_env()?; // never waits for the provider
    let port = auth.config().base_url.port(); // that of http://localhost:5000, unless you set it
    HttpServer::new(move || {
        App::new()
            .configure(auth.routes()) // /auth/*
            .service(
                web::scope("/app")
                    .wrap(auth.require_user())
                    .service(profile),
            )
            .service(
                web::scope("/admin")
                    .wrap(auth.require(role("Admin")))
                    .service(dashboard),
            )
            .wrap(auth.middleware()) // last, so that it is the outermost
    })
    .bind(("127.0.0.1", port))?
    .run()
    .await?;
    Ok(())
}
