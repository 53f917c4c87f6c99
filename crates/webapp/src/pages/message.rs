//! A page with one message: what happened, and what the user can do.

use aad_auth::{
    pages::{PageKind, PageModel, Support},
    session::Timestamp,
};
use serde::Serialize;

use super::{Moment, Site};

/// The data of `message.html`.
#[derive(Clone, Debug, Serialize)]
pub struct Message {
    tone: Tone,
    title: String,
    happened: Vec<String>,
    actions: Vec<Button>,
    advice: Option<String>,
    support: Vec<SupportEntry>,
}

/// Picture and colour. They say nothing that the text does not say.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    /// Success.
    Success,
    /// A question.
    Door,
    /// There is no such page.
    Search,
    /// A sign-in or a permission is missing.
    Lock,
    /// A failure that may pass.
    Warning,
    /// A failure or refusal.
    Danger,
}

#[derive(Clone, Debug, Serialize)]
struct Button {
    label: String,
    href: String,
    method: &'static str,
    kind: &'static str,
}

#[derive(Clone, Debug, Serialize)]
struct SupportEntry {
    name: &'static str,
    value: String,
    at: Option<Moment>,
}

impl Message {
    /// A message with a title, and nothing else yet.
    pub fn new(tone: Tone, title: impl Into<String>) -> Self {
        Self {
            tone,
            title: title.into(),
            happened: Vec::new(),
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

    /// Adds a link that looks like a button. The first button is the primary one.
    #[must_use]
    pub fn link(self, label: &str, href: impl Into<String>) -> Self {
        self.action(label, href.into(), "get")
    }

    /// Adds a button that posts a form.
    #[must_use]
    pub fn post(self, label: &str, href: impl Into<String>) -> Self {
        self.action(label, href.into(), "post")
    }

    /// Adds advice: whom the user can ask, for example.
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
            self.support.push(SupportEntry {
                name,
                value,
                at: None,
            });
        }
        self
    }

    /// Adds the time for support.
    #[must_use]
    pub fn at(mut self, time: Timestamp, now: Timestamp) -> Self {
        self.support.push(SupportEntry {
            name: "Time",
            value: String::new(),
            at: Moment::new(time, now),
        });
        self
    }

    fn action(mut self, label: &str, href: String, method: &'static str) -> Self {
        let kind = if self.actions.is_empty() {
            "primary"
        } else {
            ""
        };
        self.actions.push(Button {
            label: label.to_owned(),
            href,
            method,
            kind,
        });
        self
    }
}

/// The message of a page of `aad-auth`.
pub fn of_auth(page: &PageModel, now: Timestamp) -> Message {
    let mut message = Message::new(tone(page.kind), &page.title).says(&page.message);
    message.advice.clone_from(&page.advice);
    for action in &page.actions {
        message = if action.post {
            message.post(&action.label, &action.href)
        } else {
            message.link(&action.label, &action.href)
        };
    }
    match &page.support {
        Some(support) => with_support(message, support, now),
        None => message,
    }
}

fn with_support(message: Message, support: &Support, now: Timestamp) -> Message {
    let optional = |id: &Option<String>| id.clone().unwrap_or_default();
    message
        .support("Reference", &support.reference)
        .support("Code", &support.code)
        .support("Provider codes", support.provider_codes.join(", "))
        .support("Correlation id", optional(&support.correlation_id))
        .support("Trace id", optional(&support.trace_id))
        .support("What can be done", optional(&support.remedy))
        .at(Timestamp::from_seconds(support.time), now)
}

const fn tone(kind: PageKind) -> Tone {
    match kind {
        PageKind::SignedOut | PageKind::AddressShortened => Tone::Success,
        PageKind::ConfirmSignOut | PageKind::StillSignedIn => Tone::Door,
        PageKind::NotSignedIn | PageKind::Forbidden => Tone::Lock,
        PageKind::CrossSite => Tone::Danger,
        _ => Tone::Warning,
    }
}

/// 404: no route has this address.
pub fn not_found(site: &Site) -> Message {
    Message::new(Tone::Search, "There is no page here")
        .says("The address may be mistyped, or the page has moved.")
        .link("Go to the home page", site.href("/"))
}

/// 500: a handler has failed.
pub fn internal(site: &Site, reference: Option<String>) -> Message {
    Message::new(Tone::Danger, "Something went wrong on our side")
        .says("The cause is in this application, not in your request. The error has been logged.")
        .link("Go to the home page", site.href("/"))
        .support("Reference", reference.unwrap_or_default())
        .at(site.now(), site.now())
}

/// 503: a part that the page needs does not answer.
pub fn unavailable(site: &Site, reference: Option<String>) -> Message {
    Message::new(Tone::Warning, "Not available at the moment")
        .says("A service that this page needs does not answer. Wait a moment, then try again.")
        .link("Go to the home page", site.href("/"))
        .support("Reference", reference.unwrap_or_default())
        .at(site.now(), site.now())
}

/// Any other error of the client, such as 400 or 405.
pub fn refused(site: &Site, reference: Option<String>) -> Message {
    Message::new(Tone::Warning, "This request cannot be answered")
        .says("It is incomplete, too large, or not possible at this address.")
        .link("Go to the home page", site.href("/"))
        .support("Reference", reference.unwrap_or_default())
        .at(site.now(), site.now())
}
