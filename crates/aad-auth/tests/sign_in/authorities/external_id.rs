//! External ID: the issuer's host is the tenant's id, and not the authority's host.

use entra_emulator::{Emulator, Fault, Mutation};
use serde_json::Value;

use super::{
    ADA, Client, FABRIKAM, Person, at, is_not_let_in_by_the_provider, origin, refuses, signs_in,
    world,
};
use crate::{
    bearer::{call, expect_refusal},
    support::{Browser, SCOPE, TENANT, World},
};

const WOODGROVE: &str = "33330000-aaaa-4bbb-8ccc-000000000003";
const DOMAIN: &str = "woodgrove.example.test";
const CUSTOMERS: Client = (
    "00001111-aaaa-4222-8333-000000000008",
    "emulator~secret~external-id",
);
const CLEO: Person = (
    "cleo@woodgrove.example.test",
    "aaaaaaaa-0000-4000-8000-000000000031",
);

/// The issuer of `tenant` at the host of `host`'s id.
fn issuer(emulator: &Emulator, host: &str, tenant: &str) -> String {
    format!("http://{host}.localhost:{}/{tenant}/v2.0", emulator.port())
}

#[actix_web::test]
async fn metadata_whose_issuer_is_another_tenants_stops_the_first_redirect() {
    for tenant in [WOODGROVE, DOMAIN] {
        let emulator = Emulator::builder().start().unwrap();
        let (origin, port) = (origin(&emulator), emulator.port());
        let mut wrong = vec![
            issuer(&emulator, TENANT, WOODGROVE),
            issuer(&emulator, FABRIKAM, WOODGROVE),
            issuer(&emulator, WOODGROVE, TENANT),
            format!("http://{WOODGROVE}.localhost:1/{WOODGROVE}/v2.0"),
            format!("http://{WOODGROVE}.localhost.evil.test:{port}/{WOODGROVE}/v2.0"),
            format!("http://x.{WOODGROVE}.localhost:{port}/{WOODGROVE}/v2.0"),
            format!("https://{WOODGROVE}.ciamlogin.com/{WOODGROVE}/v2.0"),
        ];
        if tenant == WOODGROVE {
            // At a domain, any tenant that the authority's own host names is the domain's.
            wrong.push(issuer(&emulator, TENANT, TENANT));
            wrong.push(format!("{origin}/{TENANT}/v2.0"));
        }
        let mut emulator = emulator;
        for issuer in wrong {
            emulator.control().faults().clear();
            let fault = Fault::metadata("issuer", issuer.as_str());
            emulator.control().faults().set(fault);
            let world = at(emulator, &origin, tenant, CUSTOMERS, "");
            let page = Browser::new().get(&world.app.url("/auth/sign_in")).await;
            assert_eq!(page.status, 503, "{issuer}");
            assert!(page.header("location").is_none(), "{issuer}");
            emulator = world.emulator;
        }
    }
}

#[actix_web::test]
async fn tokens_of_a_workforce_tenant_or_of_another_host_are_refused() {
    let world = world(WOODGROVE, CUSTOMERS, "");
    let origin = origin(&world.emulator);
    let named = |host, tenant| Mutation::issuer(issuer(&world.emulator, host, tenant));
    for mutation in [
        Mutation::of_tenant(&origin, TENANT),
        // The right tenant, in the form of a workforce tenant's issuer.
        Mutation::of_tenant(&origin, WOODGROVE),
        named(TENANT, TENANT).and(Mutation::claim("tid", TENANT)),
        named(TENANT, WOODGROVE),
        named(WOODGROVE, TENANT),
        named("woodgrove", WOODGROVE),
        Mutation::issuer_v1(),
    ] {
        refuses(&world, CLEO, mutation, "AAD-TOKEN-ISS").await;
    }
    let other = Mutation::claim("tid", TENANT);
    refuses(&world, CLEO, other, "AAD-TOKEN-TID").await;
    is_not_let_in_by_the_provider(&world, ADA).await;
}

/// By a name of its own, as under a custom domain, and by its subdomain; by id and by domain.
#[actix_web::test]
async fn a_customer_signs_in_under_every_name_of_the_tenant() {
    let by_id = format!("{WOODGROVE}.localhost");
    for host in ["127.0.0.1", "localhost", "woodgrove.localhost", &by_id] {
        for tenant in [WOODGROVE, DOMAIN] {
            let emulator = Emulator::builder().start().unwrap();
            let host = format!("http://{host}:{}", emulator.port());
            let expected = issuer(&emulator, WOODGROVE, WOODGROVE);
            let world = at(emulator, &host, tenant, CUSTOMERS, "");
            let me = signs_in(&world, CLEO).await;
            assert_eq!(me["iss"], expected, "{host} {tenant}");
            assert_eq!(me["tid"], WOODGROVE);
            assert_eq!(me["oid"], CLEO.1);
        }
    }
}

