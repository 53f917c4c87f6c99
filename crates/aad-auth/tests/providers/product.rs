//! The data file of a product: `products/<name>.json`.

use std::{collections::BTreeMap, fs, path::PathBuf};

use serde::Deserialize;
use serde_json::Value;

/// What a product documents, and what is expected of a sign-in with it. Texts may be templates.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Product {
    /// Its name in the README's table.
    pub product: String,
    /// Documentation pages and standards that describe the shapes.
    pub source: Vec<String>,
    pub expected: Expected,
    /// The last column of the README's table.
    pub remark: String,
    /// `cannot`, and `needs` without its settings: the code of the refusal.
    #[serde(default)]
    pub code: Option<String>,
    /// A text that page or readiness report then carry beside the code: a setting or a reason.
    #[serde(default)]
    pub named: Option<String>,
    pub issuer: String,
    /// Where the metadata document is, unless below the issuer.
    #[serde(default)]
    pub metadata: Option<String>,
    pub client_id: String,
    /// Settings that every application sets: whose users sign in.
    pub settings: BTreeMap<String, String>,
    /// Settings that this product needs.
    #[serde(default)]
    pub needs: BTreeMap<String, String>,
    pub discovery: Value,
    pub keys: Value,
    /// The header of its tokens.
    pub header: Value,
    /// The only client authentication that it takes, whatever it announces.
    #[serde(default)]
    pub takes_auth: Option<String>,
    /// A parameter that the authorization request must carry.
    #[serde(default)]
    pub demands: Option<(String, String)>,
    /// What the authorization response carries beside `code` and `state`.
    #[serde(default)]
    pub response: BTreeMap<String, String>,
    /// The `error` of a sign-in that the user cancels.
    #[serde(default = "access_denied")]
    pub declined: String,
    pub answer: Value,
    #[serde(default)]
    pub refreshed_answer: Option<Value>,
    pub id_token: Value,
    /// The claims after a refresh, unless they are those of the sign-in without `nonce`.
    #[serde(default)]
    pub refreshed_id_token: Option<Value>,
    #[serde(default)]
    pub logout_token: Option<Value>,
    #[serde(default)]
    pub logout_header: Option<Value>,
    /// The code of the refusal, where the logout token cannot be taken.
    #[serde(default)]
    pub logout_code: Option<String>,
    pub wrong_secret: ErrorAnswer,
    pub used_code: ErrorAnswer,
    /// The answer to a revoked refresh token, unless it is that to a used code: status and body.
    #[serde(default)]
    pub revoked_refresh: Option<(u16, Value)>,
    /// The subject of the session.
    pub sub: String,
    /// Where its roles stand.
    #[serde(default)]
    pub roles: Option<Roles>,
    /// Further members and claims that a rule reads here.
    #[serde(default)]
    pub required: Vec<String>,
}

/// Where the roles of a product stand.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Roles {
    /// `AAD_ROLES_CLAIM`
    pub setting: String,
    /// Whether they come from userinfo only.
    #[serde(default)]
    pub userinfo: bool,
    /// What to do there, for the README.
    pub remark: String,
    /// Claims of a user with the role `Editor`.
    pub admitted: BTreeMap<String, Value>,
    /// Claims of a user without it: the name stands somewhere else.
    pub refused: BTreeMap<String, Value>,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum Expected {
    Works,
    Needs,
    Cannot,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorAnswer {
    pub status: u16,
    pub body: Value,
    /// The code of our page.
    pub code: String,
}

impl Product {
    pub fn read(name: &str) -> Self {
        let path = folder().join(format!("{name}.json"));
        let text = fs::read_to_string(&path).unwrap();
        let product: Self =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(!product.source.is_empty(), "{name} names no source");
        let refused = product.expected != Expected::Works;
        assert_eq!(product.code.is_some(), refused, "{name}: code");
        let has_needs = product.expected == Expected::Needs;
        assert_eq!(!product.needs.is_empty(), has_needs, "{name}: needs");
        product
    }

    /// Every product, by the name of its file.
    pub fn all() -> BTreeMap<String, Self> {
        let files = fs::read_dir(folder()).unwrap();
        let names = files.map(|file| file.unwrap().path());
        names
            .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
            .map(|name| (name.clone(), Self::read(&name)))
            .collect()
    }
}

/// RFC 6749 section 4.1.2.1.
fn access_denied() -> String {
    "access_denied".to_owned()
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/providers/products")
}
