//! Every page with invented data, at <http://127.0.0.1:5099/>: to look at while styles and
//! templates are edited. `cargo run -p webapp --example preview`

use std::error::Error;

use aad_auth::{
    Auth,
    config::{Config, RolesClaim, Source},
    session::Timestamp,
};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, http::StatusCode, web};
use serde_json::{Value, json};
use webapp::{
    assets::Assets,
    error_pages::html,
    pages::{
        Layout, Message, Moment, Notice, Person, Site, Viewer,
        claims::TokenDetails,
        layout::Section,
        message::{self, Tone},
    },
    views::Views,
};

const PAGES: [&str; 18] = [
    "home-out",
    "home-in",
    "token",
    "token-overage",
    "not-found",
    "forbidden",
    "unauthorised",
    "internal",
    "unavailable",
    "refused-sign-in",
    "signed-out",
    "sign-out",
    "admin",
    "groups",
    "groups-none",
    "graph",
    "graph-failed",
    "sessions",
];

#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let assets = Assets::new(None);
    let source = Source::new()
        .with("AAD_TENANT_ID", "f645ad92-e38d-4d1a-b510-d1b09a74a8ca")
        .with("AAD_CLIENT_ID", "00001111-aaaa-2222-bbbb-3333cccc4444")
        .with("AAD_CLIENT_SECRET", "a secret of the preview");
    let config = Config::parse(&source)?;
    let emulator = url::Url::parse("http://127.0.0.1:5001")?;
    let real = Site::new(&config, |base| assets.urls(base), None);
    let local = Site::new(&config, |base| assets.urls(base), Some(&emulator));
    let views = Views::load()?;
    // It serves the style sheet. Nothing listens on port 9 (discard), so that it reaches no provider.
    let offline = source
        .with("AAD_AUTHORITY_HOST", "http://127.0.0.1:9")
        .with("AAD_BASE_URL", "http://127.0.0.1:5099")
        .with("AAD_SESSION_SECRET", "QUJD".repeat(22))
        .with("AAD_SESSION_STORE", "memory");
    let auth = Auth::builder(Config::parse(&offline)?).build()?;
    HttpServer::new(move || {
        App::new()
            .app_data(web::Data::new((real.clone(), local.clone(), views.clone())))
            .app_data(web::Data::new(auth.clone()))
            .configure(auth.routes())
            .configure(assets.routes())
            .route("/", web::get().to(index))
            .route("/{kind}/{page}", web::get().to(show))
            .wrap(auth.middleware())
    })
    .workers(1)
    .bind("127.0.0.1:5099")?
    .run()
    .await?;
    Ok(())
}

async fn index() -> HttpResponse {
    let links: String = PAGES
        .iter()
        .map(|page| {
            format!(
                "<li><a href=/real/{page}>{page}</a> <a href=/emulator/{page}>with emulator</a>"
            )
        })
        .collect();
    HttpResponse::Ok()
        .content_type("text/html")
        .body(format!("<ul>{links}</ul>"))
}

async fn show(
    request: HttpRequest,
    path: web::Path<(String, String)>,
    data: web::Data<(Site, Site, Views)>,
) -> HttpResponse {
    let (real, local, views) = data.get_ref();
    let site = if path.0 == "emulator" { local } else { real };
    let (template, title, section, signed_in, page) = page(site, &path.1);
    let viewer = Viewer {
        person: signed_in.then(|| {
            Person::new(
                "Adele Vance",
                Some("adele@northwind.example"),
                "Northwind Example",
            )
        }),
        notices: if path.1 == "sessions" {
            vec![Notice {
                kind: "success".to_owned(),
                text: "The session on Firefox, Windows has ended.".to_owned(),
            }]
        } else {
            Vec::new()
        },
    };
    let layout = Layout::new(site, &request, viewer, title, section);
    html(StatusCode::OK, views.render(template, &layout, &page))
}

