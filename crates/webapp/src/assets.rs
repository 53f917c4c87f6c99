//! Style, script and icons: embedded in the binary, or served from a folder on disk.

mod cache_control;
mod embedded;
mod folder;

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use actix_web::{
    HttpRequest, HttpResponse,
    web::{self, Bytes, Data, ServiceConfig},
};
use serde::Serialize;

use self::embedded::EmbeddedFile;
use crate::reading::read;

/// The source folder, in debug builds.
const SOURCE_FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../static");

/// The static files. Cheap to clone.
#[derive(Clone)]
pub struct Assets {
    files: Arc<HashMap<String, EmbeddedFile>>,
    folder: Option<Arc<PathBuf>>,
}

/// Addresses for the layout, each with the hash of its content.
#[derive(Clone, Debug, Serialize)]
pub struct AssetUrls {
    style: String,
    script: String,
    icon: String,
}

impl Assets {
    /// Loads the embedded files. `folder` (`STATIC_DIR`), or in a debug build the source folder,
    /// replaces them.
    pub fn new(folder: Option<PathBuf>) -> Self {
        let source = Path::new(SOURCE_FOLDER);
        let editing = cfg!(debug_assertions) && source.is_dir();
        let folder = folder.or_else(|| editing.then(|| source.to_path_buf()));
        Self {
            files: Arc::new(embedded::files()),
            folder: folder.map(Arc::new),
        }
    }

    /// The addresses for the layout, below the path of the base URL.
    pub fn urls(&self, base: &str) -> AssetUrls {
        let url = |name: &str| {
            let version = self.files.get(name).map_or("", |file| &file.version);
            format!("{base}/static/{name}?v={version}")
        };
        AssetUrls {
            style: url("app.css"),
            script: url("app.js"),
            icon: url("icon.svg"),
        }
    }

    /// The embedded icon, an SVG image.
    pub fn icon(&self) -> Bytes {
        let icon = self.files.get("icon.svg");
        icon.map_or_else(Bytes::new, |file| file.bytes.clone())
    }

    /// Mounts `/static` and `/favicon.ico`.
    pub fn routes(&self) -> impl FnOnce(&mut ServiceConfig) + use<> {
        let assets = self.clone();
        move |config| {
            config.app_data(Data::new(assets.clone()));
            config.service(web::resource("/favicon.ico").route(read().to(favicon)));
            match &assets.folder {
                Some(folder) => config.service(folder::serve(folder)),
                None => {
                    config.service(web::resource("/static/{name}").route(read().to(from_binary)))
                }
            };
        }
    }

    fn respond(&self, request: &HttpRequest, name: &str) -> HttpResponse {
        let file = self.files.get(name);
        file.map_or_else(
            || HttpResponse::NotFound().finish(),
            |file| file.respond(request),
        )
    }
}

async fn from_binary(
    request: HttpRequest,
    name: web::Path<String>,
    assets: Data<Assets>,
) -> HttpResponse {
    assets.respond(&request, &name)
}

async fn favicon(request: HttpRequest, assets: Data<Assets>) -> HttpResponse {
    assets.respond(&request, "favicon.ico")
}

#[cfg(test)]
mod tests {
    use actix_web::{
        App,
        dev::ServiceResponse,
        http::{
            StatusCode,
            header::{self, CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderName, IF_NONE_MATCH},
        },
        test,
    };

    use super::{
        cache_control::{FOREVER, REVALIDATE},
        *,
    };

    fn from_the_binary() -> Assets {
        Assets {
            folder: None,
            ..Assets::new(None)
        }
    }

    async fn get(assets: &Assets, path: &str) -> ServiceResponse {
        let app = test::init_service(App::new().configure(assets.routes())).await;
        let request = test::TestRequest::get().uri(path);
        test::call_service(&app, request.to_request()).await
    }

    fn header_of(response: &ServiceResponse, name: HeaderName) -> String {
        let value = response.headers().get(name).unwrap();
        value.to_str().unwrap().to_owned()
    }

    #[actix_web::test]
    async fn an_address_with_the_right_hash_is_kept_forever() {
        let assets = from_the_binary();
        let url = assets.urls("").style;
        let response = get(&assets, &url).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(header_of(&response, CACHE_CONTROL), FOREVER);
        assert_eq!(
            header_of(&response, CONTENT_TYPE),
            "text/css; charset=utf-8"
        );
        let stale = get(&assets, "/static/app.css?v=0000").await;
        assert_eq!(header_of(&stale, CACHE_CONTROL), REVALIDATE);
    }

    #[actix_web::test]
    async fn a_file_that_the_browser_has_is_not_sent_again() {
        let assets = from_the_binary();
        let app = test::init_service(App::new().configure(assets.routes())).await;
        let etag = header_of(&get(&assets, "/static/app.js").await, ETAG);
        // A proxy that compresses makes it a weak one.
        for known in [
            etag.clone(),
            format!("W/{etag}"),
            format!("\"x\", W/{etag}"),
        ] {
            let request = test::TestRequest::get()
                .uri("/static/app.js")
                .insert_header((IF_NONE_MATCH, known))
                .to_request();
            let response = test::call_service(&app, request).await;
            assert_eq!(response.status(), StatusCode::NOT_MODIFIED);
        }
    }

    /// abuse.md D34: traversal, hidden files, links, empty ranges.
    #[actix_web::test]
    async fn refuses_what_is_not_a_static_file() {
        let outside = tempfile::NamedTempFile::new().unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(".hidden"), "x").unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink(outside.path(), folder.path().join("link.css")).unwrap();
        for assets in [
            from_the_binary(),
            Assets::new(None),
            Assets::new(Some(folder.path().to_owned())),
        ] {
            for path in [
                "/static/",
                "/static/../Cargo.toml",
                "/static/%2e%2e/Cargo.toml",
                "/static/..%2fCargo.toml",
                "/static/%2e%2e%2fCargo.toml",
                "/static//etc/passwd",
                "/static/.hidden",
                "/static/link.css",
                "/static/app.css%00",
                "/static/missing.css",
            ] {
                let status = get(&assets, path).await.status();
                assert!(status.is_client_error(), "{path}: {status}");
            }
        }
    }

    #[actix_web::test]
    async fn odd_ranges_are_no_server_error() {
        for assets in [from_the_binary(), Assets::new(None)] {
            let app = test::init_service(App::new().configure(assets.routes())).await;
            for range in ["bytes=", "bytes=-", "bytes=9-1", "bytes=99999999-", ""] {
                let request = test::TestRequest::get()
                    .uri("/static/app.css")
                    .insert_header((header::RANGE, range))
                    .to_request();
                let status = test::call_service(&app, request).await.status();
                assert!(!status.is_server_error(), "{range}: {status}");
            }
        }
    }

    #[actix_web::test]
    async fn the_icon_is_at_its_usual_place() {
        let response = get(&Assets::new(None), "/favicon.ico").await;
        assert_eq!(header_of(&response, CONTENT_TYPE), "image/x-icon");
        assert!(test::read_body(response).await.starts_with(&[0, 0, 1, 0]));
    }
}
