//! Form-encoded parameters.

use std::collections::BTreeMap;

use actix_web::HttpRequest;
use serde::{Deserialize, Serialize};

use crate::aadsts::Refusal;

/// The decoded parameters of a request: the first value of each name.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct Params {
    values: BTreeMap<String, String>,
    repeated: Vec<String>,
}

impl Params {
    /// Decodes a POST's body, or the query of any other request.
    pub(crate) fn of(request: &HttpRequest, body: &[u8]) -> Self {
        if request.method() == "POST" {
            Self::parse(body)
        } else {
            Self::parse(request.query_string().as_bytes())
        }
    }

    /// Decodes `application/x-www-form-urlencoded` text.
    pub(crate) fn parse(text: &[u8]) -> Self {
        let mut params = Self::default();
        for (name, value) in url::form_urlencoded::parse(text) {
            if params.values.contains_key(name.as_ref()) {
                params.repeated.push(name.into_owned());
            } else {
                params.values.insert(name.into_owned(), value.into_owned());
            }
        }
        params
    }

    /// Returns the value of a parameter; `None` when it is missing or empty.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.values
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// Tells whether the parameter was sent, empty or not.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// Refuses repeated parameters (RFC 6749 sections 3.1 and 3.2).
    pub(crate) fn refuse_repeated(&self) -> Result<(), Refusal> {
        match self.repeated.first() {
            Some(name) => Err(Refusal::repeated(name)),
            None => Ok(()),
        }
    }

    /// Returns the value of a required parameter.
    pub(crate) fn require(&self, name: &str) -> Result<&str, Refusal> {
        self.get(name).ok_or_else(|| Refusal::missing(name))
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.values.insert(name.to_owned(), value.to_owned());
    }
}
