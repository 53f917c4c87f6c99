//! Group memberships in Graph.

use entra_emulator::Emulator;
use serde_json::{Value, json};

use crate::graph::{access_token, call, post};
use crate::support::{ADA, OLGA};

#[actix_web::test]
async fn groups_are_listed_page_by_page() {
    let emulator = Emulator::builder().start().unwrap();
    let access = access_token(&emulator, OLGA, "openid User.Read GroupMember.Read.All").await;
    let mut path = "v1.0/me/transitiveMemberOf/microsoft.graph.group?$top=120".to_owned();
    let mut names = Vec::new();
    loop {
        let page = call(&emulator, &access, &path).await.json();
        names.extend(
            page["value"]
                .as_array()
                .unwrap()
                .iter()
                .map(|group| group["displayName"].as_str().unwrap().to_owned()),
        );
        let Some(next) = page["@odata.nextLink"].as_str() else {
            break;
        };
        path = next
            .strip_prefix(emulator.url().as_str())
            .unwrap()
            .to_owned();
    }
    assert_eq!(
        names.len(),
        252,
        "250 invented ones, one direct, one nested"
    );
    let plain = access_token(&emulator, ADA, "openid User.Read").await;
    let list = call(&emulator, &plain, "v1.0/me/memberOf").await.json();
    assert_eq!(
        (
            list["value"].as_array().unwrap().len(),
            &list["value"][0]["displayName"]
        ),
        (2, &Value::Null)
    );
}

#[actix_web::test]
async fn answers_memberships_by_id() {
    let emulator = Emulator::builder().start().unwrap();
    let access = access_token(&emulator, OLGA, "openid User.Read").await;
    let all = post(
        &emulator,
        &access,
        "getMemberObjects",
        &json!({ "securityEnabledOnly": true }),
    )
    .await
    .json();
    let ids = all["value"].as_array().unwrap().clone();
    assert_eq!(ids.len(), 252);
    let asked = json!({ "groupIds": [ids[0], "ffffffff-0000-4000-8000-000000000000"] });
    assert_eq!(
        post(&emulator, &access, "checkMemberGroups", &asked)
            .await
            .json()["value"],
        json!([ids[0]])
    );
    assert_eq!(
        post(
            &emulator,
            &access,
            "checkMemberGroups",
            &json!({ "groupIds": ids })
        )
        .await
        .status,
        400,
        "twenty at most"
    );
    assert_eq!(
        post(&emulator, &access, "getMemberGroups", &json!({}))
            .await
            .status,
        400
    );
}
