//! Style, script and icons: embedded in the binary, or served from a folder while they are edited.

use std::{
    borrow::Cow,
    collections::HashMap,
    fmt::Write as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use actix_files::Files;
use actix_web::{
    HttpRequest, HttpResponse, guard,
    http::{
        Method,
        header::{Allow, CACHE_CONTROL, ETAG, HeaderValue, IF_NONE_MATCH},
    },
    middleware::DefaultHeaders,
    web::{self, Bytes, Data, ServiceConfig},
};
use rust_embed::RustEmbed;
use serde::Serialize;

use crate::reading::read;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../static"]
#[allow_missing = false]
struct Embedded;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../static");

/// An address with the hash of its content never changes what it means: kept for a year.
const FOREVER: &str = "public, max-age=31536000, immutable";
/// Any other: kept, but asked about each time.
const REVALIDATE: &str = "public, no-cache";

/// The static files. Cheap to clone.
#[derive(Clone)]
pub struct Assets {
    files: Arc<HashMap<String, Asset>>,
    folder: Option<Arc<PathBuf>>,
}

struct Asset {
    bytes: Bytes,
    version: String,
    content_type: &'static str,
}

/// Addresses for the layout, each with the hash of its content.
#[derive(Clone, Debug, Serialize)]
pub struct AssetUrls {
    style: String,
    script: String,
    icon: String,
}

impl Assets {
    /// Takes the embedded files; `folder` (`STATIC_DIR`), or in a debug build the source tree,
    /// is served instead.
    pub fn new(folder: Option<PathBuf>) -> Self {
        let source = Path::new(FOLDER);
        let editing = cfg!(debug_assertions) && source.is_dir();
        let folder = folder.or_else(|| editing.then(|| source.to_path_buf()));
        let files = Embedded::iter().filter_map(|name| {
            let asset = Asset::embedded(&name)?;
            Some((name.into_owned(), asset))
        });
        Self {
            files: Arc::new(files.collect()),
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

    /// Mounts `/static` and `/favicon.ico`.
    pub fn routes(&self) -> impl FnOnce(&mut ServiceConfig) + use<> {
        let assets = self.clone();
        move |config| {
            config.app_data(Data::new(assets.clone()));
            config.service(web::resource("/favicon.ico").route(read().to(favicon)));
            match &assets.folder {
                Some(folder) => config.service(from_folder(folder)),
                None => {
                    config.service(web::resource("/static/{name}").route(read().to(from_binary)))
                }
            };
        }
    }

    fn respond(&self, request: &HttpRequest, name: &str) -> HttpResponse {
        let Some(asset) = self.files.get(name) else {
            return HttpResponse::NotFound().finish();
        };
        let etag = format!("\"{}\"", asset.version);
        let versioned = request.query_string().strip_prefix("v=") == Some(&asset.version);
        let mut response = if is_known(request, &etag) {
            HttpResponse::NotModified().finish()
        } else {
            HttpResponse::Ok()
                .content_type(asset.content_type)
                .body(asset.bytes.clone())
        };
        let headers = response.headers_mut();
        let cache = if versioned { FOREVER } else { REVALIDATE };
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(cache));
        if let Ok(etag) = HeaderValue::from_str(&etag) {
            headers.insert(ETAG, etag);
        }
        response
    }
}

impl Asset {
    fn embedded(name: &str) -> Option<Self> {
        let file = Embedded::get(name)?;
        let mut version = String::new();
        for byte in file.metadata.sha256_hash().iter().take(8) {
            write!(version, "{byte:02x}").ok()?;
        }
        let bytes = match file.data {
            Cow::Borrowed(bytes) => Bytes::from_static(bytes),
            Cow::Owned(bytes) => Bytes::from(bytes),
        };
        Some(Self {
            bytes,
            version,
            content_type: content_type(name),
        })
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

/// Files outside the folder are not served, whatever the path or a link in it says.
fn from_folder(folder: &Path) -> impl actix_web::dev::HttpServiceFactory + use<> {
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
                .to(only_read),
        )
        .service(files)
}

async fn only_read() -> HttpResponse {
    HttpResponse::MethodNotAllowed()
        .insert_header(Allow(vec![Method::GET, Method::HEAD]))
        .finish()
}

fn is_known(request: &HttpRequest, etag: &str) -> bool {
    request
        .headers()
        .get(IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|tags| {
            tags.split(',')
                .any(|tag| tag.trim().trim_start_matches("W/") == etag)
        })
}

fn content_type(name: &str) -> &'static str {
    match Path::new(name).extension().and_then(|ext| ext.to_str()) {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("ico") => "image/x-icon",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use actix_web::{
        App,
        dev::ServiceResponse,
        http::{
            StatusCode,
            header::{self, CONTENT_TYPE, HeaderName},
        },
        test,
    };

    use super::*;

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
    async fn what_the_browser_has_is_not_sent_again() {
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
