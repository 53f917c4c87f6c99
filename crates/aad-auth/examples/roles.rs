//! App roles: a guard for a scope, a role as a type for one handler, and a page that shows more to
//! some users.

use aad_auth::{AppRole, Auth, HasRole, User, role};
use actix_web::{App, HttpServer, delete, get, web};

/// The app role `Admin` of the registration.
struct Admin;

impl AppRole for Admin {
    const VALUE: &'static str = "Admin";
}

/// Open to everybody.
#[get("/")]
async fn home(user: Option<User>) -> String {
    match user {
        // Also where the token does not list all roles: what is not listed is not shown.
        Some(user) if user.has_role(Admin::VALUE) => format!("{}: read, delete", user.name()),
        Some(user) => format!("{}: read", user.name()),
        None => "Please sign in".to_owned(),
    }
}

#[get("")]
async fn reports(user: User) -> String {
    format!("Reports for {}", user.name())
}

/// The scope lets readers in too: the type asks for more.
#[delete("/{id}")]
async fn delete_report(admin: HasRole<Admin>, id: web::Path<u32>) -> String {
    format!("{} has deleted report {id}", admin.user.name())
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let auth = Auth::from_env()?;
    let port = auth.config().base_url.port();
    HttpServer::new(move || {
        let readers = role("Reader") | role(Admin::VALUE);
        App::new()
            .configure(auth.routes())
            .service(home)
            .service(
                web::scope("/reports")
                    .wrap(auth.require(readers))
                    .service(reports)
                    .service(delete_report),
            )
            .wrap(auth.middleware())
    })
    .bind(("127.0.0.1", port))?
    .run()
    .await?;
    Ok(())
}
