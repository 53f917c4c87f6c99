//! Style sheet, script and icon of the pages.

use actix_web::HttpResponse;

const STYLE: &str = include_str!("../../assets/emulator.css");
const FORM_POST: &str = include_str!("../../assets/form_post.js");
const FAVICON: &str = include_str!("../../assets/favicon.svg");

/// `GET /assets/emulator.css`
pub(crate) async fn style() -> HttpResponse {
    asset("text/css; charset=utf-8", STYLE)
}

/// `GET /assets/form_post.js`
pub(crate) async fn form_post_script() -> HttpResponse {
    asset("text/javascript; charset=utf-8", FORM_POST)
}

/// `GET /favicon.ico`
pub(crate) async fn favicon() -> HttpResponse {
    asset("image/svg+xml", FAVICON)
}

fn asset(content_type: &str, text: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(content_type)
        .insert_header(("Cache-Control", "public, max-age=300"))
        .insert_header(("X-Content-Type-Options", "nosniff"))
        .body(text)
}
