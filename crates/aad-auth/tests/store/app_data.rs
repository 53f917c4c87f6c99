//! The application's data through the real `actix_session` middleware.

use std::{fs, sync::Arc};

use aad_auth::{
    random::SystemRandom,
    seal::{InstanceLabel, Keys},
    session::AppData,
    store::Store,
};
use actix_session::{Session, SessionMiddleware};
use actix_web::{
    App, HttpResponse,
    cookie::{Cookie, Key},
    dev::ServiceResponse,
    test, web,
};

use crate::file::open;

const CANARY: &str = "canary-notice-of-alice";

async fn put(session: Session) -> HttpResponse {
    session.insert("notice", CANARY).unwrap();
    HttpResponse::Ok().finish()
}

async fn get(session: Session) -> String {
    session.get("notice").ok().flatten().unwrap_or_default()
}

async fn end(session: Session) -> HttpResponse {
    session.purge();
    HttpResponse::Ok().finish()
}

/// Changes the session, while another request of the same browser signs out.
async fn put_late(session: Session, store: web::Data<AppData>, key: web::Path<String>) -> String {
    use actix_session::storage::{SessionKey, SessionStore};
    session.insert("notice", "late").unwrap();
    let key = SessionKey::try_from(key.into_inner()).unwrap();
    store.delete(&key).await.unwrap();
    String::new()
}

fn cookie(response: &ServiceResponse) -> Option<Cookie<'static>> {
    let mut cookies = response.response().cookies();
    cookies
        .find(|cookie| cookie.name() == "id")
        .map(Cookie::into_owned)
}

#[actix_web::test]
async fn comes_back_ends_and_is_not_brought_back_and_lies_sealed_on_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.redb");
    let store: Arc<dyn Store> = Arc::new(open(&path).await);
    let label = InstanceLabel::new("https://login.example.test/t", "client", "/auth");
    let keys = Arc::new(Keys::new(&["secret"], label).unwrap());
    let data = AppData::new(Arc::clone(&store), keys, Arc::new(SystemRandom));
    let cookie_key = Key::generate();
    let app = test::init_service(
        App::new()
            .wrap(SessionMiddleware::new(data.clone(), cookie_key.clone()))
            .app_data(web::Data::new(data))
            .route("/put", web::get().to(put))
            .route("/get", web::get().to(get))
            .route("/end", web::get().to(end))
            .route("/late/{key}", web::get().to(put_late)),
    )
    .await;
    let visit = async |path: &str, cookie: &Cookie<'static>| {
        let request = test::TestRequest::with_uri(path).cookie(cookie.clone());
        test::call_service(&app, request.to_request()).await
    };
    let read = async |cookie: &Cookie<'static>| test::read_body(visit("/get", cookie).await).await;
    let sign_in = async || {
        let request = test::TestRequest::with_uri("/put").to_request();
        cookie(&test::call_service(&app, request).await).unwrap()
    };

    let first = sign_in().await;
    assert_eq!(read(&first).await, CANARY);
    visit("/end", &first).await;
    assert_eq!(read(&first).await, "");

    let second = sign_in().await;
    let mut jar = actix_web::cookie::CookieJar::new();
    jar.add_original(second.clone());
    let session_key = jar
        .private(&cookie_key)
        .get("id")
        .unwrap()
        .value()
        .to_owned();
    let late = visit(&format!("/late/{session_key}"), &second).await;
    let after = cookie(&late).unwrap_or(second);
    assert_eq!(read(&after).await, "");
    assert_eq!(store.stats().records, Some(0));

    let third = sign_in().await;
    assert_eq!(read(&third).await, CANARY);
    let stolen = fs::read(&path).unwrap();
    for clear in [CANARY, "notice", session_key.as_str()] {
        let found = stolen
            .windows(clear.len())
            .any(|bytes| bytes == clear.as_bytes());
        assert!(!found, "{clear} is in the store's file");
    }
}
