//! A page that says one thing: what happened, and what can be done.

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
struct Action {
    label: String,
    href: String,
    method: &'static str,
    kind: &'static str,
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
        self.action(label, href.into(), "get")
    }

    /// Adds a button that posts.
    #[must_use]
    pub fn post(self, label: &str, href: impl Into<String>) -> Self {
        self.action(label, href.into(), "post")
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
    pub fn at(mut self, time: Timestamp, now: Timestamp) -> Self {
        self.support.push(Fact {
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
        self.actions.push(Action {
            label: label.to_owned(),
            href,
            method,
            kind,
        });
        self
    }
}
/// A page of `aad-auth`, in this site's look.
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

/// 404.
pub fn not_found(site: &Site) -> Message {
    Message::new(Tone::Search, "There is no page here")
        .says("The address may be mistyped, or the page has moved.")
        .link("Go to the home page", site.href("/"))
}

/// 500.
pub fn internal(site: &Site, reference: Option<String>) -> Message {
    Message::new(Tone::Danger, "Something went wrong on our side")
        .says("It is not your doing. The fault has been noted.")
        .link("Go to the home page", site.href("/"))
        .support("Reference", reference.unwrap_or_default())
        .at(site.now(), site.now())
}

/// 503.
pub fn unavailable(site: &Site, reference: Option<String>) -> Message {
    Message::new(Tone::Warning, "Not available at the moment")
        .says("Something that this page needs does not answer. Wait a moment, then try again.")
        .link("Go to the home page", site.href("/"))
        .support("Reference", reference.unwrap_or_default())
        .at(site.now(), site.now())
}

/// Any other refusal: the request was not understood.
pub fn refused(site: &Site, reference: Option<String>) -> Message {
    Message::new(Tone::Warning, "This request cannot be answered")
        .says("It is incomplete, too large, or of a kind that this address does not take.")
        .link("Go to the home page", site.href("/"))
        .support("Reference", reference.unwrap_or_default())
        .at(site.now(), site.now())
}
