//! What the provider answers: the documents of a data file, filled in and changed by a test.

use aad_auth::{store::Clock, testing::ManualClock};
use serde_json::Value;

use crate::{keys, product::Product, template::Values};

/// A member of one document that a test changes.
#[derive(Clone, Debug)]
pub struct Change {
    pub document: Document,
    pub member: String,
    pub value: Value,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Document {
    Discovery,
    /// The first key of the key set.
    Key,
    /// The token answers of sign-in and refresh.
    Answer,
    IdToken,
    Userinfo,
}

/// A product at its addresses.
pub struct Documents {
    pub product: Product,
    pub clock: ManualClock,
    pub addresses: Values,
}

impl Documents {
    /// `ports`: the provider's, and that of its other host.
    pub fn new(product: Product, clock: ManualClock, ports: (u16, u16)) -> Self {
        let addresses = Values::at(0)
            .with("origin", format!("http://127.0.0.1:{}", ports.0))
            .with("port", ports.0.to_string())
            .with("elsewhere", format!("http://127.0.0.1:{}", ports.1))
            .with("other_host", format!("127.0.0.1:{}", ports.1))
            .with("client_id", product.client_id.clone());
        let issuer = addresses.text(&product.issuer);
        Self {
            product,
            clock,
            addresses: keys::public_halves(addresses.with("issuer", issuer)),
        }
    }

    /// The values of this moment.
    pub fn values(&self) -> Values {
        self.addresses.clone().now(self.clock.now().seconds())
    }

    pub fn discovery(&self) -> Value {
        self.values().fill(&self.product.discovery)
    }

    pub fn keys(&self, changes: &[Change]) -> Value {
        let mut keys = self.values().fill(&self.product.keys);
        apply(&mut keys["keys"][0], Document::Key, changes);
        keys
    }

    /// The path of the metadata document.
    pub fn metadata_path(&self) -> String {
        let base = self.product.metadata.as_deref().map_or_else(
            || {
                let issuer = self.values().text("{issuer}");
                let base = issuer.strip_suffix('/').unwrap_or(&issuer);
                format!("{base}/.well-known/openid-configuration")
            },
            |template| self.values().text(template),
        );
        path_of(&base)
    }

    /// A signed logout token.
    pub fn logout_token(&self) -> Option<String> {
        let claims = self.values().fill(self.product.logout_token.as_ref()?);
        let header = self.product.logout_header.as_ref();
        let header = header.unwrap_or(&self.product.header);
        Some(keys::sign(header, &claims))
    }
}

/// The path of an address.
pub fn path_of(address: &str) -> String {
    url::Url::parse(address).unwrap().path().to_owned()
}

/// Changes the members of this document.
pub fn apply(value: &mut Value, document: Document, changes: &[Change]) {
    for change in changes {
        if change.document == document {
            value[&*change.member] = change.value.clone();
        }
    }
}
