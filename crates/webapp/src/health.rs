//! `/healthz` (the process answers) and `/readyz` (it should get traffic).
//!
//! The reasons for a degraded state concern the operator. They are in the log, and in the answer to
//! callers that may read the metrics ([`MetricsAccess`]). Every other caller gets the status alone.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use aad_auth::Auth;
use actix_web::{HttpRequest, HttpResponse, http::header, web, web::Data};
use serde::Serialize;

use crate::{metrics::MetricsAccess, reading::read};

/// Whether the process is shutting down, and which reasons the log has.
#[derive(Clone, Debug, Default)]
pub struct Lifecycle(Arc<LifecycleState>);

#[derive(Debug, Default)]
struct LifecycleState {
    shutting_down: AtomicBool,
    logged: Mutex<Logged>,
}

/// The last logged reasons, with their time.
#[derive(Debug, Default)]
struct Logged {
    reasons: Vec<String>,
    at: Option<Instant>,
}

impl Lifecycle {
    /// Makes `/readyz` answer 503, so that load balancers choose another replica.
    pub fn shut_down(&self) {
        self.0.shutting_down.store(true, Ordering::Release);
    }

    /// Whether the process is shutting down.
    pub fn is_shutting_down(&self) -> bool {
        self.0.shutting_down.load(Ordering::Acquire)
    }

    /// Logs reasons that have changed, at most every 10 s: any client can cause it.
    fn log(&self, reasons: &[String]) {
        let mut logged = self.0.logged.lock().unwrap_or_else(PoisonError::into_inner);
        let recent = logged.at.is_some_and(|at| at.elapsed() < LOG_PAUSE);
        if recent || is_same(&logged.reasons, reasons) {
            return;
        }
        if reasons.is_empty() {
            tracing::info!("no longer degraded");
        }
        for reason in reasons {
            tracing::warn!(reason, "degraded");
        }
        *logged = Logged {
            reasons: reasons.to_vec(),
            at: Some(Instant::now()),
        };
    }
}

/// Compares reasons without their numbers (seconds, percent), which change all the time.
fn is_same(before: &[String], now: &[String]) -> bool {
    let words = |text: &String| text.replace(|c: char| c.is_ascii_digit(), "");
    before.iter().map(words).eq(now.iter().map(words))
}

#[derive(Serialize)]
struct Readiness {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    degraded: Option<Vec<String>>,
}

/// Mounts both routes. They read no session and set no cookie.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/healthz").route(read().to(healthz)))
        .service(web::resource("/readyz").route(read().to(readyz)));
}

async fn healthz() -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({ "status": "ok" }))
}

/// Answers 503 only while the session store fails, or the process is shutting down. An outage of the
/// provider is no reason: signed-in users are still served.
async fn readyz(
    request: HttpRequest,
    lifecycle: Data<Lifecycle>,
    access: Data<MetricsAccess>,
    auth: Data<Auth>,
) -> HttpResponse {
    let state = auth.status().await;
    lifecycle.log(&state.degraded);
    let (status, mut response) = if lifecycle.is_shutting_down() {
        ("shutting down", HttpResponse::ServiceUnavailable())
    } else if !state.ready {
        ("not ready", HttpResponse::ServiceUnavailable())
    } else if state.degraded.is_empty() {
        ("ready", HttpResponse::Ok())
    } else {
        ("degraded", HttpResponse::Ok())
    };
    let degraded = access.is_granted(&request).then_some(state.degraded);
    response
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(Readiness { status, degraded })
}

