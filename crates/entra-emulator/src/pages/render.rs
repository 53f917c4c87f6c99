//! Renders the pages.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use serde_json::{Value, json};
use tera::{Context, Tera};
use url::Url;

use crate::aadsts::Refusal;
use crate::clock::iso;
use crate::http::{Trace, Verdict};

/// The compiled templates.
pub(crate) struct Pages {
    tera: Tera,
}

const TEMPLATES: [(&str, &str); 10] = [
    ("frame.html", include_str!("../../templates/frame.html")),
    ("picker.html", include_str!("../../templates/picker.html")),
    (
        "username.html",
        include_str!("../../templates/username.html"),
    ),
    ("consent.html", include_str!("../../templates/consent.html")),
    ("profile.html", include_str!("../../templates/profile.html")),
    ("error.html", include_str!("../../templates/error.html")),
    (
        "form_post.html",
        include_str!("../../templates/form_post.html"),
    ),
    (
        "logout_picker.html",
        include_str!("../../templates/logout_picker.html"),
    ),
    (
        "signed_out.html",
        include_str!("../../templates/signed_out.html"),
    ),
    (
        "start_page.html",
        include_str!("../../templates/start_page.html"),
    ),
];

impl Pages {
    pub(crate) fn new() -> Result<Self, tera::Error> {
        let mut tera = Tera::new();
        tera.add_raw_templates(TEMPLATES)?;
        Ok(Self { tera })
    }

    /// Renders a page whose forms lead to the emulator only.
    pub(crate) fn page(&self, template: &str, context: &Value) -> HttpResponse {
        self.render(
            StatusCode::OK,
            template,
            context,
            "form-action 'self'",
            "frame-src 'none'",
        )
    }

    /// Renders a page whose form may lead to another origin. Browsers apply `form-action` to redirects too.
    pub(crate) fn with_form_target(
        &self,
        template: &str,
        context: &Value,
        origin: &str,
    ) -> HttpResponse {
        self.render(
            StatusCode::OK,
            template,
            context,
            &format!("form-action 'self' {origin}"),
            "frame-src 'none'",
        )
    }

    /// Renders a page that loads frames of these origins.
    pub(crate) fn with_frames(
        &self,
        template: &str,
        context: &Value,
        origins: &[String],
    ) -> HttpResponse {
        let sources = if origins.is_empty() {
            "'none'".to_owned()
        } else {
            origins.join(" ")
        };
        self.render(
            StatusCode::OK,
            template,
            context,
            "form-action 'self'",
            &format!("frame-src {sources}"),
        )
    }

    /// Renders the error page: error number, remedy and identifiers.
    pub(crate) fn error(&self, trace: &Trace, refusal: &Refusal) -> HttpResponse {
        let context = json!({
            "title": "Sign-in is not possible",
            "code": format!("AADSTS{}", refusal.code),
            "message": refusal.message,
            "fix": refusal.fix,
            "trace_id": trace.trace_id,
            "correlation_id": trace.correlation_id,
            "timestamp": iso(trace.now),
        });
        let mut response = self.render(
            StatusCode::BAD_REQUEST,
            "error.html",
            &context,
            "form-action 'self'",
            "frame-src 'none'",
        );
        trace.add_headers(&mut response);
        Verdict::of(refusal).record(&mut response);
        response
    }

    fn render(
        &self,
        status: StatusCode,
        template: &str,
        context: &Value,
        forms: &str,
        frames: &str,
    ) -> HttpResponse {
        let context = Context::from_serialize(context).unwrap_or_default();
        let html = match self.tera.render(template, &context) {
            Ok(html) => html,
            Err(error) => {
                tracing::error!(%error, template, "a page of the emulator cannot be rendered");
                return HttpResponse::InternalServerError()
                    .body("This page cannot be rendered. See the emulator's log for the cause.");
            }
        };
        let policy = format!(
            "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; base-uri 'none'; frame-ancestors 'none'; {frames}; {forms}"
        );
        HttpResponse::build(status)
            .content_type("text/html; charset=utf-8")
            .insert_header(("Content-Security-Policy", policy))
            .insert_header(("Cache-Control", "no-store, no-cache"))
            .insert_header(("Pragma", "no-cache"))
            .insert_header(("X-Frame-Options", "DENY"))
            .insert_header(("X-Content-Type-Options", "nosniff"))
            .insert_header(("Referrer-Policy", "no-referrer"))
            .body(html)
    }
}

/// Returns the origin of an address for `form-action`; `'none'` when it has none.
pub(crate) fn form_target(address: &str) -> String {
    Url::parse(address).map_or_else(
        |_| "'none'".to_owned(),
        |url| url.origin().ascii_serialization(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_compiles() {
        assert!(Pages::new().is_ok());
    }
}
