//! What is served, each by a process of its own with one worker.

use std::{io::Write, net::TcpListener};

use aad_auth::{Auth, Config, User, bearer, config::Source};
use actix_session::{
    Session, SessionMiddleware,
    config::CookieContentSecurity,
    storage::{CookieSessionStore, RedisSessionStore, SessionStore},
};
use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    cookie::Key,
    dev::Server,
    web::{self, Data},
};
use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use entra_emulator::{Emulator, Mutation};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Value, json};

const TENANT: &str = "11110000-aaaa-4bbb-8ccc-000000000001";
const CLIENT: &str = "00001111-aaaa-4222-8333-000000000001";
const SECRET: &str = "emulator~secret+for/webapp=1";
const USER: &str = "ada@northwind.example.test";

/// One worker behind a listener.
macro_rules! serve {
    ($listener:expr, $app:expr) => {
        HttpServer::new($app)
            .workers(1)
            .listen($listener)
            .expect("it listens")
            .run()
    };
}

/// Serves until it is killed. The first line of its output tells its ports.
pub fn run(arguments: &[String]) {
    let argument = |at: usize| arguments.get(at).map_or("", String::as_str);
    actix_web::rt::System::new().block_on(async {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let server = match argument(0) {
            "provider" => return provider(listener, port).await,
            "bare" => bare(listener),
            "aad" => aad(listener, port, argument(1), argument(2), argument(3)).await,
            "session-cookie" => with_session(listener, CookieSessionStore::default),
            "session-redis" => {
                let store = RedisSessionStore::new(argument(1)).await.expect("a Redis");
                with_session(listener, move || store.clone())
            }
            "jsonwebtoken" => jsonwebtoken(listener, argument(1)),
            "signature" => signature(listener, argument(1)),
            other => panic!("nobody serves {other}"),
        };
        announce(&[port]);
        server.await.expect("it serves");
    });
}

fn announce(ports: &[u16]) {
    let ports: Vec<_> = ports.iter().map(ToString::to_string).collect();
    println!("{}", ports.join(" "));
    std::io::stdout().flush().expect("somebody reads");
}

async fn page() -> &'static str {
    "hello"
}

fn bare(listener: TcpListener) -> Server {
    serve!(listener, || {
        App::new()
            .service(web::scope("/app").route("/page", web::get().to(page)))
            .service(
                web::scope("/api")
                    .route("/page", web::get().to(page))
                    .route("/closed", web::get().to(closed)),
            )
    })
}

/// What any answer to somebody who is not let in costs.
async fn closed() -> HttpResponse {
    HttpResponse::Unauthorized()
        .insert_header(("www-authenticate", "Bearer"))
        .insert_header(("cache-control", "no-store"))
        .json(json!({"error": "invalid_token"}))
}

async fn aad(listener: TcpListener, port: u16, provider: &str, store: &str, cache: &str) -> Server {
    let mut source = Source::new()
        .with(
            "AAD_AUTHORITY_HOST",
            provider
                .trim_end_matches('/')
                .replace("localhost", "127.0.0.1"),
        )
        .with("AAD_TENANT_ID", TENANT)
        .with("AAD_CLIENT_ID", CLIENT)
        .with("AAD_CLIENT_SECRET", SECRET)
        .with("AAD_SESSION_STORE", store)
        .with("AAD_SESSION_SECRET", "c2VjcmV0".repeat(11))
        .with("AAD_BASE_URL", format!("http://localhost:{port}"));
    if cache == "no-cache" {
        source = source.with("AAD_TOKEN_CACHE", "0");
    }
    let config = Config::parse(&source).expect("settings");
    let auth = Auth::builder(config).build().expect("an instance");
    auth.store_opened().await.expect("a store");
    serve!(listener, move || {
        App::new()
            .configure(auth.routes())
            .service(
                web::scope("/app")
                    .wrap(auth.require_user())
                    .route("/page", web::get().to(signed_in)),
            )
            .service(
                web::scope("/api")
                    .wrap(auth.require(bearer()))
                    .route("/page", web::get().to(page)),
            )
            .wrap(auth.middleware())
    })
}

async fn signed_in(_: User) -> &'static str {
    "hello"
}

/// actix-session, with a user's name in it.
fn with_session<S: SessionStore + 'static>(
    listener: TcpListener,
    store: impl Fn() -> S + Clone + Send + 'static,
) -> Server {
    let key = Key::generate();
    serve!(listener, move || {
        let middleware = SessionMiddleware::builder(store(), key.clone())
            .cookie_secure(false)
            .cookie_content_security(CookieContentSecurity::Private)
            .build();
        App::new()
            .route("/enter", web::get().to(enter))
            .service(web::scope("/app").route("/page", web::get().to(known)))
            .wrap(middleware)
    })
}

async fn enter(session: Session) -> &'static str {
    session.insert("user", "Ada Example").expect("a text");
    "hello"
}

async fn known(session: Session) -> HttpResponse {
    match session.get::<String>("user") {
        Ok(Some(_)) => HttpResponse::Ok().body("hello"),
        _ => HttpResponse::Unauthorized().finish(),
    }
}

