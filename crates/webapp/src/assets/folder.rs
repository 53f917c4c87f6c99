//! Files of a folder on disk, for an operator's own (`STATIC_DIR`) and while they are edited.

use std::path::Path;

use actix_files::Files;
use actix_web::{
    HttpResponse,
    dev::HttpServiceFactory,
    guard,
    http::{
        Method,
        header::{Allow, CACHE_CONTROL},
    },
    middleware::DefaultHeaders,
    web,
};

use super::cache_control::REVALIDATE;

/// Serves the files of a folder at `/static`, and none outside it, whatever the path or a link says.
pub(super) fn serve(folder: &Path) -> impl HttpServiceFactory + use<> {
    let root = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let files = Files::new("", &root)
        .prefer_utf8(true)
        .path_filter(move |path, _| {
            root.join(path)
                .canonicalize()
                .is_ok_and(|file| file.starts_with(&root) && file.is_file())
        });
    web::scope("/static")
        .wrap(DefaultHeaders::new().add((CACHE_CONTROL, REVALIDATE)))
        .service(
            // `Files` answers other methods 405 without `Allow` (RFC 9110 section 15.5.6).
            web::resource("{path:.*}")
                .guard(guard::Not(guard::Any(guard::Get()).or(guard::Head())))
                .to(method_not_allowed),
        )
        .service(files)
}

async fn method_not_allowed() -> HttpResponse {
    HttpResponse::MethodNotAllowed()
        .insert_header(Allow(vec![Method::GET, Method::HEAD]))
        .finish()
}
