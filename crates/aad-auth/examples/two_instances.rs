//! Two registrations in one application: the staff's by the environment, the partners' by a file of
//! the form of an `.env` that overrides it.
//!
//! `cargo run -p aad-auth --example two_instances -- partners.env`

use std::{error::Error, fs};

use aad_auth::{
    Auth, Config, InstanceName, User,
    config::{Source, env},
};
use actix_web::{App, HttpServer, get, web};

struct Partners;

impl InstanceName for Partners {
    const NAME: &'static str = "partners";
}

#[get("/desk")]
async fn desk(user: User) -> String {
    format!("{}, of the staff", user.name())
}

#[get("/orders")]
async fn orders(user: User<Partners>) -> String {
    format!("{}, a partner", user.name())
}

/// What both have in common, and what the file says otherwise.
fn partners(staff: &Auth, path: &str) -> Result<Auth, Box<dyn Error>> {
    let mut source: Source = env::read();
    let file = fs::read_to_string(path)?;
    for (name, value) in file.lines().filter_map(|line| line.split_once('=')) {
        source.set(name, value);
    }
    let partners = Auth::builder(Config::parse(&source)?)
        .name(Partners::NAME)
        .prefix("/partners/auth")
        .beside(staff);
    Ok(partners.build()?)
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let staff = Auth::from_env()?;
    let path = std::env::args().nth(1).ok_or("which file?")?;
    let partners = partners(&staff, &path)?;
    let port = staff.config().base_url.port();
    HttpServer::new(move || {
        let for_staff = web::scope("/staff").wrap(staff.require_user());
        let for_partners = web::scope("/partners").wrap(partners.require_user());
        App::new()
            .configure(staff.routes())
            .configure(partners.routes())
            .service(for_staff.service(desk))
            .service(for_partners.service(orders))
            .wrap(partners.middleware())
            .wrap(staff.middleware())
    })
    .bind(("127.0.0.1", port))?
    .run()
    .await?;
    Ok(())
}