/// The usual way: `decode` on each request.
fn jsonwebtoken(listener: TcpListener, keys: &str) -> Server {
    let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
    let keys: Value = serde_json::from_str(keys).expect("a key set");
    let jwk = |value: &Value| serde_json::from_value(value.clone()).expect("a key");
    let keys: Vec<(String, DecodingKey)> = keys["keys"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|key| {
            let kid = key["kid"].as_str().expect("a kid").to_owned();
            (kid, DecodingKey::from_jwk(&jwk(key)).expect("a key"))
        })
        .collect();
    let keys = Data::new(keys);
    serve!(listener, move || {
        App::new()
            .app_data(keys.clone())
            .service(web::scope("/api").route("/page", web::get().to(decoded)))
    })
}

async fn decoded(request: HttpRequest, keys: Data<Vec<(String, DecodingKey)>>) -> HttpResponse {
    let token = request
        .headers()
        .get("authorization")
        .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "))
        .unwrap_or_default();
    let Ok(header) = jsonwebtoken::decode_header(token) else {
        return HttpResponse::Unauthorized().finish();
    };
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_audience(&[CLIENT]);
    validation.validate_nbf = true;
    let key = keys
        .iter()
        .find(|(kid, _)| Some(kid) == header.kid.as_ref());
    match key.map(|(_, key)| jsonwebtoken::decode::<Value>(token, key, &validation)) {
        Some(Ok(_)) => HttpResponse::Ok().body("hello"),
        _ => HttpResponse::Unauthorized().finish(),
    }
}

/// Nothing but the signature, with a key that has been parsed: no verifier can be faster.
fn signature(listener: TcpListener, keys: &str) -> Server {
    let keys: Value = serde_json::from_str(keys).expect("a key set");
    let part = |key: &Value, name: &str| {
        let text = key[name].as_str().expect("a text");
        URL_SAFE_NO_PAD.decode(text).expect("base64url")
    };
    let keys: Vec<ParsedPublicKey> = keys["keys"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|key| {
            let components = RsaPublicKeyComponents {
                n: part(key, "n"),
                e: part(key, "e"),
            };
            let parsed = components.to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256);
            parsed.expect("a key")
        })
        .collect();
    let keys = Data::new(keys);
    serve!(listener, move || {
        App::new()
            .app_data(keys.clone())
            .service(web::scope("/api").route("/page", web::get().to(signed)))
    })
}

async fn signed(request: HttpRequest, keys: Data<Vec<ParsedPublicKey>>) -> HttpResponse {
    let token = request
        .headers()
        .get("authorization")
        .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "))
        .unwrap_or_default();
    let genuine = token.rsplit_once('.').is_some_and(|(input, signature)| {
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap_or_default();
        // The emulator signs with the first.
        keys[0].verify_sig(input.as_bytes(), &signature).is_ok()
    });
    match genuine {
        true => HttpResponse::Ok().body("hello"),
        false => HttpResponse::Unauthorized().finish(),
    }
}

/// The emulator, with a token and its key set beside it.
async fn provider(listener: TcpListener, side: u16) {
    let emulator = Emulator::builder().start().expect("an emulator");
    emulator.control().auto_sign_in(Some(USER));
    let control = emulator.control();
    let token = move |path: web::Path<String>| {
        let mint = control.mint().user_token(USER, CLIENT, "Files.Read");
        let mint = match forgery(&path) {
            Some(forgery) => mint.map(|mint| mint.mutate(forgery)),
            None => mint,
        };
        mint.and_then(entra_emulator::Mint::sign).expect("a token")
    };
    let port = emulator.port();
    let server = HttpServer::new(move || {
        let token = token.clone();
        App::new()
            .route(
                "/token/{kind}",
                web::get().to(move |path| std::future::ready(token(path))),
            )
            .route("/keys", web::get().to(move || keys(port)))
    })
    .workers(1)
    .listen(listener)
    .expect("it listens")
    .run();
    announce(&[port, side]);
    server.await.expect("it serves");
}

/// What is wrong with the tokens that are refused.
pub const FORGED: [&str; 6] = [
    "algorithm",
    "kid",
    "times",
    "audience",
    "issuer",
    "signature",
];

fn forgery(kind: &str) -> Option<Mutation> {
    Some(match kind {
        "algorithm" => Mutation::alg_none_with_signature(),
        "kid" => Mutation::header("kid", "forged"),
        "times" => Mutation::expired(),
        "audience" => Mutation::audience("other"),
        "issuer" => Mutation::issuer("https://evil.test/"),
        "signature" => Mutation::flipped_signature(),
        _ => return None,
    })
}

async fn keys(port: u16) -> HttpResponse {
    let url = format!("http://127.0.0.1:{port}/{TENANT}/discovery/v2.0/keys");
    let mut answer = awc::Client::default().get(url).send().await.expect("keys");
    HttpResponse::Ok().body(answer.body().await.expect("keys"))
}
