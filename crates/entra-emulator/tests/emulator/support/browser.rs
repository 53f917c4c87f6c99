//! A small browser.

use std::cell::RefCell;
use std::collections::BTreeMap;

use awc::Client;
use entra_emulator::Emulator;

use super::{Answer, NORTHWIND, answer, authorize_path, client};

/// A browser that keeps cookies and follows no redirect.
pub(crate) struct Browser {
    client: Client,
    jar: RefCell<BTreeMap<String, String>>,
    origin: String,
}

impl Browser {
    pub(crate) fn new(emulator: &Emulator) -> Self {
        Self {
            client: client(),
            jar: RefCell::default(),
            origin: emulator.url().as_str().trim_end_matches('/').to_owned(),
        }
    }

    pub(crate) fn jar(&self) -> BTreeMap<String, String> {
        self.jar.borrow().clone()
    }

    pub(crate) fn put_jar(&self, jar: BTreeMap<String, String>) {
        self.jar.replace(jar);
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        let request = self
            .client
            .get(self.url(path))
            .insert_header(("Cookie", self.cookies()));
        self.keep(answer(request.send().await.unwrap()).await)
    }

    pub(crate) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let request = self
            .client
            .post(self.url(path))
            .insert_header(("Cookie", self.cookies()));
        self.keep(answer(request.send_form(&fields).await.unwrap()).await)
    }

    /// Sends the web application's authorization request, with changed or added parameters.
    pub(crate) async fn authorize(&self, changes: &[(&str, &str)]) -> Answer {
        self.get(&authorize_path(NORTHWIND, changes)).await
    }

    /// Opens the account page and picks a user.
    pub(crate) async fn pick(&self, tenant: &str, changes: &[(&str, &str)], user: &str) -> Answer {
        let page = self.get(&authorize_path(tenant, changes)).await;
        assert_eq!(page.status, 200, "{}", page.text);
        self.post(
            &format!("/{tenant}/login"),
            &[("request", &page.field("request")), ("account", user)],
        )
        .await
    }

    /// Signs in at the web application; returns the code.
    pub(crate) async fn code(&self, user: &str) -> String {
        let answer = self.pick(NORTHWIND, &[], user).await;
        answer
            .response()
            .remove("code")
            .unwrap_or_else(|| panic!("{:?}", answer.response()))
    }

    fn url(&self, path: &str) -> String {
        if path.starts_with("http") {
            path.to_owned()
        } else {
            format!("{}{path}", self.origin)
        }
    }

    fn cookies(&self) -> String {
        self.jar
            .borrow()
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect::<Vec<_>>()
            .join("; ")
    }

    fn keep(&self, answer: Answer) -> Answer {
        if let Some(cookie) = answer.headers.get("set-cookie") {
            let (pair, attributes) = cookie.split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.contains("Max-Age=0") {
                self.jar.borrow_mut().remove(name);
            } else {
                self.jar
                    .borrow_mut()
                    .insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }
}