type Page = (&'static str, String, Option<Section>, bool, Value);

fn page(site: &Site, name: &str) -> Page {
    let now = site.now();
    match name {
        "home-in" => (
            "home.html",
            "Status".to_owned(),
            Some(Section::Status),
            true,
            home(now),
        ),
        "home-out" => (
            "home.html",
            "Status".to_owned(),
            Some(Section::Status),
            false,
            json!({ "session": null, "provider": site.provider }),
        ),
        "token" | "token-overage" => {
            let Value::Object(claims) = claims(now, name == "token-overage") else {
                unreachable!()
            };
            let page = TokenDetails::new(&claims, true, RolesClaim::standard(), now);
            (
                "token_details.html",
                "Token details".to_owned(),
                Some(Section::Token),
                true,
                json!(page),
            )
        }
        "admin" | "groups" | "groups-none" | "graph" | "graph-failed" | "sessions" => {
            other(now, name)
        }
        _ => {
            let message = a_message(site, name);
            let signed_in = name == "forbidden";
            (
                "message.html",
                message.title().to_owned(),
                None,
                signed_in,
                json!(message),
            )
        }
    }
}

fn a_message(site: &Site, name: &str) -> Message {
    let reference = || Some("Qm9vU2Vh1jKp".to_owned());
    match name {
        "forbidden" => Message::new(Tone::Lock, "You may not open this")
            .says("Your account is known, but this needs the app role “Admin”. An administrator of your organisation can assign it.")
            .link("Go to the home page", site.href("/"))
            .link("Use another account", site.sign_in_href("/admin"))
            .support("Reference", "Qm9vU2Vh1jKp")
            .support("Code", "AAD-FORBIDDEN"),
        "unauthorised" => Message::new(Tone::Lock, "You are not signed in")
            .says("The session has ended. Nothing that you sent was kept: sign in, then send it again.")
            .link("Sign in", site.sign_in_href("/")),
        "internal" => message::internal(site, reference()),
        "unavailable" => message::unavailable(site, reference()),
        "signed-out" => Message::new(Tone::Success, "You are signed out")
            .says("Your session here has ended, and so has the one at Microsoft Entra ID.")
            .link("Sign in again", site.sign_in_href("/"))
            .link("Go to the home page", site.href("/")),
        "sign-out" => Message::new(Tone::Door, "Sign out?")
            .says("This ends your session here and at Microsoft Entra ID.")
            .post("Sign out", site.auth_href("/sign_out"))
            .link("Stay signed in", site.href("/")),
        "refused-sign-in" => Message::new(Tone::Warning, "The sign-in took too long")
            .says(
                "A sign-in has to be finished within an hour. Nothing is wrong with your account.",
            )
            .link("Try again", site.sign_in_href("/"))
            .link("Use another account", site.sign_in_href("/"))
            .link("Go to the home page", site.href("/"))
            .support("Reference", "Qm9vU2Vh1jKp")
            .support("Code", "AAD-FLOW-EXPIRED")
            .support("Correlation id", "7a4d2c10-5a35-4a0e-b8b1-ff2d6f0e9b42")
            .support("Trace id", "c0ffee00-1122-3344-5566-778899aabbcc")
            .at(site.now(), site.now()),
        _ => message::not_found(site),
    }
}

fn moment(at: Timestamp, now: Timestamp) -> Value {
    json!(Moment::new(at, now))
}

fn home(now: Timestamp) -> Value {
    let at = |offset: i64| Timestamp::from_seconds(now.seconds().saturating_add_signed(offset));
    json!({
        "provider": null,
        "session": {
            "name": "Adele Vance",
            "provider": "Microsoft Entra ID",
            "tenant_id": "f645ad92-e38d-4d1a-b510-d1b09a74a8ca",
            "signed_in": moment(at(-9000), now),
            "idle_ends": moment(at(28800), now),
            "ends": moment(at(77400), now),
            "span": webapp::pages::home::SessionSpan::new(at(-9000), at(28800), at(77400), now),
            "store": "Encrypted file on the server",
            "instance": "aad-auth 0.1.0",
        },
    })
}

fn claims(now: Timestamp, overage: bool) -> Value {
    let now = now.seconds();
    let groups: Vec<_> = (0..30)
        .map(|n| format!("3c9d1a{n:02}-0f4e-4b52-9c1d-6a7f4fd0a6e{}", n % 10))
        .collect();
    let mut claims = json!({
        "oid": "690222be-ff1a-4d56-abd1-7e4f7d38e474", "sub": "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ",
        "name": "Adele \u{202e}Vance <script>alert(1)</script>", "preferred_username": "adele@northwind.example",
        "email": "adele@northwind.example", "iss": "https://login.microsoftonline.com/f645ad92-e38d-4d1a-b510-d1b09a74a8ca/v2.0",
        "tid": "f645ad92-e38d-4d1a-b510-d1b09a74a8ca", "iat": now - 9000, "nbf": now - 9000, "exp": now - 5100,
        "aud": "00001111-aaaa-2222-bbbb-3333cccc4444", "roles": ["Admin", "Reports.Read"], "groups": groups,
        "nonce": "n-0S6_WzA2MjAbCdEfGhIjKlMnOpQrStUvWxYz0123456789", "sid": "00a1b2c3-aaaa-bbbb-cccc-0123456789ab", "ver": "2.0",
        "uti": "AbCdEfGhIjKlMnOpQrSt", "rh": "0.AX0AKrVF9o3jGk21ENGwmnSoyjERAAAAqqoiIrs7MzPMxEQAAAA.", "extn.costCentre": ["4711"],
    });
    if overage {
        claims["groups"] = Value::Null;
        claims["_claim_names"] = json!({ "groups": "src1" });
        claims["_claim_sources"] = json!({ "src1": { "endpoint": "https://graph.example/users/690222be-ff1a-4d56-abd1-7e4f7d38e474/getMemberObjects" } });
    }
    claims
}

fn other(now: Timestamp, name: &str) -> Page {
    let ago = |seconds| moment(Timestamp::from_seconds(now.seconds() - seconds), now);
    match name {
        "admin" => (
            "admin.html",
            "Administration".to_owned(),
            None,
            true,
            json!({
                "role": "Admin", "roles": ["Admin", "Reports.Read"],
                "at_entra": true,
                "settings": [
                    { "name": "Authority", "value": "https://login.microsoftonline.com/f645ad92-e38d-4d1a-b510-d1b09a74a8ca" },
                    { "name": "Client id", "value": "00001111-aaaa-2222-bbbb-3333cccc4444" },
                    { "name": "Redirect URI", "value": "http://localhost:5000/auth/redirect" },
                ],
            }),
        ),
        "graph" | "graph-failed" => (
            "graph.html",
            "Graph".to_owned(),
            Some(Section::Graph),
            true,
            json!({ "calls": [graph_call(name == "graph")] }),
        ),
        "sessions" => (
            "sessions.html",
            "Sessions".to_owned(),
            Some(Section::Sessions),
            true,
            json!({ "others": true, "sessions": [
            { "handle": "a", "device": "Chrome on Linux", "current": true, "first_seen": ago(9000), "last_seen": ago(5) },
            { "handle": "b", "device": "Safari on iPhone", "current": false, "first_seen": ago(172_800), "last_seen": ago(7200) },
        ] }),
        ),
        name => (
            "groups.html",
            "Groups".to_owned(),
            Some(Section::Groups),
            true,
            json!({
                "overage": false, "at_entra": true, "count_as_roles": false,
                "groups": if name == "groups" { json!(["3c9d1a00-0f4e-4b52-9c1d-6a7f4fd0a6e1", "5b2f7c11-7d0e-4f0b-8a44-0b8c9a7b2c33"]) } else { json!([]) },
            }),
        ),
    }
}

fn graph_call(ok: bool) -> Value {
    if !ok {
        return json!({
            "method": "GET", "path": "/v1.0/me", "scopes": "Mail.Read User.Read", "ok": false, "status": "403 Forbidden",
            "milliseconds": 88, "request_id": "c1c6f5a2-2a4c-4a29-8f1c-5d1a4a2b6d9e", "profile": null, "json": null,
            "problem": "This application may not read that on your behalf: a permission is missing or was not agreed to. Its code: Authorization_RequestDenied.",
        });
    }
    json!({
        "method": "GET", "path": "/v1.0/me", "scopes": "User.Read", "ok": true, "status": "200 OK",
        "milliseconds": 143, "request_id": "c1c6f5a2-2a4c-4a29-8f1c-5d1a4a2b6d9e", "problem": null,
        "profile": { "initials": "AV", "name": "Adele Vance", "job_title": "Product Marketing Manager", "mail": "adele@northwind.example" },
        "json": "{\n  \"displayName\": \"Adele Vance\",\n  \"jobTitle\": \"Product Marketing Manager\",\n  \"@odata.context\": \"https://graph.microsoft.com/v1.0/$metadata#users/$entity\"\n}",
    })
}
