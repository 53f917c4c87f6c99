//! Tenants of organisations, by id and by domain, and the authorities for many.

use entra_emulator::Mutation;

use super::{
    ADA, CONSUMERS, FABRIKAM, FRANK, MULTI_TENANT, PAT, SINGLE_TENANT,
    is_not_let_in_by_the_provider, origin, refuses, signs_in, world,
};
use crate::{
    refuses::refused,
    support::{Browser, TENANT},
};

const DOMAIN: &str = "northwind.example.test";

#[actix_web::test]
async fn a_user_of_another_tenant_is_refused_at_a_tenant_by_domain() {
    let world = world(DOMAIN, SINGLE_TENANT, "");
    let other = Mutation::of_tenant(&origin(&world.emulator), FABRIKAM);
    refuses(&world, ADA, other, "AAD-TOKEN-ISS").await;
    refuses(&world, ADA, Mutation::tenant_mismatch(), "AAD-TOKEN-TID").await;
    // The domain is a name of the tenant, and not the tenant of the issuer.
    let issuer = format!("{}/{DOMAIN}/v2.0", origin(&world.emulator));
    refuses(&world, ADA, Mutation::issuer(issuer), "AAD-TOKEN-ISS").await;
    is_not_let_in_by_the_provider(&world, FRANK).await;
}

#[actix_web::test]
async fn a_personal_account_is_refused_at_organizations() {
    // Even where every tenant is allowed, or the one of personal accounts is listed.
    for allowed in ["*", "consumers"] {
        let world = world("organizations", MULTI_TENANT, allowed);
        let personal = Mutation::of_tenant(&origin(&world.emulator), CONSUMERS);
        refuses(&world, ADA, personal, "AAD-TOKEN-TID").await;
        is_not_let_in_by_the_provider(&world, PAT).await;
    }
}

#[actix_web::test]
async fn a_work_account_is_refused_at_consumers() {
    let world = world("consumers", MULTI_TENANT, "");
    let work = Mutation::of_tenant(&origin(&world.emulator), TENANT);
    refuses(&world, PAT, work, "AAD-TOKEN-ISS").await;
    refuses(&world, PAT, Mutation::claim("tid", TENANT), "AAD-TOKEN-TID").await;
    is_not_let_in_by_the_provider(&world, ADA).await;
}

#[actix_web::test]
async fn tenants_that_are_not_allowed_are_refused_at_common() {
    let world = world("common", MULTI_TENANT, &format!("{TENANT},consumers"));
    world.users(FRANK.0);
    let browser = Browser::new();
    let callback = browser.until_callback(&world.app.url("/app/x")).await;
    let page = refused(&world, &browser, &callback, "AAD-TOKEN-TENANT").await;
    assert_eq!(page.status, 403);
    for (person, tenant) in [(ADA, TENANT), (PAT, CONSUMERS)] {
        assert_eq!(signs_in(&world, person).await["tid"], tenant);
    }
}

#[actix_web::test]
async fn a_tenant_signs_in_by_its_id_and_by_its_domains() {
    for tenant in [TENANT, DOMAIN, "Northwind.OnMicrosoft.test"] {
        let world = world(tenant, SINGLE_TENANT, "");
        let me = signs_in(&world, ADA).await;
        assert_eq!(me["tid"], TENANT, "{tenant}");
        // The issuer has the tenant's id, whatever it was called.
        let issuer = format!("{}/{TENANT}/v2.0", origin(&world.emulator));
        assert_eq!(me["iss"], issuer, "{tenant}");
    }
}

#[actix_web::test]
async fn the_authorities_for_many_sign_in_each_user_with_the_issuer_of_the_own_tenant() {
    for (authority, allowed, person, tenant) in [
        ("common", "*", PAT, CONSUMERS),
        ("common", TENANT, ADA, TENANT),
        ("organizations", "*", FRANK, FABRIKAM),
        ("organizations", FABRIKAM, FRANK, FABRIKAM),
        ("consumers", "", PAT, CONSUMERS),
    ] {
        let world = world(authority, MULTI_TENANT, allowed);
        let me = signs_in(&world, person).await;
        let issuer = format!("{}/{tenant}/v2.0", origin(&world.emulator));
        assert_eq!((&me["tid"], &me["iss"]), (&tenant.into(), &issuer.into()));
        assert_eq!(me["oid"], person.1, "{authority}");
    }
}
