//! `/healthz` (the process answers) and `/readyz` (it should get traffic).

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use aad_auth::Auth;
use actix_web::{HttpResponse, web, web::Data};
use serde::Serialize;

/// What the process as a whole knows about its readiness.
#[derive(Clone, Debug, Default)]
pub struct Lifecycle(Arc<AtomicBool>);

impl Lifecycle {
    /// From now on load balancers should send requests elsewhere.
    pub fn shut_down(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Whether the process is shutting down.
    pub fn is_shutting_down(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

#[derive(Serialize)]
struct Readiness {
    status: &'static str,
    degraded: Vec<String>,
}

/// Mounts both routes. They need no session and set no cookie.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/healthz", web::get().to(healthz))
        .route("/readyz", web::get().to(readyz));
}

async fn healthz() -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({ "status": "ok" }))
}

/// 503 only when sessions cannot be used, or while the process is shutting down: with the provider
/// down, those who are signed in are still served.
async fn readyz(lifecycle: Data<Lifecycle>, auth: Data<Auth>) -> HttpResponse {
    let state = auth.status().await;
    let (status, mut response) = if lifecycle.is_shutting_down() {
        ("shutting down", HttpResponse::ServiceUnavailable())
    } else if !state.ready {
        ("not ready", HttpResponse::ServiceUnavailable())
    } else if state.degraded.is_empty() {
        ("ready", HttpResponse::Ok())
    } else {
        ("degraded", HttpResponse::Ok())
    };
    response.json(Readiness {
        status,
        degraded: state.degraded,
    })
}

#[cfg(test)]
mod tests {
    use aad_auth::{
        clock::SystemClock,
        config::{Config, Source},
        store::MemoryStore,
    };
    use actix_web::{App, http::StatusCode, test};

    use super::*;

    /// Nothing listens on port 9 (discard): the provider is down.
    fn auth_without_provider() -> Auth {
        let source = Source::new()
            .with("AAD_AUTHORITY", "http://127.0.0.1:9/")
            .with("AAD_CLIENT_ID", "client")
            .with("AAD_CLIENT_SECRET", "secret")
            .with("AAD_SESSION_SECRET", "QUJD".repeat(22));
        Auth::builder(Config::parse(&source).unwrap())
            .store(Arc::new(MemoryStore::new(Arc::new(SystemClock))))
            .build()
            .unwrap()
    }

    #[actix_web::test]
    async fn readiness_ends_before_the_process_does_and_not_with_the_provider() {
        let lifecycle = Lifecycle::default();
        let app = App::new()
            .app_data(Data::new(lifecycle.clone()))
            .app_data(Data::new(auth_without_provider()));
        let app = test::init_service(app.configure(routes)).await;
        let get = async |path| {
            let request = test::TestRequest::get().uri(path).to_request();
            let response = test::call_service(&app, request).await;
            (response.status(), test::read_body(response).await)
        };
        let (status, body) = get("/readyz").await;
        assert_eq!(status, StatusCode::OK);
        assert!(body.starts_with(br#"{"status":"degraded""#), "{body:?}");
        lifecycle.shut_down();
        assert_eq!(get("/readyz").await.0, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(get("/healthz").await.0, StatusCode::OK);
    }
}