const LOG_PAUSE: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use aad_auth::{
        config::{Config, Secret, Source},
        store::{MemoryStore, SystemClock},
    };
    use actix_web::{App, http::StatusCode, test};

    use super::*;

    const TOKEN: &str = "0123456789abcdef0123456789abcdef";

    /// Nothing listens on port 9 (discard), so that the provider is unreachable.
    fn config(base_url: &str) -> Config {
        let source = Source::new()
            .with("AAD_AUTHORITY", "http://127.0.0.1:9/")
            .with("AAD_CLIENT_ID", "client")
            .with("AAD_CLIENT_SECRET", "secret")
            .with("AAD_BASE_URL", base_url)
            .with("AAD_SESSION_SECRET", "QUJD".repeat(22));
        Config::parse(&source).unwrap()
    }

    /// The answer of `/readyz`, and the status of `/healthz`.
    async fn ask(
        lifecycle: &Lifecycle,
        (base_url, token): (&str, Option<&str>),
        (peer, headers): (&str, &[(&str, &str)]),
    ) -> (StatusCode, serde_json::Value, StatusCode) {
        let access = MetricsAccess::new(&config(base_url), token.map(Secret::from));
        let auth = Auth::builder(config(base_url))
            .store(Arc::new(MemoryStore::new(Arc::new(SystemClock))))
            .build()
            .unwrap();
        let app = App::new()
            .app_data(Data::new(lifecycle.clone()))
            .app_data(Data::new(access))
            .app_data(Data::new(auth));
        let app = test::init_service(app.configure(routes)).await;
        let request = |path| {
            let mut request = test::TestRequest::get()
                .uri(path)
                .peer_addr(peer.parse().unwrap())
                .insert_header(("host", "localhost:5000"));
            for header in headers {
                request = request.insert_header(*header);
            }
            request.to_request()
        };
        let healthy = test::call_service(&app, request("/healthz")).await.status();
        let response = test::call_service(&app, request("/readyz")).await;
        let status = response.status();
        let body = test::read_body(response).await;
        (status, serde_json::from_slice(&body).unwrap(), healthy)
    }

    const OWN: &str = "http://localhost:5000";
    const PRODUCTION: &str = "https://app.example.com";
    const NEAR: &str = "127.0.0.1:40000";
    const FAR: &str = "203.0.113.7:40000";

    #[actix_web::test]
    async fn w35_strangers_get_one_word_and_no_reason() {
        let right = format!("Bearer {TOKEN}");
        let lifecycle = Lifecycle::default();
        for (settings, caller) in [
            ((PRODUCTION, Some(TOKEN)), (FAR, &[][..])),
            ((PRODUCTION, Some(TOKEN)), (NEAR, &[])),
            (
                (PRODUCTION, Some(TOKEN)),
                (FAR, &[("authorization", TOKEN)]),
            ),
            ((PRODUCTION, None), (FAR, &[])),
            ((PRODUCTION, None), (FAR, &[("authorization", &right)])),
            // A proxy on the same machine that adds no header.
            ((PRODUCTION, None), (NEAR, &[])),
            ((OWN, None), (FAR, &[])),
            ((OWN, None), (NEAR, &[("x-forwarded-for", "203.0.113.7")])),
            ((OWN, None), (NEAR, &[("forwarded", "for=203.0.113.7")])),
            ((OWN, None), (NEAR, &[("via", "1.1 proxy")])),
            ((OWN, None), (NEAR, &[("host", "app.example.com")])),
            ((OWN, Some(TOKEN)), (NEAR, &[])),
        ] {
            let (status, body, _) = ask(&lifecycle, settings, caller).await;
            assert_eq!(status, StatusCode::OK);
            let word = serde_json::json!({ "status": "degraded" });
            assert_eq!(body, word, "{settings:?} {caller:?}");
        }
    }

    #[actix_web::test]
    async fn the_operator_gets_the_reasons() {
        let right = format!("Bearer {TOKEN}");
        let token = [("authorization", right.as_str())];
        for (settings, caller) in [
            ((PRODUCTION, Some(TOKEN)), (FAR, &token[..])),
            ((OWN, None), (NEAR, &[])),
        ] {
            let (status, body, _) = ask(&Lifecycle::default(), settings, caller).await;
            assert_eq!(status, StatusCode::OK);
            let reasons = body["degraded"].as_array().unwrap();
            let reason = reasons[0].as_str().unwrap();
            assert!(reason.contains("metadata is not loaded"), "{reason}");
        }
    }

    #[actix_web::test]
    async fn a_figure_that_changes_is_no_other_reason() {
        let reasons = |text: &str| vec![text.to_owned()];
        let before = reasons("the clock is 600 s behind");
        assert!(is_same(&before, &reasons("the clock is 61 s behind")));
        assert!(!is_same(&before, &reasons("the clock is 600 s ahead")));
        assert!(!is_same(&before, &[]));
    }

    #[actix_web::test]
    async fn readiness_ends_before_the_process_does_and_not_with_the_provider() {
        let lifecycle = Lifecycle::default();
        let (status, ..) = ask(&lifecycle, (OWN, None), (NEAR, &[])).await;
        assert_eq!(status, StatusCode::OK);
        lifecycle.shut_down();
        let (status, body, healthy) = ask(&lifecycle, (PRODUCTION, None), (FAR, &[])).await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(body, serde_json::json!({ "status": "shutting down" }));
        assert_eq!(healthy, StatusCode::OK);
    }
}
