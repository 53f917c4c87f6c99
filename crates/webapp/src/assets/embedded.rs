//! Files in the binary, each with the hash of its content.

use std::{borrow::Cow, collections::HashMap, fmt::Write as _, path::Path};

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{CACHE_CONTROL, ETAG, HeaderValue, IF_NONE_MATCH},
    web::Bytes,
};
use rust_embed::RustEmbed;

use super::cache_control::{FOREVER, REVALIDATE};

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../static"]
#[allow_missing = false]
struct StaticFolder;

/// A file in the binary.
pub(super) struct EmbeddedFile {
    pub(super) bytes: Bytes,
    /// The first 16 hexadecimal digits of the content's SHA-256.
    pub(super) version: String,
    content_type: &'static str,
}

/// All files of the folder `static`, by name.
pub(super) fn files() -> HashMap<String, EmbeddedFile> {
    let files = StaticFolder::iter().filter_map(|name| {
        let file = EmbeddedFile::load(&name)?;
        Some((name.into_owned(), file))
    });
    files.collect()
}

impl EmbeddedFile {
    fn load(name: &str) -> Option<Self> {
        let file = StaticFolder::get(name)?;
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

    /// The file, or 304 where the client has it. An address with the right version is cached for a year.
    pub(super) fn respond(&self, request: &HttpRequest) -> HttpResponse {
        let etag = format!("\"{}\"", self.version);
        let versioned = request.query_string().strip_prefix("v=") == Some(&self.version);
        let mut response = if is_known(request, &etag) {
            HttpResponse::NotModified().finish()
        } else {
            HttpResponse::Ok()
                .content_type(self.content_type)
                .body(self.bytes.clone())
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

/// By weak comparison (RFC 9110 section 13.1.2): a proxy that compresses makes the tag a weak one.
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
