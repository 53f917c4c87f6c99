//! What the crate shows a person: one page model, a trait for those who want their own look, and
//! a plain page for everybody else.

use actix_web::HttpRequest;
use serde::Serialize;

/// Renders the crate's pages in the application's look.
///
/// The crate sets status and headers, among them a strict Content-Security-Policy: styles,
/// scripts, images and fonts from the application's own origin only, nothing inline, no frames.
pub trait Pages: Send + Sync + 'static {
    /// The HTML of a page; `None` for the plain one. Every text must be escaped.
    ///
    /// `request` is what the page answers: for the reader's language or theme, and for who is
    /// signed in ([`User::known`](super::User::known)). Extractors must not be used here: their
    /// refusal would be another page.
    fn render(&self, page: &PageModel, request: &HttpRequest) -> Option<String>;
}

/// A page: what happened, and what the reader can do.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct PageModel {
    /// Which page it is.
    pub kind: PageKind,
    /// The HTTP status.
    pub status: u16,
    /// In plain words.
    pub title: String,
    /// What happened, as sentences.
    pub message: String,
    /// What to do, as a sentence, where there is more to say than the actions do.
    pub advice: Option<String>,
    /// Buttons, the most useful first.
    pub actions: Vec<Action>,
    /// What support asks for.
    pub support: Option<Support>,
}

/// Which page it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PageKind {
    /// A sign-in that did not end in a session.
    SignInFailed,
    /// A sign-in that ends at less than the address that was asked for, which was too long.
    AddressShortened,
    /// Asks whether to sign out.
    ConfirmSignOut,
    /// The session has ended.
    SignedOut,
    /// The end of a sign-out was opened, and the browser's session lives.
    StillSignedIn,
    /// Not signed in, where a redirect would lose something or nothing is known of a sign-out.
    NotSignedIn,
    /// Signed in, but something is missing.
    Forbidden,
    /// The store or the provider cannot be used now.
    Unavailable,
    /// A request from another site was refused.
    CrossSite,
}

/// A button.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Action {
    /// Its label.
    pub label: String,
    /// A local address.
    pub href: String,
    /// Whether it is a form that posts, rather than a link.
    pub post: bool,
}

impl Action {
    pub(super) fn link(label: &str, href: impl Into<String>) -> Self {
        Self {
            label: label.to_owned(),
            href: href.into(),
            post: false,
        }
    }

    pub(super) fn post(label: &str, href: impl Into<String>) -> Self {
        Self {
            post: true,
            ..Self::link(label, href)
        }
    }
}

/// What support asks for. Nothing in it is secret or personal.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Support {
    /// Names this event in the log.
    pub reference: String,
    /// The stable code.
    pub code: String,
    /// The provider's correlation id.
    pub correlation_id: Option<String>,
    /// The provider's trace id.
    pub trace_id: Option<String>,
    /// The provider's error codes, such as `AADSTS65004`.
    pub provider_codes: Vec<String>,
    /// What an administrator or the operator can do, where that is not the user.
    pub remedy: Option<String>,
    /// When, in seconds since the epoch.
    pub time: u64,
}

impl PageModel {
    pub(super) fn new(kind: PageKind, status: u16, title: &str, message: &str) -> Self {
        Self {
            kind,
            status,
            title: title.to_owned(),
            message: message.to_owned(),
            advice: None,
            actions: Vec::new(),
            support: None,
        }
    }

    pub(super) fn action(mut self, action: Action) -> Self {
        self.actions.push(action);
        self
    }
}

/// The plain page: no style but the browser's own and one small sheet at `stylesheet`.
pub(super) fn plain(page: &PageModel, stylesheet: &str) -> String {
    let mut html = String::with_capacity(2048);
    head(&mut html, &page.title, stylesheet);
    html.push_str("</head><body><main><h1>");
    escape(&mut html, &page.title);
    html.push_str("</h1><p>");
    escape(&mut html, &page.message);
    html.push_str("</p>");
    if let Some(advice) = &page.advice {
        html.push_str("<p>");
        escape(&mut html, advice);
        html.push_str("</p>");
    }
    for action in &page.actions {
        push_action(&mut html, action);
    }
    if let Some(support) = &page.support {
        push_support(&mut html, support);
    }
    html.push_str("</main></body></html>");
    html
}

/// The beginning of a page, up to what else stands in its head.
pub(super) fn head(html: &mut String, title: &str, stylesheet: &str) {
    html.push_str("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>");
    escape(html, title);
    html.push_str("</title><link rel=\"stylesheet\" href=\"");
    escape(html, stylesheet);
    html.push_str("\">");
}

fn push_action(html: &mut String, action: &Action) {
    let (open, middle, close) = if action.post {
        (
            "<form method=\"post\" action=\"",
            "\"><button>",
            "</button></form>",
        )
    } else {
        ("<p><a href=\"", "\">", "</a></p>")
    };
    html.push_str(open);
    escape(html, &action.href);
    html.push_str(middle);
    escape(html, &action.label);
    html.push_str(close);
}

fn push_support(html: &mut String, support: &Support) {
    html.push_str("<details><summary>For support</summary><dl>");
    let codes = support.provider_codes.join(", ");
    let time = support.time.to_string();
    let rows: [(&str, Option<&str>); 7] = [
        ("Reference", Some(support.reference.as_str())),
        ("Code", Some(support.code.as_str())),
        (
            "Provider codes",
            (!codes.is_empty()).then_some(codes.as_str()),
        ),
        ("Correlation id", support.correlation_id.as_deref()),
        ("Trace id", support.trace_id.as_deref()),
        ("What can be done", support.remedy.as_deref()),
        ("Time (Unix)", Some(time.as_str())),
    ];
    for (name, value) in rows {
        if let Some(value) = value {
            html.push_str("<dt>");
            escape(html, name);
            html.push_str("</dt><dd>");
            escape(html, value);
            html.push_str("</dd>");
        }
    }
    html.push_str("</dl></details>");
}

/// Escapes for HTML text and quoted attributes.
pub(super) fn escape(html: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            other => html.push(other),
        }
    }
}

/// The style of the plain page.
pub(super) const STYLESHEET: &str = "\
:root{color-scheme:light dark}\
body{font:1rem/1.5 system-ui,sans-serif;margin:0;padding:1.5rem}\
main{max-width:36rem;margin:4rem auto}\
a,button{display:inline-block;min-height:2.75rem;font:inherit}\
dd{overflow-wrap:anywhere;font-family:monospace}\n";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_escaped_everywhere() {
        let mut page = PageModel::new(PageKind::SignInFailed, 400, "<t>", "<m>")
            .action(Action::link("<l>", "\"><script>"));
        page.advice = Some("<a>".to_owned());
        page.support = Some(Support {
            reference: "<r>".to_owned(),
            code: "<c>".to_owned(),
            correlation_id: Some("<i>".to_owned()),
            trace_id: None,
            remedy: None,
            provider_codes: vec!["<p>".to_owned()],
            time: 0,
        });
        let html = plain(&page, "/auth/style.css");
        for raw in ["<t>", "<m>", "<l>", "<script>", "<a>", "<r>", "<c>", "<i>"] {
            assert!(!html.contains(raw), "{raw}");
        }
    }
}