fn token(
    world: &World,
    change: impl FnOnce(entra_emulator::Mint) -> entra_emulator::Mint,
) -> String {
    let mint = world.emulator.control().mint();
    let mint = mint.user_token(CLEO.0, CUSTOMERS.0, SCOPE).unwrap();
    format!("Bearer {}", change(mint).sign().unwrap())
}

/// A v1 access token of the tenant; `{tid}` in the issuer stands for its id.
fn v1(world: &World, issuer: &str) -> String {
    let issuer = issuer.replace("{tid}", WOODGROVE);
    token(world, |mint| {
        let mint = mint.without("azp").without("azpacr").claim("ver", "1.0");
        mint.claim("appid", CUSTOMERS.0).claim("iss", issuer)
    })
}

#[actix_web::test]
async fn a_bearer_token_of_another_tenant_or_host_is_refused_at_an_api() {
    let world = world(WOODGROVE, CUSTOMERS, "");
    let origin = origin(&world.emulator);
    for header in [
        token(&world, |mint| {
            mint.mutate(Mutation::of_tenant(&origin, TENANT))
        }),
        token(&world, |mint| {
            mint.mutate(Mutation::of_tenant(&origin, WOODGROVE))
        }),
        token(&world, |mint| {
            mint.claim("iss", issuer(&world.emulator, TENANT, WOODGROVE))
        }),
        v1(&world, "https://sts.windows.net/{tid}/"),
        v1(&world, &format!("{origin}/{{tid}}")),
        v1(&world, &format!("{origin}/{TENANT}/")),
        v1(&world, &issuer(&world.emulator, WOODGROVE, WOODGROVE)),
    ] {
        let page = call(&world, "/apis/read", &header).await;
        expect_refusal(&page, 401, "invalid_token");
        assert!(page.body.contains("AAD-TOKEN-ISS"), "{}", page.body);
    }
}

#[actix_web::test]
async fn a_bearer_token_of_a_customer_is_let_in_at_an_api() {
    let world = world(WOODGROVE, CUSTOMERS, "");
    let base = origin(&world.emulator);
    for header in [
        token(&world, |mint| mint),
        v1(&world, &format!("{base}/{{tid}}/")),
    ] {
        let page = call(&world, "/apis/read", &header).await;
        assert_eq!(page.status, 200, "{}", page.body);
        let said: Value = serde_json::from_str(&page.body).unwrap();
        assert_eq!(
            (&said["tid"], &said["oid"]),
            (&WOODGROVE.into(), &CLEO.1.into())
        );
        assert_eq!(said["by"], "bearer");
    }
}

#[actix_web::test]
async fn a_third_party_names_the_tenants_own_issuer() {
    let world = world(WOODGROVE, CUSTOMERS, "");
    let origin = origin(&world.emulator);
    let right = issuer(&world.emulator, WOODGROVE, WOODGROVE);
    for (iss, status) in [
        (issuer(&world.emulator, TENANT, WOODGROVE), 400),
        (format!("{origin}/{WOODGROVE}/v2.0"), 400),
        (format!("{origin}/{TENANT}/v2.0"), 400),
        (right, 302),
    ] {
        let query = url::form_urlencoded::byte_serialize(iss.as_bytes()).collect::<String>();
        let start = world.app.url(&format!("/auth/sign_in?iss={query}"));
        let page = Browser::new().get(&start).await;
        assert_eq!(page.status, status, "{iss}: {}", page.body);
    }
}

#[actix_web::test]
async fn a_customer_signs_out_at_the_tenant_and_comes_back() {
    let emulator = Emulator::builder().start().unwrap();
    let host = format!("http://woodgrove.localhost:{}", emulator.port());
    let world = at(emulator, &host, WOODGROVE, CUSTOMERS, "");
    let browser = world.signed_in(CLEO.0).await;
    let leaving = browser.post(&world.app.url("/auth/sign_out"), "").await;
    let end = leaving.location();
    assert_eq!(end.host_str(), Some("woodgrove.localhost"));
    assert_eq!(end.path(), format!("/{WOODGROVE}/oauth2/v2.0/logout"));
    assert!(browser.session_cookie().is_none());
    let page = browser.follow(leaving).await;
    assert!(!world.lives(&browser).await, "{}", page.body);
}
