//! An application that was there before: it keeps a basket in a session of its own (`actix-session`
//! in a cookie), and takes the sign-in from this crate. The two do not disturb each other. A
//! sign-in renews the application's session and keeps what is in it; a sign-out ends it.

use aad_auth::{Auth, User};
use actix_session::{Session, SessionMiddleware, storage::CookieSessionStore};
use actix_web::{App, HttpResponse, HttpServer, Responder, cookie::Key, get, post, web};

const ITEMS: &str = "items";

#[get("/")]
async fn shop(basket: Session, user: Option<User>) -> impl Responder {
    let items = basket.get::<u32>(ITEMS).ok().flatten().unwrap_or(0);
    match user {
        Some(user) => format!("{items} items in the basket of {}", user.name()),
        None => format!("{items} items in the basket of a stranger"),
    }
}

#[post("/basket")]
async fn add(basket: Session) -> Result<impl Responder, actix_web::Error> {
    let items = basket.get::<u32>(ITEMS)?.unwrap_or(0);
    basket.insert(ITEMS, items + 1)?;
    let back = ("location", "/");
    Ok(HttpResponse::SeeOther().insert_header(back).finish())
}

#[get("")]
async fn checkout(basket: Session, user: User) -> impl Responder {
    let items = basket.get::<u32>(ITEMS).ok().flatten().unwrap_or(0);
    format!("{} pays for {items} items", user.name())
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let auth = Auth::from_env()?;
    let port = auth.config().base_url.port();
    let https = auth.config().base_url.is_https();
    // Yours comes from your configuration, so that a restart forgets no basket.
    let key = Key::generate();
    HttpServer::new(move || {
        let own = SessionMiddleware::builder(CookieSessionStore::default(), key.clone())
            .cookie_name("basket".to_owned())
            .cookie_secure(https)
            .build();
        App::new()
            .configure(auth.routes())
            .service(shop)
            .service(add)
            .service(
                web::scope("/checkout")
                    .wrap(auth.require_user())
                    .service(checkout),
            )
            // Around the routes of `auth` too: they renew and end this session.
            .wrap(own)
            .wrap(auth.middleware())
    })
    .workers(1)
    .bind(("127.0.0.1", port))?
    .run()
    .await?;
    Ok(())
}
