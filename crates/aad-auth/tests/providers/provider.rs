//! A provider that plays a product: an HTTP server of its own on two free ports of 127.0.0.1.

use std::{
    collections::HashMap,
    net::TcpListener,
    sync::{Arc, Mutex},
    time::{Duration, UNIX_EPOCH},
};

use aad_auth::{store::Clock, testing::ManualClock};
use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    http::{StatusCode, header},
    web,
};
use serde_json::{Value, json};
use url::{Url, form_urlencoded};

use crate::{
    documents::{Change, Document, Documents, apply, path_of},
    product::Product,
    server::{Running, listen},
    token_endpoint,
};

/// A running provider; ends when dropped.
pub struct Provider {
    pub state: Arc<State>,
    _running: Running,
}

/// What the provider knows.
pub struct State {
    pub documents: Documents,
    pub changes: Mutex<Vec<Change>>,
    /// What stands before each JSON document, and its media type.
    pub wire: Mutex<(&'static str, &'static str)>,
    pub grants: Mutex<HashMap<String, Grant>>,
    /// Refreshes that brought tokens.
    pub refreshes: Mutex<usize>,
    /// Requests of the token endpoint, by the name of their client authentication.
    pub token_requests: Mutex<Vec<&'static str>>,
    /// What every refresh is answered: status, media type, body.
    pub refresh_answer: Mutex<Option<(u16, &'static str, String)>>,
    /// Refreshes that were answered so.
    pub refused_refreshes: Mutex<usize>,
    /// Whether a request with a refused credential uses its code up.
    pub burns_codes: Mutex<bool>,
    /// Authorization requests.
    pub asked: Mutex<Vec<HashMap<String, String>>>,
    /// How many of the next authorization requests are answered by this error.
    pub next_errors: Mutex<(usize, Vec<(&'static str, &'static str)>)>,
    /// Whether the authorization response comes by query whatever was asked for.
    pub answers_by_query: Mutex<bool>,
    /// Whether the user cancels.
    pub cancels: Mutex<bool>,
    /// End-session requests.
    pub sign_outs: Mutex<Vec<HashMap<String, String>>>,
    numbers: Mutex<usize>,
}

/// What a code or refresh token stands for.
#[derive(Clone)]
pub struct Grant {
    pub nonce: String,
    pub challenge: String,
    pub redirect_uri: String,
}

impl Provider {
    pub fn start(product: Product, clock: ManualClock) -> Self {
        let ((first, port), (second, other_port)) = (listen(), listen());
        let ports = (port, other_port);
        let state = Arc::new(State {
            documents: Documents::new(product, clock, ports),
            changes: Mutex::default(),
            wire: Mutex::new(("", "application/json")),
            grants: Mutex::default(),
            refreshes: Mutex::default(),
            token_requests: Mutex::default(),
            refresh_answer: Mutex::default(),
            refused_refreshes: Mutex::default(),
            burns_codes: Mutex::default(),
            asked: Mutex::default(),
            next_errors: Mutex::default(),
            answers_by_query: Mutex::default(),
            cancels: Mutex::default(),
            sign_outs: Mutex::default(),
            numbers: Mutex::default(),
        });
        let running = serve(Arc::clone(&state), [first, second]);
        Self {
            state,
            _running: running,
        }
    }

    /// Changes members of the documents from now on.
    pub fn change(&self, changes: Vec<Change>) {
        *self.state.changes.lock().unwrap() = changes;
    }
}

impl State {
    /// The metadata document as it is served.
    pub fn discovery(&self) -> Value {
        let mut discovery = self.documents.discovery();
        let changes = self.changes.lock().unwrap();
        apply(&mut discovery, Document::Discovery, &changes);
        discovery
    }

    /// A new number each time.
    pub fn number(&self) -> usize {
        let mut numbers = self.numbers.lock().unwrap();
        *numbers += 1;
        *numbers
    }

    /// A JSON answer.
    pub fn json(&self, status: StatusCode, document: &Value) -> HttpResponse {
        let (before, media_type) = *self.wire.lock().unwrap();
        HttpResponse::build(status)
            .insert_header((header::CONTENT_TYPE, media_type))
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .body(format!("{before}{document}"))
    }

    /// The provider's clock, as its answers show it.
    fn date(&self) -> header::HeaderValue {
        let now = Duration::from_millis(self.documents.clock.now().millis());
        let date = httpdate::fmt_http_date(UNIX_EPOCH + now);
        header::HeaderValue::from_str(&date).unwrap()
    }

