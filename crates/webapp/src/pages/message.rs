//! A page that says one thing: what happened, and what can be done.

use aad_auth::clock::Timestamp;
use serde::Serialize;

use super::{Moment, Site};

/// The data of `message.html`.
#[derive(Clone, Debug, Serialize)]
pub struct Message {
    tone: Tone,
    title: String,
    happened: Vec<String>,
    missing: Option<Missing>,
    actions: Vec<Action>,
    advice: Option<String>,
    support: Vec<Fact>,
}

/// Picture and colour. Neither says anything that the words do not.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    /// It worked.
    Success,
    /// A question.
    Door,
    /// Something is missing.
    Search,
    /// Something is not allowed, or needs a sign-in.
    Lock,
    /// It did not work, and it may work later.
    Warning,
    /// It did not work.
    Danger,
}

#[derive(Clone, Debug, Serialize)]
struct Missing {
    what: String,
    names: Vec<String>,
}

#[derive(Clone, Debug, Serialize)]
struct Action {
    label: String,
    href: String,
    method: &'static str,
    kind: &'static str,
    fields: Vec<Field>,
}

#[derive(Clone, Debug, Serialize)]
struct Field {
    name: String,
    value: String,
}

#[derive(Clone, Debug, Serialize)]
struct Fact {
    name: &'static str,
    value: String,
    at: Option<Moment>,
}

impl Message {
    /// A message with a title in plain words.
    pub fn new(tone: Tone, title: impl Into<String>) -> Self {
        Self {
            tone,
            title: title.into(),
            happened: Vec::new(),
            missing: None,
            actions: Vec::new(),
            advice: None,
            support: Vec::new(),
        }
    }

    /// The title.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Adds a paragraph.
    #[must_use]
    pub fn says(mut self, paragraph: impl Into<String>) -> Self {
        self.happened.push(paragraph.into());
        self
    }

    /// Adds a link, as a button. The first action is the most useful one and looks so.
    #[must_use]
    pub fn link(self, label: &str, href: impl Into<String>) -> Self {
        self.action(label, href.into(), "get", Vec::new())
    }

    /// Adds a button that posts `fields`.
    #[must_use]
    pub fn post(self, label: &str, href: impl Into<String>, fields: &[(&str, &str)]) -> Self {
        let fields = fields
            .iter()
            .map(|(name, value)| Field {
                name: (*name).to_owned(),
                value: (*value).to_owned(),
            })
            .collect();
        self.action(label, href.into(), "post", fields)
    }

    /// Names what is missing, such as a role.
    #[must_use]
    pub fn missing(mut self, what: &str, names: Vec<String>) -> Self {
        self.missing = Some(Missing {
            what: what.to_owned(),
            names,
        });
        self
    }

    /// Says whom to ask.
    #[must_use]
    pub fn advice(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }

    /// Adds a line for support; an empty value adds none.
    #[must_use]
    pub fn support(mut self, name: &'static str, value: impl Into<String>) -> Self {
        let value = value.into();
        if !value.is_empty() {
            self.support.push(Fact {
                name,
                value,
                at: None,
            });
        }
        self
    }

    /// Adds the time for support.
    #[must_use]
    pub fn at(mut self, now: Timestamp) -> Self {
        self.support.push(Fact {
            name: "Time",
            value: String::new(),
            at: Moment::new(now, now),
        });
        self
    }

    fn action(
        mut self,
        label: &str,
        href: String,
        method: &'static str,
        fields: Vec<Field>,
    ) -> Self {
        let kind = if self.actions.is_empty() {
            "primary"
        } else {
            ""
        };
        self.actions.push(Action {
            label: label.to_owned(),
            href,
            method,
            kind,
            fields,
        });
        self
    }
}

/// 404.
pub fn not_found(site: &Site) -> Message {
    Message::new(Tone::Search, "There is no page here")
        .says("The address may be mistyped, or the page has moved.")
        .link("Go to the home page", site.href("/"))
}

/// 401 where an HTML page is wanted but a redirect would lose the request (a form, a frame).
pub fn sign_in_needed(site: &Site, return_to: &str) -> Message {
    Message::new(Tone::Lock, "Please sign in first")
        .says("Your session has ended or there was none, so nothing was changed.")
        .link("Sign in", site.sign_in_href(return_to))
        .link("Go to the home page", site.href("/"))
}

/// 403: `missing` are the roles (or groups) one of which would be enough.
pub fn forbidden(site: &Site, what: &str, missing: Vec<String>, path: &str) -> Message {
    let other = format!("{}&prompt=select_account", site.sign_in_href(path));
    Message::new(Tone::Lock, "You are not allowed to see this page")
        .says("You are signed in, but your account lacks what this page asks for.")
        .missing(what, missing)
        .link("Go to the home page", site.href("/"))
        .link("Use another account", other)
        .advice(
            "Someone who administers this application in your directory can give it to you, under \
             Enterprise applications, Users and groups. Sign in again afterwards.",
        )
}

/// 500.
pub fn internal(site: &Site, reference: Option<String>) -> Message {
    Message::new(Tone::Danger, "Something went wrong on our side")
        .says("It is not your doing. The fault has been noted.")
        .link("Go to the home page", site.href("/"))
        .support("Reference", reference.unwrap_or_default())
        .at(site.now())
}

/// 503.
pub fn unavailable(site: &Site, reference: Option<String>) -> Message {
    Message::new(Tone::Warning, "Not available at the moment")
        .says("Something that this page needs does not answer. Wait a moment, then try again.")
        .link("Go to the home page", site.href("/"))
        .support("Reference", reference.unwrap_or_default())
        .at(site.now())
}

/// Any other refusal: the request was not understood.
pub fn refused(site: &Site, reference: Option<String>) -> Message {
    Message::new(Tone::Warning, "This request cannot be answered")
        .says("It is incomplete, too large, or of a kind that this address does not take.")
        .link("Go to the home page", site.href("/"))
        .support("Reference", reference.unwrap_or_default())
        .at(site.now())
}
