//! An optional member that is `null`, or in a document of the provider an empty text, changes nothing.

use serde_json::{Value, json};

use crate::{
    browser::Browser,
    documents::{Change, Document},
    journey::{Settings, World},
    product::{Expected, Product},
};

/// Members without which there is no sign-in anywhere.
const REQUIRED: [&str; 19] = [
    "issuer",
    "authorization_endpoint",
    "token_endpoint",
    "jwks_uri",
    "access_token",
    "token_type",
    "id_token",
    "kty",
    "crv",
    "kid",
    "n",
    "e",
    "x",
    "y",
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
];

fn played() -> impl Iterator<Item = (String, Product)> {
    let all = Product::all().into_iter();
    all.filter(|(_, product)| product.expected != Expected::Cannot)
}

/// The optional members of a document.
fn optional(product: &Product, document: Document) -> Vec<String> {
    let members = match document {
        Document::Discovery => &product.discovery,
        Document::Key => &product.keys["keys"][0],
        Document::Answer => &product.answer,
        Document::IdToken => &product.id_token,
        Document::Userinfo => return Vec::new(),
    };
    let needed = |name: &str| {
        let nonce = name == "nonce" && document == Document::IdToken;
        nonce || REQUIRED.contains(&name) || product.required.iter().any(|one| one == name)
    };
    let names = members.as_object().unwrap().keys();
    names.filter(|name| !needed(name)).cloned().collect()
}

async fn unchanged(world: &World, name: &str, change: Change) {
    let what = format!("{name}: {change:?}");
    world.provider.change(vec![change]);
    let page = world.sign_in(&Browser::new()).await;
    assert_eq!(page.status, 200, "{what}: {}", page.body);
    assert!(page.body.starts_with("subject "), "{what}: {}", page.body);
}

/// Answers and tokens are read anew at each sign-in: one application tries them all.
async fn try_each(document: Document, values: &[Value]) {
    for (name, product) in played() {
        let world = World::start(&product, Settings::Complete);
        for member in optional(&product, document) {
            for value in values {
                let change = Change {
                    document,
                    member: member.clone(),
                    value: value.clone(),
                };
                unchanged(&world, &name, change).await;
            }
        }
    }
}

/// Metadata and keys are read at the start: each change needs an application of its own.
async fn try_each_at_the_start(document: Document, values: &[Value]) {
    for (name, product) in played() {
        let mut world = World::start(&product, Settings::Complete);
        for member in optional(&product, document) {
            for value in values {
                let change = Change {
                    document,
                    member: member.clone(),
                    value: value.clone(),
                };
                world.provider.change(vec![change.clone()]);
                world.restart_app(Settings::Complete);
                unchanged(&world, &name, change).await;
            }
        }
    }
}

#[actix_web::test]
async fn r42_null_and_empty_members_of_metadata_change_nothing() {
    try_each_at_the_start(Document::Discovery, &[Value::Null, json!("")]).await;
}

#[actix_web::test]
async fn r42_null_members_of_a_key_change_nothing() {
    try_each_at_the_start(Document::Key, &[Value::Null]).await;
}

#[actix_web::test]
async fn r42_null_and_empty_members_of_a_token_answer_change_nothing() {
    try_each(Document::Answer, &[Value::Null, json!("")]).await;
}

#[actix_web::test]
async fn r42_null_claims_of_an_id_token_change_nothing() {
    try_each(Document::IdToken, &[Value::Null]).await;
}

/// Claims that a rule reads; the types of these are checked.
const READ: [&str; 9] = [
    "nbf", "nonce", "azp", "at_hash", "c_hash", "tid", "oid", "ver", "acr",
];

#[actix_web::test]
async fn r45_claims_that_no_rule_reads_may_be_anything() {
    let values = [json!(7), json!(true), json!(""), json!({}), json!([[7]])];
    for (name, product) in played() {
        let world = World::start(&product, Settings::Complete);
        let claims = optional(&product, Document::IdToken).into_iter();
        let generic = product.settings.contains_key("AAD_AUTHORITY");
        let entra = ["tid", "oid", "ver", "acr"];
        let is_read = |claim: &str| READ.contains(&claim) && !(generic && entra.contains(&claim));
        for member in claims.filter(|claim| !is_read(claim)) {
            for value in &values {
                let change = Change {
                    document: Document::IdToken,
                    member: member.clone(),
                    value: value.clone(),
                };
                unchanged(&world, &name, change).await;
            }
        }
    }
}

#[actix_web::test]
async fn r42_all_optional_members_may_be_null_at_once() {
    let documents = [
        Document::Discovery,
        Document::Key,
        Document::Answer,
        Document::IdToken,
    ];
    for (name, product) in played() {
        let mut world = World::start(&product, Settings::Complete);
        let changes = documents.into_iter().flat_map(|document| {
            let members = optional(&product, document).into_iter();
            members.map(move |member| Change {
                document,
                member,
                value: Value::Null,
            })
        });
        world.provider.change(changes.collect());
        world.restart_app(Settings::Complete);
        let page = world.sign_in(&Browser::new()).await;
        assert_eq!(page.status, 200, "{name}: {}", page.body);
    }
}
