//! A page whose parts are fetched by htmx. Where the session has ended, a part cannot be redirected to
//! the sign-in: the guard answers a script's request 401, and [`to_sign_in`] tells htmx to leave the page
//! (`HX-Redirect`). The user comes back to the page, not to its part.

use aad_auth::{Auth, User};
use actix_web::{
    App, Error, HttpResponse, HttpServer, Responder,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    get,
    http::{
        StatusCode,
        header::{HeaderName, HeaderValue},
    },
    middleware::{Next, from_fn},
    web,
};

const HX_REQUEST: &str = "hx-request";
const HX_CURRENT_URL: &str = "hx-current-url";
const HX_REDIRECT: HeaderName = HeaderName::from_static("hx-redirect");

/// Around the guard: adds `HX-Redirect` to its 401 where htmx has asked.
async fn to_sign_in(
    auth: web::Data<Auth>,
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let header = |name: &str| {
        request
            .headers()
            .get(name)?
            .to_str()
            .ok()
            .map(str::to_owned)
    };
    let by_htmx = header(HX_REQUEST).is_some();
    // Of the client: what is not an address of this application becomes the home page.
    let page = header(HX_CURRENT_URL).unwrap_or_default();
    let page = auth.config().base_url.return_to_url(&page);
    let mut response = next.call(request).await?;
    if by_htmx
        && response.status() == StatusCode::UNAUTHORIZED
        && let Ok(address) = HeaderValue::try_from(auth.sign_in_path(&page))
    {
        response.headers_mut().insert(HX_REDIRECT, address);
    }
    Ok(response)
}

#[get("")]
async fn inbox(user: User) -> impl Responder {
    let body = format!(
        "<!doctype html><title>Inbox</title><script src=\"/htmx.js\"></script>\
         <h1>{}</h1><div hx-get=\"/inbox/messages\" hx-trigger=\"every 10s\"></div>",
        escaped(user.name().as_str())
    );
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .body(body)
}

#[get("/messages")]
async fn messages(user: User) -> impl Responder {
    let body = format!("<p>No messages for {}</p>", escaped(user.name().as_str()));
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .body(body)
}

/// A name is text of others. Your templates escape by themselves.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let auth = Auth::from_env()?;
    let port = auth.config().base_url.port();
    HttpServer::new(move || {
        App::new()
            .app_data(web::Data::new(auth.clone()))
            .configure(auth.routes())
            .service(
                web::scope("/inbox")
                    .wrap(auth.require_user())
                    .wrap(from_fn(to_sign_in))
                    .service(inbox)
                    .service(messages),
            )
            .wrap(auth.middleware())
    })
    .bind(("127.0.0.1", port))?
    .run()
    .await?;
    Ok(())
}
