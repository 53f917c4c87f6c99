//! What the crate's pages say: one page model, and a trait for applications that render it themselves.

use actix_web::HttpRequest;
use serde::Serialize;

/// Renders the crate's pages in the application's own layout.
///
/// For a name, a colour and a logo on the crate's own design, [`Look`](crate::Look) is enough.
///
/// The crate sets status and headers, among them a strict Content-Security-Policy: styles,
/// scripts, images and fonts from the application's own origin only, nothing inline, no frames.
///
/// ```
/// use aad_auth::pages::{PageKind, PageModel, Pages};
/// use actix_web::HttpRequest;
///
/// struct Layout;
/// # fn escape(text: &str) -> String { text.replace('&', "&amp;").replace('<', "&lt;") }
///
/// impl Pages for Layout {
///     fn render(&self, page: &PageModel, _: &HttpRequest) -> Option<String> {
///         let own = page.kind == PageKind::SignedOut;
///         own.then(|| format!("<h1>{}</h1><p>{}</p>", escape(&page.title), escape(&page.message)))
///     }
/// }
/// ```
pub trait Pages: Send + Sync + 'static {
    /// Returns the HTML of a page, or `None` for the crate's own design. Every text must be escaped.
    ///
    /// `request` is the request that the page answers. It has the user's language and theme, and the
    /// signed-in user ([`User::known`](crate::User::known)). Do not use extractors here: their
    /// refusal would be another page.
    fn render(&self, page: &PageModel, request: &HttpRequest) -> Option<String>;
}

/// A page: what happened, and what the reader can do.
///
/// ```
/// use aad_auth::pages::PageModel;
///
/// fn as_text(page: &PageModel) -> String {
///     let mut lines = vec![page.title.clone(), page.message.clone()];
///     lines.extend(page.actions.iter().map(|one| format!("{}: {}", one.label, one.href)));
///     lines.extend(page.support.iter().map(|one| format!("Reference {}", one.reference)));
///     lines.join("\n")
/// }
/// ```
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct PageModel {
    /// Which page it is.
    pub kind: PageKind,
    /// The HTTP status.
    pub status: u16,
    /// The heading, without jargon.
    pub title: String,
    /// What happened, as sentences.
    pub message: String,
    /// What to do, as a sentence, where there is more to say than the actions do.
    pub advice: Option<String>,
    /// Buttons, the most useful first.
    pub actions: Vec<Action>,
    /// Ids and codes for support; `None` where nothing has failed.
    pub support: Option<Support>,
}

/// Which page it is.
///
/// See [`Pages`] for an example.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PageKind {
    /// A sign-in that did not end in a session.
    SignInFailed,
    /// The sign-in succeeded, but the return address was too long and has been shortened.
    AddressShortened,
    /// Asks whether to sign out.
    ConfirmSignOut,
    /// The session has ended.
    SignedOut,
    /// The browser opened the page after sign-out while its session is still active.
    StillSignedIn,
    /// Not signed in. A redirect to sign-in would lose the request, or no sign-out is known.
    NotSignedIn,
    /// Signed in, but without a required role, group or permission.
    Forbidden,
    /// The store or the provider cannot be used now.
    Unavailable,
    /// A request from another site was refused.
    CrossSite,
}

/// A button.
///
/// See [`PageModel`] for an example.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Action {
    /// The words on it.
    pub label: String,
    /// A path on the application's own origin.
    pub href: String,
    /// `true` for a form that posts, `false` for a link.
    pub post: bool,
}

impl Action {
    pub(in crate::web) fn link(label: &str, href: impl Into<String>) -> Self {
        Self {
            label: label.to_owned(),
            href: href.into(),
            post: false,
        }
    }

    pub(in crate::web) fn post(label: &str, href: impl Into<String>) -> Self {
        Self {
            post: true,
            ..Self::link(label, href)
        }
    }
}

/// Ids and codes for support. None of them is secret or personal.
///
/// See [`PageModel`] for an example.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Support {
    /// The id of this event in the log.
    pub reference: String,
    /// The stable code, such as `AAD-FLOW-EXPIRED`.
    pub code: String,
    /// The provider's correlation id.
    pub correlation_id: Option<String>,
    /// The provider's trace id.
    pub trace_id: Option<String>,
    /// The provider's error codes, such as `AADSTS65004`.
    pub provider_codes: Vec<String>,
    /// What an administrator or the operator can do; `None` where the user can do it.
    pub remedy: Option<String>,
    /// Seconds since the Unix epoch.
    pub time: u64,
}

impl PageModel {
    pub(in crate::web) fn new(kind: PageKind, status: u16, title: &str, message: &str) -> Self {
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

    pub(in crate::web) fn action(mut self, action: Action) -> Self {
        self.actions.push(action);
        self
    }
}