    fn answer(&self, request: &HttpRequest, body: &[u8]) -> HttpResponse {
        let path = request.path();
        if path == self.documents.metadata_path() {
            return self.json(StatusCode::OK, &self.discovery());
        }
        let routes = self.documents.discovery();
        let is = |member: &str| {
            let address = routes[member].as_str().filter(|a| a.starts_with("http"));
            address.is_some_and(|address| path_of(address) == path)
        };
        if is("jwks_uri") {
            let changes = self.changes.lock().unwrap().clone();
            self.json(StatusCode::OK, &self.documents.keys(&changes))
        } else if is("authorization_endpoint") {
            self.authorize(&parameters(request))
        } else if is("token_endpoint") {
            token_endpoint::answer(self, request, body)
        } else if is("end_session_endpoint") {
            self.end_session(parameters(request))
        } else if is("userinfo_endpoint") {
            let sub = self.documents.values().text(&self.documents.product.sub);
            let mut info = json!({"sub": sub, "email_verified": "true", "name": null, "ok": true});
            apply(&mut info, Document::Userinfo, &self.changes.lock().unwrap());
            self.json(StatusCode::OK, &info)
        } else if is("revocation_endpoint") {
            HttpResponse::Ok().finish()
        } else {
            HttpResponse::NotFound().body(format!("{path} is not documented"))
        }
    }

    /// Signs the user in without a page.
    fn authorize(&self, asked: &HashMap<String, String>) -> HttpResponse {
        let product = &self.documents.product;
        assert_eq!(asked["response_type"], "code");
        assert_eq!(asked["code_challenge_method"], "S256");
        assert_eq!(asked["client_id"], product.client_id);
        if let Some((name, value)) = &product.demands
            && asked.get(name) != Some(value)
        {
            return HttpResponse::BadRequest().body(format!("invalid_request: {name}={value}"));
        }
        self.asked.lock().unwrap().push(asked.clone());
        let (left, error) = &mut *self.next_errors.lock().unwrap();
        if *left > 0 {
            *left -= 1;
            let named = error
                .iter()
                .map(|(name, value)| (*name, (*value).to_owned()));
            let mut pairs: Vec<_> = named.collect();
            pairs.push(("state", asked["state"].clone()));
            let iss = self.documents.product.response.get("iss");
            pairs.extend(iss.map(|iss| ("iss", self.documents.values().text(iss))));
            return respond(asked, &pairs, false);
        }
        let outcome = if *self.cancels.lock().unwrap() {
            ("error", product.declined.clone())
        } else {
            ("code", self.code(asked))
        };
        let mut pairs = vec![outcome, ("state", asked["state"].clone())];
        let values = self.documents.values();
        let further = product.response.iter();
        pairs.extend(further.map(|(name, value)| (name.as_str(), values.text(value))));
        respond(asked, &pairs, *self.answers_by_query.lock().unwrap())
    }

    fn code(&self, asked: &HashMap<String, String>) -> String {
        let code = format!("code-{}", self.number());
        let grant = Grant {
            nonce: asked["nonce"].clone(),
            challenge: asked["code_challenge"].clone(),
            redirect_uri: asked["redirect_uri"].clone(),
        };
        self.grants.lock().unwrap().insert(code.clone(), grant);
        code
    }

    fn end_session(&self, asked: HashMap<String, String>) -> HttpResponse {
        let back = asked.get("post_logout_redirect_uri").map(|back| {
            let mut back = Url::parse(back).unwrap();
            if let Some(state) = asked.get("state") {
                back.query_pairs_mut().append_pair("state", state);
            }
            back.to_string()
        });
        self.sign_outs.lock().unwrap().push(asked);
        match back {
            Some(back) => redirect(&back),
            None => HttpResponse::Ok().body("signed out"),
        }
    }
}

/// The authorization response by query or form post.
fn respond(
    asked: &HashMap<String, String>,
    pairs: &[(&str, String)],
    by_query: bool,
) -> HttpResponse {
    let target = &asked["redirect_uri"];
    if by_query
        || asked
            .get("response_mode")
            .is_none_or(|mode| mode == "query")
    {
        let mut url = Url::parse(target).unwrap();
        url.query_pairs_mut().extend_pairs(pairs);
        return redirect(url.as_str());
    }
    let inputs: String = pairs
        .iter()
        .map(|(name, value)| format!("<input name=\"{name}\" value=\"{value}\">"))
        .collect();
    let page = format!("<form method=\"post\" action=\"{target}\">{inputs}</form>");
    HttpResponse::Ok().content_type("text/html").body(page)
}

fn redirect(location: &str) -> HttpResponse {
    HttpResponse::Found()
        .insert_header((header::LOCATION, location))
        .finish()
}

fn parameters(request: &HttpRequest) -> HashMap<String, String> {
    form_urlencoded::parse(request.query_string().as_bytes())
        .into_owned()
        .collect()
}

fn serve(state: Arc<State>, listeners: [TcpListener; 2]) -> Running {
    Running::start(move || {
        let mut server = HttpServer::new(move || {
            let state = Arc::clone(&state);
            App::new().default_service(web::to(move |request: HttpRequest, body: web::Bytes| {
                let mut answer = state.answer(&request, &body);
                answer.headers_mut().insert(header::DATE, state.date());
                async move { answer }
            }))
        })
        .workers(1)
        .disable_signals();
        for listener in listeners {
            server = server.listen(listener).unwrap();
        }
        server.run()
    })
}
