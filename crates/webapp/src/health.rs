//! `/healthz` (the process answers) and `/readyz` (it should get traffic).

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

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

async fn readyz(lifecycle: Data<Lifecycle>) -> HttpResponse {
    let body = |status| Readiness {
        status,
        degraded: Vec::new(),
    };
    if lifecycle.is_shutting_down() {
        HttpResponse::ServiceUnavailable().json(body("shutting down"))
    } else {
        HttpResponse::Ok().json(body("ready"))
    }
}

#[cfg(test)]
mod tests {
    use actix_web::{App, http::StatusCode, test};

    use super::*;

    #[actix_web::test]
    async fn readiness_ends_before_the_process_does() {
        let lifecycle = Lifecycle::default();
        let app = App::new().app_data(Data::new(lifecycle.clone()));
        let app = test::init_service(app.configure(routes)).await;
        let status = async |path| {
            let request = test::TestRequest::get().uri(path).to_request();
            test::call_service(&app, request).await.status()
        };
        assert_eq!(status("/readyz").await, StatusCode::OK);
        lifecycle.shut_down();
        assert_eq!(status("/readyz").await, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(status("/healthz").await, StatusCode::OK);
    }
}
